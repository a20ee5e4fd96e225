// SPDX-License-Identifier: GPL-2.0-only
/* A line for each row of each group, after a header.  No name has a comma. */
#include <inttypes.h>

#include "exitstat.h"
#include "host.h"
#include "text.h"

static void print_row(FILE *out, const struct source *source,
		      const struct group *group,
		      const struct exit_stats_row *row)
{
	const struct sample *all = &group->sample;
	char number[12];

	fprintf(out, "%" PRIu64 ",%s,%.9f,%s,%s,%" PRIu64 ",%.3f,%.6f,%" PRIu64
		",%.6f,%.3f,%.9f,%" PRIu64 ",",
		group->number, group->since_start ? "start" : "interval",
		(double)all->time_ns / 1e9, reason_number(row->reason, number),
		reason_name(source->isa, row->reason), row->exits,
		per_second(row->exits, all->time_ns),
		share(row->exits, all->exits), row->cycles,
		share(row->cycles, all->cycles),
		(double)row->cycles / (double)row->exits,
		cycles_seconds(row->cycles, source->tsc_khz),
		row->reason == source->own_reason ? group->own : 0);
	if (group->idle)
		fprintf(out, "%.3f", idle_per_second(group, row->reason));
	fputs("\n", out);
}

static int print_group(FILE *out, const struct source *source,
		       const struct group *group)
{
	uint32_t i;

	if (!group->number)
		fputs("group,since,elapsed_seconds,reason,name,exits,exits_per_second,exits_share,cycles,cycles_share,cycles_per_exit,seconds,own_exits,idle_per_second\n",
		      out);
	for (i = 0; i < group->sample.nr_rows; i++)
		print_row(out, source, group, &group->sample.rows[i]);
	return 0;
}

const struct format csv_format = {
	.group = print_group,
	.host = host_show_csv,
};
