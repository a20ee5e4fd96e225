// SPDX-License-Identifier: GPL-2.0-only
/* See model/recording.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/recording.h"

double rate_of(const struct sample *change)
{
	return change->time_ns ? (double)change->all.exits / seconds_of(change) : 0;
}

const char *stability(double variation)
{
	if (variation < 0)
		return "unknown";
	if (variation <= VARIATION_STABLE)
		return "stable";
	return variation <= VARIATION_FAIRLY ? "fairly stable" : "not stable";
}

bool recording_has_boot(const struct recording *rec)
{
	return rec->history == HISTORY_PLAIN &&
	       seconds_of(&rec->start) <= BOOT_SECONDS;
}

/*
 * A total is read some time before the rows: of a short time, rows could be more
 * than all of it.
 */
static void add_up(struct sample *change)
{
	uint32_t i;

	memset(&change->all, 0, sizeof(change->all));
	for (i = 0; i < change->nr_rows; i++)
		row_add(&change->all, &change->rows[i]);
}

static void finish(const struct recording *rec, struct sample *change)
{
	sample_remove_own(change, rec->own_reason);
	add_up(change);
	sample_sort(change, SORT_EXITS);
}

/* The last sample up to @to before counts began anew after @from. */
static size_t part_end(const struct recording *rec, size_t from, size_t to)
{
	while (from < to && !rec->samples[from + 1].anew)
		from++;
	return from;
}

/*
 * Add what is in sample @to, the last of a part whose first follows sample @from:
 * all since the VM began, for which it had the time since then.
 */
static int add_part(const struct recording *rec, size_t from, size_t to,
		    struct sample *change)
{
	static const struct sample nothing;
	const struct sample *old = &rec->samples[from];
	const struct sample *first = old + 1, *new = &rec->samples[to];
	struct sample part = { 0 };
	int status = sample_subtract(&part, new, &nothing);

	if (old->clock_ns && first->clock_ns > old->clock_ns)
		part.time_ns = new->time_ns - first->time_ns +
			       (uint64_t)(first->clock_ns - old->clock_ns);
	else if (!first->age && first->time_ns > old->time_ns)
		part.time_ns -= old->time_ns;
	if (!status)
		status = sample_add(change, &part);
	sample_free(&part);
	return status;
}

int recording_change(const struct recording *rec, size_t from, size_t to,
		     struct sample *change)
{
	size_t end = part_end(rec, from, to);
	int status = sample_subtract(change, &rec->samples[end],
				     &rec->samples[from]);

	while (!status && end < to) {
		from = end;
		end = part_end(rec, from + 1, to);
		status = add_part(rec, from, end, change);
	}
	if (status)
		return -1;
	finish(rec, change);
	return 0;
}

/*
 * The variation of the rate between two samples: each interval weighs as much as
 * it is long, so that a short one is no outlier.  Negative where there is
 * nothing to compare.
 */
static int get_variation(const struct recording *rec, size_t from, size_t to,
			 double *variation)
{
	struct sample step = { 0 };
	double time = 0, sum = 0, squares = 0, mean;
	size_t i;

	for (i = from; i < to; i++) {
		if (recording_change(rec, i, i + 1, &step)) {
			sample_free(&step);
			return -1;
		}
		time += seconds_of(&step);
		sum += seconds_of(&step) * rate_of(&step);
		squares += seconds_of(&step) * rate_of(&step) * rate_of(&step);
	}
	sample_free(&step);

	*variation = -1;
	if (to - from < 2 || sum <= 0)
		return 0;
	mean = sum / time;
	*variation = sqrt(fmax(squares / time - mean * mean, 0)) / mean;
	return 0;
}

