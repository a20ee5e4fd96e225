// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM that does just what tests of exit counts need: vCPUs without devices,
 * so that every exit their guest makes is known beforehand.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
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

/* Guest physical memory, from 0. */
#define GUEST_SIZE	0x20000
#define CODE_BASE	0x1000
#define CODE_SIZE	0x1000
#define BUFFER_BASE	0x8000
#define PML4_BASE	0x10000
#define PDPT_BASE	0x11000
#define PD_BASE		0x12000

#define MAX_ENTRIES	256
#define MAX_VCPUS	2

/* Answers that fit the buffer. */
#define MAX_ANSWERS	1024

/* Each ends with HLT, which ends KVM_RUN. */
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
/*
 * 1: mov %ebp, %eax; mov %esi, %ecx; cpuid; stosl; mov %ebx, %eax; stosl;
 * mov %ecx, %eax; stosl; mov %edx, %eax; stosl; inc %esi; dec %esp; jnz 1b; hlt
 */
static const uint8_t code_answers[] = {
	0x89, 0xe8, 0x89, 0xf1, 0x0f, 0xa2, 0xab, 0x89, 0xd8, 0xab, 0x89, 0xc8,
	0xab, 0x89, 0xd0, 0xab, 0xff, 0xc6, 0xff, 0xcc, 0x75, 0xea, 0xf4,
};
/* The same in real mode. */
static const uint8_t code_answers16[] = {
	0x66, 0x89, 0xe8, 0x66, 0x89, 0xf1, 0x0f, 0xa2, 0x66, 0xab,
	0x66, 0x89, 0xd8, 0x66, 0xab, 0x66, 0x89, 0xc8, 0x66, 0xab,
	0x66, 0x89, 0xd0, 0x66, 0xab, 0x66, 0xff, 0xc6, 0x66, 0xff, 0xcc,
	0x75, 0xdf, 0xf4,
};

enum mode { REAL, PROTECTED, LONG };
static const char * const mode_names[] = { "real", "protected", "long" };

struct vcpu {
	int fd;
	struct kvm_run *run;
	uint64_t code;
};

