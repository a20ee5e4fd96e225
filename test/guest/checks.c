// SPDX-License-Identifier: GPL-2.0-only
/*
 * The promises of the interface, each a check.  Other exits, such as the
 * timer's, may come between any two reads: a check that needs silence tries
 * until it had some, up to a bound.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <asm/kvm.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "checks.h"
#include "facts/facts.h"
#include "source/leaves.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define NR_PAIRS	1000	/* of reads that must differ by one */
#define NR_MONOTONIC	1000
#define NR_CPUIDS	23
#define NR_TRIES	200	/* to find a quiet moment */

/* No count or time gets here; values with swapped halves soon do. */
#define UNBELIEVABLE	(1ull << 56)

enum result { PASS, FAIL, SKIP };

struct checks {
	struct exit_stats *es;
	bool *live;		/* by row: had exits when last looked */
	uint32_t nr_live;
	char note[256];
};

/* Whether any reads but our own were counted, and what the reasons' sum was. */
struct window {
	uint64_t first;		/* total before the reasons */
	uint64_t last;		/* total after the reasons */
	uint64_t sum;
	uint32_t own_position;	/* of our own reason, from 1 */
};

static const struct exit_stats_regs zeros;
static const struct exit_stats_regs undefined = {
	.edx = KVM_CPUID_EXIT_STATS_UNDEFINED,
};

/* Values that a program may leave in ECX before it reads a total. */
static const uint32_t garbage[] = {
	0, 1, EXIT_REASON_CPUID, SVM_EXIT_CPUID, 0x403, 0x80000000, 0xdeadbeef,
	0xffffffff,
};

/* Far from all that is defined; the manuals' numbers are in test/facts. */
static const uint32_t far_off[] = {
	0x10000, 0x80000072, 0x8000000a, 0xfffffffb, 0xfffffffe, 0xffffffff,
};

static const uint32_t vmx_unhandled[] = {
	3, 4, 5, 6, 11, 16, 17, 51, 63, 65,
};

/* -4 to -1 are the codes of a VMRUN that failed, which is not an exit. */
static const uint32_t svm_unhandled[] = {
	0x66, 0x6e, 0x70, 0xa3, 0xfffffffc, 0xffffffff,
};

/* These got handlers in later kernels: SEAMCALL, TDCALL, and MSRs by immediate. */
static const uint32_t vmx_defined[] = { 76, 77, 84, 85 };

/* ICEBP, BUSLOCK and IDLE_HLT. */
static const uint32_t svm_defined[] = { 0x88, 0xa5, 0xa6 };

static const uint32_t vmx_handled[] = {
	EXIT_REASON_EXCEPTION_NMI, EXIT_REASON_EXTERNAL_INTERRUPT,
	EXIT_REASON_CPUID, EXIT_REASON_HLT, EXIT_REASON_IO_INSTRUCTION,
	EXIT_REASON_MSR_WRITE, EXIT_REASON_EPT_VIOLATION,
	EXIT_REASON_PREEMPTION_TIMER, EXIT_REASON_BUS_LOCK, EXIT_REASON_NOTIFY,
};

static const uint32_t svm_handled[] = {
	SVM_EXIT_EXCP_BASE + UD_VECTOR, SVM_EXIT_INTR, SVM_EXIT_CPUID,
	SVM_EXIT_HLT, SVM_EXIT_IOIO, SVM_EXIT_MSR, SVM_EXIT_NPF,
};

enum kind { UNHANDLED, DEFINED, HANDLED, NR_KINDS };

#define LIST(array) { array, ARRAY_SIZE(array) }

static const struct list {
	const uint32_t *reasons;
	size_t nr;
} lists[][NR_KINDS] = {
	[KVM_CPUID_EXIT_STATS_ISA_VMX] = {
		[UNHANDLED]	= LIST(vmx_unhandled),
		[DEFINED]	= LIST(vmx_defined),
		[HANDLED]	= LIST(vmx_handled),
	},
	[KVM_CPUID_EXIT_STATS_ISA_SVM] = {
		[UNHANDLED]	= LIST(svm_unhandled),
		[DEFINED]	= LIST(svm_defined),
		[HANDLED]	= LIST(svm_handled),
	},
};

__attribute__((format(printf, 2, 3)))
static void note(struct checks *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(c->note, sizeof(c->note), format, arguments);
	va_end(arguments);
}

