/*-------------------------------------------------------------------------
 *
 * storage.c
 *	  Where the supervisor keeps its connectors, so that they outlive it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "storage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "loop.h"

/* A store process that ended is started again. */
#define RESTART_MS		5000
#define TICK_MS			1000

#define FILE_SUFFIX		".json"

typedef struct Request
{
	struct Request *next;
	uint64		number;
	int64		deadline;		/* clock_ms() */
	StorageDone done;
	void	   *arg;
} Request;

struct Storage
{
	StorageReader reader;
	const Properties *worker;
	const char *directory;		/* NULL: not in a directory */
	bool		loaded;
	char	   *cluster;
	char	   *refusal;		/* NULL: none */
	char	   *waiting;		/* what reading waits for; NULL: nothing */

	/* in a topic */
	bool		topic;
	WorkerProcess process;
	int64		start_at;		/* clock_ms(); -1: it runs */
	uint64		last_number;
	Request    *requests;		/* oldest first */
};

static void
report_done(StorageDone done, const char *error, void *arg)
{
	if (done != NULL)
		done(error, arg);
}

/* ------------------------------------------------------- in a directory */

/* A file's name: what is neither letter, digit nor one of ._- is %XX. */
static char *
file_path(const Storage *storage, const char *key)
{
	PQExpBufferData path;
	char	   *result;

	initPQExpBuffer(&path);
	appendPQExpBuffer(&path, "%s/", storage->directory);
	for (const unsigned char *p = (const unsigned char *) key; *p != '\0'; p++)
	{
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') || *p == '_' || *p == '-' || *p == '.')
			appendPQExpBufferChar(&path, (char) *p);
		else
			appendPQExpBuffer(&path, "%%%02X", *p);
	}
	appendPQExpBufferStr(&path, FILE_SUFFIX);
	result = pg_strdup(path.data);
	termPQExpBuffer(&path);
	return result;
}

/* The key of a file's name, to be freed; NULL when it is not one of ours. */
static char *
file_key(const char *name)
{
	size_t		length = strlen(name);
	char	   *key;
	char	   *to;

	if (length <= strlen(FILE_SUFFIX) ||
		strcmp(name + length - strlen(FILE_SUFFIX), FILE_SUFFIX) != 0)
		return NULL;
	length -= strlen(FILE_SUFFIX);
	to = key = pg_malloc(length + 1);
	for (size_t i = 0; i < length; i++)
	{
		unsigned	code;

		if (name[i] == '%' && sscanf(name + i + 1, "%2X", &code) == 1)
		{
			*to++ = (char) code;
			i += 2;
		}
		else
			*to++ = name[i];
	}
	*to = '\0';
	return key;
}

