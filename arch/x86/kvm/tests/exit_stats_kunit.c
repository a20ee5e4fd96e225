// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the CPUID leaves. Included by exit_stats.c. */
#include <kunit/test.h>

#define TEST_NR_VCPUS	2

/* Rows of the reasons 5 and 6, and of others. */
enum { TEST_ROW_5, TEST_ROW_6, TEST_ROW_OTHER, TEST_NR_ROWS };
#define TEST_UNHANDLED	7

struct exit_stats_test {
	struct kvm *kvm;
	struct kvm_vcpu *vcpu[TEST_NR_VCPUS];
	struct kvm_exit_stats stats[TEST_NR_VCPUS];
	struct kvm_exit_stat rows[TEST_NR_VCPUS][TEST_NR_ROWS];
};

/* The reason of the exit that reads a leaf: one without a row, and no exit. */
#define TEST_OTHER	8
#define TEST_NO_EXIT	9
static u32 test_reason;

static int test_row(u32 reason)
{
	switch (reason) {
	case 5:
		return TEST_ROW_5;
	case 6:
		return TEST_ROW_6;
	case TEST_NO_EXIT:
		return -ENOENT;
	default:
		return TEST_ROW_OTHER;
	}
}

static bool test_defined(u32 reason)
{
	return reason == 5 || reason == 6 || reason == TEST_UNHANDLED;
}

static int test_handler(struct kvm_vcpu *vcpu)
{
	return 1;
}

static int (* const test_handlers[])(struct kvm_vcpu *vcpu) = {
	[5] = test_handler,
	[6] = test_handler,
	[TEST_UNHANDLED] = NULL,
};

static const struct kvm_exit_stats_ops test_ops = {
	.isa = KVM_EXIT_STATS_ISA_SVM,
	.nr_reasons = 8,
	.nr_rows = TEST_NR_ROWS,
	.handlers = test_handlers,
	.nr_handlers = ARRAY_SIZE(test_handlers),
	.defined = test_defined,
	.row = test_row,
};

/* A VM of two vCPUs, with as many exits as need a carry. */
static int exit_stats_test_init(struct kunit *test)
{
	struct exit_stats_test *t;
	struct kvm_vcpu *vcpu;
	int i;

	if (!kvm_exit_stats_enabled() || !exit_stats_guest)
		kunit_skip(test, "the module's parameters hide the leaves");

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;

	t->kvm = kunit_kzalloc(test, sizeof(*t->kvm), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->kvm);
	kvm_exit_stats_init_vm(t->kvm);

	for (i = 0; i < TEST_NR_VCPUS; i++) {
		vcpu = kunit_kzalloc(test, sizeof(*vcpu), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, vcpu);
		vcpu->kvm = t->kvm;
		kvm_exit_stats_init_vcpu(vcpu, &test_ops, &t->stats[i],
					 &test_reason, t->rows[i]);
		kvm_exit_stats_publish_vcpu(vcpu);
		t->vcpu[i] = vcpu;
	}

	t->rows[0][TEST_ROW_5] = (struct kvm_exit_stat) { 0x1fffffffe, 7 };
	t->rows[1][TEST_ROW_5] = (struct kvm_exit_stat) { 1, 0x2fffffff8 };
	t->vcpu[0]->stat.exit_stats_exits = 0x3fffffffe;
	t->vcpu[0]->stat.exit_stats_cycles = 3;
	t->vcpu[1]->stat.exit_stats_exits = 2;
	t->vcpu[1]->stat.exit_stats_cycles = 0x4fffffffe;
	test_reason = 6;
	return 0;
}

static void expect_leaf(struct kunit *test, u32 leaf, u32 index, u32 eax,
			u32 ebx, u32 ecx, u32 edx)
{
	struct exit_stats_test *t = test->priv;
	u32 a = leaf, b = ~0, c = index, d = ~0;

	KUNIT_EXPECT_TRUE(test, kvm_exit_stats_cpuid(t->vcpu[0], &a, &b, &c, &d));
	KUNIT_EXPECT_TRUE_MSG(test,
			      a == eax && b == ebx && c == ecx && d == edx,
			      "0x%x, ECX 0x%x: 0x%x 0x%x 0x%x 0x%x", leaf,
			      index, a, b, c, d);
}

