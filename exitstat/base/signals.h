/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SIGINT, SIGTERM, SIGHUP, and SIGCHLD of a command, for what must tidy up before
 * it ends.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>

/* The one that came, or 0. */
extern volatile sig_atomic_t stopped;

/* From now on they come only in ppoll() with the mask @waiting. */
void catch_signals(sigset_t *waiting);

#endif /* SIGNALS_H */
