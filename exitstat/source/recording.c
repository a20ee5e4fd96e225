// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples in a file of text:
 *
 *	exitstat-dump 2
 *	isa vmx
 *	tsc_khz 2100000
 *	own_reason 10
 *
 * and for each sample
 *
 *	sample TIME_NS
 *	epoch EPOCH AGE
 *	total EXITS KERNEL VMM WAIT
 *	accounts GUEST KERNEL VMM WAIT HALTED PREEMPTED OUTSIDE OFF
 *	own EXITS
 *	row REASON EXITS KERNEL VMM WAIT
 *	end
 *
 * with a row for each reason that is not all zero, ascending.  REASON may be
 * "other"; EPOCH and AGE are 0 where they are not known.  Where only KERNEL is
 * known, it is "exitstat-dump 1", without epoch, accounts, VMM and WAIT.
 * Before a sample may be a line "mark NAME": a phase of that name begins there.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"
#include "base/parse.h"
#include "source/source.h"

struct dump {
	struct source source;
	struct lines lines;
	bool has_times;
	uint64_t time_ns;	/* of the sample before */
	uint64_t epoch;
	bool any;
};

void recording_write_header(FILE *out, const struct source *source,
		       const struct sample *sample)
{
	fprintf(out, "exitstat-dump %d\nisa %s\ntsc_khz %" PRIu32
		"\nown_reason %" PRIu32 "\n", sample->has_times ? 2 : 1,
		isa_name(source->isa),
		source->tsc_khz, source->own_reason);
}

bool is_mark_character(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.+-", c));
}

static void write_row(FILE *out, const struct sample *sample,
		      const struct exit_stats_row *row)
{
	int i;

	fprintf(out, " %" PRIu64, row->exits);
	for (i = 0; i < sample_nr_times(sample); i++)
		fprintf(out, " %" PRIu64, row->times[i]);
	fputc('\n', out);
}

static void write_accounts(FILE *out, const struct sample *sample)
{
	int i;

	fputs("accounts", out);
	for (i = 0; i < NR_ACCOUNTS; i++)
		fprintf(out, " %" PRIu64, sample->accounts[i]);
	fputc('\n', out);
}

void recording_write_sample(FILE *out, const struct sample *sample)
{
	uint32_t i;

	if (sample->mark[0])
		fprintf(out, "mark %s\n", sample->mark);
	fprintf(out, "sample %" PRIu64 "\n", sample->time_ns);
	if (sample->has_times)
		fprintf(out, "epoch %" PRIu64 " %" PRIu64 "\n", sample->epoch,
			sample->age);
	fputs("total", out);
	write_row(out, sample, &sample->all);
	if (sample->has_times)
		write_accounts(out, sample);
	fprintf(out, "own %" PRIu64 "\n", sample->own);
	for (i = 0; i < sample->nr_rows; i++) {
		if (sample->rows[i].reason == REASON_OTHER)
			fputs("row other", out);
		else
			fprintf(out, "row %" PRIu32, sample->rows[i].reason);
		write_row(out, sample, &sample->rows[i]);
	}
	fputs("end\n", out);
}

/* A line of @word and @nr numbers, the first of which is up to @max. */
static int read_numbers(struct dump *dump, const char *word, uint64_t max,
			uint64_t *numbers, int nr)
{
	const char *text = dump->lines.text;
	int i, end = next_line(&dump->lines);

	if (end)
		return end < 0 ? -1 : bad_line(&dump->lines, "the dump is cut short");
	if (!take_word(&text, word))
		return bad_line(&dump->lines, "is not what a dump has there");
	for (i = 0; i < nr; i++) {
		if (!take_word(&text, " ") ||
		    !take_number(&text, i ? UINT64_MAX : max, &numbers[i]))
			return bad_line(&dump->lines, "has no such number");
	}
	return *text ? bad_line(&dump->lines, "has more than it should") : 0;
}

/* " EXITS KERNEL VMM WAIT", as many as there are, to the end of the line. */
static bool take_row(const struct dump *dump, const char *text,
		     struct exit_stats_row *row)
{
	int i;

	if (!take_word(&text, " ") ||
	    !take_number(&text, UINT64_MAX, &row->exits))
		return false;
	for (i = 0; i < (dump->has_times ? NR_TIMES : 1); i++) {
		if (!take_word(&text, " ") ||
		    !take_number(&text, UINT64_MAX, &row->times[i]))
			return false;
	}
	/* Only where all time is known is there some without an exit. */
	return !*text && (row->exits || (dump->has_times && row_cycles(row)));
}

/* 0, or 1 if the line is no row, or -1. */
static int read_row(struct dump *dump, struct sample *sample)
{
	struct exit_stats_row row = { .reason = REASON_OTHER };
	const char *text = dump->lines.text;
	uint64_t reason;

	if (!take_word(&text, "row "))
		return 1;
	if (!take_word(&text, "other")) {
		if (!take_number(&text, UINT32_MAX, &reason) ||
		    reason == REASON_OTHER)
			return bad_line(&dump->lines, "has no exit reason");
		row.reason = reason;
	}
	if (!take_row(dump, text, &row))
		return bad_line(&dump->lines, "is not a row's numbers");

	if (sample->nr_rows == MAX_ROWS)
		return bad_line(&dump->lines, "is one row too many");
	if (sample->nr_rows &&
	    sample->rows[sample->nr_rows - 1].reason >= row.reason)
		return bad_line(&dump->lines, "is not in order of the reasons");
	return sample_add_row(sample, &row);
}

