// SPDX-License-Identifier: GPL-2.0-only
/*
 * Phases of work for a guest, each of which exits for its own reasons:
 *
 *	phases MARKS FILE PHASE SECONDS [PHASE SECONDS...]
 *
 * The name of each phase goes to MARKS as it begins: all in one process, so that
 * no phase has the start of a program in it.  FILE is what "disk" writes to and
 * reads from.
 */
#define _GNU_SOURCE		/* O_DIRECT */
#include <err.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define BLOCK		4096
#define NR_BLOCKS	256		/* of the disk: 1 MiB */
#define MEMORY		(72 << 20)	/* what a guest of 128 MiB has to spare */
#define NAP_NS		1000000

static struct timespec deadline;
static const char *file;

static void set_deadline(double seconds)
{
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += (time_t)seconds;
	deadline.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000;
	}
}

static bool is_over(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > deadline.tv_sec ||
	       (now.tv_sec == deadline.tv_sec && now.tv_nsec >= deadline.tv_nsec);
}

static void idle(void)
{
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL))
		;
}

static void cpu(void)
{
	volatile uint64_t x = 1;
	int i;

	while (!is_over()) {
		for (i = 0; i < 100000; i++)
			x = x * 6364136223846793005u + 1442695040888963407u;
	}
}

/* A page that the guest never used is one that the host must still find. */
static void memory(void)
{
	size_t i;
	char *p = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < MEMORY && !is_over(); i += BLOCK)
		p[i] = 1;
}

/* Past the page cache, so that each block goes to the host. */
static void disk(void)
{
	char *block = aligned_alloc(BLOCK, BLOCK);
	int fd = open(file, O_RDWR | O_DIRECT);
	unsigned int nr;

	if (fd < 0 || !block)
		err(1, "%s", file);
	memset(block, 'x', BLOCK);
	for (nr = 0; !is_over(); nr++) {
		off_t at = (off_t)(nr * 7919 % NR_BLOCKS) * BLOCK;

		if (pwrite(fd, block, BLOCK, at) != BLOCK ||
		    pread(fd, block, BLOCK, at) != BLOCK)
			err(1, "cannot use %s", file);
	}
	close(fd);
	free(block);
}

static long futex(atomic_uint *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

/* Sleep until the word is @mine, then make it the other's. */
static void take_turn(atomic_uint *word, uint32_t mine)
{
	while (atomic_load(word) != mine)
		futex(word, FUTEX_WAIT, !mine);
	atomic_store(word, !mine);
	futex(word, FUTEX_WAKE, 1);
}

static bool answer(int fd, atomic_uint *word)
{
	char c;

	if (read(fd, &c, 1) != 1 || write(fd, &c, 1) != 1)
		return false;
	take_turn(word, 1);
	return true;
}

/* Two processes over a socket and a futex, on one CPU or on several. */
static void ipc(void)
{
	atomic_uint *word = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char c = 'x';
	int fds[2];

	if (word == MAP_FAILED ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		err(1, "ipc");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		close(fds[0]);
		while (answer(fds[1], word))
			;
		_exit(0);
	}
	close(fds[1]);
	while (!is_over()) {
		if (write(fds[0], &c, 1) != 1 || read(fds[0], &c, 1) != 1)
			err(1, "socket");
		take_turn(word, 0);
	}
	close(fds[0]);
	wait(NULL);
}

static void timers(void)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	/* Else the kernel may join our timers with others. */
	prctl(PR_SET_TIMERSLACK, 1);
	while (!is_over())
		nanosleep(&nap, NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} phases[] = {
	{ "idle", idle },
	{ "cpu", cpu },
	{ "memory", memory },
	{ "disk", disk },
	{ "ipc", ipc },
	{ "timers", timers },
};

static void mark(const char *marks, const char *name)
{
	int fd = open(marks, O_WRONLY);

	if (fd < 0 || dprintf(fd, "%s\n", name) < 0)
		err(1, "cannot write to %s", marks);
	close(fd);
}

static void run_phase(const char *marks, const char *name, const char *time)
{
	char *end;
	double seconds = strtod(time, &end);
	size_t i;

	if (*end || !(seconds > 0 && seconds < 1e6))
		errx(2, "%s is no number of seconds", time);
	for (i = 0; i < ARRAY_SIZE(phases); i++) {
		if (strcmp(name, phases[i].name))
			continue;
		mark(marks, name);
		set_deadline(seconds);
		phases[i].run();
		return;
	}
	errx(2, "%s is no phase", name);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 5 || argc % 2 == 0)
		errx(2, "usage: phases MARKS FILE PHASE SECONDS [PHASE SECONDS...]");
	file = argv[2];
	for (i = 3; i < argc; i += 2)
		run_phase(argv[1], argv[i], argv[i + 1]);
	return 0;
}