struct vm {
	int kvm;
	int fd;
	struct vcpu vcpus[MAX_VCPUS];
	int nr_vcpus;
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

static void set_cpuid(struct vm *vm, struct vcpu *vcpu)
{
	must(ioctl(vcpu->fd, KVM_SET_CPUID2, vm->cpuid), "KVM_SET_CPUID2");
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

	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
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
	must(ioctl(vcpu->fd, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
}

static struct vcpu *add_vcpu(struct vm *vm, enum mode mode)
{
	struct vcpu *vcpu = &vm->vcpus[vm->nr_vcpus];
	int size;

	vcpu->fd = must(ioctl(vm->fd, KVM_CREATE_VCPU, vm->nr_vcpus),
			"KVM_CREATE_VCPU");
	size = must(ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "mmap size");
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		err(1, "struct kvm_run");
	vcpu->code = CODE_BASE + vm->nr_vcpus * CODE_SIZE;
	set_cpuid(vm, vcpu);
	set_mode(vm, vcpu, mode);
	vm->nr_vcpus++;
	return vcpu;
}

static void make_vm(struct vm *vm, enum mode mode)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = GUEST_SIZE,
	};

	memset(vm, 0, sizeof(*vm));
	vm->kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	vm->fd = must(ioctl(vm->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	vm->memory = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (vm->memory == MAP_FAILED)
		err(1, "guest memory");
	region.userspace_addr = (uintptr_t)vm->memory;
	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region), "memory slot");
	get_supported_cpuid(vm);
	add_vcpu(vm, mode);
}

static void end_vm(struct vm *vm)
{
	int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		close(vm->vcpus[i].fd);
	close(vm->fd);
	close(vm->kvm);
	munmap(vm->memory, GUEST_SIZE);
	free(vm->cpuid);
}

/* Run @code on @vcpu until its HLT. */
static void run_on(struct vm *vm, struct vcpu *vcpu, const void *code,
		   size_t size, struct kvm_regs *regs)
{
	memcpy(vm->memory + vcpu->code, code, size);
	regs->rip = vcpu->code;
	regs->rflags = 2;
	must(ioctl(vcpu->fd, KVM_SET_REGS, regs), "KVM_SET_REGS");
	do {
		must(ioctl(vcpu->fd, KVM_RUN, 0), "KVM_RUN");
	} while (vcpu->run->exit_reason == KVM_EXIT_IO);
	if (vcpu->run->exit_reason != KVM_EXIT_HLT)
		errx(1, "the guest ended with exit reason %u of kvm_run",
		     vcpu->run->exit_reason);
	must(ioctl(vcpu->fd, KVM_GET_REGS, regs), "KVM_GET_REGS");
}

static void run(struct vm *vm, const void *code, size_t size,
		struct kvm_regs *regs)
{
	run_on(vm, &vm->vcpus[0], code, size, regs);
}

static struct regs cpuid_by(struct vm *vm, struct vcpu *vcpu, const void *code,
			    size_t size, uint32_t leaf, uint32_t index)
{
	struct kvm_regs regs = { .rax = leaf, .rcx = index };

	run_on(vm, vcpu, code, size, &regs);
	return (struct regs){ regs.rax, regs.rbx, regs.rcx, regs.rdx };
}

static struct regs cpuid_on(struct vm *vm, struct vcpu *vcpu, uint32_t leaf,
			    uint32_t index)
{
	return cpuid_by(vm, vcpu, code_cpuid, sizeof(code_cpuid), leaf, index);
}

static struct regs cpuid(struct vm *vm, uint32_t leaf, uint32_t index)
{
	return cpuid_on(vm, &vm->vcpus[0], leaf, index);
}

static struct regs forced_cpuid(struct vm *vm, uint32_t leaf, uint32_t index)
{
	return cpuid_by(vm, &vm->vcpus[0], code_forced_cpuid,
			sizeof(code_forced_cpuid), leaf, index);
}

static uint64_t exits_on(struct vm *vm, struct vcpu *vcpu, uint32_t reason)
{
	struct regs r = cpuid_on(vm, vcpu, KVM_EXIT_STATS_CPUID_REASON_EXITS,
				 reason);

	return (uint64_t)r.ebx << 32 | r.eax;
}

static uint64_t exits_of(struct vm *vm, uint32_t reason)
{
	return exits_on(vm, &vm->vcpus[0], reason);
}

static bool is_svm(struct vm *vm)
{
	struct regs r = cpuid(vm, KVM_EXIT_STATS_CPUID_INFO, 0);

	return (r.edx & KVM_EXIT_STATS_ISA_MASK) == KVM_EXIT_STATS_ISA_SVM;
}

static uint32_t cpuid_reason(struct vm *vm)
{
	return is_svm(vm) ? SVM_EXIT_CPUID : EXIT_REASON_CPUID;
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
	uint32_t reason = cpuid_reason(vm);
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

	make_vm(&vm, REAL);
	verdict(exits_of(&vm, cpuid_reason(&vm)) == 2,
		"vmm-new-vm-starts-at-zero");
	end_vm(&vm);
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
		b = forced_cpuid(vm, leaves[i], 0);
		same = same && !memcmp(&a, &b, sizeof(a));
	}
	verdict(same, "vmm-emulated-cpuid-answers-the-same");

	/* The exit in which the emulator reads is a #UD: it counts itself. */
	b = forced_cpuid(vm, KVM_EXIT_STATS_CPUID_REASON_EXITS, ud);
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

