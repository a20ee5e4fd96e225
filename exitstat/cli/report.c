// SPDX-License-Identifier: GPL-2.0-only
/*
 * exitstat report: a page of HTML that needs nothing else, and its answers as
 * text.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/numbers.h"
#include "cli/cli.h"
#include "output/chart.h"
#include "output/findings.h"
#include "source/source.h"

static const char style[] =
"body { margin: 0 auto; padding: 28px 24px 48px; max-width: 900px;\n"
"  color: #1a1a1a; background: #fff; font: 16px/1.5 system-ui, sans-serif; }\n"
"h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; }\n"
"h2 { font-size: 20px; line-height: 1.3; margin: 40px 0 6px; }\n"
"p { margin: 0 0 10px; }\n"
".summary, .note, footer { color: #4a4a4a; }\n"
".note, footer { font-size: 14px; }\n"
"dl { margin: 20px 0 0; padding: 2px 20px 12px; background: #f5f6f8;\n"
"  border-left: 4px solid #0072b2; }\n"
"dt { font-weight: 600; margin-top: 12px; }\n"
"dd { margin: 0; }\n"
"svg { display: block; width: 100%; height: auto; margin: 4px 0; }\n"
".legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 6px 0 0;\n"
"  padding: 0; list-style: none; font-size: 14px; }\n"
".legend span { display: inline-block; width: 12px; height: 12px;\n"
"  margin-right: 6px; print-color-adjust: exact;\n"
"  -webkit-print-color-adjust: exact; }\n"
"table { border-collapse: collapse; width: 100%; font-size: 14px;\n"
"  font-variant-numeric: tabular-nums; }\n"
"th, td { padding: 4px 8px; text-align: right; white-space: nowrap;\n"
"  border-bottom: 1px solid #dcdcdc; }\n"
"th { border-bottom: 2px solid #1a1a1a; vertical-align: bottom; }\n"
"td.text, th.text { text-align: left; }\n"
"tfoot td { font-weight: 600; border-bottom: 0; }\n"
"footer { margin-top: 40px; border-top: 1px solid #dcdcdc; padding-top: 12px; }\n"
"@page { margin: 14mm; }\n"
"@media print { body { padding: 0; font-size: 11pt; }\n"
"  section, svg, tr, dt { break-inside: avoid; } h2 { break-after: avoid; } }\n";

/* The text of an element or of an attribute. */
static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		default: fputc(*text, out);
		}
	}
}

/* What a function of answers.h writes is text. */
static int put_text(FILE *out, const struct recording *rec,
		    void (*put)(FILE *out, const struct recording *rec))
{
	size_t size = 0;
	char *text = NULL;
	FILE *memory = open_memstream(&text, &size);
	int status = -1;

	if (memory) {
		put(memory, rec);
		status = fclose(memory);
	}
	if (!status)
		put_escaped(out, text);
	free(text);
	return status ? complain("out of memory") : 0;
}

static int put_head(FILE *out, const struct recording *rec)
{
	size_t i;

	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width\"/>\n"
		"<title>VM exits</title>\n<style>\n%s</style>\n</head>\n<body>\n"
		"<h1>VM exits</h1>\n<p class=\"summary\">", style);
	if (put_text(out, rec, put_summary))
		return -1;
	fputs(".</p>\n<dl>\n", out);
	for (i = 0; i < NR_ANSWERS; i++) {
		fprintf(out, "<dt>%s</dt>\n<dd>", answers[i].question);
		if (put_text(out, rec, answers[i].put))
			return -1;
		fputs("</dd>\n", out);
	}
	fputs("</dl>\n", out);
	return 0;
}

static void put_name(FILE *out, const struct recording *rec, uint32_t reason)
{
	const char *name = reason_name(rec->isa, reason);
	char number[12];

	put_escaped(out, strcmp(name, "-") ? name
					   : reason_number(reason, number));
}

static void put_legend(FILE *out, const struct recording *rec,
		       const struct series *series)
{
	size_t i;

	fputs("<ul class=\"legend\">\n", out);
	for (i = 0; i < series->nr; i++) {
		fprintf(out, "<li><span style=\"background:%s\"></span>",
			chart_color(i));
		put_name(out, rec, series->reasons[i]);
		fputs("</li>\n", out);
	}
	if (rec->change.nr_rows > series->nr)
		fprintf(out, "<li><span style=\"background:%s\"></span>others</li>\n",
			chart_color(MAX_SERIES));
	fputs("</ul>\n", out);
}

