// SPDX-License-Identifier: GPL-2.0-only
/* See base/numbers.h. */
#include <stdio.h>

#include "base/numbers.h"

double per_second(uint64_t events, uint64_t time_ns)
{
	return time_ns ? (double)events * 1e9 / (double)time_ns : 0.0;
}

double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0.0;
}

double cycles_seconds(uint64_t cycles, uint32_t tsc_khz)
{
	return tsc_khz ? (double)cycles / 1000.0 / (double)tsc_khz : 0.0;
}

const char *text_count(char text[TEXT_SIZE], double value, int width)
{
	static const char units[] = "kMGTPEZ";
	int unit = 0, digits = 2;

	if (snprintf(text, TEXT_SIZE, "%.0f", value) <= width)
		return text;
	for (value /= 1000; value >= 999.5 && units[unit + 1]; unit++)
		value /= 1000;
	while (snprintf(text, TEXT_SIZE, "%.*f%c", digits, value,
			units[unit]) > width && digits)
		digits--;
	return text;
}

const char *text_rate(char text[TEXT_SIZE], double value, int width)
{
	if (snprintf(text, TEXT_SIZE, "%.1f", value) <= width)
		return text;
	return text_count(text, value, width);
}

const char *text_share(char text[TEXT_SIZE], uint64_t part, uint64_t whole)
{
	double percent = 100.0 * share(part, whole);

	/* Only what makes no sense is more than all. */
	snprintf(text, TEXT_SIZE, percent < 999.95 ? "%.1f" : ">999", percent);
	return text;
}

const char *text_time(char text[TEXT_SIZE], uint64_t cycles, uint32_t tsc_khz)
{
	static const struct {
		double limit, factor;
		int digits;
		const char *unit;
	} units[] = {
		{ 999.5e-9, 1e9, 0, "ns" },
		{ 999.5e-6, 1e6, 0, "us" },
		{ 99.95e-3, 1e3, 1, "ms" },
		{ 999.5e-3, 1e3, 0, "ms" },
		{ 99.95, 1, 2, "s" },
		{ 99999, 1, 0, "s" },
		{ 99999 * 3600.0, 1 / 3600.0, 0, "h" },
		{ 0, 1 / 31557600.0, 0, "y" },
	};
	double seconds = cycles_seconds(cycles, tsc_khz);
	unsigned int i = 0;

	if (!tsc_khz)
		return "-";
	while (units[i].limit && seconds >= units[i].limit)
		i++;
	snprintf(text, TEXT_SIZE, "%.*f%s", units[i].digits,
		 seconds * units[i].factor, units[i].unit);
	return text;
}

const char *text_fine_time(char text[TEXT_SIZE], uint64_t cycles,
			   uint32_t tsc_khz)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = cycles_seconds(cycles, tsc_khz) * 1e9;
	int unit = 0, digits;

	while (unit < 3 && value >= 999.5) {
		value /= 1000;
		unit++;
	}
	/* Longer than a thousand seconds, or not known. */
	if (value >= 999.5 || !tsc_khz)
		return text_time(text, cycles, tsc_khz);
	digits = !unit || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
	snprintf(text, TEXT_SIZE, "%.*f%s", digits, value, units[unit]);
	return text;
}
