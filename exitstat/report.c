// SPDX-License-Identifier: GPL-2.0-only
#include "exitstat.h"

int run_report(const struct env *env)
{
	(void)env;
	complain("report is not built in");
	return STATUS_FAILED;
}
