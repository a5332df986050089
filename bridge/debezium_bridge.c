/*-------------------------------------------------------------------------
 *
 * debezium_bridge.c
 *	  From PostgreSQL to Kafka: options, and the supervisor's loop.
 *
 * NOTES
 *	  The supervisor serves REST and watches its processes, which run the
 *	  program debezium_bridge_worker.  It is linked to no database's or
 *	  broker's library: whatever they do, the REST API answers.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "bridge_options.h"
#include "config_records.h"
#include "connector.h"
#include "connector_config.h"
#include "handover_errand.h"
#include "http.h"
#include "log.h"
#include "memory.h"
#include "providers.h"
#include "rest.h"
#include "signals.h"
#include "supervisor.h"

/* Options without a letter. */
#define OPTION_ADOPT	256
#define OPTION_RELEASE	257

typedef struct Bridge
{
	Properties *worker;
	Connectors	connectors;
	Rest		rest;
	HttpSecurity security;
	HttpServer *server;
	ConfigRecords *records;
	bool		verbose;
} Bridge;

static void
print_help(void)
{
	PQExpBufferData properties;

	initPQExpBuffer(&properties);
	worker_properties_help(&properties);
	printf("debezium_bridge captures changes of PostgreSQL databases into Kafka.\n\n"
		   "Usage:\n"
		   "  debezium_bridge [OPTION]... [WORKER.properties [CONNECTOR.json|.properties]...]\n\n"
		   "Options:\n"
		   "      --adopt=CONNECTOR.json    take the connector's slot and place over from a Debezium that was stopped, then exit\n"
		   "      --release=CONNECTOR.json  give both back to Debezium, then exit\n"
		   "  -v, --verbose                 log more\n"
		   "  -V, --version                 output version information, then exit\n"
		   "  -?, --help                    show this help, then exit\n\n"
		   "Worker properties (the environment overrides the file; CONNECT_A_B sets a.b):\n%s",
		   properties.data);
	termPQExpBuffer(&properties);
}

/* ----------------------------------------------------------- starting up */

/* "host:port" as other machines see it. */
static char *
make_worker_id(const Properties *worker, int port)
{
	const char *host = properties_get(worker, "rest.advertised.host.name");
	const char *listener = properties_get(worker, "listeners");
	char		name[256];
	char	   *start;
	char	   *listener_host;
	char	   *id;

	if (host != NULL)
		return psprintf("%s:%d", host, port);
	start = strstr(listener, "://") != NULL ?
		strstr(listener, "://") + 3 : (char *) listener;
	listener_host = pnstrdup(start, strrchr(start, ':') != NULL ?
							 (size_t) (strrchr(start, ':') - start) : strlen(start));
	host = listener_host;
	if (*host == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "[::]") == 0)
	{
		if (gethostname(name, sizeof(name)) != 0)
			strlcpy(name, "localhost", sizeof(name));
		name[sizeof(name) - 1] = '\0';
		host = name;
	}
	id = psprintf("%s:%d", host, port);
	pg_free(listener_host);
	return id;
}

/* Adds the connectors of the command line. */
static bool
add_connectors(Bridge *bridge, char *const *paths, int count)
{
	PQExpBufferData error;
	bool		ok = true;

	initPQExpBuffer(&error);
	for (int i = 0; ok && i < count; i++)
	{
		Properties *config = connector_file_read(paths[i], &error);
		Properties *resolved;
		ConnectorConfig *checked = NULL;

		if (config == NULL)
		{
			pg_log_error("%s", error.data);
			ok = false;
			break;
		}
		resolved = properties_copy(config);
		if (providers_resolve(bridge->worker, resolved, &error))
			checked = connector_config_read(resolved, bridge->worker, &error);
		properties_free(resolved);
		if (checked == NULL)
		{
			char	   *reason = providers_hide(error.data);

			pg_log_error("connector file \"%s\" is refused: %s", paths[i],
						 reason);
			pg_free(reason);
			ok = false;
		}
		else if (connector_find(&bridge->connectors, properties_get(config, "name")) != NULL)
		{
			pg_log_error("connector file \"%s\" is refused: there is a connector \"%s\" already",
						 paths[i], properties_get(config, "name"));
			ok = false;
		}
		connector_config_free(checked);
		if (ok)
			connector_add(&bridge->connectors, config, TARGET_RUNNING)->fixed = true;
		else
			properties_free(config);
	}
	termPQExpBuffer(&error);
	return ok;
}

