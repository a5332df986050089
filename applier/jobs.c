/*-------------------------------------------------------------------------
 *
 * jobs.c
 *	  The supervisor: a worker process per pipeline, and HTTP.
 *
 * NOTES
 *	  No database and no broker here, so nothing blocks.  A worker that
 *	  crashes or is killed is started again, after a pause that doubles; one
 *	  that ends with EXIT_HOPELESS is FAILED, and its last report says why.
 *	  Paths and members of the JSON are Flink's where those exist.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "applier_metrics.h"
#include "console.h"
#include "file.h"
#include "http.h"
#include "job.h"
#include "log.h"
#include "memory.h"
#include "pipeline.h"
#include "signals.h"
#include "supervisor.h"

#define RESTART_FIRST_MS	200
#define RESTART_MOST_MS		10000

/* A worker that ran this long has recovered: the pause starts over. */
#define RESTART_FORGET_MS	60000

/* Workers get this long to finish their transaction before they are killed. */
#define STOP_TIMEOUT_MS		15000

typedef struct Job
{
	const char *file;
	char	   *name;
	char		id[33];
	char	   *configuration;	/* for the worker */
	WorkerProcess worker;
	bool		failed;			/* for good */
	char	   *end;			/* how the worker ended, NULL: it did not */
	cJSON	   *report;			/* the last one, NULL: none */
	int64		worker_started_ms;
	int64		start_at_ms;	/* when the worker is down: not before */
	int			pause_ms;
	int64		restarts;
	int64		started_wall_ms;
	int64		changed_wall_ms;
} Job;

typedef struct Jobs
{
	Job		   *jobs;
	int			count;
} Jobs;

static int64
clock_ms(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The pipeline's name as 32 hex digits: the same at every start. */
static void
job_set_id(Job *job)
{
	uint64		hash = UINT64CONST(14695981039346656037);

	for (int half = 0; half < 2; half++)
	{
		for (const char *p = job->name; *p != '\0'; p++)
			hash = (hash ^ (unsigned char) *p) * UINT64CONST(1099511628211);
		hash = (hash ^ half) * UINT64CONST(1099511628211);
		snprintf(job->id + 16 * half, 17, "%016llx", (unsigned long long) hash);
	}
}

static const char *
job_state(const Job *job)
{
	const char *state;

	if (job->failed)
		return "FAILED";
	if (job->worker.pid == 0)
		return "RESTARTING";
	state = cJSON_GetStringValue(cJSON_GetObjectItem(job->report, "state"));
	return state != NULL ? state : "INITIALIZING";
}

/* Why it does not run, "" when it does. */
static const char *
job_trouble(const Job *job)
{
	const char *trouble = cJSON_GetStringValue(cJSON_GetObjectItem(job->report,
																   "trouble"));

	/* a last word says more than how it ended */
	if (!job->failed && job->worker.pid == 0 && job->end != NULL &&
		(trouble == NULL || *trouble == '\0'))
		return job->end;
	return trouble != NULL && *trouble != '\0' ? trouble :
		job->failed && job->end != NULL ? job->end : "";
}

static void
job_start(Job *job)
{
	job->worker_started_ms = clock_ms(CLOCK_MONOTONIC);
	job->changed_wall_ms = clock_ms(CLOCK_REALTIME);
	if (!worker_start(&job->worker, "--worker", job->name, job->configuration))
		job->start_at_ms = job->worker_started_ms + RESTART_MOST_MS;
}

static void
job_take_reports(Job *job)
{
	char	   *line;

	while ((line = worker_report(&job->worker)) != NULL)
	{
		cJSON	   *report = cJSON_Parse(line);
		const char *before = job_state(job);

		if (report != NULL)
		{
			char	   *state = pg_strdup(before);

			cJSON_Delete(job->report);
			job->report = report;
			if (strcmp(job_state(job), state) != 0)
				job->changed_wall_ms = clock_ms(CLOCK_REALTIME);
			free(state);
		}
		free(line);
	}
}

/* The worker has ended: FAILED, or to be started again. */
static void
job_ended(Job *job, int status)
{
	int64		now = clock_ms(CLOCK_MONOTONIC);
	char	   *text = worker_status_text(status);

	free(job->end);
	job->end = psprintf("worker process ended with %s", text);
	free(text);
	job->changed_wall_ms = clock_ms(CLOCK_REALTIME);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_HOPELESS)
	{
		job->failed = true;
		pg_log_error("pipeline \"%s\" has FAILED", job->name);
		return;
	}
	if (stop_requested())
		return;
	if (now - job->worker_started_ms > RESTART_FORGET_MS)
		job->pause_ms = 0;
	job->pause_ms = job->pause_ms == 0 ? RESTART_FIRST_MS :
		Min(RESTART_MOST_MS, job->pause_ms * 2);
	job->start_at_ms = now + job->pause_ms;
	job->restarts++;
	pg_log_warning("pipeline \"%s\": %s; starting it again in %d ms",
				   job->name, job->end, job->pause_ms);
}

