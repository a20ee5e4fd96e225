// SPDX-License-Identifier: GPL-2.0-only
/* See model/sample.h. */
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "model/sample.h"

int sample_add_row(struct sample *sample, const struct exit_stats_row *row)
{
	if (sample->nr_rows == sample->max_rows) {
		uint32_t max = sample->max_rows ? 2 * sample->max_rows : 64;
		void *rows = realloc(sample->rows, max * sizeof(*sample->rows));

		if (!rows)
			return complain("out of memory");
		sample->rows = rows;
		sample->max_rows = max;
	}
	sample->rows[sample->nr_rows++] = *row;
	return 0;
}

uint64_t row_cycles(const struct exit_stats_row *row)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < NR_TIMES; i++) {
		if (__builtin_add_overflow(sum, row->times[i], &sum))
			return UINT64_MAX;
	}
	return sum;
}

double row_cost(const struct exit_stats_row *row)
{
	return row->exits ? (double)row_cycles(row) / (double)row->exits : 0;
}

/* Has @new fewer exits than @old of anything? */
static bool has_fewer(const struct sample *new, const struct sample *old)
{
	const struct exit_stats_row *row;
	uint32_t i;

	if (new->all.exits < old->all.exits)
		return true;
	for (i = 0; i < old->nr_rows; i++) {
		row = sample_find(new, old->rows[i].reason);
		if (old->rows[i].exits > (row ? row->exits : 0))
			return true;
	}
	return false;
}

bool sample_is_anew(const struct sample *new, const struct sample *old)
{
	if (new->epoch && new->epoch == old->epoch)
		return false;
	return new->age < old->age || has_fewer(new, old);
}

/* Of a VM whose number of vCPUs is not known. */
#define MAX_VCPUS	4096

/* vCPUs cannot have spent more time than there was. */
static bool is_possible(const struct sample *sample, const struct source *source)
{
	uint32_t vcpus = source->origin.vcpus ? source->origin.vcpus : MAX_VCPUS;
	double spent = cycles_seconds(sample->all.times[TIME_KERNEL],
				      source->tsc_khz);

	return spent <= (double)sample->time_ns / 1e9 * vcpus * 1.01;
}

enum history sample_history(const struct sample *sample,
			    const struct source *source)
{
	double more;

	if (!sample->age)
		return is_possible(sample, source) ? HISTORY_PLAIN
						   : HISTORY_IMPOSSIBLE;
	if (!sample->uptime_ns)
		return HISTORY_PLAIN;
	more = ((double)sample->time_ns - (double)sample->uptime_ns) / 1e9;
	if (more > BOOT_SECONDS)
		return HISTORY_REBOOTED;
	return more < -RESTORE_SECONDS ? HISTORY_RESTORED : HISTORY_PLAIN;
}

double sum_of_accounts(const struct sample *sample)
{
	double sum = 0;
	int i;

	for (i = 0; i < NR_ACCOUNTS; i++)
		sum += (double)sample->accounts[i];
	return sum;
}

void sample_free(struct sample *sample)
{
	free(sample->rows);
	hists_free(&sample->hists);
	memset(sample, 0, sizeof(*sample));
}

/* Counters only grow; were one to fall, nothing has moved. */
static uint64_t grown(uint64_t new, uint64_t old)
{
	return new > old ? new - old : 0;
}

bool row_subtract(struct exit_stats_row *delta,
		  const struct exit_stats_row *new,
		  const struct exit_stats_row *old)
{
	int i;

	*delta = *new;
	delta->exits = grown(new->exits, old->exits);
	for (i = 0; i < NR_TIMES; i++)
		delta->times[i] = grown(new->times[i], old->times[i]);
	return delta->exits || row_cycles(delta);
}

static void subtract_totals(struct sample *delta, const struct sample *new,
			    const struct sample *old)
{
	int i;

	delta->has_times = new->has_times;
	delta->epoch = new->epoch;
	delta->age = new->age;
	delta->uptime_ns = new->uptime_ns;
	delta->clock_ns = new->clock_ns;
	delta->time_ns = grown(new->time_ns, old->time_ns);
	row_subtract(&delta->all, &new->all, &old->all);
	for (i = 0; i < NR_ACCOUNTS; i++)
		delta->accounts[i] = grown(new->accounts[i], old->accounts[i]);
	delta->own = grown(new->own, old->own);
}

