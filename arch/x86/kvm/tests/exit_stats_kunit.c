// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the clock of VM exit statistics.  Included by exit_stats.c. */
#include <linux/delay.h>

#include <kunit/test.h>

static unsigned int test_isa_index(u32 reason)
{
	return reason < KVM_EXIT_INDEX_OTHER && reason % 2 == 0 ?
	       reason : KVM_EXIT_INDEX_OTHER;
}

static s64 test_isa_reason(unsigned int index)
{
	return index;
}

/* For when no vendor module is loaded: more reasons than a vCPU has rows. */
static const struct kvm_exit_isa test_isa = {
	.index = test_isa_index,
	.reason = test_isa_reason,
};

static int exit_stats_test_init(struct kunit *test)
{
	struct kvm_vcpu *vcpu = kunit_kzalloc(test, sizeof(*vcpu), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vcpu);
	test->priv = vcpu;
	/* A vendor module may come at the same time. */
	cmpxchg(&kvm_x86_ops.exit_isa, NULL, &test_isa);

	kvm_exit_stats_alloc(vcpu, KVM_CPUID_EXIT_STATS_OUTSIDE, rdtsc(),
			     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vcpu->arch.exit_stats);
	return 0;
}

static void exit_stats_test_exit(struct kunit *test)
{
	if (test->priv)
		kvm_exit_stats_destroy_vcpu(test->priv);
	cmpxchg(&kvm_x86_ops.exit_isa, &test_isa, NULL);
}

static struct kvm_exit_stats *test_stats(struct kunit *test)
{
	struct kvm_vcpu *vcpu = test->priv;

	return vcpu->arch.exit_stats;
}

static void expect_sum(struct kunit *test)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS; i++)
		sum += kvm_exit_stats_account(test->priv, i);
	KUNIT_EXPECT_EQ(test, sum, kvm_exit_stats_age(test->priv));
}

/* What was open gets the time; where the TSC went back, none. */
static void test_switch(struct kunit *test)
{
	struct kvm_exit_stats *stats = test_stats(test);
	u64 last, before, *from, now = stats->last;
	u64 *accounts[] = {
		kvm_exit_account(stats, PREEMPTED), kvm_exit_account(stats, OUTSIDE),
		&stats->rows[0].kernel, &stats->rows[1].vmm,
		&stats->rows[KVM_NR_EXIT_ROWS - 1].wait,
	};
	int i;

	stats->nr_rows = KVM_NR_EXIT_ROWS;
	for (i = 0; i < 1000; i++) {
		last = stats->last;
		from = stats->open;
		before = *from;
		now = now + get_random_u32_below(4000) - 1000;
		kvm_exit_stats_switch(stats, accounts[get_random_u32_below(5)],
				      now);
		KUNIT_EXPECT_EQ(test, stats->last, now);
		KUNIT_EXPECT_EQ(test, *from - before,
				max_t(s64, now - last, 0));
		expect_sum(test);
	}
}

/* The TSC begins anew when the host resumes; the vCPU is no younger then. */
static void test_resume(struct kunit *test)
{
	struct kvm_exit_stats *stats = test_stats(test);
	u64 age, *outside = kvm_exit_account(stats, OUTSIDE);

	kvm_exit_stats_switch(stats, outside, stats->last + 1000000);
	age = kvm_exit_stats_age(test->priv);
	KUNIT_EXPECT_EQ(test, age, 1000000);
	kvm_exit_stats_switch(stats, outside, 1000);
	KUNIT_EXPECT_EQ(test, kvm_exit_stats_age(test->priv), age);
	kvm_exit_stats_switch(stats, outside, 1023);
	KUNIT_EXPECT_EQ(test, kvm_exit_stats_age(test->priv), age + 23);
	expect_sum(test);
}

/* The guest runs until @now, if it did when the last hook was seen. */
static void expect_guest(struct kunit *test, u64 now, bool ran, u64 guest,
			 u64 off)
{
	struct kvm_exit_stats *stats = test_stats(test);
	u64 *account = kvm_exit_account(stats, GUEST);

	kvm_exit_stats_close(stats, account, now, ran, true);
	KUNIT_EXPECT_EQ(test, *account, guest);
	KUNIT_EXPECT_EQ(test, *kvm_exit_account(stats, OFF), off);
	expect_sum(test);
}