/* ------------------------------------------------------------------ HTTP */

static void
respond_json(HttpResponse *response, cJSON *json)
{
	char	   *text = cJSON_PrintUnformatted(json);

	appendPQExpBufferStr(&response->body, text);
	free(text);
	cJSON_Delete(json);
}

static void
respond_error(HttpResponse *response, int status, const char *message)
{
	cJSON	   *json = cJSON_CreateObject();
	cJSON	   *errors = cJSON_AddArrayToObject(json, "errors");

	cJSON_AddItemToArray(errors, cJSON_CreateString(message));
	response->status = status;
	respond_json(response, json);
}

static void
copy_member(cJSON *to, const char *to_name, const cJSON *from,
			const char *from_name)
{
	cJSON	   *member = cJSON_GetObjectItem(from, from_name);

	if (member != NULL)
		cJSON_AddItemToObject(to, to_name, cJSON_Duplicate(member, true));
}

static cJSON *
job_overview(const Job *job)
{
	cJSON	   *json = cJSON_CreateObject();
	cJSON	   *tasks;
	bool		running = strcmp(job_state(job), "RUNNING") == 0;

	cJSON_AddStringToObject(json, "jid", job->id);
	cJSON_AddStringToObject(json, "name", job->name);
	cJSON_AddStringToObject(json, "state", job_state(job));
	cJSON_AddNumberToObject(json, "start-time", (double) job->started_wall_ms);
	cJSON_AddNumberToObject(json, "end-time",
							job->failed ? (double) job->changed_wall_ms : -1);
	cJSON_AddNumberToObject(json, "duration",
							(double) ((job->failed ? job->changed_wall_ms :
									   clock_ms(CLOCK_REALTIME)) - job->started_wall_ms));
	cJSON_AddNumberToObject(json, "last-modification",
							(double) job->changed_wall_ms);
	tasks = cJSON_AddObjectToObject(json, "tasks");
	cJSON_AddNumberToObject(tasks, "total", 1);
	cJSON_AddNumberToObject(tasks, "running", running ? 1 : 0);
	cJSON_AddNumberToObject(tasks, "failed", job->failed ? 1 : 0);

	/* ours */
	cJSON_AddStringToObject(json, "script", job->file);
	cJSON_AddStringToObject(json, "trouble", job_trouble(job));
	cJSON_AddNumberToObject(json, "restarts", (double) job->restarts);
	copy_member(json, "records-in", job->report, "events");
	copy_member(json, "records-rejected", job->report, "rejected");
	copy_member(json, "dead-letters", job->report, "dead_letters");
	copy_member(json, "lag-seconds", job->report, "lag_seconds");
	copy_member(json, "partitions", job->report, "partitions");
	return json;
}

static void
serve_overview(const Jobs *jobs, HttpResponse *response)
{
	cJSON	   *json = cJSON_CreateObject();
	int			running = 0;
	int			failed = 0;

	for (int i = 0; i < jobs->count; i++)
	{
		if (jobs->jobs[i].failed)
			failed++;
		else
			running++;
	}
	cJSON_AddNumberToObject(json, "taskmanagers", jobs->count);
	cJSON_AddNumberToObject(json, "slots-total", jobs->count);
	cJSON_AddNumberToObject(json, "slots-available", failed);
	cJSON_AddNumberToObject(json, "jobs-running", running);
	cJSON_AddNumberToObject(json, "jobs-finished", 0);
	cJSON_AddNumberToObject(json, "jobs-cancelled", 0);
	cJSON_AddNumberToObject(json, "jobs-failed", failed);
	respond_json(response, json);
}

static void
serve_jobs(const Jobs *jobs, HttpResponse *response, bool overview)
{
	cJSON	   *json = cJSON_CreateObject();
	cJSON	   *list = cJSON_AddArrayToObject(json, "jobs");

	for (int i = 0; i < jobs->count; i++)
	{
		cJSON	   *item;

		if (overview)
			item = job_overview(&jobs->jobs[i]);
		else
		{
			item = cJSON_CreateObject();
			cJSON_AddStringToObject(item, "id", jobs->jobs[i].id);
			cJSON_AddStringToObject(item, "status", job_state(&jobs->jobs[i]));
		}
		cJSON_AddItemToArray(list, item);
	}
	respond_json(response, json);
}

