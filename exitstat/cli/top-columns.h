/* SPDX-License-Identifier: GPL-2.0-only */
/* The columns of --top. */
#ifndef TOP_COLUMNS_H
#define TOP_COLUMNS_H

#include "cli/top.h"

/* A row, or with a NULL the header: whole columns, as many as the screen takes. */
#define ROW_SIZE	1024
void top_row_text(const struct top *top, const struct line *line,
		  char text[ROW_SIZE]);

#endif /* TOP_COLUMNS_H */
