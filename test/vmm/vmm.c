// SPDX-License-Identifier: GPL-2.0-only
/* What the tests share: make a VM, run code in it, read its counts. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "vmm.h"

#define MAX_ENTRIES	256

GUEST_CODE(cpuid, 16, "cpuid; hlt\n");
GUEST_CODE(cpuid_out, 16, "cpuid\n" END_BY_OUT);
GUEST_CODE(cpuids, 16, "1: mov %ebp, %eax; cpuid; dec %si; jnz 1b; hlt\n");

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int must(int result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
	return result;
}

static void get_supported_cpuid(struct vm *vm)
{
	vm->cpuid = calloc(1, sizeof(*vm->cpuid) +
			   MAX_ENTRIES * sizeof(vm->cpuid->entries[0]));
	if (!vm->cpuid)
		err(1, "memory");
	vm->cpuid->nent = MAX_ENTRIES - 1;
	must(ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, vm->cpuid),
	     "KVM_GET_SUPPORTED_CPUID");
}

void set_cpuid(struct vm *vm, struct vcpu *vcpu)
{
	must(ioctl(vcpu->fd, KVM_SET_CPUID2, vm->cpuid), "KVM_SET_CPUID2");
}

void get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	must(ioctl(vcpu->fd, KVM_GET_SREGS, sregs), "KVM_GET_SREGS");
}

void set_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	must(ioctl(vcpu->fd, KVM_SET_SREGS, sregs), "KVM_SET_SREGS");
}

void set_msr(struct vcpu *vcpu, uint32_t index, uint64_t value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = { { .nmsrs = 1 }, { .index = index, .data = value } };

	if (must(ioctl(vcpu->fd, KVM_SET_MSRS, &msrs), "KVM_SET_MSRS") != 1)
		errx(1, "the vCPU does not take MSR 0x%x", index);
}

/* Identity-map the first 2 MiB. */
static void set_long_mode(struct vm *vm, struct kvm_sregs *sregs)
{
	*(uint64_t *)(vm->memory + PML4_BASE) = PDPT_BASE | 3;
	*(uint64_t *)(vm->memory + PDPT_BASE) = PD_BASE | 3;
	*(uint64_t *)(vm->memory + PD_BASE) = 0x83;
	sregs->cr3 = PML4_BASE;
	sregs->cr4 |= 1 << 5;
	sregs->cr0 |= 1u << 31;
	sregs->efer |= 1 << 8 | 1 << 10;
	sregs->cs.db = 0;
	sregs->cs.l = 1;
}

static void set_mode(struct vm *vm, struct vcpu *vcpu, enum mode mode)
{
	struct kvm_segment flat = {
		.limit = 0xffffffff, .selector = 0x10, .type = 3,
		.present = 1, .s = 1, .db = 1, .g = 1,
	};
	struct kvm_sregs sregs;

	get_sregs(vcpu, &sregs);
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (mode != REAL) {
		sregs.cr0 |= 1;
		sregs.ds = sregs.es = sregs.ss = flat;
		flat.type = 11;
		flat.selector = 8;
		sregs.cs = flat;
	}
	if (mode == LONG)
		set_long_mode(vm, &sregs);
	set_sregs(vcpu, &sregs);
}

struct vcpu *add_vcpu(struct vm *vm, enum mode mode)
{
	struct vcpu *vcpu = &vm->vcpus[vm->nr_vcpus];

	vcpu->fd = must(ioctl(vm->fd, KVM_CREATE_VCPU, vm->nr_vcpus),
			"KVM_CREATE_VCPU");
	vcpu->run_size = must(ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
			      "mmap size");
	vcpu->run = mmap(NULL, vcpu->run_size, PROT_READ | PROT_WRITE,
			 MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		err(1, "struct kvm_run");
	vcpu->code = CODE_BASE + vm->nr_vcpus * CODE_SIZE;
	if (vm->cpuid->nent)
		set_cpuid(vm, vcpu);
	set_mode(vm, vcpu, mode);
	vm->nr_vcpus++;
	return vcpu;
}

/* Without a vCPU yet. */
void make_empty_vm(struct vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = GUEST_SIZE,
	};

	memset(vm, 0, sizeof(*vm));
	vm->mark = mark_cpu();
	vm->kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	vm->fd = must(ioctl(vm->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	/* What Intel without unrestricted guest needs for real mode. */
	must(ioctl(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000), "KVM_SET_TSS_ADDR");
	vm->memory = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (vm->memory == MAP_FAILED)
		err(1, "guest memory");
	region.userspace_addr = (uintptr_t)vm->memory;
	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region), "memory slot");
	get_supported_cpuid(vm);
}

