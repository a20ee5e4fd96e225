// SPDX-License-Identifier: GPL-2.0-only
/* A guest that has a guest of its own, on VMX: what it takes to make one. */
#include <err.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm.h"

#define VMXON_BASE	0x14000
#define VMCS_BASE	0x15000
#define POINTERS	0x16000		/* to these two */
#define FIELDS		0x16100
#define EXIT_RIP	0x17000

#define MSR_FEATURE_CONTROL	0x3a
#define MSR_VMX_BASIC		0x480
#define MSR_VMX_PINBASED	0x481
#define MSR_VMX_PROCBASED	0x482
#define MSR_VMX_EXIT		0x483
#define MSR_VMX_ENTRY		0x484

#define CR0_NE			(1 << 5)
#define CR4_VMXE		(1 << 13)
#define RDTSC_EXITING		(1 << 12)
#define IN_LONG_MODE		(1 << 9)	/* of exit and entry controls */

#define GUEST_RIP		0x681e
#define END_OF_FIELDS		(~0ull)

/* Write the fields at RDI into a VMCS, and enter with it. */
GUEST_CODE(nest_vmx, 64,
	   "vmxon " STRING(POINTERS) "\n"
	   "vmclear " STRING(POINTERS) " + 8\n"
	   "vmptrld " STRING(POINTERS) " + 8\n"
	   "1: mov (%rdi), %rax; cmp $-1, %rax; je 2f\n"
	   "mov 8(%rdi), %rdx; vmwrite %rdx, %rax; add $16, %rdi; jmp 1b\n"
	   "2: vmlaunch; hlt\n");

/* An exit: step over the RDTSC, of two bytes; ESI times. */
GUEST_CODE(nest_vmx_exit, 64,
	   "mov $" STRING(GUEST_RIP) ", %eax; vmread %rax, %rdx\n"
	   "add $2, %rdx; vmwrite %rdx, %rax\n"
	   "dec %esi; jz 1f; vmresume; 1: hlt\n");

static uint64_t get_msr(struct vcpu *vcpu, uint32_t index)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = { { .nmsrs = 1 }, { .index = index } };

	if (must(ioctl(vcpu->fd, KVM_GET_MSRS, &msrs), "KVM_GET_MSRS") != 1)
		errx(1, "the vCPU has no MSR 0x%x", index);
	return msrs.entry.data;
}

/* The controls that must be set, and @more. */
static uint64_t controls(struct vcpu *vcpu, uint32_t msr, uint32_t more)
{
	return (uint32_t)get_msr(vcpu, msr) | more;
}

static void add_field(struct vm *vm, int *nr, uint64_t field, uint64_t value)
{
	uint64_t *at = (uint64_t *)(vm->memory + FIELDS) + 2 * (*nr)++;

	at[0] = field;
	at[1] = value;
}

/* Segments as they are in this guest: of all memory, but for TR and LDTR. */
static void add_segments(struct vm *vm, int *nr)
{
	int n;

	/* ES, CS, SS, DS, FS, GS. */
	for (n = 0; n < 6; n++) {
		add_field(vm, nr, 0x800 + 2 * n, n == 1 ? 8 : 0x10);
		add_field(vm, nr, 0x4800 + 2 * n, 0xffffffff);
		add_field(vm, nr, 0x4814 + 2 * n, n == 1 ? 0xa09b : 0xc093);
		add_field(vm, nr, 0xc00 + 2 * n, n == 1 ? 8 : 0x10);
	}
	add_field(vm, nr, 0x4814 + 2 * 6, 0x10000);
	add_field(vm, nr, 0x80e, 0x18);
	add_field(vm, nr, 0x480e, 0x67);
	add_field(vm, nr, 0x4814 + 2 * 7, 0x8b);
	add_field(vm, nr, 0xc0c, 0x18);
}

/* The nested guest runs at @rip in this guest's own address space. */
static void add_fields(struct vm *vm, uint64_t rip)
{
	struct vcpu *vcpu = &vm->vcpus[0];
	struct kvm_sregs sregs;
	int nr = 0, host;

	get_sregs(vcpu, &sregs);
	add_field(vm, &nr, 0x4000, controls(vcpu, MSR_VMX_PINBASED, 0));
	add_field(vm, &nr, 0x4002,
		  controls(vcpu, MSR_VMX_PROCBASED, RDTSC_EXITING));
	add_field(vm, &nr, 0x400c, controls(vcpu, MSR_VMX_EXIT, IN_LONG_MODE));
	add_field(vm, &nr, 0x4012, controls(vcpu, MSR_VMX_ENTRY, IN_LONG_MODE));
	add_field(vm, &nr, 0x2800, -1);
	/* Of the guest, and of its host. */
	for (host = 0; host < 2; host++) {
		add_field(vm, &nr, 0x6800 + 0x400 * host, sregs.cr0);
		add_field(vm, &nr, 0x6802 + 0x400 * host, sregs.cr3);
		add_field(vm, &nr, 0x6804 + 0x400 * host, sregs.cr4);
	}
	add_segments(vm, &nr);
	add_field(vm, &nr, 0x681a, 0x400);
	add_field(vm, &nr, 0x6820, 2);
	add_field(vm, &nr, GUEST_RIP, rip);
	add_field(vm, &nr, 0x6c14, STACK_TOP);
	add_field(vm, &nr, 0x6c16, EXIT_RIP);
	add_field(vm, &nr, END_OF_FIELDS, 0);
}

/* Make a vCPU that can nest, and a guest of its own that begins at @rip. */
void set_up_vmx(struct vm *vm, uint64_t rip)
{
	struct vcpu *vcpu = &vm->vcpus[0];
	uint32_t revision = get_msr(vcpu, MSR_VMX_BASIC) & 0x7fffffff;
	struct kvm_sregs sregs;

	set_msr(vcpu, MSR_FEATURE_CONTROL, 5);
	get_sregs(vcpu, &sregs);
	sregs.cr0 |= CR0_NE;
	sregs.cr4 |= CR4_VMXE;
	set_sregs(vcpu, &sregs);
	memcpy(vm->memory + VMXON_BASE, &revision, sizeof(revision));
	memcpy(vm->memory + VMCS_BASE, &revision, sizeof(revision));
	((uint64_t *)(vm->memory + POINTERS))[0] = VMXON_BASE;
	((uint64_t *)(vm->memory + POINTERS))[1] = VMCS_BASE;
	memcpy(vm->memory + EXIT_RIP, CODE(nest_vmx_exit).start,
	       CODE(nest_vmx_exit).size);
	add_fields(vm, rip);
}

/* Let that guest exit @times times at an RDTSC. */
void run_nested_vmx(struct vm *vm, uint32_t times)
{
	struct kvm_regs regs = { .rsi = times, .rdi = FIELDS };

	run(vm, CODE(nest_vmx), &regs);
}
