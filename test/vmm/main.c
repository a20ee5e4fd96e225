// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

/*
 * KVM patches its code when the first APIC of all VMs is disabled, and when the
 * last is enabled. While this VM is there, whose APIC is disabled, it does not.
 */
static void park(void)
{
	struct vm vm;

	make_vm_with_irqchip(&vm);
	pause();
}

static void mark(void)
{
	printf("%d\n", mark_cpu());
}

static const struct {
	const char *name, *help;
	void (*run)(void);
} tests[] = {
	{ "known-counts", "known workloads move their reasons exactly", tests_on },
	{ "hidden", "the leaves answer as a stock kernel does", tests_off },
	{ "parallel", "two vCPUs, one added, load", tests_parallel },
	{ "toggle", "counting turned off and on", tests_toggle },
	{ "books", "all accounts add up, after 100,003 exits", tests_books },
	{ "tail", "what 10^6 exits cost, for the CPU's comparison", tests_tail },
	{ "histograms", "turned off and on, and without memory", tests_hist },
	{ "time", "where the time of a vCPU goes", tests_time },
	{ "blocked", "parameters while a handler sleeps", tests_blocked },
	{ "threads", "another thread runs a vCPU while counting is off", tests_threads },
	{ "log", "300 short VMs, and the log", tests_log },
	{ "reload", "modules go and come, counting is toggled", tests_reload },
	{ "visible", "which VMs see the leaves", tests_visible },
	{ "nest", "a guest with a guest, as it sees itself", tests_nest },
	{ "outlets-agree", "leaves, debugfs, binary stats and dmesg", tests_agree },
	{ "fast", "exits that the fast path handles, exactly", tests_fast },
	{ "failed-entry", "entries that fail, as the tracepoint has them",
	  tests_failed_entry },
	{ "invalid-state", "emulation without entries is no exit",
	  tests_invalid_state },
	{ "mark", "not a test: copy what the CPU counted, print the number", mark },
	{ "park", "not a test: a VM that stays and never runs", park },
	{ "hostile", "all leaves, 2^16 values of ECX, three modes; a flood",
	  tests_hostile },
};

#define NR_TESTS (sizeof(tests) / sizeof(tests[0]))

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: vmm TEST\nTest KVM's exit counts with a VMM of known exits.\n");
	for (i = 0; i < NR_TESTS; i++)
		fprintf(to, "  %-14s %s\n", tests[i].name, tests[i].help);
	fprintf(to, "  %-14s %s\n", "claim PID MARK NAME",
		"not a test: say what the CPU must have counted");
	fprintf(to, "  %-14s %s\n", "cost KIND [N]",
		"not a test: the ticks that an exit takes, in a VM of N vCPUs");
	fprintf(to, "  %-14s %s\n", "random SEED N",
		"N random guests, made of SEED and the numbers behind it");
}

int main(int argc, char **argv)
{
	size_t i;

	setlinebuf(stdout);
	if (argc == 2 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		usage(stdout);
		return 0;
	}
	if (argc >= 2 && !strcmp(argv[1], "cost"))
		return measure_cost(argc - 2, argv + 2);
	if (argc >= 2 && !strcmp(argv[1], "random"))
		return tests_random(argc - 2, argv + 2);
	if (argc == 5 && !strcmp(argv[1], "claim")) {
		claim_cpu(atoi(argv[2]), atoi(argv[3]), argv[4]);
		return 0;
	}
	for (i = 0; argc == 2 && i < NR_TESTS; i++) {
		if (strcmp(argv[1], tests[i].name))
			continue;
		tests[i].run();
		return tap.failed != 0;
	}
	usage(stderr);
	return 2;
}
