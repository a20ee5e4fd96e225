// SPDX-License-Identifier: GPL-2.0-only
/* See source/leaves.h. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <asm/kvm.h>
#include <asm/kvm_para.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "source/leaves.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define CPUID_FEATURES		1
#define CPUID_ECX_HYPERVISOR	(1u << 31)

/* Where hypervisors put their signature leaves, and how far apart. */
#define HYPERVISOR_FIRST	0x40000000
#define HYPERVISOR_END		0x40010000
#define HYPERVISOR_STEP		0x100

/* Far above what any instruction set defines: more is not believable. */
#define MAX_REASONS		0x10000

#define SIGNATURE_LENGTH	12

static const uint32_t time_leaves[NR_TIMES] = {
	[TIME_KERNEL]	= KVM_CPUID_EXIT_STATS_REASON_KERNEL,
	[TIME_VMM]	= KVM_CPUID_EXIT_STATS_REASON_VMM,
	[TIME_WAIT]	= KVM_CPUID_EXIT_STATS_REASON_WAIT,
};

/* Readable from version 2 on, so that what is read adds up to the totals. */
static const uint32_t extra_reasons[] = {
	KVM_CPUID_EXIT_STATS_OTHER,
	-4u, -3u, -2u, -1u,	/* of SVM only */
};

struct exit_stats_regs exit_stats_cpuid_native(uint32_t leaf, uint32_t subleaf)
{
	struct exit_stats_regs regs;

	asm volatile("cpuid"
		     : "=a" (regs.eax), "=b" (regs.ebx), "=c" (regs.ecx),
		       "=d" (regs.edx)
		     : "a" (leaf), "c" (subleaf)
		     : "memory");
	return regs;
}

/*
 * The bytes before the instruction ask KVM to emulate it.  A KVM that was not
 * told to listen to them lets the guest have its #UD.
 */
struct exit_stats_regs exit_stats_cpuid_emulated(uint32_t leaf,
						 uint32_t subleaf)
{
	struct exit_stats_regs regs;

	asm volatile(".byte 0x0f, 0x0b, 0x6b, 0x76, 0x6d\n\tcpuid"
		     : "=a" (regs.eax), "=b" (regs.ebx), "=c" (regs.ecx),
		       "=d" (regs.edx)
		     : "a" (leaf), "c" (subleaf)
		     : "memory");
	return regs;
}

struct exit_stats_regs exit_stats_read(struct exit_stats *es, uint32_t leaf,
				       uint32_t subleaf)
{
	es->reads++;
	return es->cpuid(leaf, subleaf);
}

uint64_t exit_stats_total_exits(struct exit_stats *es)
{
	struct exit_stats_regs regs =
		exit_stats_read(es, KVM_CPUID_EXIT_STATS_TOTAL_EXITS, 0);

	return exit_stats_join(regs.ebx, regs.eax);
}

/* All leaves of times are alike. */
static uint64_t read_time(struct exit_stats *es, uint32_t leaf, uint32_t subleaf)
{
	struct exit_stats_regs regs = exit_stats_read(es, leaf, subleaf);

	return exit_stats_join(regs.ebx, regs.ecx);
}

uint64_t exit_stats_total_kernel(struct exit_stats *es)
{
	return read_time(es, KVM_CPUID_EXIT_STATS_TOTAL_KERNEL, 0);
}

uint64_t exit_stats_account(struct exit_stats *es, uint32_t account)
{
	return read_time(es, KVM_CPUID_EXIT_STATS_ACCOUNT, account);
}

/* 0 as well for a reason that is not defined or has no handler. */
uint64_t exit_stats_reason_exits(struct exit_stats *es, uint32_t reason)
{
	struct exit_stats_regs regs =
		exit_stats_read(es, KVM_CPUID_EXIT_STATS_REASON_EXITS, reason);

	return exit_stats_join(regs.ebx, regs.eax);
}

uint64_t exit_stats_reason_time(struct exit_stats *es, uint32_t reason,
				enum exit_stats_time time)
{
	return read_time(es, time_leaves[time], reason);
}

/* Twelve characters in EBX, ECX and EDX, and a NUL. */
static void get_signature(const struct exit_stats_regs *regs,
			  char text[SIGNATURE_LENGTH + 1])
{
	memcpy(text, &regs->ebx, 4);
	memcpy(text + 4, &regs->ecx, 4);
	memcpy(text + 8, &regs->edx, 4);
	text[SIGNATURE_LENGTH] = '\0';
}

static bool has_signature(struct exit_stats *es, uint32_t leaf,
			  const char expected[SIGNATURE_LENGTH])
{
	struct exit_stats_regs regs = exit_stats_read(es, leaf, 0);
	char text[SIGNATURE_LENGTH + 1];

	get_signature(&regs, text);
	return !memcmp(text, expected, SIGNATURE_LENGTH);
}

