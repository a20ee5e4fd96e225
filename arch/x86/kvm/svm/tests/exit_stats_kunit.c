// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of SVM exit codes and their indexes.  Included by svm.c. */
#include "../../tests/exit_stats_kunit.h"

/* AMD APM, volume 2, appendix "SVM Intercept Exit Codes". */
static bool svm_test_defined(u32 code)
{
	return code <= 0xa6 || (code >= 0x400 && code <= 0x403) || code >= -4U;
}

static void svm_test_index(struct kunit *test)
{
	exit_isa_test(test, &svm_exit_isa, svm_test_defined);
	KUNIT_EXPECT_TRUE(test, svm_exit_code_handled(SVM_EXIT_CPUID));
	KUNIT_EXPECT_FALSE(test, svm_exit_code_handled(SVM_EXIT_INIT));
	KUNIT_EXPECT_FALSE(test, svm_exit_code_handled(-1));
}

static void svm_test_exit(struct kunit *test, u64 code, u64 *exits, u64 expected)
{
	struct vcpu_svm *svm = test->priv;

	svm->vmcb->control.exit_code = code;
	svm_exit_stats(&svm->vcpu);
	KUNIT_EXPECT_EQ_MSG(test, *exits, expected, "0x%llx", code);
}

/* The upper half of a code does not matter; no code is out of bounds. */
static void svm_test_exits(struct kunit *test)
{
	struct kvm_exit_stats *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct vcpu_svm *svm = kunit_kzalloc(test, sizeof(*svm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_NOT_NULL(test, svm);
	if (!kvm_exit_stats_enabled())
		kunit_skip(test, "nothing is counted");

	test->priv = svm;
	svm->vmcb = kunit_kzalloc(test, sizeof(*svm->vmcb), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, svm->vmcb);
	svm->vcpu.arch.exit_stats = s;
	s->hists = kunit_kzalloc(test, sizeof(*s->hists), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->hists);
	s->map[SVM_EXIT_CPUID] = 1;
	s->map[svm_exit_index(-1)] = 2;
	s->row = s->rows;
	s->open = &s->row->kernel;

	svm_test_exit(test, SVM_EXIT_CPUID, &s->rows[1].exits, 1);
	svm_test_exit(test, 0xffff00000000 | SVM_EXIT_CPUID, &s->rows[1].exits, 2);
	svm_test_exit(test, -1ull, &s->rows[2].exits, 1);
	svm_test_exit(test, U32_MAX, &s->rows[2].exits, 2);
	svm_test_exit(test, SVM_EXIT_NPF - 1, &s->rows[0].exits, 1);
	svm_test_exit(test, SVM_EXIT_SW, &s->rows[0].exits, 2);
}

static struct kunit_case svm_exit_stats_cases[] = {
	KUNIT_CASE(svm_test_index),
	KUNIT_CASE(svm_test_exits),
	{}
};

static struct kunit_suite svm_exit_stats_suite = {
	.name = "kvm_exit_stats_svm",
	.test_cases = svm_exit_stats_cases,
};

kunit_test_suite(svm_exit_stats_suite);
