// SPDX-License-Identifier: GPL-2.0-only
/* A guest that asks for everything, as fast as it can. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm.h"

static const char * const mode_names[] = { "real", "protected", "long" };

/* Answers that fit the buffer. */
#define MAX_ANSWERS	(BUFFER_SIZE / sizeof(struct regs))

/* Read leaf EBP, ESP times, with ECX from ESI on; store the answers at EDI. */
#define ANSWERS							\
	"1: mov %ebp, %eax; mov %esi, %ecx; cpuid\n"		\
	"stosl; mov %ebx, %eax; stosl; mov %ecx, %eax; stosl\n"	\
	"mov %edx, %eax; stosl; inc %esi; dec %esp; jnz 1b; hlt\n"
GUEST_CODE(answers16, 16, ANSWERS);
/* In 32-bit mode the same bytes do the same. */
GUEST_CODE(answers, 64, ANSWERS);

/* Who asks, and what the leaves of fixed content answered at first. */
struct asker {
	struct vm *vm;
	struct vcpu *vcpu;
	enum mode mode;
	bool svm;
	uint64_t buffer;
	struct regs fixed[2];
};

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

static struct asker make_asker(struct vm *vm, struct vcpu *vcpu,
			       enum mode mode)
{
	return (struct asker){
		.vm = vm, .vcpu = vcpu, .mode = mode, .svm = is_svm(vm),
		.buffer = BUFFER_BASE,
		.fixed = {
			cpuid(vm, KVM_EXIT_STATS_CPUID_SIGNATURE, 0),
			cpuid(vm, KVM_EXIT_STATS_CPUID_INFO, 0),
		},
	};
}

/* Ask @count times from @index on; the answers are then in the buffer. */
static const struct regs *ask(const struct asker *asker, uint32_t leaf,
			      uint32_t index, int count)
{
	struct kvm_regs regs = { .rbp = leaf, .rsi = index, .rsp = count,
				 .rdi = asker->buffer };

	if (asker->mode == REAL)
		run_on(asker->vm, asker->vcpu, CODE(answers16), &regs);
	else
		run_on(asker->vm, asker->vcpu, CODE(answers), &regs);
	return (const void *)(asker->vm->memory + asker->buffer);
}

/* How many answers are wrong. */
static int check_answers(const struct asker *asker, uint32_t leaf,
			 uint32_t index, int count)
{
	const struct regs *answers = ask(asker, leaf, index, count);
	int i, wrong = 0;

	for (i = 0; i < count; i++)
		wrong += !is_answer(&answers[i], leaf, index + i, asker->fixed,
				    asker->svm);
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
static void test_answers(enum mode mode)
{
	struct asker asker;
	uint32_t leaf, index;
	int i, wrong = 0;
	char name[64];
	struct vm vm;

	make_vm(&vm, mode);
	asker = make_asker(&vm, &vm.vcpus[0], mode);
	verdict(has_interface(&vm), "vmm-hostile-has-interface");

	for (leaf = KVM_EXIT_STATS_CPUID_SIGNATURE;
	     leaf <= KVM_EXIT_STATS_CPUID_REASON_CYCLES; leaf++) {
		for (index = 0; index < 1 << 16; index += MAX_ANSWERS) {
			if (is_asked(mode, leaf, index))
				wrong += check_answers(&asker, leaf, index,
						       MAX_ANSWERS);
		}
		for (i = 0; i < 50; i++)
			wrong += check_answers(&asker, leaf,
					       (uint32_t)mrand48(), 50);
		wrong += check_answers(&asker, leaf, -40, 50);
	}
	snprintf(name, sizeof(name), "vmm-hostile-%s-mode", mode_names[mode]);
	verdict(!wrong, name);
	end_vm(&vm);
}

void tests_hostile(void)
{
	test_answers(REAL);
	test_answers(PROTECTED);
	test_answers(LONG);
}