/* Sample @from @source into the array.  0, or 1 at the end, or -1. */
static int load_sample(struct recording *rec, struct source *source)
{
	struct sample *samples = rec->samples;

	if (rec->nr_samples == rec->max_samples) {
		size_t max = rec->max_samples ? 2 * rec->max_samples : 256;

		samples = reallocarray(samples, max, sizeof(*samples));
		if (!samples)
			return complain("out of memory");
		memset(samples + rec->max_samples, 0,
		       (max - rec->max_samples) * sizeof(*samples));
		rec->samples = samples;
		rec->max_samples = max;
	}
	return source->read(source, &samples[rec->nr_samples]);
}

static void keep_sample(struct recording *rec)
{
	struct sample *new = &rec->samples[rec->nr_samples++];

	new->anew = rec->nr_samples > 1 && sample_is_anew(new, new - 1);
	rec->times_anew += new->anew;
}

/* All samples up to the first mark have no phase. */
static int find_phases(struct recording *rec)
{
	struct phase *phase;
	size_t i, last = rec->nr_samples - 1;

	rec->phases = calloc(rec->nr_samples, sizeof(*rec->phases));
	if (!rec->phases)
		return complain("out of memory");

	for (i = 0; i < last; i++) {
		if (!rec->samples[i].mark[0])
			continue;
		if (rec->nr_phases)
			rec->phases[rec->nr_phases - 1].last = i;
		phase = &rec->phases[rec->nr_phases++];
		phase->name = rec->samples[i].mark;
		phase->first = i;
		phase->last = last;
	}
	return 0;
}

static int judge_phases(struct recording *rec)
{
	struct phase *phase;
	size_t i;

	for (i = 0; i < rec->nr_phases; i++) {
		phase = &rec->phases[i];
		if (recording_change(rec, phase->first, phase->last,
				     &phase->change) ||
		    get_variation(rec, phase->first, phase->last,
				  &phase->variation))
			return -1;
	}
	return 0;
}

/* Until the first sample, and all, as if nobody had read them. */
static int get_since_start(struct recording *rec)
{
	static const struct sample nothing;

	if (sample_subtract(&rec->start, &rec->samples[0], &nothing))
		return -1;
	finish(rec, &rec->start);
	if (sample_subtract(&rec->all, &rec->samples[0], &nothing))
		return -1;
	finish(rec, &rec->all);
	sample_order(&rec->all);
	if (sample_add(&rec->all, &rec->change))
		return -1;
	sample_sort(&rec->all, SORT_EXITS);
	return 0;
}

static int sum_up(struct recording *rec)
{
	size_t last = rec->nr_samples - 1;

	if (find_phases(rec) || judge_phases(rec) ||
	    recording_change(rec, 0, last, &rec->change) ||
	    get_since_start(rec))
		return -1;
	return get_variation(rec, 0, last, &rec->variation);
}

int recording_load(struct recording *rec, struct source *source)
{
	int status;

	memset(rec, 0, sizeof(*rec));
	while (!(status = load_sample(rec, source)))
		keep_sample(rec);

	rec->isa = source->isa;
	rec->tsc_khz = source->tsc_khz;
	rec->own_reason = source->own_reason;
	rec->origin = source->origin;
	rec->history = rec->nr_samples ? sample_history(&rec->samples[0], source)
				       : HISTORY_PLAIN;
	if (status > 0 && rec->nr_samples < 2)
		status = complain("the dump has %zu samples: a report needs two",
				  rec->nr_samples);
	if (status < 0 || sum_up(rec)) {
		recording_free(rec);
		return -1;
	}
	return 0;
}

void recording_free(struct recording *rec)
{
	size_t i;

	for (i = 0; i < rec->nr_phases; i++)
		sample_free(&rec->phases[i].change);
	/* The last may have been begun. */
	for (i = 0; i < rec->max_samples; i++)
		sample_free(&rec->samples[i]);
	free(rec->phases);
	free(rec->samples);
	sample_free(&rec->start);
	sample_free(&rec->all);
	sample_free(&rec->change);
	memset(rec, 0, sizeof(*rec));
}
