/*-------------------------------------------------------------------------
 *
 * http.c
 *	  The daemons' HTTP server: libmicrohttpd behind one callback, without
 *	  threads, to be run from the caller's poll() loop.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* 0.9.71 gave the callbacks' result a type of its own */
#if MHD_VERSION >= 0x00097002
typedef enum MHD_Result HttpResult;
#else
typedef int HttpResult;
#endif

/* So many connections are kept free for those that come. */
#define SPARE_CONNECTIONS	8

/* A connection, from its beginning to its end. */
typedef struct HttpClient
{
	struct HttpClient *next;
	int			fd;
	int64		since_ms;		/* its last answer, or its beginning */
	bool		waiting;		/* for an answer: its handler's affair */
	bool		ended;			/* was shut down from this side */
} HttpClient;

struct HttpServer
{
	struct MHD_Daemon *daemon;
	const HttpSecurity *security;	/* NULL: none */
	PQExpBuffer start_error;	/* while it starts: where reasons go */
	HttpHandler handler;
	void	   *arg;
	HttpPending *suspended;
	HttpClient *clients;
	int			client_count;
	size_t		held;			/* bytes of bodies */
};

/* What is kept of a request until it is answered. */
struct HttpPending
{
	char	   *path;			/* as sent: still with its %XX */
	bool		begun;			/* the headers have been read */
	bool		too_large;
	bool		no_room;		/* beside the bodies of others */
	PQExpBufferData body;

	/* an answer that comes later */
	HttpServer *server;
	struct MHD_Connection *connection;
	bool		deferred;
	bool		suspended;
	bool		answered;
	HttpResponse response;
	HttpPending *next;			/* of the server's suspended ones */
};

static int64
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ------------------------------------------------------- the connections */

static HttpClient *
client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

/* libmicrohttpd then finds it closed. */
static void
client_end(HttpClient *client)
{
	client->ended = true;
	shutdown(client->fd, SHUT_RDWR);
}

/* Makes room for those that are to come. */
static void
end_oldest(HttpServer *server)
{
	HttpClient *oldest = NULL;

	for (HttpClient *c = server->clients; c != NULL; c = c->next)
	{
		if (!c->waiting && !c->ended &&
			(oldest == NULL || c->since_ms <= oldest->since_ms))
			oldest = c;
	}
	if (oldest != NULL)
		client_end(oldest);
}

static void
on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	HttpServer *server = arg;
	HttpClient **link = &server->clients;
	HttpClient *client = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED)
	{
		if (server->client_count >= HTTP_CONNECTIONS - SPARE_CONNECTIONS)
			end_oldest(server);
		client = pg_malloc0(sizeof(HttpClient));
		client->fd = MHD_get_connection_info(connection,
											 MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		client->since_ms = now_ms();
		client->next = server->clients;
		server->clients = client;
		server->client_count++;
		*context = client;
		return;
	}
	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	server->client_count--;
	pg_free(client);
}

/*
 * Ends connections whose time is up; returns how many milliseconds that of
 * the next one has, -1: there is none.
 */
static int64
end_slow(const HttpServer *server)
{
	int64		now = now_ms();
	int64		next = -1;

	for (HttpClient *c = server->clients; c != NULL; c = c->next)
	{
		int64		left = c->since_ms + HTTP_REQUEST_S * INT64CONST(1000) - now;

		if (c->waiting || c->ended)
			continue;
		if (left <= 0)
			client_end(c);
		else if (next < 0 || left < next)
			next = left;
	}
	return next;
}

/* ---------------------------------------------------------- the requests */

/*
 * Called with the request line's URI before it is decoded; the result is the
 * state of the request from then on.
 */
static void *
on_uri(void *arg, const char *uri, struct MHD_Connection *connection)
{
	HttpPending *exchange = pg_malloc0(sizeof(HttpPending));

	(void) arg;
	(void) connection;
	exchange->path = pnstrdup(uri, strcspn(uri, "?"));
	initPQExpBuffer(&exchange->body);
	return exchange;
}

