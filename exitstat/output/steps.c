// SPDX-License-Identifier: GPL-2.0-only
/* See output/steps.h. */
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "output/steps.h"

static bool is_drawn(const struct drawn *drawn, uint32_t reason)
{
	size_t i;

	for (i = 0; i < drawn->nr; i++) {
		if (drawn->reasons[i] == reason)
			return true;
	}
	return false;
}

/* What is nothing is never the best. */
struct best {
	uint32_t reason;
	double value;
};

/* A better one of @from by @key that is not there yet. */
static void find_better(const struct drawn *drawn, const struct sample *from,
			enum sort_key key, struct best *best)
{
	uint32_t i;

	for (i = 0; i < from->nr_rows; i++) {
		const struct exit_stats_row *row = &from->rows[i];
		double value = sample_sort_value(from, row, key);

		if (!is_drawn(drawn, row->reason) && value > best->value)
			*best = (struct best){ row->reason, value };
	}
}

/* The first @wanted of all recordings by @key, those that are there included. */
static void choose_top(struct drawn *chosen,
		       const struct recording *const recs[], size_t nr,
		       enum sort_key key, size_t wanted)
{
	struct drawn top = { 0 };
	struct best best;
	size_t i;

	while (top.nr < wanted) {
		best.value = 0;
		for (i = 0; i < nr; i++)
			find_better(&top, &recs[i]->change, key, &best);
		if (best.value <= 0)
			return;
		top.reasons[top.nr++] = best.reason;
		if (!is_drawn(chosen, best.reason))
			chosen->reasons[chosen->nr++] = best.reason;
	}
}

static size_t count_left(const struct drawn *drawn, const struct recording *rec)
{
	size_t left = 0;
	uint32_t i;

	for (i = 0; i < rec->change.nr_rows; i++)
		left += !is_drawn(drawn, rec->change.rows[i].reason);
	return left;
}

static bool has_tails(const struct recording *rec)
{
	size_t i;

	for (i = 0; i < rec->nr_samples; i++) {
		if (rec->samples[i].hists.known)
			return true;
	}
	return false;
}

void drawn_choose(struct drawn *drawn, const struct recording *const recs[],
		  size_t nr)
{
	size_t i, left;

	memset(drawn, 0, sizeof(*drawn));
	choose_top(drawn, recs, nr, SORT_CYCLES, NR_TOP);
	choose_top(drawn, recs, nr, SORT_EXITS, NR_TOP);
	choose_top(drawn, recs, nr, SORT_MAX, NR_WORST);
	for (i = 0; i < nr; i++) {
		left = count_left(drawn, recs[i]);
		if (left > drawn->nr_left)
			drawn->nr_left = left;
		drawn->has_tails |= has_tails(recs[i]);
	}
}

size_t column_of_exits(size_t i)
{
	return i;
}

size_t column_of_cycles(const struct drawn *drawn, size_t i)
{
	return drawn->nr + 1 + i;
}

size_t column_of_account(const struct drawn *drawn, size_t i)
{
	return 2 * (drawn->nr + 1) + i;
}

size_t column_of_p50(const struct drawn *drawn, size_t i)
{
	return column_of_account(drawn, NR_ACCOUNTS) + i;
}

size_t column_of_p99(const struct drawn *drawn, size_t i)
{
	return column_of_p50(drawn, drawn->nr) + i;
}

size_t column_of_max(const struct drawn *drawn, size_t i)
{
	return column_of_p99(drawn, drawn->nr) + i;
}

static size_t find_drawn(const struct drawn *drawn, uint32_t reason)
{
	size_t i;

	for (i = 0; i < drawn->nr && drawn->reasons[i] != reason; i++)
		;
	return i;
}

static void fill_step(uint64_t *values, const struct drawn *drawn,
		      const struct sample *change)
{
	uint32_t i;

	for (i = 0; i < change->nr_rows; i++) {
		const struct exit_stats_row *row = &change->rows[i];
		size_t place = find_drawn(drawn, row->reason);

		values[column_of_exits(place)] += row->exits;
		values[column_of_cycles(drawn, place)] += row_cycles(row);
	}
	for (i = 0; i < NR_ACCOUNTS; i++)
		values[column_of_account(drawn, i)] = change->accounts[i];
}

/* Of a reason that only reading caused there is no row, and no tail. */
static void fill_tails(uint64_t *values, const struct drawn *drawn,
		       const struct sample *change)
{
	struct tail tail;
	size_t i;

	for (i = 0; drawn->has_tails && i < drawn->nr; i++) {
		sample_tail(change, drawn->reasons[i], &tail);
		if (!tail.exits || !sample_find(change, drawn->reasons[i]))
			tail = (struct tail){ 0 };
		values[column_of_p50(drawn, i)] = tail.p50;
		values[column_of_p99(drawn, i)] = tail.p99;
		values[column_of_max(drawn, i)] = tail.max;
	}
}

static uint64_t *step_values(const struct steps *steps, size_t step)
{
	return steps->values + step * steps->nr_columns;
}