void make_vm(struct vm *vm, enum mode mode)
{
	make_empty_vm(vm);
	add_vcpu(vm, mode);
}

static void add_x2apic(struct kvm_cpuid2 *cpuid)
{
	uint32_t i;

	for (i = 0; i < cpuid->nent; i++) {
		/* x2APIC, and its timer's TSC-deadline mode. */
		if (cpuid->entries[i].function == 1)
			cpuid->entries[i].ecx |= 1 << 21 | 1 << 24;
	}
}

/* A VM in real mode, its local APIC in x2APIC mode. */
void make_vm_with_irqchip(struct vm *vm)
{
	struct kvm_sregs sregs;
	struct vcpu *vcpu;

	make_empty_vm(vm);
	vm->irqchip = true;
	must(ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	add_x2apic(vm->cpuid);
	vcpu = add_vcpu(vm, REAL);
	get_sregs(vcpu, &sregs);
	sregs.apic_base |= 1 << 10;
	set_sregs(vcpu, &sregs);
}

void end_vm(struct vm *vm)
{
	int i;

	/* The VM lives as long as one of these. */
	for (i = 0; i < vm->nr_vcpus; i++) {
		munmap(vm->vcpus[i].run, vm->vcpus[i].run_size);
		close(vm->vcpus[i].fd);
	}
	close(vm->fd);
	close(vm->kvm);
	munmap(vm->memory, GUEST_SIZE);
	if (vm->faults)
		munmap(vm->faults, vm->faults_size);
	free(vm->cpuid);
}

/* KVM completes an OUT when KVM_RUN is called again; go no further than that. */
static void complete_out(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	if (!ioctl(vcpu->fd, KVM_RUN, 0) || errno != EINTR)
		errx(1, "KVM_RUN ran although it was told not to");
	vcpu->run->immediate_exit = 0;
}

/* KVM_RUN is to begin with @code; @regs are what else it begins with. */
void load_code(struct vm *vm, struct vcpu *vcpu, struct code code,
	       struct kvm_regs *regs)
{
	memcpy(vm->memory + vcpu->code, code.start, code.size);
	regs->rip = vcpu->code;
	regs->rflags = 2;
	must(ioctl(vcpu->fd, KVM_SET_REGS, regs), "KVM_SET_REGS");
}

static bool is_end(struct vm *vm, const struct kvm_run *run)
{
	if (vm->irqchip)
		return run->exit_reason == KVM_EXIT_IO &&
		       run->io.port == END_PORT;
	return run->exit_reason == KVM_EXIT_HLT;
}

/* Run @code on @vcpu until its HLT, or with an irqchip until its END_BY_OUT. */
void run_on(struct vm *vm, struct vcpu *vcpu, struct code code,
	    struct kvm_regs *regs)
{
	load_code(vm, vcpu, code, regs);
	do {
		must(ioctl(vcpu->fd, KVM_RUN, 0), "KVM_RUN");
	} while (vcpu->run->exit_reason == KVM_EXIT_IO &&
		 !is_end(vm, vcpu->run));
	if (!is_end(vm, vcpu->run))
		errx(1, "the guest ended with exit reason %u of kvm_run",
		     vcpu->run->exit_reason);
	if (vm->irqchip)
		complete_out(vcpu);
	must(ioctl(vcpu->fd, KVM_GET_REGS, regs), "KVM_GET_REGS");
}

void run(struct vm *vm, struct code code, struct kvm_regs *regs)
{
	run_on(vm, &vm->vcpus[0], code, regs);
}

struct regs cpuid_by(struct vm *vm, struct vcpu *vcpu, struct code code,
		     uint32_t leaf, uint32_t index)
{
	struct kvm_regs regs = { .rax = leaf, .rcx = index };

	run_on(vm, vcpu, code, &regs);
	return (struct regs){ regs.rax, regs.rbx, regs.rcx, regs.rdx };
}

struct regs cpuid_on(struct vm *vm, struct vcpu *vcpu, uint32_t leaf,
		     uint32_t index)
{
	if (vm->irqchip)
		return cpuid_by(vm, vcpu, CODE(cpuid_out), leaf, index);
	return cpuid_by(vm, vcpu, CODE(cpuid), leaf, index);
}

struct regs cpuid(struct vm *vm, uint32_t leaf, uint32_t index)
{
	return cpuid_on(vm, &vm->vcpus[0], leaf, index);
}

uint64_t exits_on(struct vm *vm, struct vcpu *vcpu, uint32_t reason)
{
	struct regs r = cpuid_on(vm, vcpu, KVM_CPUID_EXIT_STATS_REASON_EXITS,
				 reason);

	return (uint64_t)r.ebx << 32 | r.eax;
}

/* The exits of all reasons, as @vcpu is told. */
uint64_t total_on(struct vm *vm, struct vcpu *vcpu)
{
	struct regs r = cpuid_on(vm, vcpu, KVM_CPUID_EXIT_STATS_TOTAL_EXITS, 0);

	return (uint64_t)r.ebx << 32 | r.eax;
}

uint64_t exits_of(struct vm *vm, uint32_t reason)
{
	return exits_on(vm, &vm->vcpus[0], reason);
}

bool is_svm(struct vm *vm)
{
	struct regs r = cpuid(vm, KVM_CPUID_EXIT_STATS_INFO, 0);

	return (r.edx & KVM_CPUID_EXIT_STATS_ISA_MASK) == KVM_CPUID_EXIT_STATS_ISA_SVM;
}

uint32_t cpuid_reason(struct vm *vm)
{
	return is_svm(vm) ? SVM_EXIT_CPUID : EXIT_REASON_CPUID;
}

/* The reason of a fault on a page that the host has yet to find. */
uint32_t fault_reason(struct vm *vm)
{
	return is_svm(vm) ? SVM_EXIT_NPF : EXIT_REASON_EPT_VIOLATION;
}

/* More memory for the guest, where @regs for CODE(faults) may point to. */
void add_fault_pages(struct vm *vm, size_t pages)
{
	struct kvm_userspace_memory_region region = {
		.slot = 1, .guest_phys_addr = FAULT_BASE,
		.memory_size = pages * PAGE,
	};

	vm->faults = mmap(NULL, region.memory_size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->faults == MAP_FAILED)
		err(1, "guest memory");
	region.userspace_addr = (uintptr_t)vm->faults;
	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region), "memory slot");
	vm->faults_size = region.memory_size;
}

