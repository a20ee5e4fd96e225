// SPDX-License-Identifier: GPL-2.0-only
/* Where a vCPU's time goes: known work lands in the account it belongs to. */
#define _GNU_SOURCE		/* sched_setaffinity() */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <asm/kvm_para.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "vmm.h"

#define NAP_US		100000
#define NR_NAPS		23
#define NR_LATE_PAGES	7
#define NR_SLEEPS	11

/* Write, or read, the port DX: a byte at ESI, or to EDI. */
GUEST_CODE(outsb, 32, "outsb; hlt\n");
GUEST_CODE(insb, 32, "insb; hlt\n");

/* Read a byte, where an interrupt could come instead. */
GUEST_CODE(load, 16, "sti; nop; movb 0, %al; cli\n" END_BY_OUT);

/* Bochs keeps interrupts from a guest that has them disabled, till it exits. */
GUEST_CODE(spin, 16,
	   "sti; rdtsc; shrd $16, %edx, %eax; add %eax, %esi\n"
	   "1: rdtsc; shrd $16, %edx, %eax; cmp %esi, %eax; jb 1b; hlt\n");

/* How much each account moved since @before. */
static struct accounts moved_since(struct vm *vm, struct accounts before)
{
	struct accounts moved = debugfs_accounts(vm);
	int i;

	for (i = 0; i < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS; i++)
		moved.of[i] -= before.of[i];
	return moved;
}

/* Sleep, and return the ticks that it took at least. */
static uint64_t nap(unsigned int us)
{
	uint64_t start = ticks();

	usleep(us);
	return ticks() - start;
}

static uint64_t run_slowly(struct vcpu *vcpu)
{
	uint64_t slept = 0;

	for (;;) {
		must(ioctl(vcpu->fd, KVM_RUN, 0), "KVM_RUN");
		if (vcpu->run->exit_reason != KVM_EXIT_IO)
			return slept;
		slept += nap(NAP_US);
	}
}

static uint32_t io_reason(struct vm *vm)
{
	return is_svm(vm) ? SVM_EXIT_IOIO : EXIT_REASON_IO_INSTRUCTION;
}

/* A VMM that takes 100 ms for each of 23 port writes. */
static void test_slow_vmm(void)
{
	struct kvm_regs regs = { .rbx = NR_NAPS, .rdx = 0x80 };
	struct row before, after;
	uint64_t start, slept;
	double began;
	uint32_t io;
	struct vm vm;

	make_vm(&vm, REAL);
	io = io_reason(&vm);
	before = debugfs_reason(&vm, io);
	load_code(&vm, &vm.vcpus[0], CODE(outs), &regs);
	start = ticks();
	began = now();
	slept = run_slowly(&vm.vcpus[0]);
	tap_in((now() - began) * 1000, NR_NAPS * NAP_US / 1000, 60000,
		   "vmm-time-slow-vmm-slept-ms");
	after = debugfs_reason(&vm, io);
	tap_is(after.exits - before.exits, NR_NAPS,
		   "vmm-time-slow-vmm-exits");
	tap_in(after.vmm - before.vmm, slept, ticks() - start,
		   "vmm-time-slow-vmm-is-vmm");
	tap_in(after.kernel - before.kernel, 1, slept / 100,
		   "vmm-time-slow-vmm-is-not-kernel");
	witness_books(&vm, "vmm-time-slow-vmm-books-close");
	end_vm(&vm);
}

static pid_t start_hog(void)
{
	pid_t pid = must(fork(), "fork");
	volatile int i;

	if (pid)
		return pid;
	for (;;)
		i++;
}

static void pin_to_cpu_0(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	must(sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

/* For how long this thread wanted to run, and could not, in ns. */
static uint64_t run_delay(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "re");
	uint64_t delay;

	if (!file || fscanf(file, "%*u %lu", &delay) != 1)
		errx(1, "no schedstat");
	fclose(file);
	return delay;
}

/* A program on the vCPU's CPU: what the scheduler calls run_delay. */
static void test_preempted(void)
{
	struct accounts moved;
	struct kvm_regs regs;
	uint64_t start, delay, took;
	double began;
	struct vm vm;
	pid_t hog;

	pin_to_cpu_0();
	make_vm(&vm, REAL);
	regs = (struct kvm_regs){ .rsi = ticks_of(&vm, 2) >> 16 };
	moved = debugfs_accounts(&vm);
	hog = start_hog();
	delay = run_delay();
	start = ticks();
	began = now();
	run(&vm, CODE(spin), &regs);
	took = ticks() - start;
	delay = (run_delay() - delay) / 1e9 / (now() - began) * took;
	kill(hog, SIGKILL);
	waitpid(hog, NULL, 0);
	moved = moved_since(&vm, moved);
	printf("# of %lu ticks a hog had %lu\n", took, delay);
	tap_in(delay, took / 4, took, "vmm-time-hog-takes-time");
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_PREEMPTED], delay - delay / 10,
		   delay + delay / 10, "vmm-time-hog-is-preempted");
	witness_books(&vm, "vmm-time-hog-books-close");
	end_vm(&vm);
}

