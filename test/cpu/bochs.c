// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX exits of Bochs 2.7, as Debian 12 has it. Its functions for instrumentation
 * are there, exported and empty: a RET and room for 16 bytes.
 */
#include "witness.h"

#define STUB_VMEXIT	"_Z15bx_instr_vmexitjjm"
#define STUB_OUT	"_Z13bx_instr_outptjj"
#define VMEXIT		"_ZN8BX_CPU_C6VMexitEjm"
#define VMXON		"_ZN8BX_CPU_C5VMXONEP15bxInstruction_c"
#define INJECT_EVENTS	"_ZN8BX_CPU_C19VMenterInjectEventsEv"
#define GET_TSC		"_ZN8BX_CPU_C7get_TSCEv"

/* Of a BX_CPU_C. */
#define VMCS_POINTER	0x8fc8

/* Whole instructions at the beginning of INJECT_EVENTS. */
#define INJECT_MOVED	6

static const struct code known[] = {
	CODE(STUB_VMEXIT, 0,
	     "\xc3\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00"
	     "\x0f\x1f\x44\x00\x00"),
	CODE(STUB_OUT, 0,
	     "\xc3\x66\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00"
	     "\x0f\x1f\x40\x00"),
	/* The CPU is in %rbx when the stub is called. */
	CODE(VMEXIT, 0,
	     "\x41\x55\x41\x54\x49\x89\xd4\x55\x89\xf5\x53\x48\x89\xfb"
	     "\x48\x83\xec\x08\x80\xbf\xc0\x8f\x00\x00\x00"
	     "\x0f\x84\xa1\x01\x00\x00\x80\xbf\xc1\x8f\x00\x00\x00"
	     "\x0f\x84\x94\x01\x00\x00\x8b\x7b\x30\x4c\x89\xe2\x89\xee"
	     "\x44\x0f\xb7\xed\xe8\x53\x25\x0e\x00"),
	/* movups %xmm0, VMCS_POINTER(%rbx): no VMCS yet. */
	CODE(VMXON, 0x132, "\x0f\x11\x83\xc8\x8f\x00\x00"),
	CODE(INJECT_EVENTS, 0,
	     "\x41\x57\x41\x56\x41\x55\x41\x54\x55\x53\x48\x83\xec\x08"
	     "\x8b\xaf\x58\x91\x00\x00\x85\xed"),
};

static void (*inject_events)(void *cpu);
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

static void out(uint16_t port, uint32_t size, uint32_t value)
{
	(void)size;
	(void)value;
	if (port == MARK_PORT)
		count_mark();
}

void attach_to_bochs(void)
{
	check_code(known, sizeof(known) / sizeof(*known));
	get_tsc = find_code(GET_TSC);
	detour(STUB_VMEXIT, 0, vmexit_stub);
	detour(STUB_OUT, 0, out);
	inject_events = detour(INJECT_EVENTS, INJECT_MOVED, enter);
}