static const struct {
	const char *title;
	const char *note;
	bool legend;
} sections[NR_CHARTS] = {
	[CHART_GROWTH] = { "Exits so far",
		"A stable rate would be the dashed line.", false },
	[CHART_STACKED] = { "Exits per second by reason",
		"Layers add up to the rate of all exits; each step is the time "
		"between two samples.", true },
	[CHART_LINES] = { "The same on a log scale",
		"Shows the low rates, too. A line along the lower edge is below one "
		"exit a second.", true },
	[CHART_CYCLES] = { "Cycles by reason",
		"What exits of each reason cost while this was recorded, in percent: "
		"in the kernel, in the VMM, and waiting, as far as that is known.", false },
	[CHART_COST] = { "Cost per exit",
		"Cycles that one exit of a reason took on average while this was "
		"recorded. Each step of the scale is ten times the one before.", false },
};

static int put_charts(FILE *out, const struct recording *rec)
{
	struct series series;
	enum chart chart;

	/* Nothing can be drawn of nothing; the answers say so. */
	if (!rec->change.nr_rows)
		return 0;
	chart_choose(rec, &series);
	for (chart = 0; chart < NR_CHARTS; chart++) {
		fprintf(out, "<section>\n<h2>%s</h2>\n<p class=\"note\">%s</p>\n",
			sections[chart].title, sections[chart].note);
		if (sections[chart].legend)
			put_legend(out, rec, &series);
		if (chart_draw(out, chart, rec, &series))
			return -1;
		fputs("</section>\n", out);
	}
	return 0;
}

static void put_count(FILE *out, uint64_t value)
{
	char text[NUMBER_SIZE];

	fprintf(out, "<td>%s</td>", grouped_count(text, value));
}

static void put_rounded(FILE *out, double value)
{
	char text[NUMBER_SIZE];

	fprintf(out, "<td>%s</td>", grouped(text, value));
}

/* A small one still has a digit that is not 0. */
static void put_rate(FILE *out, double rate)
{
	if (rate > 0 && rate < 10)
		fprintf(out, "<td>%.2f</td>", rate);
	else
		put_rounded(out, rate);
}

static void put_share(FILE *out, uint64_t part, uint64_t whole)
{
	fprintf(out, "<td>%.2f</td>", 100 * share(part, whole));
}

/* A row of the table of phases: what cannot be known is a dash. */
static void put_phase(FILE *out, const struct recording *rec, const char *name,
		      const struct sample *change, double variation)
{
	double seconds = seconds_of(change);

	fputs("<tr><td class=\"text\">", out);
	put_escaped(out, name);
	fprintf(out, "</td><td>%.2f</td>", seconds);
	put_count(out, change->all.exits);
	put_rate(out, rate_of(change));
	if (rec->tsc_khz && seconds > 0)
		fprintf(out, "<td>%.2f</td>", 100 *
			cycles_seconds(row_cycles(&change->all), rec->tsc_khz) / seconds);
	else
		fputs("<td>-</td>", out);
	if (variation >= 0)
		fprintf(out, "<td>%.2f</td>", variation);
	else
		fputs("<td>-</td>", out);
	fputs("<td class=\"text\">", out);
	if (change->nr_rows) {
		put_name(out, rec, change->rows[0].reason);
		fprintf(out, ", %.0f %%", 100 * share(change->rows[0].exits,
						     change->all.exits));
	}
	fputs("</td></tr>\n", out);
}

static void put_phases(FILE *out, const struct recording *rec)
{
	size_t i;

	if (!rec->nr_phases)
		return;
	fputs("<section>\n<h2>By phase</h2>\n"
	      "<p class=\"note\">The marks of the recording. Variation is the "
	      "standard deviation of the rate over its mean; handling is the part "
	      "of the time that exits took.</p>\n<table>\n<thead>"
	      "<tr><th class=\"text\">phase</th><th>seconds</th><th>exits</th>"
	      "<th>exits/s</th><th>handling, %</th><th>variation</th>"
	      "<th class=\"text\">most frequent</th></tr></thead>\n<tbody>\n",
	      out);
	put_phase(out, rec, "before the first sample", &rec->start, -1);
	for (i = 0; i < rec->nr_phases; i++)
		put_phase(out, rec, rec->phases[i].name, &rec->phases[i].change,
			  rec->phases[i].variation);
	fputs("</tbody>\n</table>\n</section>\n", out);
}

