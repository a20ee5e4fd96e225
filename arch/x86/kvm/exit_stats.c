// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts of VM exits by reason, and where each tick of a vCPU's time went.
 *
 * A vCPU has one clock hand.  Each hook closes an account and opens another:
 * the time since the last hook goes to the account that was open.  Thus the
 * accounts always add up to the time since the vCPU was made.  An exit is
 * counted where its time begins, once; until the next entry its reason pays for
 * what KVM does, for the VMM, and for sleep.
 *
 * Turning this on or off waits for no vCPU.  A hook that finds the vCPU in
 * another state than it must be, as hooks were off, gives the time since the
 * last one to the account "off".  The statistics of a vCPU are made with it
 * or, if counting was off then, before its next entry.
 *
 * See Documentation/virt/kvm/x86/exit-stats.rst.
 */
#include <linux/kvm_host.h>
#include <linux/math64.h>
#include <linux/moduleparam.h>
#include <linux/random.h>

#include <asm/tsc.h>

#include "exit_stats.h"

static bool __read_mostly exit_stats = true;

/* Even; another one whenever counting is turned on. */
u64 __read_mostly kvm_exit_stats_generation;

/* Exits are counted, and all time is accounted. */
DEFINE_STATIC_KEY_TRUE(kvm_exit_stats_on);
EXPORT_SYMBOL_GPL(kvm_exit_stats_on);

/* KVM uses an exit's time, too.  On later, off earlier: never an older one's. */
DEFINE_STATIC_KEY_TRUE(kvm_exit_stats_timed);

/* What exits cost is known, and counted in histograms.  On last, off first. */
DEFINE_STATIC_KEY_TRUE(kvm_exit_hist_on);
static bool __read_mostly exit_stats_hist = true;

static void kvm_exit_stats_begin_generation(void)
{
	WRITE_ONCE(kvm_exit_stats_generation, kvm_exit_stats_generation + 2);
}

/* Whoever sets a parameter of this module holds its lock. */
static void kvm_exit_stats_set_hist(bool on)
{
	if (on)
		static_branch_enable(&kvm_exit_hist_on);
	else
		static_branch_disable(&kvm_exit_hist_on);
}

static int exit_stats_set(const char *val, const struct kernel_param *kp)
{
	bool was = exit_stats;
	int r;

	r = param_set_bool(val, kp);
	if (r || exit_stats == was)
		return r;

	if (exit_stats) {
		kvm_exit_stats_begin_generation();
		static_branch_enable(&kvm_exit_stats_on);
		/* Hooks are turned on one after the other: forget what they saw. */
		kvm_exit_stats_begin_generation();
		static_branch_enable(&kvm_exit_stats_timed);
		kvm_exit_stats_set_hist(exit_stats_hist);
	} else {
		kvm_exit_stats_set_hist(false);
		static_branch_disable(&kvm_exit_stats_timed);
		static_branch_disable(&kvm_exit_stats_on);
	}
	return 0;
}

static const struct kernel_param_ops exit_stats_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = exit_stats_set,
	.get = param_get_bool,
};
module_param_cb(exit_stats, &exit_stats_ops, &exit_stats, 0644);
MODULE_PARM_DESC(exit_stats, "Count VM exits and the time that they cost");

static int exit_stats_hist_set(const char *val, const struct kernel_param *kp)
{
	int r = param_set_bool(val, kp);

	if (!r)
		kvm_exit_stats_set_hist(exit_stats && exit_stats_hist);
	return r;
}

static const struct kernel_param_ops exit_stats_hist_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = exit_stats_hist_set,
	.get = param_get_bool,
};
module_param_cb(exit_stats_hist, &exit_stats_hist_ops, &exit_stats_hist, 0644);
MODULE_PARM_DESC(exit_stats_hist, "Count what VM exits cost in histograms");

void kvm_exit_stats_create_vm(struct kvm *kvm)
{
	kvm->arch.exit_stats.epoch = get_random_u64();
	kvm->arch.exit_stats.created = rdtsc();
	kvm_exit_stats_create_log(kvm);
}

