// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test the shared code and the checks against a model of KVM: a good one must
 * pass every check, and each way to break it must fail the check that is there
 * to find it.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <asm/kvm.h>
#include <asm/kvm_para.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "checks.h"
#include "facts/facts.h"
#include "output/table.h"
#include "source/leaves.h"
#include "source/source.h"
#include "tap.h"

#define SVM_REASONS	0x404	/* room for all of both ISAs */
#define NR_ERRORS	4	/* of SVM: -4 to -1 */
#define OTHER_ROW	SVM_REASONS	/* where the model has it */
#define NR_ROWS		(OTHER_ROW + 1 + NR_ERRORS)
#define TICKS		1119	/* that an exit takes in the model */
#define EPOCH		0x123456789abcdef0

enum bug {
	NO_BUG,
	EXITS_SWAPPED,
	CYCLES_SWAPPED,
	TOTAL_LEAKS,
	REASON_LEAKS,
	ECX_MATTERS,
	COUNTED_TWICE,
	NOT_COUNTED,
	IN_NO_ROW,
	UNDEFINED_IS_ZERO,
	UNHANDLED_IS_ECHOED,
	NOT_ECHOED,
	RESERVED_ANSWERS,
	HIGHEST_LEAF,
	TOTAL_FALLS,
	CYCLES_TWICE,
	NO_FREQUENCY,
	TOO_MANY_REASONS,
	NEW_VERSION,
	NEW_ISA,
	ABSENT,
	NO_FEATURES,
	EPOCH_ZERO,
	EPOCH_MOVES,
	AGE_STANDS,
	NINTH_ACCOUNT,
	ACCOUNT_LEAKS,
	ACCOUNT_FALLS,
	ACCOUNT_STANDS,
	VMM_LEAKS,
	VMM_TWICE,
	WAIT_OF_UNDEFINED,
	OTHER_HIDDEN,
	ERRORS_HIDDEN,
	HAPPENED_IS_ZERO,
	HIST_HAS_MORE,
	HIST_STANDS,
	HIST_COSTS_MORE,
	HIST_MAX_IS_LESS,
	HIST_OF_UNDEFINED,
};

/* What the host counts, and every how many exits another one comes between. */
static struct {
	uint32_t version;
	uint32_t isa;
	uint32_t nr;
	uint32_t own;
	uint32_t noise;
	enum bug bug;
	const char *hypervisor;
	uint32_t hypervisor_leaf;
	uint64_t exits[NR_ROWS];
	uint64_t times[NR_ROWS][NR_TIMES];
	uint64_t buckets[NR_ROWS][KVM_CPUID_EXIT_STATS_NR_BUCKETS];
	uint64_t max[NR_ROWS];
	uint64_t total_exits;
	uint64_t accounts[NR_ACCOUNTS];
	uint64_t age;
} model;

static void count_exit(uint32_t reason)
{
	model.exits[reason] += model.bug != NOT_COUNTED;
	model.total_exits += 1 + (model.bug == COUNTED_TWICE);
}

static void count_time(uint32_t row, enum exit_stats_time time, uint64_t ticks)
{
	static const uint32_t accounts[] = {
		[TIME_KERNEL]	= KVM_CPUID_EXIT_STATS_KERNEL,
		[TIME_VMM]	= KVM_CPUID_EXIT_STATS_VMM,
		[TIME_WAIT]	= KVM_CPUID_EXIT_STATS_WAIT,
	};

	model.times[row][time] += ticks;
	model.accounts[accounts[time]] += ticks;
}

/* By looking, and not as KVM computes it. */
static uint32_t bucket_of(uint64_t ticks)
{
	uint64_t from = 0, width = 8;
	uint32_t bucket = 0;

	while (ticks >= from + width) {
		from += width;
		if (++bucket >= 16 && bucket % 8 == 0)
			width *= 2;
	}
	return bucket;
}

static void count_over(uint32_t row, uint64_t exits, uint64_t ticks)
{
	model.buckets[row][bucket_of(ticks)] += exits;
	if (ticks > model.max[row])
		model.max[row] = ticks;
}

