// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

struct tap tap;

static FILE *output(const struct tap *tap)
{
	return tap->out ? tap->out : stdout;
}

static const char *around(const char *variable)
{
	const char *text = getenv(variable);

	return text ? text : "";
}

static void print_name(struct tap *tap, const char *word, const char *name)
{
	fprintf(output(tap), "%s %u %s%s%s", word, ++tap->nr,
		around("TAP_PREFIX"), name, around("TAP_SUFFIX"));
}

bool tap_verdict(struct tap *tap, bool ok, const char *name)
{
	print_name(tap, ok ? "ok" : "not ok", name);
	fputc('\n', output(tap));
	tap->failed += !ok;
	return ok;
}

void tap_skip(struct tap *tap, const char *name, const char *why)
{
	print_name(tap, "ok", name);
	fprintf(output(tap), " # SKIP %s\n", why);
}

void tap_note(struct tap *tap, const char *format, ...)
{
	va_list arguments;

	fputs("# ", output(tap));
	va_start(arguments, format);
	vfprintf(output(tap), format, arguments);
	va_end(arguments);
	fputc('\n', output(tap));
}

static void show_place(struct tap_place place)
{
	tap_note(&tap, "of: %s", place.text);
	tap_note(&tap, "see %s:%d", place.file, place.line);
}

bool tap_check_true(bool ok, const char *name, struct tap_place place)
{
	if (tap_verdict(&tap, ok, name))
		return true;
	tap_note(&tap, "expected: true");
	tap_note(&tap, "actual: false");
	show_place(place);
	return false;
}

bool tap_check_is(uint64_t actual, uint64_t expected, const char *name,
		  struct tap_place place)
{
	if (tap_verdict(&tap, actual == expected, name))
		return true;
	tap_note(&tap, "expected: %" PRIu64, expected);
	tap_note(&tap, "actual: %" PRIu64, actual);
	show_place(place);
	return false;
}

bool tap_check_in(uint64_t actual, uint64_t least, uint64_t most,
		  const char *name, struct tap_place place)
{
	bool ok = tap_verdict(&tap, actual >= least && actual <= most, name);

	if (most == UINT64_MAX)
		tap_note(&tap, "expected: %" PRIu64 " or more", least);
	else
		tap_note(&tap, "expected: %" PRIu64 " to %" PRIu64, least, most);
	tap_note(&tap, "actual: %" PRIu64, actual);
	if (!ok)
		show_place(place);
	return ok;
}

static void show_words(const char *what, const void *bytes, size_t size)
{
	uint32_t word;
	size_t at;

	fprintf(output(&tap), "# %s:", what);
	for (at = 0; at + sizeof(word) <= size; at += sizeof(word)) {
		memcpy(&word, (const char *)bytes + at, sizeof(word));
		fprintf(output(&tap), " %08" PRIx32, word);
	}
	fputc('\n', output(&tap));
}

bool tap_check_bytes(const void *actual, const void *expected, size_t size,
		     const char *name, struct tap_place place)
{
	if (tap_verdict(&tap, !memcmp(actual, expected, size), name))
		return true;
	show_words("expected", expected, size);
	show_words("actual", actual, size);
	show_place(place);
	return false;
}
