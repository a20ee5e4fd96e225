// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load for a guest with several CPUs: a thread on each makes exits of many
 * kinds, and looks whether what KVM tells of them, whichever CPU asks, only
 * grows.
 */
#define _GNU_SOURCE		/* CPU_SET() */
#include <err.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "source/leaves.h"

#define MAX_CPUS	64
#define NR_CPUIDS	7	/* a round */
#define NR_PINGS	3	/* a round */
#define MAX_SLEEP_NS	200000

/* The highest of each number that any CPU has seen. */
static _Atomic uint64_t highest_exits;
static _Atomic uint64_t highest_cycles;
static _Atomic uint64_t *highest_of_reason;

static bool reads_leaves = true;
static struct exit_stats interface = { .cpuid = exit_stats_cpuid_native };
static struct timespec deadline;
static long page_size;

struct worker {
	pthread_t thread;
	int cpu;
	int from, to;		/* pipes to the CPU that is the partner, or -1 */
	volatile char *page;
	struct exit_stats es;
	uint64_t rounds;
	uint64_t shrank;
};

static bool is_over(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > deadline.tv_sec ||
	       (now.tv_sec == deadline.tv_sec && now.tv_nsec >= deadline.tv_nsec);
}

/*
 * Whether @now, read after @seen was loaded, is not too low.  An exit that reads
 * a number of exits is in it (@own), so that each read is above all before.
 */
static bool has_grown(_Atomic uint64_t *highest, uint64_t seen, uint64_t now,
		      bool own)
{
	uint64_t old = seen;

	while (old < now && !atomic_compare_exchange_weak(highest, &old, now))
		;
	return own ? now > seen : now >= seen;
}

static void look(struct worker *w, const char *what, _Atomic uint64_t *highest,
		 uint64_t seen, uint64_t now, bool own)
{
	if (has_grown(highest, seen, now, own))
		return;
	if (!w->shrank++)
		printf("cpu %d: %s was %" PRIu64 ", is %" PRIu64 "\n", w->cpu,
		       what, seen, now);
}

static void look_at_totals(struct worker *w)
{
	uint64_t seen;

	seen = atomic_load(&highest_exits);
	look(w, "total exits", &highest_exits, seen,
	     exit_stats_total_exits(&w->es), true);

	seen = atomic_load(&highest_cycles);
	look(w, "total cycles", &highest_cycles, seen,
	     exit_stats_total_kernel(&w->es), false);
}

static void look_at_reason(struct worker *w, uint32_t reason)
{
	_Atomic uint64_t *highest = &highest_of_reason[reason];
	uint64_t seen = atomic_load(highest);

	look(w, reason_name(w->es.isa, reason), highest, seen,
	     exit_stats_reason_exits(&w->es, reason),
	     reason == w->es.own_reason);
}

static void make_cpuid_exits(void)
{
	int i;

	for (i = 0; i < NR_CPUIDS; i++)
		exit_stats_cpuid_native(1, 0);
}

/* A timer is set, and a CPU with nothing else to do halts. */
static void take_a_nap(uint64_t round)
{
	struct timespec nap = {
		.tv_nsec = 1 + round * 7919 % MAX_SLEEP_NS,
	};

	nanosleep(&nap, NULL);
}

/*
 * The CPUs share an address space: each change of it interrupts the others, and
 * spins until they have seen it.
 */
static void change_a_mapping(struct worker *w)
{
	*w->page = 1;
	if (mprotect((void *)w->page, page_size, PROT_READ) ||
	    mprotect((void *)w->page, page_size, PROT_READ | PROT_WRITE))
		err(1, "mprotect");
}

/*
 * Wake the partner and wait for it: that takes an interrupt between the CPUs.
 * False when the partner has ended.
 */
static bool ping(struct worker *w)
{
	char c = 0;
	int i;

	if (w->to < 0)
		return true;

	for (i = 0; i < NR_PINGS; i++) {
		if (write(w->to, &c, 1) != 1 || read(w->from, &c, 1) != 1)
			return false;
	}
	return true;
}

