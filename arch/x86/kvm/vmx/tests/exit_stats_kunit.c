// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of VMX exit reasons and their rows. Included by vmx.c. */
#include "../../tests/exit_stats_kunit.h"

/* Intel SDM, volume 3, appendix "VMX Basic Exit Reasons". */
static const struct exit_stats_range vmx_test_ranges[] = {
	{ 0, 34 }, { 36, 37 }, { 39, 41 }, { 43, 70 }, { 72, 81 }, { 84, 85 },
};

static int vmx_test_row(u32 reason)
{
	if (reason > U16_MAX)
		return -ENOENT;

	return vmx_exit_stats_row((union vmx_exit_reason) { .full = reason });
}

static void vmx_test_rows(struct kunit *test)
{
	const struct exit_stats_isa isa = {
		.ops = &vmx_exit_stats_ops,
		.ranges = vmx_test_ranges,
		.nr_ranges = ARRAY_SIZE(vmx_test_ranges),
		.defined = vmx_exit_reason_defined,
		.row = vmx_test_row,
	};

	exit_stats_test_rows(test, &isa);
	KUNIT_EXPECT_EQ(test, isa.ops->nr_reasons, 86);
	KUNIT_EXPECT_FALSE(test, vmx_exit_reason_defined(0x10000));
}

static void vmx_test_handlers(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			kvm_exit_stats_find_row(&vmx_exit_stats_ops, EXIT_REASON_CPUID),
			EXIT_REASON_CPUID);
	KUNIT_EXPECT_EQ(test,
			kvm_exit_stats_find_row(&vmx_exit_stats_ops, EXIT_REASON_INIT_SIGNAL),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test,
			kvm_exit_stats_find_row(&vmx_exit_stats_ops, 85),
			-EOPNOTSUPP);
}

/* Flags above the basic reason do not change the row, a failed entry has none. */
static void vmx_test_flags(struct kunit *test)
{
	union vmx_exit_reason reason = { .full = EXIT_REASON_CPUID };

	reason.bus_lock_detected = 1;
	reason.enclave_mode = 1;
	KUNIT_EXPECT_EQ(test, vmx_exit_stats_row(reason), EXIT_REASON_CPUID);

	reason.failed_vmentry = 1;
	KUNIT_EXPECT_LT(test, vmx_exit_stats_row(reason), 0);

	reason.full = EXIT_REASON_UNDEFINED;
	KUNIT_EXPECT_LT(test, vmx_exit_stats_row(reason), 0);

	reason.full = U16_MAX;
	KUNIT_EXPECT_EQ(test, vmx_exit_stats_row(reason), VMX_EXIT_ROW_OTHER);
}

static struct kunit_case vmx_exit_stats_cases[] = {
	KUNIT_CASE(vmx_test_rows),
	KUNIT_CASE(vmx_test_handlers),
	KUNIT_CASE(vmx_test_flags),
	{}
};

static struct kunit_suite vmx_exit_stats_suite = {
	.name = "kvm_exit_stats_vmx",
	.test_cases = vmx_exit_stats_cases,
};

kunit_test_suite(vmx_exit_stats_suite);