static HttpResult
send_response(struct MHD_Connection *connection, const HttpResponse *response)
{
	struct MHD_Response *answer;
	HttpResult	result;

	answer = MHD_create_response_from_buffer(response->body.len,
											 response->body.data,
											 MHD_RESPMEM_MUST_COPY);
	if (answer == NULL)
		return MHD_NO;
	if (response->content_type != NULL)
		MHD_add_response_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE,
								response->content_type);
	if (response->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(answer, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
								"Basic realm=\"debezium\", charset=\"UTF-8\"");
	result = MHD_queue_response(connection, response->status, answer);
	MHD_destroy_response(answer);
	return result;
}

static void
response_init(HttpResponse *response)
{
	response->status = MHD_HTTP_OK;
	response->content_type = "application/json";
	initPQExpBuffer(&response->body);
}

/* Has the client sent a user and password that are known, if that is asked? */
static bool
is_allowed(const HttpServer *server, struct MHD_Connection *connection)
{
	char	   *user = NULL;
	char	   *password = NULL;
	bool		allowed;

	if (server->security == NULL || server->security->users == NULL)
		return true;
#if MHD_VERSION >= 0x00097518
	{
		struct MHD_BasicAuthInfo *info =
		MHD_basic_auth_get_username_password3(connection);

		allowed = info != NULL && info->password != NULL &&
			http_security_allows(server->security, info->username,
								 info->password);
		MHD_free(info);
	}
#else
	user = MHD_basic_auth_get_username_password(connection, &password);
	allowed = http_security_allows(server->security, user, password);
#endif
	free(user);
	free(password);
	return allowed;
}

/* Calls the handler, when the request has been read whole. */
static void
handle(HttpServer *server, HttpPending *exchange, const char *method)
{
	HttpRequest request;
	HttpResponse *response = &exchange->response;

	response_init(response);
	if (!is_allowed(server, exchange->connection))
	{
		response->status = MHD_HTTP_UNAUTHORIZED;
		response->content_type = NULL;
		appendPQExpBufferStr(&response->body, "User cannot access the resource.");
	}
	else if (exchange->too_large)
	{
		response->status = MHD_HTTP_CONTENT_TOO_LARGE;
		appendPQExpBuffer(&response->body,
						  "{\"error_code\":413,\"message\":\"the body is larger than %d bytes\"}",
						  HTTP_BODY_MAX);
	}
	else if (exchange->no_room)
	{
		response->status = MHD_HTTP_SERVICE_UNAVAILABLE;
		appendPQExpBufferStr(&response->body,
							 "{\"error_code\":503,\"message\":\"too many large requests at a time\"}");
	}
	else
	{
		request.method = method;
		request.path = exchange->path;
		request.content_type =
			MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
										MHD_HTTP_HEADER_CONTENT_TYPE);
		request.body = exchange->body.data;
		request.body_length = exchange->body.len;
		request.connection = exchange->connection;
		request.pending = exchange;
		server->handler(&request, response, server->arg);
	}
	exchange->answered |= !exchange->deferred;
}

