// SPDX-License-Identifier: GPL-2.0-only
/* See base/parse.h. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "base/complain.h"

int next_line(struct lines *lines)
{
	size_t length;

	errno = 0;
	lines->number++;
	if (!fgets(lines->text, sizeof(lines->text), lines->in)) {
		if (ferror(lines->in))
			return complain("cannot read %s: %s", lines->name,
					strerror(errno));
		return 1;
	}

	/* A NUL in the line ends it before its newline. */
	length = strlen(lines->text);
	if (!length || lines->text[length - 1] != '\n')
		return feof(lines->in) ? cut_short(lines, "is cut short")
				       : bad_line(lines, "is no line of text");
	lines->text[length - 1] = '\0';
	return 0;
}

int bad_line(const struct lines *lines, const char *why)
{
	return complain("%s, line %lu: %s", lines->name, lines->number, why);
}

int cut_short(struct lines *lines, const char *why)
{
	lines->cut = true;
	return lines->may_be_cut ? -1 : bad_line(lines, why);
}

bool take_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length))
		return false;
	*text += length;
	return true;
}

bool take_number(const char **text, uint64_t max, uint64_t *value)
{
	const char *at = *text;
	uint64_t number = 0;

	if (!isdigit((unsigned char)*at))
		return false;
	for (; isdigit((unsigned char)*at); at++) {
		uint64_t digit = *at - '0';

		if (digit > max || number > (max - digit) / 10)
			return false;
		number = 10 * number + digit;
	}
	*value = number;
	*text = at;
	return true;
}

void make_printable(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '.';
	}
}
