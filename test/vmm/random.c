// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs random programs, each in a VM of its own, and answers whatever they ask
 * with random data. When its vCPUs stand still, all counts must agree.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "program.h"

/* Of all vCPUs of a program. */
#define MAX_RUNS	200
/* A KVM_RUN may take so long, and so many of a vCPU's may. */
#define RUN_US		10000
#define MAX_STUCK	3
/* What ends a guest is mended so often for each vCPU. */
#define MAX_RESTARTS	4
/* Of more programs, every tenth is compared with the tracepoint. */
#define WITNESSED	100

#define EFER_LME	(1 << 8)
#define EFER_LMA	(1 << 10)
#define CR0_PG		(1u << 31)
#define CR4_PAE		(1 << 5)

/* Debian 12's headers are older than its backport of it. */
#ifndef KVM_RUN_X86_GUEST_MODE
#define KVM_RUN_X86_GUEST_MODE	(1 << 2)
#endif

/* What all vectors do. */
GUEST_CODE(any_vector, 32, "1: out %al, $" STRING(HANDLER_PORT) "; jmp 1b\n");

/* A program as it runs. */
struct play {
	struct program *program;
	struct vm *vm;
	struct vcpu *vcpu;
	const struct text *text;
	struct kvm_sregs first;
	uint32_t slot;
	int runs, stuck, restarts;
	/* The CPU refused to enter the guest. */
	bool failed;
};

/* How often a reason occurred in all programs. */
struct tally {
	char reason[16], name[48];
	uint64_t exits;
	int programs;
};

struct tallies {
	struct tally of[256];
	int nr;
	uint64_t exits;
};

static struct kvm_run *volatile running;

static void stop_run(int signal)
{
	(void)signal;
	if (running)
		running->immediate_exit = 1;
}

static void catch_alarm(void)
{
	struct sigaction action = { .sa_handler = stop_run };

	must(sigaction(SIGALRM, &action, NULL), "SIGALRM");
}

static void set_alarm(long us)
{
	struct itimerval timer = { .it_value.tv_usec = us };

	must(setitimer(ITIMER_REAL, &timer, NULL), "timer");
}

static bool is_64bit(enum program_mode mode)
{
	return mode == LONG_MODE || mode == COMPAT_MODE;
}

/*
 * Each entry of the CPUID that KVM supports stays or goes. KVM sets EFER only for
 * a vCPU whose CPUID has long mode.
 */
static void choose_cpuid(struct kvm_cpuid2 *cpuid, struct program *program)
{
	uint32_t i, nr = 0;

	if (program->cpuid == FULL_CPUID)
		return;
	for (i = 0; i < cpuid->nent; i++) {
		if ((cpuid->entries[i].function == 0x80000001 &&
		     is_64bit(program->mode)) ||
		    (program->cpuid == SOME_CPUID &&
		     !one_in(&program->random, 3)))
			cpuid->entries[nr++] = cpuid->entries[i];
	}
	cpuid->nent = nr;
}

static void add_read_only_page(struct vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.slot = 2, .flags = KVM_MEM_READONLY,
		.guest_phys_addr = READ_ONLY_BASE, .memory_size = PAGE,
		.userspace_addr = (uintptr_t)vm->memory + BUFFER_BASE,
	};

	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region), "memory slot");
}

static void let_msrs_exit(struct vm *vm)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR,
		.args = { KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN |
			  KVM_MSR_EXIT_REASON_FILTER },
	};

	must(ioctl(vm->fd, KVM_ENABLE_CAP, &cap), "KVM_CAP_X86_USER_SPACE_MSR");
}

/* Identity maps of the first gigabyte and the fourth. */
static void map_memory(struct vm *vm)
{
	uint64_t *pdpt = (void *)(vm->memory + PDPT_BASE);
	uint64_t *pae = (void *)(vm->memory + PAE_BASE);
	uint64_t *low = (void *)(vm->memory + PD_BASE);
	uint64_t *high = (void *)(vm->memory + HIGH_PD_BASE);
	uint64_t i;

	*(uint64_t *)(vm->memory + PML4_BASE) = PDPT_BASE | 3;
	pdpt[0] = PD_BASE | 3;
	pdpt[3] = HIGH_PD_BASE | 3;
	pae[0] = PD_BASE | 1;
	pae[3] = HIGH_PD_BASE | 1;
	for (i = 0; i < 512; i++) {
		low[i] = i << 21 | 0x83;
		high[i] = (3ul << 30 | i << 21) | 0x83;
	}
}

/*
 * All vectors end in the handler; interrupts stay as they were, where the mode
 * can do that.
 */