static void test_off(struct kunit *test)
{
	u64 now = test_stats(test)->last;

	expect_guest(test, now + 7, false, 7, 0);
	expect_guest(test, now + 20, true, 20, 0);
	expect_guest(test, now + 30, false, 20, 10);
	test_stats(test)->state -= 2;
	expect_guest(test, now + 37, true, 20, 17);
	expect_guest(test, now + 60, true, 43, 17);
}

static void expect_off(struct kunit *test, u64 *off)
{
	struct kvm_exit_stats *stats = test_stats(test);

	KUNIT_EXPECT_GT(test, *kvm_exit_account(stats, OFF), *off);
	KUNIT_EXPECT_EQ(test, *kvm_exit_account(stats, GUEST), 0);
	KUNIT_EXPECT_EQ(test, stats->rows[0].kernel, 0);
	*off = *kvm_exit_account(stats, OFF);
	expect_sum(test);
}

/* No exit was seen since the last entry, or no entry since the last exit. */
static void test_unseen(struct kunit *test)
{
	u64 off = 0;

	__kvm_exit_stats_enter(test->priv);
	__kvm_exit_stats_enter(test->priv);
	expect_off(test, &off);
	__kvm_exit_stats_run(test->priv);
	expect_off(test, &off);
	__kvm_exit_stats_exit(test->priv, 0);
	expect_off(test, &off);
	KUNIT_EXPECT_EQ(test, test_stats(test)->row->exits, 1);
}

/* A vCPU that is made while counting is off gets statistics when it runs. */
static void test_begin(struct kunit *test)
{
	struct kvm *kvm = kunit_kzalloc(test, sizeof(*kvm), GFP_KERNEL);
	struct kvm_vcpu *vcpu = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, kvm);
	kvm_exit_stats_destroy_vcpu(vcpu);
	vcpu->arch.exit_stats = NULL;
	vcpu->kvm = kvm;
	kvm->arch.exit_stats.created = rdtsc();
	__kvm_exit_stats_exit(vcpu, 0);
	KUNIT_ASSERT_TRUE(test, kvm_check_request(KVM_REQ_EXIT_STATS, vcpu));

	kvm_exit_stats_begin(vcpu);
	/* Not if counting was turned off since the request. */
	if (!kvm_exit_stats_enabled()) {
		KUNIT_EXPECT_NULL(test, vcpu->arch.exit_stats);
		return;
	}
	KUNIT_ASSERT_NOT_NULL(test, vcpu->arch.exit_stats);
	KUNIT_EXPECT_GT(test, kvm_exit_stats_age(vcpu), 0);
	KUNIT_EXPECT_EQ(test, *kvm_exit_account(vcpu->arch.exit_stats, OFF),
			kvm_exit_stats_age(vcpu));
}

static void test_rows(struct kunit *test)
{
	const struct kvm_exit_isa *isa = kvm_x86_ops.exit_isa;
	struct kvm_exit_row total = {}, sum = {};
	unsigned int i, row = 0;

	for (i = 0; i < 2 * KVM_NR_EXIT_INDEXES; i++)
		__kvm_exit_stats_exit(test->priv, i / 2);
	__kvm_exit_stats_exit(test->priv, KVM_EXIT_INDEX_NONE);

	for (i = 0; i < KVM_NR_EXIT_INDEXES; i++) {
		bool own = i != KVM_EXIT_INDEX_OTHER &&
			   isa->index(isa->reason(i)) == i &&
			   ++row < KVM_NR_EXIT_ROWS;

		KUNIT_EXPECT_EQ(test, test_stats(test)->map[i], own ? row : 0);
		kvm_exit_stats_add_reason(test->priv, i, &sum);
	}
	kvm_exit_stats_add_total(test->priv, &total);
	KUNIT_EXPECT_EQ(test, memcmp(&sum, &total, sizeof(total)), 0);
	KUNIT_EXPECT_EQ(test, total.exits, 2 * KVM_NR_EXIT_INDEXES);
	KUNIT_EXPECT_EQ(test, test_stats(test)->nr_rows, KVM_NR_EXIT_ROWS);
	for (row = 1; row < KVM_NR_EXIT_ROWS; row++)
		KUNIT_EXPECT_EQ(test, test_stats(test)->rows[row].exits, 2);
	expect_sum(test);
}

