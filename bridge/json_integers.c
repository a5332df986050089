/*-------------------------------------------------------------------------
 *
 * json_integers.c
 *	  Integers in JSON as other programs read them.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "json_integers.h"

#include <math.h>
#include <string.h>

void
json_keep_integers(cJSON *value)
{
	cJSON	   *item;

	if (cJSON_IsNumber(value) && value->valuedouble == floor(value->valuedouble) &&
		fabs(value->valuedouble) <= 9007199254740992.0)
	{
		char		text[32];

		/* cJSON frees it with its own, so it must be malloc()'s */
		snprintf(text, sizeof(text), "%.0f", value->valuedouble);
		value->valuestring = strdup(text);
		value->type = cJSON_Raw;
		return;
	}
	cJSON_ArrayForEach(item, value)
		json_keep_integers(item);
}
