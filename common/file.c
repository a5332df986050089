/*-------------------------------------------------------------------------
 *
 * file.c
 *	  Reading a whole file.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "file.h"

#include <errno.h>
#include <string.h>

bool
file_read(const char *path, PQExpBuffer text, PQExpBuffer error)
{
	FILE	   *file = fopen(path, "r");
	char		block[8192];
	size_t		length;
	bool		ok;

	if (file == NULL)
	{
		appendPQExpBuffer(error, "could not open file \"%s\": %s", path,
						  strerror(errno));
		return false;
	}
	while ((length = fread(block, 1, sizeof(block), file)) > 0)
		appendBinaryPQExpBuffer(text, block, length);
	ok = !ferror(file);
	if (!ok)
		appendPQExpBuffer(error, "could not read file \"%s\": %s", path,
						  strerror(errno));
	fclose(file);
	return ok;
}
