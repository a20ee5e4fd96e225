// SPDX-License-Identifier: GPL-2.0-only
#include "exitstat.h"

int run_record(const struct env *env, struct source *source)
{
	(void)env;
	(void)source;
	complain("record is not built in");
	return STATUS_FAILED;
}
