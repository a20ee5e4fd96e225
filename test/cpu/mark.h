/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_CPU_MARK_H
#define TEST_CPU_MARK_H

/*
 * L1 asks for a copy of the CPU's counts by a CPUID of this leaf, which is none: L1
 * sees no difference.
 */
#define MARK_LEAF	0x4d41524b

/* From this one to the next mark, the CPU writes down what each exit takes. */
#define COSTS_LEAF	0x434f5354

#endif /* TEST_CPU_MARK_H */
