/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line asked for, and who does it. */
#ifndef EXITSTAT_H
#define EXITSTAT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "model/delta.h"
#include "output/format.h"

enum mode {
	MODE_TABLE,		/* also intervals */
	MODE_COMMAND,
	MODE_HOST,
	MODE_TOP,
	MODE_RECORD,
	MODE_REPORT,
	MODE_DIFF,
	MODE_MARK,
	MODE_EXPORT,
	MODE_REASONS,
};

struct env {
	enum mode mode;
	const struct format *format;
	enum sort_key sort;
	bool skip_first;		/* -y */
	double interval;		/* seconds, 0: none */
	uint64_t count;			/* of groups, 0: no end */
	uint64_t repeat;		/* COMMAND so often, 0: once, without a mean */
	double threshold;		/* percent */
	bool with_clock;		/* -t */
	bool tail;
	double baseline;		/* seconds, 0: none */
	const char *reasons;		/* of -r or --reasons; NULL if that says all of them: */
	bool all_reasons;
	bool no_reasons;		/* export is to have VMs only */
	bool per_vcpu;
	bool once;			/* export is not to listen */
	const char *listen;		/* ADDRESS:PORT of export, or NULL */
	double keep;			/* VMs that ended, for so many seconds */
	uint64_t max_series;
	bool host;			/* top is to show all VMs */
	const char *vm;			/* name, PID, or PID-FD as in debugfs */
	int vcpu;			/* -1: all */
	const char *input;
	const char *output;		/* of -o */
	const char *marks;		/* FIFO of -m */
	const char *debugfs;
	const char *proc;
	uint32_t tsc_khz;		/* of the host, 0: measure */
	char **arguments;		/* the command, FILEs, or NAME */
	size_t nr_arguments;		/* of report */
	char command[ORIGIN_SIZE];	/* line */
};

/* Does not return if the command line is wrong, or asks for help. */
struct env parse_arguments(int argc, char **argv);

/* The samples between which a group is, and what to do with it. */
struct view {
	const struct env *env;
	struct source *source;
	struct delta samples;
	struct group group;
	uint32_t *reasons;	/* of -r, ascending */
	size_t nr_reasons;
};

/* The first sample; what -r says is known then.  Returns a status. */
int view_start(struct view *view);

/* Another one; the one before becomes the old one.  As source->read(). */
int view_read(struct view *view);

/* Make the group, and write it; @out is flushed.  0, or -1. */
int view_show(struct view *view, FILE *out, bool since_start);
void view_free(struct view *view);

/* Wait until @seconds after the last call, or after now in the first. */
void wait_interval(double seconds);

/* Read @text, a list of reasons, for -r.  0, or a status after a line on stderr. */
int parse_reasons(const char *text, uint32_t isa, uint32_t **reasons,
		  size_t *nr);

/*
 * Each returns the status to exit with, and leaves @source open.  Without one, top
 * is about all VMs of the host.
 */
int run_intervals(const struct env *env, struct source *source);
int run_command(const struct env *env, struct source *source);
int run_top(const struct env *env, struct source *source);
int run_record(const struct env *env, struct source *source);
int run_report(const struct env *env);
int run_host(const struct env *env);
int run_diff(const struct env *env);
int run_mark(const struct env *env);
int run_export(const struct env *env);
int run_reasons(void);

/* In the environment: the FIFO that a record's command may write marks to. */
#define MARKS_VARIABLE	"EXITSTAT_MARKS"

#endif /* EXITSTAT_H */
