/*-------------------------------------------------------------------------
 *
 * http_security.c
 *	  Who may use an HTTP server, and whether others can listen in: TLS and
 *	  basic authentication, by Kafka Connect's names of properties.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "http_security.h"

#include <errno.h>
#include <string.h>

#include "file.h"

#define EXTENSION "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"

/* With the listener's own prefix, or without. */
static const char *
listener_property(const Properties *properties, const char *name)
{
	char	   *full = psprintf("listeners.https.%s", name);
	const char *value = properties_get(properties, full);

	pg_free(full);
	if (value == NULL)
		value = properties_get(properties, name);
	return value != NULL && *value != '\0' ? value : NULL;
}

static char *
copy_or_null(const char *text)
{
	return text != NULL ? pg_strdup(text) : NULL;
}

static bool
read_certificate(HttpSecurity *security, const Properties *properties,
				 PQExpBuffer error)
{
	const char *type = listener_property(properties, "ssl.keystore.type");
	const char *location = listener_property(properties, "ssl.keystore.location");
	const char *client_auth = listener_property(properties, "ssl.client.auth");

	if (client_auth != NULL && pg_strcasecmp(client_auth, "none") != 0)
	{
		appendPQExpBuffer(error, "invalid value \"%s\" for ssl.client.auth: certificates of clients are not checked here, only none is allowed",
						  client_auth);
		return false;
	}
	if (type == NULL || pg_strcasecmp(type, "PEM") != 0)
	{
		appendPQExpBuffer(error, "invalid value \"%s\" for listeners.https.ssl.keystore.type: only PEM can be read here",
						  type != NULL ? type : "JKS");
		return false;
	}
	if (location != NULL)
	{
		PQExpBufferData text;
		bool		ok;

		/* one file holds both, each in its own block */
		initPQExpBuffer(&text);
		ok = file_read(location, &text, error);
		security->certificate = pg_strdup(text.data);
		security->key = pg_strdup(text.data);
		termPQExpBuffer(&text);
		if (!ok)
			return false;
	}
	else
	{
		security->certificate =
			copy_or_null(listener_property(properties,
										   "ssl.keystore.certificate.chain"));
		security->key =
			copy_or_null(listener_property(properties, "ssl.keystore.key"));
	}
	security->key_password =
		copy_or_null(listener_property(properties, "ssl.key.password"));
	if (security->certificate != NULL && security->key != NULL &&
		strstr(security->certificate, "-----BEGIN CERTIFICATE-----") != NULL &&
		strstr(security->key, "PRIVATE KEY-----") != NULL)
		return true;
	appendPQExpBufferStr(error, "an https listener needs a certificate and its key: set listeners.https.ssl.keystore.location to a PEM file with both, or listeners.https.ssl.keystore.certificate.chain and listeners.https.ssl.keystore.key");
	return false;
}

static bool
read_users(HttpSecurity *security, const Properties *properties,
		   PQExpBuffer error)
{
	const char *extensions = properties_get(properties, "rest.extension.classes");
	const char *file = properties_get(properties,
									  "rest.basic.auth.credentials.file");

	if (file != NULL && *file != '\0')
	{
		security->users = properties_new();
		if (!properties_read_file(security->users, file, error))
			return false;
		if (security->users->count > 0)
			return true;
		appendPQExpBuffer(error, "file \"%s\" of rest.basic.auth.credentials.file has no line USER=PASSWORD",
						  file);
		return false;
	}
	if (extensions == NULL || *extensions == '\0')
		return true;
	/* what was meant to keep people out must not be passed over */
	if (strcmp(extensions, EXTENSION) == 0)
		appendPQExpBufferStr(error, "rest.extension.classes asks for basic authentication: set rest.basic.auth.credentials.file to a file with lines USER=PASSWORD, as its JAAS configuration names one");
	else
		appendPQExpBuffer(error, "invalid value \"%s\" for rest.extension.classes: only %s is offered here",
						  extensions, EXTENSION);
	return false;
}

bool
http_security_read(HttpSecurity *security, const Properties *properties,
				   const char *address, PQExpBuffer error)
{
	memset(security, 0, sizeof(*security));
	if ((pg_strncasecmp(address, "https://", 8) != 0 ||
		 read_certificate(security, properties, error)) &&
		read_users(security, properties, error))
		return true;
	http_security_free(security);
	return false;
}

void
http_security_free(HttpSecurity *security)
{
	pg_free(security->certificate);
	pg_free(security->key);
	pg_free(security->key_password);
	properties_free(security->users);
	memset(security, 0, sizeof(*security));
}

bool
http_security_allows(const HttpSecurity *security, const char *user,
					 const char *password)
{
	const char *expected;
	size_t		length;
	unsigned	differs;

	if (security == NULL || security->users == NULL)
		return true;
	expected = user != NULL ? properties_get(security->users, user) : NULL;
	if (password == NULL)
		password = "";
	length = strlen(password);
	differs = expected == NULL || strlen(expected) != length;
	for (size_t i = 0; i < length; i++)
		differs |= (unsigned char) password[i] ^
			(unsigned char) (differs ? 0 : expected[i]);
	return differs == 0;
}
