/* SPDX-License-Identifier: GPL-2.0-only */
/* A terminal as a screen, and its way back. */
#ifndef TERMINAL_H
#define TERMINAL_H

/*
 * Begin.  What is written to stderr from now on is kept.  0, or -1 after a line
 * on stderr.
 */
int terminal_open(void);

/* End, also after an error: the terminal is as before; then write what was kept. */
void terminal_close(void);

#endif /* TERMINAL_H */
