// SPDX-License-Identifier: GPL-2.0-only
/* See source/walk.h. */
#include <string.h>

#include "source/walk.h"

#define REASON_MASK	0xffffff

static uint32_t key_of(uint32_t reason)
{
	if (reason == KVM_CPUID_EXIT_STATS_OTHER)
		reason = KVM_CPUID_EXIT_STATS_HIST_OTHER;
	return (reason & REASON_MASK) << KVM_CPUID_EXIT_STATS_HIST_REASON_SHIFT;
}

/*
 * Each answer has a bucket behind the one before, so that this ends; the last has
 * the maximum.  A host that answers nothing behind its last bucket does not tell the
 * maximum of what is there.  False if the host makes no sense.
 */
static bool walk(struct exit_stats *es, struct hist *hist)
{
	struct exit_stats_regs regs;
	uint32_t at = 0;
	uint64_t number;

	while (at <= NR_BUCKETS) {
		regs = exit_stats_read(es, KVM_CPUID_EXIT_STATS_REASON_HIST,
				       key_of(hist->reason) | at);
		number = exit_stats_join(regs.ebx, regs.eax);
		if (at == NR_BUCKETS && regs.edx) {
			hist->max = hist_from(NR_BUCKETS - 1);
			hist->bound = BOUND_AT_LEAST;
			return true;
		}
		if (regs.edx)
			return false;
		if (regs.ecx == KVM_CPUID_EXIT_STATS_NO_BUCKET) {
			hist->max = number;
			return true;
		}
		if (regs.ecx < at || regs.ecx >= NR_BUCKETS)
			return false;
		hist->counts[regs.ecx] = number;
		at = regs.ecx + 1;
	}
	return false;
}

static uint64_t count_missed(const struct exit_stats_row *row,
			     const struct hist *hist, uint32_t vcpus)
{
	uint64_t known = hist_exits(hist);

	if (row->exits < known || row->exits - known < vcpus)
		return 0;
	return row->exits - known - vcpus;
}

/* 0, or 1 if the host makes no sense, or -1. */
static int add_row(struct exit_stats *es, const struct exit_stats_row *row,
		   uint32_t vcpus, struct hists *hists)
{
	struct hist hist = { .reason = row->reason, .open = OPEN_UNKNOWN };

	if (!row->exits)
		return 0;
	if (hists->nr == MAX_HISTS || !walk(es, &hist))
		return 1;
	hist.missed = count_missed(row, &hist, vcpus);
	return hists_put(hists, &hist);
}

/* First the reason that reading causes, as with the rows. */
int exit_stats_walk(struct exit_stats *es,
		    const struct exit_stats_snapshot *snapshot, uint32_t vcpus,
		    struct hists *hists)
{
	int status;
	uint32_t i;

	hists_begin(hists, exit_stats_has_hists(es));
	if (!hists->known)
		return 0;
	status = add_row(es, &snapshot->rows[es->own_reason], vcpus, hists);
	for (i = 0; i < snapshot->nr_rows && !status; i++) {
		if (i != es->own_reason)
			status = add_row(es, &snapshot->rows[i], vcpus, hists);
	}
	if (status > 0) {
		es->features &= ~KVM_CPUID_EXIT_STATS_F_HIST;
		hists_begin(hists, false);
	}
	hists_order(hists);
	return status < 0 ? -1 : 0;
}
