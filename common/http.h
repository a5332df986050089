/*-------------------------------------------------------------------------
 *
 * http.h
 *	  The daemons' HTTP server: libmicrohttpd behind one callback, without
 *	  threads, to be run from the caller's poll() loop.
 *
 * A request reaches the handler when its body has been read whole.  Slow and
 * malformed clients harm nobody else: a body above HTTP_BODY_MAX is answered
 * 413, and 503 one for which there is no room beside those that others are
 * sending (HTTP_HELD_MAX); a connection that is silent for HTTP_TIMEOUT_S
 * seconds is closed, and so is one on which a request is not complete and
 * answered within HTTP_REQUEST_S; when nearly all connections are taken, a
 * new one ends that which has been idle, or at its request, for longest.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef HTTP_H
#define HTTP_H

#include "postgres_fe.h"
#include "pqexpbuffer.h"

#include "http_security.h"

#define HTTP_BODY_MAX		(4 * 1024 * 1024)	/* a connector is some kB */
#define HTTP_CONNECTIONS	128
#define HTTP_TIMEOUT_S		30
#define HTTP_REQUEST_S		60	/* not counting what the handler waits for */
#define HTTP_HELD_MAX		(32 * 1024 * 1024)	/* of all bodies together */

typedef struct HttpServer HttpServer;
typedef struct HttpPending HttpPending;

typedef struct HttpRequest
{
	const char *method;			/* "GET", ... */
	const char *path;			/* "/connectors/a%20b", not decoded */
	const char *content_type;	/* NULL when not sent */
	const char *body;			/* zero-terminated; "" when there is none */
	size_t		body_length;
	void	   *connection;		/* for http_query() */
	HttpPending *pending;		/* for http_defer() */
} HttpRequest;

typedef struct HttpResponse
{
	int			status;			/* 200 unless the handler changes it */
	const char *content_type;	/* "application/json" unless changed; NULL:
								 * none */
	PQExpBufferData body;		/* empty at first */
} HttpResponse;

typedef void (*HttpHandler) (const HttpRequest *request,
							 HttpResponse *response, void *arg);

/*
 * Listens on "address", HOST:PORT, [HOST]:PORT or http://HOST:PORT; an empty
 * host means all addresses.  NULL, with the reason in "error", when that
 * fails: a port that is taken, a name that cannot be resolved.
 */
extern HttpServer *http_start(const char *address, HttpHandler handler,
							  void *arg, PQExpBuffer error);

/*
 * The same with TLS and authentication, as "security" says, which must stay
 * valid; also for https://HOST:PORT.
 */
extern HttpServer *http_start_secure(const char *address,
									 const HttpSecurity *security,
									 HttpHandler handler, void *arg,
									 PQExpBuffer error);
extern void http_stop(HttpServer *server);

/* For poll(): readable when http_run() has something to do ... */
extern int	http_fd(const HttpServer *server);

/* ... or after this many milliseconds; -1: no need to wake up. */
extern int	http_timeout_ms(const HttpServer *server);

/* Does what is due, without waiting.  Calls the handler. */
extern void http_run(HttpServer *server);

/*
 * In a handler: the answer comes later.  The request and its connection are
 * kept until http_answer(), even if the client is gone meanwhile, so every
 * deferred request has to be answered once; http_stop() answers the rest
 * with 503.  After the handler's return the HttpRequest is no longer valid.
 */
extern HttpPending *http_defer(const HttpRequest *request);

/* What is to be answered: as a handler gets it. */
extern HttpResponse *http_response(HttpPending *pending);

/* Sends the answer; "pending" is gone after the call. */
extern void http_answer(HttpPending *pending);

/* The port that was bound, also when 0 was asked for. */
extern int	http_port(const HttpServer *server);

/* Value of a query parameter (last one), decoded, or NULL; "" without "=". */
extern const char *http_query(const HttpRequest *request, const char *name);

/* Is a query parameter, which may be repeated, given with this value? */
extern bool http_query_has(const HttpRequest *request, const char *name,
						   const char *value);

/*
 * One segment of the path, decoded, from 0: of /connectors/a%2Fb segment 1 is
 * "a/b".  NULL past the end.  For the caller to free.
 */
extern char *http_segment(const HttpRequest *request, int number);

#endif							/* HTTP_H */
