// SPDX-License-Identifier: GPL-2.0-only
/* All that tells of a VM's exits tells the same: leaves, host's files, log. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "facts/facts.h"
#include "vmm.h"

#define LOG_SIZE	(1 << 18)
#define READ_ALL	3	/* of syslog(2) */

static bool is_logged(const char *what, uint64_t value)
{
	char *log = calloc(1, LOG_SIZE), line[128];
	bool found;

	if (!log)
		err(1, "memory");
	must(klogctl(READ_ALL, log, LOG_SIZE - 1), "syslog");
	snprintf(line, sizeof(line), "exit_stats: VM %d: total %s %lu\n",
		 getpid(), what, value);
	found = strstr(log, line);
	free(log);
	return found;
}

/*
 * The exits that a leaf tells, over those that the host told before: that of the
 * read (one) and of the interrupts that may have come before it. So try some
 * times.
 */
static uint64_t ahead(struct vm *vm, uint64_t *exits)
{
	uint64_t before, least = -1;
	int i;

	for (i = 0; i < 4; i++) {
		before = binary_stat(vm, "exit_stats_exits");
		*exits = answer(vm, KVM_CPUID_EXIT_STATS_TOTAL_EXITS, 0);
		if (*exits - before < least)
			least = *exits - before;
	}
	return least;
}

static uint64_t binary_account(struct vm *vm, uint32_t account)
{
	char name[32];

	snprintf(name, sizeof(name), "exit_stats_%s", account_name(account));
	return binary_stat(vm, name);
}

/* What a leaf tells of time is between what the host tells before and after. */
static void test_accounts(struct vm *vm)
{
	uint64_t before, leaf, after, table;
	uint32_t account;
	char name[64];

	for (account = 0; account < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS; account++) {
		before = binary_account(vm, account);
		leaf = answer(vm, KVM_CPUID_EXIT_STATS_ACCOUNT, account);
		after = binary_account(vm, account);
		snprintf(name, sizeof(name), "vmm-agree-leaf-and-binary-%s",
			 account_name(account));
		tap_in(leaf, before, after, name);

		table = debugfs_account(vm, account_name(account));
		snprintf(name, sizeof(name), "vmm-agree-table-and-binary-%s",
			 account_name(account));
		tap_is(table, after, name);
		snprintf(name, sizeof(name), "exit_stats_%s",
			 account_name(account));
		tap_is(debugfs_stat(vm, name), after, name);
	}
}

static bool is_between(uint64_t value, uint64_t least, uint64_t most)
{
	return value >= least && value <= most;
}

static void note_row(const char *what, struct row row)
{
	tap_note(&tap, "%s: %lu exits, kernel %lu, vmm %lu, wait %lu", what,
		 row.exits, row.kernel, row.vmm, row.wait);
}

/* The four numbers of a reason, from the leaves and from the host's table. */
static void test_reason(struct vm *vm, uint32_t reason, const char *name)
{
	struct row before = debugfs_reason(vm, reason), after, leaf = {
		.exits = answer(vm, KVM_CPUID_EXIT_STATS_REASON_EXITS, reason),
		.kernel = answer(vm, KVM_CPUID_EXIT_STATS_REASON_KERNEL, reason),
		.vmm = answer(vm, KVM_CPUID_EXIT_STATS_REASON_VMM, reason),
		.wait = answer(vm, KVM_CPUID_EXIT_STATS_REASON_WAIT, reason),
	};

	after = debugfs_reason(vm, reason);
	tap_verdict(&tap, leaf.exits &&
		    is_between(leaf.exits, before.exits, after.exits) &&
		    is_between(leaf.kernel, before.kernel, after.kernel) &&
		    is_between(leaf.vmm, before.vmm, after.vmm) &&
		    is_between(leaf.wait, before.wait, after.wait), name);
	note_row("expected, from", before);
	note_row("to", after);
	note_row("actual", leaf);
}

/* The reason that a bucket of exit_stats_reasons is of. */
static uint32_t bucket_reason(uint32_t bucket, uint32_t nr, bool svm)
{
	if (bucket == nr - 1)
		return KVM_CPUID_EXIT_STATS_OTHER;
	return svm ? defined_reason(svm, bucket) : bucket;
}

