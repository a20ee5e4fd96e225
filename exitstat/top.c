// SPDX-License-Identifier: GPL-2.0-only
#include "exitstat.h"

int run_top(const struct env *env, struct source *source)
{
	(void)env;
	(void)source;
	complain("--top is not built in");
	return STATUS_FAILED;
}
