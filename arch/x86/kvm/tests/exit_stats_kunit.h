/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_X86_KVM_TESTS_EXIT_STATS_KUNIT_H
#define ARCH_X86_KVM_TESTS_EXIT_STATS_KUNIT_H

#include <linux/bitops.h>

#include <kunit/test.h>

struct exit_stats_range {
	u32 first;
	u32 last;
};

/* What a vendor's code should know, and how it says it. */
struct exit_stats_isa {
	const struct kvm_exit_stats_ops *ops;
	const struct exit_stats_range *ranges;
	int nr_ranges;
	bool (*defined)(u32 reason);
	/* Negative if that is no reason of an exit. */
	int (*row)(u32 reason);
};

/* A row of its own, before "other", which tells the reason. */
static void exit_stats_test_defined(struct kunit *test, u32 reason,
				    const struct exit_stats_isa *isa,
				    unsigned long *taken)
{
	int found = kvm_exit_stats_find_row(isa->ops, reason);
	int row = isa->row(reason);

	KUNIT_EXPECT_TRUE_MSG(test, isa->defined(reason), "0x%x", reason);
	KUNIT_EXPECT_TRUE_MSG(test, found == row || found == -EOPNOTSUPP,
			      "0x%x: %d", reason, found);
	KUNIT_ASSERT_GE_MSG(test, row, 0, "0x%x", reason);
	KUNIT_ASSERT_LT_MSG(test, row, isa->ops->nr_rows - 1, "0x%x", reason);
	KUNIT_EXPECT_EQ_MSG(test, (u32)isa->ops->row_reason(row), reason,
			    "row %d", row);
	KUNIT_EXPECT_FALSE_MSG(test, __test_and_set_bit(row, taken),
			       "0x%x: row %d", reason, row);
}

/* No row for a guest that asks, and none where a defined reason is counted. */
static void exit_stats_test_undefined(struct kunit *test, u32 reason,
				      const struct exit_stats_isa *isa,
				      unsigned long *taken)
{
	int row = isa->row(reason);

	KUNIT_EXPECT_FALSE_MSG(test, isa->defined(reason), "0x%x", reason);
	KUNIT_EXPECT_EQ_MSG(test, kvm_exit_stats_find_row(isa->ops, reason),
			    -ENOENT, "0x%x", reason);
	KUNIT_ASSERT_LT_MSG(test, row, isa->ops->nr_rows, "0x%x", reason);
	if (row >= 0)
		KUNIT_EXPECT_FALSE_MSG(test, test_bit(row, taken),
				       "0x%x: row %d", reason, row);
}

static bool exit_stats_in_ranges(const struct exit_stats_isa *isa, u32 reason)
{
	int i;

	for (i = 0; i < isa->nr_ranges; i++) {
		if (reason >= isa->ranges[i].first &&
		    reason <= isa->ranges[i].last)
			return true;
	}
	return false;
}

/* All reasons of 16 bits, and those that are as far below zero. */
static void exit_stats_test_rows(struct kunit *test,
				 const struct exit_stats_isa *isa)
{
	unsigned long *taken;
	int i;

	taken = kunit_kcalloc(test, BITS_TO_LONGS(isa->ops->nr_rows),
			      sizeof(*taken), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, taken);

	for (i = -0x10000; i < 0x10000; i++) {
		if (exit_stats_in_ranges(isa, i))
			exit_stats_test_defined(test, i, isa, taken);
	}
	for (i = -0x10000; i < 0x10000; i++) {
		if (!exit_stats_in_ranges(isa, i))
			exit_stats_test_undefined(test, i, isa, taken);
	}
}
#endif
