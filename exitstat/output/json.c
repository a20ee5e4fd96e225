// SPDX-License-Identifier: GPL-2.0-only
/*
 * An object on a line for each group; the man page has the schema.  Counters
 * are strings, as many readers of JSON keep only 53 bits of a number.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/numbers.h"
#include "model/host.h"
#include "output/format.h"
#include "output/host.h"
#include "output/json.h"

static json_t *counter(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return json_string(text);
}

void json_put_value(void *object, const char *name, const struct value *value)
{
	if (value->known)
		json_object_set_new(object, name, value->word ?
				    json_string(value->word) :
				    value->is_count ? counter(value->count) :
				    json_real(value->number));
}

static json_t *make_buckets(const struct hist *hist)
{
	json_t *buckets = json_array();
	unsigned int i;

	for (i = 0; buckets && i < NR_BUCKETS; i++) {
		if (hist->counts[i] &&
		    json_array_append_new(buckets, json_pack("[ooo]",
				counter(hist_from(i)), counter(hist_to(i)),
				counter(hist->counts[i])))) {
			json_decref(buckets);
			return NULL;
		}
	}
	return buckets;
}

void json_put_tail(const struct fields *fields, const struct hist *hist,
		   bool with_buckets)
{
	put_tail_fields(fields, hist);
	if (with_buckets)
		json_object_set_new(fields->context, "buckets",
				    make_buckets(hist));
}

json_t *json_reason(uint32_t reason)
{
	if (reason == REASON_OTHER)
		return json_null();
	return json_integer(reason > INT32_MAX ? (int32_t)reason
					       : (int64_t)reason);
}

static struct fields fields_of(json_t *object, const struct source *source,
			       const struct group *group)
{
	return (struct fields){
		.put = json_put_value, .context = object,
		.tsc_khz = source->tsc_khz,
		.has_times = group->sample.has_times,
	};
}

static json_t *make_row(const struct source *source, const struct group *group,
			const struct exit_stats_row *row)
{
	const struct sample *all = &group->sample;
	json_t *object = json_pack("{so ss}", "reason", json_reason(row->reason),
				   "name", reason_name(source->isa, row->reason));
	struct fields fields = fields_of(object, source, group);
	struct hist hist;

	put_cost_fields(&fields, row, &all->all, all->time_ns, true);
	if (group->tail && hists_get(&all->hists, row->reason, &hist))
		json_put_tail(&fields, &hist, true);
	if (group->idle)
		put_number_field(&fields, "idle_per_second", true,
				 sample_rate(group->idle, row->reason), 3);
	return object;
}

static json_t *make_rows(const struct source *source, const struct group *group)
{
	json_t *rows = json_array();
	uint32_t i;

	for (i = 0; rows && i < group->sample.nr_rows; i++) {
		if (json_array_append_new(rows, make_row(source, group,
						&group->sample.rows[i]))) {
			json_decref(rows);
			return NULL;
		}
	}
	return rows;
}

static json_t *time_of_day(const struct sample *sample)
{
	char text[TIME_SIZE];

	if (!sample->clock_ns)
		return json_null();
	return json_string(iso_time(text, sample->clock_ns));
}

static const char *history_name(enum history history)
{
	static const char *const names[] = {
		[HISTORY_PLAIN]		= "one boot",
		[HISTORY_REBOOTED]	= "rebooted",
		[HISTORY_RESTORED]	= "restored",
		[HISTORY_IMPOSSIBLE]	= "unknown",
	};

	return names[history];
}

/* The reads' own exits are in the buckets, whatever the row has. */
static void put_tail(const struct fields *fields, json_t *object,
		     const struct group *group)
{
	struct hist sum;

	if (!group->tail || !group->sample.hists.known)
		return;
	hists_sum(&group->sample.hists, &sum);
	json_put_tail(fields, &sum, false);
	json_object_set_new(json_object_get(object, "own"), "in_buckets",
			    json_true());
}

static json_t *make_group(const struct source *source,
			  const struct group *group)
{
	const struct sample *all = &group->sample;
	json_t *object = json_pack("{ss si ss so so sb so s{so sb}}",
		"format", "exitstat", "version", 3,
		"isa", isa_name(source->isa),
		"tsc_khz", source->tsc_khz ?
			   json_integer(source->tsc_khz) : json_null(),
		"time", time_of_day(all),
		"since_start", group->since_start,
		"elapsed_seconds", all->time_ns ?
				   json_real(seconds_of(all)) : json_null(),
		"own", "exits", counter(group->own),
		"included", group->since_start);
	struct fields fields = fields_of(object, source, group);

	put_cost_fields(&fields, &all->all, &all->all, all->time_ns, false);
	put_account_fields(&fields, all);
	put_tail(&fields, object, group);
	if (group->since_start)
		json_object_set_new(object, "history",
				    json_string(history_name(group->history)));
	if (group->is_run)
		json_object_set_new(object, "run", json_true());
	json_object_set_new(object, "rows", make_rows(source, group));
	return object;
}

int print_json(FILE *out, json_t *object)
{
	if (!object)
		return complain("out of memory");
	/* An error of @out shows when that is flushed. */
	json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(12));
	fputc('\n', out);
	json_decref(object);
	return 0;
}

static int print_group(FILE *out, const struct source *source,
		       const struct group *group)
{
	return print_json(out, make_group(source, group));
}

const struct format json_format = {
	.group = print_group,
	.host = host_show_json,
};
