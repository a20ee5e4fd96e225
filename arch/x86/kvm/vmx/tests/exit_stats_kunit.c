// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of VMX exit reasons and their indexes.  Included by vmx.c. */
#include "../../tests/exit_stats_kunit.h"

/* Intel SDM, volume 3, appendix "VMX Basic Exit Reasons". */
static bool vmx_test_defined(u32 reason)
{
	switch (reason) {
	case 0 ... 34:
	case 36 ... 37:
	case 39 ... 41:
	case 43 ... 70:
	case 72 ... 81:
	case 84 ... 85:
		return true;
	default:
		return false;
	}
}

static void vmx_test_index(struct kunit *test)
{
	exit_isa_test(test, &vmx_exit_isa, vmx_test_defined);
	KUNIT_EXPECT_TRUE(test, vmx_exit_reason_handled(EXIT_REASON_CPUID));
	KUNIT_EXPECT_FALSE(test, vmx_exit_reason_handled(EXIT_REASON_INIT_SIGNAL));
	KUNIT_EXPECT_FALSE(test, vmx_exit_reason_handled(-1));
}

static void vmx_test_exit(struct kunit *test, u32 reason, bool fail,
			  u64 *exits, u64 expected)
{
	struct vcpu_vmx *vmx = test->priv;

	vmx->exit_reason.full = reason;
	vmx->fail = fail;
	vmx_exit_stats(&vmx->vcpu);
	KUNIT_EXPECT_EQ_MSG(test, *exits, expected, "0x%x", reason);
}

/* Flags beside the basic reason do not matter; no reason is out of bounds. */
static void vmx_test_exits(struct kunit *test)
{
	struct kvm_exit_stats *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct vcpu_vmx *vmx = kunit_kzalloc(test, sizeof(*vmx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_NOT_NULL(test, vmx);
	if (!kvm_exit_stats_enabled())
		kunit_skip(test, "nothing is counted");

	test->priv = vmx;
	vmx->vcpu.arch.exit_stats = s;
	s->hists = kunit_kzalloc(test, sizeof(*s->hists), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->hists);
	s->map[EXIT_REASON_CPUID] = 1;
	s->row = s->rows;
	s->open = &s->row->kernel;

	vmx_test_exit(test, EXIT_REASON_CPUID, false, &s->rows[1].exits, 1);
	vmx_test_exit(test, 0xffff0000 | EXIT_REASON_CPUID, false,
		      &s->rows[1].exits, 2);
	vmx_test_exit(test, VMX_NR_EXIT_REASONS, false, &s->rows[0].exits, 1);
	vmx_test_exit(test, 0xffff, false, &s->rows[0].exits, 2);
	vmx_test_exit(test, VMX_NR_EXIT_REASONS, true, &s->rows[0].exits, 2);
}

static struct kunit_case vmx_exit_stats_cases[] = {
	KUNIT_CASE(vmx_test_index),
	KUNIT_CASE(vmx_test_exits),
	{}
};

static struct kunit_suite vmx_exit_stats_suite = {
	.name = "kvm_exit_stats_vmx",
	.test_cases = vmx_exit_stats_cases,
};

kunit_test_suite(vmx_exit_stats_suite);
