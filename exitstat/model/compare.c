// SPDX-License-Identifier: GPL-2.0-only
/* See model/compare.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/compare.h"

static struct change compare_means(struct mean a, struct mean b,
				   const struct criteria *criteria)
{
	struct change change = { .a = a, .b = b };

	change.percent = a.value ? 100 * (b.value - a.value) / a.value : 0;
	change.chance = means_chance(&a, &b);
	change.differs = change.chance <= criteria->chance &&
			 (!a.value || fabs(change.percent) >= criteria->threshold);
	return change;
}

static struct compare_row compare_rows(const struct compare *compare,
				       const struct series_row *a,
				       const struct series_row *b,
				       const struct criteria *criteria)
{
	struct compare_row row = { .reason = a->reason };

	row.rate = compare_means(series_rate(compare->a, a),
				 series_rate(compare->b, b), criteria);
	row.load = compare_means(series_load(compare->a, a),
				 series_load(compare->b, b), criteria);
	row.cost = compare_means(series_cost(a),
				 series_cost(b), criteria);
	/* What did not occur cost nothing, which is no other cost. */
	if (!a->e || !b->e)
		row.cost.differs = false;
	return row;
}

static int by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static int add_reason(struct compare *compare, uint32_t reason,
		      const struct criteria *criteria)
{
	struct compare_row *rows = reallocarray(compare->rows,
						compare->nr_rows + 1,
						sizeof(*rows));
	struct compare_row *row;

	if (!rows)
		return complain("out of memory");
	compare->rows = rows;
	row = &rows[compare->nr_rows++];
	*row = compare_rows(compare, series_find(compare->a, reason),
			    series_find(compare->b, reason), criteria);
	row->reason = reason;
	compare->differs |= row->rate.differs || row->load.differs ||
			    row->cost.differs;
	return 0;
}

static int by_change(const void *left, const void *right)
{
	const struct compare_row *a = left, *b = right;
	double change_a = fabs(a->load.b.value - a->load.a.value);
	double change_b = fabs(b->load.b.value - b->load.a.value);

	if (change_a != change_b)
		return change_a < change_b ? 1 : -1;
	return (a->reason > b->reason) - (a->reason < b->reason);
}

static bool is_wanted(const struct criteria *criteria, uint32_t reason)
{
	return !criteria->nr_reasons ||
	       bsearch(&reason, criteria->reasons, criteria->nr_reasons,
		       sizeof(reason), by_number);
}

size_t compare_count(const struct series *a, const struct series *b,
		     const struct criteria *criteria)
{
	size_t i, nr = a->nr_rows;

	for (i = 0; i < b->nr_rows; i++)
		nr += !series_find(a, b->rows[i].reason)->e;
	if (criteria->nr_reasons && criteria->nr_reasons < nr)
		nr = criteria->nr_reasons;
	return 3 * (nr + 1);
}

int compare_parts(struct compare *compare, const struct series *a,
		  const struct series *b, const struct criteria *criteria)
{
	size_t i, j = 0;

	*compare = (struct compare){ .a = a, .b = b };
	compare->all = compare_rows(compare, &a->all, &b->all, criteria);
	compare->differs = !criteria->nr_reasons &&
			   (compare->all.rate.differs ||
			    compare->all.load.differs);
	/* Both are in order: each reason once. */
	for (i = 0; i < a->nr_rows || j < b->nr_rows;) {
		bool is_of_a = j == b->nr_rows || (i < a->nr_rows &&
			       a->rows[i].reason <= b->rows[j].reason);
		uint32_t reason = is_of_a ? a->rows[i].reason : b->rows[j].reason;

		i += i < a->nr_rows && a->rows[i].reason == reason;
		j += j < b->nr_rows && b->rows[j].reason == reason;
		if (is_wanted(criteria, reason) &&
		    add_reason(compare, reason, criteria))
			return -1;
	}
	if (compare->nr_rows)
		qsort(compare->rows, compare->nr_rows, sizeof(*compare->rows),
		      by_change);
	return 0;
}

void compare_free(struct compare *compare)
{
	free(compare->rows);
	memset(compare, 0, sizeof(*compare));
}
