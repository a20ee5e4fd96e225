// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples in a file of text:
 *
 *	exitstat-dump 4
 *	isa vmx
 *	tsc_khz 2100000
 *	own_reason 10
 *	interface 2
 *	exitstat 1.0
 *	host NAME
 *	kernel RELEASE
 *	vm PID-FD NAME
 *	command LINE
 *	vcpus NUMBER
 *
 * where "-" and 0 are what is not known, and for each sample
 *
 *	sample TIME_NS UPTIME_NS CLOCK_NS
 *	epoch EPOCH AGE
 *	total EXITS KERNEL VMM WAIT
 *	accounts GUEST KERNEL VMM WAIT HALTED PREEMPTED OUTSIDE OFF
 *	own EXITS
 *	row REASON EXITS KERNEL VMM WAIT
 *	hists all
 *	hist REASON MAX OPEN MISSED
 *	buckets NUMBER EXITS NUMBER EXITS ...
 *	end
 *
 * with a row for each reason that is not all zero, ascending.  REASON may be
 * "other"; EPOCH and AGE are 0 where they are not known, so are UPTIME (of the
 * guest) and CLOCK (since 1970).  Interface 1 knows only KERNEL: its samples have
 * no epoch, accounts, VMM and WAIT.  Before a sample may be a line "mark NAME": a
 * phase of that name begins there.
 *
 * The line "hists" is there where KVM keeps histograms.  "hists more" has, of those
 * of the sample before, the histograms that are others now, and of these the
 * buckets.  MAX has a ">" if it is only known to be more, OPEN is "-" if it is not
 * known.
 *
 * Older are "exitstat-dump 3", without histograms, "exitstat-dump 2" and, of
 * interface 1, "exitstat-dump 1": without the lines after own_reason, UPTIME and
 * CLOCK.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"
#include "base/parse.h"
#include "source/dump-hists.h"
#include "source/source.h"

struct dump {
	struct source source;
	struct lines lines;
	int version;
	bool has_times;
	uint64_t time_ns;	/* of the sample before */
	uint64_t epoch;
	bool any;
	struct hists hists;	/* of it */
};

static void write_text(FILE *out, const char *word, const char *text)
{
	fprintf(out, "%s %s\n", word, *text ? text : "-");
}

