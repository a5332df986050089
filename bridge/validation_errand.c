/*-------------------------------------------------------------------------
 *
 * validation_errand.c
 *	  Is a configuration one that a connector could run with?  The asking.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "validation.h"

#define TIMEOUT_DEFAULT_MS	60000

/* The process gives up by itself; it is killed when it does not. */
#define TIMEOUT_GRACE_MS	2000

typedef struct Validation
{
	ValidationDone done;
	void	   *arg;
} Validation;

static void
on_answer(const cJSON *answer, const char *error, void *arg)
{
	Validation *validation = arg;
	ConfigErrors errors;

	config_errors_init(&errors);
	if (answer != NULL)
		config_errors_from_json(&errors,
								cJSON_GetObjectItemCaseSensitive(answer, "errors"));
	else
		config_errors_add(&errors, "database.hostname",
						  "Error while validating connector config: %s", error);
	validation->done(&errors, validation->arg);
	config_errors_free(&errors);
	pg_free(validation);
}

static int64
read_timeout(const Properties *connector)
{
	PQExpBufferData error;
	int64		timeout_ms;

	initPQExpBuffer(&error);
	/* a value that is wrong is told by the process */
	if (!properties_int(connector, "connection.validation.timeout.ms",
						TIMEOUT_DEFAULT_MS, 1, PG_INT32_MAX, &timeout_ms,
						&error))
		timeout_ms = TIMEOUT_DEFAULT_MS;
	termPQExpBuffer(&error);
	return timeout_ms;
}

void
validation_start(Errands *errands, const Properties *worker,
				 const Properties *connector, ValidationDone done, void *arg)
{
	Validation *validation = pg_malloc(sizeof(Validation));
	cJSON	   *question = cJSON_CreateObject();
	const char *name = properties_get(connector, "name");
	int64		timeout_ms = read_timeout(connector);

	validation->done = done;
	validation->arg = arg;
	cJSON_AddItemToObject(question, "worker", properties_to_json(worker));
	cJSON_AddItemToObject(question, "connector", properties_to_json(connector));
	cJSON_AddNumberToObject(question, "timeout_ms", (double) timeout_ms);
	errand_start(errands, "--validate", name != NULL ? name : "", question,
				 timeout_ms + TIMEOUT_GRACE_MS, on_answer,
				 validation);
}
