// SPDX-License-Identifier: GPL-2.0-only
/* The tables of a page, which need no script. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/numbers.h"
#include "output/look.h"
#include "output/findings.h"
#include "output/html.h"
#include "output/page.h"

void page_put_head(FILE *out, const char *title, const char *note,
		   const char *columns)
{
	fprintf(out, "<section>\n<h2>%s</h2>\n<p class=\"note\">%s</p>\n"
		"<div class=\"wide\"><table>\n<thead><tr>%s</tr></thead>\n<tbody>\n",
		title, note, columns);
}

void page_put_end(FILE *out)
{
	fputs("</table></div>\n</section>\n", out);
}

static void put_line(FILE *out, const char *word, const char *text)
{
	if (!*text)
		return;
	fprintf(out, "<dt>%s</dt><dd>", word);
	html_text(out, text);
	fputs("</dd>\n", out);
}

/* "2026-11-28 06:57:16 UTC", or nothing of a time that nobody knows. */
static const char *clock_text(char text[40], int64_t clock_ns)
{
	time_t seconds = (time_t)(clock_ns / 1000000000);
	struct tm tm;

	if (!clock_ns || !gmtime_r(&seconds, &tm) ||
	    !strftime(text, 40, "%Y-%m-%d %H:%M:%S UTC", &tm))
		text[0] = '\0';
	return text;
}

static void put_when(FILE *out, const struct recording *rec)
{
	char from[40], to[40], text[96];

	clock_text(from, rec->samples[0].clock_ns);
	clock_text(to, rec->samples[rec->nr_samples - 1].clock_ns);
	snprintf(text, sizeof(text), "%s%s%s", from, *from && *to ? " to " : "", to);
	put_line(out, "recorded", text);
}

static void put_origin(FILE *out, const struct recording *rec, const char *file)
{
	const struct origin *origin = &rec->origin;
	const char *base = strrchr(file, '/');
	char vcpus[12] = "";

	fputs("<dl class=\"origin\">\n", out);
	put_line(out, "recording", base ? base + 1 : file);
	put_line(out, "VM", origin->vm);
	put_line(out, *origin->vm ? "host" : "guest", origin->host);
	put_line(out, *origin->vm ? "host's kernel" : "guest's kernel",
		 origin->kernel);
	put_when(out, rec);
	if (origin->vcpus)
		snprintf(vcpus, sizeof(vcpus), "%" PRIu32, origin->vcpus);
	put_line(out, "vCPUs", vcpus);
	put_line(out, "command", origin->command);
	put_line(out, "exitstat", origin->exitstat);
	fputs("</dl>\n", out);
}

void page_put_origin(FILE *out, const struct page *page)
{
	size_t i;

	if (page->nr > 1)
		fputs("<div class=\"two\">\n", out);
	for (i = 0; i < page->nr; i++) {
		if (page->nr > 1)
			fprintf(out, "<div><h2>%c</h2>\n", 'A' + (int)i);
		put_origin(out, page->recs[i], page->files[i]);
		if (page->nr > 1)
			fputs("</div>\n", out);
	}
	if (page->nr > 1)
		fputs("</div>\n", out);
}

static void put_unknown(FILE *out)
{
	fputs("<td>-</td>", out);
}

/* A row of the table of phases: what cannot be known is a dash. */
static void put_phase(FILE *out, const struct recording *rec, const char *name,
		      const struct sample *change, double variation)
{
	double seconds = seconds_of(change);
	char text[80], title[TITLE_SIZE];

	fputs("<tr>", out);
	html_name_cell(out, name);
	fprintf(out, "<td>%.2f</td>", seconds);
	html_count_cell(out, change->all.exits);
	html_rate_cell(out, rate_of(change));
	if (rec->tsc_khz && seconds > 0)
		fprintf(out, "<td>%.2f</td>", 100 *
			cycles_seconds(row_cycles(&change->all), rec->tsc_khz) / seconds);
	else
		put_unknown(out);
	if (variation >= 0)
		fprintf(out, "<td>%.2f</td>", variation);
	else
		put_unknown(out);
	text[0] = '\0';
	if (change->nr_rows)
		snprintf(text, sizeof(text), "%s, %.0f %%",
			 reason_title(rec->isa, change->rows[0].reason, title),
			 100 * share(change->rows[0].exits, change->all.exits));
	html_name_cell(out, text);
	fputs("</tr>\n", out);
}

