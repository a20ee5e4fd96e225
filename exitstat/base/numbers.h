/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as people read them, in few columns. */
#ifndef TEXT_H
#define TEXT_H

#include <stdint.h>

#define TEXT_SIZE	32

/* All return @text. */

/* @value as it is, or in k, M, G, T, P, E where that is wider than @width. */
const char *text_count(char text[TEXT_SIZE], double value, int width);
/* With a digit after the point where there is room. */
const char *text_rate(char text[TEXT_SIZE], double value, int width);
const char *text_share(char text[TEXT_SIZE], uint64_t part, uint64_t whole);

/* What @cycles take, as 1.23s or 123us; "-" where the frequency is not known. */
const char *text_time(char text[TEXT_SIZE], uint64_t cycles, uint32_t tsc_khz);

/* The same with three digits, in up to six columns: 1.23us, 12.3us, 123us. */
const char *text_fine_time(char text[TEXT_SIZE], uint64_t cycles,
			   uint32_t tsc_khz);

double per_second(uint64_t events, uint64_t time_ns);
double share(uint64_t part, uint64_t whole);
double cycles_seconds(uint64_t cycles, uint32_t tsc_khz);

#endif /* TEXT_H */
