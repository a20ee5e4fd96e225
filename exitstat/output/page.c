// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page is a template, page/report.html, whose {{words}} are replaced by what
 * the functions here write.  All files of the folder are in this program.
 */
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"
#include "base/numbers.h"
#include "output/findings.h"
#include "output/html.h"
#include "output/page.h"
#include "page-files.h"

/* What a function of findings.h writes is text. */
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
		html_text(out, text);
	free(text);
	return status ? complain("out of memory") : 0;
}

/* What one page is told from another by. */
static int put_title(FILE *out, const struct page *page)
{
	const struct origin *origin = &page->recs[0]->origin;

	if (page->nr > 1) {
		fputs("VM exits: A and B compared", out);
		return 0;
	}
	fputs("VM exits", out);
	if (*origin->vm || *origin->host) {
		fputs(" of ", out);
		html_text(out, *origin->vm ? origin->vm : origin->host);
	}
	return 0;
}

static int put_origin(FILE *out, const struct page *page)
{
	page_put_origin(out, page);
	return 0;
}

static int put_comparison(FILE *out, const struct page *page)
{
	page_put_comparison(out, page);
	return 0;
}

static int put_answers_of(FILE *out, const struct recording *rec)
{
	size_t i;

	fputs("<p class=\"note\">", out);
	if (put_text(out, rec, put_summary))
		return -1;
	fputs(".</p>\n<dl class=\"answers\">\n", out);
	for (i = 0; i < NR_ANSWERS; i++) {
		if (!has_answer(rec, &answers[i]))
			continue;
		fprintf(out, "<dt>%s</dt>\n<dd>", answers[i].question);
		if (put_text(out, rec, answers[i].put))
			return -1;
		fputs("</dd>\n", out);
	}
	fputs("</dl>\n", out);
	return 0;
}

/* Of one recording they come first. */
static int put_answers_of_one(FILE *out, const struct page *page)
{
	return page->nr > 1 ? 0 : put_answers_of(out, page->recs[0]);
}

/* Of two recordings, what tells one from the other does. */
static int put_answers_of_two(FILE *out, const struct page *page)
{
	size_t i;

	for (i = 0; page->nr > 1 && i < page->nr; i++) {
		fprintf(out, "<h2>Answers of %c</h2>\n", 'A' + (int)i);
		if (put_answers_of(out, page->recs[i]))
			return -1;
	}
	return 0;
}

static int put_tables(FILE *out, const struct page *page)
{
	size_t i;

	for (i = 0; i < page->nr; i++) {
		if (page->nr > 1)
			fprintf(out, "<h2 class=\"recording\">Tables of %c</h2>\n",
				'A' + (int)i);
		page_put_phases(out, page->recs[i]);
		page_put_accounts(out, page->recs[i]);
		page_put_reasons(out, page->recs[i]);
		if (page_put_tails(out, page->recs[i]))
			return -1;
	}
	return 0;
}

static int put_own(FILE *out, const struct page *page)
{
	char text[NUMBER_SIZE];
	size_t i;

	for (i = 0; i < page->nr; i++) {
		const struct recording *rec = page->recs[i];

		fprintf(out, "%s%s", i ? " and " : "",
			grouped_count(text, rec->samples[rec->nr_samples - 1].own));
	}
	return 0;
}

/* What the cycles are of, as far as it is known of all. */
static int put_cost_scope(FILE *out, const struct page *page)
{
	bool has_times = true;
	size_t i;

	for (i = 0; i < page->nr; i++)
		has_times &= page->recs[i]->change.has_times;
	fputs(has_times ? "in KVM, in the VMM, and waiting" :
	      "in KVM's exit handler only: this recording does not know what the VMM took",
	      out);
	return 0;
}

/* Two recordings of one instruction set have the same reason for reading. */
static int put_own_tails(FILE *out, const struct page *page)
{
	size_t i = 0;

	while (i < page->nr && !page_put_own_tails(out, page->recs[i]))
		i++;
	return 0;
}

static int put_data(FILE *out, const struct page *page)
{
	return page_put_data(out, page);
}

/* A {{word}}, and what stands for it: a file, or what a function writes. */
static const struct part {
	const char *word;
	const char *file;
	int (*put)(FILE *out, const struct page *page);
} parts[] = {
	{ "title", NULL, put_title },
	{ "origin", NULL, put_origin },
	{ "comparison", NULL, put_comparison },
	{ "answers", NULL, put_answers_of_one },
	{ "answers-of-two", NULL, put_answers_of_two },
	{ "tables", NULL, put_tables },
	{ "own", NULL, put_own },
	{ "cost-scope", NULL, put_cost_scope },
	{ "own-tails", NULL, put_own_tails },
	{ "data", NULL, put_data },
	{ "style", page_report_css, NULL },
	{ "library-style", page_uPlot_min_css, NULL },
	{ "library-license", page_uPlot_LICENSE, NULL },
	{ "library", page_uPlot_iife_min_js, NULL },
	{ "script", page_report_js, NULL },
	{ "tails-script", page_tails_js, NULL },
};

static const struct part *find_part(const char *word, size_t length)
{
	size_t i;

	for (i = 0; strlen(parts[i].word) != length ||
		    strncmp(parts[i].word, word, length); i++)
		;
	return &parts[i];
}

int page_write(FILE *out, const struct page *page)
{
	const char *text = page_report_html, *word;

	while ((word = strstr(text, "{{"))) {
		const struct part *part;
		size_t length = strcspn(word + 2, "}");

		fwrite(text, 1, (size_t)(word - text), out);
		part = find_part(word + 2, length);
		if (part->file)
			fputs(part->file, out);
		else if (part->put(out, page))
			return -1;
		text = word + 2 + length + 2;
	}
	fputs(text, out);
	return 0;
}
