// SPDX-License-Identifier: GPL-2.0-only
/* A line for each table, as vmstat has it, to follow for long or to log. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/numbers.h"
#include "output/format.h"

#define NR_REASONS	2
#define LINES_PER_PAGE	24

static void print_header(FILE *out, const struct group *group)
{
	int i;

	if (group->with_clock)
		fprintf(out, "%-27s ", "time");
	fprintf(out, "%8s", "exits/s");
	for (i = 0; group->sample.has_times && i < NR_ACCOUNTS - 1; i++)
		fprintf(out, " %*s", i == KVM_CPUID_EXIT_STATS_GUEST ? 5 : 6,
			i == KVM_CPUID_EXIT_STATS_PREEMPTED ? "preemp" :
			i == KVM_CPUID_EXIT_STATS_OUTSIDE ? "outsid" :
			account_names[i]);
	fputs("  costliest reasons\n", out);
}

static void print_accounts(FILE *out, const struct sample *sample)
{
	double sum = sum_of_accounts(sample);
	int i;

	for (i = 0; sample->has_times && i < NR_ACCOUNTS - 1; i++)
		fprintf(out, " %*.1f", i == KVM_CPUID_EXIT_STATS_GUEST ? 5 : 6,
			sum > 0 ? 100 * (double)sample->accounts[i] / sum : 0);
}

/* The row that costs most of those that cost less than @before does, or NULL. */
static const struct exit_stats_row *
next_costliest(const struct sample *sample, const struct exit_stats_row *before)
{
	const struct exit_stats_row *found = NULL, *row;
	uint32_t i;

	for (i = 0; i < sample->nr_rows; i++) {
		row = &sample->rows[i];
		if (before && row_cycles(row) >= row_cycles(before))
			continue;
		if (!found || row_cycles(row) > row_cycles(found))
			found = row;
	}
	return found;
}

static void print_reasons(FILE *out, const struct source *source,
			  const struct sample *sample)
{
	const struct exit_stats_row *row = NULL;
	int i;

	for (i = 0; i < NR_REASONS; i++) {
		row = next_costliest(sample, row);
		if (!row)
			break;
		fprintf(out, "%s%s %.0f%%", i ? ", " : "  ",
			reason_name(source->isa, row->reason),
			100 * share(row_cycles(row), row_cycles(&sample->all)));
	}
	fputc('\n', out);
}

static int print_group(FILE *out, const struct source *source,
		       const struct group *group)
{
	const struct sample *sample = &group->sample;
	char text[TEXT_SIZE], time[TIME_SIZE];

	if (group->number % LINES_PER_PAGE == 0)
		print_header(out, group);
	if (group->with_clock)
		fprintf(out, "%-27s ", sample->clock_ns ?
			iso_time(time, sample->clock_ns) : "-");
	fprintf(out, "%8s", sample->time_ns ?
		text_rate(text, per_second(sample->all.exits, sample->time_ns), 8)
		: "-");
	print_accounts(out, sample);
	print_reasons(out, source, sample);
	return 0;
}

const struct format line_format = {
	.group = print_group,
};
