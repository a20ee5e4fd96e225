/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VMM that does just what tests of exit counts need: vCPUs without devices,
 * so that every exit their guest makes is known beforehand.
 */
#ifndef TEST_VMM_H
#define TEST_VMM_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <kvm_exit_stats.h>

#include "tap.h"

/* Guest physical memory, from 0. */
#define GUEST_SIZE	0x20000
#define CODE_BASE	0x1000
#define CODE_SIZE	0x1000
#define COUNTER		0x6000
#define HANDLER_BASE	0x6100
#define STACK_TOP	0x8000
#define BUFFER_BASE	0x8000
#define BUFFER_SIZE	0x4000
#define PML4_BASE	0x10000
#define PDPT_BASE	0x11000
#define PD_BASE		0x12000

/* Memory for the guest to fault in, a page at a time. */
#define FAULT_BASE	0x200000
#define PAGE		4096ul

#define MAX_VCPUS	255

/* In a VM whose HLT stays in KVM, a write to this port ends the code. */
#define END_PORT	0x99

#define STRING_(x)	#x
#define STRING(x)	STRING_(x)

/* Code for a guest in a mode of @bits bits, to be run as CODE(name). */
#define GUEST_CODE(name, bits, text)					\
	asm(".pushsection .rodata\n"					\
	    ".globl guest_" #name ", guest_" #name "_end\n"		\
	    ".code" #bits "\n"						\
	    "guest_" #name ":\n" text "guest_" #name "_end:\n"		\
	    ".code64\n"							\
	    ".popsection");						\
	extern const uint8_t guest_##name[], guest_##name##_end[]

#define END_BY_OUT	"out %al, $" STRING(END_PORT) "\n"

#define CODE(name) \
	((struct code){ guest_##name, guest_##name##_end - guest_##name })

struct code {
	const void *start;
	size_t size;
};

enum mode { REAL, PROTECTED, LONG };

struct vcpu {
	int fd;
	struct kvm_run *run;
	size_t run_size;
	uint64_t code;
};

struct vm {
	int kvm;
	int fd;
	struct vcpu vcpus[MAX_VCPUS];
	int nr_vcpus;
	uint8_t *memory;
	/* What each vCPU gets, if there is an entry in it. */
	struct kvm_cpuid2 *cpuid;
	/* More memory, of some. */
	uint8_t *faults;
	size_t faults_size;
	/* KVM has the interrupt controller: a HLT does not end KVM_RUN. */
	bool irqchip;
	/* The copy of the CPU's counts that is older than the VM, or 0. */
	int mark;
};

struct regs {
	uint32_t eax, ebx, ecx, edx;
};

/* A row of exit_stats in debugfs. */
struct row {
	uint64_t exits, kernel, vmm, wait;
};

/* Where the ticks of a VM's vCPUs went, by KVM_CPUID_EXIT_STATS_GUEST etc. */
struct accounts {
	uint64_t of[KVM_CPUID_EXIT_STATS_NR_ACCOUNTS];
};

int must(int result, const char *what);

void make_empty_vm(struct vm *vm);
void make_vm(struct vm *vm, enum mode mode);
void make_vm_with_irqchip(struct vm *vm);
void end_vm(struct vm *vm);
struct vcpu *add_vcpu(struct vm *vm, enum mode mode);
void set_cpuid(struct vm *vm, struct vcpu *vcpu);
void get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs);
void set_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs);
void set_msr(struct vcpu *vcpu, uint32_t index, uint64_t value);

void load_code(struct vm *vm, struct vcpu *vcpu, struct code code,
	       struct kvm_regs *regs);
void run_on(struct vm *vm, struct vcpu *vcpu, struct code code,
	    struct kvm_regs *regs);
void run(struct vm *vm, struct code code, struct kvm_regs *regs);

struct regs cpuid_by(struct vm *vm, struct vcpu *vcpu, struct code code,
		     uint32_t leaf, uint32_t index);
struct regs cpuid_on(struct vm *vm, struct vcpu *vcpu, uint32_t leaf,
		     uint32_t index);