/* Add to what others read: there is one writer. */
static __always_inline void kvm_exit_stats_add(u64 *counter, u64 n)
{
	ASSERT_EXCLUSIVE_WRITER(*counter);
	/* Races with READ_ONCE() in readers only, see above. */
	data_race(*counter += n);
}

/* Nobody will know what the last exit cost. */
static __always_inline void kvm_exit_hist_forget(struct kvm_exit_stats *stats)
{
	stats->hist = NULL;
	WRITE_ONCE(stats->base, KVM_EXIT_COST_UNKNOWN);
}

/*
 * Give the time since the last hook to @account, if hooks were on all the time:
 * @was_in_guest is what the last one must have left.  Where the TSC went back,
 * no time passed.  Not to be interrupted by a hook: preemption is off.
 */
static __always_inline void kvm_exit_stats_close(struct kvm_exit_stats *stats,
						 u64 *account, u64 now,
						 bool was_in_guest,
						 bool in_guest)
{
	u64 generation = READ_ONCE(kvm_exit_stats_generation);
	s64 time = now - stats->last;

	if (unlikely(stats->state != generation + was_in_guest)) {
		account = kvm_exit_account(stats, OFF);
		/* Of a thread that may have left since. */
		stats->resume = NULL;
		kvm_exit_hist_forget(stats);
	}

	if (likely(time >= 0))
		kvm_exit_stats_add(account, time);
	else
		kvm_exit_stats_add(&stats->back, -time);

	WRITE_ONCE(stats->last, now);
	stats->state = generation + in_guest;
}

/* Close the open account and open @to, where KVM runs. */
static void kvm_exit_stats_switch(struct kvm_exit_stats *stats, u64 *to,
				  u64 now)
{
	kvm_exit_stats_close(stats, stats->open, now, false, false);
	stats->open = to;
}

static void kvm_exit_stats_switch_now(struct kvm_exit_stats *stats, u64 *to)
{
	preempt_disable();
	kvm_exit_stats_switch(stats, to, rdtsc());
	preempt_enable();
}

static void kvm_exit_stats_alloc(struct kvm_vcpu *vcpu, unsigned int account,
				 u64 start, gfp_t gfp)
{
	struct kvm_exit_stats *stats;

	/* Memory comes in such pieces. */
	static_assert(sizeof(*stats) == 2048);

	stats = kvm_exit_stats_zalloc(sizeof(*stats), gfp);
	if (!stats)
		return;

	stats->open = &stats->accounts[account];
	stats->start = start;
	stats->last = start;
	stats->row = &stats->rows[0];
	stats->base = KVM_EXIT_COST_UNKNOWN;
	stats->hists = &kvm_exit_no_hists;
	stats->nr_rows = 1;
	stats->state = READ_ONCE(kvm_exit_stats_generation);

	/* Pairs with READ_ONCE() and the dependency on it in readers. */
	smp_store_release(&vcpu->arch.exit_stats, stats);
}

/* Without memory the vCPU runs uncounted, and tries again at each exit. */
void kvm_exit_stats_create_vcpu(struct kvm_vcpu *vcpu)
{
	if (kvm_exit_stats_enabled())
		kvm_exit_stats_alloc(vcpu, KVM_CPUID_EXIT_STATS_OUTSIDE,
				     rdtsc(), GFP_KERNEL | __GFP_NORETRY);
}

void kvm_exit_stats_destroy_vcpu(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.exit_stats)
		kvm_exit_hist_free(vcpu->arch.exit_stats);
	kfree(vcpu->arch.exit_stats);
}

/*
 * KVM_REQ_EXIT_STATS: an exit had no memory to be counted in.  If that was for
 * all of the vCPU's exits, it had run uncounted.  When it was made, nobody noted;
 * it is as old as its VM.  An exit does not wait for that memory.
 */
