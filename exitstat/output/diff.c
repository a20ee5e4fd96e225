// SPDX-License-Identifier: GPL-2.0-only
/* See output/diff.h. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "output/diff.h"
#include "output/json.h"

#define NAME_WIDTH	18

static void show_file(FILE *out, const char *name, const struct saved *saved)
{
	const struct origin *origin = &saved->origin;
	const struct series *all = &saved->parts[0];

	fprintf(out, "%s: %s: ", name, saved->path);
	if (saved->has_runs)
		fprintf(out, "%zu run%s", all->nr, all->nr == 1 ? "" : "s");
	else
		fprintf(out, "%.1f s in %zu interval%s", (double)all->x, all->nr,
			all->nr == 1 ? "" : "s");
	if (origin->vm[0])
		fprintf(out, "; VM %s", origin->vm);
	if (origin->host[0])
		fprintf(out, "; %s, Linux %s", origin->host, origin->kernel);
	fputc('\n', out);
}

void diff_show_heading(FILE *out, const struct saved *a, const struct saved *b)
{
	show_file(out, "A", a);
	show_file(out, "B", b);
	fputs("Numbers are of A, changes those to B; * is more than chance.\n",
	      out);
	if (a->parts[0].nr < 3 || b->parts[0].nr < 3)
		fputs("Of fewer than three steps on a side nobody can tell chance: nothing has a *.\n",
		      out);
}

/* "+12.3%", "new", "gone"; with the mark behind it. */
static void put_change(FILE *out, const struct change *change, const char *none)
{
	char text[TEXT_SIZE];

	if (!change->a.value && !change->b.value)
		strcpy(text, "-");
	else if (!change->a.value)
		strcpy(text, "new");
	else if (!change->b.value)
		strcpy(text, "gone");
	else if (fabs(change->percent) >= 9999.5)
		snprintf(text, sizeof(text), "x%.4g",
			 change->b.value / change->a.value);
	else
		snprintf(text, sizeof(text), "%+.*f%%",
			 fabs(change->percent) < 999.95, change->percent);
	fprintf(out, " %7s%s", text, change->differs ? "*" : none);
}

/* Cycles of a second as percent of a CPU, those of a run as time. */
static void put_load(FILE *out, const struct saved *a, double load)
{
	char text[TEXT_SIZE];

	if (!a->tsc_khz)
		text_count(text, load, 6);
	else if (a->has_runs)
		text_time(text, (uint64_t)load, a->tsc_khz);
	else
		snprintf(text, sizeof(text), "%.2f", load / a->tsc_khz / 10);
	fprintf(out, " %6s", text);
}

static void show_row(FILE *out, const struct saved *a,
		     const struct compare_row *row, const char *number,
		     const char *name)
{
	char text[TEXT_SIZE];

	fprintf(out, "%6s %-*.*s", number, NAME_WIDTH, NAME_WIDTH, name);
	fprintf(out, " %8s", text_rate(text, row->rate.a.value, 8));
	put_change(out, &row->rate, " ");
	fprintf(out, " %8s", text_rate(text, row->cost.a.value, 8));
	put_change(out, &row->cost, " ");
	put_load(out, a, row->load.a.value);
	put_change(out, &row->load, "");
	fputc('\n', out);
}

static const char *load_title(const struct saved *a)
{
	if (!a->tsc_khz)
		return "cycles";
	return a->has_runs ? "time" : "% CPU";
}

void diff_show_part(FILE *out, const struct saved *a, const struct compare *compare)
{
	char number[12];
	size_t i;

	fputc('\n', out);
	if (compare->a->name)
		fprintf(out, "phase %s:\n", compare->a->name);
	fprintf(out, "%6s %-*s %8s %7s  %8s %7s  %6s %7s\n", "reason", NAME_WIDTH,
		"name", a->has_runs ? "exits" : "exits/s", "change", "/exit",
		"change", load_title(a), "change");
	for (i = 0; i < compare->nr_rows; i++)
		show_row(out, a, &compare->rows[i],
			 reason_number(compare->rows[i].reason, number),
			 reason_name(a->isa, compare->rows[i].reason));
	show_row(out, a, &compare->all, "", "all");
}

static json_t *mean_json(const struct mean *mean)
{
	return json_pack("{sf so}", "mean", mean->value, "standard_error",
			 mean->error < 0 ? json_null() : json_real(mean->error));
}

static json_t *change_json(const struct change *change)
{
	return json_pack("{so so so sf sb}", "a", mean_json(&change->a),
			 "b", mean_json(&change->b), "change_percent",
			 change->a.value ? json_real(change->percent) : json_null(),
			 "chance", change->chance, "differs", change->differs);
}

static json_t *row_json(const struct compare_row *row)
{
	return json_pack("{so so so}", "exits", change_json(&row->rate),
			 "cycles", change_json(&row->load),
			 "cycles_per_exit", change_json(&row->cost));
}

static json_t *part_json(const struct saved *a, const struct compare *part)
{
	json_t *rows = json_array(), *row;
	size_t i;

	for (i = 0; rows && i < part->nr_rows; i++) {
		row = row_json(&part->rows[i]);
		json_object_set_new(row, "reason",
				    json_reason(part->rows[i].reason));
		json_object_set_new(row, "name", json_string(
				    reason_name(a->isa, part->rows[i].reason)));
		json_array_append_new(rows, row);
	}
	return json_pack("{ss? sb sI sI so so}", "phase", part->a->name,
			 "differs", part->differs,
			 "steps_a", (json_int_t)part->a->nr,
			 "steps_b", (json_int_t)part->b->nr,
			 "all", row_json(&part->all), "rows", rows);
}

/* JSON is UTF-8; the name of a file may be anything. */
static json_t *path_json(const char *path)
{
	json_t *string = json_string(path);
	char *text, *c;

	if (string)
		return string;
	text = strdup(path);
	for (c = text; c && *c; c++) {
		if (!isascii(*c))
			*c = '?';
	}
	string = text ? json_string(text) : NULL;
	free(text);
	return string;
}

static json_t *file_json(const struct saved *saved)
{
	const struct origin *origin = &saved->origin;

	return json_pack("{so ss ss ss ss}", "file", path_json(saved->path),
			 "vm", origin->vm, "host", origin->host,
			 "kernel", origin->kernel, "command", origin->command);
}

int diff_show_json(FILE *out, const struct saved *a, const struct saved *b,
		   const struct compare *parts, size_t nr)
{
	json_t *list = json_array();
	bool differs = false;
	size_t i;

	for (i = 0; list && i < nr; i++) {
		json_array_append_new(list, part_json(a, &parts[i]));
		differs |= parts[i].differs;
	}
	return print_json(out, json_pack("{ss si ss so ss so so sb so}",
		"format", "exitstat-diff", "version", 1, "isa", isa_name(a->isa),
		"tsc_khz", a->tsc_khz ? json_integer(a->tsc_khz) : json_null(),
		"per", a->has_runs ? "run" : "second",
		"a", file_json(a), "b", file_json(b), "differs", differs,
		"parts", list));
}
