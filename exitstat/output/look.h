/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a page shows reasons and accounts.  The colour of a reason is a function of its
 * number, never of its rank, so that two pages can be compared.
 */
#ifndef LOOK_H
#define LOOK_H

#include <stdint.h>

/* Of dashes: a second way to tell two lines apart. */
#define NR_DASHES	4

#define TITLE_SIZE	40

struct look {
	const char *color;	/* "#rrggbb" */
	unsigned int dash;	/* below NR_DASHES; 0 is a solid line */
};

/* On white and on the page's dark ground its contrast is 3:1 at least. */
struct look look_of(uint32_t isa, uint32_t reason);

/* Its name, or "reason 99" where it has none. */
const char *reason_title(uint32_t isa, uint32_t reason, char text[TITLE_SIZE]);

/* Of all that have no line of their own. */
struct look look_of_rest(void);

struct look look_of_account(unsigned int account);

#endif /* LOOK_H */
