// SPDX-License-Identifier: GPL-2.0-only
/*
 * An object on a line for each group; the man page has the schema.  Counters
 * are strings, as many readers of JSON keep only 53 bits of a number.
 */
#include <inttypes.h>

#include "exitstat.h"
#include "host.h"
#include "json.h"
#include "text.h"

json_t *json_counter(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return json_string(text);
}

static json_t *reason(uint32_t reason)
{
	if (reason == REASON_OTHER)
		return json_null();
	return json_integer(reason > INT32_MAX ? (int32_t)reason
					       : (int64_t)reason);
}

static json_t *make_row(const struct source *source, const struct group *group,
			const struct exit_stats_row *row)
{
	const struct sample *all = &group->sample;

	return json_pack("{so ss so sf sf so sf sf sf so*}",
		"reason", reason(row->reason),
		"name", reason_name(source->isa, row->reason),
		"exits", json_counter(row->exits),
		"exits_per_second", per_second(row->exits, all->time_ns),
		"exits_share", share(row->exits, all->exits),
		"cycles", json_counter(row->cycles),
		"cycles_share", share(row->cycles, all->cycles),
		"cycles_per_exit", (double)row->cycles / (double)row->exits,
		"seconds", cycles_seconds(row->cycles, source->tsc_khz),
		"idle_per_second", group->idle ?
			json_real(idle_per_second(group, row->reason)) : NULL);
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

	return json_pack("{ss si ss sI sb sf so so s{so sb} so}",
		"format", "exitstat", "version", 1,
		"isa", source->isa == KVM_CPUID_EXIT_STATS_ISA_SVM ? "svm" : "vmx",
		"tsc_khz", (json_int_t)source->tsc_khz,
		"since_start", group->since_start,
		"elapsed_seconds", (double)all->time_ns / 1e9,
		"exits", json_counter(all->exits),
		"cycles", json_counter(all->cycles),
		"own", "exits", json_counter(group->own),
		"included", group->since_start,
		"rows", make_rows(source, group));
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