static bool same(const struct exit_stats_regs *a,
		 const struct exit_stats_regs *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static enum result judge(struct checks *c, uint32_t leaf, uint32_t subleaf,
			 const struct exit_stats_regs *saw,
			 const struct exit_stats_regs *expected)
{
	if (same(saw, expected))
		return PASS;

	note(c, "leaf 0x%" PRIx32 " ecx 0x%" PRIx32
	     ": %08" PRIx32 " %08" PRIx32 " %08" PRIx32 " %08" PRIx32
	     ", expected %08" PRIx32 " %08" PRIx32 " %08" PRIx32 " %08" PRIx32,
	     leaf, subleaf, saw->eax, saw->ebx, saw->ecx, saw->edx,
	     expected->eax, expected->ebx, expected->ecx, expected->edx);
	return FAIL;
}

static enum result expect(struct checks *c, uint32_t leaf, uint32_t subleaf,
			  const struct exit_stats_regs *expected)
{
	struct exit_stats_regs saw = exit_stats_read(c->es, leaf, subleaf);

	return judge(c, leaf, subleaf, &saw, expected);
}

/* The leaves of times by reason are all alike; version 1 has the first. */
static const uint32_t time_leaves[] = {
	KVM_CPUID_EXIT_STATS_REASON_KERNEL,
	KVM_CPUID_EXIT_STATS_REASON_VMM,
	KVM_CPUID_EXIT_STATS_REASON_WAIT,
};

static size_t nr_time_leaves(const struct checks *c)
{
	return c->es->version < 2 ? 1 : ARRAY_SIZE(time_leaves);
}

static enum result expect_reason(struct checks *c, uint32_t reason,
				 const struct exit_stats_regs *expected)
{
	size_t i;

	if (expect(c, KVM_CPUID_EXIT_STATS_REASON_EXITS, reason, expected))
		return FAIL;
	for (i = 0; i < nr_time_leaves(c); i++) {
		if (expect(c, time_leaves[i], reason, expected))
			return FAIL;
	}
	return PASS;
}

/* A time has two registers; the other two are 0. */
static enum result expect_time(struct checks *c, uint32_t leaf, uint32_t subleaf)
{
	struct exit_stats_regs saw = exit_stats_read(c->es, leaf, subleaf);
	struct exit_stats_regs expected = { .ebx = saw.ebx, .ecx = saw.ecx };

	return judge(c, leaf, subleaf, &saw, &expected);
}

/* What only version 2 promises. */
static bool is_first_version(struct checks *c)
{
	if (c->es->version > 1)
		return false;
	note(c, "version 1 of the interface does not have it");
	return true;
}

static enum result check_join(struct checks *c)
{
	uint64_t joined = exit_stats_join(1, 2);

	if (joined == 0x100000002ull &&
	    exit_stats_join(0xffffffff, 0xfffffffe) == 0xfffffffffffffffeull)
		return PASS;

	note(c, "high 1 and low 2 gave 0x%" PRIx64 ", expected 0x100000002",
	     joined);
	return FAIL;
}

static enum result check_signature(struct checks *c)
{
	static const char signature[] = KVM_CPUID_EXIT_STATS_ID;
	struct exit_stats_regs expected = {
		.eax = KVM_CPUID_EXIT_STATS_REASON_KERNEL,
	};

	memcpy(&expected.ebx, &signature[0], 4);
	memcpy(&expected.ecx, &signature[4], 4);
	memcpy(&expected.edx, &signature[8], 4);

	return expect(c, KVM_CPUID_EXIT_STATS_SIGNATURE, 0, &expected);
}

static enum result check_info(struct checks *c)
{
	const uint32_t features = KVM_CPUID_EXIT_STATS_F_EPOCH |
				  KVM_CPUID_EXIT_STATS_F_ACCOUNTS |
				  KVM_CPUID_EXIT_STATS_F_REASON_TIMES |
				  KVM_CPUID_EXIT_STATS_F_HIST;
	const struct exit_stats *es = c->es;
	uint32_t expected = es->version > 1 ? features : 0;

	note(c, "version %" PRIu32 ", %s, %" PRIu32 " kHz, %" PRIu32 " reasons",
	     es->version, es->isa == KVM_CPUID_EXIT_STATS_ISA_VMX ? "VMX" : "SVM",
	     es->tsc_khz, es->nr_reasons);
	if (es->tsc_khz && es->features == expected)
		return PASS;

	note(c, "%" PRIu32 " kHz, features 0x%" PRIx32
	     ", expected a frequency, and 0x%" PRIx32, es->tsc_khz,
	     es->features, expected);
	return FAIL;
}

/* One epoch in all of a run; the VM is older each time. */
static enum result check_epoch(struct checks *c)
{
	struct exit_stats_regs first, regs;
	uint64_t age, before = 0;
	int i;

	if (is_first_version(c))
		return SKIP;
	first = exit_stats_read(c->es, KVM_CPUID_EXIT_STATS_EPOCH, 0);
	for (i = 0; i < NR_MONOTONIC; i++) {
		regs = exit_stats_read(c->es, KVM_CPUID_EXIT_STATS_EPOCH,
				       garbage[i % ARRAY_SIZE(garbage)]);
		age = exit_stats_join(regs.edx, regs.ecx);
		if ((regs.eax || regs.ebx) && regs.eax == first.eax &&
		    regs.ebx == first.ebx && age > before &&
		    age < UNBELIEVABLE) {
			before = age;
			continue;
		}
		note(c, "epoch %08" PRIx32 "%08" PRIx32 " age %" PRIu64
		     ", expected %08" PRIx32 "%08" PRIx32
		     ", not 0, and an age above %" PRIu64 ", below 2^56",
		     regs.ebx, regs.eax, age, first.ebx, first.eax, before);
		return FAIL;
	}
	return PASS;
}

static enum result check_accounts_defined(struct checks *c)
{
	static const uint32_t others[] = {
		KVM_CPUID_EXIT_STATS_NR_ACCOUNTS, 9, 0x100,
		KVM_CPUID_EXIT_STATS_OTHER, 0xffffffff,
	};
	const uint32_t leaf = KVM_CPUID_EXIT_STATS_ACCOUNT;
	uint32_t i;

	if (is_first_version(c))
		return SKIP;
	for (i = 0; i < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS; i++) {
		if (expect_time(c, leaf, i))
			return FAIL;
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (expect(c, leaf, others[i], &undefined))
			return FAIL;
	}
	return PASS;
}

static enum result check_accounts_grow(struct checks *c)
{
	uint64_t before[NR_ACCOUNTS] = { 0 }, now;
	int i, account;

	if (is_first_version(c))
		return SKIP;
	for (i = 0; i < NR_MONOTONIC; i++) {
		account = i % NR_ACCOUNTS;
		now = exit_stats_account(c->es, account);
		if (now < before[account] || now >= UNBELIEVABLE) {
			note(c, "%s: %" PRIu64 " after %" PRIu64
			     ", expected no less, and no 2^56",
			     account_names[account], now, before[account]);
			return FAIL;
		}
		before[account] = now;
	}
	return PASS;
}

/* This program runs, and its CPUIDs are handled: two accounts must not be 0. */
static enum result check_accounts_move(struct checks *c)
{
	static const uint32_t moving[] = {
		KVM_CPUID_EXIT_STATS_GUEST, KVM_CPUID_EXIT_STATS_KERNEL,
	};
	uint64_t before;
	size_t i;
	int n;

	if (is_first_version(c))
		return SKIP;
	for (i = 0; i < ARRAY_SIZE(moving); i++) {
		before = exit_stats_account(c->es, moving[i]);
		for (n = 0; n < NR_CPUIDS; n++)
			exit_stats_read(c->es, 0, 0);
		if (exit_stats_account(c->es, moving[i]) > before)
			continue;
		note(c, "%s stands still at %" PRIu64 " through %d CPUIDs, expected more",
		     account_names[moving[i]], before, NR_CPUIDS);
		return FAIL;
	}
	return PASS;
}

/* The info leaf says one more than the highest: ask at both sides of that. */
static enum result check_highest_reason(struct checks *c)
{
	uint32_t reason = c->es->nr_reasons - 1;
	struct exit_stats_regs regs =
		exit_stats_read(c->es, KVM_CPUID_EXIT_STATS_REASON_EXITS,
				reason);

	if (regs.edx) {
		note(c, "0x%" PRIx32 " has EDX 0x%08" PRIx32
		     ", expected it to be defined", reason, regs.edx);
		return FAIL;
	}
	return expect_reason(c, reason + 1, &undefined);
}

static enum result check_reserved_leaves(struct checks *c)
{
	uint32_t leaf = c->es->version < 2 ? KVM_CPUID_EXIT_STATS_INFO + 1
					   : KVM_CPUID_EXIT_STATS_REASON_HIST + 1;
	size_t i;

	for (;
	     leaf < KVM_CPUID_EXIT_STATS_TOTAL_EXITS; leaf++) {
		for (i = 0; i < ARRAY_SIZE(garbage); i++) {
			if (expect(c, leaf, garbage[i], &zeros))
				return FAIL;
		}
	}
	return PASS;
}

static enum result check_one_exit_a_read(struct checks *c)
{
	uint64_t before = exit_stats_total_exits(c->es), now;
	unsigned int i, exact = 0;

	for (i = 0; i < NR_PAIRS; i++) {
		now = exit_stats_total_exits(c->es);
		if (now <= before) {
			note(c, "%" PRIu64 " after %" PRIu64
			     ", expected one more at least", now, before);
			return FAIL;
		}
		exact += now == before + 1;
		before = now;
	}

	note(c, "%u of %d differ by exactly 1%s", exact, NR_PAIRS,
	     exact ? "" : ", expected some");
	return exact ? PASS : FAIL;
}

/* Own exits between two reads of the own reason's count: one more, the last. */
static uint64_t count_cpuids(struct checks *c)
{
	uint64_t before = exit_stats_reason_exits(c->es, c->es->own_reason);
	int i;

	for (i = 0; i < NR_CPUIDS; i++)
		exit_stats_read(c->es, 0, 0);

	return exit_stats_reason_exits(c->es, c->es->own_reason) - before;
}

static enum result check_known_workload(struct checks *c)
{
	const int expected = NR_CPUIDS + 1;
	uint64_t moved = 0;
	int try;

	for (try = 1; try <= NR_TRIES; try++) {
		moved = count_cpuids(c);
		if (moved <= (uint64_t)expected)
			break;
	}

	note(c, "%d CPUIDs and 1 read moved reason %" PRIu32 " by %" PRIu64
	     ", expected %d; try %d of %d", NR_CPUIDS, c->es->own_reason, moved,
	     expected, try <= NR_TRIES ? try : NR_TRIES, NR_TRIES);
	return moved == (uint64_t)expected ? PASS : FAIL;
}

static uint64_t read_total(struct checks *c, uint32_t leaf, uint32_t subleaf)
{
	struct exit_stats_regs regs = exit_stats_read(c->es, leaf, subleaf);

	if (leaf == KVM_CPUID_EXIT_STATS_TOTAL_EXITS)
		return exit_stats_join(regs.ebx, regs.eax);
	return exit_stats_join(regs.ebx, regs.ecx);
}

static enum result check_ignores_ecx(struct checks *c, uint32_t leaf)
{
	uint64_t before, saw, after;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(garbage); i++) {
		before = read_total(c, leaf, 0);
		saw = read_total(c, leaf, garbage[i]);
		after = read_total(c, leaf, 0);
		if (saw >= before && saw <= after)
			continue;

		note(c, "ecx 0x%" PRIx32 ": %" PRIu64 ", expected %" PRIu64
		     " to %" PRIu64, garbage[i], saw, before, after);
		return FAIL;
	}
	return PASS;
}

