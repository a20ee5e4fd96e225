/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_X86_KVM_TESTS_EXIT_STATS_KUNIT_H
#define ARCH_X86_KVM_TESTS_EXIT_STATS_KUNIT_H

#include <kunit/test.h>

/* A reason has an index, just for itself, if and only if it is @defined. */
static void exit_isa_test(struct kunit *test, const struct kvm_exit_isa *isa,
			  bool (*defined)(u32 reason))
{
	unsigned int index;
	u32 nr_reasons = 0;
	int i;

	for (i = -0x10000; i <= 0x10000; i++) {
		index = isa->index(i);
		KUNIT_EXPECT_LT_MSG(test, index, KVM_NR_EXIT_INDEXES, "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, index != KVM_EXIT_INDEX_OTHER,
				    defined(i), "%d", i);
		if (index == KVM_EXIT_INDEX_OTHER)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, isa->reason(index), i, "%d", index);
		if (i >= 0)
			nr_reasons = i + 1;
	}
	KUNIT_EXPECT_EQ(test, isa->nr_reasons, nr_reasons);
	KUNIT_EXPECT_EQ(test, isa->index(KVM_CPUID_EXIT_STATS_OTHER),
			KVM_EXIT_INDEX_OTHER);

	for (i = 0; i < KVM_EXIT_INDEX_OTHER; i++) {
		index = isa->index(isa->reason(i));
		KUNIT_EXPECT_TRUE_MSG(test, index == i ||
				      index == KVM_EXIT_INDEX_OTHER, "%d", i);
	}
}

#endif