static bool
bridge_start(Bridge *bridge, int count, char *const *arguments)
{
	StorageReader reader = {config_records_take, config_records_loaded, NULL};
	PQExpBufferData error;
	bool		ok;

	initPQExpBuffer(&error);
	bridge->worker = worker_properties_read(count > 0 ? arguments[0] : NULL,
											&error);
	if (bridge->worker == NULL)
	{
		pg_log_error("%s", error.data);
		termPQExpBuffer(&error);
		return false;
	}
	connectors_init(&bridge->connectors, bridge->worker);
	if (bridge->verbose)
		connectors_set_log_level(&bridge->connectors, "DEBUG");
	bridge->records = config_records_new(&bridge->connectors);
	bridge->rest.connectors = &bridge->connectors;
	bridge->rest.errands = errands_new();
	ok = count < 2 || add_connectors(bridge, arguments + 1, count - 1);
	if (ok)
	{
		/*
		 * as connect-standalone: connectors on the command line, none in
		 * Kafka
		 */
		reader.arg = bridge->records;
		bridge->rest.storage = storage_open(bridge->worker, count >= 2, &reader,
											&error);
		ok = bridge->rest.storage != NULL;
		if (!ok)
			pg_log_error("%s", error.data);
	}
	if (ok)
	{
		const char *listener = properties_get(bridge->worker, "listeners");

		ok = http_security_read(&bridge->security, bridge->worker, listener,
								&error);
		if (ok)
			bridge->server = http_start_secure(listener, &bridge->security,
											   rest_handle, &bridge->rest,
											   &error);
		ok = bridge->server != NULL;
		if (!ok)
			pg_log_error("%s", error.data);
	}
	if (ok)
	{
		bridge->rest.worker_id = make_worker_id(bridge->worker,
												http_port(bridge->server));
		pg_log_info("debezium_bridge %s: REST API on port %d, Kafka at \"%s\"",
					BRIDGE_VERSION, http_port(bridge->server),
					properties_get(bridge->worker, "bootstrap.servers"));
	}
	termPQExpBuffer(&error);
	return ok;
}

/* ------------------------------------------------------- the supervisor */

/* Waits for a request, a report, a signal, or for "timeout_ms". */
static void
supervisor_wait(Bridge *bridge, int timeout_ms)
{
	static struct pollfd *waits = NULL;
	static int	room = 0;
	int			count = 0;
	int			http_ms = http_timeout_ms(bridge->server);

	for (Connector *c = bridge->connectors.first; c != NULL; c = c->next)
		count++;
	if (room < count + 3 + ERRANDS_AT_ONCE)
	{
		room = (count + 3 + ERRANDS_AT_ONCE) * 2;
		waits = pg_realloc(waits, room * sizeof(struct pollfd));
	}
	memset(waits, 0, room * sizeof(struct pollfd));
	waits[0].fd = http_fd(bridge->server);
	waits[1].fd = signals_fd();
	waits[2].fd = storage_fd(bridge->rest.storage);
	count = 3 + errands_fds(bridge->rest.errands, waits + 3);
	for (Connector *c = bridge->connectors.first; c != NULL; c = c->next)
		waits[count++].fd = c->process.report_fd;
	for (int i = 0; i < count; i++)
		waits[i].events = POLLIN;
	if (http_ms >= 0)
		timeout_ms = Min(timeout_ms, http_ms);
	if (poll(waits, count, timeout_ms) > 0 && waits[1].revents != 0)
		signals_drain();
}