int sample_subtract(struct sample *delta, const struct sample *new,
		    const struct sample *old)
{
	static const struct exit_stats_row none;
	struct exit_stats_row moved;
	uint32_t i, o = 0;

	subtract_totals(delta, new, old);
	delta->nr_rows = 0;
	for (i = 0; i < new->nr_rows; i++) {
		const struct exit_stats_row *row = &new->rows[i];
		const struct exit_stats_row *was = &none;

		while (o < old->nr_rows && old->rows[o].reason < row->reason)
			o++;
		if (o < old->nr_rows && old->rows[o].reason == row->reason)
			was = &old->rows[o];
		if (row_subtract(&moved, row, was) &&
		    sample_add_row(delta, &moved))
			return -1;
	}
	/* Of what had none, there is no difference. */
	if (old->all.exits && !old->hists.known) {
		hists_begin(&delta->hists, false);
		return 0;
	}
	return hists_subtract(&delta->hists, &new->hists, &old->hists);
}

void row_add(struct exit_stats_row *sum, const struct exit_stats_row *row)
{
	int i;

	sum->exits += row->exits;
	for (i = 0; i < NR_TIMES; i++)
		sum->times[i] += row->times[i];
}

static int by_reason(const void *left, const void *right)
{
	const struct exit_stats_row *a = left, *b = right;

	return (a->reason > b->reason) - (a->reason < b->reason);
}

void sample_order(struct sample *sample)
{
	if (sample->nr_rows)
		qsort(sample->rows, sample->nr_rows, sizeof(*sample->rows),
		      by_reason);
}

/* Without histograms, nobody took what its exits cost. */
static int miss_all(struct hists *missed, const struct sample *sample)
{
	struct hist hist = { 0 };
	uint32_t i;

	hists_begin(missed, sample->nr_rows);
	for (i = 0; i < sample->nr_rows; i++) {
		hist.reason = sample->rows[i].reason;
		hist.missed = sample->rows[i].exits;
		if (hists_put(missed, &hist))
			return -1;
	}
	return 0;
}

/* Where only one of the two has them, the sum says that the other has not. */
static int add_hists(struct sample *sum, const struct sample *change)
{
	struct hists missed = { 0 };
	int status = 0;

	if (!sum->hists.known && !change->hists.known)
		return 0;
	if (!sum->hists.known)
		status = miss_all(&sum->hists, sum);
	if (!change->hists.known)
		status = miss_all(&missed, change);
	if (!status)
		status = hists_add(&sum->hists, change->hists.known ?
				   &change->hists : &missed);
	hists_free(&missed);
	return status;
}

int sample_add(struct sample *sum, const struct sample *change)
{
	uint32_t i, nr = sum->nr_rows;
	struct exit_stats_row *row;

	if (add_hists(sum, change))
		return -1;
	sum->epoch = change->epoch;
	sum->age = change->age;
	sum->time_ns += change->time_ns;
	sum->own += change->own;
	row_add(&sum->all, &change->all);
	for (i = 0; i < NR_ACCOUNTS; i++)
		sum->accounts[i] += change->accounts[i];
	for (i = 0; i < change->nr_rows; i++) {
		row = nr ? bsearch(&change->rows[i], sum->rows, nr, sizeof(*row),
				   by_reason) : NULL;
		if (row)
			row_add(row, &change->rows[i]);
		else if (sample_add_row(sum, &change->rows[i]))
			return -1;
	}
	sample_order(sum);
	return 0;
}

/* Reads are handled in the kernel, without the VMM, and do not wait. */
static void remove_own(struct sample *sample, struct exit_stats_row *row)
{
	uint64_t *account = &sample->accounts[KVM_CPUID_EXIT_STATS_KERNEL];
	uint64_t own = sample->own < row->exits ? sample->own : row->exits;
	uint64_t cycles;

	if (!row->exits)
		return;
	cycles = (unsigned __int128)row->times[TIME_KERNEL] * own / row->exits;
	row->exits -= own;
	row->times[TIME_KERNEL] -= cycles;
	sample->all.exits = grown(sample->all.exits, own);
	sample->all.times[TIME_KERNEL] =
		grown(sample->all.times[TIME_KERNEL], cycles);
	*account = grown(*account, cycles);
}