static void
serve_exceptions(const Job *job, HttpResponse *response)
{
	cJSON	   *json = cJSON_CreateObject();
	const char *trouble = job_trouble(job);

	if (*trouble != '\0')
	{
		cJSON_AddStringToObject(json, "root-exception", trouble);
		cJSON_AddNumberToObject(json, "timestamp",
								(double) job->changed_wall_ms);
	}
	else
	{
		cJSON_AddNullToObject(json, "root-exception");
		cJSON_AddNullToObject(json, "timestamp");
	}
	cJSON_AddBoolToObject(json, "truncated", false);
	copy_member(json, "all-exceptions", job->report, "exceptions");
	if (cJSON_GetObjectItem(json, "all-exceptions") == NULL)
		cJSON_AddArrayToObject(json, "all-exceptions");
	respond_json(response, json);
}

static void
serve_job(const Jobs *jobs, const HttpRequest *request,
		  HttpResponse *response, const char *id)
{
	char	   *what = http_segment(request, 2);
	const Job  *job = NULL;

	for (int i = 0; i < jobs->count; i++)
		if (strcmp(jobs->jobs[i].id, id) == 0)
			job = &jobs->jobs[i];
	if (job == NULL)
		respond_error(response, 404, "there is no job of this id");
	else if (what == NULL)
		respond_json(response, job_overview(job));
	else if (strcmp(what, "exceptions") == 0)
		serve_exceptions(job, response);
	else
		respond_error(response, 404, "there is nothing at this path");
	free(what);
}

static void
serve_metrics(const Jobs *jobs, HttpResponse *response)
{
	Metrics    *metrics = metrics_new(applier_metrics);

	for (int i = 0; i < jobs->count; i++)
	{
		const Job  *job = &jobs->jobs[i];
		const char *samples = cJSON_GetStringValue(cJSON_GetObjectItem(job->report, "metrics"));
		PQExpBufferData label;

		initPQExpBuffer(&label);
		metrics_label(&label, "pipeline", job->name);
		*metrics_sample(metrics, METRIC_RESTARTS, label.data) =
			(double) job->restarts;
		if (samples != NULL)
			metrics_read_samples(metrics, samples, label.data);
		/* a worker that is down reports nothing, least of all that */
		if (strcmp(job_state(job), "RUNNING") != 0)
			*metrics_sample(metrics, METRIC_UP, label.data) = 0;
		termPQExpBuffer(&label);
	}
	response->content_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_render(metrics, &response->body);
	metrics_free(metrics);
}

static void
serve_health(const Jobs *jobs, HttpResponse *response)
{
	cJSON	   *json = cJSON_CreateObject();
	bool		healthy = true;

	for (int i = 0; i < jobs->count; i++)
		if (strcmp(job_state(&jobs->jobs[i]), "RUNNING") != 0)
			healthy = false;
	response->status = healthy ? 200 : 503;
	cJSON_AddStringToObject(json, "status", healthy ? "healthy" : "unhealthy");
	respond_json(response, json);
}

static void
on_request(const HttpRequest *request, HttpResponse *response, void *arg)
{
	Jobs	   *jobs = arg;
	char	   *first = http_segment(request, 0);
	char	   *second = http_segment(request, 1);

	if (strcmp(request->method, "GET") != 0 &&
		strcmp(request->method, "HEAD") != 0)
		respond_error(response, 405, "only GET is served");
	else if (first == NULL || *first == '\0')
	{
		response->content_type = "text/html; charset=utf-8";
		appendPQExpBufferStr(&response->body, console_page);
	}
	else if (strcmp(first, "overview") == 0 && second == NULL)
		serve_overview(jobs, response);
	else if (strcmp(first, "jobs") == 0 &&
			 (second == NULL || strcmp(second, "overview") == 0))
		serve_jobs(jobs, response, second != NULL);
	else if (strcmp(first, "jobs") == 0)
		serve_job(jobs, request, response, second);
	else if (strcmp(first, "metrics") == 0 && second == NULL)
		serve_metrics(jobs, response);
	else if (strcmp(first, "health") == 0 && second == NULL)
		serve_health(jobs, response);
	else
		respond_error(response, 404, "there is nothing at this path");
	free(first);
	free(second);
}

/* ------------------------------------------------------------- the loop */