static void count_cycles(uint32_t reason)
{
	count_time(reason, TIME_KERNEL, TICKS);
	count_over(reason, 1, TICKS);
	if (model.bug == CYCLES_TWICE)
		model.times[reason][TIME_KERNEL] += TICKS;
	if (model.bug == VMM_TWICE)
		model.times[reason][TIME_VMM] += TICKS;
	if (model.bug != ACCOUNT_STANDS)
		model.accounts[KVM_CPUID_EXIT_STATS_GUEST] += TICKS;
}

/* The row of a reason that is defined. */
static uint32_t row_of(uint32_t reason)
{
	if (reason == KVM_CPUID_EXIT_STATS_OTHER)
		return OTHER_ROW;
	return reason < model.nr ? reason : NR_ROWS + reason;
}

static bool model_defines(uint32_t reason)
{
	if (reason == KVM_CPUID_EXIT_STATS_OTHER)
		return model.version > 1 && model.bug != OTHER_HIDDEN;
	return is_defined_reason(model.isa == KVM_CPUID_EXIT_STATS_ISA_SVM,
				 reason);
}

static bool model_handles(uint32_t reason)
{
	static const uint32_t vmx[] = { 3, 4, 5, 6, 11, 16, 17, 51, 63, 65 };
	static const uint32_t svm[] = { 0x66, 0x6e, 0x70, 0xa3 };
	size_t i;

	for (i = 0; i < sizeof(vmx) / sizeof(vmx[0]); i++) {
		if (model.isa == KVM_CPUID_EXIT_STATS_ISA_VMX && reason == vmx[i])
			return false;
	}
	for (i = 0; i < sizeof(svm) / sizeof(svm[0]); i++) {
		if (model.isa == KVM_CPUID_EXIT_STATS_ISA_SVM && reason == svm[i])
			return false;
	}
	return reason < model.nr || reason == KVM_CPUID_EXIT_STATS_OTHER;
}

/* From version 2 on, a reason without a handler answers once it happened. */
static bool model_answers(uint32_t reason)
{
	if (model_handles(reason))
		return true;
	if (model.bug == ERRORS_HIDDEN && reason >= 0xfffffffc)
		return false;
	return model.version > 1 && model.exits[row_of(reason)];
}

static struct exit_stats_regs exits_regs(uint64_t value)
{
	struct exit_stats_regs regs = {
		.eax = (uint32_t)value, .ebx = (uint32_t)(value >> 32),
	};

	if (model.bug == EXITS_SWAPPED)
		regs = (struct exit_stats_regs){ regs.ebx, regs.eax, 0, 0 };
	return regs;
}

static struct exit_stats_regs cycles_regs(uint64_t value)
{
	struct exit_stats_regs regs = {
		.ebx = (uint32_t)(value >> 32), .ecx = (uint32_t)value,
	};

	if (model.bug == CYCLES_SWAPPED)
		regs = (struct exit_stats_regs){ 0, regs.ecx, regs.ebx, 0 };
	return regs;
}

static enum exit_stats_time time_of_leaf(uint32_t leaf)
{
	switch (leaf) {
	case KVM_CPUID_EXIT_STATS_REASON_VMM:	return TIME_VMM;
	case KVM_CPUID_EXIT_STATS_REASON_WAIT:	return TIME_WAIT;
	default:				return TIME_KERNEL;
	}
}

static struct exit_stats_regs answer_time(uint32_t leaf, uint32_t reason)
{
	struct exit_stats_regs regs =
		cycles_regs(model.times[row_of(reason)][time_of_leaf(leaf)]);

	if (leaf == KVM_CPUID_EXIT_STATS_REASON_VMM && model.bug == VMM_LEAKS)
		regs.eax = 1;
	return regs;
}

static struct exit_stats_regs answer_reason(uint32_t leaf, uint32_t reason)
{
	struct exit_stats_regs regs = { 0 };

	if (leaf == KVM_CPUID_EXIT_STATS_REASON_WAIT &&
	    model.bug == WAIT_OF_UNDEFINED && !model_defines(reason))
		return regs;

