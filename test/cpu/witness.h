/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulated CPU as a witness: a library that is preloaded into the emulator
 * and counts every VM exit where the emulator makes it, whatever KVM counts.
 *
 * It reads the state of the emulated CPU and changes none of it.
 */
#ifndef TEST_CPU_WITNESS_H
#define TEST_CPU_WITNESS_H

#include <stddef.h>
#include <stdint.h>

#include "mark.h"

/*
 * The files that the library writes, EXITSTAT_WITNESS.table, .marks and .costs, are
 * made of these, in the byte order of the machine. The table is in use and mapped;
 * the marks are copies of its rows, each copy after a row of MARK; and the costs have
 * a row for each exit of a while, with its ticks until the next entry.
 *
 * @guest: the physical address of the VMCS or VMCB
 * @what: an exit reason as the CPU gives it, 32 bits (VMX: bit 31 is set where
 *	the entry failed), or one of those below
 * @value: how often, or how many ticks
 */
struct row {
	uint64_t guest;
	uint64_t what;
	uint64_t value;
};

/*
 * Ticks between an entry and the exit; between an exit and the next entry; and those
 * of the latter during which there was a mark: the VMCS may have been another vCPU's
 * before it.
 */
#define TICKS_INSIDE	(1ull << 32)
#define TICKS_OUTSIDE	(1ull << 32 | 1)
#define TICKS_AT_MARK	(1ull << 32 | 2)

/* @guest of rows that are of none; @what is the number of the mark, from 1. */
#define MARK		1ull
/* @value is how often the table was full. */
#define LOST		2ull

void count_exit(uint64_t guest, uint32_t reason);
void count_entry_time(uint64_t guest, uint64_t now);
void count_exit_time(uint64_t guest, uint64_t now);
void count_mark(void);
void count_costs(void);

/*
 * @symbol: a function of the emulator
 * @bytes: those that it must begin with, or have at @offset
 */
struct code {
	const char *symbol;
	size_t offset;
	const uint8_t *bytes;
	size_t size;
};

#define CODE(symbol, offset, bytes) \
	{ symbol, offset, (const uint8_t *)(bytes), sizeof(bytes) - 1 }

void *find_code(const char *symbol);
void check_code(const struct code *code, size_t nr);
void *detour(const char *symbol, size_t moved, void *to);

void attach_to_bochs(void);
void attach_to_qemu(void);

#endif /* TEST_CPU_WITNESS_H */
