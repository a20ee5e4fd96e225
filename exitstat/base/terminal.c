// SPDX-License-Identifier: GPL-2.0-only
/* See base/terminal.h. */
#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "base/complain.h"
#include "base/terminal.h"
#include "vt100.h"

static SCREEN *screen;
static FILE *kept;		/* what goes to stderr meanwhile */
static int stderr_fd = -1;	/* where that went */

/*
 * A small guest has no database of terminals, and ncurses knows few without it.
 * About every terminal does what a VT100 did.
 */
static SCREEN *open_screen(void)
{
	int error;

	/* To find out by a newterm() that fails would lose memory. */
	if (setupterm(NULL, STDOUT_FILENO, &error) == OK) {
		del_curterm(cur_term);
		return newterm(NULL, stdout, stdin);
	}
	setenv("TERMINFO", VT100_TERMINFO, 1);
	return newterm("exitstat-vt100", stdout, stdin);
}

/* A line on the screen would be in its way, and vanish with it. */
static int keep_stderr(void)
{
	kept = tmpfile();
	if (!kept)
		return complain("cannot make a temporary file: %s",
				strerror(errno));
	fflush(stderr);
	stderr_fd = dup(STDERR_FILENO);
	dup2(fileno(kept), STDERR_FILENO);
	return 0;
}

static void write_kept(void)
{
	char line[256];

	if (!kept)
		return;
	fflush(stderr);
	if (stderr_fd >= 0) {
		dup2(stderr_fd, STDERR_FILENO);
		close(stderr_fd);
	}
	rewind(kept);
	while (fgets(line, sizeof(line), kept))
		fputs(line, stderr);
	fclose(kept);
	kept = NULL;
}

/*
 * Keys that are alike on about every terminal, also where the database does not
 * have them: they would be an Escape, and more.
 */
static void define_keys(void)
{
	static const struct {
		const char *sequence;
		int key;
	} keys[] = {
		{ "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
		{ "\033[1~", KEY_HOME }, { "\033[4~", KEY_END },
		{ "\033[H", KEY_HOME }, { "\033[F", KEY_END },
		{ "\033OH", KEY_HOME }, { "\033OF", KEY_END },
		{ "\033[A", KEY_UP }, { "\033[B", KEY_DOWN },
		{ "\033[C", KEY_RIGHT }, { "\033[D", KEY_LEFT },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!key_defined(keys[i].sequence))
			define_key(keys[i].sequence, keys[i].key);
	}
	/* Milliseconds in which the rest of a key comes. */
	set_escdelay(100);
}

/* Names of files and VMs may have other letters; no locale need be there. */
static void set_characters(void)
{
	if (!setlocale(LC_CTYPE, ""))
		setlocale(LC_CTYPE, "C.UTF-8");
}

int terminal_open(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return complain("--top needs a terminal");

	/* No terminal of today needs time for what it does. */
	setenv("NCURSES_NO_PADDING", "1", 0);
	set_characters();
	screen = open_screen();
	if (!screen)
		return complain("cannot use the terminal");
	if (!tigetstr("cup")) {
		terminal_close();
		/* One that is not known is a VT100. */
		return complain("the terminal '%s' cannot move its cursor",
				getenv("TERM"));
	}
	if (keep_stderr())
		return -1;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	define_keys();
	nodelay(stdscr, TRUE);
	curs_set(0);
	return 0;
}

void terminal_close(void)
{
	if (screen) {
		endwin();
		delscreen(screen);
		screen = NULL;
	}
	write_kept();
}
