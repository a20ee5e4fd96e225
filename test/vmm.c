// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM that does just what a test of exit counts needs: one vCPU in real mode,
 * without devices, so that every exit it makes is known beforehand.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include <kvm_exit_stats.h>

#define GUEST_BASE	0x1000
#define GUEST_SIZE	0x1000
#define MAX_ENTRIES	256

/* At the start of guest memory; each ends with HLT, which ends KVM_RUN. */
static const uint8_t code_cpuid[] = { 0x0f, 0xa2, 0xf4 };
static const uint8_t code_forced_cpuid[] = {
	0x0f, 0x0b, 'k', 'v', 'm', 0x0f, 0xa2, 0xf4,
};
/* 1: out %al, %dx; dec %bx; jnz 1b; hlt */
static const uint8_t code_out[] = { 0xee, 0x4b, 0x75, 0xfc, 0xf4 };
/* 1: mov %ebp, %eax; cpuid; dec %si; jnz 1b; hlt */
static const uint8_t code_cpuids[] = {
	0x66, 0x89, 0xe8, 0x0f, 0xa2, 0x4e, 0x75, 0xf8, 0xf4,
};

struct vm {
	int kvm;
	int fd;
	int vcpu;
	struct kvm_run *run;
	uint8_t *memory;
	struct kvm_cpuid2 *cpuid;
};

struct regs {
	uint32_t eax, ebx, ecx, edx;
};

static int failed;

static void verdict(bool ok, const char *name)
{
	printf("%s %s\n", ok ? "ok" : "FAIL", name);
	failed += !ok;
}

static int must(int result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
	return result;
}