	make_vm(&vm, REAL);
	entry = &vm.cpuid->entries[vm.cpuid->nent++];
	*entry = (struct kvm_cpuid_entry2){
		.function = KVM_EXIT_STATS_CPUID_TOTAL_EXITS,
		.eax = want.eax, .ebx = want.ebx,
		.ecx = want.ecx, .edx = want.edx,
	};
	set_cpuid(&vm, &vm.vcpus[0]);
	got = cpuid(&vm, KVM_EXIT_STATS_CPUID_TOTAL_EXITS, 0);
	verdict(!memcmp(&got, &want, sizeof(got)), "vmm-own-entry-wins");
	verdict(has_interface(&vm), "vmm-other-leaves-stay");
	end_vm(&vm);
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

/* A vCPU that is added later counts, and sees what all vCPUs did. */
static void test_second_vcpu(void)
{
	struct kvm_regs first = { .rsi = 23, .rbp = 1 };
	struct kvm_regs second = { .rsi = 29, .rbp = 1 };
	uint64_t before, after;
	uint32_t reason;
	struct vcpu *b;
	struct vm vm;

	make_vm(&vm, REAL);
	reason = cpuid_reason(&vm);
	before = exits_of(&vm, reason);
	run(&vm, code_cpuids, sizeof(code_cpuids), &first);
	b = add_vcpu(&vm, REAL);
	run_on(&vm, b, code_cpuids, sizeof(code_cpuids), &second);
	after = exits_on(&vm, b, reason);
	verdict(after - before == 23 + 29 + 1, "vmm-added-vcpu-sees-all");
	verdict(exits_of(&vm, reason) == after + 1, "vmm-first-vcpu-sees-added");
	end_vm(&vm);
}

struct load {
	struct vm *vm;
	struct vcpu *vcpu;
	int rounds;
	bool shrank;
};

/* A prime number of CPUIDs a round, and a look whether the total grew. */
static void *run_load(void *arg)
{
	struct load *load = arg;
	uint64_t last = 0, now;
	struct regs r;
	int i;

	for (i = 0; i < load->rounds; i++) {
		struct kvm_regs regs = { .rsi = 1009, .rbp = 1 };

		run_on(load->vm, load->vcpu, code_cpuids, sizeof(code_cpuids),
		       &regs);
		r = cpuid_on(load->vm, load->vcpu,
			     KVM_EXIT_STATS_CPUID_TOTAL_EXITS, i);
		now = (uint64_t)r.ebx << 32 | r.eax;
		load->shrank |= now <= last;
		last = now;
	}
	return NULL;
}

static void load_two_vcpus(struct vm *vm, struct load *loads, int rounds,
			   void (*meanwhile)(void))
{
	pthread_t threads[2];
	int i;

	for (i = 0; i < 2; i++) {
		loads[i] = (struct load){ vm, &vm->vcpus[i], rounds, false };
		if (pthread_create(&threads[i], NULL, run_load, &loads[i]))
			errx(1, "no thread");
	}
	if (meanwhile)
		meanwhile();
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* Two vCPUs at once: nothing is lost, whichever of them is asked. */
static void test_load(void)
{
	const int rounds = 97;
	struct load loads[2];
	uint64_t before;
	uint32_t reason;
	struct vm vm;

	make_vm(&vm, REAL);
	add_vcpu(&vm, REAL);
	reason = cpuid_reason(&vm);
	before = exits_of(&vm, reason);
	load_two_vcpus(&vm, loads, rounds, NULL);
	verdict(exits_of(&vm, reason) - before == 2 * rounds * 1010 + 1,
		"vmm-load-on-two-vcpus-is-exact");
	verdict(exits_on(&vm, &vm.vcpus[1], reason) - before ==
		2 * rounds * 1010 + 2, "vmm-load-is-the-same-from-both");
	verdict(!loads[0].shrank && !loads[1].shrank, "vmm-load-only-grows");
	end_vm(&vm);
}

static void set_counting(bool on)
{
	int fd = must(open("/sys/module/kvm/parameters/exit_stats", O_WRONLY),
		      "exit_stats");

	must(write(fd, on ? "1" : "0", 1), "exit_stats");
	close(fd);
}

static void toggle_counting(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		usleep(5000);
		set_counting(i % 2);
	}
}

/*
 * Counting is turned off and on meanwhile. An exit whose start was not taken
 * would add a huge time, so that cycles would exceed the time that went by.
 */
static void test_toggle(void)
{
	uint64_t start = __builtin_ia32_rdtsc(), cycles, before;
	struct load loads[2];
	struct regs r;
	struct vm vm;

	make_vm(&vm, REAL);
	add_vcpu(&vm, REAL);
	load_two_vcpus(&vm, loads, 97, toggle_counting);
	r = cpuid(&vm, KVM_EXIT_STATS_CPUID_TOTAL_CYCLES, 0);
	cycles = (uint64_t)r.ebx << 32 | r.ecx;
	verdict(cycles < 2 * (__builtin_ia32_rdtsc() - start),
		"vmm-toggle-tears-no-cycles");

	before = exits_of(&vm, cpuid_reason(&vm));
	set_counting(false);
	cpuid(&vm, 1, 0);
	set_counting(true);
	/* is_svm() asked once, in between. */
	verdict(exits_of(&vm, cpuid_reason(&vm)) - before == 2,
		"vmm-toggle-stops-and-goes-on");
	end_vm(&vm);
}

static bool is_defined(uint32_t reason, bool svm)
{
	static const uint32_t reserved[] = { 35, 38, 42, 71, 82, 83 };
	size_t i;

	if (svm)
		return reason <= 0xa6 || (reason >= 0x400 && reason <= 0x403) ||
		       reason >= (uint32_t)-4;
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (reason == reserved[i])
			return false;
	}
	return reason <= 85;
}

