// SPDX-License-Identifier: GPL-2.0-only
/* Read the tables of exits that KVM has in a host's debugfs. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "debugfs.h"
#include "exitstat.h"
#include "parse.h"

#define CPUID_EXTENDED_FEATURES	0x80000001
#define CPUID_ECX_SVM		(1u << 2)

/* A line of the table: a number or "-", a name, two numbers. */
struct line {
	bool numbered;
	uint32_t reason;
	char name[MAX_LINE];
	uint64_t exits;
	uint64_t cycles;
};

static void skip_spaces(const char **text)
{
	while (**text == ' ')
		(*text)++;
}

/* The number that ends @text, which is cut before it and the space there. */
static bool cut_number(char *text, uint64_t *number)
{
	size_t length = strlen(text);
	const char *at;

	while (length && isdigit((unsigned char)text[length - 1]))
		length--;
	at = text + length;
	if (!length || text[length - 1] != ' ' ||
	    !take_number(&at, UINT64_MAX, number))
		return false;
	while (length && text[length - 1] == ' ')
		length--;
	text[length] = '\0';
	return true;
}

/* SVM's errors are negative. */
static bool take_reason(const char **text, struct line *line)
{
	uint64_t number;

	line->numbered = !take_word(text, "- ");
	if (!line->numbered)
		return true;
	if (take_word(text, "-")) {
		if (!take_number(text, 4, &number) || !number)
			return false;
		number = -number;
	} else if (!take_number(text, REASON_OTHER - 1, &number)) {
		return false;
	}
	line->reason = (uint32_t)number;
	return take_word(text, " ");
}

static bool parse_line(const char *text, struct line *line)
{
	skip_spaces(&text);
	if (!take_reason(&text, line))
		return false;
	skip_spaces(&text);
	strcpy(line->name, text);
	return cut_number(line->name, &line->cycles) &&
	       cut_number(line->name, &line->exits) && line->name[0];
}

static bool is_header(const char *text)
{
	static const char *const words[] = { "reason", "name", "exits", "cycles" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		skip_spaces(&text);
		if (!take_word(&text, words[i]))
			return false;
	}
	return !*text;
}

static void guess_isa(const struct line *line, uint32_t *isa)
{
	if (!strcmp(line->name, "-"))
		return;
	if (!strcmp(line->name, exit_stats_reason_name(KVM_CPUID_EXIT_STATS_ISA_VMX,
						       line->reason)))
		*isa = KVM_CPUID_EXIT_STATS_ISA_VMX;
	if (!strcmp(line->name, exit_stats_reason_name(KVM_CPUID_EXIT_STATS_ISA_SVM,
						       line->reason)))
		*isa = KVM_CPUID_EXIT_STATS_ISA_SVM;
}

/* 0, or 1 if that was the total, or -1. */
static int add_line(const struct lines *lines, struct sample *sample,
		    uint32_t *isa)
{
	struct line line = { 0 };

	if (!parse_line(lines->text, &line))
		return bad_line(lines, "is not a row of KVM's table");
	if (!line.numbered && !strcmp(line.name, "total")) {
		sample->exits = line.exits;
		sample->cycles = line.cycles;
		return 1;
	}
	if (!line.numbered) {
		if (strcmp(line.name, "other"))
			return bad_line(lines, "is neither total nor other");
		line.reason = REASON_OTHER;
	} else {
		guess_isa(&line, isa);
	}
	if (!line.exits || sample->nr_rows == MAX_ROWS)
		return bad_line(lines, line.exits ? "is one row too many"
						  : "has no exits");
	return sample_add_row(sample, line.reason, line.exits, line.cycles);
}

static int by_reason(const void *left, const void *right)
{
	const struct exit_stats_row *a = left, *b = right;

	return (a->reason > b->reason) - (a->reason < b->reason);
}

/* KVM has SVM's errors the other way round. */
static int order_rows(const struct lines *lines, struct sample *sample)
{
	uint32_t i;

	if (sample->nr_rows)
		qsort(sample->rows, sample->nr_rows, sizeof(*sample->rows),
		      by_reason);
	for (i = 1; i < sample->nr_rows; i++) {
		if (sample->rows[i].reason == sample->rows[i - 1].reason)
			return complain("%s has two rows of one exit reason",
					lines->name);
	}
	return 0;
}

static int parse_rows(struct lines *lines, struct sample *sample, uint32_t *isa)
{
	int status;

	do {
		status = next_line(lines);
		if (status > 0)
			return bad_line(lines, "the table ends without its total");
		if (!status)
			status = add_line(lines, sample, isa);
	} while (!status);
	if (status < 0)
		return -1;

	status = next_line(lines);
	if (!status)
		return bad_line(lines, "is after the total");
	return status < 0 ? -1 : order_rows(lines, sample);
}

int debugfs_parse(FILE *in, const char *name, struct sample *sample,
		  uint32_t *isa)
{
	struct lines lines = { .in = in, .name = name };
	int status = next_line(&lines);

	sample->exits = sample->cycles = sample->own = 0;
	sample->nr_rows = 0;
	if (status)
		return status < 0 ? -1 : 0;
	if (!is_header(lines.text))
		return bad_line(&lines, "is not the header of KVM's table");
	return parse_rows(&lines, sample, isa);
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* The file came to be with the VM, or with the vCPU. */
static uint64_t find_birth(int fd)
{
	int64_t age, now = clock_ns(CLOCK_BOOTTIME);
	struct stat stat;

	if (fstat(fd, &stat))
		return now;
	age = clock_ns(CLOCK_REALTIME) - stat.st_mtim.tv_nsec -
	      stat.st_mtim.tv_sec * INT64_C(1000000000);
	return now - (age > 0 ? age : 0);
}

int debugfs_read(int dir, struct debugfs_file *file, struct sample *sample)
{
	int status, fd = openat(dir, "exit_stats", O_RDONLY | O_CLOEXEC);
	FILE *in;

	if (fd < 0 && errno == ENOENT)
		return 1;
	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in)
		return complain("cannot read %s: %s", file->name,
				strerror(errno));
	if (!file->birth_ns)
		file->birth_ns = find_birth(fd);
	sample->time_ns = clock_ns(CLOCK_BOOTTIME) - file->birth_ns;
	status = debugfs_parse(in, file->name, sample, &file->isa);
	fclose(in);
	return status;
}

bool debugfs_is_vm(const char *name, uint32_t *pid)
{
	uint64_t number, fd;

	if (!take_number(&name, INT32_MAX, &number) || !take_word(&name, "-") ||
	    !take_number(&name, INT32_MAX, &fd) || *name)
		return false;
	*pid = number;
	return true;
}

uint32_t host_isa(void)
{
	struct exit_stats_regs regs =
		exit_stats_cpuid_native(CPUID_EXTENDED_FEATURES, 0);

	return regs.ecx & CPUID_ECX_SVM ? KVM_CPUID_EXIT_STATS_ISA_SVM
					: KVM_CPUID_EXIT_STATS_ISA_VMX;
}

int debugfs_explain(const char *path)
{
	if (errno == EACCES || errno == EPERM) {
		complain("cannot read %s: %s: only root can", path,
			 strerror(errno));
		return STATUS_FAILED;
	}
	if (errno != ENOENT) {
		complain("cannot read %s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	complain("there is no %s: is kvm loaded, and debugfs mounted?", path);
	return STATUS_NO_STATISTICS;
}
