/*-------------------------------------------------------------------------
 *
 * test_http.c
 *	  Unit test of common/http.c: real requests over a socket.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

static HttpServer *server;

/* Answers with what it was asked. */
static void
on_request(const HttpRequest *request, HttpResponse *response, void *arg)
{
	char	   *segment = http_segment(request, 1);
	const char *expand = http_query(request, "expand");

	(void) arg;
	if (strcmp(request->path, "/nothing") == 0)
	{
		response->status = 204;
		response->content_type = NULL;
		return;
	}
	appendPQExpBuffer(&response->body, "%s %s|%s|%s|%zu", request->method,
					  request->path, segment ? segment : "-",
					  expand ? expand : "-", request->body_length);
	pg_free(segment);
}

/* Sends a request and gives the whole answer, which the server must close. */
static const char *
ask(const char *request, size_t length)
{
	static PQExpBufferData answer;
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(http_port(server)),
	.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int			client = socket(AF_INET, SOCK_STREAM, 0);
	size_t		sent = 0;
	char		block[4096];
	ssize_t		got;

	if (answer.data == NULL)
		initPQExpBuffer(&answer);
	resetPQExpBuffer(&answer);
	if (connect(client, (struct sockaddr *) &address, sizeof(address)) != 0)
		return "cannot connect";
	for (;;)
	{
		struct pollfd wait[2] = {{.fd = http_fd(server),.events = POLLIN},
		{.fd = client,.events = POLLIN | (sent < length ? POLLOUT : 0)}};

		int			due = http_timeout_ms(server);

		if (poll(wait, 2, due >= 0 ? Min(due, 5000) : 5000) == 0 &&
			(due < 0 || due > 5000))
			return "no answer";
		http_run(server);
		if (wait[1].revents & POLLOUT)
		{
			got = send(client, request + sent, length - sent,
					   MSG_DONTWAIT | MSG_NOSIGNAL);
			if (got > 0)
				sent += got;
		}
		if (wait[1].revents & (POLLIN | POLLHUP))
		{
			got = recv(client, block, sizeof(block), MSG_DONTWAIT);
			if (got == 0)
				break;
			if (got > 0)
				appendBinaryPQExpBuffer(&answer, block, got);
		}
	}
	close(client);
	return answer.data;
}

static const char *
body_of(const char *answer)
{
	const char *body = strstr(answer, "\r\n\r\n");

	return body ? body + 4 : answer;
}

int
main(void)
{
	PQExpBufferData error;
	PQExpBufferData large;
	char		taken[64];
	const char *answer;

	initPQExpBuffer(&error);
	server = http_start("127.0.0.1:0", on_request, NULL, &error);
	if (!tap_ok(server != NULL, "listens"))
		return tap_done();

#define ASK(text) ask(text, strlen(text))
	answer = ASK("GET /connectors/a%2Fb%20c/status?expand=info&expand=st%61tus HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	tap_ok(strstr(answer, "HTTP/1.1 200") == answer, "answers 200");
	tap_ok(strstr(answer, "Content-Type: application/json\r\n") != NULL, "as JSON");
	tap_text(body_of(answer), "GET /connectors/a%2Fb%20c/status|a/b c|status|0",
			 "path as sent, segment and query decoded");
	answer = ASK("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
	tap_text(body_of(answer), "PUT /x|-|-|5", "reads a body");
	answer = ASK("DELETE /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	tap_ok(strstr(answer, "HTTP/1.1 204") == answer && strstr(answer, "Content-Type") == NULL,
		   "an answer without a body");
	answer = ASK("nonsense\r\n\r\n");
	tap_ok(strstr(answer, "HTTP/1") == NULL || strstr(answer, " 400 ") != NULL,
		   "nonsense is refused");

	initPQExpBuffer(&large);
	appendPQExpBuffer(&large, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
					  HTTP_BODY_MAX + 1);
	while (large.len < HTTP_BODY_MAX + 1024)
		appendPQExpBufferStr(&large, "0123456789012345678901234567890123456789");
	answer = ask(large.data, large.len);
	tap_ok(strstr(answer, "HTTP/1.1 413") == answer, "a body above the limit is 413");
	answer = ASK("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	tap_ok(strstr(answer, "HTTP/1.1 200") == answer, "and the server goes on");

	snprintf(taken, sizeof(taken), "http://127.0.0.1:%d", http_port(server));
	tap_ok(http_start(taken, on_request, NULL, &error) == NULL, "a port that is taken");
	tap_ok(strstr(error.data, "could not listen on \"http://127.0.0.1:") == error.data,
		   "is told with the address");
	resetPQExpBuffer(&error);
	tap_ok(http_start("nowhere", on_request, NULL, &error) == NULL, "no port");
	tap_text(error.data, "invalid address \"nowhere\": expected HOST:PORT", "is told");
	http_stop(server);
	return tap_done();
}
