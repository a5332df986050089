/*-------------------------------------------------------------------------
 *
 * memory.c
 *	  Gives back memory that only starting up, or a burst of work, has needed.
 *
 * NOTES
 *	  Beside the heap's free pages that is what the dynamic loader has read:
 *	  symbols and relocations, which are three of the fourteen megabytes of a
 *	  worker with its thirty libraries.  They are pages of files, so the
 *	  kernel reads again what is asked for later, as for the first call of a
 *	  function.
 *
 * Copyright (c) 2026, decoder_debezium contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define TIDY_FIRST_S	1
#define TIDY_LONGEST_S	60

/* Has the loader written into what is read-only otherwise? */
static bool
has_text_relocations(const struct dl_phdr_info *object)
{
	for (int i = 0; i < object->dlpi_phnum; i++)
	{
		const		ElfW(Phdr) * header = &object->dlpi_phdr[i];
		const		ElfW(Dyn) * entry;

		if (header->p_type != PT_DYNAMIC)
			continue;
		entry = (const ElfW(Dyn) *) (object->dlpi_addr + header->p_vaddr);
		for (; entry->d_tag != DT_NULL; entry++)
			if (entry->d_tag == DT_TEXTREL ||
				(entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL)))
				return true;
	}
	return false;
}

/*
 * A program or library whose file begins with a segment that is neither
 * written nor executed has there what the loader reads, and nothing else.
 */
static int
give_back_object(struct dl_phdr_info *object, size_t size, void *arg)
{
	uintptr_t	page = *(const uintptr_t *) arg;

	(void) size;
	for (int i = 0; i < object->dlpi_phnum; i++)
	{
		const		ElfW(Phdr) * header = &object->dlpi_phdr[i];
		uintptr_t	start = object->dlpi_addr + header->p_vaddr;
		uintptr_t	end = start + header->p_filesz;

		if (header->p_type != PT_LOAD || header->p_offset != 0 ||
			header->p_flags != PF_R)
			continue;
		/* whole pages only: the last one may hold what follows */
		start = (start + page - 1) / page * page;
		end = end / page * page;
		if (start < end && !has_text_relocations(object))
			(void) madvise((void *) start, end - start, MADV_DONTNEED);
		/* the headers are among these pages: a look at more reads them again */
		break;
	}
	return 0;
}

void
memory_give_back(void)
{
	uintptr_t	page = (uintptr_t) sysconf(_SC_PAGESIZE);

	(void) malloc_trim(0);
	(void) dl_iterate_phdr(give_back_object, &page);
}

void
memory_tidy(void)
{
	static time_t next = 0;
	static time_t pause = TIDY_FIRST_S;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (next == 0)
		next = now.tv_sec + pause;
	if (now.tv_sec < next)
		return;
	memory_give_back();
	pause = Min(pause * 2, TIDY_LONGEST_S);
	next = now.tv_sec + pause;
}
