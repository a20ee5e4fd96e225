// SPDX-License-Identifier: GPL-2.0-only
/* What the keys of --top do. */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "cli/top.h"

#define ESCAPE		27
#define MIN_DELAY	0.01
#define MAX_DELAY	3600

static bool is_enter(int key)
{
	return key == '\n' || key == '\r' || key == KEY_ENTER;
}

static bool is_backspace(int key)
{
	return key == KEY_BACKSPACE || key == '\b' || key == 127;
}

static void take_delay(struct top *top)
{
	char *end;
	double delay = strtod(top->delay, &end);

	top->asking = false;
	if (end == top->delay || *end || delay < MIN_DELAY || delay > MAX_DELAY)
		top->message = "not a number of seconds from 0.01 to 3600";
	else
		top->interval = delay;
}

static void edit_delay(struct top *top, int key)
{
	size_t length = strlen(top->delay);

	if (is_enter(key))
		take_delay(top);
	else if (key == ESCAPE)
		top->asking = false;
	else if (is_backspace(key) && length)
		top->delay[length - 1] = '\0';
	else if (key > 0 && key < 128 && strchr("0123456789.", key) &&
		 length < DELAY_SIZE - 1)
		top->delay[length] = (char)key;
}

static void ask_delay(struct top *top)
{
	memset(top->delay, 0, sizeof(top->delay));
	top->asking = true;
}

/* From the list it goes into the VM, too. */
static int toggle_vcpus(struct top *top)
{
	if (top->by_vcpu) {
		top_drop_vcpus(top);
		return 0;
	}
	if (top_lists_vms(top))
		top_enter(top);
	return top_lists_vms(top) ? 0 : top_show_vcpus(top);
}

static bool handle_level(struct top *top, int key)
{
	if (top_lists_vms(top) && (is_enter(key) || key == KEY_RIGHT))
		top_enter(top);
	else if (key == ESCAPE || is_backspace(key) || key == KEY_LEFT)
		top_leave(top);
	else
		return false;
	return true;
}

static void sort_by_tail(struct top *top, enum sort_key key)
{
	if (!top->tail)
		top_set_tail(top, true);
	top->sort = key;
}

static int handle_command(struct top *top, int key)
{
	switch (key) {
	case 'q': return 1;
	case 'e': top->sort = SORT_EXITS; break;
	case 'c': top->sort = SORT_CYCLES; break;
	case 'p': top->sort = SORT_COST; break;
	case 't': top_set_tail(top, !top->tail); break;
	case '9': sort_by_tail(top, SORT_P99); break;
	case 'm': sort_by_tail(top, SORT_MAX); break;
	case ' ': top->paused = !top->paused; break;
	case 'r': return top_reset(top);
	case 'd': ask_delay(top); break;
	case 'h': case '?': top->help = true; break;
	case 'v': return toggle_vcpus(top);
	}
	return 0;
}

/* The rows are made anew: a key may change which they are, or their order. */
int top_handle_key(struct top *top, int key)
{
	int status = 0;

	if (key == KEY_RESIZE)
		return 0;
	top->message = NULL;
	if (top->help)
		top->help = false;
	else if (top->asking)
		edit_delay(top, key);
	else if (!top_move(top, key) && !handle_level(top, key))
		status = handle_command(top, key);
	if (status > 0)
		return status;
	/* Of a VM that was chosen of many, only the look at it ends. */
	if (status && top->host && !top_lists_vms(top)) {
		top_drop_vcpus(top);
		top->ended = true;
		status = 0;
	}
	return status ? status : top_make_lines(top);
}
