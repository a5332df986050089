/*-------------------------------------------------------------------------
 *
 * test_kerberos.c
 *	  Unit test of common/kerberos.c: who may have Kerberos keeps it.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "kerberos.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static char root[] = "/tmp/test_kerberos.XXXXXX";

/* Is it possible with this file, and not any more when it is gone? */
static bool
found_by_file(const char *name)
{
	char	   *path = psprintf("%s%s", root, name);
	int			fd = open(path, O_CREAT | O_WRONLY, 0600);
	bool		with = kerberos_possible(root);

	close(fd);
	unlink(path);
	pg_free(path);
	return with && !kerberos_possible(root);
}

static void
directory(const char *name, bool make)
{
	char	   *path = psprintf("%s%s", root, name);

	if ((make ? mkdir(path, 0700) : rmdir(path)) != 0)
		exit(1);
	pg_free(path);
}

int
main(void)
{
	static const char *const variables[] = {
		"KRB5_CONFIG", "KRB5CCNAME", "KRB5_KTNAME", "KRB5_CLIENT_KTNAME",
		"GSS_USE_PROXY"
	};
	char	   *tickets = psprintf("/tmp/krb5cc_%u", (unsigned) geteuid());

	if (mkdtemp(root) == NULL)
		return 1;
	directory("/etc", true);
	directory("/tmp", true);
	for (size_t i = 0; i < lengthof(variables); i++)
		unsetenv(variables[i]);
	tap_ok(!kerberos_possible(root), "nothing is there");
	tap_ok(found_by_file("/etc/krb5.conf"), "a configuration");
	tap_ok(found_by_file(tickets), "a file of tickets");
	for (size_t i = 0; i < lengthof(variables); i++)
	{
		setenv(variables[i], "x", 1);
		tap_ok(kerberos_possible(root), variables[i]);
		unsetenv(variables[i]);
	}
	directory("/etc", false);
	directory("/tmp", false);
	rmdir(root);

	setenv("PGGSSENCMODE", "prefer", 1);
	kerberos_spare();
	tap_text(getenv("PGGSSENCMODE"), "prefer", "what a user has set stays");
	unsetenv("PGGSSENCMODE");
	setenv("KRB5CCNAME", "x", 1);
	kerberos_spare();
	tap_ok(getenv("PGGSSENCMODE") == NULL, "with Kerberos nothing is set");
	return tap_done();
}