static void set_real_mode(struct vm *vm)
{
	struct kvm_sregs sregs;

	must(ioctl(vm->vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	must(ioctl(vm->vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
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

static void set_cpuid(struct vm *vm)
{
	must(ioctl(vm->vcpu, KVM_SET_CPUID2, vm->cpuid), "KVM_SET_CPUID2");
}

static void make_vm(struct vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = GUEST_BASE,
		.memory_size = GUEST_SIZE,
	};
	int size;

	vm->kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	vm->fd = must(ioctl(vm->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	vm->memory = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (vm->memory == MAP_FAILED)
		err(1, "guest memory");
	region.userspace_addr = (uintptr_t)vm->memory;
	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region), "memory slot");
	vm->vcpu = must(ioctl(vm->fd, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	size = must(ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "mmap size");
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       vm->vcpu, 0);
	if (vm->run == MAP_FAILED)
		err(1, "struct kvm_run");
	get_supported_cpuid(vm);
	set_cpuid(vm);
	set_real_mode(vm);
}

/* Run @code until its HLT. */
static void run(struct vm *vm, const void *code, size_t size,
		struct kvm_regs *regs)
{
	memcpy(vm->memory, code, size);
	regs->rip = GUEST_BASE;
	regs->rflags = 2;
	must(ioctl(vm->vcpu, KVM_SET_REGS, regs), "KVM_SET_REGS");
	do {
		must(ioctl(vm->vcpu, KVM_RUN, 0), "KVM_RUN");
	} while (vm->run->exit_reason == KVM_EXIT_IO);
	if (vm->run->exit_reason != KVM_EXIT_HLT)
		errx(1, "the guest ended with exit reason %u of kvm_run",
		     vm->run->exit_reason);
	must(ioctl(vm->vcpu, KVM_GET_REGS, regs), "KVM_GET_REGS");
}

static struct regs cpuid_by(struct vm *vm, const void *code, size_t size,
			    uint32_t leaf, uint32_t index)
{
	struct kvm_regs regs = { .rax = leaf, .rcx = index };

	run(vm, code, size, &regs);
	return (struct regs){ regs.rax, regs.rbx, regs.rcx, regs.rdx };
}

static struct regs cpuid(struct vm *vm, uint32_t leaf, uint32_t index)
{
	return cpuid_by(vm, code_cpuid, sizeof(code_cpuid), leaf, index);
}

static uint64_t exits_of(struct vm *vm, uint32_t reason)
{
	struct regs r = cpuid(vm, KVM_EXIT_STATS_CPUID_REASON_EXITS, reason);

	return (uint64_t)r.ebx << 32 | r.eax;
}

static bool is_svm(struct vm *vm)
{
	struct regs r = cpuid(vm, KVM_EXIT_STATS_CPUID_INFO, 0);

	return (r.edx & KVM_EXIT_STATS_ISA_MASK) == KVM_EXIT_STATS_ISA_SVM;
}

static bool has_interface(struct vm *vm)
{
	struct regs r = cpuid(vm, KVM_EXIT_STATS_CPUID_SIGNATURE, 0);

	return !memcmp(&r.ebx, KVM_EXIT_STATS_SIGNATURE, 12);
}

/* 23 port writes, 23 CPUIDs and 23 halts: each moves its reason by 23. */
static void test_workloads(struct vm *vm)
{
	struct kvm_regs out = { .rbx = 23, .rdx = 0x80 };
	struct kvm_regs cpuids = { .rsi = 23, .rbp = 1 };
	bool svm = is_svm(vm);
	uint32_t io = svm ? SVM_EXIT_IOIO : EXIT_REASON_IO_INSTRUCTION;
	uint32_t hlt = svm ? SVM_EXIT_HLT : EXIT_REASON_HLT;
	uint32_t reason = svm ? SVM_EXIT_CPUID : EXIT_REASON_CPUID;
	uint64_t before;
	int i;

	before = exits_of(vm, io);
	run(vm, code_out, sizeof(code_out), &out);
	verdict(exits_of(vm, io) - before == 23, "vmm-23-port-writes");

	/* The read after is in its own count. */
	before = exits_of(vm, reason);
	run(vm, code_cpuids, sizeof(code_cpuids), &cpuids);
	verdict(exits_of(vm, reason) - before == 23 + 1, "vmm-23-cpuids");

	/* Every call of cpuid() ends with a HLT, that of the read before too. */
	before = exits_of(vm, hlt);
	for (i = 0; i < 22; i++)
		cpuid(vm, 0, 0);
	verdict(exits_of(vm, hlt) - before == 23, "vmm-23-halts");
}

/* A new VM starts at zero: its first exit is the read itself. */
static void test_starts_at_zero(void)
{
	struct vm vm;

	make_vm(&vm);
	verdict(exits_of(&vm, is_svm(&vm) ? SVM_EXIT_CPUID :
				EXIT_REASON_CPUID) == 2,
		"vmm-new-vm-starts-at-zero");
}

/* KVM's emulator gives the answer that the intercept gives. */
static void test_emulated(struct vm *vm)
{
	static const uint32_t leaves[] = {
		KVM_EXIT_STATS_CPUID_SIGNATURE, KVM_EXIT_STATS_CPUID_INFO,
	};
	uint32_t ud = is_svm(vm) ? SVM_EXIT_EXCP_BASE + 6 :
				   EXIT_REASON_EXCEPTION_NMI;
	uint64_t before = exits_of(vm, ud), total;
	bool same = true;
	struct regs a, b;
	size_t i;

	for (i = 0; i < 2; i++) {
		a = cpuid(vm, leaves[i], 0);
		b = cpuid_by(vm, code_forced_cpuid, sizeof(code_forced_cpuid),
			     leaves[i], 0);
		same = same && !memcmp(&a, &b, sizeof(a));
	}
	verdict(same, "vmm-emulated-cpuid-answers-the-same");

	/* The exit in which the emulator reads is a #UD: it counts itself. */
	b = cpuid_by(vm, code_forced_cpuid, sizeof(code_forced_cpuid),
		     KVM_EXIT_STATS_CPUID_REASON_EXITS, ud);
	total = (uint64_t)b.ebx << 32 | b.eax;
	verdict(total - before == 3 && !b.edx, "vmm-emulated-cpuid-counts-itself");
}

/* An entry that the VMM sets for one of our leaves wins; the others stay. */
static void test_own_entry(void)
{
	const struct regs want = { 0x11111111, 0x22222222, 0x33333333,
				   0x44444444 };
	struct kvm_cpuid_entry2 *entry;
	struct regs got;
	struct vm vm;

	make_vm(&vm);
	entry = &vm.cpuid->entries[vm.cpuid->nent++];
	*entry = (struct kvm_cpuid_entry2){
		.function = KVM_EXIT_STATS_CPUID_TOTAL_EXITS,
		.eax = want.eax, .ebx = want.ebx,
		.ecx = want.ecx, .edx = want.edx,
	};
	set_cpuid(&vm);
	got = cpuid(&vm, KVM_EXIT_STATS_CPUID_TOTAL_EXITS, 0);
	verdict(!memcmp(&got, &want, sizeof(got)), "vmm-own-entry-wins");
	verdict(has_interface(&vm), "vmm-other-leaves-stay");
}

/* Off, a leaf answers as its neighbours outside of the interface do. */
static void test_stock(struct vm *vm)
{
	const uint32_t outside = KVM_EXIT_STATS_CPUID_SIGNATURE - 0x80;
	struct regs want, got;
	bool same = true;
	uint32_t leaf, index;

	for (leaf = KVM_EXIT_STATS_CPUID_SIGNATURE;
	     leaf <= KVM_EXIT_STATS_CPUID_REASON_CYCLES; leaf++) {
		for (index = 0; index < 100; index++) {
			want = cpuid(vm, outside, index);
			got = cpuid(vm, leaf, index);
			same = same && !memcmp(&want, &got, sizeof(got));
		}
	}
	verdict(same && !has_interface(vm), "vmm-off-answers-as-stock");
}

static void usage(FILE *to)
{
	fprintf(to, "usage: vmm on | off\n"
		"Test exit counts with a VMM of known exits, or that they are off.\n");
}

int main(int argc, char **argv)
{
	struct vm vm;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	if (argc != 2 || (strcmp(argv[1], "on") && strcmp(argv[1], "off"))) {
		usage(stderr);
		return 2;
	}

	make_vm(&vm);
	if (!strcmp(argv[1], "off")) {
		test_stock(&vm);
		return failed != 0;
	}
	verdict(has_interface(&vm), "vmm-signature");
	test_workloads(&vm);
	test_starts_at_zero();
	test_emulated(&vm);
	test_own_entry();
	return failed != 0;
}