void kvm_exit_stats_begin(struct kvm_vcpu *vcpu)
{
	if (!kvm_exit_stats_enabled())
		return;

	if (vcpu->arch.exit_stats) {
		if (static_branch_likely(&kvm_exit_hist_on))
			kvm_exit_hist_alloc(vcpu);
		return;
	}

	kvm_exit_stats_alloc(vcpu, KVM_CPUID_EXIT_STATS_OFF,
			     vcpu->kvm->arch.exit_stats.created, GFP_NOWAIT);
	if (vcpu->arch.exit_stats)
		kvm_exit_stats_switch_now(vcpu->arch.exit_stats,
					  &vcpu->arch.exit_stats->row->kernel);
}

/* An exit had no histogram: ask for memory, but ever less often. */
static noinline void kvm_exit_hist_missed(struct kvm_vcpu *vcpu)
{
	if (is_power_of_2(++vcpu->arch.exit_stats->nr_missed))
		kvm_make_request(KVM_REQ_EXIT_STATS, vcpu);
}

/* The last exit, of @last, is over: its cost is known.  One of @row begins. */
static __always_inline void kvm_exit_hist_next(struct kvm_vcpu *vcpu,
					       struct kvm_exit_stats *stats,
					       struct kvm_exit_row *last,
					       unsigned int row)
{
	u64 cost = last->kernel - stats->base;
	struct kvm_exit_hist *hist = stats->hist;
	u32 *count;

	stats->hist = stats->hists->rows[row];
	WRITE_ONCE(stats->base, stats->rows[row].kernel);
	if (unlikely(!hist)) {
		kvm_exit_hist_missed(vcpu);
		return;
	}

	if (likely(cost <= hist->limit)) {
		count = &hist->counts[kvm_exit_hist_bucket(cost)];
		if (likely(*count != U32_MAX)) {
			/* Races with READ_ONCE() in readers only. */
			data_race(++*count);
			return;
		}
	}
	kvm_exit_hist_add_slow(stats->hists, hist, cost);
}

static __always_inline void kvm_exit_stats_count(struct kvm_vcpu *vcpu,
						 struct kvm_exit_stats *stats,
						 unsigned int row)
{
	struct kvm_exit_row *last = stats->row;

	WRITE_ONCE(stats->row, &stats->rows[row]);
	stats->open = &stats->row->kernel;
	kvm_exit_stats_add(&stats->row->exits, 1);
	if (static_branch_likely(&kvm_exit_hist_on))
		kvm_exit_hist_next(vcpu, stats, last, row);
	else
		kvm_exit_hist_forget(stats);
}

/* The first exit of a reason gets a row, if it is defined and one is left. */
static noinline void kvm_exit_stats_count_first(struct kvm_vcpu *vcpu,
						unsigned int index)
{
	const struct kvm_exit_isa *isa = kvm_x86_ops.exit_isa;
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;
	unsigned int row = stats->nr_rows;

	if (index == KVM_EXIT_INDEX_OTHER || row == KVM_NR_EXIT_ROWS ||
	    isa->index(isa->reason(index)) != index) {
		row = 0;
	} else {
		WRITE_ONCE(stats->map[index], row);
		WRITE_ONCE(stats->nr_rows, row + 1);
	}

	/* There is a histogram before this exit is over, so that none is missed. */
	if (!stats->rows[row].exits)
		kvm_make_request(KVM_REQ_EXIT_STATS, vcpu);

	kvm_exit_stats_count(vcpu, stats, row);
}

/* What is open stays so; the exit knows that the guest ran. */
void __kvm_exit_stats_enter(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;

	if (likely(stats))
		kvm_exit_stats_close(stats, stats->open, rdtsc(), false, true);
}
EXPORT_SYMBOL_GPL(__kvm_exit_stats_enter);