static enum exit_stats_status find_why_absent(struct exit_stats *es)
{
	struct exit_stats_regs regs = exit_stats_read(es, CPUID_FEATURES, 0);
	uint32_t leaf;

	if (!(regs.ecx & CPUID_ECX_HYPERVISOR))
		return EXIT_STATS_NO_HYPERVISOR;

	/* KVM is not the first where it imitates another hypervisor too. */
	for (leaf = HYPERVISOR_FIRST; leaf < HYPERVISOR_END;
	     leaf += HYPERVISOR_STEP) {
		if (has_signature(es, leaf, KVM_SIGNATURE))
			return EXIT_STATS_NOT_OFFERED;
	}
	return EXIT_STATS_NOT_KVM;
}

/*
 * An emulated CPUID is a #UD to the hardware: KVM sees the prefix only when it
 * looks at that exception.
 */
static uint32_t find_own_reason(uint32_t isa, bool emulated)
{
	if (isa == KVM_CPUID_EXIT_STATS_ISA_SVM)
		return emulated ? SVM_EXIT_EXCP_BASE + UD_VECTOR
				: SVM_EXIT_CPUID;

	return emulated ? EXIT_REASON_EXCEPTION_NMI : EXIT_REASON_CPUID;
}

static enum exit_stats_status read_info(struct exit_stats *es)
{
	struct exit_stats_regs regs =
		exit_stats_read(es, KVM_CPUID_EXIT_STATS_INFO, 0);

	es->version = regs.eax;
	if (!es->version || es->version > KVM_CPUID_EXIT_STATS_VERSION)
		return EXIT_STATS_UNKNOWN_VERSION;

	es->tsc_khz = regs.ebx;
	es->nr_reasons = regs.ecx;
	es->isa = regs.edx & KVM_CPUID_EXIT_STATS_ISA_MASK;
	if (es->version > 1)
		es->features = regs.edx & ~KVM_CPUID_EXIT_STATS_ISA_MASK;
	es->own_reason = find_own_reason(es->isa, es->emulated);

	if (es->isa != KVM_CPUID_EXIT_STATS_ISA_VMX &&
	    es->isa != KVM_CPUID_EXIT_STATS_ISA_SVM)
		return EXIT_STATS_BAD_INFO;
	if (es->nr_reasons <= es->own_reason || es->nr_reasons > MAX_REASONS)
		return EXIT_STATS_BAD_INFO;
	exit_stats_is_anew(es);
	return EXIT_STATS_OK;
}

/* What was read of an epoch that is over is not in the counts of a new one. */
bool exit_stats_is_anew(struct exit_stats *es)
{
	uint64_t before = es->epoch;
	struct exit_stats_regs regs;

	if (!(es->features & KVM_CPUID_EXIT_STATS_F_EPOCH))
		return false;
	regs = exit_stats_read(es, KVM_CPUID_EXIT_STATS_EPOCH, 0);
	es->epoch = exit_stats_join(regs.ebx, regs.eax);
	es->age = exit_stats_join(regs.edx, regs.ecx);
	if (!before || es->epoch == before)
		return false;
	es->reads = 0;
	return true;
}

bool exit_stats_is_present(struct exit_stats *es)
{
	return has_signature(es, KVM_CPUID_EXIT_STATS_SIGNATURE,
			     KVM_CPUID_EXIT_STATS_ID);
}

enum exit_stats_status exit_stats_open(struct exit_stats *es)
{
	es->reads = 0;
	es->epoch = es->age = es->features = 0;
	if (!exit_stats_is_present(es))
		return find_why_absent(es);
	return read_info(es);
}

/* What the hypervisor calls itself, safe for a terminal. */
static void get_hypervisor_name(struct exit_stats *es,
				char text[SIGNATURE_LENGTH + 1])
{
	struct exit_stats_regs regs = exit_stats_read(es, HYPERVISOR_FIRST, 0);
	int i;

	get_signature(&regs, text);
	for (i = SIGNATURE_LENGTH; i > 0 && !text[i - 1]; i--)
		;
	while (i-- > 0) {
		if (!isprint((unsigned char)text[i]))
			text[i] = '.';
	}
}

void exit_stats_explain(FILE *out, struct exit_stats *es,
			enum exit_stats_status status)
{
	char name[SIGNATURE_LENGTH + 1];