	if (!model_defines(reason)) {
		if (model.bug != UNDEFINED_IS_ZERO)
			regs.edx = KVM_CPUID_EXIT_STATS_UNDEFINED;
		return regs;
	}
	if (!model_answers(reason)) {
		if (model.bug == UNHANDLED_IS_ECHOED)
			regs.ecx = reason;
		return regs;
	}

	if (leaf != KVM_CPUID_EXIT_STATS_REASON_EXITS)
		return answer_time(leaf, reason);

	regs = exits_regs(model.exits[row_of(reason)]);
	regs.ecx = model.bug == NOT_ECHOED ? 0 : reason;
	if (model.bug == HAPPENED_IS_ZERO && !model_handles(reason))
		regs.ecx = 0;
	regs.edx = model.bug == REASON_LEAKS ? 1 : 0;
	return regs;
}

static struct exit_stats_regs answer_total(uint32_t leaf, uint32_t subleaf)
{
	struct exit_stats_regs regs;

	if (model.bug == ECX_MATTERS && subleaf)
		return (struct exit_stats_regs){ 0 };

	if (leaf == KVM_CPUID_EXIT_STATS_TOTAL_KERNEL)
		regs = cycles_regs(model.accounts[KVM_CPUID_EXIT_STATS_KERNEL]);
	else if (model.bug == TOTAL_FALLS && model.total_exits % 997 == 0)
		regs = exits_regs(model.total_exits - 7);
	else
		regs = exits_regs(model.total_exits);

	regs.edx = model.bug == TOTAL_LEAKS ? 0xffff8881 : 0;
	return regs;
}

static struct exit_stats_regs sign(uint32_t eax, const char *signature)
{
	struct exit_stats_regs regs = { .eax = eax };

	memcpy(&regs.ebx, signature, 4);
	memcpy(&regs.ecx, signature + 4, 4);
	memcpy(&regs.edx, signature + 8, 4);
	return regs;
}

static struct exit_stats_regs answer_hist(uint32_t subleaf)
{
	struct exit_stats_regs regs = { .edx = KVM_CPUID_EXIT_STATS_UNDEFINED };
	uint32_t reason = (uint32_t)((int32_t)subleaf >> 8), bucket = subleaf & 0xff;
	const uint64_t *counts;

	if (subleaf >> 8 == KVM_CPUID_EXIT_STATS_HIST_OTHER)
		reason = KVM_CPUID_EXIT_STATS_OTHER;
	if (!model_defines(reason) && model.bug != HIST_OF_UNDEFINED)
		return regs;
	if (!model_defines(reason))
		return (struct exit_stats_regs){ .ecx = -1 };

	counts = model.buckets[row_of(reason)];
	if (model.bug == HIST_STANDS && bucket && counts[bucket - 1])
		bucket--;
	while (bucket < KVM_CPUID_EXIT_STATS_NR_BUCKETS && !counts[bucket])
		bucket++;
	if (bucket < KVM_CPUID_EXIT_STATS_NR_BUCKETS) {
		regs = exits_regs(counts[bucket] +
				  (model.bug == HIST_HAS_MORE) * 1000);
		regs.ecx = bucket + 8 * (model.bug == HIST_COSTS_MORE);
		return regs;
	}
	regs = exits_regs(model.max[row_of(reason)] -
			  (model.bug == HIST_MAX_IS_LESS) * 150);
	regs.ecx = KVM_CPUID_EXIT_STATS_NO_BUCKET;
	return regs;
}

static struct exit_stats_regs answer_epoch(void)
{
	uint64_t epoch = model.bug == EPOCH_ZERO ? 0 : EPOCH;

	model.age += model.bug != AGE_STANDS ? TICKS : 0;
	if (model.bug == EPOCH_MOVES)
		epoch += model.age % 50;
	return (struct exit_stats_regs){
		(uint32_t)epoch, (uint32_t)(epoch >> 32),
		(uint32_t)model.age, (uint32_t)(model.age >> 32),
	};
}

