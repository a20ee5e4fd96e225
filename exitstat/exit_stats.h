/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read from inside a guest what KVM counted of the guest's own exits.  The leaves are described in <kvm_exit_stats.h>.
 */
#ifndef EXIT_STATS_H
#define EXIT_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <kvm_exit_stats.h>

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

struct exit_stats_row {
	uint32_t reason;
	uint64_t exits;
	uint64_t cycles;
};

struct exit_stats_snapshot {
	uint64_t total_exits;
	uint64_t total_cycles;
	uint64_t own_exits;	/* in the row of the reader's own reason */
	uint32_t nr_rows;
	struct exit_stats_row *rows;	/* indexed by reason; that of one
					 * that is not defined says
					 * KVM_CPUID_EXIT_STATS_UNDEFINED
					 */
};

exit_stats_cpuid_fn exit_stats_cpuid_native;
exit_stats_cpuid_fn exit_stats_cpuid_emulated;

enum exit_stats_status exit_stats_open(struct exit_stats *es);

/* Is it still there?  A host can take it away at any time. */
bool exit_stats_is_present(struct exit_stats *es);

void exit_stats_explain(FILE *out, struct exit_stats *es,
			enum exit_stats_status status);

static inline uint64_t exit_stats_join(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

struct exit_stats_regs exit_stats_read(struct exit_stats *es, uint32_t leaf,
				       uint32_t subleaf);
uint64_t exit_stats_total_exits(struct exit_stats *es);
uint64_t exit_stats_total_cycles(struct exit_stats *es);
uint64_t exit_stats_reason_exits(struct exit_stats *es, uint32_t reason);
uint64_t exit_stats_reason_cycles(struct exit_stats *es, uint32_t reason);

/* The name of @reason, or "-" if the system's headers have none. */
const char *exit_stats_reason_name(uint32_t isa, uint32_t reason);

/*
 * Find the reason of a name, in upper or lower case, whose spaces may be
 * underscores.
 */
bool exit_stats_find_reason(uint32_t isa, const char *name, uint32_t *reason);

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