/* An exit's time is known until the next entry. */
static void test_exit_tsc(struct kunit *test)
{
	struct kvm_exit_stats *stats = test_stats(test);

	if (!kvm_exit_stats_enabled())
		kunit_skip(test, "nothing is counted");

	__kvm_exit_stats_enter(test->priv);
	KUNIT_EXPECT_GT(test, kvm_exit_stats_tsc(test->priv), stats->last);
	__kvm_exit_stats_exit(test->priv, 0);
	KUNIT_EXPECT_EQ(test, kvm_exit_stats_tsc(test->priv), stats->last);
	stats->state -= 2;
	KUNIT_EXPECT_GT(test, kvm_exit_stats_tsc(test->priv), stats->last);
}

/* As many exits as the vCPU has in @bucket of the reason with @index. */
static u64 hist_count(struct kunit *test, unsigned int index,
		      unsigned int bucket)
{
	return kvm_exit_hist_sum(NULL, test->priv, index, bucket);
}

static u64 hist_all(struct kunit *test, unsigned int index)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < KVM_CPUID_EXIT_STATS_NR_BUCKETS; i++)
		sum += hist_count(test, index, i);
	return sum;
}

/* An exit of the reason with index 0, which is over after @cost. */
static void hist_exit(struct kunit *test, u64 cost)
{
	struct kvm_exit_stats *stats = test_stats(test);

	kvm_exit_stats_count(test->priv, stats, stats->map[0]);
	stats->row->kernel += cost;
}

/* An exit has begun, and has a histogram. */
static void hist_begin(struct kunit *test)
{
	if (!kvm_exit_stats_enabled() ||
	    !static_branch_likely(&kvm_exit_hist_on))
		kunit_skip(test, "no histograms");

	__kvm_exit_stats_enter(test->priv);
	__kvm_exit_stats_exit(test->priv, 0);
	KUNIT_ASSERT_TRUE(test, kvm_check_request(KVM_REQ_EXIT_STATS,
						  (struct kvm_vcpu *)test->priv));
	kvm_exit_stats_begin(test->priv);
	KUNIT_ASSERT_NOT_NULL(test, test_stats(test)->hist);
	KUNIT_EXPECT_TRUE(test, kvm_exit_hist_is_open(test->priv, 0));
}

/* Buckets follow each other, and are narrow. */
static void test_hist_buckets(struct kunit *test)
{
	unsigned int last = KVM_CPUID_EXIT_STATS_NR_BUCKETS - 1;
	unsigned int i;
	u64 from = 0;

	for (i = 0; i < last; i++) {
		KUNIT_EXPECT_EQ(test, kvm_exit_hist_from(i), from);
		KUNIT_EXPECT_EQ(test, kvm_exit_hist_bucket(from), i);
		from = kvm_exit_hist_to(i) + 1;
		KUNIT_EXPECT_EQ(test, kvm_exit_hist_bucket(from - 1), i);
		KUNIT_EXPECT_LE(test, from - kvm_exit_hist_from(i),
				max(kvm_exit_hist_from(i) / 8, 8));
	}
	KUNIT_EXPECT_EQ(test, kvm_exit_hist_bucket(from), last);
	KUNIT_EXPECT_EQ(test, kvm_exit_hist_bucket(BIT_ULL(30) - 1), last);
	KUNIT_EXPECT_EQ(test, kvm_exit_hist_to(last), U64_MAX);
}

