// SPDX-License-Identifier: GPL-2.0-only
/* See output/fields.h. */
#include "base/numbers.h"
#include "output/fields.h"

#define NAME_SIZE	40

void put_count_field(const struct fields *fields, const char *name, bool known,
		     uint64_t count)
{
	const struct value value = {
		.known = known, .is_count = true, .count = count,
	};

	fields->put(fields->context, name, &value);
}

void put_number_field(const struct fields *fields, const char *name, bool known,
		      double number, int digits)
{
	const struct value value = {
		.known = known, .number = number, .digits = digits,
	};

	fields->put(fields->context, name, &value);
}

static void put_seconds(const struct fields *fields, const char *name,
			bool known, uint64_t cycles)
{
	put_number_field(fields, name, known && fields->tsc_khz,
			 cycles_seconds(cycles, fields->tsc_khz), 9);
}

/* PREFIX_cycles and PREFIX_seconds. */
static void put_time(const struct fields *fields, const char *prefix,
		     bool known, uint64_t cycles)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%s_cycles", prefix);
	put_count_field(fields, name, known, cycles);
	snprintf(name, sizeof(name), "%s_seconds", prefix);
	put_seconds(fields, name, known, cycles);
}

void put_cost_fields(const struct fields *fields, const struct exit_stats_row *row,
		     const struct exit_stats_row *whole, uint64_t time_ns,
		     bool exits_share)
{
	uint64_t cycles = row_cycles(row);
	int i;

	put_count_field(fields, "exits", true, row->exits);
	put_number_field(fields, "exits_per_second", time_ns,
			 per_second(row->exits, time_ns), 3);
	if (exits_share)
		put_number_field(fields, "exits_share", true,
				 share(row->exits, whole->exits), 6);
	put_count_field(fields, "cycles", true, cycles);
	put_number_field(fields, "cycles_share", true,
			 share(cycles, row_cycles(whole)), 6);
	put_number_field(fields, "cycles_per_exit", row->exits, row_cost(row), 3);
	put_seconds(fields, "seconds", true, cycles);
	for (i = 0; i < NR_TIMES; i++)
		put_time(fields, time_names[i],
			 i == TIME_KERNEL || fields->has_times, row->times[i]);
}

void put_account_fields(const struct fields *fields, const struct sample *sample)
{
	char prefix[NAME_SIZE];
	int i;

	for (i = 0; i < NR_ACCOUNTS; i++) {
		snprintf(prefix, sizeof(prefix), "account_%s", account_names[i]);
		put_time(fields, prefix, fields->has_times, sample->accounts[i]);
	}
	put_count_field(fields, "epoch", sample->epoch, sample->epoch);
	put_time(fields, "age", sample->age, sample->age);
}

/* Who cannot say how many exits are open does not know how many were missed. */
void put_tail_fields(const struct fields *fields, const struct hist *hist)
{
	static const struct hist none = { .open = OPEN_UNKNOWN };
	const struct hist *of = hist ? hist : &none;
	struct value bound = { 0 };
	struct tail tail;

	hist_tail(of, &tail);
	bound.known = tail.exits;
	bound.word = bound_name(tail.bound);
	put_time(fields, "p50", tail.exits, tail.p50);
	put_time(fields, "p99", tail.exits, tail.p99);
	put_time(fields, "p999", tail.exits, tail.p999);
	put_time(fields, "max", tail.exits, tail.max);
	fields->put(fields->context, "max_bound", &bound);
	put_count_field(fields, "open", of->open != OPEN_UNKNOWN, of->open);
	put_count_field(fields, "missed", of->open != OPEN_UNKNOWN, of->missed);
}
