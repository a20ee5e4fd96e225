// SPDX-License-Identifier: GPL-2.0-only
/* exitstat --top: live, as top is. */
#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "base/terminal.h"
#include "cli/top.h"
#include "source/source.h"

#define ESCAPE		27
#define MIN_DELAY	0.01
#define MAX_DELAY	3600

static void drop_vcpus(struct top *top)
{
	size_t i;

	for (i = 0; i < top->nr_vcpus; i++) {
		top->vcpus[i].source->close(top->vcpus[i].source);
		track_free(&top->vcpus[i]);
	}
	free(top->vcpus);
	top->vcpus = NULL;
	top->nr_vcpus = 0;
	top->by_vcpu = false;
}

static int add_vcpu(struct top *top, int vcpu)
{
	struct track *track, *vcpus;
	struct source *source = vm_open_vcpu(top->all.source, vcpu);

	/* It may have gone since it was listed. */
	if (!source)
		return 0;
	vcpus = reallocarray(top->vcpus, top->nr_vcpus + 1, sizeof(*vcpus));
	if (!vcpus) {
		source->close(source);
		return complain("out of memory");
	}
	top->vcpus = vcpus;
	track = &vcpus[top->nr_vcpus++];
	*track = (struct track){ .source = source, .vcpu = vcpu };
	return track_read(track);
}

/* Those that the VM has now: one that comes later is seen with the next "v". */
static int show_vcpus(struct top *top)
{
	int vcpu = -1;

	if (!top->env->vm || top->env->vcpu >= 0) {
		top->message = "vCPUs need --vm, without --vcpu";
		return 0;
	}
	while ((vcpu = vm_next_vcpu(top->all.source, vcpu)) >= 0) {
		if (add_vcpu(top, vcpu))
			return -1;
	}
	top->by_vcpu = true;
	return 0;
}

/* 0, or -1 after a line on stderr. */
static int read_all(struct top *top)
{
	int status = track_read(&top->all);
	size_t i;

	for (i = 0; !status && i < top->nr_vcpus; i++)
		status = track_read(&top->vcpus[i]);
	if (status > 0)
		top->ended = true;
	if (!status && top->all.samples.anew) {
		top->message = "the host's counts began anew, as those of another VM";
		top->reset = false;
	}
	return status < 0 ? -1 : 0;
}

static int reset_all(struct top *top)
{
	size_t i;

	top->reset = true;
	for (i = 0; i < top->nr_vcpus; i++) {
		if (track_reset(&top->vcpus[i]))
			return -1;
	}
	return track_reset(&top->all);
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

	if (key == '\n' || key == '\r' || key == KEY_ENTER)
		take_delay(top);
	else if (key == ESCAPE)
		top->asking = false;
	else if ((key == KEY_BACKSPACE || key == '\b' || key == 127) && length)
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

/* 0, or 1 to quit, or -1 after a line on stderr. */
static int handle_command(struct top *top, int key)
{
	switch (key) {
	case 'q': return 1;
	case 'e': top->sort = SORT_EXITS; break;
	case 'c': top->sort = SORT_CYCLES; break;
	case 'p': top->sort = SORT_COST; break;
	case ' ': top->paused = !top->paused; break;
	case 'r': return reset_all(top);
	case 'd': ask_delay(top); break;
	case 'h': case '?': top->help = true; break;
	case 'v':
		if (!top->by_vcpu)
			return show_vcpus(top);
		drop_vcpus(top);
		break;
	}
	return 0;
}

static int handle_key(struct top *top, int key)
{
	if (key == KEY_RESIZE)
		return 0;
	top->message = NULL;
	if (top->help)
		top->help = false;
	else if (top->asking)
		edit_delay(top, key);
	else
		return handle_command(top, key);
	return 0;
}

/* 0, or 1 to quit, or -1 after a line on stderr. */
static int handle_keys(struct top *top)
{
	int key, status = 0;

	while (!status && (key = getch()) != ERR)
		status = handle_key(top, key);
	top_draw(top);
	return status;
}

/* Until the next refresh; as handle_keys(). */
static int wait_for(struct top *top, int64_t when, const sigset_t *waiting)
{
	int status = 0;

	do {
		/* The terminal is gone. */
		if (wait_for_input(STDIN_FILENO, when, waiting) &
		    (POLLHUP | POLLERR | POLLNVAL))
			return 1;
		/* Also after a signal: the size may have changed. */
		status = handle_keys(top);
	} while (!status && !stopped && clock_ns(CLOCK_MONOTONIC) < when);
	return status;
}

/* A new interval holds from the next refresh on, as in top. */
static int watch(struct top *top, const sigset_t *waiting)
{
	int status = 0;

	while (!status && !stopped) {
		if (!top->paused && !top->ended && read_all(top))
			return -1;
		top_draw(top);
		status = wait_for(top, next_tick(0, top->interval), waiting);
	}
	return status < 0 ? -1 : 0;
}

static int show(struct top *top)
{
	sigset_t waiting;
	int status;

	catch_signals(&waiting);
	if (terminal_open())
		return -1;
	status = watch(top, &waiting);
	terminal_close();
	if (stopped) {
		/* Whoever waits for this is told what ended it. */
		signal(stopped, SIG_DFL);
		raise(stopped);
		sigprocmask(SIG_SETMASK, &waiting, NULL);
	}
	return status;
}

int run_top(const struct env *env, struct source *source)
{
	struct top top = {
		.env = env,
		.all = { .source = source, .vcpu = -1 },
		.sort = env->sort,
		.interval = env->interval ? env->interval : 1,
	};
	int status = show(&top);

	drop_vcpus(&top);
	track_free(&top.all);
	return status ? STATUS_FAILED : STATUS_OK;
}
