/* SPDX-License-Identifier: GPL-2.0-only */
/* What is shown at once, and the formats in which. */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdio.h>

#include "model/host.h"
#include "model/sample.h"

/* One table, or what corresponds to it in another format. */
struct group {
	struct sample sample;	/* since the VM began, or what changed; sorted */
	uint64_t own;		/* exits by exitstat's reads */
	bool since_start;	/* own is in the sample, else taken out of it */
	enum history history;	/* if since_start; IMPOSSIBLE has a time_ns of 0 */
	bool is_run;		/* of a command that is run several times */
	bool with_clock;	/* people want to read the time of day, too */
	bool tail;		/* with what single exits cost */
	uint64_t number;	/* from 0 */
	const struct sample *idle;	/* of --baseline, or NULL */
};

/* Both return 0, or -1 after a line on stderr. */
struct format {
	int (*group)(FILE *out, const struct source *source,
		     const struct group *group);
	int (*host)(FILE *out, const struct host *host);
};

extern const struct format table_format;
extern const struct format line_format;
extern const struct format json_format;
extern const struct format csv_format;
extern const struct format openmetrics_format;

#endif /* FORMAT_H */
