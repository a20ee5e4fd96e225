// SPDX-License-Identifier: GPL-2.0-only
/* See base/signals.h. */
#include <stddef.h>

#include "base/signals.h"

volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = signal;
}

/* A child's signal ends only what waits: it may be anybody's, or have stopped. */
static void wake(int signal)
{
	(void)signal;
}

void catch_signals(sigset_t *waiting)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	struct sigaction action = { 0 };
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		action.sa_handler = signals[i] == SIGCHLD ? wake : stop;
		sigaction(signals[i], &action, NULL);
		sigaddset(&blocked, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, waiting);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigdelset(waiting, signals[i]);
}
