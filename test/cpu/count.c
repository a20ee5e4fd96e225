// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of exits: in a file that is mapped, so that it is complete however the
 * emulator ends. All CPUs of the emulated machine are one thread.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "witness.h"

#define ROWS		8192	/* a power of two */
#define GUESTS		1024	/* a power of two */

/* When a guest was last entered or left, and why. */
struct guest {
	uint64_t address;
	uint64_t since;
	uint32_t reason;
	uint64_t mark;
	bool inside;
};

static struct row *table;
static struct guest guests[GUESTS];
static int marks;
/* The number of the last one. */
static uint64_t mark;
/* While each exit's cost is to be written. */
static FILE *costs;

static int open_file(const char *suffix)
{
	const char *name = getenv("EXITSTAT_WITNESS");
	char path[4096];
	int fd;

	if (!name)
		errx(1, "EXITSTAT_WITNESS must name the witness' files");
	snprintf(path, sizeof(path), "%s.%s", name, suffix);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void open_table(void)
{
	int fd = open_file("table");

	if (ftruncate(fd, ROWS * sizeof(*table)))
		err(1, "the witness' table");
	table = mmap(NULL, ROWS * sizeof(*table), PROT_READ | PROT_WRITE,
		     MAP_SHARED, fd, 0);
	if (table == MAP_FAILED)
		err(1, "the witness' table");
	close(fd);
	table[0].guest = LOST;
	marks = open_file("marks");
}

static void add(uint64_t guest, uint64_t what, uint64_t value)
{
	uint64_t at = ((guest >> 12) * 31 + what) % ROWS;
	size_t i;

	for (i = 0; i < ROWS; i++, at = (at + 1) % ROWS) {
		struct row *row = &table[at];

		/* The first row has LOST, and so is nobody's. */
		if (!row->guest)
			*row = (struct row){ guest, what, 0 };
		if (row->guest == guest && row->what == what) {
			row->value += value;
			return;
		}
	}
	table[0].value++;
}

static struct guest *find_guest(uint64_t address)
{
	uint64_t at = (address >> 12) % GUESTS;
	size_t i;

	for (i = 0; i < GUESTS; i++, at = (at + 1) % GUESTS) {
		if (!guests[at].address)
			guests[at].address = address;
		if (guests[at].address == address)
			return &guests[at];
	}
	errx(1, "the witness has no room for another guest");
}

void count_exit(uint64_t address, uint32_t reason)
{
	add(address, reason, 1);
	find_guest(address)->reason = reason;
}

static void write_cost(const struct guest *guest, uint64_t ticks)
{
	struct row row = { guest->address, guest->reason, ticks };

	if (fwrite(&row, sizeof(row), 1, costs) != 1)
		err(1, "the witness' costs");
}

/* The emulator may come here more than once for an entry: the first counts. */
void count_entry_time(uint64_t address, uint64_t now)
{
	struct guest *guest = find_guest(address);

	if (guest->inside)
		return;
	if (guest->since && costs)
		write_cost(guest, now - guest->since);
	if (guest->since)
		add(address, guest->mark == mark ? TICKS_OUTSIDE : TICKS_AT_MARK,
		    now - guest->since);
	guest->since = now;
	guest->inside = true;
}

/* An entry that failed was none. */
void count_exit_time(uint64_t address, uint64_t now)
{
	struct guest *guest = find_guest(address);

	if (!guest->inside)
		return;
	add(address, TICKS_INSIDE, now - guest->since);
	guest->since = now;
	guest->mark = mark;
	guest->inside = false;
}

void count_costs(void)
{
	if (!costs)
		costs = fdopen(open_file("costs"), "w");
	if (!costs)
		err(1, "the witness' costs");
}

static void end_costs(void)
{
	if (costs && fclose(costs))
		err(1, "the witness' costs");
	costs = NULL;
}

void count_mark(void)
{
	static struct row copy[ROWS + 1];
	size_t nr = 1, i;

	end_costs();
	copy[0] = (struct row){ MARK, ++mark, 0 };
	for (i = 0; i < ROWS; i++) {
		if (table[i].guest)
			copy[nr++] = table[i];
	}
	if (write(marks, copy, nr * sizeof(*copy)) != (ssize_t)(nr * sizeof(*copy)))
		err(1, "the witness' marks");
}

/* What a shell starts on the way to the emulator has none of its functions. */
__attribute__((constructor)) static void attach(void)
{
	bool bochs = !strcmp(program_invocation_short_name, "bochs-bin");
	bool qemu = !strcmp(program_invocation_short_name, "qemu-system-x86_64");

	if (!bochs && !qemu)
		return;
	open_table();
	if (bochs)
		attach_to_bochs();
	else
		attach_to_qemu();
}