/* A guest with nothing to do but to wait for its timer. */
static void test_halted(void)
{
	uint64_t start, took, each;
	struct accounts moved;
	struct vm vm;

	make_vm_with_irqchip(&vm);
	init_guest(&vm);
	each = ticks_of(&vm, NAP_US / 1e6);
	moved = debugfs_accounts(&vm);
	start = ticks();
	sleep_by_timer(&vm, NR_SLEEPS, each);
	took = ticks() - start;
	moved = moved_since(&vm, moved);
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_HALTED],
		   NR_SLEEPS * (each - each / 10), took, "vmm-time-halted");
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_WAIT], 0, took / 100,
		   "vmm-time-halted-is-not-wait");
	witness_books(&vm, "vmm-time-halted-books-close");
	end_vm(&vm);
}

/* Pages that come 100 ms late: the vCPU's thread sleeps in KVM. */
static void test_wait(void)
{
	struct kvm_regs regs = { .rdi = FAULT_BASE, .rsi = NR_LATE_PAGES };
	struct row before, after;
	uint64_t start, took, waited;
	uint32_t fault;
	struct late *late;
	struct vm vm;

	make_vm(&vm, PROTECTED);
	add_fault_pages(&vm, NR_LATE_PAGES);
	fault = fault_reason(&vm);
	late = make_late(&vm, NAP_US);
	before = debugfs_reason(&vm, fault);
	start = ticks();
	run(&vm, CODE(faults), &regs);
	took = ticks() - start;
	after = debugfs_reason(&vm, fault);
	waited = end_late(late);
	tap_in(after.exits - before.exits, NR_LATE_PAGES,
		   NR_LATE_PAGES + 10, "vmm-time-late-pages-exits");
	tap_in(after.wait - before.wait, waited, took,
		   "vmm-time-late-pages-is-wait");
	tap_in(after.kernel - before.kernel, 1, waited / 10,
		   "vmm-time-late-pages-is-not-kernel");
	witness_books(&vm, "vmm-time-late-pages-books-close");
	end_vm(&vm);
}

/*
 * A page that comes late to a guest that takes interrupts: KVM has another thread
 * wait for it, and halts the guest until it is there. That is still waiting.
 */
static void test_async_wait(void)
{
	struct kvm_regs regs = {};
	struct kvm_sregs sregs;
	struct accounts moved;
	struct late *late;
	uint64_t waited;
	struct vm vm;

	make_vm_with_irqchip(&vm);
	add_fault_pages(&vm, 1);
	get_sregs(&vm.vcpus[0], &sregs);
	sregs.ds.base = FAULT_BASE;
	set_sregs(&vm.vcpus[0], &sregs);
	late = make_late(&vm, NAP_US);
	moved = debugfs_accounts(&vm);
	run(&vm, CODE(load), &regs);
	waited = end_late(late);
	moved = moved_since(&vm, moved);
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_WAIT], waited - waited / 10,
		   -1ull, "vmm-time-async-page-is-wait");
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_HALTED], 0, waited / 10,
		   "vmm-time-async-page-is-not-halted");
	witness_books(&vm, "vmm-time-async-page-books-close");
	end_vm(&vm);
}

/*
 * A port is written from memory that comes late: first the vCPU's thread sleeps
 * in KVM, then the VMM takes its time.  One after the other, in one exit.
 */
static void test_late_outs(struct vm *vm, struct vcpu *vcpu)
{
	struct kvm_regs regs = { .rsi = FAULT_BASE, .rdx = 0x80 };
	struct row before = debugfs_reason(vm, io_reason(vm)), after;
	struct late *late = make_late(vm, NAP_US);
	uint64_t slept, waited;

	load_code(vm, vcpu, CODE(outsb), &regs);
	slept = run_slowly(vcpu);
	waited = end_late(late);
	after = debugfs_reason(vm, io_reason(vm));
	tap_in(after.wait - before.wait, waited, waited + waited / 5,
		   "vmm-time-late-write-is-wait");
	tap_in(after.vmm - before.vmm, slept, slept + slept / 5,
		   "vmm-time-late-write-then-vmm");
}

/*
 * A port is read to memory that comes late: the VMM is quick, but when KVM_RUN
 * is called again, KVM completes the exit, and sleeps.
 */
static void test_late_ins(struct vm *vm, struct vcpu *vcpu)
{
	struct kvm_regs regs = { .rdi = FAULT_BASE + PAGE, .rdx = 0x80 };
	struct row before = debugfs_reason(vm, io_reason(vm)), after;
	struct late *late = make_late(vm, NAP_US);
	uint64_t waited;

	run_on(vm, vcpu, CODE(insb), &regs);
	waited = end_late(late);
	after = debugfs_reason(vm, io_reason(vm));
	tap_in(after.wait - before.wait, waited, waited + waited / 5,
		   "vmm-time-late-read-is-wait");
	tap_in(after.vmm - before.vmm, 0, waited / 5,
		   "vmm-time-late-read-is-not-vmm");
}

