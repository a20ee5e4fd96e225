// SPDX-License-Identifier: GPL-2.0-only
/* The source that a guest has of itself: CPUID. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/complain.h"
#include "base/status.h"
#include "source/leaves.h"
#include "source/source.h"
#include "source/walk.h"

struct guest {
	struct source source;
	struct exit_stats es;
	struct exit_stats_snapshot snapshot;
	struct hists hists;
	bool any;
	struct exit_stats_row other;	/* in the totals of the first read, in no row */
};

/*
 * The VM's age is that of its counts; without it, the guest's own is taken: since
 * its kernel started, which is when the VM did, or later.
 */
static uint64_t age_ns(const struct exit_stats *es)
{
	if (!es->age || !es->tsc_khz)
		return clock_ns(CLOCK_BOOTTIME);
	return (unsigned __int128)es->age * 1000000 / es->tsc_khz;
}

int guest_fill_sample(struct sample *sample, const struct exit_stats *es,
		      const struct exit_stats_snapshot *snapshot)
{
	uint32_t i;

	sample->has_times = exit_stats_has_times(es);
	sample->epoch = es->epoch;
	sample->age = es->age;
	sample->time_ns = age_ns(es);
	sample->uptime_ns = clock_ns(CLOCK_BOOTTIME);
	sample->clock_ns = clock_ns(CLOCK_REALTIME);
	memset(&sample->all, 0, sizeof(sample->all));
	sample->all.exits = snapshot->total_exits;
	sample->all.times[TIME_KERNEL] = snapshot->total_kernel;
	memcpy(sample->accounts, snapshot->accounts, sizeof(sample->accounts));
	sample->own = snapshot->own_exits;
	sample->nr_rows = 0;
	for (i = 0; i < snapshot->nr_rows; i++) {
		const struct exit_stats_row *row = &snapshot->rows[i];

		if ((row->exits || row_cycles(row)) && sample_add_row(sample, row))
			return -1;
	}
	return 0;
}

/*
 * Rows are read after the totals: their sum is the later, larger number.
 * Version 1 has exits of which no row can be read.
 */
static void set_totals(struct guest *guest, struct sample *sample)
{
	const struct exit_stats_row total = sample->all;
	struct exit_stats_row *all = &sample->all, *other = &guest->other;
	uint32_t i;

	memset(all, 0, sizeof(*all));
	for (i = 0; i < sample->nr_rows; i++)
		row_add(all, &sample->rows[i]);
	if (!guest->any && guest->es.version == 1) {
		if (total.exits > all->exits)
			other->exits = total.exits - all->exits;
		if (row_cycles(&total) > row_cycles(all))
			other->times[TIME_KERNEL] = row_cycles(&total) -
						    row_cycles(all);
	}
	guest->any = true;
	row_add(all, other);
}

/* The totals' leaves only once: the host has a line in its log for each read. */
static int collect(struct guest *guest)
{
	if (guest->any ? exit_stats_collect_rows(&guest->es, &guest->snapshot)
		       : exit_stats_collect(&guest->es, &guest->snapshot))
		return complain("out of memory");
	hists_begin(&guest->hists, false);
	if (guest->source.wants_hists &&
	    exit_stats_walk(&guest->es, &guest->snapshot,
			    guest->source.origin.vcpus, &guest->hists))
		return -1;
	/* Asked after the rows: they are right then. */
	if (!exit_stats_is_present(&guest->es))
		return complain("the host has turned exit statistics off");
	return 0;
}

/* What was read while counts began anew is of both epochs: read it again. */
static int guest_read(struct source *source, struct sample *sample)
{
	struct guest *guest = (struct guest *)source;

	do {
		if (collect(guest))
			return -1;
	} while (exit_stats_is_anew(&guest->es));

	if (guest_fill_sample(sample, &guest->es, &guest->snapshot))
		return -1;
	set_totals(guest, sample);
	return hists_copy(&sample->hists, &guest->hists);
}

static void guest_close(struct source *source)
{
	struct guest *guest = (struct guest *)source;

	exit_stats_free(&guest->snapshot);
	hists_free(&guest->hists);
	free(guest);
}

struct source *guest_open(int *status)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	enum exit_stats_status es_status;

	*status = STATUS_FAILED;
	if (!guest) {
		complain("out of memory");
		return NULL;
	}

	guest->es.cpuid = exit_stats_cpuid_native;
	es_status = exit_stats_open(&guest->es);
	if (es_status != EXIT_STATS_OK) {
		fputs("exitstat: ", stderr);
		exit_stats_explain(stderr, &guest->es, es_status);
		*status = STATUS_NO_STATISTICS;
		free(guest);
		return NULL;
	}
	guest->source = (struct source){
		.isa = guest->es.isa,
		.tsc_khz = guest->es.tsc_khz,
		.own_reason = guest->es.own_reason,
		.read = guest_read,
		.close = guest_close,
	};
	origin_here(&guest->source.origin);
	guest->source.origin.vcpus = sysconf(_SC_NPROCESSORS_CONF);
	return &guest->source;
}
