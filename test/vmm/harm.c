// SPDX-License-Identifier: GPL-2.0-only
/* What must not harm the host: parameters, short VMs, modules that go. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"

#define NR_ROUNDS	307
/* In Bochs a round takes two seconds. */
#define NR_ROUNDS_VMX	31
#define NR_SHORT_VMS	300
#define LATE_US		5000000

static void *touch_late_page(void *arg)
{
	struct kvm_regs regs = { .rdi = FAULT_BASE, .rsi = 1 };

	run(arg, CODE(faults), &regs);
	return NULL;
}

static void check_quick(double since, bool done, const char *name)
{
	double took = now() - since;

	tap_verdict(&tap, done && took < 0.5, name);
	tap_note(&tap, "expected: done in less than 0.500 s");
	tap_note(&tap, "actual: %s, %.3f s", done ? "done" : "failed", took);
}

/* The vCPU's thread sleeps in an exit's handler: who else waits? */
void tests_blocked(void)
{
	struct late *late;
	pthread_t thread;
	double since;
	uint64_t waited;
	struct vm vm;

	make_vm(&vm, PROTECTED);
	add_fault_pages(&vm, 1);
	late = make_late(&vm, LATE_US);
	if (pthread_create(&thread, NULL, touch_late_page, &vm))
		errx(1, "no thread");
	usleep(200000);

	since = now();
	check_quick(since, write_parameter("exit_stats", "0"),
		    "vmm-blocked-turn-off-waits-for-nothing");
	since = now();
	check_quick(since, write_parameter("exit_stats", "1"),
		    "vmm-blocked-turn-on-waits-for-nothing");
	since = now();
	check_quick(since, read_parameter("halt_poll_ns"),
		    "vmm-blocked-other-parameter-waits-for-nothing");
	waited = end_late(late);
	pthread_join(thread, NULL);
	tap_in(waited, 1, UINT64_MAX, "vmm-blocked-was-blocked");
	witness_books_toggled("vmm-blocked-books-close");
	end_vm(&vm);
}

static bool is_boot_in_log(void)
{
	return !system("dmesg | head -n 3 | grep -q 'Linux version'");
}

/* Many short VMs, each of which reads a total ten times, push nothing out. */
void tests_log(void)
{
	double since = now(), took;
	int i, lines;

	for (i = 0; i < NR_SHORT_VMS; i++) {
		struct kvm_regs regs = {
			.rsi = 10, .rbp = KVM_CPUID_EXIT_STATS_TOTAL_EXITS,
		};
		struct vm vm;

		make_vm(&vm, REAL);
		run(&vm, CODE(cpuids), &regs);
		end_vm(&vm);
	}
	took = now() - since;
	lines = log_lines();
	tap_in(lines, 1, 100 * ((int)took / 60 + 1),
		   "vmm-log-of-300-vms-is-limited");
	tap_true(is_boot_in_log(), "vmm-log-still-has-the-boot");
}

static pid_t start_child(void (*work)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = must(fork(), "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* On one CPU, most of it is for the rounds. */
	must(nice(10), "nice");
	for (;;)
		work();
}

/* There is no such file while kvm is unloaded. */
static void toggle_once(void)
{
	write_parameter("exit_stats", "0");
	write_parameter("exit_stats", "1");
}

static void read_whole(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	close(fd);
}

/* The tables of the VMs that are there, if any. */
static void read_tables(void)
{
	static const char dir[] = "/sys/kernel/debug/kvm";
	DIR *vms = opendir(dir);
	struct dirent *vm;
	char path[512];

	while (vms && (vm = readdir(vms))) {
		if (!strchr(vm->d_name, '-'))
			continue;
		snprintf(path, sizeof(path), "%s/%s/exit_stats", dir,
			 vm->d_name);
		read_whole(path);
		snprintf(path, sizeof(path), "%s/%s/vcpu0/exit_stats", dir,
			 vm->d_name);
		read_whole(path);
	}
	if (vms)
		closedir(vms);
	usleep(1000);
}

static void insert_module(const char *file)
{
	struct utsname host;
	char path[256];
	int fd;

	must(uname(&host), "uname");
	snprintf(path, sizeof(path), "/lib/modules/%s/kernel/arch/x86/kvm/%s.ko",
		 host.release, file);
	fd = must(open(path, O_RDONLY | O_CLOEXEC), path);
	must(syscall(SYS_finit_module, fd, "", 0), file);
	close(fd);
}

/* Someone may still have a file open: try again. */
static void remove_module(const char *name)
{
	int tries;

	for (tries = 0; tries < 5000; tries++) {
		if (!syscall(SYS_delete_module, name, O_NONBLOCK))
			return;
		if (errno != EAGAIN && errno != EBUSY)
			break;
		usleep(1000);
	}
	err(1, "%s does not unload", name);
}

/* A VM lives, and the vendor's module goes; every fifth time kvm goes, too. */
static void reload_round(int round, bool svm)
{
	struct kvm_regs regs = { .rsi = 23, .rbp = 1 };
	struct vm vm;

	make_vm(&vm, REAL);
	run(&vm, CODE(cpuids), &regs);
	if (round % 3 == 0)
		toggle_once();
	end_vm(&vm);
	remove_module(svm ? "kvm_amd" : "kvm_intel");
	if (round % 5 == 0) {
		remove_module("kvm");
		insert_module("kvm");
	}
	insert_module(svm ? "kvm-amd" : "kvm-intel");
}

static bool is_amd(void)
{
	return !system("grep -qw svm /proc/cpuinfo");
}

/*
 * Counting is turned on and off as fast as can be while VMs are made, run and
 * closed, their tables read, and the modules are unloaded and loaded.
 */
void tests_reload(void)
{
	bool svm = is_amd();
	int i, rounds = svm ? NR_ROUNDS : NR_ROUNDS_VMX;
	pid_t toggler, reader;
	double since = now();
	struct vm vm;

	toggler = start_child(toggle_once);
	reader = start_child(read_tables);
	for (i = 0; i < rounds; i++) {
		if (i % 50 == 0)
			printf("# round %d, %.1f s\n", i, now() - since);
		reload_round(i, svm);
	}
	kill(toggler, SIGKILL);
	kill(reader, SIGKILL);
	while (wait(NULL) > 0)
		;
	printf("# %d rounds in %.1f s\n", i, now() - since);
	tap_is(i, rounds, "vmm-reload-rounds");
	set_counting(true);
	make_vm(&vm, REAL);
	tap_true(has_interface(&vm), "vmm-reload-counts-still");
	end_vm(&vm);
}