/* Whether @r may be the answer to @leaf with @index in ECX. */
static bool is_answer(const struct regs *r, uint32_t leaf, uint32_t index,
		      const struct regs fixed[2], bool svm)
{
	bool zero = !(r->eax | r->ebx | r->ecx | r->edx);

	switch (leaf) {
	case KVM_EXIT_STATS_CPUID_SIGNATURE:
	case KVM_EXIT_STATS_CPUID_INFO:
		return !memcmp(r, &fixed[leaf & 1], sizeof(*r));
	case KVM_EXIT_STATS_CPUID_TOTAL_EXITS:
		return r->eax && !(r->ecx | r->edx);
	case KVM_EXIT_STATS_CPUID_TOTAL_CYCLES:
		return r->ecx && !(r->eax | r->edx);
	case KVM_EXIT_STATS_CPUID_REASON_EXITS:
	case KVM_EXIT_STATS_CPUID_REASON_CYCLES:
		if (!is_defined(index, svm))
			return !(r->eax | r->ebx | r->ecx) && r->edx == ~0u;
		if (leaf == KVM_EXIT_STATS_CPUID_REASON_CYCLES)
			return !(r->eax | r->edx);
		return zero || (r->ecx == index && !r->edx);
	default:
		return zero;
	}
}

/* Ask @count times from @index on; how many answers are wrong. */
static int ask(struct vm *vm, enum mode mode, uint32_t leaf, uint32_t index,
	       int count, const struct regs fixed[2], bool svm)
{
	struct kvm_regs regs = { .rbp = leaf, .rsi = index, .rsp = count,
				 .rdi = BUFFER_BASE };
	const struct regs *answers = (void *)(vm->memory + BUFFER_BASE);
	int i, wrong = 0;

	if (mode == REAL)
		run(vm, code_answers16, sizeof(code_answers16), &regs);
	else
		run(vm, code_answers, sizeof(code_answers), &regs);
	for (i = 0; i < count; i++)
		wrong += !is_answer(&answers[i], leaf, index + i, fixed, svm);
	return wrong;
}

/*
 * The leaves that take a reason are asked for every value from every mode. The
 * others get every value too, but a third from each mode: an exit takes a while
 * in an emulator.
 */
static bool is_asked(enum mode mode, uint32_t leaf, uint32_t index)
{
	return leaf >= KVM_EXIT_STATS_CPUID_REASON_EXITS ||
	       index / MAX_ANSWERS % 3 == mode;
}

