// SPDX-License-Identifier: GPL-2.0-only
/* See model/reason.h. */
#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <asm/kvm.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "model/reason.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct reason_name {
	uint32_t reason;
	const char *name;
};

static const struct reason_name vmx_names[] = { VMX_EXIT_REASONS };
static const struct reason_name svm_names[] = { SVM_EXIT_REASONS };

const char *const time_names[NR_TIMES] = {
	[TIME_KERNEL]	= "kernel",
	[TIME_VMM]	= "vmm",
	[TIME_WAIT]	= "wait",
};

const char *const account_names[NR_ACCOUNTS] = {
	[KVM_CPUID_EXIT_STATS_GUEST]		= "guest",
	[KVM_CPUID_EXIT_STATS_KERNEL]		= "kernel",
	[KVM_CPUID_EXIT_STATS_VMM]		= "vmm",
	[KVM_CPUID_EXIT_STATS_WAIT]		= "wait",
	[KVM_CPUID_EXIT_STATS_HALTED]		= "halted",
	[KVM_CPUID_EXIT_STATS_PREEMPTED]	= "preempted",
	[KVM_CPUID_EXIT_STATS_OUTSIDE]		= "outside",
	[KVM_CPUID_EXIT_STATS_OFF]		= "off",
};

const char *isa_name(uint32_t isa)
{
	return isa == KVM_CPUID_EXIT_STATS_ISA_SVM ? "svm" : "vmx";
}

const char *isa_title(uint32_t isa)
{
	return isa == KVM_CPUID_EXIT_STATS_ISA_SVM ? "SVM" : "VMX";
}

static const struct reason_name *get_names(uint32_t isa, size_t *nr)
{
	if (isa == KVM_CPUID_EXIT_STATS_ISA_SVM) {
		*nr = ARRAY_SIZE(svm_names);
		return svm_names;
	}
	*nr = ARRAY_SIZE(vmx_names);
	return vmx_names;
}

const char *reason_name(uint32_t isa, uint32_t reason)
{
	size_t i, nr;
	const struct reason_name *names = get_names(isa, &nr);

	if (reason == REASON_OTHER)
		return "other";

	for (i = 0; i < nr; i++) {
		if (names[i].reason == reason)
			return names[i].name;
	}
	return "-";
}

const char *reason_at(uint32_t isa, size_t i, uint32_t *reason)
{
	size_t nr;
	const struct reason_name *names = get_names(isa, &nr);

	if (i >= nr)
		return NULL;
	*reason = names[i].reason;
	return names[i].name;
}

static char plain(char c)
{
	return c == '_' ? ' ' : tolower((unsigned char)c);
}

/* Does @name begin with all of @text? */
static bool begins_with(const char *name, const char *text)
{
	for (; *text; name++, text++) {
		if (plain(*name) != plain(*text))
			return false;
	}
	return true;
}

int find_reason(uint32_t isa, const char *text, uint32_t *reason)
{
	size_t i, nr;
	const struct reason_name *names = get_names(isa, &nr);
	int found = 0;

	for (i = 0; i < nr; i++) {
		if (!*text || !begins_with(names[i].name, text))
			continue;
		*reason = names[i].reason;
		if (strlen(names[i].name) == strlen(text))
			return 1;
		found++;
	}
	return found;
}

const char *reason_number(uint32_t reason, char text[12])
{
	if (reason == REASON_OTHER)
		return "-";
	/* SVM's errors are small negative numbers. */
	if (reason > INT32_MAX)
		snprintf(text, 12, "%" PRId32, (int32_t)reason);
	else
		snprintf(text, 12, "%" PRIu32, reason);
	return text;
}
