// SPDX-License-Identifier: GPL-2.0-only
/* See output/look.h. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <asm/kvm.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "model/reason.h"
#include "output/look.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The common reasons, the most common first.  What means the same has the same
 * colour on both instruction sets.
 */
static const struct {
	uint32_t vmx, svm;
	const char *color;
} common[] = {
	{ EXIT_REASON_EPT_VIOLATION, SVM_EXIT_NPF, "#2a62c9" },
	{ EXIT_REASON_IO_INSTRUCTION, SVM_EXIT_IOIO, "#d9770a" },
	{ EXIT_REASON_MSR_WRITE, SVM_EXIT_MSR, "#149060" },
	{ EXIT_REASON_EXTERNAL_INTERRUPT, SVM_EXIT_INTR, "#9356c4" },
	{ EXIT_REASON_HLT, SVM_EXIT_HLT, "#1a96a8" },
	{ EXIT_REASON_CPUID, SVM_EXIT_CPUID, "#d8518f" },
	{ EXIT_REASON_EPT_MISCONFIG, SVM_EXIT_AVIC_UNACCELERATED_ACCESS,
	  "#c23a32" },
	{ EXIT_REASON_PREEMPTION_TIMER, SVM_EXIT_AVIC_INCOMPLETE_IPI,
	  "#8a7414" },
	{ EXIT_REASON_INTERRUPT_WINDOW, SVM_EXIT_VINTR, "#4d93d9" },
	{ EXIT_REASON_CR_ACCESS, SVM_EXIT_WRITE_CR0, "#97582c" },
	{ EXIT_REASON_MSR_READ, SVM_EXIT_RDPMC, "#5f9a28" },
	{ EXIT_REASON_PAUSE_INSTRUCTION, SVM_EXIT_PAUSE, "#6d5fd6" },
	{ EXIT_REASON_EXCEPTION_NMI, SVM_EXIT_NMI, "#b5477f" },
	{ EXIT_REASON_VMCALL, SVM_EXIT_VMMCALL, "#3f8079" },
	{ EXIT_REASON_APIC_WRITE, SVM_EXIT_WRITE_CR8, "#c9705c" },
	{ EXIT_REASON_EOI_INDUCED, SVM_EXIT_IRET, "#64788f" },
};

static const char grey[] = "#85868a";

/* A common reason has a colour of its own; the first half of them solid lines. */
struct look look_of(uint32_t isa, uint32_t reason)
{
	size_t i;

	if (reason == REASON_OTHER)
		return (struct look){ "#6b6b6e", 3 };
	for (i = 0; i < ARRAY_SIZE(common); i++) {
		if (reason == (isa == KVM_CPUID_EXIT_STATS_ISA_SVM ?
			       common[i].svm : common[i].vmx))
			return (struct look){ common[i].color,
					      i < ARRAY_SIZE(common) / 2 ? 0 : 1 };
	}
	return (struct look){ common[reason * 7 % ARRAY_SIZE(common)].color, 2 };
}

const char *reason_title(uint32_t isa, uint32_t reason, char text[TITLE_SIZE])
{
	const char *name = reason_name(isa, reason);
	char number[12];

	if (strcmp(name, "-"))
		snprintf(text, TITLE_SIZE, "%s", name);
	else
		snprintf(text, TITLE_SIZE, "reason %s",
			 reason_number(reason, number));
	return text;
}

struct look look_of_rest(void)
{
	return (struct look){ grey, 3 };
}

struct look look_of_account(unsigned int account)
{
	static const char *const colors[NR_ACCOUNTS] = {
		[KVM_CPUID_EXIT_STATS_GUEST]		= "#149060",
		[KVM_CPUID_EXIT_STATS_KERNEL]		= "#c23a32",
		[KVM_CPUID_EXIT_STATS_VMM]		= "#d9770a",
		[KVM_CPUID_EXIT_STATS_WAIT]		= "#9356c4",
		[KVM_CPUID_EXIT_STATS_HALTED]		= "#4d93d9",
		[KVM_CPUID_EXIT_STATS_PREEMPTED]	= "#d8518f",
		[KVM_CPUID_EXIT_STATS_OUTSIDE]		= "#8a7414",
		[KVM_CPUID_EXIT_STATS_OFF]		= grey,
	};

	return (struct look){ colors[account], account % NR_DASHES };
}
