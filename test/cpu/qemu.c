// SPDX-License-Identifier: GPL-2.0-only
/*
 * SVM exits of QEMU's TCG 7.2, as Debian 12 has it. It exports its functions for
 * its modules, among them the one through which each #VMEXIT goes.
 */
#include <stdbool.h>

#include "witness.h"

/* Of a CPUX86State. */
#define VMCB_POINTER	0x33f8

/* Of a CPUState, which is before it. */
#define CPU_STATE	(-0x13b0)
#define BUDGET		0xe0
#define EXTRA		0xe8
#define LEFT		0x13a0

/* Of timers_state. */
#define BIAS		0x28
#define DONE		0x40

/* Whole instructions at the beginning of each. */
#define VMEXIT_MOVED	7
#define DO_VMEXIT_MOVED	10
#define LOAD_MOVED	7
#define CPUID_MOVED	7

/* Of a VMCB: what VMRUN reads last. */
#define EVENT_INJ	0xa8

static const struct code known[] = {
	CODE("cpu_vmexit", 0,
	     "\x41\x56\x41\x55\x49\x89\xd5\x41\x54"
	     "\x4c\x8d\xa7\x50\xec\xff\xff\x55\x89\xf5\x48\x89\xce\x53"
	     "\x48\x89\xfb\x4c\x89\xe7"),
	/* mov VMCB_POINTER(%rbx), %rax */
	CODE("cpu_vmexit", 0x2b, "\x48\x8b\x83\xf8\x33\x00\x00"),
	CODE("do_vmexit", 0,
	     "\x41\x54\x55\x48\x8d\xaf\x50\xec\xff\xff\x53"
	     "\x48\x8b\x87\xf8\x33\x00\x00"),
	CODE("x86_ldl_phys", 0,
	     "\x41\x54\xb9\x21\x00\x00\x00\x49\x89\xf4\x48\x8d\x15"),
	/* DONE + BUDGET - (LEFT + EXTRA) */
	CODE("icount_update", 0x20,
	     "\x48\x8b\x87\xe0\x00\x00\x00\x0f\xb7\x97\xa0\x13\x00\x00"
	     "\x48\x03\x05\xdb\xf1\xa0\x00\x48\x03\x97\xe8\x00\x00\x00"
	     "\x48\x29\xd0"),
	/* BIAS + (the same << shift, which is 0) */
	CODE("icount_get", 0x13,
	     "\x48\x8b\x35\x2e\xf1\xa0\x00\x0f\xb7\x0d\x19\xf1\xa0\x00"),
	CODE("cpu_x86_cpuid", 0, "\x41\x57\x89\xf0\x41\x89\xd7\x41\x56"),
};

static const char *timers_state;
static const int *use_icount;
static uint32_t (*load)(char *cpu, uint64_t address);
static void (*do_vmexit)(char *env);
static void (*cpu_vmexit)(char *env, uint32_t code, uint64_t info, uintptr_t from);
static void (*cpu_x86_cpuid)(void *env, uint32_t leaf, uint32_t index, uint32_t *eax,
			     uint32_t *ebx, uint32_t *ecx, uint32_t *edx);

static uint64_t at(const char *structure, long offset)
{
	return *(const uint64_t *)(structure + offset);
}

/* With -icount shift=0 the TSC is the instructions so far, and what idle CPUs skip. */
static uint64_t now(const char *env)
{
	const char *cpu = env + CPU_STATE;
	uint16_t left = *(const uint16_t *)(cpu + LEFT);

	return at(timers_state, BIAS) + at(timers_state, DONE) + at(cpu, BUDGET) -
	       at(cpu, EXTRA) - left;
}

/* #VMEXIT reads EVENT_INJ, too, and so does the guest's next interrupt. */
static bool is_leaving;

/*
 * VMRUN is the last instruction of its block, all of which are counted when the
 * block begins.
 */
static uint32_t load_hook(char *cpu, uint64_t address)
{
	char *env = cpu - CPU_STATE;

	if (*use_icount && !is_leaving &&
	    address == at(env, VMCB_POINTER) + EVENT_INJ)
		count_entry_time(address - EVENT_INJ, now(env));
	return load(cpu, address);
}

static void vmexit(char *env, uint32_t code, uint64_t info, uintptr_t from)
{
	count_exit(at(env, VMCB_POINTER), code);
	cpu_vmexit(env, code, info, from);
}

/* When the instructions of the block that were not executed are counted no more. */
static void vmexit_done(char *env)
{
	if (*use_icount)
		count_exit_time(at(env, VMCB_POINTER), now(env));
	is_leaving = true;
	do_vmexit(env);
	is_leaving = false;
}

/* A guest's CPUID is an exit and does not come here. */
static void cpuid(void *env, uint32_t leaf, uint32_t index, uint32_t *eax,
		  uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
	if (leaf == MARK_LEAF)
		count_mark();
	if (leaf == COSTS_LEAF)
		count_costs();
	cpu_x86_cpuid(env, leaf, index, eax, ebx, ecx, edx);
}

void attach_to_qemu(void)
{
	check_code(known, sizeof(known) / sizeof(*known));
	timers_state = find_code("timers_state");
	use_icount = find_code("use_icount");
	load = detour("x86_ldl_phys", LOAD_MOVED, load_hook);
	do_vmexit = detour("do_vmexit", DO_VMEXIT_MOVED, vmexit_done);
	cpu_vmexit = detour("cpu_vmexit", VMEXIT_MOVED, vmexit);
	cpu_x86_cpuid = detour("cpu_x86_cpuid", CPUID_MOVED, cpuid);
}
