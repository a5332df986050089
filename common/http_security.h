/*-------------------------------------------------------------------------
 *
 * http_security.h
 *	  Who may use an HTTP server, and whether others can listen in: TLS and
 *	  basic authentication, by Kafka Connect's names of properties.
 *
 * NOTES
 *	  listeners=https://HOST:PORT asks for TLS.  Certificates come as PEM,
 *	  which is one of the forms that Kafka takes:
 *
 *		listeners.https.ssl.keystore.type=PEM
 *		listeners.https.ssl.keystore.location=FILE	(key and certificates)
 *	  or	listeners.https.ssl.keystore.key, .certificate.chain (as text)
 *		listeners.https.ssl.key.password
 *
 *	  or the same without "listeners.https.", for all clients of the worker.
 *
 *	  rest.basic.auth.credentials.file names a file with a line USER=PASSWORD
 *	  for each who may come in, the form that Connect's own extension reads.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef HTTP_SECURITY_H
#define HTTP_SECURITY_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include "must_check.h"
#include "properties.h"

typedef struct HttpSecurity
{
	char	   *certificate;	/* PEM; NULL: no TLS */
	char	   *key;			/* PEM */
	char	   *key_password;	/* NULL: none */
	Properties *users;			/* passwords by user; NULL: anybody may */
} HttpSecurity;

/*
 * Reads what the properties say about the listener "address".  False, with a
 * reason, when something is missing, cannot be read or is not offered here.
 */
extern bool http_security_read(HttpSecurity *security,
							   const Properties *properties,
							   const char *address, PQExpBuffer error) MUST_CHECK;
extern void http_security_free(HttpSecurity *security);

/* NULL for what was not sent.  Takes as long for a wrong one as for a right. */
extern bool http_security_allows(const HttpSecurity *security,
								 const char *user, const char *password);

#endif							/* HTTP_SECURITY_H */
