// SPDX-License-Identifier: GPL-2.0-only
/*
 * An object on a line for each group; the man page has the schema.  Counters
 * are strings, as many readers of JSON keep only 53 bits of a number.
 */
#include <inttypes.h>

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
		json_object_set_new(object, name, value->is_count ?
				    counter(value->count) :
				    json_real(value->number));
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

	put_cost_fields(&fields, row, &all->all, all->time_ns, true);
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

static json_t *make_group(const struct source *source,
			  const struct group *group)
{
	const struct sample *all = &group->sample;
	json_t *object = json_pack("{ss si ss sI sb sf s{so sb}}",
		"format", "exitstat", "version", 2,
		"isa", isa_name(source->isa),
		"tsc_khz", (json_int_t)source->tsc_khz,
		"since_start", group->since_start,
		"elapsed_seconds", (double)all->time_ns / 1e9,
		"own", "exits", counter(group->own),
		"included", group->since_start);
	struct fields fields = fields_of(object, source, group);

	put_cost_fields(&fields, &all->all, &all->all, all->time_ns, false);
	put_account_fields(&fields, all);
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