/* The VM's histogram has what its table has, and adds up to its total. */
static void test_histogram(struct vm *vm)
{
	uint64_t buckets[256], sum = 0, want;
	uint32_t reason, flags = -1;
	bool svm = is_svm(vm);
	int i, nr, wrong = 0;

	nr = binary_stats(vm->fd, "exit_stats_reasons", buckets, 256, &flags);
	tap_is(flags & KVM_STATS_TYPE_MASK, KVM_STATS_TYPE_LINEAR_HIST,
		   "vmm-agree-histogram-is-linear");
	tap_in(nr, (svm ? nr_defined_reasons(svm) : end_of_reasons(svm)) + 1, 256,
		   "vmm-agree-histogram-has-buckets");
	for (i = 0; i < nr; i++) {
		reason = bucket_reason(i, nr, svm);
		want = reason == KVM_CPUID_EXIT_STATS_OTHER ?
			       debugfs_row(vm, "-").exits :
			       debugfs_reason(vm, reason).exits;
		sum += buckets[i];
		if (buckets[i] != want)
			printf("# bucket %d: %lu, table: %lu\n", i, buckets[i],
			       want);
		wrong += buckets[i] != want;
	}
	tap_is(wrong, 0, "vmm-agree-histogram-and-table");
	tap_is(sum, debugfs_row(vm, "total").exits,
		   "vmm-agree-histogram-and-total");
}

/* The power of two above a cost, as a binary histogram has it. */
static int log_of(uint64_t cost)
{
	int log = 3;

	while (cost >> log && log < 30)
		log++;
	return log;
}

/* How many exits of @vm cost so much, by powers of two, from the host's table. */
static void table_costs(struct vm *vm, uint64_t *costs)
{
	FILE *file = open_debugfs(vm, "exit_hist");
	uint64_t from, exits;
	char line[128];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %lu %*u %lu", &from, &exits) == 2)
			costs[log_of(from)] += exits;
	fclose(file);
}

static void test_costs(struct vm *vm)
{
	uint64_t buckets[64] = {}, costs[64] = {}, sum = 0;
	uint32_t flags = -1;
	int i, nr, wrong = 0;

	nr = binary_stats(vm->fd, "exit_stats_cost", buckets, 64, &flags);
	tap_is(flags, KVM_STATS_TYPE_LOG_HIST | KVM_STATS_UNIT_CYCLES |
		      KVM_STATS_BASE_POW10, "vmm-agree-costs-are-logarithmic");
	table_costs(vm, costs);
	for (i = 0; i < nr; i++) {
		if (buckets[i] != costs[i])
			printf("# bucket %d: %lu, table: %lu\n", i, buckets[i],
			       costs[i]);
		wrong += buckets[i] != costs[i];
		sum += buckets[i];
	}
	tap_is(wrong, 0, "vmm-agree-costs-and-table");
	/* All exits but the last one. */
	tap_is(sum + 1, debugfs_row(vm, "total").exits,
	       "vmm-agree-costs-and-total");
}

/* Bucket by bucket, a leaf tells what the host's table told before. */
static void test_leaf_of_costs(struct vm *vm, uint32_t reason)
{
	FILE *file = open_debugfs(vm, "exit_hist");
	uint64_t from, exits, is, max;
	uint32_t bucket = 0;
	struct regs r = {};
	int wrong = 0, nr = 0;
	char line[128];
	int32_t of;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "max %d %lu", &of, &max) == 2 &&
		    of == (int32_t)reason)
			break;
		if (sscanf(line, "%d %lu %*u %lu", &of, &from, &exits) != 3 ||
		    of != (int32_t)reason)
			continue;
		r = cpuid(vm, KVM_CPUID_EXIT_STATS_REASON_HIST,
			  reason << KVM_CPUID_EXIT_STATS_HIST_REASON_SHIFT | bucket);
		is = (uint64_t)r.ebx << 32 | r.eax;
		if (is != exits || r.edx)
			printf("# from %lu: %lu, leaf: %lu in bucket %u\n", from,
			       exits, is, r.ecx);
		wrong += is != exits || r.edx;
		bucket = r.ecx + 1;
		nr++;
	}
	fclose(file);
	tap_in(nr, 1, KVM_CPUID_EXIT_STATS_NR_BUCKETS, "vmm-agree-leaf-has-buckets");
	tap_is(wrong, 0, "vmm-agree-leaf-and-table-buckets");
	r = cpuid(vm, KVM_CPUID_EXIT_STATS_REASON_HIST,
		  reason << KVM_CPUID_EXIT_STATS_HIST_REASON_SHIFT | bucket);
	tap_is(r.ecx, KVM_CPUID_EXIT_STATS_NO_BUCKET, "vmm-agree-leaf-has-an-end");
	tap_is((uint64_t)r.ebx << 32 | r.eax, max, "vmm-agree-leaf-and-table-max");
}