static enum result check_exits_ignore_ecx(struct checks *c)
{
	return check_ignores_ecx(c, KVM_CPUID_EXIT_STATS_TOTAL_EXITS);
}

static enum result check_cycles_ignore_ecx(struct checks *c)
{
	return check_ignores_ecx(c, KVM_CPUID_EXIT_STATS_TOTAL_KERNEL);
}

/* The registers that carry a value are expected to be what they are. */
static enum result check_totals_unused(struct checks *c)
{
	const uint32_t leaf = KVM_CPUID_EXIT_STATS_TOTAL_EXITS;
	struct exit_stats_regs saw, expected;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(garbage); i++) {
		saw = exit_stats_read(c->es, leaf, garbage[i]);
		expected = (struct exit_stats_regs){ saw.eax, saw.ebx, 0, 0 };
		if (judge(c, leaf, garbage[i], &saw, &expected) ||
		    expect_time(c, KVM_CPUID_EXIT_STATS_TOTAL_KERNEL, garbage[i]))
			return FAIL;
	}
	return PASS;
}

/*
 * A reason is undefined on all leaves or on none.  One that is not echoed has
 * no handler, and no counts either.
 */
static enum result check_reason(struct checks *c, uint32_t reason)
{
	const uint32_t leaf = KVM_CPUID_EXIT_STATS_REASON_EXITS;
	struct exit_stats_regs saw = exit_stats_read(c->es, leaf, reason);
	struct exit_stats_regs expected = { .eax = saw.eax, .ebx = saw.ebx };
	size_t i;