static HttpResult
on_request(void *arg, struct MHD_Connection *connection, const char *url,
		   const char *method, const char *version, const char *data,
		   size_t *data_length, void **state)
{
	HttpServer *server = arg;
	HttpPending *exchange = *state;

	(void) url;
	(void) version;
	if (!exchange->begun)
	{
		exchange->begun = true;
		return MHD_YES;			/* the body is to come */
	}
	if (*data_length > 0)
	{
		if (exchange->body.len + *data_length > HTTP_BODY_MAX)
			exchange->too_large = true;
		else if (server->held + *data_length > HTTP_HELD_MAX)
			exchange->no_room = true;
		else if (!exchange->too_large && !exchange->no_room)
		{
			appendBinaryPQExpBuffer(&exchange->body, data, *data_length);
			server->held += *data_length;
		}
		*data_length = 0;
		return MHD_YES;
	}

	/* called once more when the answer that was waited for has come */
	if (!exchange->deferred)
	{
		exchange->server = server;
		exchange->connection = connection;
		handle(server, exchange, method);
	}
	if (exchange->answered)
		return send_response(connection, &exchange->response);
	exchange->suspended = true;
	client_of(connection)->waiting = true;
	exchange->next = server->suspended;
	server->suspended = exchange;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

HttpPending *
http_defer(const HttpRequest *request)
{
	request->pending->deferred = true;
	return request->pending;
}

HttpResponse *
http_response(HttpPending *pending)
{
	return &pending->response;
}

void
http_answer(HttpPending *pending)
{
	HttpPending **link = &pending->server->suspended;

	pending->answered = true;
	if (!pending->suspended)
		return;					/* its handler has not returned yet */
	while (*link != pending)
		link = &(*link)->next;
	*link = pending->next;
	pending->suspended = false;
	client_of(pending->connection)->waiting = false;
	client_of(pending->connection)->since_ms = now_ms();
	MHD_resume_connection(pending->connection);
}

static void
on_completed(void *arg, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode how)
{
	HttpServer *server = arg;
	HttpPending *exchange = *state;

	(void) how;
	client_of(connection)->since_ms = now_ms();
	if (exchange == NULL)
		return;
	server->held -= exchange->body.len;
	termPQExpBuffer(&exchange->body);
	if (exchange->answered)
		termPQExpBuffer(&exchange->response.body);
	pg_free(exchange->path);
	pg_free(exchange);
	*state = NULL;
}

/*
 * Splits HOST:PORT.  Both results are to be freed; false when there is no
 * port.
 */
static bool
split_address(const char *address, char **host, char **port)
{
	const char *start = address;
	const char *colon;
	const char *end;

	if (pg_strncasecmp(start, "http://", 7) == 0)
		start += 7;
	else if (pg_strncasecmp(start, "https://", 8) == 0)
		start += 8;
	colon = strrchr(start, ':');
	if (colon == NULL || colon[1] == '\0')
		return false;
	end = colon;
	if (*start == '[' && end > start && end[-1] == ']')
	{
		start++;
		end--;
	}
	*host = pnstrdup(start, end - start);
	*port = pg_strdup(colon + 1);
	return true;
}

/* A listening socket, or -1 with the reason in "error". */
static int
listen_on(const char *address, PQExpBuffer error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,.ai_flags = AI_PASSIVE};
	struct addrinfo *found = NULL;
	char	   *host;
	char	   *port;
	int			fd = -1;
	int			failure;
	int			on = 1;
	int			off = 0;

	if (!split_address(address, &host, &port))
	{
		appendPQExpBuffer(error, "invalid address \"%s\": expected HOST:PORT",
						  address);
		return -1;
	}
	failure = getaddrinfo(*host != '\0' ? host : NULL, port, &hints, &found);
	if (failure != 0)
		appendPQExpBuffer(error, "could not resolve address \"%s\": %s",
						  address, gai_strerror(failure));
	else
	{
		fd = socket(found->ai_family,
					SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd >= 0)
		{
			setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
			if (found->ai_family == AF_INET6)
				setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		}
		if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
			listen(fd, HTTP_CONNECTIONS) != 0)
		{
			appendPQExpBuffer(error, "could not listen on \"%s\": %s", address,
							  strerror(errno));
			if (fd >= 0)
				close(fd);
			fd = -1;
		}
	}
	if (found != NULL)
		freeaddrinfo(found);
	pg_free(host);
	pg_free(port);
	return fd;
}

static void on_log(void *arg, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* What libmicrohttpd has to say: at the start it is why there is none. */
static void
on_log(void *arg, const char *format, va_list args)
{
	HttpServer *server = arg;
	char	   *text;

	if (server->start_error == NULL || vasprintf(&text, format, args) < 0)
		return;
	appendPQExpBuffer(server->start_error, ": %.*s",
					  (int) strcspn(text, "\n"), text);
	free(text);
}

HttpServer *
http_start_secure(const char *address, const HttpSecurity *security,
				  HttpHandler handler, void *arg, PQExpBuffer error)
{
	bool		tls = security != NULL && security->certificate != NULL;
	unsigned	flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
	MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls_options[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, tls ? security->certificate : NULL},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? security->key : NULL},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (char *) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
		{MHD_OPTION_END, 0, NULL},
		{MHD_OPTION_END, 0, NULL}
	};
	PQExpBufferData reason;
	HttpServer *server;
	int			fd = listen_on(address, error);

	if (fd < 0)
		return NULL;
	if (!tls)
		tls_options[0].option = MHD_OPTION_END;
	else if (security->key_password != NULL)
	{
		tls_options[3].option = MHD_OPTION_HTTPS_KEY_PASSWORD;
		tls_options[3].ptr_value = security->key_password;
	}
	initPQExpBuffer(&reason);
	server = pg_malloc0(sizeof(HttpServer));
	server->handler = handler;
	server->arg = arg;
	server->security = security;
	server->start_error = &reason;
	server->daemon =
		MHD_start_daemon(flags, 0, NULL, NULL, on_request, server,
						 MHD_OPTION_EXTERNAL_LOGGER, on_log, server,
						 MHD_OPTION_LISTEN_SOCKET, fd,
						 MHD_OPTION_CONNECTION_LIMIT, (unsigned) HTTP_CONNECTIONS,
						 MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) HTTP_TIMEOUT_S,
						 MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
						 MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
						 MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
						 MHD_OPTION_ARRAY, tls_options,
						 MHD_OPTION_END);
	server->start_error = NULL;
	if (server->daemon == NULL)
	{
		appendPQExpBuffer(error, "could not start the %s server on \"%s\"%s",
						  tls ? "HTTPS" : "HTTP", address, reason.data);
		close(fd);
		pg_free(server);
		server = NULL;
	}
	termPQExpBuffer(&reason);
	return server;
}