/* Exits of another reason than those with which leaves are read. */
static void test_leaf_of_io(struct vm *vm)
{
	struct kvm_regs regs = { .rbx = 29, .rdx = 0x80 };

	run(vm, CODE(outs), &regs);
	test_leaf_of_costs(vm, is_svm(vm) ? SVM_EXIT_IOIO :
					    EXIT_REASON_IO_INSTRUCTION);
}

/* What only grows, and in which unit. */
static void test_flags(struct vm *vm)
{
	uint32_t account, flags;
	int wrong = 0;
	uint64_t value;
	char name[32];

	for (account = 0; account < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS; account++) {
		snprintf(name, sizeof(name), "exit_stats_%s",
			 account_name(account));
		flags = -1;
		binary_stats(vm->fd, name, &value, 1, &flags);
		wrong += flags != (KVM_STATS_TYPE_CUMULATIVE |
				   KVM_STATS_UNIT_CYCLES |
				   KVM_STATS_BASE_POW10);
	}
	binary_stats(vm->fd, "exit_stats_exits", &value, 1, &flags);
	wrong += flags != (KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_NONE |
			   KVM_STATS_BASE_POW10);
	tap_is(wrong, 0, "vmm-agree-binary-stats-are-cumulative");
}

/* KVM lets root clear its statistics in debugfs: nothing of ours moves. */
static void test_clearing(struct vm *vm)
{
	struct accounts before = debugfs_accounts(vm), after;
	struct row total = debugfs_row(vm, "total"), cleared;

	if (system("for f in /sys/kernel/debug/kvm/exit_stats_* "
		   "/sys/kernel/debug/kvm/[0-9]*-*/exit_stats_*; do "
		   "echo 0 >$f; done 2>/dev/null"))
		printf("# not every file could be cleared\n");
	after = debugfs_accounts(vm);
	cleared = debugfs_row(vm, "total");
	tap_same(&after, &before, "vmm-agree-clearing-moves-no-table");
	tap_same(&cleared, &total, "vmm-agree-clearing-moves-no-total");
	tap_is(binary_stat(vm, "exit_stats_exits"), total.exits,
		   "vmm-agree-clearing-moves-no-binary-exits");
	tap_is(binary_stat(vm, "exit_stats_kernel"), total.kernel,
		   "vmm-agree-clearing-moves-no-binary-kernel");
	tap_is(debugfs_stat(vm, "exit_stats_exits"), total.exits,
		   "vmm-agree-clearing-moves-no-debugfs-file");
	tap_in(answer(vm, KVM_CPUID_EXIT_STATS_TOTAL_EXITS, 0),
		   total.exits + 1, total.exits + 100,
		   "vmm-agree-clearing-moves-no-leaf");
}

void tests_agree(void)
{
	uint64_t exits, kernel, before, after;
	uint32_t hlt;
	struct vm vm;

	make_vm(&vm, REAL);
	tap_is(ahead(&vm, &exits), 1, "vmm-agree-leaf-and-binary-exits");
	before = binary_account(&vm, KVM_CPUID_EXIT_STATS_KERNEL);
	kernel = answer(&vm, KVM_CPUID_EXIT_STATS_TOTAL_KERNEL, 0);
	after = binary_account(&vm, KVM_CPUID_EXIT_STATS_KERNEL);
	tap_in(kernel, before, after, "vmm-agree-leaf-and-binary-total");
	tap_true(is_logged("exits", exits), "vmm-agree-leaf-and-dmesg-exits");
	tap_true(is_logged("cycles", kernel), "vmm-agree-leaf-and-dmesg-cycles");

	test_accounts(&vm);
	hlt = is_svm(&vm) ? SVM_EXIT_HLT : EXIT_REASON_HLT;
	test_reason(&vm, cpuid_reason(&vm), "vmm-agree-reason-cpuid");
	test_reason(&vm, hlt, "vmm-agree-reason-hlt");

	exits = binary_stat(&vm, "exit_stats_exits");
	tap_is(debugfs_row(&vm, "total").exits, exits,
		   "vmm-agree-table-and-binary-exits");
	tap_is(debugfs_stat(&vm, "exit_stats_exits"), exits,
		   "vmm-agree-debugfs-and-binary-exits");
	tap_is(debugfs_stat(&vm, "exits"), exits,
		   "vmm-agree-with-kvm-stat-exits");
	test_histogram(&vm);
	test_costs(&vm);
	test_leaf_of_io(&vm);
	test_flags(&vm);
	test_clearing(&vm);
	witness_books(&vm, "vmm-agree-books-close");
	end_vm(&vm);
}
