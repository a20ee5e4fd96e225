// SPDX-License-Identifier: GPL-2.0-only
/* exitstat diff: what is another in B than in A, and is that more than chance? */
#include <stdlib.h>

#include "cli/cli.h"
#include "output/diff.h"

/* How often a comparison of what is the same may tell a difference. */
#define CHANCE	0.01

struct diff {
	const struct env *env;
	struct saved a, b;
	uint32_t *reasons;
	size_t nr_reasons;
	struct compare *parts;
	size_t nr_parts;
};

static int load(struct diff *diff)
{
	char **files = diff->env->arguments;

	if (saved_load(&diff->a, files[0]) || saved_load(&diff->b, files[1]))
		return -1;
	if (diff->a.isa != diff->b.isa)
		return complain("%s is of %s, %s of %s: their exit reasons are not the same",
				files[0], isa_title(diff->a.isa), files[1],
				isa_title(diff->b.isa));
	if (diff->a.has_runs != diff->b.has_runs)
		return complain("%s has runs of a command, %s has intervals: save both alike",
				files[diff->b.has_runs], files[diff->a.has_runs]);
	if (diff->a.tsc_khz && diff->b.tsc_khz &&
	    diff->a.tsc_khz != diff->b.tsc_khz)
		complain("the TSCs have %u and %u kHz: cycles of B are told as those of A's",
			 diff->a.tsc_khz, diff->b.tsc_khz);
	saved_set_khz(&diff->b, diff->a.tsc_khz);
	return 0;
}

/* Part @i of A in B: all, or the phase of that name; NULL if B has none. */
static const struct series *part_of_b(const struct diff *diff, size_t i)
{
	return i ? saved_find(&diff->b, diff->a.parts[i].name)
		 : &diff->b.parts[0];
}

/* The more numbers, the more of them are far apart by chance. */
static double chance_of_each(const struct diff *diff,
			     const struct criteria *criteria)
{
	size_t i, nr = 0;

	for (i = 0; i < diff->a.nr_parts; i++) {
		if (part_of_b(diff, i))
			nr += compare_count(&diff->a.parts[i],
					    part_of_b(diff, i), criteria);
	}
	return CHANCE / (double)nr;
}

/* All, then each phase that both have. */
static int compare_all(struct diff *diff)
{
	struct criteria criteria = {
		.reasons = diff->reasons, .nr_reasons = diff->nr_reasons,
		.threshold = diff->env->threshold,
	};
	const struct series *b;
	size_t i;

	diff->parts = calloc(diff->a.nr_parts, sizeof(*diff->parts));
	if (!diff->parts)
		return complain("out of memory");
	criteria.chance = chance_of_each(diff, &criteria);
	for (i = 0; i < diff->a.nr_parts; i++) {
		b = part_of_b(diff, i);
		if (b && compare_parts(&diff->parts[diff->nr_parts++],
				       &diff->a.parts[i], b, &criteria))
			return -1;
	}
	return 0;
}

/* A phase of one is compared with nothing; it should not go without a word. */
static void show_lone_phases(const struct diff *diff)
{
	const struct saved *sides[] = { &diff->a, &diff->b };
	size_t side, i;
	int nr = 0;

	for (side = 0; side < 2; side++) {
		for (i = 1; i < sides[side]->nr_parts; i++) {
			const char *name = sides[side]->parts[i].name;

			if (saved_find(sides[!side], name))
				continue;
			printf("%s %s", nr++ ? "" : "\nOnly in one of them: phases",
			       name);
		}
	}
	if (nr)
		putchar('\n');
}

static int show(const struct diff *diff)
{
	size_t i;

	if (diff->env->format == &json_format)
		return diff_show_json(stdout, &diff->a, &diff->b, diff->parts,
				      diff->nr_parts);
	diff_show_heading(stdout, &diff->a, &diff->b);
	for (i = 0; i < diff->nr_parts; i++)
		diff_show_part(stdout, &diff->a, &diff->parts[i]);
	show_lone_phases(diff);
	return 0;
}

static int run(struct diff *diff)
{
	const char *reasons = diff->env->reasons;
	int status;
	size_t i;

	if (load(diff))
		return STATUS_FAILED;
	if (reasons) {
		status = parse_reasons(reasons, diff->a.isa, &diff->reasons,
				       &diff->nr_reasons);
		if (status)
			return status;
	}
	if (compare_all(diff) || show(diff) || flush_output(stdout))
		return STATUS_FAILED;
	for (i = 0; i < diff->nr_parts; i++) {
		if (diff->parts[i].differs)
			return STATUS_DIFFERENT;
	}
	return STATUS_OK;
}

int run_diff(const struct env *env)
{
	struct diff diff = { .env = env };
	int status = run(&diff);
	size_t i;

	for (i = 0; i < diff.nr_parts; i++)
		compare_free(&diff.parts[i]);
	free(diff.parts);
	free(diff.reasons);
	saved_free(&diff.a);
	saved_free(&diff.b);
	return status;
}
