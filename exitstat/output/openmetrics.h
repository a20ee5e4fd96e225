/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OPENMETRICS_H
#define OPENMETRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/sample.h"

/* What comes before a family's metrics. */
void openmetrics_family(FILE *out, const char *name, const char *type,
			const char *unit, const char *help);

/* As name="value", for a value without newlines. */
void openmetrics_label(FILE *out, const char *label, const char *value);

/* A label beside those of what a metric is about. */
struct label {
	const char *name, *value;
};

/* What has metrics: the rows of a table, or VMs. */
struct metrics {
	const char *prefix;	/* of the families' names */
	uint32_t tsc_khz;	/* 0: not known, and no seconds */
	bool has_times;
	size_t nr;
	const void *context;
	const struct exit_stats_row *(*row)(const void *context, size_t i);
	const struct sample *(*sample)(const void *context, size_t i);
	/* False if it has none.  Their sums are those of the rows, if these are. */
	bool sums;
	bool (*hist)(const void *context, size_t i, struct hist *hist);
	/* With @more, if it is not NULL. */
	void (*labels)(FILE *out, const void *context, size_t i,
		       const struct label *more);
};

/* All that is known of what happened, and what that cost. */
void openmetrics_costs(FILE *out, const struct metrics *metrics);

/* What single exits cost. */
void openmetrics_hists(FILE *out, const struct metrics *metrics);

/*
 * One of them, of row @i, as the metrics @name; the frequency is known.  It has at
 * most so many series.
 */
#define OPENMETRICS_HIST_SERIES	14

void openmetrics_hist(FILE *out, const struct metrics *metrics, const char *name,
		      size_t i, const struct hist *hist);

/* All that is known of where the time of the vCPUs went. */
void openmetrics_accounts(FILE *out, const struct metrics *metrics);

#endif /* OPENMETRICS_H */
