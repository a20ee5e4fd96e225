/* SPDX-License-Identifier: GPL-2.0-only */
/* What is shown at once of one source, and how people see it. */
#ifndef TABLE_H
#define TABLE_H

#include "output/format.h"

/* What table_format shows of a group, and that without its title. */
int table_show(FILE *out, const struct source *source,
	       const struct group *group);
void table_show_rows(FILE *out, const struct source *source,
		     const struct group *group);

/* Where the time went, in percent: "guest 61 kernel 2.3 ...", for a line. */
#define ACCOUNTS_SIZE	160
const char *accounts_text(char text[ACCOUNTS_SIZE], const struct sample *sample);

#endif /* TABLE_H */
