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

#include "base/clock.h"
#include "base/complain.h"
#include "base/parse.h"
#include "base/status.h"
#include "source/debugfs.h"
#include "source/leaves.h"

#define CPUID_EXTENDED_FEATURES	0x80000001
#define CPUID_ECX_SVM		(1u << 2)

/*
 * A row of the table.  Now it is a number or "-" or "total", four numbers and a
 * name; KVM's first version had the name, which may have spaces, before two
 * numbers.
 */
struct line {
	bool numbered;
	bool total;
	char name[MAX_LINE];
	struct exit_stats_row row;
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
bool debugfs_take_reason(const char **text, uint32_t *reason)
{
	uint64_t number;

	*reason = REASON_OTHER;
	skip_spaces(text);
	if (take_word(text, "- "))
		return true;
	if (take_word(text, "-")) {
		if (!take_number(text, 4, &number) || !number)
			return false;
		number = -number;
	} else if (!take_number(text, END_REASONS - 1, &number)) {
		return false;
	}
	*reason = (uint32_t)number;
	return take_word(text, " ");
}

static bool take_reason(const char **text, struct line *line)
{
	if (!debugfs_take_reason(text, &line->row.reason))
		return false;
	line->numbered = line->row.reason != REASON_OTHER;
	return true;
}

static bool parse_first_version(const char *text, struct line *line)
{
	if (!take_reason(&text, line))
		return false;
	skip_spaces(&text);
	strcpy(line->name, text);
	if (!cut_number(line->name, &line->row.times[TIME_KERNEL]) ||
	    !cut_number(line->name, &line->row.exits))
		return false;
	line->total = !line->numbered && !strcmp(line->name, "total");
	return line->name[0];
}

bool debugfs_take_column(const char **text, uint64_t *number)
{
	skip_spaces(text);
	return take_number(text, UINT64_MAX, number) && take_word(text, " ");
}

static bool parse_row(const char *text, struct line *line)
{
	int i;

	line->total = take_word(&text, "total ");
	if ((!line->total && !take_reason(&text, line)) ||
	    !debugfs_take_column(&text, &line->row.exits))
		return false;
	for (i = 0; i < NR_TIMES; i++) {
		if (!debugfs_take_column(&text, &line->row.times[i]))
			return false;
	}
	skip_spaces(&text);
	strcpy(line->name, text);
	return line->name[0];
}

static bool is_header(const char *text, const char *const *words)
{
	for (; *words; words++) {
		skip_spaces(&text);
		if (!take_word(&text, *words))
			return false;
	}
	return !*text;
}

static void guess_isa(const struct line *line, uint32_t *isa)
{
	static const uint32_t isas[] = {
		KVM_CPUID_EXIT_STATS_ISA_VMX, KVM_CPUID_EXIT_STATS_ISA_SVM,
	};
	size_t i;

	for (i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
		const char *name = reason_name(isas[i],
							  line->row.reason);

		if (strcmp(name, "-") && !strcmp(line->name, name))
			*isa = isas[i];
	}
}

/* 0, or 1 if that was the total, or -1. */
static int add_line(const struct lines *lines, struct sample *sample,
		    uint32_t *isa)
{
	struct line line = { 0 };
	const char *text = lines->text;
	bool any;

	skip_spaces(&text);
	if (!(sample->has_times ? parse_row(text, &line)
				: parse_first_version(text, &line)))
		return bad_line(lines, "is not a row of KVM's table");
	if (line.total) {
		sample->all = line.row;
		return 1;
	}
	if (!line.numbered) {
		if (strcmp(line.name, "other"))
			return bad_line(lines, "is neither total nor other");
	} else {
		guess_isa(&line, isa);
	}
	any = line.row.exits || (sample->has_times && row_cycles(&line.row));
	if (!any || sample->nr_rows == MAX_ROWS)
		return bad_line(lines, any ? "is one row too many"
					   : "has no exits");
	return sample_add_row(sample, &line.row);
}

/* KVM has SVM's errors the other way round. */
static int order_rows(const struct lines *lines, struct sample *sample)
{
	uint32_t i;

	sample_order(sample);
	for (i = 1; i < sample->nr_rows; i++) {
		if (sample->rows[i].reason == sample->rows[i - 1].reason)
			return complain("%s has two rows of one exit reason",
					lines->name);
	}
	return 0;
}

/* "account NAME CYCLES"; the last is the sum, which may be of a later time. */
static int parse_accounts(struct lines *lines, struct sample *sample)
{
	int i;

	for (i = 0; i <= NR_ACCOUNTS; i++) {
		const char *name = i < NR_ACCOUNTS ? account_names[i] : "all";
		const char *text = lines->text;
		uint64_t cycles;
		int status = next_line(lines);

		if (status)
			return status < 0 ? -1 : bad_line(lines,
					"the table ends without its accounts");
		if (!take_word(&text, "account ") || !take_word(&text, name) ||
		    !take_word(&text, " ") ||
		    !take_number(&text, UINT64_MAX, &cycles) || *text)
			return bad_line(lines, "is not the account that comes there");
		if (i < NR_ACCOUNTS)
			sample->accounts[i] = cycles;
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
	if (status < 0 || (sample->has_times && parse_accounts(lines, sample)))
		return -1;

	status = next_line(lines);
	if (!status)
		return bad_line(lines, "is after the table's end");
	return status < 0 ? -1 : order_rows(lines, sample);
}

/* A VM without a vCPU has an empty table in the first version. */
int debugfs_parse(FILE *in, const char *name, struct sample *sample,
		  uint32_t *isa)
{
	static const char *const first[] = {
		"reason", "name", "exits", "cycles", NULL
	};
	const char *now[NR_TIMES + 4] = {
		"reason", "exits", [NR_TIMES + 2] = "name"
	};
	struct lines lines = { .in = in, .name = name };
	int status = next_line(&lines);

	memcpy(&now[2], time_names, NR_TIMES * sizeof(now[0]));
	memset(&sample->all, 0, sizeof(sample->all));
	memset(sample->accounts, 0, sizeof(sample->accounts));
	sample->epoch = sample->age = sample->own = sample->uptime_ns = 0;
	sample->nr_rows = 0;
	sample->has_times = false;
	if (status)
		return status < 0 ? -1 : 0;
	sample->has_times = is_header(lines.text, now);
	if (!sample->has_times && !is_header(lines.text, first))
		return bad_line(&lines, "is not the header of KVM's table");
	return parse_rows(&lines, sample, isa);
}

/* The file came to be with the VM, or with the vCPU. */
static uint64_t find_birth(int fd)
{
	int64_t age, now = clock_ns(CLOCK_BOOTTIME);
	struct stat stat;

	if (fstat(fd, &stat))
		return now;
	age = clock_ns(CLOCK_REALTIME) - stat.st_mtim.tv_nsec -
	      stat.st_mtim.tv_sec * NS_PER_S;
	return now - (age > 0 ? age : 0);
}

/* Kernels before these had histograms do not have the file. */
static int read_hists(int dir, const struct debugfs_file *file,
		      struct hists *hists)
{
	int status, fd = -1;
	char *name = NULL;
	FILE *in;

	hists_begin(hists, false);
	if (!file->wants_hists)
		return 0;
	fd = openat(dir, "exit_hist", O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in) {
		debugfs_explain(file->name);
		return -1;
	}
	if (asprintf(&name, "%s, exit_hist", file->name) < 0)
		name = NULL;
	status = debugfs_parse_hists(in, name ? name : "exit_hist", hists);
	free(name);
	fclose(in);
	return status;
}

int debugfs_read(int dir, struct debugfs_file *file, struct sample *sample)
{
	int status, fd = openat(dir, "exit_stats", O_RDONLY | O_CLOEXEC);
	FILE *in;

	if (fd < 0 && errno == ENOENT)
		return 1;
	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in) {
		debugfs_explain(file->name);
		return -1;
	}
	if (!file->birth_ns)
		file->birth_ns = find_birth(fd);
	sample->time_ns = clock_ns(CLOCK_BOOTTIME) - file->birth_ns;
	sample->clock_ns = clock_ns(CLOCK_REALTIME);
	status = debugfs_parse(in, file->name, sample, &file->isa);
	fclose(in);
	return status ? status : read_hists(dir, file, &sample->hists);
}

bool debugfs_is_vm(const char *name, uint32_t *pid)
{
	uint64_t number, fd;

	if (strlen(name) >= VM_ID_SIZE || !take_number(&name, INT32_MAX, &number) || !take_word(&name, "-") ||
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
