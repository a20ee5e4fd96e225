/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of HTML about a recording, or about two: it needs nothing else. */
#ifndef PAGE_H
#define PAGE_H

#include <stdio.h>

#include "model/recording.h"

#define MAX_COMPARED	2

struct page {
	size_t nr;		/* recordings: 1, or 2 to compare */
	const struct recording *recs[MAX_COMPARED];
	const char *files[MAX_COMPARED];
};

/* 0, or -1 after a line on stderr. */
int page_write(FILE *out, const struct page *page);

/* Parts of it, which the template names. */
void page_put_origin(FILE *out, const struct page *page);
void page_put_phases(FILE *out, const struct recording *rec);
void page_put_reasons(FILE *out, const struct recording *rec);
void page_put_accounts(FILE *out, const struct recording *rec);
void page_put_comparison(FILE *out, const struct page *page);

/* What the charts draw, as JSON.  0, or -1 as above. */
int page_put_data(FILE *out, const struct page *page);

#endif /* PAGE_H */
