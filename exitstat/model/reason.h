/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted: exits by reason and where the time went that they took, and
 * how all formats call that.
 */
#ifndef REASON_H
#define REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kvm_exit_stats.h>

/* Where the time went that exits of a reason took.  Version 1 has the first. */
enum exit_stats_time {
	TIME_KERNEL,
	TIME_VMM,
	TIME_WAIT,
	NR_TIMES
};

#define NR_ACCOUNTS	KVM_CPUID_EXIT_STATS_NR_ACCOUNTS

/* As all formats call them. */
extern const char *const time_names[NR_TIMES];
extern const char *const account_names[NR_ACCOUNTS];

struct exit_stats_row {
	uint32_t reason;
	bool undefined;		/* no instruction set has that reason */
	uint64_t exits;
	uint64_t times[NR_TIMES];	/* in cycles */
};

/*
 * The row of what is in no reason's own row.  No instruction set has that reason;
 * it sorts after all but SVM's errors -4 to -1.
 */
#define REASON_OTHER	KVM_CPUID_EXIT_STATS_OTHER

/* "vmx" or "svm", and as people write it. */
const char *isa_name(uint32_t isa);
const char *isa_title(uint32_t isa);

/* The name of @reason: "other", or "-" if the system's headers have none. */
const char *reason_name(uint32_t isa, uint32_t reason);

/* Its number as people write it: "48", "-1" of SVM, "-" of "other". */
const char *reason_number(uint32_t reason, char text[12]);

/* The name that is in place @i of the kernel's list, or NULL after its end. */
const char *reason_at(uint32_t isa, size_t i, uint32_t *reason);

/*
 * Find the reason of a name, in upper or lower case, whose spaces may be
 * underscores; or of the beginning of one, which a table may have cut.  Returns
 * how many there are; @reason is only good if that is 1.
 */
int find_reason(uint32_t isa, const char *text, uint32_t *reason);

#endif /* REASON_H */
