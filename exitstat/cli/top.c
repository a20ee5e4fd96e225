// SPDX-License-Identifier: GPL-2.0-only
/* exitstat --top: live, as top is. */
#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "base/terminal.h"
#include "cli/top.h"
#include "source/host.h"
#include "source/tsc.h"

#define ESCAPE	27

/* 0, or 1 if the VM has ended, or -1 after a line on stderr. */
static int read_vm(struct top *top)
{
	int status = track_read(&top->all);
	size_t i;

	for (i = 0; !status && i < top->nr_vcpus; i++)
		status = track_read(&top->vcpus[i]);
	if (!status && top->all.samples.anew) {
		top->message = "the host's counts began anew, as those of another VM";
		top->reset = false;
	}
	/* Of a VM that was chosen of many, only the look at it ends. */
	return top->host && status ? 1 : status;
}

/* 0, or -1 after a line on stderr. */
static int read_all(struct top *top)
{
	int status = 0;

	if (top_lists_vms(top))
		status = -!!host_read(top->host, top->env->debugfs,
				      top->env->proc);
	else if (!top->ended)
		status = read_vm(top);
	if (status > 0)
		top->ended = true;
	if (!status)
		top_check_tail(top);
	return status < 0 ? -1 : top_make_lines(top);
}

/*
 * The next key, or ERR.  What begins as a key of more than one character, and is
 * none that is known, is no Escape: it is 0, and its rest is dropped.
 */
static int next_key(void)
{
	int key = getch(), next = key == ESCAPE ? getch() : ERR;

	if (next == ERR)
		return key;
	if (next != '[' && next != 'O') {
		ungetch(next);
		return key;
	}
	do
		next = getch();
	while (next != ERR && (next < '@' || next > '~'));
	return 0;
}

/* 0, or 1 to quit, or -1 after a line on stderr. */
static int handle_keys(struct top *top)
{
	int key, status = 0;

	while (!status && (key = next_key()) != ERR)
		status = top_handle_key(top, key);
	/* Of what was gone to just now, there is nothing yet. */
	if (!status && !top->refresh)
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
	} while (!status && !stopped && !top->refresh &&
		 clock_ns(CLOCK_MONOTONIC) < when);
	return status;
}

/* A new interval holds from the next refresh on, as in top.  VMs were read. */
static int watch(struct top *top, const sigset_t *waiting)
{
	int status;

	if (top->host)
		top_check_tail(top);
	status = top->host ? top_make_lines(top) : read_all(top);

	while (!status && !stopped) {
		top_draw(top);
		status = wait_for(top, next_tick(0, top->interval), waiting);
		if (!status && !stopped && (!top->paused || top->refresh))
			status = read_all(top);
		top->refresh = false;
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

static int run(struct top *top)
{
	int status = show(top);

	top_leave(top);
	top_drop_vcpus(top);
	track_free(&top->all);
	free(top->lines);
	return status ? STATUS_FAILED : STATUS_OK;
}

/* What is wrong with the host is said before there is a screen. */
static int run_host_top(struct top *top)
{
	const struct env *env = top->env;
	struct host host = {
		.tsc_khz = env->tsc_khz ? env->tsc_khz : measure_tsc_khz(),
		.wants_hists = env->tail,
	};
	int status = host_read(&host, env->debugfs, env->proc);

	top->host = &host;
	if (!status)
		status = run(top);
	host_free(&host);
	return status;
}

int run_top(const struct env *env, struct source *source)
{
	struct top top = {
		.env = env,
		.all = { .source = source, .vcpu = -1 },
		.sort = env->sort,
		.tail = env->tail,
		.interval = env->interval ? env->interval : 1,
	};

	if (source)
		source->wants_hists = env->tail;
	return source ? run(&top) : run_host_top(&top);
}