static bool
sync_directory(const Storage *storage)
{
	int			fd = open(storage->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool		ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Writes a file and puts it in place of the old one. */
static bool
write_file(const char *path, const char *text)
{
	char	   *new_path = psprintf("%s.new", path);
	size_t		length = strlen(text);
	size_t		done = 0;
	int			fd;
	bool		ok;

	/* configurations hold passwords */
	fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ok = fd >= 0;
	while (ok && done < length)
	{
		ssize_t		written = write(fd, text + done, length - done);

		if (written > 0)
			done += written;
		else if (written < 0 && errno != EINTR)
			ok = false;
	}
	ok = ok && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		ok = false;
	ok = ok && rename(new_path, path) == 0;
	pg_free(new_path);
	return ok;
}

static void
put_file(Storage *storage, const char *key, const cJSON *value,
		 StorageDone done, void *arg)
{
	char	   *path = file_path(storage, key);
	char	   *text = value != NULL ? cJSON_Print(value) : NULL;
	char	   *error = NULL;
	bool		ok;

	if (value != NULL)
		ok = write_file(path, text);
	else
		ok = unlink(path) == 0 || errno == ENOENT;
	if (!ok || !sync_directory(storage))
		error = psprintf("could not write file \"%s\": %s", path, strerror(errno));
	else
		storage->reader.record(key, value, false, storage->reader.arg);
	report_done(done, error, arg);
	cJSON_free(text);
	pg_free(error);
	pg_free(path);
}

static bool
take_file(Storage *storage, const char *name, PQExpBuffer error)
{
	char	   *key = file_key(name);
	char	   *path = psprintf("%s/%s", storage->directory, name);
	PQExpBufferData text;
	cJSON	   *value = NULL;
	bool		ok;

	initPQExpBuffer(&text);
	ok = key == NULL || file_read(path, &text, error);
	if (ok && key != NULL)
	{
		value = cJSON_Parse(text.data);
		ok = value != NULL;
		if (ok)
			storage->reader.record(key, value, true, storage->reader.arg);
		else
			appendPQExpBuffer(error, "could not read file \"%s\": it is not JSON",
							  path);
	}
	cJSON_Delete(value);
	termPQExpBuffer(&text);
	pg_free(path);
	pg_free(key);
	return ok;
}

/*
 * A connector's state may be read before the connector itself, which makes no
 * difference: both are kept until all is read.
 */
static bool
read_directory(Storage *storage, PQExpBuffer error)
{
	DIR		   *directory;
	struct dirent *entry;
	bool		ok = true;

	if (mkdir(storage->directory, 0700) != 0 && errno != EEXIST)
	{
		appendPQExpBuffer(error, "could not create directory \"%s\": %s",
						  storage->directory, strerror(errno));
		return false;
	}
	directory = opendir(storage->directory);
	if (directory == NULL)
	{
		appendPQExpBuffer(error, "could not open directory \"%s\": %s",
						  storage->directory, strerror(errno));
		return false;
	}
	while (ok && (entry = readdir(directory)) != NULL)
		ok = take_file(storage, entry->d_name, error);
	closedir(directory);
	if (ok)
	{
		storage->loaded = true;
		storage->reader.loaded(storage->reader.arg);
	}
	return ok;
}

/* ----------------------------------------------------------- in a topic */

static void
start_process(Storage *storage)
{
	cJSON	   *object = cJSON_CreateObject();
	char	   *line;

	cJSON_AddItemToObject(object, "worker", properties_to_json(storage->worker));
	cJSON_AddBoolToObject(object, "configurations", storage->topic);
	line = cJSON_PrintUnformatted(object);
	storage->start_at = worker_start(&storage->process, "--store", "store", line) ?
		-1 : clock_ms() + RESTART_MS;
	cJSON_free(line);
	cJSON_Delete(object);
}

static void
finish_request(Request **link, const char *error)
{
	Request    *request = *link;

	*link = request->next;
	report_done(request->done, error, request->arg);
	pg_free(request);
}

static void
take_done(Storage *storage, const cJSON *number, const char *error)
{
	Request   **link = &storage->requests;

	while (*link != NULL && (*link)->number != (uint64) number->valuedouble)
		link = &(*link)->next;
	/* it may have timed out meanwhile */
	if (*link != NULL)
		finish_request(link, error);
}

/* The text that is a report's only member; null: none. */
static void
replace_text(char **text, const cJSON *report)
{
	const char *value = cJSON_GetStringValue(report->child);

	pg_free(*text);
	*text = value != NULL ? pg_strdup(value) : NULL;
}

/* One line of the store process, see report.h. */
static void
take_report(Storage *storage, const char *line)
{
	cJSON	   *object = cJSON_Parse(line);
	const char *cluster =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "cluster"));
	const cJSON *done = cJSON_GetObjectItemCaseSensitive(object, "done");
	const char *key =
	cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "key"));
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "value");

	if (cluster != NULL)
	{
		pg_free(storage->cluster);
		storage->cluster = pg_strdup(cluster);
	}
	else if (key != NULL)
		storage->reader.record(key, cJSON_IsObject(value) ? value : NULL,
							   cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "history")),
							   storage->reader.arg);
	else if (cJSON_HasObjectItem(object, "refused"))
		replace_text(&storage->refusal, object);
	else if (cJSON_HasObjectItem(object, "waiting"))
		replace_text(&storage->waiting, object);
	else if (cJSON_HasObjectItem(object, "loaded"))
	{
		storage->loaded = true;
		storage->reader.loaded(storage->reader.arg);
	}
	else if (cJSON_IsNumber(done))
		take_done(storage, done,
				  cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "error")));
	cJSON_Delete(object);
}