static struct exit_stats_regs answer_account(uint32_t account)
{
	struct exit_stats_regs regs = { .edx = KVM_CPUID_EXIT_STATS_UNDEFINED };

	if (account >= NR_ACCOUNTS + (model.bug == NINTH_ACCOUNT))
		return regs;
	regs = cycles_regs(account < NR_ACCOUNTS ? model.accounts[account] : 0);
	if (model.bug == ACCOUNT_LEAKS)
		regs.edx = 7;
	if (model.bug == ACCOUNT_FALLS && model.total_exits % 97 == 0)
		regs.ecx = regs.ebx = 0;
	return regs;
}

static struct exit_stats_regs answer_info(void)
{
	const uint32_t features = KVM_CPUID_EXIT_STATS_F_EPOCH |
				  KVM_CPUID_EXIT_STATS_F_ACCOUNTS |
				  KVM_CPUID_EXIT_STATS_F_REASON_TIMES |
				  KVM_CPUID_EXIT_STATS_F_HIST;
	struct exit_stats_regs regs = {
		model.version, 2100000, model.nr,
		model.isa | (model.version > 1 ? features : 0),
	};

	switch (model.bug) {
	case NO_FEATURES:	regs.edx = model.isa; break;
	case NO_FREQUENCY:	regs.ebx = 0; break;
	case TOO_MANY_REASONS:	regs.ecx = 0xffffffff; break;
	case NEW_VERSION:	regs.eax++; break;
	case NEW_ISA:		regs.edx = 3; break;
	default:		break;
	}
	return regs;
}

static struct exit_stats_regs answer(uint32_t leaf, uint32_t subleaf)
{
	struct exit_stats_regs stock = { 7, 0x340, 0x340, 0 };

	if (leaf == 1)
		stock.ecx = model.hypervisor ? 0x80000000 : 0;
	if (model.hypervisor && leaf == model.hypervisor_leaf)
		return sign(0, model.hypervisor);
	if (leaf < KVM_CPUID_EXIT_STATS_SIGNATURE || model.bug == ABSENT)
		return stock;

	if (model.version < 2 && leaf >= KVM_CPUID_EXIT_STATS_EPOCH &&
	    leaf < KVM_CPUID_EXIT_STATS_TOTAL_EXITS)
		return (struct exit_stats_regs){ 0 };

	switch (leaf) {
	case KVM_CPUID_EXIT_STATS_EPOCH:
		return answer_epoch();
	case KVM_CPUID_EXIT_STATS_ACCOUNT:
		return answer_account(subleaf);
	case KVM_CPUID_EXIT_STATS_REASON_VMM:
	case KVM_CPUID_EXIT_STATS_REASON_WAIT:
		return answer_reason(leaf, subleaf);
	case KVM_CPUID_EXIT_STATS_REASON_HIST:
		return answer_hist(subleaf);
	case KVM_CPUID_EXIT_STATS_SIGNATURE:
		return sign(KVM_CPUID_EXIT_STATS_REASON_KERNEL -
			    (model.bug == HIGHEST_LEAF),
			    KVM_CPUID_EXIT_STATS_ID);
	case KVM_CPUID_EXIT_STATS_INFO:
		return answer_info();
	case KVM_CPUID_EXIT_STATS_TOTAL_EXITS:
	case KVM_CPUID_EXIT_STATS_TOTAL_KERNEL:
		return answer_total(leaf, subleaf);
	case KVM_CPUID_EXIT_STATS_REASON_EXITS:
	case KVM_CPUID_EXIT_STATS_REASON_KERNEL:
		return answer_reason(leaf, subleaf);
	}
	if (model.bug == RESERVED_ANSWERS)
		return stock;
	return (struct exit_stats_regs){ 0 };
}

static struct exit_stats_regs model_cpuid(uint32_t leaf, uint32_t subleaf)
{
	static unsigned int calls;
	struct exit_stats_regs regs;

	count_exit(model.own);
	regs = answer(leaf, subleaf);
	count_cycles(model.own);

