// SPDX-License-Identifier: GPL-2.0-only
/* The table for people, of a VM and of a host: exitstat-test has only the first. */
#include "output/format.h"
#include "output/host.h"
#include "output/table.h"

const struct format table_format = {
	.group = table_show,
	.host = host_show_table,
};