static void make_tables(struct vm *vm, enum program_mode mode)
{
	static const uint64_t gdt[] = {
		0, 0x00cf9b000000ffff, 0x00cf93000000ffff,
		0x0000890000000067 | TSS_BASE << 16, 0x00af9b000000ffff,
	};
	uint64_t gate = HANDLER_BASE | 0x8f0000000000;
	int i;

	memcpy(vm->memory + GDT_BASE, gdt, sizeof(gdt));
	gate |= (is_64bit(mode) ? CODE64_SELECTOR : CODE32_SELECTOR) << 16;
	memcpy(vm->memory + HANDLER_BASE, CODE(any_vector).start,
	       CODE(any_vector).size);
	for (i = 0; i < 256; i++) {
		if (mode == REAL_MODE)
			((uint32_t *)vm->memory)[i] = HANDLER_BASE;
		else
			((uint64_t *)(vm->memory + IDT_BASE))
				[is_64bit(mode) ? 2 * i : i] = gate;
	}
	map_memory(vm);
}

static void set_program_mode(struct vcpu *vcpu, enum program_mode mode)
{
	struct kvm_sregs sregs;

	get_sregs(vcpu, &sregs);
	if (mode != REAL_MODE) {
		sregs.gdt = (struct kvm_dtable){ GDT_BASE, 5 * 8 - 1, {} };
		sregs.idt = (struct kvm_dtable){ IDT_BASE, 0xfff, {} };
	}
	if (is_64bit(mode))
		sregs.cs.selector = CODE64_SELECTOR;
	if (mode == COMPAT_MODE) {
		sregs.cs.l = 0;
		sregs.cs.db = 1;
		sregs.cs.selector = CODE32_SELECTOR;
	}
	if (mode == PAE_MODE) {
		sregs.cr3 = PAE_BASE;
		sregs.cr4 |= CR4_PAE;
		sregs.cr0 |= CR0_PG;
	}
	set_sregs(vcpu, &sregs);
}

static void add_program_vcpu(struct vm *vm, const struct program *program)
{
	static const enum mode modes[] = {
		REAL, PROTECTED, PROTECTED, LONG, LONG,
	};
	struct kvm_mp_state runnable = { KVM_MP_STATE_RUNNABLE };
	struct kvm_guest_debug steps = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
	};
	struct vcpu *vcpu = add_vcpu(vm, modes[program->mode]);

	set_program_mode(vcpu, program->mode);
	if (vm->irqchip)
		must(ioctl(vcpu->fd, KVM_SET_MP_STATE, &runnable),
		     "KVM_SET_MP_STATE");
	if (program->steps)
		must(ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &steps),
		     "KVM_SET_GUEST_DEBUG");
}

/* What VMXON may take for its revision, and IRET for flags. */
static void fill_buffer(struct vm *vm)
{
	uint32_t *buffer = (uint32_t *)(vm->memory + BUFFER_BASE);

	buffer[0] = 0x11e57ed0;
	buffer[1] = 0x202;
	buffer[2] = 0x202;
	buffer[4] = 0x202;
}

