/* SPDX-License-Identifier: GPL-2.0-only */
/* What is shown at once of one source, and how people see it. */
#ifndef TABLE_H
#define TABLE_H

#include "model/sample.h"

/* One table, or what corresponds to it in another format. */
struct group {
	struct sample sample;	/* since the VM began, or what changed; sorted */
	uint64_t own;		/* exits by exitstat's reads */
	bool since_start;	/* own is in the sample, else taken out of it */
	uint64_t number;	/* from 0 */
	const struct sample *idle;	/* of --baseline, or NULL */
};

/* What table_format shows of a group, and that without its title. */
int table_show(FILE *out, const struct source *source,
	       const struct group *group);
void table_show_rows(FILE *out, const struct source *source,
		     const struct group *group);

/* Where the time went, in percent: "guest 61 kernel 2.3 ...", for a line. */
#define ACCOUNTS_SIZE	160
const char *accounts_text(char text[ACCOUNTS_SIZE], const struct sample *sample);

/* How often @reason occurred while idle; there is a baseline. */
double idle_per_second(const struct group *group, uint32_t reason);

#endif /* TABLE_H */