void sample_remove_own(struct sample *sample, uint32_t own_reason)
{
	uint32_t i, nr = 0;

	for (i = 0; i < sample->nr_rows; i++) {
		struct exit_stats_row *row = &sample->rows[i];

		if (row->reason == own_reason)
			remove_own(sample, row);
		if (row->exits || row_cycles(row))
			sample->rows[nr++] = *row;
	}
	sample->nr_rows = nr;
}

void sample_restrict(struct sample *sample, const uint32_t *reasons, size_t nr)
{
	uint32_t i, kept = 0;
	size_t r = 0;

	for (i = 0; i < sample->nr_rows; i++) {
		while (r < nr && reasons[r] < sample->rows[i].reason)
			r++;
		if (r < nr && reasons[r] == sample->rows[i].reason)
			sample->rows[kept++] = sample->rows[i];
	}
	sample->nr_rows = kept;
}

const struct exit_stats_row *sample_find(const struct sample *sample,
					 uint32_t reason)
{
	uint32_t i;

	for (i = 0; i < sample->nr_rows; i++) {
		if (sample->rows[i].reason == reason)
			return &sample->rows[i];
	}
	return NULL;
}

void sample_tail(const struct sample *sample, uint32_t reason, struct tail *tail)
{
	struct hist hist;

	hists_get(&sample->hists, reason, &hist);
	hist_tail(&hist, tail);
}

void sample_tail_of_all(const struct sample *sample, struct tail *tail)
{
	struct hist sum;

	hists_sum(&sample->hists, &sum);
	hist_tail(&sum, tail);
}

const struct exit_stats_row *sample_worst(const struct sample *sample,
					  struct tail *worst)
{
	const struct exit_stats_row *found = NULL;
	struct tail tail;
	uint32_t i;

	for (i = 0; i < sample->nr_rows; i++) {
		sample_tail(sample, sample->rows[i].reason, &tail);
		if (!tail.exits || (found && tail.max <= worst->max))
			continue;
		found = &sample->rows[i];
		*worst = tail;
	}
	return found;
}

double sample_rate(const struct sample *sample, uint32_t reason)
{
	const struct exit_stats_row *row = sample_find(sample, reason);

	return row ? per_second(row->exits, sample->time_ns) : 0.0;
}

enum sort_key sample_sort_key(const struct sample *sample, enum sort_key key)
{
	if (key != SORT_DEFAULT)
		return key;
	return sample->has_times ? SORT_CYCLES : SORT_EXITS;
}

double row_sort_value(const struct exit_stats_row *row, enum sort_key key)
{
	switch (key) {
	case SORT_CYCLES: return (double)row_cycles(row);
	case SORT_COST: return row_cost(row);
	default: return (double)row->exits;
	}
}

double tail_sort_value(const struct tail *tail, enum sort_key key)
{
	if (!tail->exits)
		return -1;
	return (double)(key == SORT_P99 ? tail->p99 : tail->max);
}

double sample_sort_value(const struct sample *sample,
			 const struct exit_stats_row *row, enum sort_key key)
{
	struct tail tail;

	if (!sort_needs_tail(key))
		return row_sort_value(row, key);
	if (row == &sample->all)
		sample_tail_of_all(sample, &tail);
	else
		sample_tail(sample, row->reason, &tail);
	return tail_sort_value(&tail, key);
}

struct order {
	const struct sample *sample;
	enum sort_key key;
};

static int compare(const void *left, const void *right, void *context)
{
	const struct exit_stats_row *a = left, *b = right;
	const struct order *order = context;
	double value_a = sample_sort_value(order->sample, a, order->key);
	double value_b = sample_sort_value(order->sample, b, order->key);

	if (value_a != value_b)
		return value_a < value_b ? 1 : -1;
	return (a->reason > b->reason) - (a->reason < b->reason);
}

void sample_sort(struct sample *sample, enum sort_key key)
{
	struct order order = { sample, sample_sort_key(sample, key) };

	if (sample->nr_rows)
		qsort_r(sample->rows, sample->nr_rows, sizeof(*sample->rows),
			compare, &order);
}