	if (model.noise && ++calls % model.noise == 0) {
		count_exit(1);
		count_cycles(1);
		count_time(1, TIME_VMM, 10);
		count_time(1, TIME_WAIT, 3);
	}
	return regs;
}

/* What happened before the guest asks; @row's exits cost @ticks each. */
static void happened(uint32_t row, uint64_t exits, uint64_t ticks)
{
	model.exits[row] += exits;
	model.total_exits += exits;
	count_time(row, TIME_KERNEL, exits * ticks);
	count_over(row, exits, ticks);
}

/* A guest that has exited before, with a count above 32 bits. */
static struct exit_stats start(uint32_t isa, enum bug bug)
{
	struct exit_stats es = { .cpuid = model_cpuid };

	memset(&model, 0, sizeof(model));
	model.version = KVM_CPUID_EXIT_STATS_VERSION;
	model.isa = isa;
	model.nr = end_of_reasons(isa == KVM_CPUID_EXIT_STATS_ISA_SVM);
	model.own = isa == KVM_CPUID_EXIT_STATS_ISA_SVM ? SVM_EXIT_CPUID
						  : EXIT_REASON_CPUID;
	model.bug = bug;
	happened(1, 5000000000, 200);
	happened(model.own, 1000, TICKS);
	model.total_exits += bug == IN_NO_ROW;
	return es;
}

/* What only version 2 shows: exits in no row, time before the first, errors. */
static void add_extras(void)
{
	happened(OTHER_ROW, 3, 100);
	count_time(OTHER_ROW, TIME_KERNEL, 4711);
	count_time(OTHER_ROW, TIME_VMM, 17);
	count_time(1, TIME_VMM, 1000000);
	count_time(model.own, TIME_WAIT, 2000);
	model.accounts[KVM_CPUID_EXIT_STATS_GUEST] = 2500000000000;
	model.accounts[KVM_CPUID_EXIT_STATS_HALTED] = 500000000000;
	/* A nested guest's, for which KVM has no handler. */
	happened(model.isa == KVM_CPUID_EXIT_STATS_ISA_SVM ? 0x6e : 16, 5, 10);
	if (model.isa == KVM_CPUID_EXIT_STATS_ISA_SVM)
		happened(NR_ROWS - 1, 2, 50);
}

/* The checks' output, to be freed. */
static char *get_checks(struct exit_stats *es, unsigned int *failed)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out || exit_stats_open(es) != EXIT_STATS_OK) {
		tap_verdict(&tap, false, "the-checks-start");
		exit(1);
	}
	*failed = run_checks(es, out);
	fclose(out);
	return text;
}

/* A verdict on what the checks said; if it is red, with all that they said. */
__attribute__((format(printf, 4, 5)))
static void judge(bool ok, char *text, const char *expected,
		  const char *name, ...)
{
	char buffer[128], *line;
	va_list arguments;

	va_start(arguments, name);
	vsnprintf(buffer, sizeof(buffer), name, arguments);
	va_end(arguments);
	if (!tap_verdict(&tap, ok, buffer)) {
		tap_note(&tap, "expected: %s", expected);
		for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			tap_note(&tap, "actual: %s", line);
	}
	free(text);
}

/* Whether a line of @text is the verdict @word, "ok" or "not ok", on @name. */
static bool has_verdict(const char *text, const char *word, const char *name)
{
	char line[128];
	unsigned int i;

	for (i = 1; i < 100; i++) {
		snprintf(line, sizeof(line), "\n%s %u %s\n", word, i, name);
		if (strstr(text, line) || !strncmp(text, line + 1, strlen(line + 1)))
			return true;
	}
	return false;
}

static void test_good(uint32_t isa, uint32_t noise, const char *words)
{
	struct exit_stats es = start(isa, NO_BUG);
	unsigned int failed;
	char *text;

	model.noise = noise;
	add_extras();
	text = get_checks(&es, &failed);
	judge(!failed && strstr(text, words), text, words,
	      "%s-good-with-noise-%" PRIu32, isa_name(isa), noise);
}

