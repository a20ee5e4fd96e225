/* SPDX-License-Identifier: GPL-2.0-only */
/* Clocks, in nanoseconds, and when the next interval ends. */
#ifndef CLOCK_H
#define CLOCK_H

#include <signal.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_S	INT64_C(1000000000)

int64_t clock_ns(clockid_t clock);

/* A time of day as 2026-11-28T06:47:27.123456Z.  Returns @text. */
#define TIME_SIZE	40

const char *iso_time(char text[TIME_SIZE], int64_t clock_ns);

/*
 * The end of an interval of @seconds that begins when the one that ended at
 * @last did, or now if @last is 0, in CLOCK_MONOTONIC.  After a long stop it does
 * not catch up: the interval then begins now.
 */
int64_t next_tick(int64_t last, double seconds);

/*
 * Wait until @when, or until @fd (-1: none) can be read; @waiting is the signal
 * mask meanwhile, or NULL.  Returns what poll() has of @fd: 0 if it has nothing.
 */
short wait_for_input(int fd, int64_t when, const sigset_t *waiting);

#endif /* CLOCK_H */
