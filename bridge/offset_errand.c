/*-------------------------------------------------------------------------
 *
 * offset_errand.c
 *	  The stored offsets of a connector, looked at and changed from outside:
 *	  the asking.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "offset_admin.h"

#include "json_integers.h"

/* A client waits for 90 s, as Connect's own requests do. */
#define ERRAND_TIMEOUT_MS	80000

void
offset_admin_start(Errands *errands, const Properties *worker,
				   const char *connector, const char *topic,
				   const cJSON *change, bool reset, ErrandDone done, void *arg)
{
	cJSON	   *question = cJSON_CreateObject();

	cJSON_AddItemToObject(question, "worker", properties_to_json(worker));
	if (topic != NULL)
		cJSON_AddStringToObject(question, "topic", topic);
	cJSON_AddBoolToObject(question, "reset", reset);
	if (change != NULL)
		cJSON_AddItemToObject(question, "change", cJSON_Duplicate(change, true));
	json_keep_integers(question);
	errand_start(errands, "--offsets", connector, question, ERRAND_TIMEOUT_MS,
				 done, arg);
}
