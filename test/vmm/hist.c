// SPDX-License-Identifier: GPL-2.0-only
/* Histograms of what exits cost: turned off and on, and without memory. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "vmm.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"

struct hist {
	uint64_t over;		/* in all buckets */
	uint64_t max, open, missed;
};

/* That of @reason, in the host's table. */
static struct hist debugfs_hist(struct vm *vm, uint32_t reason)
{
	FILE *file = open_debugfs(vm, "exit_hist");
	char line[128], word[16];
	struct hist hist = {};
	uint64_t value;
	int32_t of;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%d %*u %*u %lu", &of, &value) == 2) {
			if (of == (int32_t)reason)
				hist.over += value;
			continue;
		}
		if (sscanf(line, "%15s %d %lu", word, &of, &value) != 3 ||
		    of != (int32_t)reason)
			continue;
		if (!strcmp(word, "max"))
			hist.max = value;
		if (!strcmp(word, "open"))
			hist.open = value;
		if (!strcmp(word, "missed"))
			hist.missed = value;
	}
	fclose(file);
	return hist;
}

static void read_leaves(struct vm *vm, int times)
{
	struct kvm_regs regs = { .rsi = times, .rbp = 1 };

	run(vm, CODE(cpuids), &regs);
}

/*
 * Exits while histograms are off are missed, and those that are open when they are
 * turned off or on.  Here these are the HLTs that end the guest's code.
 */
static void test_off(void)
{
	struct hist before, off, on;
	uint32_t reason, hlt;
	struct vm vm;

	make_vm(&vm, REAL);
	reason = cpuid_reason(&vm);
	hlt = is_svm(&vm) ? SVM_EXIT_HLT : EXIT_REASON_HLT;
	read_leaves(&vm, 23);
	before = debugfs_hist(&vm, reason);
	tap_is(before.missed, 0, "vmm-hist-on-none-is-missed");
	tap_is(before.over, debugfs_reason(&vm, reason).exits,
	       "vmm-hist-on-all-are-over");

	set_histograms(false);
	read_leaves(&vm, 29);
	off = debugfs_hist(&vm, reason);
	tap_is(off.missed, 29, "vmm-hist-off-29-are-missed");
	tap_is(off.over, before.over, "vmm-hist-off-stands-still");
	tap_is(off.max, before.max, "vmm-hist-off-keeps-the-maximum");

	set_histograms(true);
	read_leaves(&vm, 31);
	on = debugfs_hist(&vm, reason);
	tap_is(on.missed, 29, "vmm-hist-on-again-none-is-missed");
	tap_is(on.over - before.over, 31, "vmm-hist-on-again-31-are-over");
	/* The one that ended the guest before they were turned off, and the next. */
	tap_is(debugfs_hist(&vm, hlt).missed, 2,
	       "vmm-hist-on-again-open-ones-are-missed");
	witness_books_toggled("vmm-hist-off-books-close");
	tap_is(debugfs_account(&vm, "off"), 0, "vmm-hist-off-no-time-is-off");
	end_vm(&vm);
}

static bool write_file(const char *path, const char *value)
{
	FILE *file = fopen(path, "w");
	bool written = file && fputs(value, file) >= 0;

	return file && !fclose(file) && written;
}

/* From now on allocations fail of those threads that fail_memory() names. */
static void set_up_failslab(void)
{
	static const char * const files[][2] = {
		{ FAILSLAB "task-filter", "Y" },
		{ FAILSLAB "ignore-gfp-wait", "N" },
		{ FAILSLAB "verbose", "0" },
		{ FAILSLAB "times", "-1" },
		{ FAILSLAB "probability", "100" },
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!write_file(files[i][0], files[i][1]))
			err(1, "%s", files[i][0]);
}

static void fail_memory(int thread, bool fail)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/make-it-fail", thread);
	if (!write_file(path, fail ? "1" : "0"))
		err(1, "%s", path);
}

/* Until so many exits more were missed or, if none is, until a histogram grows. */
static struct hist wait_for(struct vm *vm, uint32_t reason, uint64_t missed)
{
	struct hist first = debugfs_hist(vm, reason), now;
	int i;

	for (i = 0; i < 1000; i++) {
		now = debugfs_hist(vm, reason);
		if (missed ? now.missed >= first.missed + missed :
			     now.over > first.over)
			break;
		usleep(10000);
	}
	return now;
}

/*
 * A vCPU that was made while histograms were off gets no memory for them when they
 * are turned on.  Its exits are missed, until soon after there is memory again.
 */
static void test_no_memory(void)
{
	struct hist none, some;
	struct runner runner;
	uint32_t reason;
	struct vm vm;

	set_histograms(false);
	make_vm(&vm, REAL);
	reason = cpuid_reason(&vm);
	start_runner(&runner, &vm);
	wait_for(&vm, reason, 23);

	set_up_failslab();
	fail_memory(runner.tid, true);
	set_histograms(true);
	none = wait_for(&vm, reason, 1009);
	tap_is(none.over + none.max, 0, "vmm-hist-no-memory-no-histogram");
	tap_in(none.missed, 1009, UINT64_MAX, "vmm-hist-no-memory-all-are-missed");

	fail_memory(runner.tid, false);
	some = wait_for(&vm, reason, 0);
	tap_in(some.over, 1, UINT64_MAX, "vmm-hist-memory-again-some-are-over");
	end_runner(&runner);
	some = debugfs_hist(&vm, reason);
	tap_is(some.over + some.missed, debugfs_reason(&vm, reason).exits,
	       "vmm-hist-memory-again-all-are-told");
	witness_books_toggled("vmm-hist-no-memory-books-close");
	end_vm(&vm);
}

void tests_hist(void)
{
	test_off();
	test_no_memory();
}