	if (same(&saw, &undefined) || same(&saw, &zeros))
		expected = saw;
	else
		expected.ecx = reason;
	if (judge(c, leaf, reason, &saw, &expected))
		return FAIL;

	/* Reason 0 looks unhandled as long as it has no exits. */
	if (same(&saw, &undefined) || (reason && same(&saw, &zeros)))
		return expect_reason(c, reason, &saw);

	for (i = 0; i < nr_time_leaves(c); i++) {
		if (expect_time(c, time_leaves[i], reason))
			return FAIL;
	}
	return PASS;
}

static enum result check_reasons_unused(struct checks *c)
{
	uint32_t i;

	for (i = 0; i < exit_stats_nr_rows(c->es); i++) {
		if (check_reason(c, exit_stats_reason_at(c->es, i)))
			return FAIL;
	}
	return PASS;
}

static enum result check_listed(struct checks *c, enum kind kind,
				enum result (*check)(struct checks *c,
						     uint32_t reason))
{
	const struct list *list = &lists[c->es->isa][kind];
	size_t i;

	for (i = 0; i < list->nr; i++) {
		if (check(c, list->reasons[i]))
			return FAIL;
	}
	return PASS;
}

static enum result check_undefined(struct checks *c, uint32_t reason)
{
	return expect_reason(c, reason, &undefined);
}

