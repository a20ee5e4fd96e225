/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a test in C speaks: KTAP.  A verdict is a line "ok N name" or "not ok N
 * name"; lines of "# " below it say what was expected, what came, and where to
 * look.  The runner on the host numbers anew, so each program begins at 1.
 * TAP_PREFIX and TAP_SUFFIX in the environment go around each name: one test
 * may run twice in a job.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct tap {
	FILE *out;		/* stdout if NULL */
	unsigned int nr;
	unsigned int failed;
};

/* This program's own. */
extern struct tap tap;

bool tap_verdict(struct tap *tap, bool ok, const char *name);
void tap_skip(struct tap *tap, const char *name, const char *why);
__attribute__((format(printf, 2, 3)))
void tap_note(struct tap *tap, const char *format, ...);

/* For the macros below, which show the expression and where it stands. */
struct tap_place {
	const char *text;
	const char *file;
	int line;
};

bool tap_check_true(bool ok, const char *name, struct tap_place place);
bool tap_check_is(uint64_t actual, uint64_t expected, const char *name,
		  struct tap_place place);
bool tap_check_in(uint64_t actual, uint64_t least, uint64_t most,
		  const char *name, struct tap_place place);
bool tap_check_bytes(const void *actual, const void *expected, size_t size,
		     const char *name, struct tap_place place);

#define TAP_PLACE(text) ((struct tap_place){ text, __FILE__, __LINE__ })

/* For what has no number: prefer the others. */
#define tap_true(condition, name) \
	tap_check_true(condition, name, TAP_PLACE(#condition))
#define tap_is(actual, expected, name) \
	tap_check_is(actual, expected, name, TAP_PLACE(#actual))
#define tap_in(actual, least, most, name) \
	tap_check_in(actual, least, most, name, TAP_PLACE(#actual))
/* Two objects, byte for byte; a red one shows both as 32-bit words. */
#define tap_same(actual, expected, name) \
	tap_check_bytes(actual, expected, sizeof(*(actual)), name, \
			TAP_PLACE(#actual))

#endif /* TAP_H */