/* Each exit is in the bucket of its cost; the maximum is exact. */
static void test_hist(struct kunit *test)
{
	u16 expected[KVM_CPUID_EXIT_STATS_NR_BUCKETS] = {};
	unsigned int i, bucket;
	u64 cost, max = 0;

	hist_begin(test);
	/* The exit that has begun costs nothing. */
	expected[0]++;
	for (i = 0; i < 10007; i++) {
		cost = get_random_u64() >> get_random_u32_below(64);
		cost = i % 2 ? cost : cost % 5000;
		hist_exit(test, cost);
		max = max(max, cost);
		bucket = KVM_CPUID_EXIT_STATS_NR_BUCKETS - 1;
		while (kvm_exit_hist_from(bucket) > cost)
			bucket--;
		expected[bucket]++;
	}
	hist_exit(test, 0);

	for (i = 0; i < KVM_CPUID_EXIT_STATS_NR_BUCKETS; i++)
		KUNIT_EXPECT_EQ_MSG(test, hist_count(test, 0, i), expected[i],
				    "bucket %u", i);
	KUNIT_EXPECT_EQ(test, kvm_exit_hist_max(test->priv, 0), max);
	KUNIT_EXPECT_EQ(test, test_stats(test)->row->exits,
			hist_all(test, 0) + 1);
}

/* A count has 40 bits, and stops at their end. */
static void test_hist_full(struct kunit *test)
{
	struct kvm_exit_hist *hist;

	hist_begin(test);
	hist_exit(test, 1003);
	hist_exit(test, 1003);
	hist = test_stats(test)->hist;
	hist->counts[kvm_exit_hist_bucket(1003)] = U32_MAX;
	hist_exit(test, 1003);
	KUNIT_EXPECT_EQ(test, hist_count(test, 0, kvm_exit_hist_bucket(1003)),
			BIT_ULL(32));

	hist->counts[kvm_exit_hist_bucket(1003)] = U32_MAX - 1;
	hist->carries[kvm_exit_hist_bucket(1003)] = U8_MAX;
	hist_exit(test, 1003);
	hist_exit(test, 1003);
	hist_exit(test, 1003);
	KUNIT_EXPECT_EQ(test, hist_count(test, 0, kvm_exit_hist_bucket(1003)),
			BIT_ULL(40) - 1);
}

/* Hooks were off: nobody knows what the exit cost. */
static void test_hist_unseen(struct kunit *test)
{
	struct kvm_exit_stats *stats = test_stats(test);

	hist_begin(test);
	__kvm_exit_stats_enter(test->priv);
	stats->state -= 2;
	__kvm_exit_stats_exit(test->priv, 0);
	KUNIT_EXPECT_EQ(test, hist_all(test, 0), 0);
	KUNIT_EXPECT_TRUE(test, kvm_exit_hist_is_open(test->priv, 0));

	__kvm_exit_stats_enter(test->priv);
	__kvm_exit_stats_exit(test->priv, 2);
	KUNIT_EXPECT_EQ(test, hist_all(test, 0), 1);
	KUNIT_EXPECT_EQ(test, stats->rows[stats->map[0]].exits, 2);
	KUNIT_EXPECT_FALSE(test, kvm_exit_hist_is_open(test->priv, 0));
	/* Although there is no memory for it yet. */
	KUNIT_EXPECT_TRUE(test, kvm_exit_hist_is_open(test->priv, 2));

	/* Nor is it known when memory comes after that. */
	stats->state -= 2;
	__kvm_exit_stats_run(test->priv);
	kvm_exit_stats_begin(test->priv);
	KUNIT_EXPECT_NULL(test, stats->hist);
	KUNIT_EXPECT_FALSE(test, kvm_exit_hist_is_open(test->priv, 2));
	expect_sum(test);
}

/* Without memory, exits ask for it ever less often. */
static void test_hist_missed(struct kunit *test)
{
	struct kvm_vcpu *vcpu = test->priv;
	int i, requests = 0;

	if (!kvm_exit_stats_enabled() ||
	    !static_branch_likely(&kvm_exit_hist_on))
		kunit_skip(test, "no histograms");

	for (i = 0; i < 1000; i++) {
		__kvm_exit_stats_exit(vcpu, 0);
		requests += kvm_check_request(KVM_REQ_EXIT_STATS, vcpu);
		__kvm_exit_stats_enter(vcpu);
	}
	KUNIT_EXPECT_GE(test, requests, 9);
	KUNIT_EXPECT_LE(test, requests, 11);
	KUNIT_EXPECT_EQ(test, hist_all(test, 0), 0);

	kvm_exit_stats_begin(vcpu);
	__kvm_exit_stats_exit(vcpu, 2);
	KUNIT_EXPECT_EQ(test, hist_all(test, 0), 1);
}

