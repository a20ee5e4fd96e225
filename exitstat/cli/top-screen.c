// SPDX-License-Identifier: GPL-2.0-only
/* The screen of --top: as many columns and lines as there are. */
#include <curses.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "base/clock.h"
#include "base/numbers.h"
#include "cli/top-columns.h"
#include "output/table.h"

#define FIRST_ROW	(top_has_times(top) ? 6 : 5)

static bool is_of_number(char c)
{
	return (c >= '0' && c <= '9') || c == '.';
}

/* Where @text, of @columns columns or less, is cut: not in the middle of a number. */
static void cut(char *text, char *end)
{
	if (is_of_number(*end)) {
		while (end > text && is_of_number(end[-1]))
			end--;
	}
	*end = '\0';
}

/* What the terminal cannot show, such as a part of an escape, becomes a '.'. */
static void fit(char *text, int columns)
{
	char *from = text, *to = text;
	mbstate_t state = { 0 };
	wchar_t c;

	while (*from) {
		size_t length = mbrtowc(&c, from, strlen(from), &state);
		bool good = length <= strlen(from) && iswprint(c) && wcwidth(c) >= 0;
		int width = good ? wcwidth(c) : 1;

		if (width > columns) {
			*to = *from;
			to[1] = '\0';
			cut(text, to);
			return;
		}
		columns -= width;
		if (good) {
			memmove(to, from, length);
		} else {
			*to = '.';
			length = 1;
			memset(&state, 0, sizeof(state));
		}
		from += length;
		to += good ? length : 1;
	}
	*to = '\0';
}