HttpServer *
http_start(const char *address, HttpHandler handler, void *arg,
		   PQExpBuffer error)
{
	return http_start_secure(address, NULL, handler, arg, error);
}

void
http_stop(HttpServer *server)
{
	if (server == NULL)
		return;
	while (server->suspended != NULL)
	{
		HttpPending *pending = server->suspended;

		pending->response.status = MHD_HTTP_SERVICE_UNAVAILABLE;
		resetPQExpBuffer(&pending->response.body);
		appendPQExpBufferStr(&pending->response.body,
							 "{\"error_code\":503,\"message\":\"the server is stopping\"}");
		http_answer(pending);
	}
	http_run(server);
	MHD_stop_daemon(server->daemon);
	pg_free(server);
}

int
http_fd(const HttpServer *server)
{
	return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int
http_timeout_ms(const HttpServer *server)
{
	MHD_UNSIGNED_LONG_LONG timeout;
	int64		slow = end_slow(server);

	if (MHD_get_timeout(server->daemon, &timeout) != MHD_YES)
		return (int) slow;
	timeout = Min(timeout, HTTP_TIMEOUT_S * 1000);
	return slow < 0 ? (int) timeout : (int) Min((int64) timeout, slow);
}

void
http_run(HttpServer *server)
{
	int			before;

	/* at its limit it listens no more, until it runs with fewer connections */
	do
	{
		before = server->client_count;
		MHD_run(server->daemon);
	} while (server->client_count < before &&
			 before >= HTTP_CONNECTIONS - SPARE_CONNECTIONS);
}

int
http_port(const HttpServer *server)
{
	struct sockaddr_storage address;
	socklen_t	length = sizeof(address);
	int			fd = MHD_get_daemon_info(server->daemon,
										 MHD_DAEMON_INFO_LISTEN_FD)->listen_fd;

	if (getsockname(fd, (struct sockaddr *) &address, &length) != 0)
		return -1;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *) &address)->sin6_port);
	return ntohs(((struct sockaddr_in *) &address)->sin_port);
}

/* The callback of http_query(): remembers the last match. */
typedef struct QuerySearch
{
	const char *name;
	const char *value;
	const char *wanted;			/* a value to look for; NULL: none */
	bool		found;
} QuerySearch;

static HttpResult
on_query_argument(void *arg, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	QuerySearch *search = arg;

	(void) kind;
	if (strcmp(name, search->name) == 0)
	{
		search->value = value != NULL ? value : "";
		if (search->wanted != NULL && strcmp(search->value, search->wanted) == 0)
			search->found = true;
	}
	return MHD_YES;
}

const char *
http_query(const HttpRequest *request, const char *name)
{
	QuerySearch search = {.name = name};

	MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND,
							  on_query_argument, &search);
	return search.value;
}

bool
http_query_has(const HttpRequest *request, const char *name,
			   const char *value)
{
	QuerySearch search = {.name = name,.wanted = value};

	MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND,
							  on_query_argument, &search);
	return search.found;
}

char *
http_segment(const HttpRequest *request, int number)
{
	const char *p = request->path;
	char	   *segment;

	for (int i = 0; i <= number; i++)
	{
		if (*p == '/')
			p++;
		if (*p == '\0')
			return NULL;
		if (i < number)
			p += strcspn(p, "/");
	}
	segment = pnstrdup(p, strcspn(p, "/"));
	MHD_http_unescape(segment);
	return segment;
}