static void test_sched_out(struct preempt_notifier *pn, struct task_struct *next)
{
	struct kvm_vcpu *vcpu = container_of(pn, struct kvm_vcpu, preempt_notifier);

	vcpu->scheduled_out = true;
	__kvm_exit_stats_put(vcpu, rdtsc());
}

static void test_sched_in(struct preempt_notifier *pn, int cpu)
{
	struct kvm_vcpu *vcpu = container_of(pn, struct kvm_vcpu, preempt_notifier);

	__kvm_exit_stats_load(vcpu);
	vcpu->scheduled_out = false;
}

static struct preempt_ops test_preempt_ops = {
	.sched_out = test_sched_out,
	.sched_in = test_sched_in,
};

/* KVM_RUN that sleeps, for a page or a lock, and because the guest halts. */
static void test_sleep(struct kunit *test)
{
	struct kvm_exit_stats *stats = test_stats(test);
	struct kvm_vcpu *vcpu = test->priv;
	u64 wait;

	preempt_notifier_init(&vcpu->preempt_notifier, &test_preempt_ops);
	preempt_notifier_inc();
	__kvm_exit_stats_run(vcpu);
	preempt_notifier_register(&vcpu->preempt_notifier);
	msleep(20);
	wait = stats->row->wait;
	KUNIT_EXPECT_GT(test, wait, 0);
	KUNIT_EXPECT_PTR_EQ(test, stats->open, &stats->row->kernel);

	/* Not the guest halts, but KVM, until a page is there. */
	vcpu->arch.apf.halted = true;
	__kvm_exit_stats_halt(vcpu, true);
	KUNIT_EXPECT_PTR_EQ(test, stats->open, &stats->row->kernel);
	vcpu->arch.apf.halted = false;

	__kvm_exit_stats_halt(vcpu, true);
	msleep(20);
	KUNIT_EXPECT_PTR_EQ(test, stats->open, kvm_exit_account(stats, HALTED));
	__kvm_exit_stats_halt(vcpu, false);
	preempt_notifier_unregister(&vcpu->preempt_notifier);
	preempt_notifier_dec();
	KUNIT_EXPECT_GT(test, *kvm_exit_account(stats, HALTED), 0);
	KUNIT_EXPECT_EQ(test, stats->row->wait, wait);
	expect_sum(test);
}

/* Put and load the vCPU: time goes to @away, and then to @back. */
static void expect_away(struct kunit *test, bool scheduled_out, u64 *away,
			u64 *back)
{
	struct kvm_exit_stats *stats = test_stats(test);
	struct kvm_vcpu *vcpu = test->priv;

	vcpu->scheduled_out = scheduled_out;
	__kvm_exit_stats_put(vcpu, rdtsc());
	KUNIT_EXPECT_PTR_EQ(test, stats->open, away);
	__kvm_exit_stats_load(vcpu);
	KUNIT_EXPECT_PTR_EQ(test, stats->open, back);
	vcpu->scheduled_out = false;
}

static void test_away(struct kunit *test)
{
	struct kvm_exit_stats *stats = test_stats(test);
	u64 *preempted = kvm_exit_account(stats, PREEMPTED);
	u64 *outside = kvm_exit_account(stats, OUTSIDE);
	u64 *halted = kvm_exit_account(stats, HALTED);
	struct kvm_exit_row *row = stats->row;

	/* Ioctls other than KVM_RUN do not change whose time it is. */
	expect_away(test, false, outside, outside);
	__kvm_exit_stats_run(test->priv);
	KUNIT_EXPECT_PTR_EQ(test, stats->open, &row->kernel);
	expect_away(test, true, preempted, &row->kernel);
	__kvm_exit_stats_halt(test->priv, true);
	expect_away(test, true, preempted, halted);
	/* Preempted when it was about to sleep. */
	set_current_state(TASK_INTERRUPTIBLE);
	expect_away(test, true, preempted, halted);
	__set_current_state(TASK_RUNNING);
	__kvm_exit_stats_halt(test->priv, false);
	__kvm_exit_stats_return(test->priv, 0);
	expect_away(test, false, &row->vmm, &row->vmm);
	expect_away(test, false, &row->vmm, &row->vmm);
	__kvm_exit_stats_run(test->priv);
	__kvm_exit_stats_return(test->priv, -EINTR);
	expect_away(test, false, outside, outside);
	expect_sum(test);
}