struct regs cpuid(struct vm *vm, uint32_t leaf, uint32_t index);
uint64_t exits_on(struct vm *vm, struct vcpu *vcpu, uint32_t reason);
uint64_t exits_of(struct vm *vm, uint32_t reason);
bool is_svm(struct vm *vm);
uint32_t cpuid_reason(struct vm *vm);
uint32_t fault_reason(struct vm *vm);
void add_fault_pages(struct vm *vm, size_t pages);
uint64_t ticks_of(struct vm *vm, double seconds);
uint64_t answer(struct vm *vm, uint32_t leaf, uint32_t index);
bool has_interface(struct vm *vm);
bool answers_as_stock(struct vm *vm);

uint64_t total_on(struct vm *vm, struct vcpu *vcpu);

const char *account_name(uint32_t account);
void debugfs_path(struct vm *vm, const char *name, char *path, size_t size);
struct row debugfs_row(struct vm *vm, const char *reason);
struct row debugfs_reason(struct vm *vm, uint32_t reason);
uint64_t debugfs_account(struct vm *vm, const char *name);
struct accounts debugfs_accounts(struct vm *vm);
uint64_t debugfs_stat(struct vm *vm, const char *name);
int binary_stats(int owner, const char *name, uint64_t *values, int max,
		 uint32_t *flags);
uint64_t binary_stat(struct vm *vm, const char *name);
bool write_parameter(const char *name, const char *value);
char read_parameter(const char *name);
void set_counting(bool on);
void set_histograms(bool on);
int log_lines(void);

int mark_cpu(void);
FILE *open_claims(void);
FILE *open_debugfs(struct vm *vm, const char *name);
void claim_cpu(int pid, int first, const char *name);
void witness_start(void);
void witness_compare(const char *name);
void witness_books(struct vm *vm, const char *name);
void witness_books_toggled(const char *name);

/* Reads leaf EBP, SI times. */
extern const uint8_t guest_cpuids[], guest_cpuids_end[];
/* Writes a port BX times. */
extern const uint8_t guest_outs[], guest_outs_end[];
/* Reads a byte of each of ESI pages from EDI on; for protected mode. */
extern const uint8_t guest_faults[], guest_faults_end[];
/* Runs on, without an exit of its own, for ESI times 2^16 ticks. */
extern const uint8_t guest_spin[], guest_spin_end[];

/* A guest that reads leaves in one KVM_RUN, in a thread, until it is ended. */
struct runner {
	struct vm *vm;
	pthread_t thread;
	atomic_int tid;
	atomic_bool returned;
};

void start_runner(struct runner *runner, struct vm *vm);
void end_runner(struct runner *runner);

/* For a VM with an irqchip: its APIC's timer, and writes of its deadline. */
void init_guest(struct vm *vm);
void set_deadlines(struct vm *vm, int times);
void sleep_by_timer(struct vm *vm, int times, uint32_t ticks);

/* Guests of guests: see nest-vmx.c. */
void set_up_vmx(struct vm *vm, uint64_t rip);
void run_nested_vmx(struct vm *vm, uint32_t times);

/* Pages that come late: see late.c. */
struct late;

struct late *make_late(struct vm *vm, unsigned int delay_us);
uint64_t end_late(struct late *late);

static inline uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

double now(void);

/* A vCPU that reads leaves, and looks whether the total grew. */
struct load {
	struct vm *vm;
	struct vcpu *vcpu;
	int rounds;		/* at most */
	bool shrank;
	atomic_bool stop;
	atomic_int done;	/* rounds */
};

void load_two_vcpus(struct vm *vm, struct load *loads, int rounds,
		    void (*meanwhile)(void));

void tests_on(void);
void tests_off(void);
int measure_cost(int argc, char **argv);
void tests_parallel(void);
void tests_toggle(void);
void tests_hostile(void);
void tests_agree(void);
void tests_books(void);
void tests_tail(void);
void tests_hist(void);
void tests_time(void);
void tests_blocked(void);
void tests_log(void);
void tests_threads(void);
void tests_reload(void);
void tests_visible(void);
void tests_nest(void);
void tests_fast(void);
void tests_failed_entry(void);
void tests_invalid_state(void);
int tests_random(int argc, char **argv);

#endif /* TEST_VMM_H */