/* Not ours: the registers stay as they are. */
static void expect_none(struct kunit *test, u32 leaf)
{
	struct exit_stats_test *t = test->priv;
	u32 a = leaf, b = 2, c = 3, d = 4;

	KUNIT_EXPECT_FALSE(test, kvm_exit_stats_cpuid(t->vcpu[0], &a, &b, &c, &d));
	KUNIT_EXPECT_TRUE(test, a == leaf && b == 2 && c == 3 && d == 4);
}

static void test_signature(struct kunit *test)
{
	u32 leaf;

	expect_leaf(test, 0x4ffffff0, ~0, 0x4fffffff, 0x454d564b, 0x53746978,
		    0x73746174);
	expect_leaf(test, 0x4ffffff1, ~0, 1, tsc_khz, 8, 2);
	for (leaf = 0x4ffffff2; leaf <= 0x4ffffffb; leaf++)
		expect_leaf(test, leaf, ~0, 0, 0, 0, 0);
}

/* The exit that reads is counted in the total, and so is one of no reason. */
static void test_totals(struct kunit *test)
{
	expect_leaf(test, 0x4ffffffc, ~0, 1, 4, 0, 0);
	expect_leaf(test, 0x4ffffffd, ~0, 0, 5, 1, 0);

	test_reason = TEST_OTHER;
	expect_leaf(test, 0x4ffffffc, 5, 1, 4, 0, 0);

	test_reason = TEST_NO_EXIT;
	expect_leaf(test, 0x4ffffffc, 0, 0, 4, 0, 0);
}

static void test_reasons(struct kunit *test)
{
	expect_leaf(test, 0x4ffffffe, 5, 0xffffffff, 1, 5, 0);
	expect_leaf(test, 0x4fffffff, 5, 0, 2, 0xffffffff, 0);
	expect_leaf(test, 0x4ffffffe, 6, 1, 0, 6, 0);
	expect_leaf(test, 0x4fffffff, 6, 0, 0, 0, 0);

	test_reason = 5;
	expect_leaf(test, 0x4ffffffe, 5, 0, 2, 5, 0);
	expect_leaf(test, 0x4fffffff, 5, 0, 2, 0xffffffff, 0);

	test_reason = TEST_NO_EXIT;
	expect_leaf(test, 0x4ffffffe, 6, 0, 0, 6, 0);
}

static void test_no_reasons(struct kunit *test)
{
	u32 leaf;

	for (leaf = 0x4ffffffe; leaf <= 0x4fffffff; leaf++) {
		expect_leaf(test, leaf, TEST_UNHANDLED, 0, 0, 0, 0);
		expect_leaf(test, leaf, 8, 0, 0, 0, 0xffffffff);
		expect_leaf(test, leaf, ~0, 0, 0, 0, 0xffffffff);
	}
}

static void test_not_ours(struct kunit *test)
{
	struct exit_stats_test *t = test->priv;

	expect_none(test, 0);
	expect_none(test, 0x4fffff00);
	expect_none(test, 0x4fffffef);
	expect_none(test, 0x50000000);

	t->vcpu[0]->arch.exit_stats = NULL;
	expect_none(test, 0x4ffffff0);
}

static struct kunit_case exit_stats_cases[] = {
	KUNIT_CASE(test_signature),
	KUNIT_CASE(test_totals),
	KUNIT_CASE(test_reasons),
	KUNIT_CASE(test_no_reasons),
	KUNIT_CASE(test_not_ours),
	{}
};

static struct kunit_suite exit_stats_suite = {
	.name = "kvm_exit_stats",
	.init = exit_stats_test_init,
	.test_cases = exit_stats_cases,
};

kunit_test_suite(exit_stats_suite);