/* A host of before: nothing fails, and what it does not have is skipped. */
static void test_first_version(uint32_t isa)
{
	struct exit_stats es = start(isa, NO_BUG);
	unsigned int failed, skipped = 0;
	const char *at;
	char *text;

	model.version = 1;
	text = get_checks(&es, &failed);
	for (at = text; (at = strstr(at, " # SKIP ")); at++)
		skipped++;
	judge(!failed && skipped == 7, text, "no \"not ok\", 7 skipped",
	      "%s-version-1", isa_name(isa));
}

static void test_bug(uint32_t isa, enum bug bug, const char *bug_name,
		     const char *check)
{
	struct exit_stats es = start(isa, bug);
	unsigned int failed;
	char *text;

	add_extras();
	text = get_checks(&es, &failed);
	judge(failed && has_verdict(text, "not ok", check), text, check,
	      "%s-%s-is-caught-by-%s", isa_name(isa), bug_name, check);
}

#define BUG(bug, check) { bug, #bug, check }

static void test_bugs(uint32_t isa)
{
	static const struct {
		enum bug bug;
		const char *name, *check;
	} bugs[] = {
		BUG(EXITS_SWAPPED, "halves"),
		BUG(CYCLES_SWAPPED, "halves"),
		BUG(TOTAL_LEAKS, "unused-registers-totals"),
		BUG(REASON_LEAKS, "unused-registers-reasons"),
		BUG(ECX_MATTERS, "total-exits-ignores-ecx"),
		BUG(ECX_MATTERS, "total-cycles-ignores-ecx"),
		BUG(COUNTED_TWICE, "one-exit-a-read"),
		BUG(NOT_COUNTED, "known-workload"),
		BUG(IN_NO_ROW, "exits-sum"),
		BUG(UNDEFINED_IS_ZERO, "undefined-reasons"),
		BUG(UNHANDLED_IS_ECHOED, "unhandled-reasons"),
		BUG(NOT_ECHOED, "handled-reasons"),
		BUG(RESERVED_ANSWERS, "reserved-leaves"),
		BUG(HIGHEST_LEAF, "signature"),
		BUG(TOTAL_FALLS, "monotonic"),
		BUG(CYCLES_TWICE, "cycles-sum"),
		BUG(NO_FREQUENCY, "info"),
		BUG(NO_FEATURES, "info"),
		BUG(EPOCH_ZERO, "epoch"),
		BUG(EPOCH_MOVES, "epoch"),
		BUG(AGE_STANDS, "epoch"),
		BUG(NINTH_ACCOUNT, "accounts-defined"),
		BUG(ACCOUNT_LEAKS, "accounts-defined"),
		BUG(ACCOUNT_FALLS, "accounts-grow"),
		BUG(ACCOUNT_STANDS, "accounts-move"),
		BUG(VMM_LEAKS, "unused-registers-reasons"),
		BUG(VMM_TWICE, "times-sum"),
		BUG(WAIT_OF_UNDEFINED, "undefined-reasons"),
		BUG(OTHER_HIDDEN, "other-reasons"),
		BUG(OTHER_HIDDEN, "exits-sum"),
		BUG(OTHER_HIDDEN, "cycles-sum"),
		BUG(HAPPENED_IS_ZERO, "unhandled-reasons"),
		BUG(HIST_HAS_MORE, "histograms"),
		BUG(HIST_STANDS, "histograms"),
		BUG(HIST_COSTS_MORE, "histograms"),
		BUG(HIST_MAX_IS_LESS, "histograms"),
		BUG(HIST_OF_UNDEFINED, "histograms"),
	};
	size_t i;

	for (i = 0; i < sizeof(bugs) / sizeof(bugs[0]); i++)
		test_bug(isa, bugs[i].bug, bugs[i].name, bugs[i].check);
	if (isa == KVM_CPUID_EXIT_STATS_ISA_SVM)
		test_bug(isa, ERRORS_HIDDEN, "ERRORS_HIDDEN", "exits-sum");
}