static void
send_put(Storage *storage, uint64 number, const char *key, const cJSON *value)
{
	cJSON	   *object = cJSON_CreateObject();
	char	   *line;

	cJSON_AddNumberToObject(object, "number", (double) number);
	cJSON_AddStringToObject(object, "key", key);
	if (value != NULL)
		cJSON_AddItemToObject(object, "value", cJSON_Duplicate(value, true));
	else
		cJSON_AddNullToObject(object, "value");
	line = cJSON_PrintUnformatted(object);
	(void) worker_command(&storage->process, line);
	cJSON_free(line);
	cJSON_Delete(object);
}

/* ------------------------------------------------------------- all kinds */

Storage *
storage_open(const Properties *worker, bool standalone,
			 const StorageReader *reader, PQExpBuffer error)
{
	Storage    *storage = pg_malloc0(sizeof(Storage));
	const char *directory = properties_get(worker, "config.storage.directory");

	storage->reader = *reader;
	storage->worker = worker;
	worker_init(&storage->process);
	if (directory != NULL && *directory != '\0')
		storage->directory = directory;
	else
		storage->topic = !standalone;
	if (storage->directory != NULL && !read_directory(storage, error))
	{
		storage_close(storage);
		return NULL;
	}
	if (standalone && storage->directory == NULL)
		storage->loaded = true;
	return storage;
}

void
storage_close(Storage *storage)
{
	if (storage == NULL)
		return;
	while (storage->requests != NULL)
		finish_request(&storage->requests, "the bridge is stopping");
	worker_signal(&storage->process, SIGTERM);
	termPQExpBuffer(&storage->process.reports);
	pg_free(storage->cluster);
	pg_free(storage->refusal);
	pg_free(storage->waiting);
	pg_free(storage);
}

void
storage_put(Storage *storage, const char *key, const cJSON *value,
			StorageDone done, void *arg)
{
	Request    *request;
	Request   **end = &storage->requests;

	if (storage->directory != NULL)
	{
		put_file(storage, key, value, done, arg);
		return;
	}
	if (!storage->topic)
	{
		storage->reader.record(key, value, false, storage->reader.arg);
		report_done(done, NULL, arg);
		return;
	}
	request = pg_malloc0(sizeof(Request));
	request->number = ++storage->last_number;
	request->deadline = clock_ms() + STORAGE_TIMEOUT_S * INT64CONST(1000);
	request->done = done;
	request->arg = arg;
	while (*end != NULL)
		end = &(*end)->next;
	*end = request;
	send_put(storage, request->number, key, value);
}

bool
storage_is_loaded(const Storage *storage)
{
	return storage->loaded;
}

const char *
storage_refusal(const Storage *storage)
{
	return storage->refusal;
}

const char *
storage_waiting(const Storage *storage)
{
	return storage->refusal != NULL ? storage->refusal : storage->waiting;
}

const char *
storage_cluster(const Storage *storage)
{
	return storage->cluster;
}

int
storage_fd(const Storage *storage)
{
	return storage->process.report_fd;
}

int
storage_tick(Storage *storage)
{
	int64		now;
	char	   *line;
	int			status;

	while ((line = worker_report(&storage->process)) != NULL)
	{
		take_report(storage, line);
		pg_free(line);
	}
	now = clock_ms();
	if (worker_reap(&storage->process, &status))
	{
		/* without configurations to read it ends when it has done all */
		storage->start_at = status == 0 && !storage->topic ? -1 : now + RESTART_MS;
		while (storage->requests != NULL)
			finish_request(&storage->requests,
						   "the process that writes to Kafka has ended: whether the change was kept is to be asked for");
	}
	if (storage->start_at >= 0 && now >= storage->start_at)
		start_process(storage);
	while (storage->requests != NULL && storage->requests->deadline <= now)
		finish_request(&storage->requests,
					   "Request timed out. The record for config.storage.topic is not acknowledged by Kafka yet; it may still take effect.");
	return TICK_MS;
}
