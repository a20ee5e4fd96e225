// SPDX-License-Identifier: GPL-2.0-only
/* Read what --json wrote: tables of a guest or a VM, an object each. */
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "base/parse.h"
#include "model/saved.h"

/* A counter is a string of digits. */
static bool get_counter(const json_t *object, const char *name, uint64_t *value)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text && take_number(&text, UINT64_MAX, value) && !*text;
}

/* An integer, of which null and what is not there are the default. */
static bool get_integer(const json_t *object, const char *name, int64_t min,
			int64_t max, int64_t *value)
{
	const json_t *number = json_object_get(object, name);

	if (!number || json_is_null(number))
		return true;
	*value = json_integer_value(number);
	return json_is_integer(number) && *value >= min && *value <= max;
}

static bool get_times(const json_t *object, struct exit_stats_row *row)
{
	char name[32];
	int i;

	for (i = 0; i < NR_TIMES; i++) {
		snprintf(name, sizeof(name), "%s_cycles", time_names[i]);
		if (json_object_get(object, name) &&
		    !get_counter(object, name, &row->times[i]))
			return false;
	}
	return true;
}

static bool get_row(const json_t *object, struct exit_stats_row *row)
{
	int64_t reason = REASON_OTHER;

	memset(row, 0, sizeof(*row));
	if (!json_is_object(object) ||
	    !get_integer(object, "reason", -4, END_REASONS - 1, &reason) ||
	    !get_counter(object, "exits", &row->exits) || !get_times(object, row))
		return false;
	row->reason = (uint32_t)reason;
	return true;
}

/* A table as a sample of what changed. */
static bool get_change(const json_t *object, struct sample *change)
{
	const json_t *rows = json_object_get(object, "rows");
	size_t i, nr = json_array_size(rows);
	struct exit_stats_row row;

	change->nr_rows = 0;
	if (!json_is_array(rows) || nr > MAX_ROWS)
		return false;
	for (i = 0; i < nr; i++) {
		if (!get_row(json_array_get(rows, i), &row) ||
		    sample_add_row(change, &row))
			return false;
	}
	memset(&change->all, 0, sizeof(change->all));
	return get_counter(object, "exits", &change->all.exits) &&
	       get_times(object, &change->all);
}

static bool get_isa(const json_t *object, uint32_t *isa)
{
	const char *name = json_string_value(json_object_get(object, "isa"));

	*isa = KVM_CPUID_EXIT_STATS_ISA_VMX;
	if (name && !strcmp(name, isa_name(*isa)))
		return true;
	*isa = KVM_CPUID_EXIT_STATS_ISA_SVM;
	return name && !strcmp(name, isa_name(*isa));
}

/* Is it one that this program writes?  What is of all tables is kept. */
static bool get_table(const json_t *object, struct saved *saved)
{
	const char *format = json_string_value(json_object_get(object, "format"));
	int64_t version = 0, khz = 0;
	uint32_t isa;

	if (!format || strcmp(format, "exitstat") ||
	    !get_integer(object, "version", 1, 3, &version) || !version ||
	    !get_integer(object, "tsc_khz", 0, UINT32_MAX, &khz) ||
	    !get_isa(object, &isa) || (saved->isa && isa != saved->isa))
		return false;
	saved->isa = isa;
	saved->tsc_khz = (uint32_t)khz;
	return true;
}

/*
 * Intervals and runs are steps.  A table since the start counts only where there
 * is nothing else: it has, as a rule, what the intervals do not.
 */
static bool add_table(struct saved *saved, const json_t *object,
		      struct sample *change)
{
	struct series *all = &saved->parts[0];
	const json_t *since = json_object_get(object, "since_start");
	double seconds = json_number_value(json_object_get(object, "elapsed_seconds"));

	if (!get_table(object, saved) || !json_is_boolean(since) ||
	    !get_change(object, change) || !(seconds >= 0))
		return false;
	if (json_is_true(since) && all->nr)
		return true;
	if (saved->has_start)
		series_free(all);
	saved->has_start = json_is_true(since);
	if (json_is_true(json_object_get(object, "run"))) {
		saved->has_runs = true;
		seconds = 1;
	}
	return !seconds || !series_add(all, change, seconds);
}

static bool is_at_end(FILE *in)
{
	int c;

	do {
		c = getc(in);
	} while (isspace(c));
	ungetc(c, in);
	return c == EOF;
}

int saved_read_tables(struct saved *saved, FILE *in)
{
	struct sample change = { 0 };
	unsigned long nr = 0;
	bool good = saved_add_part(saved, NULL);
	json_error_t error;
	json_t *object;

	while (good && !is_at_end(in)) {
		object = json_loadf(in, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES,
				    &error);
		good = object && add_table(saved, object, &change);
		json_decref(object);
		nr++;
	}
	sample_free(&change);
	if (good && saved->parts[0].nr)
		return 0;
	return complain("%s, object %lu: is no table that exitstat --json writes of a guest or a VM",
			saved->path, nr);
}
