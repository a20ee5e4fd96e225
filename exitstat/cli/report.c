// SPDX-License-Identifier: GPL-2.0-only
/*
 * exitstat report: a page of HTML that needs nothing else, and its answers as
 * text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/atomic-file.h"
#include "cli/cli.h"
#include "output/findings.h"
#include "output/page.h"
#include "source/source.h"

/* Without -o, beside the recording, or beside the second of two. */
static char *page_name(const struct env *env)
{
	char *name;

	if (env->output)
		return strdup(env->output);
	if (asprintf(&name, "%s.html", env->arguments[env->nr_arguments - 1]) < 0)
		return NULL;
	return name;
}

static int write_page(const struct page *page, const char *name)
{
	struct file file;
	int status;

	if (file_open(&file, name))
		return -1;
	status = page_write(file.out, page);
	return file_close(&file, !status) || status ? -1 : 0;
}

static int put_text(const struct page *page)
{
	size_t i;

	for (i = 0; i < page->nr; i++) {
		if (page->nr > 1)
			printf("%s%s:\n", i ? "\n" : "", page->files[i]);
		if (put_answers(stdout, page->recs[i]))
			return -1;
	}
	return flush_output(stdout);
}

/* The page is all of the output if it goes there. */
static int report(const struct page *page, const char *name)
{
	if (page->nr > 1 && page->recs[0]->isa != page->recs[1]->isa)
		return complain("%s is of %s, %s of %s: they have no exit reasons in common",
				page->files[0], isa_title(page->recs[0]->isa),
				page->files[1], isa_title(page->recs[1]->isa));
	if (write_page(page, name))
		return -1;
	return strcmp(name, "-") ? put_text(page) : 0;
}

static int load(struct recording *rec, const char *name)
{
	struct source *source = recording_open(name);
	int status;

	if (!source)
		return -1;
	source->wants_hists = true;
	status = recording_load(rec, source);
	source->close(source);
	return status;
}

/* All of them, or none.  0, or -1 after a line on stderr. */
static int load_all(struct page *page, struct recording *recs,
		    const struct env *env)
{
	while (page->nr < env->nr_arguments) {
		const char *name = env->arguments[page->nr];

		if (load(&recs[page->nr], name)) {
			while (page->nr)
				recording_free(&recs[--page->nr]);
			return -1;
		}
		page->recs[page->nr] = &recs[page->nr];
		page->files[page->nr++] = name;
	}
	return 0;
}

int run_report(const struct env *env)
{
	struct recording recs[MAX_COMPARED];
	char *name = page_name(env);
	struct page page = { 0 };
	int status = -1;

	if (!name)
		complain("out of memory");
	else if (!load_all(&page, recs, env)) {
		status = report(&page, name);
		while (page.nr)
			recording_free(&recs[--page.nr]);
	}
	free(name);
	return status ? STATUS_FAILED : STATUS_OK;
}