/* From version 2 on it has a count once it happened, of a nested guest. */
static enum result check_unhandled(struct checks *c, uint32_t reason)
{
	const uint32_t leaf = KVM_CPUID_EXIT_STATS_REASON_EXITS;
	struct exit_stats_regs saw = exit_stats_read(c->es, leaf, reason);
	struct exit_stats_regs expected = {
		.eax = saw.eax, .ebx = saw.ebx, .ecx = reason,
	};

	if (c->es->version < 2 || !(saw.eax || saw.ebx))
		return expect_reason(c, reason, &zeros);
	return judge(c, leaf, reason, &saw, &expected);
}

/* What is in no reason's own row is always echoed. */
static enum result check_other(struct checks *c)
{
	const uint32_t leaf = KVM_CPUID_EXIT_STATS_REASON_EXITS;
	const uint32_t other = KVM_CPUID_EXIT_STATS_OTHER;
	struct exit_stats_regs saw, expected;
	size_t i;

	if (is_first_version(c))
		return SKIP;
	saw = exit_stats_read(c->es, leaf, other);
	expected = (struct exit_stats_regs){ saw.eax, saw.ebx, other, 0 };
	if (judge(c, leaf, other, &saw, &expected))
		return FAIL;
	for (i = 0; i < nr_time_leaves(c); i++) {
		if (expect_time(c, time_leaves[i], other))
			return FAIL;
	}
	return PASS;
}

static enum result check_defined(struct checks *c, uint32_t reason)
{
	const uint32_t leaf = KVM_CPUID_EXIT_STATS_REASON_EXITS;
	struct exit_stats_regs saw = exit_stats_read(c->es, leaf, reason);
	struct exit_stats_regs expected = saw;

	expected.edx = 0;
	return judge(c, leaf, reason, &saw, &expected);
}

static enum result check_handled(struct checks *c, uint32_t reason)
{
	const uint32_t leaf = KVM_CPUID_EXIT_STATS_REASON_EXITS;
	struct exit_stats_regs saw = exit_stats_read(c->es, leaf, reason);
	struct exit_stats_regs expected = saw;

	expected.ecx = reason;
	expected.edx = 0;
	return judge(c, leaf, reason, &saw, &expected);
}

/* Every number that is not defined, to some behind the last, and far-off ones. */
static enum result check_undefined_reasons(struct checks *c)
{
	bool svm = c->es->isa == KVM_CPUID_EXIT_STATS_ISA_SVM;
	uint32_t reason, i;

	for (reason = 0; reason < end_of_reasons(svm) + 16; reason++) {
		if (!is_defined_reason(svm, reason) &&
		    check_undefined(c, reason))
			return FAIL;
	}
	for (i = 0; i < ARRAY_SIZE(far_off); i++) {
		if (!is_defined_reason(svm, far_off[i]) &&
		    check_undefined(c, far_off[i]))
			return FAIL;
	}
	return PASS;
}

static enum result check_unhandled_reasons(struct checks *c)
{
	return check_listed(c, UNHANDLED, check_unhandled);
}

static enum result check_defined_reasons(struct checks *c)
{
	return check_listed(c, DEFINED, check_defined);
}

static enum result check_handled_reasons(struct checks *c)
{
	return check_listed(c, HANDLED, check_handled);
}

static uint64_t own_exits(struct exit_stats *es)
{
	return exit_stats_reason_exits(es, es->own_reason);
}

static uint64_t own_cycles(struct exit_stats *es)
{
	return exit_stats_reason_time(es, es->own_reason, TIME_KERNEL);
}

