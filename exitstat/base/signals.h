/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SIGINT, SIGTERM and SIGHUP, for what must tidy up before it ends; SIGCHLD, for
 * what waits for a command.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>

/* The one that came, or 0; never SIGCHLD. */
extern volatile sig_atomic_t stopped;

/* From now on they come only in ppoll() with the mask @waiting. */
void catch_signals(sigset_t *waiting);

#endif /* SIGNALS_H */