void page_put_phases(FILE *out, const struct recording *rec)
{
	size_t i;

	if (!rec->nr_phases)
		return;
	page_put_head(out, "By phase",
		 "The marks of the recording. Cost is the part of a CPU that exits "
		 "took. Variation is the standard deviation of the rate over its "
		 "mean: 0 is perfectly even.",
		 "<th class=\"text\">phase</th><th>seconds</th><th>exits</th>"
		 "<th>exits/s</th><th>cost, % of a CPU</th><th>variation</th>"
		 "<th class=\"text\">most frequent</th>");
	put_phase(out, rec, "before the first sample", &rec->start, -1);
	for (i = 0; i < rec->nr_phases; i++)
		put_phase(out, rec, rec->phases[i].name, &rec->phases[i].change,
			  rec->phases[i].variation);
	fputs("</tbody>\n", out);
	page_put_end(out);
}

/* The cell of a reason, with its colour. */
void page_put_reason_cell(FILE *out, uint32_t isa, uint32_t reason)
{
	char text[TITLE_SIZE];

	fprintf(out, "<td class=\"text\"><span class=\"swatch\" "
		"style=\"background:%s\"></span>", look_of(isa, reason).color);
	html_text(out, reason_title(isa, reason, text));
	fputs("</td>", out);
}

/* The cells that a reason and the total have alike. */
static void put_costs(FILE *out, const struct recording *rec,
		      const struct exit_stats_row *row)
{
	const struct sample *all = &rec->all;
	uint64_t cycles = row_cycles(row);
	char text[TEXT_SIZE];

	html_count_cell(out, row->exits);
	html_share_cell(out, (double)row->exits, (double)all->all.exits);
	html_rate_cell(out, per_second(row->exits, all->time_ns));
	html_count_cell(out, cycles);
	html_share_cell(out, (double)cycles, (double)row_cycles(&all->all));
	if (row->exits)
		html_rounded_cell(out, row_cost(row));
	else
		put_unknown(out);
	html_cell(out, text_time(text, cycles, rec->tsc_khz));
}

static void put_reason(FILE *out, const struct recording *rec,
		       const struct exit_stats_row *row)
{
	char number[12];

	fputs("<tr>", out);
	html_cell(out, reason_number(row->reason, number));
	page_put_reason_cell(out, rec->isa, row->reason);
	put_costs(out, rec, row);
	fputs("</tr>\n", out);
}

void page_put_reasons(FILE *out, const struct recording *rec)
{
	const struct sample *all = &rec->all;
	uint32_t i;

	page_put_head(out, "By exit reason, since the VM began",
		 all->has_times ?
		 "Cycles and time: in KVM, in the VMM, and waiting." :
		 "Cycles and time: in KVM's exit handler only, without the VMM.",
		 "<th>no.</th><th class=\"text\">reason</th><th>exits</th>"
		 "<th>% of exits</th><th>exits/s</th><th>cycles</th>"
		 "<th>% of cycles</th><th>cycles per exit</th><th>time</th>");
	for (i = 0; i < all->nr_rows; i++)
		put_reason(out, rec, &all->rows[i]);
	fputs("</tbody>\n<tfoot><tr><td></td>", out);
	html_name_cell(out, "all");
	put_costs(out, rec, &all->all);
	fputs("</tr></tfoot>\n", out);
	page_put_end(out);
}

static const char *const account_means[NR_ACCOUNTS] = {
	[KVM_CPUID_EXIT_STATS_GUEST]	= "the CPU ran the guest",
	[KVM_CPUID_EXIT_STATS_KERNEL]	= "KVM handled exits",
	[KVM_CPUID_EXIT_STATS_VMM]	= "the VMM (QEMU or another) handled exits",
	[KVM_CPUID_EXIT_STATS_WAIT]	= "KVM slept while it handled an exit: for a page, or a lock",
	[KVM_CPUID_EXIT_STATS_HALTED]	= "the guest had nothing to do",
	[KVM_CPUID_EXIT_STATS_PREEMPTED] = "the vCPU could have run, but the host ran something else",
	[KVM_CPUID_EXIT_STATS_OUTSIDE]	= "the VMM had the vCPU for its own reasons: paused, migrating, not started",
	[KVM_CPUID_EXIT_STATS_OFF]	= "counting was turned off",
};