static int fill_steps(struct steps *steps, const struct recording *rec,
		      const struct drawn *drawn)
{
	struct sample change = { 0 };
	int status = 0;
	size_t i;

	for (i = 0; i < steps->nr && !status; i++) {
		status = recording_change(rec, i, i + 1, &change);
		if (status)
			break;
		steps->time[i] = change.time_ns;
		steps->at[i + 1] = steps->at[i] + change.time_ns;
		steps->first[i + 1] = i + 1;
		fill_step(step_values(steps, i), drawn, &change);
		fill_tails(step_values(steps, i), drawn, &change);
	}
	sample_free(&change);
	return status;
}

/* What is highest where a line of this column is. */
static double height(const struct steps *steps, size_t column, size_t step)
{
	uint64_t value = step_values(steps, step)[column];

	return column < steps->nr_sums ? per_second(value, steps->time[step])
				       : (double)value;
}

/* Of the steps from @from to before @to, mark the extremes of one column. */
static void mark_extremes(const struct steps *steps, bool *alone, size_t column,
			  size_t from, size_t to)
{
	size_t lowest = from, highest = from, i;
	double low = 0, high = 0, here;

	for (i = from; i < to; i++) {
		here = height(steps, column, i);
		if (i == from || here < low) {
			low = here;
			lowest = i;
		}
		if (i == from || here > high) {
			high = here;
			highest = i;
		}
	}
	alone[lowest] = true;
	alone[highest] = true;
}

/* Does a step begin at @i that is not part of the one before? */
static bool is_first(const struct steps *steps, const bool *alone, size_t parts,
		     size_t i)
{
	return !i || alone[i] || alone[i - 1] ||
	       i * parts / steps->nr != (i - 1) * parts / steps->nr;
}

/* In each of @parts.  How many steps would be left. */
static size_t mark_parts(const struct steps *steps, bool *alone, size_t parts)
{
	size_t left = 0, part, column, i;

	memset(alone, 0, steps->nr * sizeof(*alone));
	for (part = 0; part < parts; part++) {
		/* The first whose part this is. */
		size_t from = (part * steps->nr + parts - 1) / parts;
		size_t to = ((part + 1) * steps->nr + parts - 1) / parts;

		for (column = 0; column < steps->nr_columns; column++)
			mark_extremes(steps, alone, column, from, to);
	}
	for (i = 0; i < steps->nr; i++)
		left += is_first(steps, alone, parts, i);
	return left;
}

static void merge_steps(struct steps *steps, const bool *alone, size_t parts)
{
	size_t nr = 0, column, i;

	for (i = 0; i < steps->nr; i++) {
		if (is_first(steps, alone, parts, i)) {
			memmove(step_values(steps, nr), step_values(steps, i),
				steps->nr_columns * sizeof(*steps->values));
			steps->first[nr] = steps->first[i];
			steps->time[nr++] = steps->time[i];
			continue;
		}
		steps->time[nr - 1] += steps->time[i];
		for (column = 0; column < steps->nr_sums; column++)
			step_values(steps, nr - 1)[column] +=
				step_values(steps, i)[column];
	}
	steps->first[nr] = steps->first[steps->nr];
	steps->nr = nr;
}

/* A percentile of several samples is none of theirs, nor their mean. */
static int measure_merged(struct steps *steps, const struct recording *rec,
			  const struct drawn *drawn)
{
	struct sample change = { 0 };
	const size_t *first = steps->first;
	int status = 0;
	size_t i;

	for (i = 0; drawn->has_tails && i < steps->nr && !status; i++) {
		if (first[i + 1] - first[i] < 2)
			continue;
		status = recording_change(rec, first[i], first[i + 1], &change);
		if (!status)
			fill_tails(step_values(steps, i), drawn, &change);
	}
	sample_free(&change);
	return status;
}

/* Into as many parts as still make few enough steps. */
static int limit_steps(struct steps *steps, const struct recording *rec,
		       const struct drawn *drawn)
{
	size_t parts = MAX_STEPS;
	bool *alone;

	if (steps->nr <= MAX_STEPS)
		return 0;
	alone = calloc(steps->nr, sizeof(*alone));
	if (!alone)
		return complain("out of memory");
	do
		parts /= 2;
	while (mark_parts(steps, alone, parts) > MAX_STEPS && parts > 1);
	merge_steps(steps, alone, parts);
	free(alone);
	return measure_merged(steps, rec, drawn);
}

int steps_make(struct steps *steps, const struct recording *rec,
	       const struct drawn *drawn)
{
	steps->nr = rec->nr_samples - 1;
	steps->nr_sums = column_of_account(drawn, NR_ACCOUNTS);
	steps->nr_columns = drawn->has_tails ? column_of_max(drawn, drawn->nr)
					     : steps->nr_sums;
	steps->time = calloc(steps->nr, sizeof(*steps->time));
	steps->at = calloc(rec->nr_samples, sizeof(*steps->at));
	steps->first = calloc(rec->nr_samples, sizeof(*steps->first));
	steps->values = calloc(steps->nr, steps->nr_columns *
			       sizeof(*steps->values));
	if (!steps->time || !steps->at || !steps->first || !steps->values)
		complain("out of memory");
	else if (!fill_steps(steps, rec, drawn) &&
		 !limit_steps(steps, rec, drawn))
		return 0;
	steps_free(steps);
	return -1;
}

void steps_free(struct steps *steps)
{
	free(steps->time);
	free(steps->at);
	free(steps->first);
	free(steps->values);
	memset(steps, 0, sizeof(*steps));
}
