// SPDX-License-Identifier: GPL-2.0-only
/* Exit reasons by number and name: the list of -r, and a list of all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* SVM's errors are -4 to -1. */
static bool parse_number(const char *text, uint32_t *reason)
{
	long number;
	char *end;

	errno = 0;
	number = strtol(text, &end, 0);
	*reason = (uint32_t)number;
	return end != text && !*end && !errno && number >= -4 &&
	       number < END_REASONS;
}

/* 0, or -1 after a line on stderr. */
static int parse_reason(const char *text, uint32_t isa, uint32_t *reason)
{
	int found;

	if (parse_number(text, reason))
		return 0;
	*reason = REASON_OTHER;
	if (!strcasecmp(text, "other"))
		return 0;
	found = find_reason(isa, text, reason);
	if (found > 1)
		return complain("exit reason '%s' may be any of %d: write more of its name",
				text, found);
	if (!found)
		return complain("unknown exit reason '%s': -r takes numbers, or names as the table shows them",
				text);
	return 0;
}

static int by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static int parse_list(char *list, uint32_t isa, uint32_t *reasons, size_t *nr)
{
	char *word;

	while ((word = strsep(&list, ","))) {
		if (parse_reason(word, isa, &reasons[(*nr)++]))
			return STATUS_USAGE;
	}
	qsort(reasons, *nr, sizeof(*reasons), by_number);
	return STATUS_OK;
}

int parse_reasons(const char *text, uint32_t isa, uint32_t **reasons,
		  size_t *nr)
{
	char *list = strdup(text);
	int status = STATUS_FAILED;

	*nr = 0;
	/* Not more of them than characters and the end. */
	*reasons = calloc(strlen(text) + 1, sizeof(**reasons));
	if (list && *reasons)
		status = parse_list(list, isa, *reasons, nr);
	else
		complain("out of memory");
	free(list);
	return status;
}

int run_reasons(void)
{
	static const uint32_t isas[] = {
		KVM_CPUID_EXIT_STATS_ISA_VMX, KVM_CPUID_EXIT_STATS_ISA_SVM,
	};
	char number[12];
	uint32_t reason;
	const char *name;
	size_t isa, i;

	for (isa = 0; isa < 2; isa++) {
		for (i = 0; (name = reason_at(isas[isa], i, &reason)); i++)
			printf("%s %5s %s\n", isa_name(isas[isa]),
			       reason_number(reason, number), name);
	}
	return flush_output(stdout) ? STATUS_FAILED : STATUS_OK;
}