static void test_absent(enum bug bug, const char *hypervisor, uint32_t leaf,
			const char *words, const char *name)
{
	struct exit_stats es = start(KVM_CPUID_EXIT_STATS_ISA_VMX, bug);
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	model.hypervisor = hypervisor;
	model.hypervisor_leaf = leaf;
	exit_stats_explain(out, &es, exit_stats_open(&es));
	fclose(out);
	judge(strstr(text, words), strdup(text), words, "explains-%s", name);
	judge(strchr(text, '\n') == text + strlen(text) - 1, strdup(text),
	      "one line", "explains-%s-in-one-line", name);
}

static void test_detection(void)
{
	test_absent(ABSENT, NULL, 0, "'exitstat host' on a host",
		    "no-hypervisor");
	test_absent(ABSENT, "VMwareVMware", 0x40000000,
		    "\"VMwareVMware\" is not KVM: run this in a KVM guest, or 'exitstat host' on a host",
		    "another-hypervisor");
	test_absent(ABSENT, "\033[2J\0\0\0\0\0\0\0", 0x40000000, "\".[2J\"",
		    "a-hypervisor-with-escapes");
	test_absent(ABSENT, KVM_SIGNATURE, 0x40000000, "KVM without",
		    "kvm-without-at-0x40000000");
	test_absent(ABSENT, KVM_SIGNATURE, 0x40000100, "KVM without",
		    "kvm-without-at-0x40000100");
	test_absent(ABSENT, KVM_SIGNATURE, 0x4000ff00, "KVM without",
		    "kvm-without-at-0x4000ff00");
	test_absent(NEW_VERSION, NULL, 0, "version 3",
		    "a-new-version");
	test_absent(NEW_ISA, NULL, 0, "ISA 3",
		    "a-new-isa");
	test_absent(TOO_MANY_REASONS, NULL, 0, "4294967295 exit reasons",
		    "too-many-reasons");
}

static const char golden[] =
"total exits: 5000001003\n"
"total cycles: 1000001122357\n"
"host: VMX, TSC at 2100000 kHz\n"
"reason name                   exits      /s     %   cycles     %   /exit   time\n"
"     1 EXTERNAL_INTERRUPT     5.00G       - 100.0    1.00T 100.0     200   476s\n"
"    10 CPUID                   1005       -   0.0  1124595   0.0    1119  536us\n"
"    43 TPR_BELOW_THRESHOL         7       -   0.0        0   0.0       0    0ns\n"
"    66 -                          7       -   0.0        0   0.0       0    0ns\n"
"own reads: 5 CPUID exits (included above)\n";

/* What is in no row is in the table, and where all other time went. */
static const char golden_times[] =
"total exits: 5000001012\n"
"total cycles: 1000001128537\n"
"host: VMX, TSC at 2100000 kHz\n"
"time% guest 62 kernel 25 vmm 0.0 wait 0.0 halted 12 preempted 0.0 outside 0.0\n"
"reason name                   exits      /s kernel    vmm   wait    all   /exit\n"
"     1 EXTERNAL_INTERRUPT     5.00G       -   476s  476us    0ns   476s     200\n"
"    10 CPUID                   1006       -  536us    0ns  952ns  537us    1120\n"
"    43 TPR_BELOW_THRESHOL         7       -    0ns    0ns    0ns    0ns       0\n"
"    66 -                          7       -    0ns    0ns    0ns    0ns       0\n"
"    16 RDTSC                      5       -   24ns    0ns    0ns   24ns      10\n"
"     - other                      3       -    2us    8ns    0ns    2us    1676\n"
"own reads: 6 CPUID exits (included above)\n";

/* The rows of a snapshot, as exitstat-test shows them; no time has gone by. */
static void print_rows(FILE *out, const struct exit_stats *es,
		       const struct exit_stats_snapshot *snapshot)
{
	const struct source source = {
		.isa = es->isa,
		.tsc_khz = es->tsc_khz,
		.own_reason = es->own_reason,
	};
	struct group group = { .since_start = true };

	tap_is(guest_fill_sample(&group.sample, es, snapshot), 0, "table-fill");
	group.own = group.sample.own;
	group.sample.time_ns = 0;
	sample_sort(&group.sample, SORT_EXITS);
	table_show_rows(out, &source, &group);
	sample_free(&group.sample);
}

