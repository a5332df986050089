/*-------------------------------------------------------------------------
 *
 * errand.c
 *	  Questions that the supervisor cannot answer itself, since that takes a
 *	  database or a broker: each is given to a short-lived process.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "errand.h"

#include <signal.h>
#include <string.h>

#include "log.h"
#include "loop.h"
#include "supervisor.h"

#define TICK_MS		1000

typedef struct Errand
{
	struct Errand *next;
	char	   *mode;
	char	   *name;
	char	   *question;
	int64		timeout_ms;
	int64		deadline;		/* clock_ms(); 0: not started yet */
	bool		answered;
	ErrandDone	done;
	void	   *arg;
	WorkerProcess process;
} Errand;

struct Errands
{
	Errand	   *first;			/* oldest first; answered ones stay until
								 * their process has ended */
};

Errands *
errands_new(void)
{
	return pg_malloc0(sizeof(Errands));
}

static void
errand_free(Errand *errand)
{
	termPQExpBuffer(&errand->process.reports);
	pg_free(errand->mode);
	pg_free(errand->name);
	pg_free(errand->question);
	pg_free(errand);
}

void
errands_free(Errands *errands)
{
	if (errands == NULL)
		return;
	while (errands->first != NULL)
	{
		Errand	   *errand = errands->first;

		errands->first = errand->next;
		worker_signal(&errand->process, SIGKILL);
		if (!errand->answered)
			errand->done(NULL, "the bridge is stopping", errand->arg);
		errand_free(errand);
	}
	pg_free(errands);
}

void
errand_start(Errands *errands, const char *mode, const char *name,
			 cJSON *question, int64 timeout_ms, ErrandDone done, void *arg)
{
	Errand	   *errand = pg_malloc0(sizeof(Errand));
	Errand	  **end = &errands->first;
	char	   *text = cJSON_PrintUnformatted(question);

	errand->mode = pg_strdup(mode);
	errand->name = pg_strdup(name);
	errand->question = pg_strdup(text);
	errand->timeout_ms = timeout_ms;
	errand->done = done;
	errand->arg = arg;
	worker_init(&errand->process);
	while (*end != NULL)
		end = &(*end)->next;
	*end = errand;
	cJSON_free(text);
	cJSON_Delete(question);
}

static void
give_answer(Errand *errand, const cJSON *answer, const char *error)
{
	if (errand->answered)
		return;
	errand->answered = true;
	errand->done(answer, error, errand->arg);
}

/* Takes the answer, if it has come.  True when the process has ended. */
static bool
errand_tick(Errand *errand)
{
	char	   *line = worker_report(&errand->process);
	char	   *text;
	int			status;

	if (line != NULL)
	{
		cJSON	   *answer = cJSON_Parse(line);

		give_answer(errand, answer, "its answer is not JSON");
		cJSON_Delete(answer);
		pg_free(line);
	}
	if (worker_reap(&errand->process, &status))
	{
		if (!errand->answered)
		{
			text = worker_status_text(status);
			pg_log_warning("process for \"%s\" (%s) ended with %s and no answer",
						   errand->name, errand->mode, text);
			give_answer(errand, NULL, "its process ended without an answer");
			pg_free(text);
		}
		return true;
	}
	if (clock_ms() >= errand->deadline)
	{
		worker_signal(&errand->process, SIGKILL);
		text = psprintf("no answer within " INT64_FORMAT " ms",
						errand->timeout_ms);
		give_answer(errand, NULL, text);
		pg_free(text);
	}
	return false;
}

int
errands_tick(Errands *errands)
{
	Errand	  **link = &errands->first;
	int64		next = clock_ms() + TICK_MS;
	int			running = 0;

	while (*link != NULL)
	{
		Errand	   *errand = *link;
		bool		ended = false;

		if (errand->deadline != 0)
			ended = errand_tick(errand);
		else if (running < ERRANDS_AT_ONCE)
		{
			errand->deadline = clock_ms() + errand->timeout_ms;
			ended = !worker_start(&errand->process, errand->mode, errand->name,
								  errand->question);
			if (ended)
				give_answer(errand, NULL, "could not start a process");
		}
		if (ended)
		{
			*link = errand->next;
			errand_free(errand);
			continue;
		}
		if (errand->deadline != 0)
		{
			running++;
			/* one that was answered or killed is only awaited */
			next = Min(next, errand->answered ? clock_ms() + 50 :
					   errand->deadline);
		}
		link = &errand->next;
	}
	return (int) Max(next - clock_ms(), 0);
}

int
errands_fds(const Errands *errands, struct pollfd *waits)
{
	int			count = 0;

	for (const Errand *e = errands->first; e != NULL; e = e->next)
	{
		if (e->process.report_fd >= 0 && count < ERRANDS_AT_ONCE)
			waits[count++].fd = e->process.report_fd;
	}
	return count;
}
