// SPDX-License-Identifier: GPL-2.0-only
/* The table that people read, less than 80 columns wide. */
#include <inttypes.h>

#include "table.h"
#include "text.h"

double idle_per_second(const struct group *group, uint32_t reason)
{
	const struct exit_stats_row *row = sample_find(group->idle, reason);

	return row ? per_second(row->exits, group->idle->time_ns) : 0.0;
}

static void print_title(FILE *out, const struct group *group)
{
	const struct sample *all = &group->sample;
	char text[2][TEXT_SIZE];

	fprintf(out, "%s%s %.2f s: %s exits, %s cycles\n",
		group->number ? "\n" : "",
		group->since_start ? "since the VM's start" : "in",
		(double)all->time_ns / 1e9, text_count(text[0], all->exits, 15),
		text_count(text[1], all->cycles, 15));
}

static void print_header(FILE *out, const struct group *group)
{
	fprintf(out, "%6s %-18s %9s %7s %5s %8s %5s %7s %6s\n", "reason",
		"name", "exits", "/s", group->idle ? "idle" : "%", "cycles",
		"%", "/exit", "time");
}

static void print_row(FILE *out, const struct source *source,
		      const struct group *group,
		      const struct exit_stats_row *row)
{
	const struct sample *all = &group->sample;
	char number[12], text[7][TEXT_SIZE];

	fprintf(out, "%6s %-18.18s %9s %7s %5s %8s %5s %7s %6s\n",
		reason_number(row->reason, number),
		reason_name(source->isa, row->reason),
		text_count(text[0], row->exits, 9),
		text_rate(text[1], per_second(row->exits, all->time_ns), 7),
		group->idle ? text_rate(text[2], idle_per_second(group,
							row->reason), 5)
			    : text_share(text[2], row->exits, all->exits),
		text_count(text[3], row->cycles, 8),
		text_share(text[4], row->cycles, all->cycles),
		text_count(text[5], row->cycles / row->exits, 7),
		text_time(text[6], row->cycles, source->tsc_khz));
}

static void print_own(FILE *out, const struct source *source,
		      const struct group *group)
{
	const char *name = reason_name(source->isa, source->own_reason);

	if (!group->own)
		return;
	if (group->since_start)
		fprintf(out, "own reads: %" PRIu64 " %s exits, in the above\n",
			group->own, name);
	else
		fprintf(out, "own reads: %" PRIu64 " %s exits, not in the above\n",
			group->own, name);
}

void table_show_rows(FILE *out, const struct source *source,
		     const struct group *group)
{
	uint32_t i;

	print_header(out, group);
	for (i = 0; i < group->sample.nr_rows; i++)
		print_row(out, source, group, &group->sample.rows[i]);
	print_own(out, source, group);
}

int table_show(FILE *out, const struct source *source,
	       const struct group *group)
{
	print_title(out, group);
	table_show_rows(out, source, group);
	return 0;
}