void recording_write_header(FILE *out, const struct source *source,
		       const struct sample *sample)
{
	const struct origin *origin = &source->origin;

	fprintf(out, "exitstat-dump 4\nisa %s\ntsc_khz %" PRIu32
		"\nown_reason %" PRIu32 "\ninterface %d\n",
		isa_name(source->isa), source->tsc_khz, source->own_reason,
		sample->has_times ? 2 : 1);
	write_text(out, "exitstat", origin->exitstat);
	write_text(out, "host", origin->host);
	write_text(out, "kernel", origin->kernel);
	write_text(out, "vm", origin->vm);
	write_text(out, "command", origin->command);
	fprintf(out, "vcpus %" PRIu32 "\n", origin->vcpus);
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

void recording_write_sample(FILE *out, const struct delta *samples)
{
	const struct sample *sample = &samples->new;
	uint32_t i;

	if (sample->mark[0])
		fprintf(out, "mark %s\n", sample->mark);
	fprintf(out, "sample %" PRIu64 " %" PRIu64 " %" PRId64 "\n",
		sample->time_ns, sample->uptime_ns, sample->clock_ns);
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
	dump_write_hists(out, samples);
	fputs("end\n", out);
}

/* A line of @word and @nr numbers, the first of which is up to @max. */
static int read_numbers(struct dump *dump, const char *word, uint64_t max,
			uint64_t *numbers, int nr)
{
	const char *text = dump->lines.text;
	int i, end = next_line(&dump->lines);

	if (end)
		return end < 0 ? -1 : cut_short(&dump->lines, "the dump is cut short");
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

/* Those that the sample before had are no longer told of without that line. */
static int read_hists(struct dump *dump)
{
	const char *text = dump->lines.text;

	if (dump->version > 3 && take_word(&text, "hists "))
		return dump_read_hists(&dump->lines, &dump->hists);
	hists_begin(&dump->hists, false);
	return 0;
}

static int read_rows(struct dump *dump, struct sample *sample)
{
	int status;

	sample->nr_rows = 0;
	do {
		status = next_line(&dump->lines);
		if (status > 0)
			return cut_short(&dump->lines, "the dump is cut short");
		if (!status)
			status = read_row(dump, sample);
	} while (!status);

	if (status < 0 || read_hists(dump))
		return -1;
	if (strcmp(dump->lines.text, "end"))
		return bad_line(&dump->lines, "is neither a row nor the end");
	return 0;
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

static int read_time(struct dump *dump, struct sample *sample)
{
	uint64_t times[3] = { 0 };

	if (read_numbers(dump, "sample", UINT64_MAX, times,
			 dump->version > 2 ? 3 : 1))
		return -1;
	if (times[2] > INT64_MAX)
		return bad_line(&dump->lines, "has no such time of day");
	sample->time_ns = times[0];
	sample->uptime_ns = times[1];
	sample->clock_ns = (int64_t)times[2];
	return 0;
}

static int read_sample(struct dump *dump, struct sample *sample)
{
	if (read_mark(dump, sample) || read_time(dump, sample) ||
	    read_epoch(dump, sample))
		return -1;
	/* A VM that began anew may be younger. */
	if (dump->any && sample->time_ns <= dump->time_ns &&
	    (!sample->epoch || sample->epoch == dump->epoch))
		return bad_line(&dump->lines, "is no later than the sample before");
	if (read_totals(dump, sample) || read_rows(dump, sample))
		return -1;
	sample->has_times = dump->has_times;
	hists_begin(&sample->hists, false);
	return dump->source.wants_hists ?
	       hists_copy(&sample->hists, &dump->hists) : 0;
}

/*
 * The line "sample" is there, or the dump ends.  Whoever wrote it may have been
 * killed: what is whole is good, and the rest of it left out.
 */
static int dump_read(struct source *source, struct sample *sample)
{
	struct dump *dump = (struct dump *)source;
	int c = getc(dump->lines.in);

	if (c == EOF && !ferror(dump->lines.in) && dump->any)
		return 1;
	ungetc(c, dump->lines.in);

	dump->lines.may_be_cut = dump->any;
	if (read_sample(dump, sample)) {
		if (!dump->any || !dump->lines.cut)
			return -1;
		complain("%s was cut short: its last sample is left out",
			 dump->lines.name);
		return 1;
	}
	dump->time_ns = sample->time_ns;
	dump->epoch = sample->epoch;
	dump->any = true;
	return 0;
}

static int read_isa(struct dump *dump)
{
	int end = next_line(&dump->lines);

	if (end)
		return end < 0 ? -1 : cut_short(&dump->lines, "the dump is cut short");
	if (!strcmp(dump->lines.text, "isa vmx"))
		dump->source.isa = KVM_CPUID_EXIT_STATS_ISA_VMX;
	else if (!strcmp(dump->lines.text, "isa svm"))
		dump->source.isa = KVM_CPUID_EXIT_STATS_ISA_SVM;
	else
		return bad_line(&dump->lines, "is neither \"isa vmx\" nor \"isa svm\"");
	return 0;
}

/* What a sample has is told by the first line, or else by "interface". */
static int read_version(struct dump *dump)
{
	const char *text = dump->lines.text;
	uint64_t version;

	if (!take_word(&text, "exitstat-dump ") ||
	    !take_number(&text, 4, &version) || !version || *text)
		return bad_line(&dump->lines, "is not \"exitstat-dump 1\", 2, 3 or 4: no recording that this exitstat knows");
	dump->version = (int)version;
	dump->has_times = version == 2;
	return 0;
}

static int read_text(struct dump *dump, const char *word,
		     char value[ORIGIN_SIZE])
{
	const char *text = dump->lines.text;
	int end = next_line(&dump->lines);

	if (end)
		return end < 0 ? -1 : cut_short(&dump->lines, "the dump is cut short");
	if (!take_word(&text, word) || !take_word(&text, " ") || !*text)
		return bad_line(&dump->lines, "is not what a dump has there");
	origin_set(value, strcmp(text, "-") ? text : "");
	return 0;
}

static int read_origin(struct dump *dump)
{
	struct origin *origin = &dump->source.origin;
	uint64_t interface, vcpus;

	if (read_numbers(dump, "interface", 2, &interface, 1) ||
	    read_text(dump, "exitstat", origin->exitstat) ||
	    read_text(dump, "host", origin->host) ||
	    read_text(dump, "kernel", origin->kernel) ||
	    read_text(dump, "vm", origin->vm) ||
	    read_text(dump, "command", origin->command) ||
	    read_numbers(dump, "vcpus", UINT32_MAX, &vcpus, 1))
		return -1;
	dump->has_times = interface == 2;
	origin->vcpus = (uint32_t)vcpus;
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
	if (read_version(dump))
		return -1;

	if (read_isa(dump) ||
	    read_numbers(dump, "tsc_khz", UINT32_MAX, &number, 1))
		return -1;
	dump->source.tsc_khz = number;
	if (read_numbers(dump, "own_reason", UINT32_MAX, &number, 1))
		return -1;
	dump->source.own_reason = number;
	return dump->version > 2 ? read_origin(dump) : 0;
}

static void dump_close(struct source *source)
{
	struct dump *dump = (struct dump *)source;

	fclose(dump->lines.in);
	hists_free(&dump->hists);
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
	bool is_stdin = !strcmp(path, "-");
	FILE *in = is_stdin ? stdin : fopen(path, "re");

	if (!in) {
		complain("cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	return recording_open_stream(in, is_stdin ? "standard input" : path);
}