static void make_a_round(struct worker *w)
{
	make_cpuid_exits();
	if (reads_leaves) {
		look_at_totals(w);
		look_at_reason(w, w->es.own_reason);
		look_at_reason(w, w->rounds % w->es.nr_reasons);
	}
	change_a_mapping(w);
	take_a_nap(w->rounds);
	w->rounds++;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(w->cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "cannot run on CPU %d", w->cpu);

	w->es = interface;
	while (!is_over() && ping(w))
		make_a_round(w);

	/* The partner may wait: tell it. */
	if (w->to >= 0)
		close(w->to);
	return NULL;
}

static void make_partners(struct worker *a, struct worker *b)
{
	int there[2], back[2];

	if (pipe(there) || pipe(back))
		err(1, "pipe");
	a->to = there[1];
	b->from = there[0];
	b->to = back[1];
	a->from = back[0];
}

static void *get_page(void)
{
	void *page = mmap(NULL, page_size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		err(1, "mmap");
	return page;
}

static void run_workers(struct worker *workers, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		workers[i] = (struct worker){ .cpu = i, .from = -1, .to = -1,
					      .page = get_page() };
	for (i = 0; i + 1 < nr; i += 2)
		make_partners(&workers[i], &workers[i + 1]);

	for (i = 0; i < nr; i++) {
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			errx(1, "no thread for CPU %d", i);
	}
	for (i = 0; i < nr; i++)
		pthread_join(workers[i].thread, NULL);
}

/* 0 if each CPU worked, and no number was lower than before. */
static int report(const struct worker *workers, int nr)
{
	uint64_t shrank = 0;
	int i, idle = 0;

	for (i = 0; i < nr; i++) {
		printf("cpu %d: %" PRIu64 " rounds, %" PRIu64 " reads\n", i,
		       workers[i].rounds, workers[i].es.reads);
		shrank += workers[i].shrank;
		idle += !workers[i].rounds;
	}

	if (reads_leaves) {
		printf("total exits: %" PRIu64 "\n",
		       exit_stats_total_exits(&interface));
		printf("total cycles: %" PRIu64 "\n",
		       exit_stats_total_kernel(&interface));
	}
	printf("shrank %" PRIu64 "\n", shrank);
	return shrank || idle;
}

static void open_interface(void)
{
	enum exit_stats_status status = exit_stats_open(&interface);

	if (status != EXIT_STATS_OK) {
		exit_stats_explain(stderr, &interface, status);
		exit(1);
	}
	interface.reads = 0;
	highest_of_reason = calloc(interface.nr_reasons,
				   sizeof(*highest_of_reason));
	if (!highest_of_reason)
		err(1, "memory");
}

static void usage(void)
{
	fputs("usage: stress [-n] SECONDS\n"
	      "Make exits on every CPU. Status 1 if a count of them shrank.\n"
	      "  -n  don't read the counts\n", stderr);
	exit(2);
}

/* Not all of it is checked: only this repository's jobs call this program. */
static int parse_seconds(int argc, char **argv)
{
	int first = 1, seconds;

	if (argc > 1 && !strcmp(argv[1], "-n")) {
		reads_leaves = false;
		first++;
	}
	if (argc != first + 1)
		usage();
	seconds = atoi(argv[first]);
	if (seconds < 1)
		usage();
	return seconds;
}

int main(int argc, char **argv)
{
	static struct worker workers[MAX_CPUS];
	int seconds = parse_seconds(argc, argv);
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	page_size = sysconf(_SC_PAGESIZE);
	if (nr < 1 || nr > MAX_CPUS)
		errx(1, "%ld CPUs, know what to do with 1 to %d", nr, MAX_CPUS);
	setlinebuf(stdout);
	signal(SIGPIPE, SIG_IGN);
	if (reads_leaves)
		open_interface();

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += seconds;
	run_workers(workers, nr);
	return report(workers, nr);
}