static void put_reason(FILE *out, const struct recording *rec,
		       const struct exit_stats_row *row)
{
	char text[TEXT_SIZE], number[12];
	const struct sample *all = &rec->all;

	fprintf(out, "<tr><td>%s</td><td class=\"text\">",
		reason_number(row->reason, number));
	put_escaped(out, reason_name(rec->isa, row->reason));
	fputs("</td>", out);
	put_count(out, row->exits);
	put_share(out, row->exits, all->all.exits);
	put_rate(out, per_second(row->exits, all->time_ns));
	put_count(out, row_cycles(row));
	put_share(out, row_cycles(row), row_cycles(&all->all));
	put_rounded(out, row_cost(row));
	fprintf(out, "<td>%s</td></tr>\n",
		text_time(text, row_cycles(row), rec->tsc_khz));
}

static void put_reasons(FILE *out, const struct recording *rec)
{
	const struct sample *all = &rec->all;
	char text[TEXT_SIZE];
	uint32_t i;

	fputs("<section>\n<h2>By reason, since the VM began</h2>\n<table>\n<thead>"
	      "<tr><th>no.</th><th class=\"text\">reason</th><th>exits</th>"
	      "<th>%</th><th>exits/s</th><th>cycles</th><th>%</th>"
	      "<th>per exit</th><th>time</th></tr></thead>\n<tbody>\n", out);
	for (i = 0; i < all->nr_rows; i++)
		put_reason(out, rec, &all->rows[i]);
	fputs("</tbody>\n<tfoot><tr><td></td><td class=\"text\">all</td>", out);
	put_count(out, all->all.exits);
	put_share(out, all->all.exits, all->all.exits);
	put_rate(out, rate_of(all));
	put_count(out, row_cycles(&all->all));
	put_share(out, row_cycles(&all->all), row_cycles(&all->all));
	put_rounded(out, row_cost(&all->all));
	fprintf(out, "<td>%s</td></tr></tfoot>\n</table>\n</section>\n",
		text_time(text, row_cycles(&all->all), rec->tsc_khz));
}

static void put_foot(FILE *out, const struct recording *rec)
{
	char own[NUMBER_SIZE];

	fprintf(out, "<footer><p>Left out everywhere: the %s exits that reading "
		"these numbers caused, with the average cost of their reason. The "
		"recorder's own timers are in. Cycles are ticks of the host's TSC in "
		"the kernel, in the VMM, and waiting, not sleep in HLT; of the "
		"interface's first version, in KVM's exit handler only.</p></footer>\n</body>\n</html>\n",
		grouped_count(own, rec->samples[rec->nr_samples - 1].own));
}

static int put_page(FILE *out, const struct recording *rec)
{
	if (put_head(out, rec))
		return -1;
	put_phases(out, rec);
	if (put_charts(out, rec))
		return -1;
	put_reasons(out, rec);
	put_foot(out, rec);
	return 0;
}

/* Without -o, beside the recording. */
static char *page_name(const struct env *env)
{
	char *name;

	if (env->output)
		return strdup(env->output);
	if (asprintf(&name, "%s.html", env->arguments[0]) < 0)
		return NULL;
	return name;
}

static int write_page(const struct recording *rec, const char *name)
{
	struct file page;
	int status;

	if (file_open(&page, name))
		return -1;
	status = put_page(page.out, rec);
	return file_close(&page, !status) || status ? -1 : 0;
}

/* The page is all of the output if it goes there. */
static int report(const struct recording *rec, const char *name)
{
	if (write_page(rec, name))
		return -1;
	if (!strcmp(name, "-"))
		return 0;
	return put_answers(stdout, rec) || flush_output(stdout) ? -1 : 0;
}

int run_report(const struct env *env)
{
	struct source *source = recording_open(env->arguments[0]);
	char *name = page_name(env);
	struct recording rec;
	int status = -1;

	if (!name)
		complain("out of memory");
	else if (source && !recording_load(&rec, source)) {
		status = report(&rec, name);
		recording_free(&rec);
	}
	if (source)
		source->close(source);
	free(name);
	return status ? STATUS_FAILED : STATUS_OK;
}
