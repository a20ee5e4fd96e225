/* SPDX-License-Identifier: GPL-2.0-only */
/* What was saved, to be compared: a recording, or tables in JSON. */
#ifndef SAVED_H
#define SAVED_H

#include "model/series.h"

struct saved {
	const char *path;
	uint32_t isa, tsc_khz;
	struct origin origin;
	bool has_runs;		/* steps are runs of a command, not intervals */
	bool has_start;		/* the only step is what was since the start */
	size_t nr_parts;
	struct series *parts;	/* all, then each phase */
};

/* 0, or -1 after a line on stderr.  "-" is standard input. */
int saved_load(struct saved *saved, const char *path);

/* Of what is open already, and is closed then. */
int saved_load_stream(struct saved *saved, FILE *in, const char *name);

/* Have cycles of @khz in place of its own, where both are known. */
void saved_set_khz(struct saved *saved, uint32_t khz);
void saved_free(struct saved *saved);

/* The part of that name, or NULL. */
const struct series *saved_find(const struct saved *saved, const char *name);

/* Of saved_load(): tables from @in, whose first byte was seen to be '{'. */
int saved_read_tables(struct saved *saved, FILE *in);

/* Add a part.  NULL after a line on stderr. */
struct series *saved_add_part(struct saved *saved, const char *name);

#endif /* SAVED_H */
