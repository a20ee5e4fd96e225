/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of HTML about a recording, or about two: it needs nothing else. */
#ifndef PAGE_H
#define PAGE_H

#include <stdio.h>

#include "model/recording.h"
#include "output/look.h"

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

/* 0, or -1 as above. */
int page_put_tails(FILE *out, const struct recording *rec);

/* That reading is in the tails, if it is; then true. */
bool page_put_own_tails(FILE *out, const struct recording *rec);

/* What the charts draw, as JSON.  0, or -1 as above. */
int page_put_data(FILE *out, const struct page *page);
int page_put_tail_data(FILE *out, const struct page *page);

/* The members of an object of JSON that say how to draw something. */
void page_put_look(FILE *out, const char *name, struct look look);

/* The begin of a table with this header, and its end; a cell of a reason. */
void page_put_head(FILE *out, const char *title, const char *note,
		   const char *columns);
void page_put_end(FILE *out);
void page_put_reason_cell(FILE *out, uint32_t isa, uint32_t reason);

#endif /* PAGE_H */
