// SPDX-License-Identifier: GPL-2.0-only
/* See output/findings.h. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "output/findings.h"
#include "output/tail.h"

#define COLUMNS		79
#define INDENT		"  "
#define NR_NAMED	3	/* of the most and the least frequent reasons */

static const char *group_digits(char text[NUMBER_SIZE], const char *digits)
{
	size_t length = strlen(digits), i;
	char *p = text;

	for (i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			p = stpcpy(p, THIN_SPACE);
		*p++ = digits[i];
	}
	*p = '\0';
	return text;
}

const char *grouped_count(char text[NUMBER_SIZE], uint64_t value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	return group_digits(text, digits);
}

const char *grouped(char text[NUMBER_SIZE], double value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%.0f", fmin(fabs(value), 1e20));
	return group_digits(text, digits);
}

/* A rate of a few a second is not well told in whole numbers. */
static const char *rate_text(char text[NUMBER_SIZE], double rate)
{
	if (rate >= 10 || rate == 0)
		return grouped(text, rate);
	snprintf(text, NUMBER_SIZE, "%.1f", rate);
	return text;
}

static void put_reason(FILE *out, const struct recording *rec, uint32_t reason)
{
	const char *name = reason_name(rec->isa, reason);
	char number[12];

	if (strcmp(name, "-"))
		fputs(name, out);
	else
		fprintf(out, "reason %s", reason_number(reason, number));
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* Which VM, which system, when; nothing of what is not known. */
static void put_origin(FILE *out, const struct recording *rec)
{
	const struct origin *origin = &rec->origin;
	char time[TIME_SIZE];

	if (origin->vm[0])
		fprintf(out, "VM %s on ", origin->vm);
	else if (origin->host[0])
		fputs("Guest ", out);
	if (origin->host[0])
		fprintf(out, "%s, Linux %s, ", origin->host, origin->kernel);
	if (origin->vcpus)
		fprintf(out, "%" PRIu32 " vCPU%s, ", origin->vcpus,
			origin->vcpus > 1 ? "s" : "");
	if (rec->samples[0].clock_ns)
		fprintf(out, "from %s; ",
			iso_time(time, rec->samples[0].clock_ns));
}

/* What counts in all the rest, but is not of this boot, or twice from 0. */
static void put_history(FILE *out, const struct recording *rec)
{
	static const char *const words[] = {
		[HISTORY_PLAIN] = "",
		[HISTORY_REBOOTED] = "; the guest had rebooted before: what ran until then is counted, too",
		[HISTORY_RESTORED] = "; the guest was restored or migrated before: what ran until then is not counted",
		[HISTORY_IMPOSSIBLE] = "; the guest was rebooted, restored or migrated before: when the counts began is not known",
	};

	fputs(words[rec->history], out);
	if (rec->times_anew)
		fprintf(out, "; counts began anew %zu time%s, as the VM was restored or migrated: all parts are added",
			rec->times_anew, rec->times_anew > 1 ? "s" : "");
}

void put_summary(FILE *out, const struct recording *rec)
{
	char exits[NUMBER_SIZE], khz[NUMBER_SIZE];

	put_origin(out, rec);
	fputs(isa_title(rec->isa), out);
	if (rec->tsc_khz)
		fprintf(out, ", TSC at %s kHz", grouped_count(khz, rec->tsc_khz));
	fprintf(out, "; %.1f s in %zu samples", seconds_of(&rec->change),
		rec->nr_samples);
	if (rec->nr_phases)
		fprintf(out, ", %zu phases", rec->nr_phases);
	fprintf(out, "; %s exits since the VM began",
		grouped_count(exits, rec->all.all.exits));
	put_history(out, rec);
}

static void put_variation(FILE *out, double variation)
{
	if (variation >= 0)
		fprintf(out, " (%.2f)", variation);
}

/* More names than these would be no answer; the page has a table of all. */
#define MAX_NAMED	16

static size_t named_phases(const struct recording *rec)
{
	return rec->nr_phases < MAX_NAMED ? rec->nr_phases : MAX_NAMED;
}

static void put_end_of_phases(FILE *out, const struct recording *rec)
{
	size_t left = rec->nr_phases - named_phases(rec);

	if (left)
		fprintf(out, "; and %zu more phases", left);
	fputc('.', out);
}

/* Is the growth of the whole even, and is that of its parts? */
static void put_stability(FILE *out, const struct recording *rec)
{
	char rate[NUMBER_SIZE];
	size_t i;

	if (rec->variation < 0) {
		fputs("Not enough data: this needs at least three samples and some exits.",
		      out);
		return;
	}
	fprintf(out, "%s: over the whole recording the rate is %s. "
		"It is %s exits a second on average; its coefficient of variation "
		"(standard deviation over mean, of the intervals between samples) "
		"is %.2f, where up to %.2f counts as stable and up to %.2f as "
		"fairly stable.",
		rec->variation > VARIATION_FAIRLY ? "No" :
		rec->variation > VARIATION_STABLE ? "Nearly" : "Yes",
		stability(rec->variation),
		rate_text(rate, rate_of(&rec->change)), rec->variation,
		VARIATION_STABLE, VARIATION_FAIRLY);
	for (i = 0; i < named_phases(rec); i++) {
		const struct phase *phase = &rec->phases[i];

		fprintf(out, "%s %s %s", i ? ";" : " Within phases:",
			phase->name, stability(phase->variation));
		put_variation(out, phase->variation);
	}
	if (rec->nr_phases)
		put_end_of_phases(out, rec);
}

static int compare_rates(const void *left, const void *right)
{
	const struct phase *a = *(const struct phase * const *)left;
	const struct phase *b = *(const struct phase * const *)right;
	double rate_a = rate_of(&a->change), rate_b = rate_of(&b->change);

	if (rate_a != rate_b)
		return rate_a < rate_b ? 1 : -1;
	return a->first < b->first ? -1 : 1;
}

static void put_phase(FILE *out, const struct recording *rec,
		      const struct phase *phase)
{
	const struct sample *change = &phase->change;
	char rate[NUMBER_SIZE];

	fprintf(out, "%s %s", phase->name, rate_text(rate, rate_of(change)));
	if (!change->nr_rows)
		return;
	fprintf(out, " (%.0f %% ", percent(change->rows[0].exits, change->all.exits));
	put_reason(out, rec, change->rows[0].reason);
	fputc(')', out);
}

/* The highest rate of all intervals, where no phase tells what was done. */
static void put_busiest(FILE *out, const struct recording *rec)
{
	struct sample change = { 0 };
	char rate[NUMBER_SIZE];
	double highest = -1;
	size_t i, at = 0;

	for (i = 0; i + 1 < rec->nr_samples; i++) {
		if (recording_change(rec, i, i + 1, &change))
			break;
		if (rate_of(&change) > highest) {
			highest = rate_of(&change);
			at = i;
		}
	}
	sample_free(&change);
	fprintf(out, "The recording has no marks to say which work ran when. "
		"The highest rate was %s exits a second, %.1f s after the VM began.",
		rate_text(rate, highest),
		(double)rec->samples[at].time_ns / 1e9);
}

static void put_operations(FILE *out, const struct recording *rec)
{
	const struct phase **sorted;
	size_t i;

	sorted = calloc(rec->nr_phases + 1, sizeof(*sorted));
	if (!rec->nr_phases || !sorted) {
		free(sorted);
		put_busiest(out, rec);
		return;
	}
	for (i = 0; i < rec->nr_phases; i++)
		sorted[i] = &rec->phases[i];
	qsort(sorted, rec->nr_phases, sizeof(*sorted), compare_rates);

	fputs("Exits a second, with the most frequent reason: ", out);
	for (i = 0; i < named_phases(rec); i++) {
		fputs(i ? ", " : "", out);
		put_phase(out, rec, sorted[i]);
	}
	put_end_of_phases(out, rec);
	free(sorted);
}

static void put_no_boot(FILE *out, const struct recording *rec,
			const char *exits)
{
	double up = (double)rec->samples[0].uptime_ns / 1e9;

	fputs("Not in this recording: ", out);
	switch (rec->history) {
	case HISTORY_PLAIN:
		fprintf(out, "it began %.0f s after the VM", seconds_of(&rec->start));
		break;
	case HISTORY_REBOOTED:
		fprintf(out, "it began %.0f s after the VM, whose kernel had started %.2f s before it; earlier boots are counted, too",
			seconds_of(&rec->start), up);
		break;
	case HISTORY_RESTORED:
	case HISTORY_IMPOSSIBLE:
		fputs("the guest was rebooted, restored or migrated before", out);
	}
	fprintf(out, ". The VM had exited %s times by then.", exits);
}

static void put_boot(FILE *out, const struct recording *rec)
{
	char exits[NUMBER_SIZE], cycles[NUMBER_SIZE];
	double began = seconds_of(&rec->start);
	const struct phase *first = &rec->phases[0];

	grouped_count(exits, rec->start.all.exits);
	if (!recording_has_boot(rec)) {
		put_no_boot(out, rec, exits);
		return;
	}
	fprintf(out, "%s exits and %s cycles from the VM's first instruction to "
		"the first sample, %.2f s later: the boot of the kernel, if the "
		"guest's first program began to record.", exits,
		grouped_count(cycles, row_cycles(&rec->start.all)), began);
	if (rec->nr_phases && first->first) {
		struct sample boot = { 0 };

		if (!recording_change(rec, 0, first->first, &boot))
			fprintf(out, " Up to the mark \"%s\", %.2f s after the "
				"first instruction, %s exits.", first->name,
				began + seconds_of(&boot),
				grouped_count(exits, rec->start.all.exits +
						     boot.all.exits));
		sample_free(&boot);
	}
}

static void put_frequent(FILE *out, const struct recording *rec)
{
	uint32_t i, nr = rec->all.nr_rows;
	char exits[NUMBER_SIZE];

	if (!nr) {
		fputs("There were no exits.", out);
		return;
	}
	fputs("Most frequent since the VM began: ", out);
	for (i = 0; i < nr && i < NR_NAMED; i++) {
		fputs(i ? ", " : "", out);
		put_reason(out, rec, rec->all.rows[i].reason);
		fprintf(out, " (%s)", grouped_count(exits, rec->all.rows[i].exits));
	}
	fputs("; least frequent, of those that occurred: ", out);
	for (i = nr; i > 0 && i + NR_NAMED > nr; i--) {
		fputs(i < nr ? ", " : "", out);
		put_reason(out, rec, rec->all.rows[i - 1].reason);
		fprintf(out, " (%s)",
			grouped_count(exits, rec->all.rows[i - 1].exits));
	}
	fputc('.', out);
}

static const struct exit_stats_row *
find_highest(const struct sample *sample, bool cost)
{
	const struct exit_stats_row *found = &sample->rows[0], *row;
	uint32_t i;

	for (i = 1; i < sample->nr_rows; i++) {
		row = &sample->rows[i];
		if (cost ? row_cost(row) > row_cost(found)
			 : row_cycles(row) > row_cycles(found))
			found = row;
	}
	return found;
}

/* Where, if that is known. */
static void put_parts(FILE *out, const struct sample *change,
		      const struct exit_stats_row *row)
{
	int i;

	for (i = 0; change->has_times && i < NR_TIMES; i++)
		fprintf(out, "%s%s %.0f %%", i ? ", " : " (", time_names[i],
			percent(row->times[i], row_cycles(row)));
	if (change->has_times)
		fputc(')', out);
}

static void put_cost(FILE *out, const struct recording *rec)
{
	const struct sample *change = &rec->change;
	const struct exit_stats_row *row;
	char number[NUMBER_SIZE];

	if (!change->nr_rows) {
		fputs("There were no exits while this was recorded.", out);
		return;
	}
	row = find_highest(change, false);
	fputs("While this was recorded: ", out);
	put_reason(out, rec, row->reason);
	fprintf(out, ", with %.1f %% of the cycles",
		percent(row_cycles(row), row_cycles(&change->all)));
	put_parts(out, change, row);
	row = find_highest(change, true);
	fputs("; an exit costs most on average for ", out);
	put_reason(out, rec, row->reason);
	fprintf(out, ", %s cycles;", grouped(number, row_cost(row)));
	fprintf(out, " the average of all is %s.",
		grouped(number, row_cost(&change->all)));
}

/* As in tables, but the sign in words. */
static void put_tail(FILE *out, const struct recording *rec,
		     const struct tail *tail, enum tail_column column)
{
	char text[TEXT_SIZE];

	tail_text(text, tail, column, rec->tsc_khz);
	fprintf(out, "%s%s%s", column == TAIL_MAX ? bound_words(tail->bound) : "",
		text + strspn(text, "<>"), rec->tsc_khz ? "" : " cycles");
}

/* From so many times the mean on, the mean says nothing of the worst. */
#define HIDDEN_BY_MEAN	10

static void put_mean(FILE *out, const struct recording *rec,
		     const struct exit_stats_row *row, const struct tail *worst)
{
	double mean = (double)row->times[TIME_KERNEL] / fmax((double)row->exits, 1);
	const struct tail exact = { .exits = 1, .p50 = (uint64_t)mean };
	char number[NUMBER_SIZE];
	double times;

	if (mean < 1)
		return;
	times = (double)worst->max / mean;
	fputs(" Their mean is ", out);
	put_tail(out, rec, &exact, TAIL_P50);
	fprintf(out, ": the worst took %s%s times as long",
		worst->bound == BOUND_AT_MOST ? "up to " : "",
		rate_text(number, times));
	if (times >= HIDDEN_BY_MEAN && worst->bound != BOUND_AT_MOST)
		fputs(", which the mean hides", out);
	fputc('.', out);
}

static void put_worst(FILE *out, const struct recording *rec)
{
	const struct sample *change = &rec->change;
	const struct exit_stats_row *row;
	struct tail worst = { 0 };
	struct hist all;

	row = sample_worst(change, &worst);
	if (!row) {
		fputs("While this was recorded, no exit was measured.", out);
		return;
	}
	fputs("While this was recorded: one of ", out);
	put_reason(out, rec, row->reason);
	fputs(", which took ", out);
	put_tail(out, rec, &worst, TAIL_MAX);
	fputs(" in the kernel", out);
	if (change->own && row->reason == rec->own_reason)
		fputs(", and may be one that reading these numbers caused", out);
	fputs(". Half of the exits of this reason took no more than ", out);
	put_tail(out, rec, &worst, TAIL_P50);
	fputs(", 99 % no more than ", out);
	put_tail(out, rec, &worst, TAIL_P99);
	fputc('.', out);
	put_mean(out, rec, row, &worst);
	hists_sum(&change->hists, &all);
	if (hist_missed_share(&all) >= 0.0005)
		fprintf(out, " %.1f %% of all exits were not measured.",
			100 * hist_missed_share(&all));
}

/* Not the same where many vCPUs cost much and where they rest. */
static void put_accounts(FILE *out, const struct recording *rec)
{
	const struct sample *change = &rec->change;
	double sum = sum_of_accounts(change);
	int i;

	if (sum <= 0) {
		fputs("Not in this recording: the interface had its first version, or the VM no vCPU.",
		      out);
		return;
	}
	fputs("While this was recorded, of all the vCPUs' time:", out);
	for (i = 0; i < NR_ACCOUNTS; i++)
		fprintf(out, "%s %s %.1f %%", i ? "," : "", account_names[i],
			100 * (double)change->accounts[i] / sum);
	fputc('.', out);
}

const struct answer answers[NR_ANSWERS] = {
	{ "Does the number of exits grow at a stable rate?", put_stability, false },
	{ "Which operations cause more exits?", put_operations, false },
	{ "How many exits is a full boot?", put_boot, false },
	{ "Which exit reasons are most and least frequent?", put_frequent, false },
	{ "What costs most?", put_cost, false },
	{ "What is the worst exit?", put_worst, true },
	{ "Where did the time go?", put_accounts, false },
};

bool has_answer(const struct recording *rec, const struct answer *answer)
{
	return !answer->needs_tails || rec->change.hists.known;
}

/* In lines of @COLUMNS, with commas in numbers. */
static void put_wrapped(FILE *out, char *text)
{
	size_t column = 0, length;
	char *word, *rest = NULL, *thin;

	while ((thin = strstr(text, THIN_SPACE))) {
		*thin = ',';
		memmove(thin + 1, thin + strlen(THIN_SPACE),
			strlen(thin + strlen(THIN_SPACE)) + 1);
	}
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		length = strlen(word);
		if (column && column + 1 + length > COLUMNS) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%s",
					  column ? " " : INDENT, word);
	}
	fputc('\n', out);
}

static int put_plain(FILE *out, const struct recording *rec,
		     void (*put)(FILE *out, const struct recording *rec))
{
	size_t size = 0;
	char *text = NULL;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return complain("out of memory");
	put(memory, rec);
	if (fclose(memory)) {
		free(text);
		return complain("out of memory");
	}
	put_wrapped(out, text);
	free(text);
	return 0;
}

int put_answers(FILE *out, const struct recording *rec)
{
	size_t i;

	if (put_plain(out, rec, put_summary))
		return -1;
	for (i = 0; i < NR_ANSWERS; i++) {
		if (!has_answer(rec, &answers[i]))
			continue;
		fprintf(out, "\n%s\n", answers[i].question);
		if (put_plain(out, rec, answers[i].put))
			return -1;
	}
	return 0;
}
