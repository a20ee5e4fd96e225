// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the charts of a page draw, as JSON:
 *
 *	isa		"VMX" or "SVM"
 *	rest		whether the last of the series is all that have none
 *	series		[{name, color, dash}], the costliest first
 *	accounts	[{name, color, dash}]
 *	recordings	of each
 *	  label		"A" or "B" where there are two, else ""
 *	  start		of the first sample: seconds since 1970, 0 if not known
 *	  age		the same since the VM began
 *	  tsc_khz	0 if not known
 *	  has_times	whether cycles are of the VMM and of waiting, too
 *	  samples	how many there are; there may be fewer steps
 *	  phases	[{name, from, to}], in seconds since the first sample
 *	  anew		[seconds]: when counts began anew
 *	  time		[ns] of each step
 *	  exits, cycles	[[number]] of each of the series in each step
 *	  accounts	[[cycles]] of each account, or [] if they are not known
 *	  p50, p99, max	[[cycles]] of each of the series in each step, 0 where that is
 *			not known; [] if it never is. max may be a bound
 *	tails		of each reason whose exits have histograms, see page-tail.c
 */
#include <inttypes.h>

#include "output/look.h"
#include "output/html.h"
#include "output/page.h"
#include "output/steps.h"

void page_put_look(FILE *out, const char *name, struct look look)
{
	fputs("\"name\":", out);
	html_json_string(out, name);
	fprintf(out, ",\"color\":\"%s\",\"dash\":%u", look.color, look.dash);
}

static void put_look(FILE *out, const char *name, struct look look, bool first)
{
	fputs(first ? "{" : ",\n{", out);
	page_put_look(out, name, look);
	fputc('}', out);
}

static void put_drawn(FILE *out, const struct page *page,
		      const struct drawn *drawn)
{
	uint32_t isa = page->recs[0]->isa;
	char text[TITLE_SIZE];
	size_t i;

	fprintf(out, "\"isa\":\"%s\",\"rest\":%s,\n\"series\":[", isa_title(isa),
		drawn->nr_left ? "true" : "false");
	for (i = 0; i < drawn->nr; i++)
		put_look(out, reason_title(isa, drawn->reasons[i], text),
			 look_of(isa, drawn->reasons[i]), !i);
	snprintf(text, sizeof(text), "%zu other reason%s", drawn->nr_left,
		 drawn->nr_left == 1 ? "" : "s");
	if (drawn->nr_left)
		put_look(out, text, look_of_rest(), !i);
	fputs("],\n\"accounts\":[", out);
	for (i = 0; i < NR_ACCOUNTS; i++)
		put_look(out, account_names[i], look_of_account(i), !i);
	fputs("],\n", out);
}

static double seconds_at(const struct steps *steps, size_t sample)
{
	return (double)steps->at[sample] / 1e9;
}

static void put_phases(FILE *out, const struct recording *rec,
		       const struct steps *steps)
{
	const char *comma = "";
	size_t i;

	fputs("\"phases\":[", out);
	for (i = 0; i < rec->nr_phases; i++) {
		const struct phase *phase = &rec->phases[i];

		fprintf(out, "%s{\"name\":", i ? "," : "");
		html_json_string(out, phase->name);
		fprintf(out, ",\"from\":%.6f,\"to\":%.6f}",
			seconds_at(steps, phase->first),
			seconds_at(steps, phase->last));
	}
	fputs("],\n\"anew\":[", out);
	for (i = 1; rec->times_anew && i < rec->nr_samples; i++) {
		if (!rec->samples[i].anew)
			continue;
		fprintf(out, "%s%.6f", comma, seconds_at(steps, i - 1));
		comma = ",";
	}
	fputs("],\n", out);
}

static void put_numbers(FILE *out, const uint64_t *values, size_t nr,
			size_t distance)
{
	size_t i;

	fputc('[', out);
	for (i = 0; i < nr; i++)
		fprintf(out, "%s%" PRIu64, i ? "," : "", values[i * distance]);
	fputc(']', out);
}

/* @nr columns from the column @first on. */
static void put_columns(FILE *out, const char *name, const struct steps *steps,
			size_t first, size_t nr)
{
	size_t i;

	fprintf(out, ",\n\"%s\":[", name);
	for (i = 0; i < nr; i++) {
		fputs(i ? ",\n" : "", out);
		put_numbers(out, steps->values + first + i, steps->nr,
			    steps->nr_columns);
	}
	fputc(']', out);
}

static void put_steps(FILE *out, const struct recording *rec,
		      const struct drawn *drawn, const struct steps *steps)
{
	size_t nr = drawn->nr + (drawn->nr_left ? 1 : 0);
	bool accounts = sum_of_accounts(&rec->change) > 0;

	fputs("\"time\":", out);
	put_numbers(out, steps->time, steps->nr, 1);
	put_columns(out, "exits", steps, column_of_exits(0), nr);
	put_columns(out, "cycles", steps, column_of_cycles(drawn, 0), nr);
	put_columns(out, "accounts", steps, column_of_account(drawn, 0),
		    accounts ? NR_ACCOUNTS : 0);
	nr = drawn->has_tails ? drawn->nr : 0;
	put_columns(out, "p50", steps, column_of_p50(drawn, 0), nr);
	put_columns(out, "p99", steps, column_of_p99(drawn, 0), nr);
	put_columns(out, "max", steps, column_of_max(drawn, 0), nr);
}

static int put_recording(FILE *out, const struct page *page, size_t i,
			 const struct drawn *drawn)
{
	const struct recording *rec = page->recs[i];
	struct steps steps;

	if (steps_make(&steps, rec, drawn))
		return -1;
	fprintf(out, "%s{\"label\":\"%s\",\"start\":%.6f,\"age\":%.6f,"
		"\"tsc_khz\":%" PRIu32 ",\"has_times\":%s,\"samples\":%zu,\n",
		i ? ",\n" : "", page->nr < 2 ? "" : i ? "B" : "A",
		(double)rec->samples[0].clock_ns / 1e9,
		(double)rec->samples[0].time_ns / 1e9, rec->tsc_khz,
		rec->change.has_times ? "true" : "false", rec->nr_samples);
	put_phases(out, rec, &steps);
	put_steps(out, rec, drawn, &steps);
	fputc('}', out);
	steps_free(&steps);
	return 0;
}

int page_put_data(FILE *out, const struct page *page)
{
	struct drawn drawn;
	size_t i;

	drawn_choose(&drawn, page->recs, page->nr);
	fputc('{', out);
	put_drawn(out, page, &drawn);
	fputs("\"recordings\":[", out);
	for (i = 0; i < page->nr; i++) {
		if (put_recording(out, page, i, &drawn))
			return -1;
	}
	fputs("],\n\"tails\":", out);
	if (page_put_tail_data(out, page))
		return -1;
	fputc('}', out);
	return 0;
}