static enum result check_grows(struct checks *c, const char *what,
			       uint64_t (*get)(struct exit_stats *es))
{
	uint64_t before = get(c->es), now;
	int i;

	for (i = 0; i < NR_MONOTONIC; i++) {
		now = get(c->es);
		if (now < before) {
			note(c, "%s: %" PRIu64 " after %" PRIu64
			     ", expected no less", what, now, before);
			return FAIL;
		}
		before = now;
	}
	return PASS;
}

static enum result check_monotonic(struct checks *c)
{
	if (check_grows(c, "total exits", exit_stats_total_exits) ||
	    check_grows(c, "total cycles", exit_stats_total_kernel) ||
	    check_grows(c, "reason's exits", own_exits) ||
	    check_grows(c, "reason's cycles", own_cycles))
		return FAIL;
	return PASS;
}

/* The cycles of the exit that reads them are not there yet: exits go first. */
static enum result check_halves(struct checks *c)
{
	uint64_t exits = exit_stats_total_exits(c->es);
	uint64_t cycles = exit_stats_total_kernel(c->es);
	uint64_t own = own_exits(c->es);
	uint64_t own_time = own_cycles(c->es);

	if (exits <= cycles && cycles < UNBELIEVABLE &&
	    own <= own_time && own_time < UNBELIEVABLE)
		return PASS;

	note(c, "%" PRIu64 " exits %" PRIu64 " cycles, reason %" PRIu32 ": %"
	     PRIu64 " exits %" PRIu64
	     " cycles; expected a cycle or more an exit, and no 2^56",
	     exits, cycles, c->es->own_reason, own, own_time);
	return FAIL;
}

/*
 * Which reasons have exits: few of all, so that a window over them is short.
 * What is in no reason's row has time from before the first exit, too.
 */
static void find_live(struct checks *c)
{
	uint32_t i, reason;

	c->nr_live = 0;
	for (i = 0; i < exit_stats_nr_rows(c->es); i++) {
		reason = exit_stats_reason_at(c->es, i);
		c->live[i] = reason == c->es->own_reason ||
			     reason == KVM_CPUID_EXIT_STATS_OTHER ||
			     exit_stats_reason_exits(c->es, reason);
		c->nr_live += c->live[i];
	}
}

/* Counts only grow: what has no exits now had none before. */
static bool others_have_none(struct checks *c)
{
	uint32_t i;

	for (i = 0; i < exit_stats_nr_rows(c->es); i++) {
		if (!c->live[i] &&
		    exit_stats_reason_exits(c->es, exit_stats_reason_at(c->es, i)))
			return false;
	}
	return true;
}

static struct window look(struct checks *c)
{
	struct window window = { .first = exit_stats_total_exits(c->es) };
	uint32_t i, position = 0;

	for (i = 0; i < exit_stats_nr_rows(c->es); i++) {
		uint32_t reason = exit_stats_reason_at(c->es, i);

		if (!c->live[i])
			continue;
		position++;
		if (reason == c->es->own_reason)
			window.own_position = position;
		window.sum += exit_stats_reason_exits(c->es, reason);
	}

	window.last = exit_stats_total_exits(c->es);
	return window;
}

/* Without silence, the sum lies between the totals before and after it. */
static enum result check_sum_bounds(struct checks *c)
{
	struct window window;
	int try;

	for (try = 0; try < NR_TRIES; try++) {
		find_live(c);
		window = look(c);
		if (others_have_none(c))
			break;
	}
	if (try == NR_TRIES) {
		note(c, "new reasons kept coming up for %d tries", NR_TRIES);
		return SKIP;
	}

	note(c, "never quiet in %d tries: sum %" PRIu64
	     ", expected between %" PRIu64 " and %" PRIu64, NR_TRIES,
	     window.sum, window.first, window.last);
	return window.sum >= window.first && window.sum <= window.last ? PASS
								      : FAIL;
}

/*
 * Of the exits in a quiet window only our own reads move a count: the own
 * reason's, and when that is read, as many were made as its position says.
 */
static enum result check_exits_sum(struct checks *c)
{
	struct window window;
	uint64_t expected;
	int try;

	find_live(c);
	for (try = 1; try <= NR_TRIES; try++) {
		window = look(c);
		if (window.last - window.first != c->nr_live + 1)
			continue;
		if (!others_have_none(c)) {
			find_live(c);
			continue;
		}

		expected = window.first + window.own_position;
		note(c, "sum %" PRIu64 ", total %" PRIu64 " and %" PRIu32
		     " reads, expected %" PRIu64 "; try %d of %d", window.sum,
		     window.first, window.own_position, expected, try,
		     NR_TRIES);
		return window.sum == expected ? PASS : FAIL;
	}
	return check_sum_bounds(c);
}

