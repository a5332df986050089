/*-------------------------------------------------------------------------
 *
 * identity.c
 *	  Replica identities that replica.identity.autoset.values asks for.
 *
 * NOTES
 *	  The property is a list of TABLE:IDENTITY, TABLE being a regular
 *	  expression on schema.table.  The first entry that fits a captured table
 *	  counts.  Which tables fit is asked of the plugin's own function, so the
 *	  expressions are those of table.include.list.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "identity.h"

#include <ctype.h>
#include <string.h>

#include "log.h"
#include "session.h"

#define PROPERTY "replica.identity.autoset.values"

/* One entry of the property; its form was checked with the configuration. */
typedef struct Identity
{
	const char *pattern;		/* of tables */
	char		kind;			/* as in pg_class.relreplident */
	char	   *index;			/* NULL unless kind is 'i' */
} Identity;

bool
identity_wanted(const ConnectorConfig *config)
{
	const char *value = properties_get(config->connector, PROPERTY);

	return value != NULL && *value != '\0';
}

/* Takes an entry apart, in place. */
static void
identity_parse(Identity *identity, char *entry)
{
	char	   *word;

	entry += strspn(entry, " \t");
	identity->pattern = entry;
	word = strchr(entry, ':');
	*word++ = '\0';
	word[strcspn(word, "\t")] = '\0';
	identity->index = NULL;
	switch (toupper((unsigned char) *word))
	{
		case 'D':
			identity->kind = 'd';
			break;
		case 'F':
			identity->kind = 'f';
			break;
		case 'N':
			identity->kind = 'n';
			break;
		default:
			identity->kind = 'i';
			identity->index = strchr(word, ' ') + 1;
			identity->index[strcspn(identity->index, " ")] = '\0';
			/* Debezium gives it without quotes, so the server folds it */
			for (char *p = identity->index; *p != '\0'; p++)
				*p = pg_tolower((unsigned char) *p);
			break;
	}
}

/*
 * The captured tables that an entry means and that no earlier one did: quoted
 * name, OID, identity, index of the identity.
 */
static PGresult *
find_tables(PGconn *session, const ConnectorConfig *config,
			const char *extension_schema, const Identity *identity,
			const char *done, Failure *failure)
{
	PQExpBufferData captured;
	PQExpBufferData meant;
	PQExpBufferData sql;
	PGresult   *result;

	initPQExpBuffer(&captured);
	connector_config_for_plugin(config, &captured);
	initPQExpBuffer(&meant);
	properties_write(&meant, "table.include.list", identity->pattern);
	initPQExpBuffer(&sql);
	appendPQExpBuffer(&sql,
					  "SELECT pg_catalog.quote_ident(t.schema_name) || '.' || pg_catalog.quote_ident(t.table_name), c.oid, c.relreplident, i.relname "
					  "FROM %s.debezium_tables(", extension_schema);
	append_literal(&sql, session, captured.data);
	appendPQExpBuffer(&sql, ") t JOIN %s.debezium_tables(", extension_schema);
	append_literal(&sql, session, meant.data);
	appendPQExpBuffer(&sql,
					  ") m ON m.relid = t.relid JOIN pg_catalog.pg_class c ON c.oid = t.relid "
					  "LEFT JOIN pg_catalog.pg_index x ON x.indrelid = c.oid AND x.indisreplident "
					  "LEFT JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid "
					  "WHERE c.oid NOT IN (0%s)", done);
	result = session_query(session, config, sql.data, PGRES_TUPLES_OK,
						   "could not look up replica identities", NULL, NULL,
						   failure);
	termPQExpBuffer(&captured);
	termPQExpBuffer(&meant);
	termPQExpBuffer(&sql);
	return result;
}

static bool
identity_set(PGconn *session, const ConnectorConfig *config, const char *table,
			 const Identity *identity, Failure *failure)
{
	PQExpBufferData sql;
	Failure		refused;
	bool		ok = true;

	initPQExpBuffer(&sql);
	appendPQExpBuffer(&sql, "ALTER TABLE %s REPLICA IDENTITY ", table);
	if (identity->kind == 'i')
	{
		appendPQExpBufferStr(&sql, "USING INDEX ");
		append_identifier(&sql, session, identity->index);
	}
	else
		appendPQExpBufferStr(&sql, identity->kind == 'd' ? "DEFAULT" :
							 identity->kind == 'f' ? "FULL" : "NOTHING");
	failure_init(&refused);
	if (session_command(session, config, sql.data,
						"could not set a replica identity", &refused))
		pg_log_info("as " PROPERTY " says: %s", sql.data);
	else if (refused.kind == FAILURE_STOP)
	{
		char	   *line = failure_line(&refused);

		pg_log_warning("%s (%s)", line, sql.data);
		pg_free(line);
	}
	else
		ok = failure_set(failure, refused.kind, "%s", refused.text.data);
	failure_free(&refused);
	termPQExpBuffer(&sql);
	return ok;
}

bool
identity_prepare(PGconn *session, const ConnectorConfig *config,
				 const char *extension_schema, Failure *failure)
{
	char	   *list = pg_strdup(properties_get(config->connector, PROPERTY));
	char	   *save = NULL;
	PQExpBufferData done;		/* ", OID" of each table that was met */
	bool		ok = true;

	initPQExpBuffer(&done);
	for (char *entry = strtok_r(list, ",", &save); ok && entry != NULL;
		 entry = strtok_r(NULL, ",", &save))
	{
		Identity	identity;
		PGresult   *tables;

		identity_parse(&identity, entry);
		tables = find_tables(session, config, extension_schema, &identity,
							 done.data, failure);
		ok = tables != NULL;
		for (int i = 0; ok && i < PQntuples(tables); i++)
		{
			appendPQExpBuffer(&done, ", %s", PQgetvalue(tables, i, 1));
			if (*PQgetvalue(tables, i, 2) == identity.kind &&
				(identity.index == NULL ||
				 strcmp(PQgetvalue(tables, i, 3), identity.index) == 0))
				continue;
			ok = identity_set(session, config, PQgetvalue(tables, i, 0),
							  &identity, failure);
		}
		PQclear(tables);
	}
	termPQExpBuffer(&done);
	pg_free(list);
	return ok;
}
