// SPDX-License-Identifier: GPL-2.0-only
/* The rows of --top: what they are about, their order, and which are seen. */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "cli/top.h"

static double now_value(const struct line *line, enum sort_key key)
{
	return sort_needs_tail(key) ? tail_sort_value(&line->tail, key)
				    : row_sort_value(&line->now, key);
}

/* What happens now; where nothing does, what happened before. */
static int compare_lines(const void *left, const void *right, void *key)
{
	const struct line *a = left, *b = right;
	enum sort_key by = *(const enum sort_key *)key;
	double now_a = now_value(a, by), now_b = now_value(b, by);
	double since_a = row_sort_value(&a->since, by), since_b = row_sort_value(&b->since, by);

	if (now_a != now_b)
		return now_a < now_b ? 1 : -1;
	if (since_a != since_b)
		return since_a < since_b ? 1 : -1;
	if (a->order != b->order)
		return a->order > b->order ? 1 : -1;
	return strcmp(a->id, b->id);
}

static void take_now(struct line *line, const struct sample *now,
		     const struct exit_stats_row *row)
{
	line->now = *row;
	if (!now->hists.known)
		return;
	if (row == &now->all)
		sample_tail_of_all(now, &line->tail);
	else
		sample_tail(now, row->reason, &line->tail);
}

/* All that moved now moved since the base, too.  Both ascend by reason. */
static void get_reasons(struct top *top)
{
	const struct sample *now = &top->all.now, *since = &top->all.since;
	uint32_t i, n = 0;

	for (i = 0; i < since->nr_rows; i++) {
		const struct exit_stats_row *row = &since->rows[i];
		struct line *line = &top->lines[i];
		char number[12];

		strcpy(line->id, reason_number(row->reason, number));
		line->name = reason_name(top->all.source->isa, row->reason);
		line->order = i;
		line->now_ns = now->time_ns;
		line->since = *row;
		while (n < now->nr_rows && now->rows[n].reason < row->reason)
			n++;
		if (n < now->nr_rows && now->rows[n].reason == row->reason)
			take_now(line, now, &now->rows[n]);
	}
	top->nr_lines = since->nr_rows;
}

static void get_vcpus(struct top *top)
{
	size_t i;

	for (i = 0; i < top->nr_vcpus; i++) {
		const struct track *vcpu = &top->vcpus[i];
		struct line *line = &top->lines[i];

		snprintf(line->id, sizeof(line->id), "%d", vcpu->vcpu);
		line->name = "vCPU";
		line->order = i;
		line->now_ns = vcpu->now.time_ns;
		take_now(line, &vcpu->now, &vcpu->now.all);
		line->since = vcpu->since.all;
	}
	top->nr_lines = top->nr_vcpus;
}

/* The first read of all VMs tells nothing of now. */
static void get_vms(struct top *top)
{
	const struct host *host = top->host;
	size_t i;

	for (i = 0; i < host->nr; i++) {
		const struct host_vm *vm = &host->vms[i];
		struct line *line = &top->lines[i];

		strcpy(line->id, vm->id);
		line->name = vm->name;
		line->inode = vm->inode;
		line->vcpus = vm->vcpus;
		if (host->reads > 1) {
			take_now(line, &vm->change, &vm->change.all);
			line->now_ns = vm->change.time_ns;
		}
		row_subtract(&line->since, &vm->samples.new.all, &vm->base);
	}
	top->nr_lines = host->nr;
}

/*
 * The cursor stays on its VM when that has another row.  Where the VM was is the
 * cursor when it has ended.
 */
static void find_cursor(struct top *top)
{
	size_t i;

	if (!top_lists_vms(top))
		return;
	for (i = 0; i < top->nr_lines; i++) {
		if (top->lines[i].inode == top->selected_inode &&
		    !strcmp(top->lines[i].id, top->selected))
			top->cursor = i;
	}
	if (!top->selected[0])
		top->cursor = 0;
	else if (top->nr_lines && top->cursor >= top->nr_lines)
		top->cursor = top->nr_lines - 1;
}

int top_make_lines(struct top *top)
{
	enum sort_key key = top->sort;
	size_t max = top_lists_vms(top) ? top->host->nr :
		     top->by_vcpu ? top->nr_vcpus : top->all.since.nr_rows;

	if (key == SORT_DEFAULT)
		key = top_has_times(top) ? SORT_CYCLES : SORT_EXITS;
	free(top->lines);
	top->nr_lines = 0;
	top->lines = calloc(max + 1, sizeof(*top->lines));
	if (!top->lines)
		return complain("out of memory");
	if (top_lists_vms(top))
		get_vms(top);
	else if (top->by_vcpu)
		get_vcpus(top);
	else
		get_reasons(top);
	qsort_r(top->lines, top->nr_lines, sizeof(*top->lines), compare_lines,
		&key);
	find_cursor(top);
	return 0;
}

/* How far @key moves; false if it does not. */
static bool get_step(const struct top *top, int key, long *step)
{
	long page = top->page ? (long)top->page : 1;

	switch (key) {
	case KEY_UP: case 'k': *step = -1; break;
	case KEY_DOWN: case 'j': *step = 1; break;
	case KEY_PPAGE: *step = -page; break;
	case KEY_NPAGE: *step = page; break;
	case KEY_HOME: *step = -(long)top->nr_lines; break;
	case KEY_END: *step = (long)top->nr_lines; break;
	default: return false;
	}
	return true;
}

static size_t moved(size_t from, long step, size_t last)
{
	long to = (long)from + step;

	if (to < 0)
		return 0;
	return (size_t)to < last ? (size_t)to : last;
}

static size_t last_first(const struct top *top)
{
	return top->nr_lines > top->page ? top->nr_lines - top->page : 0;
}

void top_scroll(struct top *top)
{
	if (top_lists_vms(top) && top->page) {
		if (top->first > top->cursor)
			top->first = top->cursor;
		if (top->first + top->page <= top->cursor)
			top->first = top->cursor - top->page + 1;
	}
	if (top->first > last_first(top))
		top->first = last_first(top);
}

bool top_move(struct top *top, int key)
{
	long step;

	if (!get_step(top, key, &step))
		return false;
	if (!top->nr_lines)
		return true;
	if (top_lists_vms(top)) {
		top->cursor = moved(top->cursor, step, top->nr_lines - 1);
		strcpy(top->selected, top->lines[top->cursor].id);
		top->selected_inode = top->lines[top->cursor].inode;
		top_scroll(top);
		return true;
	}
	top->first = moved(top->first, step, last_first(top));
	return true;
}