static void test_table(uint32_t version, const char *expected)
{
	struct exit_stats es = start(KVM_CPUID_EXIT_STATS_ISA_VMX, NO_BUG);
	struct exit_stats_snapshot snapshot = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	model.version = version;
	if (version > 1)
		add_extras();
	model.exits[66] = 7;
	model.exits[EXIT_REASON_TPR_BELOW_THRESHOLD] = 7;
	tap_is(exit_stats_open(&es), EXIT_STATS_OK, "table-open");
	tap_is(exit_stats_collect(&es, &snapshot), 0, "table-collect");
	exit_stats_print_totals(out, &es, &snapshot);
	print_rows(out, &es, &snapshot);
	fclose(out);
	judge(!strcmp(text, expected), text, expected,
	      "table-of-version-%" PRIu32, version);

	/* The same memory serves again, as it does in a loop. */
	tap_is(exit_stats_collect(&es, &snapshot), 0, "table-collect-again");
	exit_stats_free(&snapshot);
}

/* Counts that begin anew are noticed once, and reads of before forgotten. */
static void test_epoch(void)
{
	struct exit_stats es = start(KVM_CPUID_EXIT_STATS_ISA_VMX, NO_BUG);

	tap_is(exit_stats_open(&es), EXIT_STATS_OK, "epoch-open");
	tap_is(es.epoch, EPOCH, "epoch-is-read");
	tap_is(es.age, TICKS, "epoch-age-is-read");
	tap_is(exit_stats_is_anew(&es), false, "epoch-is-the-same");
	tap_is(es.age, 2 * TICKS, "epoch-age-grows");
	tap_in(es.reads, 1, UINT64_MAX, "epoch-the-same-keeps-reads");
	model.bug = EPOCH_MOVES;
	tap_is(exit_stats_is_anew(&es), true, "epoch-is-another");
	tap_is(es.reads, 0, "epoch-another-forgets-reads");
	model.bug = NO_BUG;
	tap_is(exit_stats_is_anew(&es), true, "epoch-after-that");
	tap_is(exit_stats_is_anew(&es), false, "epoch-after-that-stays");
}

/* A #UD is what the hardware sees of an emulated CPUID. */
static void test_emulated(uint32_t isa, uint32_t own)
{
	struct exit_stats es = start(isa, NO_BUG);
	unsigned int failed;
	char *text;

	es.emulated = true;
	model.own = own;
	text = get_checks(&es, &failed);
	judge(!failed, text, "no \"not ok\"", "%s-emulated", isa_name(isa));
}

static void test_name(uint32_t isa, uint32_t reason, const char *expected)
{
	const char *name = reason_name(isa, reason);

	judge(!strcmp(name, expected), strdup(name), expected,
	      "%s-name-of-%" PRIu32, isa_name(isa), reason);
}

int main(void)
{
	const uint32_t vmx = KVM_CPUID_EXIT_STATS_ISA_VMX;
	const uint32_t svm = KVM_CPUID_EXIT_STATS_ISA_SVM;

	test_good(vmx, 0, "try 1 of");
	test_good(svm, 0, "try 1 of");
	test_good(vmx, 7, "exits-sum\n# sum");
	test_good(svm, 11, "exits-sum\n# sum");
	test_good(vmx, 2, "never quiet");
	test_bugs(vmx);
	test_bugs(svm);
	test_emulated(vmx, EXIT_REASON_EXCEPTION_NMI);
	test_emulated(svm, SVM_EXIT_EXCP_BASE + UD_VECTOR);
	test_detection();
	test_first_version(vmx);
	test_first_version(svm);
	test_table(1, golden);
	test_table(2, golden_times);
	test_epoch();
	test_name(svm, SVM_EXIT_NPF, "npf");
	test_name(vmx, 35, "-");

	printf("1..%u\n", tap.nr);
	return tap.failed != 0;
}
