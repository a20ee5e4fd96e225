// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stop in Bochs' debugger, where that is set up, and become another program. So
 * the debugger's commands know when a measurement begins. Elsewhere it stops
 * nothing: the instruction does nothing.
 */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: magic COMMAND [ARGUMENT...]\n");
		return 2;
	}
	asm volatile("xchg %bx, %bx");
	execvp(argv[1], argv + 1);
	err(127, "%s", argv[1]);
}
