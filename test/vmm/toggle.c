// SPDX-License-Identifier: GPL-2.0-only
/* Counting is turned off and on while vCPUs run, or do not. */
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm.h"

#define OFF_US		200000
/* The guest's CODE(until) runs until the byte here is not zero. */
#define FLAG		COUNTER

GUEST_CODE(until, 16, "1: cpuid; cmpb $0, " STRING(FLAG) "; je 1b; hlt\n");

static void toggle_counting(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		usleep(5000);
		set_counting(i % 2);
	}
}

/*
 * Counting is turned off and on meanwhile.  The time of an exit whose start was
 * not seen must be in no account but "off".
 */
static void test_under_load(void)
{
	uint64_t start = ticks();
	struct load loads[2];
	struct vm vm;

	make_vm(&vm, REAL);
	add_vcpu(&vm, REAL);
	load_two_vcpus(&vm, loads, 97, toggle_counting);
	cpuid(&vm, 1, 0);
	tap_in(debugfs_account(&vm, "all"), 1, 2 * (ticks() - start),
		   "vmm-toggle-all-is-the-time-that-went-by");
	tap_in(debugfs_account(&vm, "off"), 1, 2 * (ticks() - start),
		   "vmm-toggle-some-time-was-off");
	witness_books_toggled("vmm-toggle-books-close");
	end_vm(&vm);
}

/* Off, nothing moves; on, it goes on, and what went by is "off". */
static void test_off_time(void)
{
	struct kvm_regs regs = { .rsi = 23, .rbp = 1 };
	uint64_t before, start, slept, took;
	struct row row, after;
	uint32_t reason;
	struct vm vm;

	make_vm(&vm, REAL);
	reason = cpuid_reason(&vm);
	/* What is open when it is turned off goes to "off" from its start on. */
	start = ticks();
	before = exits_of(&vm, reason);
	row = debugfs_row(&vm, "total");
	tap_is(debugfs_account(&vm, "off"), 0, "vmm-toggle-not-yet-off");
	set_counting(false);
	slept = ticks();
	usleep(OFF_US);
	run(&vm, CODE(cpuids), &regs);
	slept = ticks() - slept;
	after = debugfs_row(&vm, "total");
	tap_same(&after, &row, "vmm-toggle-off-stands-still");
	set_counting(true);
	tap_is(exits_of(&vm, reason) - before, 1,
		   "vmm-toggle-stops-and-goes-on");
	took = ticks() - start;
	tap_in(debugfs_account(&vm, "off"), slept, took,
		   "vmm-toggle-off-time-is-off");
	witness_books_toggled("vmm-toggle-off-time-books-close");
	end_vm(&vm);
}

static uint64_t epoch(struct vm *vm)
{
	struct regs r = cpuid(vm, KVM_CPUID_EXIT_STATS_EPOCH, 0);

	return (uint64_t)r.ebx << 32 | r.eax;
}

static uint64_t age(struct vm *vm)
{
	struct regs r = cpuid(vm, KVM_CPUID_EXIT_STATS_EPOCH, 0);

	return (uint64_t)r.edx << 32 | r.ecx;
}

static void test_epoch(void)
{
	struct vm vm, other;
	uint64_t old, start = ticks(), made;

	make_vm(&vm, REAL);
	made = ticks();
	old = epoch(&vm);
	tap_is(epoch(&vm), old, "vmm-epoch-stays");
	set_counting(true);
	tap_is(epoch(&vm), old, "vmm-epoch-stays-when-it-was-on");
	set_counting(false);
	set_counting(true);
	tap_true(old != epoch(&vm), "vmm-epoch-changes-when-turned-on");
	old = epoch(&vm);
	make_vm(&other, REAL);
	tap_true(old != epoch(&other), "vmm-epoch-is-of-a-vm");
	usleep(50000);
	made = ticks() - made;
	tap_in(age(&vm), made, ticks() - start + made, "vmm-epoch-age");
	tap_in(age(&other), 1, made, "vmm-epoch-age-is-of-a-vm");
	end_vm(&other);
	end_vm(&vm);
}

static void *run_until(void *arg)
{
	struct runner *runner = arg;
	struct kvm_regs regs = {};

	runner->tid = syscall(SYS_gettid);
	run(runner->vm, CODE(until), &regs);
	runner->returned = true;
	return NULL;
}

void start_runner(struct runner *runner, struct vm *vm)
{
	*runner = (struct runner){ .vm = vm };
	vm->memory[FLAG] = 0;
	if (pthread_create(&runner->thread, NULL, run_until, runner))
		errx(1, "no thread");
}

void end_runner(struct runner *runner)
{
	runner->vm->memory[FLAG] = 1;
	pthread_join(runner->thread, NULL);
}

/* A VM that was made while it was off, and runs when it is turned on. */
static void test_made_off(void)
{
	struct row row, zero = {};
	struct runner runner;
	struct vm vm;
	int i;

	set_counting(false);
	make_vm(&vm, REAL);
	start_runner(&runner, &vm);
	usleep(50000);
	row = debugfs_row(&vm, "total");
	tap_same(&row, &zero, "vmm-toggle-made-off-is-zero");
	tap_is(debugfs_account(&vm, "all"), 0, "vmm-toggle-made-off-has-no-time");
	set_counting(true);
	for (i = 0; i < 100 && !debugfs_row(&vm, "total").exits; i++)
		usleep(10000);
	row = debugfs_row(&vm, "total");
	tap_is(runner.returned, false, "vmm-toggle-made-off-is-in-the-same-run");
	tap_in(row.exits, 1, UINT64_MAX,
	       "vmm-toggle-made-off-counts-in-the-same-run");
	end_runner(&runner);
	tap_in(debugfs_account(&vm, "off"), 1, -1ull,
		   "vmm-toggle-made-off-has-off-time");
	witness_books_toggled("vmm-toggle-made-off-books-close");
	end_vm(&vm);
}

void tests_toggle(void)
{
	test_off_time();
	test_epoch();
	test_made_off();
	test_under_load();
}
