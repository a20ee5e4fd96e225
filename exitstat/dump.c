// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples in a file of text:
 *
 *	exitstat-dump 1
 *	isa vmx
 *	tsc_khz 2100000
 *	own_reason 10
 *
 * and for each sample
 *
 *	sample TIME_NS
 *	total EXITS CYCLES
 *	own EXITS
 *	row REASON EXITS CYCLES
 *	end
 *
 * with a row for each reason that has exits, ascending.  REASON may be "other".
 * Before a sample may be a line "mark NAME": a phase of that name begins there.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "sample.h"

struct dump {
	struct source source;
	struct lines lines;
	uint64_t time_ns;	/* of the sample before */
	bool any;
};

void dump_write_header(FILE *out, const struct source *source)
{
	fprintf(out, "exitstat-dump 1\nisa %s\ntsc_khz %" PRIu32
		"\nown_reason %" PRIu32 "\n",
		source->isa == KVM_CPUID_EXIT_STATS_ISA_SVM ? "svm" : "vmx",
		source->tsc_khz, source->own_reason);
}

bool is_mark_character(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.+-", c));
}

void dump_write_sample(FILE *out, const struct sample *sample)
{
	uint32_t i;

	if (sample->mark[0])
		fprintf(out, "mark %s\n", sample->mark);
	fprintf(out, "sample %" PRIu64 "\ntotal %" PRIu64 " %" PRIu64
		"\nown %" PRIu64 "\n", sample->time_ns, sample->exits,
		sample->cycles, sample->own);
	for (i = 0; i < sample->nr_rows; i++) {
		const struct exit_stats_row *row = &sample->rows[i];

		if (row->reason == REASON_OTHER)
			fputs("row other", out);
		else
			fprintf(out, "row %" PRIu32, row->reason);
		fprintf(out, " %" PRIu64 " %" PRIu64 "\n", row->exits,
			row->cycles);
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

/* 0, or 1 if the line is no row, or -1. */
static int read_row(struct dump *dump, struct sample *sample)
{
	const char *text = dump->lines.text;
	uint64_t reason, exits, cycles;

	if (!take_word(&text, "row "))
		return 1;
	if (take_word(&text, "other "))
		reason = REASON_OTHER;
	else if (!take_number(&text, UINT32_MAX, &reason) ||
		 reason == REASON_OTHER || !take_word(&text, " "))
		return bad_line(&dump->lines, "has no exit reason");
	if (!take_number(&text, UINT64_MAX, &exits) || !exits ||
	    !take_word(&text, " ") ||
	    !take_number(&text, UINT64_MAX, &cycles) || *text)
		return bad_line(&dump->lines, "is not a row's numbers");

	if (sample->nr_rows == MAX_ROWS)
		return bad_line(&dump->lines, "is one row too many");
	if (sample->nr_rows &&
	    sample->rows[sample->nr_rows - 1].reason >= reason)
		return bad_line(&dump->lines, "is not in order of the reasons");
	return sample_add_row(sample, reason, exits, cycles);
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

/* The line "sample" is there, or the dump ends. */
static int dump_read(struct source *source, struct sample *sample)
{
	struct dump *dump = (struct dump *)source;
	uint64_t total[2];
	int c = getc(dump->lines.in);

	if (c == EOF && !ferror(dump->lines.in) && dump->any)
		return 1;
	ungetc(c, dump->lines.in);

	if (read_mark(dump, sample) ||
	    read_numbers(dump, "sample", UINT64_MAX, &sample->time_ns, 1))
		return -1;
	if (dump->any && sample->time_ns <= dump->time_ns)
		return bad_line(&dump->lines, "is no later than the sample before");
	if (read_numbers(dump, "total", UINT64_MAX, total, 2) ||
	    read_numbers(dump, "own", total[0], &sample->own, 1) ||
	    read_rows(dump, sample))
		return -1;

	sample->exits = total[0];
	sample->cycles = total[1];
	dump->time_ns = sample->time_ns;
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
	if (strcmp(dump->lines.text, "exitstat-dump 1"))
		return bad_line(&dump->lines, "is not \"exitstat-dump 1\": no dump of this exitstat");

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

struct source *dump_open_stream(FILE *in, const char *name)
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

struct source *dump_open(const char *path)
{
	FILE *in = fopen(path, "re");

	if (!in) {
		complain("cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	return dump_open_stream(in, path);
}