/* A thread that was woken, and then waited 200 us for a CPU. */
static void test_run_delay(struct kunit *test)
{
	struct kvm_exit_stats *stats = test_stats(test);
	struct kvm_vcpu *vcpu = test->priv;
	u64 age, preempted, delay;

	__kvm_exit_stats_run(vcpu);
	vcpu->scheduled_out = true;
	__kvm_exit_stats_put(vcpu, rdtsc());
	usleep_range(1000, 2000);
	stats->run_delay = current->sched_info.run_delay - 200 * NSEC_PER_USEC;
	delay = kvm_exit_stats_run_delay(stats);
	preempted = *kvm_exit_account(stats, PREEMPTED);
	age = kvm_exit_stats_age(vcpu);
	/* As if it had slept. */
	stats->open = &stats->row->wait;
	__kvm_exit_stats_load(vcpu);
	KUNIT_EXPECT_EQ(test, *kvm_exit_account(stats, PREEMPTED) - preempted,
			delay);
	KUNIT_EXPECT_EQ(test, stats->row->wait + delay,
			kvm_exit_stats_age(vcpu) - age);
	expect_sum(test);

	/* While counting was off, nobody knows what it did. */
	preempted = *kvm_exit_account(stats, PREEMPTED);
	__kvm_exit_stats_put(vcpu, rdtsc());
	stats->run_delay = current->sched_info.run_delay - NSEC_PER_SEC;
	stats->open = &stats->row->wait;
	stats->state -= 2;
	__kvm_exit_stats_load(vcpu);
	KUNIT_EXPECT_EQ(test, *kvm_exit_account(stats, PREEMPTED), preempted);
	expect_sum(test);

	/* The next hook knows that, and that there is nothing to resume. */
	__kvm_exit_stats_run(vcpu);
	KUNIT_EXPECT_NULL(test, stats->resume);

	/* It cannot have waited for longer than it was away, or for years. */
	__kvm_exit_stats_put(vcpu, rdtsc());
	stats->run_delay = current->sched_info.run_delay - NSEC_PER_SEC;
	__kvm_exit_stats_load(vcpu);
	KUNIT_EXPECT_PTR_EQ(test, stats->open, &stats->row->kernel);
	stats->run_delay = current->sched_info.run_delay + 1;
	KUNIT_EXPECT_EQ(test, kvm_exit_stats_run_delay(stats), 0);
	expect_sum(test);
}

static struct kunit_case exit_stats_cases[] = {
	KUNIT_CASE(test_switch),
	KUNIT_CASE(test_resume),
	KUNIT_CASE(test_off),
	KUNIT_CASE(test_unseen),
	KUNIT_CASE(test_begin),
	KUNIT_CASE(test_rows),
	KUNIT_CASE(test_exit_tsc),
	KUNIT_CASE(test_hist_buckets),
	KUNIT_CASE(test_hist),
	KUNIT_CASE(test_hist_full),
	KUNIT_CASE(test_hist_unseen),
	KUNIT_CASE(test_hist_missed),
	KUNIT_CASE(test_sleep),
	KUNIT_CASE(test_away),
	KUNIT_CASE(test_run_delay),
	{}
};

static struct kunit_suite exit_stats_suite = {
	.name = "kvm_exit_stats",
	.init = exit_stats_test_init,
	.exit = exit_stats_test_exit,
	.test_cases = exit_stats_cases,
};

kunit_test_suite(exit_stats_suite);
