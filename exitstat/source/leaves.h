/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read from inside a guest what KVM counted of the guest's own exits.  The
 * leaves are described in <kvm_exit_stats.h>.
 */
#ifndef EXIT_STATS_H
#define EXIT_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <kvm_exit_stats.h>

#include "model/reason.h"

struct exit_stats_regs {
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
};

typedef struct exit_stats_regs exit_stats_cpuid_fn(uint32_t leaf,
						   uint32_t subleaf);

/*
 * A way to the interface.  The caller sets the first two members; all CPUIDs go
 * through @cpuid, so that a test may put a model of KVM there.
 */
struct exit_stats {
	exit_stats_cpuid_fn *cpuid;
	bool emulated;		/* @cpuid is exit_stats_cpuid_emulated() */

	uint32_t version;
	uint32_t tsc_khz;
	uint32_t nr_reasons;	/* one more than the highest that is defined */
	uint32_t isa;
	uint32_t features;	/* KVM_CPUID_EXIT_STATS_F_*; version 1 has none */
	uint64_t epoch;		/* another one: counts began anew; or 0 */
	uint64_t age;		/* of the VM in cycles, when the epoch was read */
	uint32_t own_reason;	/* the exit reason that @cpuid causes */
	uint64_t reads;		/* exits that @cpuid caused through this */
};

enum exit_stats_status {
	EXIT_STATS_OK,
	EXIT_STATS_NO_HYPERVISOR,
	EXIT_STATS_NOT_KVM,
	EXIT_STATS_NOT_OFFERED,
	EXIT_STATS_UNKNOWN_VERSION,
	EXIT_STATS_BAD_INFO,
};

struct exit_stats_snapshot {
	uint64_t total_exits;
	uint64_t total_kernel;
	uint64_t accounts[NR_ACCOUNTS];
	uint64_t own_exits;	/* in the row of the reader's own reason */
	uint32_t nr_rows;
	struct exit_stats_row *rows;	/* by reason, ascending */
};

exit_stats_cpuid_fn exit_stats_cpuid_native;
exit_stats_cpuid_fn exit_stats_cpuid_emulated;

enum exit_stats_status exit_stats_open(struct exit_stats *es);

/* Is it still there?  A host can take it away at any time. */
bool exit_stats_is_present(struct exit_stats *es);

/*
 * Read the epoch, and the age.  True if it is another epoch than before: what
 * was read in between is of no use.
 */
bool exit_stats_is_anew(struct exit_stats *es);

/* Does it know where all time went? */
static inline bool exit_stats_has_times(const struct exit_stats *es)
{
	const uint32_t bits = KVM_CPUID_EXIT_STATS_F_ACCOUNTS |
			      KVM_CPUID_EXIT_STATS_F_REASON_TIMES;

	return (es->features & bits) == bits;
}

void exit_stats_explain(FILE *out, struct exit_stats *es,
			enum exit_stats_status status);

static inline uint64_t exit_stats_join(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

struct exit_stats_regs exit_stats_read(struct exit_stats *es, uint32_t leaf,
				       uint32_t subleaf);
uint64_t exit_stats_total_exits(struct exit_stats *es);
uint64_t exit_stats_total_kernel(struct exit_stats *es);
uint64_t exit_stats_account(struct exit_stats *es, uint32_t account);
uint64_t exit_stats_reason_exits(struct exit_stats *es, uint32_t reason);
uint64_t exit_stats_reason_time(struct exit_stats *es, uint32_t reason,
				enum exit_stats_time time);

/*
 * Row @i of a snapshot is about this reason.  Behind those that an instruction
 * set numbers come what is in no reason's own row, and SVM's errors.
 */
uint32_t exit_stats_reason_at(const struct exit_stats *es, uint32_t i);
uint32_t exit_stats_nr_rows(const struct exit_stats *es);

/*
 * Fill @snapshot, which is all zeros or was filled before; its rows only with
 * the second, which no host logs.  Returns 0, or -1 if there is no memory for
 * the rows.
 */
int exit_stats_collect(struct exit_stats *es,
		       struct exit_stats_snapshot *snapshot);
int exit_stats_collect_rows(struct exit_stats *es,
			    struct exit_stats_snapshot *snapshot);
void exit_stats_free(struct exit_stats_snapshot *snapshot);

void exit_stats_print_totals(FILE *out, const struct exit_stats *es,
			     const struct exit_stats_snapshot *snapshot);

#endif /* EXIT_STATS_H */