__attribute__((format(printf, 2, 3)))
static void put(int y, const char *format, ...)
{
	char text[ROW_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fit(text, COLS);
	if (y < LINES)
		mvaddstr(y, 0, text);
}

static const char *clock_text(char text[TEXT_SIZE], uint64_t time_ns)
{
	uint64_t seconds = time_ns / 1000000000;

	snprintf(text, TEXT_SIZE, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
		 seconds / 3600, seconds / 60 % 60, seconds % 60);
	return text;
}

/* How much of one CPU's time exits took. */
static double handling(const struct top *top, const struct exit_stats_row *all,
		       uint64_t time_ns)
{
	uint32_t tsc_khz = top_lists_vms(top) ? top->host->tsc_khz
					      : top->all.source->tsc_khz;

	return 1e11 * cycles_seconds(row_cycles(all), tsc_khz) /
	       (double)(time_ns ? time_ns : 1);
}

static void put_host_title(const struct top *top)
{
	const struct host *host = top->host;
	char unreadable[48] = "";

	if (host->nr_unreadable)
		snprintf(unreadable, sizeof(unreadable), ", %zu cannot be read",
			 host->nr_unreadable);
	put(0, "exitstat: this host, TSC at %u kHz, every %g s, %zu VM%s%s",
	    host->tsc_khz, top->interval, host->nr, host->nr == 1 ? "" : "s",
	    unreadable);
}

static void put_vm_title(const struct top *top)
{
	const struct source *source = top->all.source;
	bool named = source->name && strcmp(source->name, "-");
	const char *input = top->env->input;
	char what[VM_ID_SIZE + VM_NAME_SIZE + 32], vcpu[20] = "";

	if (source->vm && source->vcpu >= 0)
		snprintf(vcpu, sizeof(vcpu), " vCPU %d", source->vcpu);
	if (source->vm)
		snprintf(what, sizeof(what), "VM %s%s%s%s", source->vm, vcpu,
			 named ? " " : "", named ? source->name : "");
	put(0, "exitstat: %s, TSC at %u kHz, every %g s, %s",
	    isa_title(source->isa), source->tsc_khz, top->interval,
	    source->vm ? what : input ? input : "this VM");
}

static void put_vm_totals(const struct top *top)
{
	const struct sample *now = &top->all.now, *since = &top->all.since;
	char rate[TEXT_SIZE], time[TEXT_SIZE], accounts[ACCOUNTS_SIZE];

	put(1, "now:   %s exits/s, %.2f%% of a CPU's time handles them",
	    text_count(rate, per_second(now->all.exits, now->time_ns), 12),
	    handling(top, &now->all, now->time_ns));
	put(2, "%s %" PRIu64 " exits in %s, %.2f%% of a CPU's time",
	    top->reset ? "reset:" : "start:", since->all.exits,
	    clock_text(time, since->time_ns),
	    handling(top, &since->all, since->time_ns));
	/* Before the second refresh there is nothing that happens now. */
	if (now->has_times)
		put(4, "time%% %s", accounts_text(accounts,
			sum_of_accounts(now) ? now : since));
}

/* VMs differ in age: only since a reset is there one time of all. */
static void put_host_totals(const struct top *top)
{
	char rate[TEXT_SIZE], time[TEXT_SIZE], accounts[ACCOUNTS_SIZE];
	const struct host *host = top->host;
	const struct exit_stats_row none = { 0 };
	const struct exit_stats_row *now = host->reads > 1 ? &host->all.all : &none;
	uint64_t exits = 0;
	size_t i;

	for (i = 0; i < top->nr_lines; i++)
		exits += top->lines[i].since.exits;
	put(1, "now:   %s exits/s, %.2f%% of a CPU's time handles them",
	    text_count(rate, per_second(now->exits, host->elapsed_ns), 12),
	    handling(top, now, host->elapsed_ns));
	if (top->reset)
		put(2, "reset: %" PRIu64 " exits in %s", exits,
		    clock_text(time, host->read_ns > top->reset_ns ?
			       host->read_ns - top->reset_ns : 0));
	else
		put(2, "start: %" PRIu64 " exits since each VM's start", exits);
	if (host->all.has_times)
		put(4, "time%% %s", accounts_text(accounts, &host->all));
}

/* Which rows there are, where not all are on the screen. */
static const char *rows_text(const struct top *top, char text[64])
{
	size_t last = top->first + top->page;

	text[0] = '\0';
	if (top->nr_lines > top->page && top->page)
		snprintf(text, 64, "rows %zu-%zu of %zu; ", top->first + 1,
			 last < top->nr_lines ? last : top->nr_lines,
			 top->nr_lines);
	return text;
}

static void put_status(const struct top *top)
{
	static const char *const sorted[] = {
		[SORT_EXITS]	= "exits",
		[SORT_CYCLES]	= "cycles",
		[SORT_COST]	= "cycles per exit",
		[SORT_P99]	= "p99",
		[SORT_MAX]	= "max",
	};
	enum sort_key key = top->sort != SORT_DEFAULT ? top->sort :
			    top_has_times(top) ? SORT_CYCLES : SORT_EXITS;
	const char *keys = top_lists_vms(top) ? "arrows, Enter: into a VM, " :
			   top->host ? "v vCPUs, Esc: all VMs, " : "";
	char rows[64];

	if (top->asking)
		put(3, "seconds between refreshes: %s_", top->delay);
	else if (top->message)
		put(3, "%s", top->message);
	else if (top->ended && top->host)
		put(3, "%s; Esc: all VMs, h help, q quit", top->why);
	else
		put(3, "%sby %s; %s%sh help, q quit", top->ended ? "at the end; " :
		    top->paused ? "paused; " : "", sorted[key],
		    rows_text(top, rows), keys);
}

static void put_rows(const struct top *top)
{
	char text[ROW_SIZE];
	size_t i;

	top_row_text(top, NULL, text);
	attron(A_REVERSE);
	put(FIRST_ROW - 1, "%s", text);
	attroff(A_REVERSE);
	for (i = 0; i < top->page && top->first + i < top->nr_lines; i++) {
		bool here = top_lists_vms(top) && top->first + i == top->cursor;

		top_row_text(top, &top->lines[top->first + i], text);
		if (here)
			attron(A_REVERSE);
		put(FIRST_ROW + (int)i, "%s", text);
		attroff(A_REVERSE);
	}
}

static void put_help(void)
{
	static const char *const lines[] = {
		"exitstat top",
		"",
		"  e c p     sort by exits, cycles, cycles per exit",
		"  t 9 m     show p50, p99, max, or not; sort by p99, by max",
		"  space     pause, and go on",
		"  r         reset: count from now on",
		"  up down   other rows, or another VM; also k j, page up, page down, home, end",
		"  Enter     into the VM; also right",
		"  Esc       back to all VMs; also left, backspace",
		"  v         vCPUs, or exit reasons (of a VM on a host)",
		"  d         delay between refreshes",
		"  h         this help",
		"  q         quit",
		"",
		"time%: where the time of the vCPUs went between these.",
		"exits/s, the next columns and per exit: between the last two",
		"refreshes; kern%, vmm% and wait% are of all that exits cost; in the",
		"list of VMs they, and cpu%, their sum, are of the time of one CPU.",
		"The columns behind them: since the VM started, or the reset.",
		"Rows are sorted by what happens now. Exits that reading these",
		"numbers causes are left out, but not of p50, p99 and max.",
		"",
		"Any key goes back.",
	};
	int i;

	for (i = 0; i < (int)(sizeof(lines) / sizeof(lines[0])); i++)
		put(i, "%s", lines[i]);
}

static void put_all(struct top *top)
{
	top->page = LINES > FIRST_ROW ? LINES - FIRST_ROW : 0;
	top_scroll(top);
	if (top_lists_vms(top)) {
		put_host_title(top);
		put_host_totals(top);
	} else {
		put_vm_title(top);
		put_vm_totals(top);
	}
	put_status(top);
	put_rows(top);
}

void top_draw(struct top *top)
{
	erase();
	if (top->help)
		put_help();
	else
		put_all(top);
	refresh();
}
