/* SPDX-License-Identifier: GPL-2.0-only */
/* Read through CPUID what single exits of this guest cost. */
#ifndef WALK_H
#define WALK_H

#include "model/hist.h"
#include "source/leaves.h"

static inline bool exit_stats_has_hists(const struct exit_stats *es)
{
	return es->features & KVM_CPUID_EXIT_STATS_F_HIST;
}

/*
 * The histograms of the snapshot's rows; @vcpus may have an exit each that is not
 * over.  A host whose answers make no sense is not asked again: it has none then.
 * 0, or -1 after a line on stderr.
 */
int exit_stats_walk(struct exit_stats *es,
		    const struct exit_stats_snapshot *snapshot, uint32_t vcpus,
		    struct hists *hists);

#endif /* WALK_H */