static void test_late_io(void)
{
	struct vm vm;

	make_vm(&vm, PROTECTED);
	add_fault_pages(&vm, 2);
	test_late_outs(&vm, &vm.vcpus[0]);
	test_late_ins(&vm, &vm.vcpus[0]);
	witness_books(&vm, "vmm-time-late-io-books-close");
	end_vm(&vm);
}

static void ignore(int signal)
{
	(void)signal;
}

static void *lose_page(void *arg)
{
	struct vm *vm = arg;

	usleep(NAP_US);
	must(madvise(vm->faults, PAGE, MADV_DONTNEED), "madvise");
	return NULL;
}

/*
 * A vCPU halts; meanwhile the page is lost where KVM writes its steal time when
 * it has woken, before it enters: while it waits for that, it is not halted.
 */
static void test_late_wake_up(void)
{
	struct row before, after;
	struct late *late;
	pthread_t thread;
	uint64_t nap_ticks;
	uint32_t hlt;
	struct vm vm;

	make_vm_with_irqchip(&vm);
	init_guest(&vm);
	hlt = is_svm(&vm) ? SVM_EXIT_HLT : EXIT_REASON_HLT;
	nap_ticks = ticks_of(&vm, NAP_US / 1e6);
	add_fault_pages(&vm, 1);
	set_msr(&vm.vcpus[0], MSR_KVM_STEAL_TIME,
		FAULT_BASE | KVM_MSR_ENABLED);
	cpuid(&vm, 1, 0);
	late = make_late(&vm, NAP_US);
	before = debugfs_reason(&vm, hlt);
	if (pthread_create(&thread, NULL, lose_page, &vm))
		errx(1, "no thread");
	sleep_by_timer(&vm, 1, 3 * nap_ticks);
	pthread_join(thread, NULL);
	after = debugfs_reason(&vm, hlt);
	tap_in(end_late(late), nap_ticks / 2, -1ull,
		   "vmm-time-late-wake-up-was-late");
	tap_in(after.wait - before.wait, nap_ticks / 2, 3 * nap_ticks,
		   "vmm-time-late-wake-up-is-wait");
	witness_books(&vm, "vmm-time-late-wake-up-books-close");
	end_vm(&vm);
}

/* KVM_RUN returns because of a signal after @us. */
static void run_interrupted(struct vcpu *vcpu, int us, const char *name)
{
	struct itimerval timer = { .it_value.tv_usec = us };
	struct sigaction action = { .sa_handler = ignore };

	must(sigaction(SIGALRM, &action, NULL), "sigaction");
	must(setitimer(ITIMER_REAL, &timer, NULL), "setitimer");
	tap_is(ioctl(vcpu->fd, KVM_RUN, 0) < 0 ? errno : 0, EINTR, name);
}

/* A second CPU that waits for the first to start it. */
static void test_not_started(void)
{
	uint64_t start, took;
	struct accounts moved;
	struct vcpu *vcpu;
	struct vm vm;

	make_vm_with_irqchip(&vm);
	vcpu = add_vcpu(&vm, REAL);
	moved = debugfs_accounts(&vm);
	start = ticks();
	run_interrupted(vcpu, 2 * NAP_US, "vmm-time-not-started-is-interrupted");
	took = ticks() - start;
	moved = moved_since(&vm, moved);
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_HALTED], took - took / 10, took,
		   "vmm-time-not-started-is-halted");
	witness_books(&vm, "vmm-time-not-started-books-close");
	end_vm(&vm);
}

/* A VM that was not started for 200 ms, and one that is paused for 200 ms. */
static void test_outside(void)
{
	struct accounts moved = {};
	struct kvm_regs regs = {};
	uint64_t slept;
	struct vm vm;

	make_vm(&vm, REAL);
	slept = nap(2 * NAP_US);
	cpuid(&vm, 1, 0);
	moved = moved_since(&vm, moved);
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_OUTSIDE], slept, 2 * slept,
		   "vmm-time-not-yet-run-is-outside");

	regs.rsi = ticks_of(&vm, 30) >> 16;
	load_code(&vm, &vm.vcpus[0], CODE(spin), &regs);
	run_interrupted(&vm.vcpus[0], NAP_US / 2, "vmm-time-paused-by-a-signal");
	moved = debugfs_accounts(&vm);
	slept = nap(2 * NAP_US);
	cpuid(&vm, 1, 0);
	moved = moved_since(&vm, moved);
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_OUTSIDE], slept,
		   slept + slept / 10, "vmm-time-paused-is-outside");
	tap_in(moved.of[KVM_CPUID_EXIT_STATS_VMM], 0, slept / 10,
		   "vmm-time-paused-is-not-vmm");
	witness_books(&vm, "vmm-time-paused-books-close");
	end_vm(&vm);
}

void tests_time(void)
{
	test_slow_vmm();
	test_preempted();
	test_halted();
	test_not_started();
	test_wait();
	test_async_wait();
	test_late_io();
	test_late_wake_up();
	test_outside();
}