static void make_program_vm(struct vm *vm, struct program *program)
{
	int i;

	make_empty_vm(vm);
	choose_cpuid(vm->cpuid, program);
	vm->irqchip = program->irqchip;
	if (vm->irqchip)
		must(ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	if (program->msrs_exit)
		let_msrs_exit(vm);
	add_fault_pages(vm, 16);
	add_read_only_page(vm);
	for (i = 0; i < program->nr_vcpus; i++)
		add_program_vcpu(vm, program);
	make_tables(vm, program->mode);
	fill_buffer(vm);
}

/*
 * Bochs (2.7) lets an external interrupt end a guest only if interrupts were on
 * when the CPU entered it: a guest that loops with them off would have L1 for
 * ever. On VMX interrupts are on wherever the VMM decides.
 */
static uint64_t flags_of(struct program *program)
{
	bool off = one_in(&program->random, 2);

	return off && program->svm ? 2 : 0x202;
}

/* Go on with the next slot; false if that was the last one. */
static bool next_slot(struct play *play)
{
	struct kvm_mp_state runnable = { KVM_MP_STATE_RUNNABLE };
	struct kvm_regs regs;
	uint32_t at;

	must(ioctl(play->vcpu->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	at = regs.rbp & 0xffff;
	if (at > play->slot && at < play->text->nr_slots)
		play->slot = at;
	if (++play->slot >= play->text->nr_slots)
		return false;
	regs.rip = play->vcpu->code + play->text->slots[play->slot];
	regs.rsp = STACK_TOP;
	regs.rbp = play->slot;
	regs.rflags = flags_of(play->program);
	if (play->vm->irqchip &&
	    ioctl(play->vcpu->fd, KVM_SET_MP_STATE, &runnable))
		return false;
	return !ioctl(play->vcpu->fd, KVM_SET_REGS, &regs);
}

/* Back into the mode that the vCPU began with. */
static bool restore_mode(struct play *play)
{
	/* A guest of the guest's has a mode of its own. */
	if (play->vcpu->run->flags & KVM_RUN_X86_GUEST_MODE)
		return false;
	return !ioctl(play->vcpu->fd, KVM_SET_SREGS, &play->first);
}

/* The guest cannot go on by itself. */
static bool restart(struct play *play)
{
	return play->restarts++ < MAX_RESTARTS && restore_mode(play) &&
	       next_slot(play);
}

static bool handled(struct play *play)
{
	if (play->program->mode == COMPAT_MODE ||
	    one_in(&play->program->random, 4))
		return restore_mode(play) && next_slot(play);
	return next_slot(play);
}

static void draw_bytes(struct random *random, void *to, size_t size)
{
	uint8_t *at = to;

	while (size--)
		*at++ = one_in(random, 2) ? draw(random) : 0;
}

static bool answer_io(struct play *play)
{
	struct kvm_run *run = play->vcpu->run;

	if (run->io.direction == KVM_EXIT_IO_IN)
		draw_bytes(&play->program->random,
			   (uint8_t *)run + run->io.data_offset,
			   run->io.size * run->io.count);
	else if (run->io.port == HANDLER_PORT)
		return handled(play);
	return run->io.port != END_PORT;
}

/* What KVM_RUN returned for; false if the vCPU is to run no more. */
static bool answer_exit(struct play *play)
{
	struct random *random = &play->program->random;
	struct kvm_run *run = play->vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		return answer_io(play);
	case KVM_EXIT_MMIO:
		if (!run->mmio.is_write)
			draw_bytes(random, run->mmio.data, run->mmio.len);
		return true;
	case KVM_EXIT_X86_RDMSR:
	case KVM_EXIT_X86_WRMSR:
		run->msr.data = draw(random);
		run->msr.error = one_in(random, 2);
		return true;
	case KVM_EXIT_FAIL_ENTRY:
		play->failed = true;
		return restart(play);
	case KVM_EXIT_SHUTDOWN:
	case KVM_EXIT_INTERNAL_ERROR:
		return restart(play);
	default:
		return true;
	}
}

/* Now and then something comes from outside. */
static void disturb(struct play *play)
{
	struct random *random = &play->program->random;
	struct kvm_run *run = play->vcpu->run;
	struct kvm_interrupt interrupt = { 32 + below(random, 224) };

	if (one_in(random, 32))
		ioctl(play->vcpu->fd, KVM_NMI);
	if (play->vm->irqchip)
		return;
	run->request_interrupt_window = one_in(random, 8);
	if (one_in(random, 4) && run->ready_for_interrupt_injection)
		ioctl(play->vcpu->fd, KVM_INTERRUPT, &interrupt);
}

/* Until the VMM has something to do; false if nothing was done. */
static bool run_once(struct play *play)
{
	int result, error;

	running = play->vcpu->run;
	set_alarm(RUN_US);
	result = ioctl(play->vcpu->fd, KVM_RUN, 0);
	error = errno;
	set_alarm(0);
	running = NULL;
	play->vcpu->run->immediate_exit = 0;
	if (!result)
		return answer_exit(play);
	if (error == EAGAIN)
		return true;
	return error == EINTR && play->stuck++ < MAX_STUCK && next_slot(play);
}

static bool run_vcpu(struct program *program, struct vm *vm, int i)
{
	struct play play = {
		.program = program, .vm = vm, .vcpu = &vm->vcpus[i],
		.text = &program->texts[i],
	};
	struct code code = { play.text->bytes, play.text->size };
	struct kvm_regs regs = { .rsp = STACK_TOP };

	load_code(vm, play.vcpu, code, &regs);
	regs.rflags = flags_of(program);
	must(ioctl(play.vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	get_sregs(play.vcpu, &play.first);
	do {
		disturb(&play);
	} while (run_once(&play) && ++play.runs < MAX_RUNS / program->nr_vcpus);
	return !play.failed;
}

static void tally_row(struct tallies *tallies, const char *reason,
		      const char *name, uint64_t exits)
{
	struct tally *tally = tallies->of;

	while (tally < tallies->of + tallies->nr &&
	       strcmp(tally->reason, reason))
		tally++;
	if (tally == tallies->of + tallies->nr) {
		tallies->nr++;
		snprintf(tally->reason, sizeof(tally->reason), "%s", reason);
		snprintf(tally->name, sizeof(tally->name), "%s", name);
	}
	tally->exits += exits;
	tally->programs++;
}

/* Add the rows of the VM's table; the sum of their exits. */
static uint64_t tally_rows(struct tallies *tallies, struct vm *vm)
{
	char path[128], line[128], reason[16], name[48];
	uint64_t exits, sum = 0;
	FILE *file;

	debugfs_path(vm, "exit_stats", path, sizeof(path));
	file = fopen(path, "r");
	if (!file)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%15s %lu %*u %*u %*u %47[^\n]", reason, &exits,
			   name) != 3 || !strcmp(reason, "total") || !exits)
			continue;
		tally_row(tallies, reason, name, exits);
		sum += exits;
	}
	fclose(file);
	tallies->exits += sum;
	return sum;
}

/*
 * KVM's stat.exits counts an entry that VMX refuses at once, and emulation
 * without one where the CPU cannot run real mode.
 */
static bool has_exact_stat(void)
{
	FILE *file = fopen("/sys/module/kvm_intel/parameters/unrestricted_guest",
			   "r");
	bool exact = !file || fgetc(file) == 'Y';

	if (file)
		fclose(file);
	return exact;
}

/* By the tracepoint and the books, which takes long in an emulator. */
static void check_by_witness(struct vm *vm, uint64_t seed)
{
	char name[80];

	snprintf(name, sizeof(name), "vmm-random-%lu-equals-kvm_exit", seed);
	witness_compare(name);
	snprintf(name, sizeof(name), "vmm-random-%lu-books-close", seed);
	witness_books(vm, name);
}

/* The CPU's word on each program comes on the host, by its seed. */
static void check_program(struct vm *vm, const struct program *program,
			  struct tallies *tallies, bool exact, bool witness)
{
	uint64_t sum = tally_rows(tallies, vm);
	uint64_t total = debugfs_row(vm, "total").exits;
	uint64_t stat = debugfs_stat(vm, "exits");
	unsigned int failed = tap.failed;
	char name[80];

	snprintf(name, sizeof(name), "vmm-random-%lu", program->seed);
	if (witness)
		check_by_witness(vm, program->seed);
	else
		claim_cpu(getpid(), vm->mark, name);
	snprintf(name, sizeof(name), "vmm-random-%lu-sum-is-total",
		 program->seed);
	tap_is(sum, total, name);
	snprintf(name, sizeof(name), "vmm-random-%lu-total-is-kvm-stat-exits",
		 program->seed);
	tap_in(stat, total, exact && has_exact_stat() ? total : UINT64_MAX, name);
	if (tap.failed > failed)
		print_program(program);
}

static void play_program(uint64_t seed, bool svm, bool witness,
			 struct tallies *tallies)
{
	struct program program;
	bool exact = true;
	struct vm vm;
	int i;

	make_program(&program, seed, svm);
	/* Before what may be the end of the host. */
	printf("# random %lu: %s mode\n", seed, program_modes[program.mode]);
	if (witness)
		witness_start();
	make_program_vm(&vm, &program);
	for (i = 0; i < program.nr_vcpus; i++)
		exact &= run_vcpu(&program, &vm, i);
	check_program(&vm, &program, tallies, exact, witness);
	end_vm(&vm);
}

static int by_exits(const void *a, const void *b)
{
	const struct tally *one = a, *other = b;

	return one->exits < other->exits ? 1 : -(one->exits > other->exits);
}

static void print_tallies(struct tallies *tallies, uint64_t seed, int programs,
			  double seconds)
{
	int i;

	qsort(tallies->of, tallies->nr, sizeof(tallies->of[0]), by_exits);
	printf("# reason     exits programs name\n");
	for (i = 0; i < tallies->nr; i++) {
		const struct tally *tally = &tallies->of[i];

		printf("# %6s %9lu %8d %s\n", tally->reason, tally->exits,
		       tally->programs, tally->name);
	}
	printf("# random: seeds %lu to %lu, %d programs, %lu exits, %d reasons, mean %.1f exits, %.1f s\n",
	       seed, seed + programs - 1, programs, tallies->exits, tallies->nr,
	       (double)tallies->exits / programs, seconds);
}

static bool is_amd(void)
{
	return !system("grep -qw svm /proc/cpuinfo");
}

/* vmm random SEED COUNT */
int tests_random(int argc, char **argv)
{
	static struct tallies tallies;
	double start = now();
	uint64_t seed;
	bool svm;
	int i, count;

	if (argc != 2 || sscanf(argv[0], "%lu", &seed) != 1 ||
	    sscanf(argv[1], "%d", &count) != 1 || count < 1) {
		fprintf(stderr, "usage: vmm random SEED COUNT\n");
		return 2;
	}
	svm = is_amd();
	catch_alarm();
	/* For the comparison of times with the CPU's: see test/boot/witness. */
	setenv("CPU_ANY_END", "yes", 1);
	for (i = 0; i < count; i++)
		play_program(seed + i, svm, count <= WITNESSED || i % 10 == 0,
			     &tallies);
	print_tallies(&tallies, seed, count, now() - start);
	return tap.failed != 0;
}