static uint64_t read_account(struct checks *c, enum exit_stats_time time)
{
	static const uint32_t accounts[] = {
		[TIME_KERNEL]	= KVM_CPUID_EXIT_STATS_KERNEL,
		[TIME_VMM]	= KVM_CPUID_EXIT_STATS_VMM,
		[TIME_WAIT]	= KVM_CPUID_EXIT_STATS_WAIT,
	};

	return exit_stats_account(c->es, accounts[time]);
}

/*
 * The cycles of the reads are not known, so that only bounds can be checked.
 * A second try is for a reason that had its first exit during this one.
 */
static enum result check_time_sum(struct checks *c, enum exit_stats_time time,
				  uint64_t (*total)(struct checks *c,
						    enum exit_stats_time time))
{
	uint64_t first, sum, last;
	uint32_t i;
	int try;

	for (try = 0; try < 3; try++) {
		find_live(c);
		sum = 0;
		first = total(c, time);
		for (i = 0; i < exit_stats_nr_rows(c->es); i++) {
			if (c->live[i])
				sum += exit_stats_reason_time(c->es,
					exit_stats_reason_at(c->es, i), time);
		}
		last = total(c, time);
		if (sum >= first && sum <= last)
			return PASS;
	}

	note(c, "%s: sum %" PRIu64 ", expected between %" PRIu64 " and %" PRIu64,
	     time_names[time], sum, first, last);
	return FAIL;
}

static uint64_t read_total_kernel(struct checks *c, enum exit_stats_time time)
{
	(void)time;
	return exit_stats_total_kernel(c->es);
}

static enum result check_cycles_sum(struct checks *c)
{
	return check_time_sum(c, TIME_KERNEL, read_total_kernel);
}

/* What all reasons took is what the accounts of that name have. */
static enum result check_times_sum(struct checks *c)
{
	enum exit_stats_time time;

	if (is_first_version(c))
		return SKIP;
	for (time = 0; time < NR_TIMES; time++) {
		if (check_time_sum(c, time, read_account))
			return FAIL;
	}
	return PASS;
}

static struct exit_stats_regs read_bucket(struct checks *c, uint32_t reason,
					  uint32_t bucket)
{
	if (reason == KVM_CPUID_EXIT_STATS_OTHER)
		reason = KVM_CPUID_EXIT_STATS_HIST_OTHER;
	return exit_stats_read(c->es, KVM_CPUID_EXIT_STATS_REASON_HIST,
			       reason << KVM_CPUID_EXIT_STATS_HIST_REASON_SHIFT |
			       bucket);
}

static uint64_t bucket_from(uint32_t bucket)
{
	return bucket < 16 ? 8 * bucket :
			     (8ull + bucket % 8) << (bucket / 8 + 2);
}

/* What a walk over a reason's buckets found. */
struct walk {
	uint64_t exits;		/* in all of them */
	uint64_t least;		/* that these cost, in all */
	uint64_t max;
	uint32_t end;		/* one behind the last that is not empty */
};

/* Each answer must be behind the one before. */
static bool walk(struct checks *c, uint32_t reason, struct walk *walk)
{
	struct exit_stats_regs regs;
	uint64_t number;

	*walk = (struct walk){ 0 };
	while (walk->end <= KVM_CPUID_EXIT_STATS_NR_BUCKETS) {
		regs = read_bucket(c, reason, walk->end);
		number = exit_stats_join(regs.ebx, regs.eax);
		if (regs.ecx == KVM_CPUID_EXIT_STATS_NO_BUCKET) {
			walk->max = number;
			return !regs.edx;
		}
		if (regs.edx || !number || regs.ecx < walk->end ||
		    regs.ecx >= KVM_CPUID_EXIT_STATS_NR_BUCKETS)
			return false;
		walk->exits += number;
		walk->least += number * bucket_from(regs.ecx);
		walk->end = regs.ecx + 1;
	}
	return false;
}