/* The CPU left the guest for the reason with @index, or did not enter it. */
void __kvm_exit_stats_exit(struct kvm_vcpu *vcpu, unsigned int index)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;

	if (unlikely(!stats)) {
		kvm_make_request(KVM_REQ_EXIT_STATS, vcpu);
		return;
	}

	kvm_exit_stats_close(stats, kvm_exit_account(stats, GUEST), rdtsc(),
			     true, false);
	if (unlikely(index == KVM_EXIT_INDEX_NONE))
		stats->open = &stats->row->kernel;
	else if (likely(stats->map[index]))
		kvm_exit_stats_count(vcpu, stats, stats->map[index]);
	else
		kvm_exit_stats_count_first(vcpu, index);
}
EXPORT_SYMBOL_GPL(__kvm_exit_stats_exit);

void __kvm_exit_stats_run(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;

	if (stats)
		kvm_exit_stats_switch_now(stats, &stats->row->kernel);
}
EXPORT_SYMBOL_GPL(__kvm_exit_stats_run);

/* The switch is done, with KVM's own RDTSC, when the vCPU is put. */
void __kvm_exit_stats_return(struct kvm_vcpu *vcpu, int r)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;

	if (stats)
		stats->interrupted = r == -EINTR || r == -EAGAIN;
}

/* Not if it is KVM that halts the guest, until a page is there: it waits. */
void __kvm_exit_stats_halt(struct kvm_vcpu *vcpu, bool halted)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;

	if (stats)
		kvm_exit_stats_switch_now(stats,
					  halted && !vcpu->arch.apf.halted ?
					  kvm_exit_account(stats, HALTED) :
					  &stats->row->kernel);
}

/*
 * Where the time of a thread goes to that is in KVM_RUN and puts the vCPU: it
 * returns to the VMM, lets another thread run, or sleeps.
 */
static u64 *kvm_exit_stats_away(struct kvm_vcpu *vcpu,
				struct kvm_exit_stats *stats)
{
	if (!vcpu->scheduled_out)
		return stats->interrupted ?
		       kvm_exit_account(stats, OUTSIDE) : &stats->row->vmm;

	if (task_is_runnable(current))
		return kvm_exit_account(stats, PREEMPTED);

	if (stats->open == kvm_exit_account(stats, HALTED))
		return stats->open;

	return &stats->row->wait;
}

/* Was the last hook, in KVM, since counting was turned on? */
static bool kvm_exit_stats_known(struct kvm_exit_stats *stats)
{
	return stats->state == READ_ONCE(kvm_exit_stats_generation);
}

void __kvm_exit_stats_put(struct kvm_vcpu *vcpu, u64 now)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;

	if (!stats || !kvm_exit_stats_known(stats))
		return;

	stats->resume = NULL;
	/* The time of other ioctls is the VMM's. */
	if (stats->open != &stats->row->kernel &&
	    stats->open != kvm_exit_account(stats, HALTED))
		return;

	if (vcpu->scheduled_out) {
		stats->resume = stats->open;
		stats->run_delay = current->sched_info.run_delay;
	}
	kvm_exit_stats_switch(stats, kvm_exit_stats_away(vcpu, stats), now);
}

/* How long the thread was runnable since it was put, but did not run. */
static u64 kvm_exit_stats_run_delay(struct kvm_exit_stats *stats)
{
	u64 delay = current->sched_info.run_delay - stats->run_delay;

	/* Years, or less than before: the division would overflow, and trap. */
	if (delay >= BIT_ULL(56))
		return 0;

	return mul_u64_u32_div(delay, tsc_khz, USEC_PER_SEC);
}

void __kvm_exit_stats_load(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;
	u64 *resume;
	u64 now;

	if (!stats || !vcpu->scheduled_out || !stats->resume ||
	    !kvm_exit_stats_known(stats))
		return;

	/* Who slept was woken before, and has waited for a CPU since. */
	resume = stats->resume;
	now = rdtsc();
	kvm_exit_stats_switch(stats, kvm_exit_account(stats, PREEMPTED),
			      now - min(kvm_exit_stats_run_delay(stats),
					now - stats->last));
	kvm_exit_stats_switch(stats, resume, now);
	stats->resume = NULL;
}

#ifdef CONFIG_KVM_EXIT_STATS_KUNIT_TEST
#include "tests/exit_stats_kunit.c"
#endif