/* Reads a script, so that nothing starts if one is not understood. */
static bool
job_read(Job *job, const char *file)
{
	PQExpBufferData text;
	PQExpBufferData error;
	Pipeline   *pipeline = NULL;
	cJSON	   *configuration;

	initPQExpBuffer(&text);
	initPQExpBuffer(&error);
	if (file_read(file, &text, &error))
		pipeline = pipeline_parse(file, text.data, &error);
	if (pipeline == NULL)
		pg_log_error("%s", error.data);
	if (pipeline != NULL)
	{
		memset(job, 0, sizeof(Job));
		job->file = file;
		job->name = pipeline->name;
		job_set_id(job);
		configuration = cJSON_CreateObject();
		cJSON_AddStringToObject(configuration, "file", file);
		cJSON_AddStringToObject(configuration, "text", text.data);
		job->configuration = cJSON_PrintUnformatted(configuration);
		cJSON_Delete(configuration);
		worker_init(&job->worker);
		job->started_wall_ms = job->changed_wall_ms = clock_ms(CLOCK_REALTIME);
	}
	termPQExpBuffer(&text);
	termPQExpBuffer(&error);
	return pipeline != NULL;
}

static bool
jobs_read(Jobs *jobs, char **files, int count)
{
	bool		good = true;

	jobs->jobs = pg_malloc0(count * sizeof(Job));
	for (int i = 0; i < count; i++)
	{
		/* all of them, so that all mistakes are told at once */
		if (!job_read(&jobs->jobs[i], files[i]))
		{
			good = false;
			continue;
		}
		for (int other = 0; other < i; other++)
			if (jobs->jobs[other].name != NULL &&
				strcmp(jobs->jobs[other].name, jobs->jobs[i].name) == 0)
			{
				pg_log_error("\"%s\" and \"%s\" have the same pipeline name \"%s\": SET 'pipeline.name' in one of them",
							 files[other], files[i], jobs->jobs[i].name);
				good = false;
			}
	}
	jobs->count = count;
	return good;
}

/* Starts, reaps and listens to the workers; returns how many are running. */
static int
jobs_tend(Jobs *jobs)
{
	int64		now = clock_ms(CLOCK_MONOTONIC);
	int			running = 0;

	for (int i = 0; i < jobs->count; i++)
	{
		Job		   *job = &jobs->jobs[i];
		int			status;

		if (job->worker.pid != 0)
		{
			job_take_reports(job);
			if (worker_reap(&job->worker, &status))
				job_ended(job, status);
		}
		if (job->worker.pid == 0 && !job->failed && !stop_requested() &&
			now >= job->start_at_ms)
			job_start(job);
		if (job->worker.pid != 0)
			running++;
	}
	return running;
}

static void
jobs_wait(Jobs *jobs, HttpServer *server)
{
	struct pollfd *fds = pg_malloc((jobs->count + 2) * sizeof(struct pollfd));
	int64		now = clock_ms(CLOCK_MONOTONIC);
	int64		timeout = 1000;
	int			http_timeout = http_timeout_ms(server);

	fds[0].fd = signals_fd();
	fds[0].events = POLLIN;
	fds[1].fd = http_fd(server);
	fds[1].events = POLLIN;
	for (int i = 0; i < jobs->count; i++)
	{
		const Job  *job = &jobs->jobs[i];

		fds[i + 2].fd = job->worker.pid != 0 ? job->worker.report_fd : -1;
		fds[i + 2].events = POLLIN;
		if (job->worker.pid == 0 && !job->failed)
			timeout = Min(timeout, Max(0, job->start_at_ms - now));
	}
	if (http_timeout >= 0)
		timeout = Min(timeout, http_timeout);
	if (poll(fds, jobs->count + 2, (int) timeout) > 0 && fds[0].revents != 0)
		signals_drain();
	free(fds);
	http_run(server);
}

static void
jobs_stop(Jobs *jobs, HttpServer *server)
{
	int64		deadline = clock_ms(CLOCK_MONOTONIC) + STOP_TIMEOUT_MS;

	for (int i = 0; i < jobs->count; i++)
		worker_signal(&jobs->jobs[i].worker, SIGTERM);
	while (jobs_tend(jobs) > 0)
	{
		if (clock_ms(CLOCK_MONOTONIC) > deadline)
		{
			for (int i = 0; i < jobs->count; i++)
				worker_signal(&jobs->jobs[i].worker, SIGKILL);
			deadline = PG_INT64_MAX;
		}
		jobs_wait(jobs, server);
	}
}

int
jobs_main(const char *listen, char **files, int count)
{
	Jobs		jobs;
	HttpServer *server;
	PQExpBufferData error;

	if (!jobs_read(&jobs, files, count))
		return 1;				/* error already logged */
	signals_init();
	initPQExpBuffer(&error);
	server = http_start(listen, on_request, &jobs, &error);
	if (server == NULL)
	{
		pg_log_error("%s", error.data);
		return 1;
	}
	pg_log_info("listening on port %d", http_port(server));
	while (!stop_requested())
	{
		(void) jobs_tend(&jobs);
		jobs_wait(&jobs, server);
		memory_tidy();
	}
	pg_log_info("stopping");
	jobs_stop(&jobs, server);
	http_stop(server);
	return 0;
}
