/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest programs that a seed decides, and nothing else but the ISA: program.c. */
#ifndef TEST_PROGRAM_H
#define TEST_PROGRAM_H

#include "vmm.h"

#define MAX_SLOTS	48
#define MAX_PROGRAM_VCPUS	2

/* Where the VMM of a program keeps what its guest uses without writing it. */
#define GDT_BASE	0x3000
#define TSS_BASE	0x3800
#define IDT_BASE	0x4000
#define PAE_BASE	0x14000
#define HIGH_PD_BASE	0x13000
#define READ_ONLY_BASE	0x300000

#define CODE32_SELECTOR	0x08
#define DATA_SELECTOR	0x10
#define TSS_SELECTOR	0x18
#define CODE64_SELECTOR	0x20

/* The handler of all vectors writes it: the VMM goes on with the next slot. */
#define HANDLER_PORT	0x9a

struct random {
	uint64_t state;
};

enum program_mode {
	REAL_MODE, PROTECTED_MODE, PAE_MODE, COMPAT_MODE, LONG_MODE,
	NR_PROGRAM_MODES,
};

/* What the guest may know of its CPU. */
enum program_cpuid { NO_CPUID, SOME_CPUID, FULL_CPUID, NR_PROGRAM_CPUIDS };

/*
 * The code of a vCPU: slots of an instruction or a few, each of which begins by
 * loading its number to EBP.
 */
struct text {
	uint8_t bytes[CODE_SIZE];
	uint32_t size;
	uint32_t slots[MAX_SLOTS + 1];
	uint32_t nr_slots;
};

struct program {
	uint64_t seed;
	enum program_mode mode;
	enum program_cpuid cpuid;
	bool svm, irqchip, msrs_exit, steps;
	int nr_vcpus;
	struct text texts[MAX_PROGRAM_VCPUS];
	/* For what the VMM draws later. */
	struct random random;
};

extern const char * const program_modes[];

uint64_t draw(struct random *random);
uint32_t below(struct random *random, uint32_t n);
bool one_in(struct random *random, uint32_t n);

void make_program(struct program *program, uint64_t seed, bool svm);
void print_program(const struct program *program);

#endif /* TEST_PROGRAM_H */