	switch (status) {
	case EXIT_STATS_OK:
		break;
	case EXIT_STATS_NO_HYPERVISOR:
		fputs("no hypervisor here (CPUID.1:ECX bit 31 is clear): run this in a KVM guest, or 'exitstat host' on a host\n",
		      out);
		break;
	case EXIT_STATS_NOT_KVM:
		get_hypervisor_name(es, name);
		fprintf(out, "the hypervisor \"%s\" is not KVM: run this in a KVM guest, or 'exitstat host' on a host\n",
			name);
		break;
	case EXIT_STATS_NOT_OFFERED:
		fputs("KVM without exit statistics: use a patched kernel on the host, with Y in /sys/module/kvm/parameters/exit_stats and exit_stats_guest\n",
		      out);
		break;
	case EXIT_STATS_UNKNOWN_VERSION:
		fprintf(out, "the host has version %" PRIu32 " of the interface, this program knows only up to %d; use the program that comes with the host's kernel\n",
			es->version, KVM_CPUID_EXIT_STATS_VERSION);
		break;
	case EXIT_STATS_BAD_INFO:
		fprintf(out, "the host's interface makes no sense (ISA %" PRIu32 ", %" PRIu32 " exit reasons); report a bug of the host's kernel\n",
			es->isa, es->nr_reasons);
		break;
	}
}

uint32_t exit_stats_reason_at(const struct exit_stats *es, uint32_t i)
{
	return i < es->nr_reasons ? i : extra_reasons[i - es->nr_reasons];
}

uint32_t exit_stats_nr_rows(const struct exit_stats *es)
{
	if (es->version < 2)
		return es->nr_reasons;
	if (es->isa == KVM_CPUID_EXIT_STATS_ISA_SVM)
		return es->nr_reasons + ARRAY_SIZE(extra_reasons);
	return es->nr_reasons + 1;
}

/*
 * Exits first: a reason without any has no time, and each read that is saved is
 * an exit less.  Only what is in no reason's row has time from before the first
 * exit.  A reason that is not defined will not be.
 */
static void collect_row(struct exit_stats *es, struct exit_stats_row *row)
{
	struct exit_stats_regs regs;
	int time, nr = exit_stats_has_times(es) ? NR_TIMES : 1;

	if (row->undefined)
		return;
	regs = exit_stats_read(es, KVM_CPUID_EXIT_STATS_REASON_EXITS,
			       row->reason);
	row->undefined = regs.edx == KVM_CPUID_EXIT_STATS_UNDEFINED;
	row->exits = exit_stats_join(regs.ebx, regs.eax);
	if (!row->exits && row->reason != KVM_CPUID_EXIT_STATS_OTHER)
		nr = 0;
	memset(row->times, 0, sizeof(row->times));
	for (time = 0; time < nr; time++)
		row->times[time] = exit_stats_reason_time(es, row->reason, time);
}

static int make_rows(const struct exit_stats *es,
		     struct exit_stats_snapshot *snapshot)
{
	uint32_t i, nr = exit_stats_nr_rows(es);

	if (snapshot->rows)
		return 0;
	snapshot->rows = calloc(nr, sizeof(*snapshot->rows));
	if (!snapshot->rows)
		return -1;
	snapshot->nr_rows = nr;
	for (i = 0; i < nr; i++)
		snapshot->rows[i].reason = exit_stats_reason_at(es, i);
	return 0;
}

/*
 * First comes the reason that reading itself causes, so that its row has as few
 * of these reads as possible.
 */
int exit_stats_collect_rows(struct exit_stats *es,
			    struct exit_stats_snapshot *snapshot)
{
	uint32_t i;

	if (make_rows(es, snapshot))
		return -1;

	/* The row's first read, of its exits, still counts itself. */
	snapshot->own_exits = es->reads + 1;
	collect_row(es, &snapshot->rows[es->own_reason]);

	for (i = 0; i < snapshot->nr_rows; i++) {
		if (i != es->own_reason)
			collect_row(es, &snapshot->rows[i]);
	}
	for (i = 0; exit_stats_has_times(es) && i < NR_ACCOUNTS; i++)
		snapshot->accounts[i] = exit_stats_account(es, i);
	return 0;
}

/* The totals are read once each, as the host may log each read. */
int exit_stats_collect(struct exit_stats *es,
		       struct exit_stats_snapshot *snapshot)
{
	snapshot->total_exits = exit_stats_total_exits(es);
	snapshot->total_kernel = exit_stats_total_kernel(es);
	return exit_stats_collect_rows(es, snapshot);
}

void exit_stats_free(struct exit_stats_snapshot *snapshot)
{
	free(snapshot->rows);
	memset(snapshot, 0, sizeof(*snapshot));
}

void exit_stats_print_totals(FILE *out, const struct exit_stats *es,
			     const struct exit_stats_snapshot *snapshot)
{
	fprintf(out, "total exits: %" PRIu64 "\n", snapshot->total_exits);
	fprintf(out, "total cycles: %" PRIu64 "\n", snapshot->total_kernel);
	fprintf(out, "host: %s, TSC at %" PRIu32 " kHz\n",
		isa_title(es->isa), es->tsc_khz);
}