/* Runs until a stop is asked for, then ends the workers in order. */
static void
supervise(Bridge *bridge)
{
	while (!stop_requested())
	{
		int			timeout_ms = storage_tick(bridge->rest.storage);

		rest_tick(&bridge->rest);
		timeout_ms = Min(timeout_ms, errands_tick(bridge->rest.errands));
		/* not before it is known which connectors there are */
		if (storage_is_loaded(bridge->rest.storage))
		{
			connectors_suspend(&bridge->connectors,
							   storage_refusal(bridge->rest.storage));
			timeout_ms = Min(timeout_ms, connectors_tick(&bridge->connectors));
		}
		supervisor_wait(bridge, timeout_ms);
		http_run(bridge->server);
		memory_tidy();
	}
	pg_log_info("stopping");
	while (!connectors_stop(&bridge->connectors))
	{
		supervisor_wait(bridge, 1000);
		http_run(bridge->server);
	}
}

/* --adopt and --release: the exit status. */
static int
hand_over(Handover direction, const char *path, int count, char *const *arguments)
{
	PQExpBufferData error;
	Properties *worker;
	Properties *connector = NULL;
	bool		ok = false;

	initPQExpBuffer(&error);
	worker = worker_properties_read(count > 0 ? arguments[0] : NULL, &error);
	if (worker != NULL)
		connector = connector_file_read(path, &error);
	if (worker != NULL && count > 1)
		appendPQExpBufferStr(&error, "only one connector is handed over at a time; try \"debezium_bridge --help\"");
	if (error.len > 0)
		pg_log_error("%s", error.data);
	else
		ok = handover_run(direction, worker, connector);
	termPQExpBuffer(&error);
	properties_free(connector);
	properties_free(worker);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"adopt", required_argument, NULL, OPTION_ADOPT},
		{"release", required_argument, NULL, OPTION_RELEASE},
		{"verbose", no_argument, NULL, 'v'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, '?'},
		{NULL, 0, NULL, 0}
	};
	Bridge		bridge = {0};
	const char *connector_path = NULL;
	Handover	direction = HANDOVER_ADOPT;
	PQExpBufferData error;
	int			option;
	bool		ok;

	log_init(argv[0], NULL);
	opterr = 0;
	while ((option = getopt_long(argc, argv, "vV?", long_options, NULL)) != -1)
	{
		switch (option)
		{
			case OPTION_ADOPT:
			case OPTION_RELEASE:
				connector_path = optarg;
				direction = option == OPTION_ADOPT ? HANDOVER_ADOPT : HANDOVER_RELEASE;
				break;
			case 'v':
				log_set_level(PG_LOG_DEBUG);
				bridge.verbose = true;
				break;
			case 'V':
				puts("debezium_bridge " BRIDGE_VERSION);
				return EXIT_SUCCESS;
			default:
				if (strcmp(argv[optind - 1], "--help") == 0 ||
					strcmp(argv[optind - 1], "-?") == 0)
				{
					print_help();
					return EXIT_SUCCESS;
				}
				pg_log_error("unknown option \"%s\"; try \"debezium_bridge --help\"",
							 argv[optind - 1]);
				return EXIT_FAILURE;
		}
	}
	signals_init();
	initPQExpBuffer(&error);
	if (!worker_program_open("debezium_bridge_worker", BRIDGE_VERSION, &error))
	{
		pg_log_error("%s", error.data);
		return EXIT_FAILURE;
	}
	termPQExpBuffer(&error);
	if (connector_path != NULL)
		return hand_over(direction, connector_path, argc - optind, argv + optind);
	ok = bridge_start(&bridge, argc - optind, argv + optind);
	if (ok)
	{
		supervise(&bridge);
		pg_log_info("stopped");
	}
	errands_free(bridge.rest.errands);
	rest_free(&bridge.rest);
	storage_close(bridge.rest.storage);
	http_stop(bridge.server);
	http_security_free(&bridge.security);
	config_records_free(bridge.records);
	connectors_free(&bridge.connectors);
	properties_free(bridge.worker);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