/* A histogram has no more exits than its reason, and none cost more than all did. */
static bool check_histogram(struct checks *c, uint32_t reason, uint64_t *over)
{
	uint64_t exits, kernel;
	struct walk walked;
	bool has_max;

	if (!walk(c, reason, &walked)) {
		note(c, "reason %" PRId32 ": no walk behind bucket %" PRIu32,
		     (int32_t)reason, walked.end);
		return false;
	}
	*over += walked.exits;
	exits = exit_stats_reason_exits(c->es, reason);
	kernel = exit_stats_reason_time(c->es, reason, TIME_KERNEL);
	has_max = !walked.end ? !walked.max :
		  walked.max >= bucket_from(walked.end - 1) &&
		  (walked.end == KVM_CPUID_EXIT_STATS_NR_BUCKETS ||
		   walked.max < bucket_from(walked.end));
	if (walked.exits <= exits && walked.least <= kernel && has_max)
		return true;

	note(c, "reason %" PRId32 ": %" PRIu64 " of %" PRIu64
	     " exits, at least %" PRIu64 " of %" PRIu64 " cycles, max %" PRIu64
	     ", expected in bucket %" PRIu32, (int32_t)reason, walked.exits,
	     exits, walked.least, kernel, walked.max, walked.end - 1);
	return false;
}

static enum result check_histograms(struct checks *c)
{
	const struct exit_stats_regs undefined = {
		.edx = KVM_CPUID_EXIT_STATS_UNDEFINED,
	};
	bool svm = c->es->isa == KVM_CPUID_EXIT_STATS_ISA_SVM;
	struct exit_stats_regs saw;
	uint64_t over = 0;
	uint32_t i;

	if (!(c->es->features & KVM_CPUID_EXIT_STATS_F_HIST)) {
		note(c, "the host has no histograms");
		return SKIP;
	}
	for (i = 0; i < exit_stats_nr_rows(c->es); i++) {
		uint32_t reason = exit_stats_reason_at(c->es, i);

		if ((reason == KVM_CPUID_EXIT_STATS_OTHER ||
		     is_defined_reason(svm, reason)) &&
		    !check_histogram(c, reason, &over))
			return FAIL;
	}
	note(c, "%" PRIu64 " exits in histograms, of %" PRIu64, over,
	     exit_stats_total_exits(c->es));
	saw = read_bucket(c, c->es->nr_reasons, 0);
	return judge(c, KVM_CPUID_EXIT_STATS_REASON_HIST,
		     c->es->nr_reasons << 8, &saw, &undefined);
}

static const struct {
	const char *name;
	enum result (*run)(struct checks *c);
} checks[] = {
	{ "join",			check_join },
	{ "signature",			check_signature },
	{ "info",			check_info },
	{ "highest-reason",		check_highest_reason },
	{ "reserved-leaves",		check_reserved_leaves },
	{ "epoch",			check_epoch },
	{ "accounts-defined",		check_accounts_defined },
	{ "accounts-grow",		check_accounts_grow },
	{ "accounts-move",		check_accounts_move },
	{ "one-exit-a-read",		check_one_exit_a_read },
	{ "known-workload",		check_known_workload },
	{ "total-exits-ignores-ecx",	check_exits_ignore_ecx },
	{ "total-cycles-ignores-ecx",	check_cycles_ignore_ecx },
	{ "unused-registers-totals",	check_totals_unused },
	{ "unused-registers-reasons",	check_reasons_unused },
	{ "undefined-reasons",		check_undefined_reasons },
	{ "unhandled-reasons",		check_unhandled_reasons },
	{ "defined-reasons",		check_defined_reasons },
	{ "handled-reasons",		check_handled_reasons },
	{ "other-reasons",		check_other },
	{ "monotonic",			check_monotonic },
	{ "halves",			check_halves },
	{ "exits-sum",			check_exits_sum },
	{ "cycles-sum",			check_cycles_sum },
	{ "times-sum",			check_times_sum },
	{ "histograms",			check_histograms },
};

static void show_result(struct tap *tap, const char *name, enum result result,
			const char *text)
{
	if (result == SKIP) {
		tap_skip(tap, name, text);
		return;
	}
	tap_verdict(tap, result == PASS, name);
	if (*text)
		tap_note(tap, "%s", text);
	if (result == FAIL)
		tap_note(tap, "see %s: the check \"%s\"", __FILE__, name);
}

unsigned int run_checks(struct exit_stats *es, FILE *out)
{
	struct checks c = { .es = es };
	struct tap tap = { .out = out };
	enum result result;
	size_t i;

	c.live = calloc(exit_stats_nr_rows(es), sizeof(*c.live));
	if (!c.live) {
		tap_verdict(&tap, false, "memory");
		return 1;
	}

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		c.note[0] = '\0';
		result = checks[i].run(&c);
		show_result(&tap, checks[i].name, result, c.note);
	}
	free(c.live);
	fprintf(out, "1..%u\n", tap.nr);
	return tap.failed;
}
