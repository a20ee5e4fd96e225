// SPDX-License-Identifier: GPL-2.0-only
/* The source that a guest has of itself: CPUID. */
#include <stdlib.h>
#include <time.h>

#include "exitstat.h"

struct guest {
	struct source source;
	struct exit_stats es;
	struct exit_stats_snapshot snapshot;
	bool any;
	uint64_t other_exits;	/* in the totals of the first read, in no row */
	uint64_t other_cycles;
};

/* Since the guest's kernel started, which is when the VM did, or later. */
static uint64_t boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

int guest_fill_sample(struct sample *sample,
		      const struct exit_stats_snapshot *snapshot)
{
	uint32_t i;

	sample->time_ns = boot_ns();
	sample->exits = snapshot->total_exits;
	sample->cycles = snapshot->total_cycles;
	sample->own = snapshot->own_exits;
	sample->nr_rows = 0;
	for (i = 0; i < snapshot->nr_rows; i++) {
		const struct exit_stats_row *row = &snapshot->rows[i];

		if (row->exits &&
		    sample_add_row(sample, i, row->exits, row->cycles))
			return -1;
	}
	return 0;
}

/* Rows are read after the totals: their sum is the later, larger number. */
static void set_totals(struct guest *guest, struct sample *sample)
{
	const struct exit_stats_snapshot *snapshot = &guest->snapshot;
	uint32_t i;

	sample->exits = sample->cycles = 0;
	for (i = 0; i < sample->nr_rows; i++) {
		sample->exits += sample->rows[i].exits;
		sample->cycles += sample->rows[i].cycles;
	}
	if (!guest->any) {
		if (snapshot->total_exits > sample->exits)
			guest->other_exits = snapshot->total_exits - sample->exits;
		if (snapshot->total_cycles > sample->cycles)
			guest->other_cycles = snapshot->total_cycles -
					      sample->cycles;
	}
	guest->any = true;
	sample->exits += guest->other_exits;
	sample->cycles += guest->other_cycles;
}

/* The totals' leaves only once: the host has a line in its log for each read. */
static int guest_read(struct source *source, struct sample *sample)
{
	struct guest *guest = (struct guest *)source;

	if (guest->any ? exit_stats_collect_rows(&guest->es, &guest->snapshot)
		       : exit_stats_collect(&guest->es, &guest->snapshot))
		return complain("out of memory");
	/* Asked after the rows: they are right then. */
	if (!exit_stats_is_present(&guest->es))
		return complain("the host has turned exit statistics off");

	if (guest_fill_sample(sample, &guest->snapshot))
		return -1;
	set_totals(guest, sample);
	return 0;
}

static void guest_close(struct source *source)
{
	struct guest *guest = (struct guest *)source;

	exit_stats_free(&guest->snapshot);
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
	return &guest->source;
}
