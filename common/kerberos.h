/*-------------------------------------------------------------------------
 *
 * kerberos.h
 *	  Spares connections to PostgreSQL Kerberos, where there is none.
 *
 * NOTES
 *	  With gssencmode=prefer, which is the default, libpq starts the Kerberos
 *	  library to ask for a ticket: half a megabyte in each process, and some
 *	  milliseconds.  Where nothing is there by which a ticket could be found,
 *	  the default is made "disable", in the environment, so that what a user
 *	  has set counts: PGGSSENCMODE, a service file, a connection's own.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERBEROS_H
#define KERBEROS_H

/* To be called before the first connection. */
extern void kerberos_spare(void);

/*
 * Could there be a ticket: is Kerberos configured, by a file or the
 * environment, or is there a file of tickets?  "root" stands before the
 * files' names; "" but in tests.
 */
extern bool kerberos_possible(const char *root);

#endif							/* KERBEROS_H */