void page_put_accounts(FILE *out, const struct recording *rec)
{
	double sum = sum_of_accounts(&rec->change);
	char text[TEXT_SIZE];
	unsigned int i;

	if (sum <= 0)
		return;
	page_put_head(out, "Where the vCPUs' time went",
		 "While this was recorded, all vCPUs together. Each tick of a "
		 "vCPU's life is in just one account.",
		 "<th class=\"text\">account</th><th>time</th><th>%</th>"
		 "<th class=\"text\">meaning</th>");
	for (i = 0; i < NR_ACCOUNTS; i++) {
		fprintf(out, "<tr><td class=\"text\"><span class=\"swatch\" "
			"style=\"background:%s\"></span>%s</td>",
			look_of_account(i).color, account_names[i]);
		html_cell(out, text_time(text, rec->change.accounts[i],
					 rec->tsc_khz));
		html_share_cell(out, (double)rec->change.accounts[i], sum);
		html_name_cell(out, account_means[i]);
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n", out);
	page_put_end(out);
}

/* In percent of a CPU, or negative. */
static double cpu_share(const struct recording *rec,
			const struct exit_stats_row *row)
{
	double seconds = seconds_of(&rec->change);

	if (!rec->tsc_khz || seconds <= 0)
		return -1;
	return 100 * cycles_seconds(row_cycles(row), rec->tsc_khz) / seconds;
}

/* From @a to @b in percent; negative numbers are not known. */
static void put_difference(FILE *out, double a, double b)
{
	if (a > 0 && b >= 0)
		fprintf(out, "<td class=\"change\">%+.1f&#8239;%%</td>",
			100 * (b - a) / a);
	else
		fputs("<td class=\"change\">-</td>", out);
}

static void put_compared(FILE *out, const struct page *page,
			 const struct exit_stats_row *a,
			 const struct exit_stats_row *b)
{
	const struct exit_stats_row *rows[] = { a, b };
	double values[3][MAX_COMPARED];
	size_t i, value;

	for (i = 0; i < MAX_COMPARED; i++) {
		const struct recording *rec = page->recs[i];

		values[0][i] = per_second(rows[i]->exits, rec->change.time_ns);
		values[1][i] = rows[i]->exits ? row_cost(rows[i]) : -1;
		values[2][i] = cpu_share(rec, rows[i]);
	}
	for (value = 0; value < 3; value++) {
		for (i = 0; i < MAX_COMPARED; i++) {
			if (values[value][i] >= 0)
				html_rate_cell(out, values[value][i]);
			else
				put_unknown(out);
		}
		put_difference(out, values[value][0], values[value][1]);
	}
	fputs("</tr>\n", out);
}

static void put_compared_reason(FILE *out, const struct page *page,
				uint32_t reason)
{
	static const struct exit_stats_row nothing;
	const struct exit_stats_row *a, *b;

	a = sample_find(&page->recs[0]->change, reason);
	b = sample_find(&page->recs[1]->change, reason);
	fputs("<tr>", out);
	page_put_reason_cell(out, page->recs[0]->isa, reason);
	put_compared(out, page, a ? a : &nothing, b ? b : &nothing);
}

void page_put_comparison(FILE *out, const struct page *page)
{
	const struct sample *a, *b;
	uint32_t i;

	if (page->nr < 2)
		return;
	a = &page->recs[0]->change;
	b = &page->recs[1]->change;
	page_put_head(out, "A and B by exit reason",
		 "Each over its whole recording. Cost is in percent of a CPU.",
		 "<th class=\"text\">reason</th>"
		 "<th>exits/s, A</th><th>B</th><th>change</th>"
		 "<th>cycles per exit, A</th><th>B</th><th>change</th>"
		 "<th>cost, A</th><th>B</th><th>change</th>");
	for (i = 0; i < a->nr_rows; i++)
		put_compared_reason(out, page, a->rows[i].reason);
	for (i = 0; i < b->nr_rows; i++) {
		if (!sample_find(a, b->rows[i].reason))
			put_compared_reason(out, page, b->rows[i].reason);
	}
	fputs("</tbody>\n<tfoot><tr>", out);
	html_name_cell(out, "all");
	put_compared(out, page, &a->all, &b->all);
	fputs("</tfoot>\n", out);
	page_put_end(out);
}