/* KVM's clock in ticks: those of @seconds. */
uint64_t ticks_of(struct vm *vm, double seconds)
{
	return cpuid(vm, KVM_CPUID_EXIT_STATS_INFO, 0).ebx * 1000. * seconds;
}

/* The 64 bits that a leaf with times, or of exits, has. */
uint64_t answer(struct vm *vm, uint32_t leaf, uint32_t index)
{
	struct regs r = cpuid(vm, leaf, index);

	if (leaf == KVM_CPUID_EXIT_STATS_TOTAL_EXITS ||
	    leaf == KVM_CPUID_EXIT_STATS_REASON_EXITS)
		return (uint64_t)r.ebx << 32 | r.eax;
	return (uint64_t)r.ebx << 32 | r.ecx;
}

bool has_interface(struct vm *vm)
{
	struct regs r = cpuid(vm, KVM_CPUID_EXIT_STATS_SIGNATURE, 0);

	return !memcmp(&r.ebx, KVM_CPUID_EXIT_STATS_ID, 12);
}

void witness_start(void)
{
	if (system("witness start"))
		errx(1, "witness start failed");
}

/* Its words, all of them diagnostics, go under the verdict. */
static void witness(const char *verb, const char *name)
{
	static char words[1 << 16];
	char command[64];
	size_t size;
	FILE *from;

	snprintf(command, sizeof(command), "witness %s %d", verb, getpid());
	from = popen(command, "r");
	if (!from)
		err(1, "%s", command);
	size = fread(words, 1, sizeof(words) - 1, from);
	words[size] = '\0';
	tap_verdict(&tap, !pclose(from), name);
	fputs(words, stdout);
}

/* While vCPUs stand still: debugfs has what the kvm_exit tracepoint saw. */
void witness_compare(const char *name)
{
	witness("compare", name);
}

/*
 * While vCPUs stand still: every account adds up, and the rows to it; and the CPU
 * has counted the same since the VM was made.
 */
void witness_books(struct vm *vm, const char *name)
{
	claim_cpu(getpid(), vm->mark, name);
	witness("books", name);
}

/* The accounts and rows, where counting was off for a while. */
void witness_books_toggled(const char *name)
{
	witness("books-toggled", name);
}