static int read_rows(struct dump *dump, struct sample *sample)
{
	int status;

	sample->nr_rows = 0;
	do {
		status = next_line(&dump->lines);
		if (status > 0)
			return bad_line(&dump->lines, "the dump is cut short");
		if (!status)
			status = read_row(dump, sample);
	} while (!status);

	if (status > 0 && strcmp(dump->lines.text, "end"))
		return bad_line(&dump->lines, "is neither a row nor the end");
	return status < 0 ? -1 : 0;
}

/* There may be one, which only its first letter tells from "sample". */
static int read_mark(struct dump *dump, struct sample *sample)
{
	const char *text = dump->lines.text;
	size_t length = 0;
	int c = getc(dump->lines.in);

	ungetc(c, dump->lines.in);
	if (c == 'm') {
		if (next_line(&dump->lines))
			return -1;
		if (!take_word(&text, "mark "))
			return bad_line(&dump->lines, "is not what a dump has there");
		while (is_mark_character(text[length]))
			length++;
		if (!length || text[length] || length >= MARK_SIZE)
			return bad_line(&dump->lines, "has no name of a phase");
		memcpy(sample->mark, text, length);
	}
	sample->mark[length] = '\0';
	return 0;
}

static int read_epoch(struct dump *dump, struct sample *sample)
{
	uint64_t epoch[2] = { 0, 0 };

	if (dump->has_times &&
	    read_numbers(dump, "epoch", UINT64_MAX, epoch, 2))
		return -1;
	sample->epoch = epoch[0];
	sample->age = epoch[1];
	return 0;
}

static int read_totals(struct dump *dump, struct sample *sample)
{
	uint64_t total[1 + NR_TIMES] = { 0 };
	int nr = dump->has_times ? 1 + NR_TIMES : 2;

	if (read_numbers(dump, "total", UINT64_MAX, total, nr))
		return -1;
	sample->all = (struct exit_stats_row){ .exits = total[0] };
	memcpy(sample->all.times, total + 1, sizeof(sample->all.times));
	memset(sample->accounts, 0, sizeof(sample->accounts));
	if (dump->has_times &&
	    read_numbers(dump, "accounts", UINT64_MAX, sample->accounts,
			 NR_ACCOUNTS))
		return -1;
	return read_numbers(dump, "own", total[0], &sample->own, 1);
}

/* The line "sample" is there, or the dump ends. */
static int dump_read(struct source *source, struct sample *sample)
{
	struct dump *dump = (struct dump *)source;
	struct sample before = { .epoch = dump->epoch };
	int c = getc(dump->lines.in);

	if (c == EOF && !ferror(dump->lines.in) && dump->any)
		return 1;
	ungetc(c, dump->lines.in);

	if (read_mark(dump, sample) ||
	    read_numbers(dump, "sample", UINT64_MAX, &sample->time_ns, 1) ||
	    read_epoch(dump, sample))
		return -1;
	/* A VM that began anew may be younger. */
	if (dump->any && sample->time_ns <= dump->time_ns &&
	    !sample_is_anew(sample, &before))
		return bad_line(&dump->lines, "is no later than the sample before");
	if (read_totals(dump, sample) || read_rows(dump, sample))
		return -1;

	sample->has_times = dump->has_times;
	dump->time_ns = sample->time_ns;
	dump->epoch = sample->epoch;
	dump->any = true;
	return 0;
}

static int read_isa(struct dump *dump)
{
	int end = next_line(&dump->lines);

	if (end)
		return end < 0 ? -1 : bad_line(&dump->lines, "the dump is cut short");
	if (!strcmp(dump->lines.text, "isa vmx"))
		dump->source.isa = KVM_CPUID_EXIT_STATS_ISA_VMX;
	else if (!strcmp(dump->lines.text, "isa svm"))
		dump->source.isa = KVM_CPUID_EXIT_STATS_ISA_SVM;
	else
		return bad_line(&dump->lines, "is neither \"isa vmx\" nor \"isa svm\"");
	return 0;
}

static int read_header(struct dump *dump)
{
	uint64_t number;

	switch (next_line(&dump->lines)) {
	case 0:
		break;
	case 1:
		return complain("%s is empty: no dump of exitstat",
				dump->lines.name);
	default:
		return -1;
	}
	dump->has_times = !strcmp(dump->lines.text, "exitstat-dump 2");
	if (!dump->has_times && strcmp(dump->lines.text, "exitstat-dump 1"))
		return bad_line(&dump->lines, "is not \"exitstat-dump 1\", nor 2: no dump of this exitstat");

	if (read_isa(dump) ||
	    read_numbers(dump, "tsc_khz", UINT32_MAX, &number, 1))
		return -1;
	dump->source.tsc_khz = number;
	if (read_numbers(dump, "own_reason", UINT32_MAX, &number, 1))
		return -1;
	dump->source.own_reason = number;
	return 0;
}

static void dump_close(struct source *source)
{
	struct dump *dump = (struct dump *)source;

	fclose(dump->lines.in);
	free(dump);
}

struct source *recording_open_stream(FILE *in, const char *name)
{
	struct dump *dump = calloc(1, sizeof(*dump));

	if (!dump) {
		complain("out of memory");
		fclose(in);
		return NULL;
	}
	dump->source.read = dump_read;
	dump->source.close = dump_close;
	dump->lines.in = in;
	dump->lines.name = name;
	if (!read_header(dump))
		return &dump->source;
	dump_close(&dump->source);
	return NULL;
}

struct source *recording_open(const char *path)
{
	FILE *in = fopen(path, "re");

	if (!in) {
		complain("cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	return recording_open_stream(in, path);
}
