// SPDX-License-Identifier: GPL-2.0-only
/* A line for each row of each group, after a header.  No name has a comma. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/numbers.h"
#include "model/host.h"
#include "output/csv.h"
#include "output/format.h"
#include "output/host.h"

void csv_put_name(void *out, const char *name, const struct value *value)
{
	(void)value;
	fprintf(out, ",%s", name);
}

void csv_put_value(void *out, const char *name, const struct value *value)
{
	(void)name;
	fputc(',', out);
	if (value->known && value->word)
		fputs(value->word, out);
	else if (value->known && value->is_count)
		fprintf(out, "%" PRIu64, value->count);
	else if (value->known)
		fprintf(out, "%.*f", value->digits, value->number);
}

static void put_fields(const struct fields *fields, const struct source *source,
		       const struct group *group,
		       const struct exit_stats_row *row)
{
	const struct sample *all = &group->sample;
	bool idle = group->idle;

	put_cost_fields(fields, row, &all->all, all->time_ns, true);
	put_count_field(fields, "own_exits", true,
			row->reason == source->own_reason ? group->own : 0);
	put_number_field(fields, "idle_per_second", idle,
			 idle ? sample_rate(group->idle, row->reason) : 0, 3);
	put_account_fields(fields, all);
}

/* Behind all others, so that these stay where they were. */
static void put_tail(const struct fields *fields, const struct group *group,
		     uint32_t reason)
{
	struct hist hist;
	bool known;

	if (!group->tail)
		return;
	known = hists_get(&group->sample.hists, reason, &hist);
	put_tail_fields(fields, known ? &hist : NULL);
}

static void print_row(const struct fields *fields, const struct source *source,
		      const struct group *group,
		      const struct exit_stats_row *row)
{
	const struct sample *all = &group->sample;
	char time[TIME_SIZE], number[12], elapsed[32] = "";
	FILE *out = fields->context;

	if (all->time_ns)
		snprintf(elapsed, sizeof(elapsed), "%.9f", seconds_of(all));
	fprintf(out, "%" PRIu64 ",%s,%s,%s,%s", group->number,
		group->since_start ? "start" : "interval", elapsed,
		reason_number(row->reason, number),
		reason_name(source->isa, row->reason));
	put_fields(fields, source, group, row);
	fprintf(out, ",%s",
		all->clock_ns ? iso_time(time, all->clock_ns) : "");
	put_tail(fields, group, row->reason);
	fputc('\n', out);
}

static int print_group(FILE *out, const struct source *source,
		       const struct group *group)
{
	static const struct exit_stats_row none;
	struct fields fields = {
		.put = csv_put_name, .context = out,
		.tsc_khz = source->tsc_khz,
		.has_times = group->sample.has_times,
	};
	uint32_t i;

	if (!group->number) {
		fputs("group,since,elapsed_seconds,reason,name", out);
		put_fields(&fields, source, group, &none);
		fputs(",time", out);
		put_tail(&fields, group, 0);
		fputc('\n', out);
	}
	fields.put = csv_put_value;
	for (i = 0; i < group->sample.nr_rows; i++)
		print_row(&fields, source, group, &group->sample.rows[i]);
	return 0;
}

const struct format csv_format = {
	.group = print_group,
	.host = host_show_csv,
};
