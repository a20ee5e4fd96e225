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
	KUNIT_EXPECT_FALSE(test, svm_exit_code_handled(SVM_EXIT_ERR));
}

static struct kunit_case svm_exit_stats_cases[] = {
	KUNIT_CASE(svm_test_index),
	{}
};

static struct kunit_suite svm_exit_stats_suite = {
	.name = "kvm_exit_stats_svm",
	.test_cases = svm_exit_stats_cases,
};

kunit_test_suite(svm_exit_stats_suite);
