// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of SVM exit codes and their rows. Included by svm.c. */
#include "../../tests/exit_stats_kunit.h"

/* AMD APM, volume 2, appendix "SVM Intercept Exit Codes". */
static const struct exit_stats_range svm_test_ranges[] = {
	{ 0, 0xa6 }, { 0x400, 0x403 }, { -4, -1 },
};

static void svm_test_rows(struct kunit *test)
{
	const struct exit_stats_isa isa = {
		.ops = &svm_exit_stats_ops,
		.ranges = svm_test_ranges,
		.nr_ranges = ARRAY_SIZE(svm_test_ranges),
		.defined = svm_exit_code_defined,
		.row = svm_exit_stats_ops_row,
	};

	exit_stats_test_rows(test, &isa);
	KUNIT_EXPECT_EQ(test, isa.ops->nr_reasons, 0x404);
	KUNIT_EXPECT_EQ(test, svm_exit_stats_row(0x80000000),
			SVM_EXIT_ROW_OTHER);
}

static void svm_test_handlers(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			kvm_exit_stats_find_row(&svm_exit_stats_ops, SVM_EXIT_CPUID),
			SVM_EXIT_CPUID);
	KUNIT_EXPECT_EQ(test,
			kvm_exit_stats_find_row(&svm_exit_stats_ops, SVM_EXIT_NPF),
			SVM_EXIT_ROW_NPF);
	KUNIT_EXPECT_EQ(test,
			kvm_exit_stats_find_row(&svm_exit_stats_ops, SVM_EXIT_INIT),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test,
			kvm_exit_stats_find_row(&svm_exit_stats_ops, SVM_EXIT_ERR),
			-EOPNOTSUPP);
}

static struct kunit_case svm_exit_stats_cases[] = {
	KUNIT_CASE(svm_test_rows),
	KUNIT_CASE(svm_test_handlers),
	{}
};

static struct kunit_suite svm_exit_stats_suite = {
	.name = "kvm_exit_stats_svm",
	.test_cases = svm_exit_stats_cases,
};

kunit_test_suite(svm_exit_stats_suite);