/* Every leaf of ours, with each of 2^16 values in ECX and some random ones. */
static void test_hostile(enum mode mode)
{
	struct regs fixed[2];
	uint32_t leaf, index;
	struct vm vm;
	int i, wrong = 0;
	char name[64];
	bool svm;

	make_vm(&vm, mode);
	svm = is_svm(&vm);
	fixed[0] = cpuid(&vm, KVM_EXIT_STATS_CPUID_SIGNATURE, 0);
	fixed[1] = cpuid(&vm, KVM_EXIT_STATS_CPUID_INFO, 0);
	verdict(has_interface(&vm), "vmm-hostile-has-interface");

	for (leaf = KVM_EXIT_STATS_CPUID_SIGNATURE;
	     leaf <= KVM_EXIT_STATS_CPUID_REASON_CYCLES; leaf++) {
		for (index = 0; index < 1 << 16; index += MAX_ANSWERS) {
			if (is_asked(mode, leaf, index))
				wrong += ask(&vm, mode, leaf, index,
					     MAX_ANSWERS, fixed, svm);
		}
		for (i = 0; i < 50; i++)
			wrong += ask(&vm, mode, leaf, (uint32_t)mrand48(), 50,
				     fixed, svm);
		wrong += ask(&vm, mode, leaf, -40, 50, fixed, svm);
	}
	snprintf(name, sizeof(name), "vmm-hostile-%s-mode", mode_names[mode]);
	verdict(!wrong, name);
	end_vm(&vm);
}

/* What an exit takes: in Bochs, where an instruction is a tick, exactly. */
static void measure_cost(void)
{
	enum { EXITS = 20011 };
	struct kvm_regs regs = { .rsi = EXITS };
	uint64_t start, best = UINT64_MAX, took;
	struct vm vm;
	int i;

	make_vm(&vm, REAL);
	for (i = 0; i < 5; i++) {
		regs.rsi = EXITS;
		start = __builtin_ia32_rdtsc();
		run(&vm, code_cpuids, sizeof(code_cpuids), &regs);
		took = __builtin_ia32_rdtsc() - start;
		best = took < best ? took : best;
	}
	printf("%.1f TSC ticks a CPUID exit\n", (double)best / EXITS);
	end_vm(&vm);
}

static void tests_on(void)
{
	struct vm vm;

	make_vm(&vm, REAL);
	verdict(has_interface(&vm), "vmm-signature");
	test_workloads(&vm);
	test_starts_at_zero();
	test_emulated(&vm);
	test_own_entry();
	end_vm(&vm);
}

static void tests_off(void)
{
	struct vm vm;

	make_vm(&vm, REAL);
	test_stock(&vm);
	end_vm(&vm);
}

static void tests_vcpus(void)
{
	test_second_vcpu();
	test_load();
	test_toggle();
}

static void tests_hostile(void)
{
	test_hostile(REAL);
	test_hostile(PROTECTED);
	test_hostile(LONG);
}

static const struct {
	const char *name, *help;
	void (*run)(void);
} tests[] = {
	{ "on", "known workloads move their reasons exactly", tests_on },
	{ "off", "the leaves answer as a stock kernel does", tests_off },
	{ "vcpus", "two vCPUs, one added, load, counting toggled", tests_vcpus },
	{ "cost", "not a test: the ticks that a CPUID exit takes", measure_cost },
	{ "hostile", "all leaves, 2^16 values of ECX, three modes", tests_hostile },
};

#define NR_TESTS (sizeof(tests) / sizeof(tests[0]))

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: vmm TEST\nTest KVM's exit counts with a VMM of known exits.\n");
	for (i = 0; i < NR_TESTS; i++)
		fprintf(to, "  %-8s %s\n", tests[i].name, tests[i].help);
}

int main(int argc, char **argv)
{
	size_t i;

	setlinebuf(stdout);
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	for (i = 0; argc == 2 && i < NR_TESTS; i++) {
		if (strcmp(argv[1], tests[i].name))
			continue;
		tests[i].run();
		return failed != 0;
	}
	usage(stderr);
	return 2;
}
