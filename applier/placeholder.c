/*-------------------------------------------------------------------------
 *
 * placeholder.c
 *	  The placeholder of an unchanged TOAST value, as it stands in events.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <openssl/evp.h>

#include "batch.h"

#define PLACEHOLDER_FORMS 8

struct PlaceholderForm
{
	char	   *text;
	size_t		length;
	bool		container;		/* array or object, as it stands in JSON */
};

/* As Java's UUID.nameUUIDFromBytes(). */
static void
append_uuid(PQExpBuffer text, const unsigned char *bytes, size_t count)
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (EVP_Digest(bytes, count, digest, NULL, EVP_md5(), NULL) != 1)
		return;
	digest[6] = (digest[6] & 0x0f) | 0x30;
	digest[8] = (digest[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		appendPQExpBuffer(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ?
						  "-" : "", digest[i]);
}

/* A string as it stands in JSON. */
static void
append_json(PQExpBuffer text, const char *string)
{
	appendPQExpBufferChar(text, '"');
	for (const char *p = string; *p != '\0'; p++)
	{
		if (*p == '"' || *p == '\\')
			appendPQExpBufferChar(text, '\\');
		appendPQExpBufferChar(text, *p);
	}
	appendPQExpBufferChar(text, '"');
}

static void
set_form(PlaceholderForm *form, const char *text, bool container)
{
	form->text = pg_strdup(text);
	form->length = strlen(text);
	form->container = container;
}

/*
 * All that Debezium makes of the placeholder: text, bytes, an hstore, and
 * arrays of texts, bytes, numbers and UUIDs.
 */
PlaceholderForm *
placeholder_forms(const char *placeholder)
{
	const unsigned char *bytes = (const unsigned char *) placeholder;
	size_t		count = strlen(placeholder);
	PlaceholderForm *forms = pg_malloc(PLACEHOLDER_FORMS *
									   sizeof(PlaceholderForm));
	PlaceholderForm *form = forms;
	PQExpBufferData text;
	PQExpBufferData base64;

	initPQExpBuffer(&text);
	initPQExpBuffer(&base64);
	append_base64(&base64, bytes, count);
	set_form(form++, placeholder, false);
	set_form(form++, base64.data, false);
	append_json(&text, placeholder);
	appendPQExpBufferChar(&text, ':');
	append_json(&text, placeholder);
	{
		char	   *hstore = psprintf("{%s}", text.data);

		set_form(form++, hstore, false);
		set_form(form++, hstore, true);
		free(hstore);
	}
	resetPQExpBuffer(&text);
	appendPQExpBufferChar(&text, '[');
	append_json(&text, placeholder);
	appendPQExpBufferChar(&text, ']');
	set_form(form++, text.data, true);
	resetPQExpBuffer(&text);
	appendPQExpBuffer(&text, "[\"%s\"]", base64.data);
	set_form(form++, text.data, true);
	resetPQExpBuffer(&text);
	for (size_t i = 0; i < count; i++)
		appendPQExpBuffer(&text, "%c%d", i == 0 ? '[' : ',',
						  (int) (signed char) bytes[i]);
	appendPQExpBufferChar(&text, ']');
	set_form(form++, text.data, true);
	resetPQExpBuffer(&text);
	appendPQExpBufferStr(&text, "[\"");
	append_uuid(&text, bytes, count);
	appendPQExpBufferStr(&text, "\"]");
	set_form(form++, text.data, true);
	Assert(form == forms + PLACEHOLDER_FORMS);
	termPQExpBuffer(&text);
	termPQExpBuffer(&base64);
	return forms;
}

void
placeholder_free(PlaceholderForm *forms)
{
	for (int i = 0; forms != NULL && i < PLACEHOLDER_FORMS; i++)
		free(forms[i].text);
	free(forms);
}

bool
placeholder_found(const PlaceholderForm *forms, JsonReader *reader,
				  JsonToken token)
{
	bool		container = token != JSON_STRING;

	for (int i = 0; i < PLACEHOLDER_FORMS; i++)
	{
		const PlaceholderForm *form = &forms[i];

		if (form->container != container)
			continue;
		if (!container)
		{
			/* its length first: most texts differ in that */
			if (reader->length == form->length &&
				memcmp(reader->text, form->text, form->length) == 0)
				return true;
		}
		else if ((size_t) (reader->end - reader->token_start) >= form->length &&
				 memcmp(reader->token_start, form->text, form->length) == 0)
			return json_leave(reader);
	}
	return false;
}
