/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_CPU_MARK_H
#define TEST_CPU_MARK_H

/*
 * L1 asks for a copy of the CPU's counts by a write to this port, which no device
 * has; test/boot/witness does so, too.
 */
#define MARK_PORT	0x5e0

#endif /* TEST_CPU_MARK_H */
