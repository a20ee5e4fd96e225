// SPDX-License-Identifier: GPL-2.0-only
/* How fast this host's TSC is, which KVM's debugfs does not tell. */
#include <time.h>
#include <x86intrin.h>

#include "base/clock.h"
#include "source/tsc.h"

#define MEASURE_NS	50000000

/* The time, and the TSC as it was between two near looks at the clock. */
static uint64_t take_both(uint64_t *tsc)
{
	uint64_t before, after, best = UINT64_MAX, time = 0;
	int i;

	for (i = 0; i < 10; i++) {
		uint64_t now;

		before = clock_ns(CLOCK_MONOTONIC_RAW);
		now = __rdtsc();
		after = clock_ns(CLOCK_MONOTONIC_RAW);
		if (after - before >= best)
			continue;
		best = after - before;
		time = before + best / 2;
		*tsc = now;
	}
	return time;
}

uint32_t measure_tsc_khz(void)
{
	struct timespec pause = { .tv_nsec = MEASURE_NS };
	uint64_t tsc[2] = { 0 }, start, end;

	start = take_both(&tsc[0]);
	nanosleep(&pause, NULL);
	end = take_both(&tsc[1]);
	return end > start ? (tsc[1] - tsc[0]) * 1000000 / (end - start) : 0;
}
