/*-------------------------------------------------------------------------
 *
 * test_providers.c
 *	  Configuration providers: references, and what they may look at.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <sys/stat.h>
#include <unistd.h>

#include "providers.h"
#include "tap.h"

#define PACKAGE "org.apache.kafka.common.config.provider."

static char directory[] = "/tmp/test_providers.XXXXXX";

static Properties *
make_worker(void)
{
	Properties *worker = properties_new();

	properties_set(worker, "config.providers", "file, env,dir");
	properties_set(worker, "config.providers.file.class", PACKAGE "FileConfigProvider");
	properties_set(worker, "config.providers.env.class", PACKAGE "EnvVarConfigProvider");
	properties_set(worker, "config.providers.dir.class", PACKAGE "DirectoryConfigProvider");
	return worker;
}

static void
write_file(const char *name, const char *text)
{
	char	   *path = psprintf("%s/%s", directory, name);
	FILE	   *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	pg_free(path);
}

/* "@" in the value stands for the directory; NULL: must fail, saying "word". */
static void
check(const Properties *worker, const char *value, const char *expected,
	  const char *word)
{
	PQExpBufferData text;
	PQExpBufferData error;
	Properties *values = properties_new();
	bool		ok;

	initPQExpBuffer(&text);
	initPQExpBuffer(&error);
	for (const char *p = value; *p != '\0'; p++)
	{
		if (*p == '@')
			appendPQExpBufferStr(&text, directory);
		else
			appendPQExpBufferChar(&text, *p);
	}
	properties_set(values, "a.b", text.data);
	ok = providers_resolve(worker, values, &error);
	if (expected != NULL)
		tap_text(properties_get(values, "a.b"),
				 strcmp(expected, "same") == 0 ? text.data : expected, value);
	else if (!tap_ok(!ok && strstr(error.data, word) != NULL &&
					 strstr(error.data, "a.b") != NULL, value))
		printf("# %s\n", error.data);
	properties_free(values);
	termPQExpBuffer(&text);
	termPQExpBuffer(&error);
}

static void
test_references(void)
{
	Properties *worker = make_worker();
	Properties *none = properties_new();
	char	   *hidden;

	check(worker, "${file:@/f.properties:user}", "postgres", NULL);
	check(worker, "a${file:@/f.properties:user}b${env:TEST_PROVIDERS}c",
		  "apostgresbs3cretc", NULL);
	check(worker, "${dir:@:password}", "hunter2", NULL);
	check(worker, "no reference", "same", NULL);
	check(worker, "${vault:x:y}", "same", NULL);
	check(worker, "${file", "same", NULL);
	check(worker, "${}", "same", NULL);
	check(worker, "${file:@/f.properties:none}", NULL, "no key \"none\"");
	check(worker, "${file:@/none:user}", NULL, "No such file");
	check(worker, "${dir:@:../x}", NULL, "no name of a file");
	check(worker, "${env:TEST_PROVIDERS_NONE}", NULL, "TEST_PROVIDERS_NONE");
	check(none, "${env:TEST_PROVIDERS}", "same", NULL);

	hidden = providers_hide("user postgres, password hunter2, s3cret");
	tap_ok(strstr(hidden, "hunter2") == NULL && strstr(hidden, "s3cret") == NULL &&
		   strstr(hidden, "${env:TEST_PROVIDERS}") != NULL,
		   "values that were looked up are hidden");
	pg_free(hidden);
	properties_free(worker);
	properties_free(none);
}

static void
test_limits(void)
{
	Properties *worker = make_worker();
	char	   *inside = psprintf("%s/inside", directory);
	char	   *link = psprintf("%s/inside/link", directory);
	char	   *target = psprintf("%s/f.properties", directory);

	mkdir(inside, 0700);
	write_file("inside/g.properties", "k=value\n");
	tap_ok(symlink(target, link) == 0, "a link to outside");
	properties_set(worker, "config.providers.file.param.allowed.paths", inside);
	properties_set(worker, "config.providers.env.param.allowlist.pattern", "PG.*|HOME");
	check(worker, "${file:@/inside/g.properties:k}", "value", NULL);
	check(worker, "${file:@/f.properties:user}", NULL, "allowed.paths");
	check(worker, "${file:@/inside/../f.properties:user}", NULL, "allowed.paths");
	check(worker, "${file:@/inside/link:user}", NULL, "allowed.paths");
	check(worker, "${env:TEST_PROVIDERS}", NULL, "allowlist.pattern");
	unlink(link);
	pg_free(inside);
	pg_free(link);
	pg_free(target);
	properties_free(worker);
}

static void
test_classes(void)
{
	Properties *worker = make_worker();
	PQExpBufferData error;

	initPQExpBuffer(&error);
	tap_ok(providers_check(worker, &error), "the three classes are taken");
	properties_set(worker, "config.providers", "file,vault");
	properties_set(worker, "config.providers.vault.class", "com.example.Vault");
	tap_ok(!providers_check(worker, &error) &&
		   strstr(error.data, "config.providers.vault.class") != NULL,
		   "another is refused by name");
	termPQExpBuffer(&error);
	properties_free(worker);
}

int
main(void)
{
	char	   *command;

	if (mkdtemp(directory) == NULL)
		return 1;
	setenv("TEST_PROVIDERS", "s3cret", 1);
	write_file("f.properties", "user=postgres\n");
	write_file("password", "hunter2");
	test_references();
	test_limits();
	test_classes();
	command = psprintf("rm -r '%s'", directory);
	tap_ok(system(command) == 0, "clean-up");
	pg_free(command);
	return tap_done();
}
