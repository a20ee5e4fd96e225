// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX exits of Bochs 2.7, as Debian 12 has it. Its functions for instrumentation
 * are there, exported and empty: a RET and room for 16 bytes.
 */
#include "witness.h"

#define STUB_VMEXIT	"_Z15bx_instr_vmexitjjm"
#define VMEXIT		"_ZN8BX_CPU_C6VMexitEjm"
#define VMXON		"_ZN8BX_CPU_C5VMXONEP15bxInstruction_c"
#define INJECT_EVENTS	"_ZN8BX_CPU_C19VMenterInjectEventsEv"
#define CPUID		"_ZN8BX_CPU_C5CPUIDEP15bxInstruction_c"
#define GET_TSC		"_ZN8BX_CPU_C7get_TSCEv"

/* Of a BX_CPU_C. */
#define RAX		0x58
#define IN_GUEST	0x8fc1
#define VMCS_POINTER	0x8fc8

/* Whole instructions at the beginning of each. */
#define INJECT_MOVED	6
#define CPUID_MOVED	8

static const struct code known[] = {
	CODE(STUB_VMEXIT, 0,
	     "\xc3\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00"
	     "\x0f\x1f\x44\x00\x00"),
	/* The CPU is in %rbx when the stub is called. */
	CODE(VMEXIT, 0,
	     "\x41\x55\x41\x54\x49\x89\xd4\x55\x89\xf5\x53\x48\x89\xfb"
	     "\x48\x83\xec\x08\x80\xbf\xc0\x8f\x00\x00\x00"
	     "\x0f\x84\xa1\x01\x00\x00\x80\xbf\xc1\x8f\x00\x00\x00"
	     "\x0f\x84\x94\x01\x00\x00\x8b\x7b\x30\x4c\x89\xe2\x89\xee"
	     "\x44\x0f\xb7\xed\xe8\x53\x25\x0e\x00"),
	/* movups %xmm0, VMCS_POINTER(%rbx): no VMCS yet. */
	CODE(VMXON, 0x132, "\x0f\x11\x83\xc8\x8f\x00\x00"),
	CODE(CPUID, 0, "\x53\x48\x89\xfb\x48\x83\xec\x20"),
	/* cmpb $0, IN_GUEST(%rdi) */
	CODE(CPUID, 0x18, "\x80\xbf\xc1\x8f\x00\x00\x00"),
	/* mov RAX(%rbx), %esi */
	CODE(CPUID, 0x3d, "\x8b\x73\x58"),
	CODE(INJECT_EVENTS, 0,
	     "\x41\x57\x41\x56\x41\x55\x41\x54\x55\x53\x48\x83\xec\x08"
	     "\x8b\xaf\x58\x91\x00\x00\x85\xed"),
};

static void (*inject_events)(void *cpu);
static void (*run_cpuid)(const char *cpu, void *instruction);
static uint64_t (*get_tsc)(const void *cpu);

static uint64_t vmcs_of(const void *cpu)
{
	return *(const uint64_t *)((const char *)cpu + VMCS_POINTER);
}

/* With the stub's arguments, and the CPU. */
__attribute__((used)) static void vmexit(uint32_t nr, uint32_t reason,
					 uint64_t qualification, void *cpu)
{
	(void)nr;
	(void)qualification;
	count_exit(vmcs_of(cpu), reason);
	count_exit_time(vmcs_of(cpu), get_tsc(cpu));
}

void vmexit_stub(void);
asm("vmexit_stub: mov %rbx, %rcx; jmp vmexit\n");

/* The last that Bochs does for an entry that did not fail. */
static void enter(void *cpu)
{
	count_entry_time(vmcs_of(cpu), get_tsc(cpu));
	inject_events(cpu);
}

static void cpuid(const char *cpu, void *instruction)
{
	uint32_t leaf = *(const uint32_t *)(cpu + RAX);

	if (leaf == MARK_LEAF && !cpu[IN_GUEST])
		count_mark();
	if (leaf == COSTS_LEAF && !cpu[IN_GUEST])
		count_costs();
	run_cpuid(cpu, instruction);
}

void attach_to_bochs(void)
{
	check_code(known, sizeof(known) / sizeof(*known));
	get_tsc = find_code(GET_TSC);
	detour(STUB_VMEXIT, 0, vmexit_stub);
	run_cpuid = detour(CPUID, CPUID_MOVED, cpuid);
	inject_events = detour(INJECT_EVENTS, INJECT_MOVED, enter);
}
