// SPDX-License-Identifier: GPL-2.0-only
/* See base/clock.h. */
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"

int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

const char *iso_time(char text[TIME_SIZE], int64_t clock_ns)
{
	time_t seconds = clock_ns / NS_PER_S;
	struct tm utc;
	size_t length;

	gmtime_r(&seconds, &utc);
	length = strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, TIME_SIZE - length, ".%06dZ",
		 (int)(clock_ns % NS_PER_S / 1000));
	return text;
}

int64_t next_tick(int64_t last, double seconds)
{
	int64_t step = (int64_t)(seconds * NS_PER_S);
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	return last && last + step > now ? last + step : now + step;
}

short wait_for_input(int fd, int64_t when, const sigset_t *waiting)
{
	int64_t left = when - clock_ns(CLOCK_MONOTONIC);
	struct pollfd input = { .fd = fd, .events = POLLIN };
	struct timespec time = { 0 };

	if (left > 0) {
		time.tv_sec = left / NS_PER_S;
		time.tv_nsec = left % NS_PER_S;
	}
	return ppoll(&input, 1, &time, waiting) > 0 ? input.revents : 0;
}
