/*-------------------------------------------------------------------------
 *
 * kerberos.c
 *	  Spares connections to PostgreSQL Kerberos, where there is none.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "kerberos.h"

#include <unistd.h>

bool
kerberos_possible(const char *root)
{
	static const char *const variables[] = {
		"KRB5_CONFIG", "KRB5CCNAME", "KRB5_KTNAME", "KRB5_CLIENT_KTNAME",
		"GSS_USE_PROXY"
	};

	/* where distributions and the library itself have their configuration */
	static const char *const files[] = {
		"/etc/krb5.conf", "/etc/krb5.conf.d", "/etc/krb5",
		"/etc/krb5.keytab", "/usr/local/etc/krb5.conf"
	};
	char	   *path;
	bool		possible;

	for (size_t i = 0; i < lengthof(variables); i++)
		if (getenv(variables[i]) != NULL)
			return true;
	for (size_t i = 0; i < lengthof(files); i++)
	{
		path = psprintf("%s%s", root, files[i]);
		possible = access(path, F_OK) == 0;
		pg_free(path);
		if (possible)
			return true;
	}
	/* the default place of tickets */
	path = psprintf("%s/tmp/krb5cc_%u", root, (unsigned) geteuid());
	possible = access(path, F_OK) == 0;
	pg_free(path);
	return possible;
}

void
kerberos_spare(void)
{
	if (!kerberos_possible(""))
		(void) setenv("PGGSSENCMODE", "disable", 0);
}
