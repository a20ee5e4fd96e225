// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test the CPUID leaves that tell a guest how often its VM exited and where its
 * time went, with workloads whose number of exits is known.
 */
#include <asm/kvm_exit_stats.h>

#include "test_util.h"
#include "kvm_util.h"
#include "processor.h"
#include "svm_util.h"
#include "vmx.h"

#define STATS(name)	KVM_CPUID_EXIT_STATS_##name

#define NR_EVENTS	23
#define TEST_PORT	0x80

struct regs {
	u32 eax, ebx, ecx, edx;
};

/* Exit reasons: of events, one that has no handler in KVM, undefined ones. */
static const struct isa {
	u32 cpuid, io, wrmsr, hypercall, unused, unhandled, undefined[3];
} isas[] = {
	[STATS(ISA_VMX)] = {
		EXIT_REASON_CPUID, EXIT_REASON_IO_INSTRUCTION,
		EXIT_REASON_MSR_WRITE, EXIT_REASON_VMCALL, EXIT_REASON_RDPMC,
		EXIT_REASON_INIT_SIGNAL, { 35, 0x10000, -1 },
	},
	[STATS(ISA_SVM)] = {
		SVM_EXIT_CPUID, SVM_EXIT_IOIO, SVM_EXIT_MSR, SVM_EXIT_VMMCALL,
		SVM_EXIT_RDPMC, SVM_EXIT_INIT, { SVM_EXIT_NPF - 1, 0x10000, -5 },
	},
};

static const char * const accounts[] = {
	[STATS(GUEST)] = "exit_stats_guest",
	[STATS(KERNEL)] = "exit_stats_kernel",
	[STATS(VMM)] = "exit_stats_vmm",
	[STATS(WAIT)] = "exit_stats_wait",
	[STATS(HALTED)] = "exit_stats_halted",
	[STATS(PREEMPTED)] = "exit_stats_preempted",
	[STATS(OUTSIDE)] = "exit_stats_outside",
	[STATS(OFF)] = "exit_stats_off",
};

static const struct isa *isa;

/* The leaf that guest_leaves() is to read, and its ECX. */
static u32 input[2];

static struct regs leaf(u32 function, u32 index)
{
	struct regs r;

	__cpuid(function, index, &r.eax, &r.ebx, &r.ecx, &r.edx);
	return r;
}

static u64 value(u32 function, struct regs r)
{
	bool exits = function == STATS(TOTAL_EXITS) ||
		     function == STATS(REASON_EXITS);

	return (u64)r.ebx << 32 | (exits ? r.eax : r.ecx);
}

static u64 count(u32 function, u32 index)
{
	return value(function, leaf(function, index));
}

/* The second read of the exits is an exit, too. */
#define CHECK_EVENTS(reason, extra, vmm, event)					\
do {										\
	u32 nr = reason, i;							\
	u64 in_kernel = count(STATS(REASON_KERNEL), nr);			\
	u64 in_vmm = count(STATS(REASON_VMM), nr);				\
	u64 exits = count(STATS(REASON_EXITS), nr);				\
										\
	for (i = 0; i < NR_EVENTS; i++)						\
		event;								\
	GUEST_ASSERT_EQ(count(STATS(REASON_EXITS), nr),				\
			exits + NR_EVENTS + (extra));				\
	GUEST_ASSERT(count(STATS(REASON_KERNEL), nr) > in_kernel);		\
	GUEST_ASSERT_EQ(count(STATS(REASON_VMM), nr) > in_vmm, vmm);		\
} while (0)

/* The sum of all reasons lies between the totals before and after it. */
static void check_sum(u32 total, u32 account, u32 reason, u32 nr_reasons)
{
	u64 before = count(total, account), after, sum;
	u32 i;

	sum = count(reason, STATS(OTHER));
	for (i = -4; i != nr_reasons; i++)
		sum += count(reason, i);
	after = count(total, account);
	GUEST_ASSERT(sum >= before && sum <= after);
}

static u64 bucket_from(u32 bucket)
{
	return bucket < 16 ? 8 * bucket :
			     (8ull + bucket % 8) << (bucket / 8 + 2);
}

/* Each exit of @reason, of which none is open, is in a bucket that is its cost's. */
static void check_hist(u32 reason)
{
	u64 exits = count(STATS(REASON_EXITS), reason);
	u64 cost = count(STATS(REASON_KERNEL), reason);
	u64 nr, max, sum = 0, from = 0, to = 0;
	struct regs r;
	u32 i = 0;

	for (;;) {
		r = leaf(STATS(REASON_HIST),
			 reason << STATS(HIST_REASON_SHIFT) | i);
		GUEST_ASSERT_EQ(r.edx, 0);
		if (r.ecx == STATS(NO_BUCKET))
			break;
		GUEST_ASSERT(r.ecx >= i && r.ecx < STATS(NR_BUCKETS) - 1);
		nr = value(STATS(REASON_EXITS), r);
		i = r.ecx + 1;
		sum += nr;
		from += nr * bucket_from(i - 1);
		to += nr * (bucket_from(i) - 1);
	}
	GUEST_ASSERT_EQ(sum, exits);
	GUEST_ASSERT(cost >= from && cost <= to);

	max = value(STATS(REASON_EXITS), r);
	GUEST_ASSERT(max >= bucket_from(i - 1) && max < bucket_from(i));
	GUEST_ASSERT(max <= cost && max * exits >= cost);
}

static void guest_events(u32 nr_reasons, bool forced_emulation, bool hist)
{
	u32 eax = STATS(REASON_EXITS), ecx = isa->cpuid;
	u64 exits;

	CHECK_EVENTS(isa->cpuid, 1, false, leaf(0, 0));
	CHECK_EVENTS(isa->io, 0, true, outl(TEST_PORT, 0));
	CHECK_EVENTS(isa->hypercall, 0, false, kvm_hypercall(-1, 0, 0, 0, 0));
	/* With VMX and its preemption timer, the fast path handles this. */
	CHECK_EVENTS(isa->wrmsr, 0, false, wrmsr(MSR_IA32_TSC_DEADLINE, 0));

	if (hist) {
		check_hist(isa->io);
		check_hist(isa->hypercall);
		check_hist(isa->wrmsr);
	}

	/* KVM took time before the first exit. */
	GUEST_ASSERT(count(STATS(REASON_KERNEL), STATS(OTHER)));
	check_sum(STATS(TOTAL_EXITS), 0, STATS(REASON_EXITS), nr_reasons);
	check_sum(STATS(TOTAL_KERNEL), 0, STATS(REASON_KERNEL), nr_reasons);
	check_sum(STATS(ACCOUNT), STATS(KERNEL), STATS(REASON_KERNEL), nr_reasons);
	check_sum(STATS(ACCOUNT), STATS(VMM), STATS(REASON_VMM), nr_reasons);
	check_sum(STATS(ACCOUNT), STATS(WAIT), STATS(REASON_WAIT), nr_reasons);

	/* The exit of an emulated CPUID is the #UD that its prefix raised. */
	if (forced_emulation) {
		exits = count(STATS(REASON_EXITS), isa->cpuid);
		asm volatile(KVM_FEP "cpuid" : "+a"(eax), "+c"(ecx)
			     : : "ebx", "edx", "memory");
		GUEST_ASSERT_EQ(eax, (u32)exits);
		GUEST_ASSERT_EQ(ecx, isa->cpuid);
	}
	GUEST_DONE();
}

static void guest_leaves(void)
{
	struct regs r;

	for (;;) {
		r = leaf(READ_ONCE(input[0]), READ_ONCE(input[1]));
		GUEST_SYNC_ARGS(0, r.eax, r.ebx, r.ecx, r.edx);
	}
}

/* Run the guest until it calls, and return how often it wrote to the port. */
static int run(struct kvm_vcpu *vcpu, struct ucall *uc, int expected)
{
	int writes = -1;

	do {
		vcpu_run(vcpu);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_IO);
		writes++;
	} while (vcpu->run->io.port == TEST_PORT);

	if (get_ucall(vcpu, uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(*uc);
	TEST_ASSERT_EQ(uc->cmd, expected);
	return writes;
}

static struct regs guest_leaf(struct kvm_vcpu *vcpu, u32 fn, u32 idx)
{
	struct ucall uc;

	input[0] = fn;
	input[1] = idx;
	sync_global_to_guest(vcpu->vm, input);
	run(vcpu, &uc, UCALL_SYNC);
	return (struct regs) { uc.args[2], uc.args[3], uc.args[4], uc.args[5] };
}

static u64 guest_count(struct kvm_vcpu *vcpu, u32 fn, u32 idx)
{
	return value(fn, guest_leaf(vcpu, fn, idx));
}

static void check_leaf(struct kvm_vcpu *vcpu, u32 fn, u32 idx, u32 eax,
		       u32 ebx, u32 ecx, u32 edx)
{
	struct regs r = guest_leaf(vcpu, fn, idx);

	TEST_ASSERT(r.eax == eax && r.ebx == ebx && r.ecx == ecx && r.edx == edx,
		    "0x%x, ECX 0x%x: 0x%x 0x%x 0x%x 0x%x, not 0x%x 0x%x 0x%x 0x%x",
		    fn, idx, r.eax, r.ebx, r.ecx, r.edx, eax, ebx, ecx, edx);
}

static u32 test_leaves(void)
{
	static const u32 times[] = {
		STATS(REASON_KERNEL), STATS(REASON_VMM), STATS(REASON_WAIT),
	};
	const u32 *id = (const u32 *)STATS(ID);
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_one_vcpu(&vcpu, guest_leaves);
	struct regs info = guest_leaf(vcpu, STATS(INFO), -1);
	u32 fn, i;

	isa = &isas[host_cpu_is_amd ? STATS(ISA_SVM) : STATS(ISA_VMX)];
	TEST_ASSERT_EQ(info.eax, kvm_check_cap(KVM_CAP_X86_EXIT_STATS));
	TEST_ASSERT_EQ(info.eax, STATS(VERSION));
	TEST_ASSERT(info.ebx && info.ecx > isa->wrmsr, "%u kHz, %u reasons",
		    info.ebx, info.ecx);
	TEST_ASSERT_EQ(info.edx, (u32)(isa - isas) | STATS(F_EPOCH) |
				 STATS(F_ACCOUNTS) | STATS(F_REASON_TIMES) |
				 STATS(F_HIST));

	check_leaf(vcpu, STATS(SIGNATURE), -1, STATS(REASON_KERNEL), id[0], id[1], id[2]);
	for (fn = STATS(REASON_HIST) + 1; fn < STATS(TOTAL_EXITS); fn++)
		check_leaf(vcpu, fn, -1, 0, 0, 0, 0);

	check_leaf(vcpu, STATS(REASON_EXITS), isa->unused, 0, 0, isa->unused, 0);
	check_leaf(vcpu, STATS(REASON_EXITS), isa->unhandled, 0, 0, 0, 0);
	for (i = 0; i < ARRAY_SIZE(isa->undefined); i++) {
		check_leaf(vcpu, STATS(REASON_EXITS), isa->undefined[i], 0, 0, 0,
			   STATS(UNDEFINED));
		check_leaf(vcpu, times[i], isa->unused, 0, 0, 0, 0);
		check_leaf(vcpu, times[i], isa->undefined[i], 0, 0, 0, STATS(UNDEFINED));
	}
	for (i = 0; i <= STATS(BUCKET_MASK); i += STATS(BUCKET_MASK) / 5) {
		check_leaf(vcpu, STATS(REASON_HIST), isa->unused << 8 | i,
			   0, 0, STATS(NO_BUCKET), 0);
		check_leaf(vcpu, STATS(REASON_HIST), STATS(HIST_OTHER) << 8 | i,
			   0, 0, STATS(NO_BUCKET), 0);
		check_leaf(vcpu, STATS(REASON_HIST), isa->undefined[1] << 8 | i,
			   0, 0, 0, STATS(UNDEFINED));
	}
	check_leaf(vcpu, STATS(ACCOUNT), STATS(OFF), 0, 0, 0, 0);
	check_leaf(vcpu, STATS(ACCOUNT), STATS(NR_ACCOUNTS), 0, 0, 0, STATS(UNDEFINED));
	check_leaf(vcpu, STATS(ACCOUNT), -1, 0, 0, 0, STATS(UNDEFINED));
	kvm_vm_free(vm);
	return info.ecx;
}

static void test_events(u32 nr_reasons)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_one_vcpu(&vcpu, guest_events);
	struct ucall uc;

	sync_global_to_guest(vm, isa);
	vcpu_args_set(vcpu, 3, nr_reasons, kvm_is_forced_emulation_enabled(),
		      get_kvm_param_bool("exit_stats_hist"));
	TEST_ASSERT_EQ(run(vcpu, &uc, UCALL_DONE), NR_EVENTS);
	kvm_vm_free(vm);
}

/* Every call of guest_leaf() is an exit for CPUID. */
static void check_cpuid_exits(struct kvm_vcpu *vcpu, u32 nr)
{
	check_leaf(vcpu, STATS(REASON_EXITS), isa->cpuid, nr, 0, isa->cpuid, 0);
}

static u64 epoch_of(struct regs r)
{
	return (u64)r.ebx << 32 | r.eax;
}

static u64 age_of(struct regs r)
{
	return (u64)r.edx << 32 | r.ecx;
}

/* Counts are those of all vCPUs of the VM, and of no other. */
static void test_scope(void)
{
	struct kvm_vcpu *vcpus[2], *other;
	struct kvm_vm *vm = vm_create_with_vcpus(2, guest_leaves, vcpus);
	struct kvm_vm *other_vm = vm_create_with_one_vcpu(&other, guest_leaves);
	struct regs again, first = guest_leaf(vcpus[0], STATS(EPOCH), 0);

	check_cpuid_exits(vcpus[0], 2);
	check_cpuid_exits(vcpus[1], 3);
	check_cpuid_exits(other, 1);
	check_cpuid_exits(vcpus[0], 4);

	again = guest_leaf(vcpus[1], STATS(EPOCH), -1);
	TEST_ASSERT_EQ(epoch_of(again), epoch_of(first));
	TEST_ASSERT(age_of(again) > age_of(first), "The VM did not grow older");
	TEST_ASSERT(epoch_of(guest_leaf(other, STATS(EPOCH), 0)) != epoch_of(first),
		    "Two VMs have the same epoch");

	kvm_vm_free(other_vm);
	kvm_vm_free(vm);
}

/* KVM's own count of exits, which is a vCPU's. */
static u64 vcpu_exits(struct kvm_vcpu *vcpu)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *all, *desc;
	int fd = vcpu_get_stats_fd(vcpu);
	u64 stat = -1;
	u32 i;

	read_stats_header(fd, &header);
	all = read_stats_descriptors(fd, &header);
	for (i = 0; i < header.num_desc; i++) {
		desc = get_stats_descriptor(all, i, &header);
		if (!strcmp(desc->name, "exits"))
			read_stat_data(fd, &header, desc, &stat, 1);
	}
	free(all);
	close(fd);
	return stat;
}

/* While the vCPU stands still, each exit has a reason, each tick an account. */
static void check_stats(struct kvm_vcpu *vcpu, u64 min_age, u64 max_age)
{
	u64 reasons[256] = {}, costs[64] = {}, exits = 0, age = 0, over = 0;
	u32 i;

	__vm_get_stat(vcpu->vm, "exit_stats_reasons", reasons, ARRAY_SIZE(reasons));
	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		exits += reasons[i];
	TEST_ASSERT_EQ(vm_get_stat(vcpu->vm, "exit_stats_exits"), exits);
	TEST_ASSERT_EQ(vcpu_exits(vcpu), exits);

	/* The last one is not over. */
	__vm_get_stat(vcpu->vm, "exit_stats_cost", costs, ARRAY_SIZE(costs));
	for (i = 0; i < ARRAY_SIZE(costs); i++)
		over += costs[i];
	if (get_kvm_param_bool("exit_stats_hist"))
		TEST_ASSERT_EQ(over, exits - 1);

	for (i = 0; i < ARRAY_SIZE(accounts); i++)
		age += vm_get_stat(vcpu->vm, accounts[i]);
	TEST_ASSERT(age >= min_age && age <= max_age,
		    "%lu cycles, not %lu to %lu", age, min_age, max_age);
	check_cpuid_exits(vcpu, reasons[isa->cpuid] + 1);
}

/* A leaf tells what the stat tells before it, or what the stat tells after it. */
static void test_stats(void)
{
	struct kvm_vm *vm = vm_create(1);
	u64 made[2], ran[2], before, is, min_exits = -1;
	struct kvm_vcpu *vcpu;
	u32 i;

	made[0] = rdtsc();
	vcpu = vm_vcpu_add(vm, 0, guest_leaves);
	made[1] = rdtsc();

	for (i = 0; i < 100; i++) {
		u32 account = i % ARRAY_SIZE(accounts);

		before = vm_get_stat(vm, "exit_stats_exits");
		is = guest_count(vcpu, STATS(TOTAL_EXITS), -1);
		min_exits = min(min_exits, is - before);

		before = vm_get_stat(vm, accounts[account]);
		ran[0] = rdtsc();
		is = guest_count(vcpu, STATS(ACCOUNT), account);
		ran[1] = rdtsc();
		TEST_ASSERT(is >= before && is <= vm_get_stat(vm, accounts[account]),
			    "%s was %lu, is %lu", accounts[account], before, is);
		check_stats(vcpu, ran[0] - made[1], ran[1] - made[0]);
	}
	/* The read itself; an interrupt may come between, but not always. */
	TEST_ASSERT_EQ(min_exits, (u64)1);
	kvm_vm_free(vm);
}

/* Hidden leaves are like one in the same range that nobody defines. */
static void check_hidden(struct kvm_vcpu *vcpu)
{
	struct regs r = guest_leaf(vcpu, STATS(SIGNATURE) & ~0xff, 0);
	u32 fn;

	for (fn = STATS(SIGNATURE); fn <= STATS(REASON_KERNEL); fn++)
		check_leaf(vcpu, fn, 0, r.eax, r.ebx, r.ecx, r.edx);
}

static void test_hidden(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_one_vcpu(&vcpu, guest_leaves);

	vm_enable_cap(vm, KVM_CAP_X86_EXIT_STATS, 0);
	check_hidden(vcpu);
	TEST_ASSERT(__vm_enable_cap(vm, KVM_CAP_X86_EXIT_STATS, 2) == -1 &&
		    errno == EINVAL, "args[0] = 2 is valid");
	check_hidden(vcpu);
	vm_enable_cap(vm, KVM_CAP_X86_EXIT_STATS, 1);
	check_cpuid_exits(vcpu, 2 * 17 + 1);
	kvm_vm_free(vm);

	vm = vm_create_with_one_vcpu(&vcpu, guest_leaves);
	vcpu_clear_cpuid_entry(vcpu, KVM_CPUID_SIGNATURE);
	check_hidden(vcpu);
	kvm_vm_free(vm);

	vm = vm_create_with_one_vcpu(&vcpu, guest_leaves);
	vcpu->cpuid->nent = 0;
	vcpu_set_cpuid(vcpu);
	check_hidden(vcpu);
	kvm_vm_free(vm);
}

/* The VMM's own entry for a leaf wins, and is for that leaf only. */
static void test_vmm_entry(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_one_vcpu(&vcpu, guest_leaves);
	int nent = vcpu->cpuid->nent;
	struct kvm_cpuid2 *cpuid = allocate_kvm_cpuid2(nent + 1);

	memcpy(cpuid, vcpu->cpuid, kvm_cpuid2_size(nent));
	cpuid->nent = nent + 1;
	cpuid->entries[nent] = (struct kvm_cpuid_entry2) {
		.function = STATS(TOTAL_EXITS), .eax = 1, .ebx = 2, .ecx = 3, .edx = 4,
	};
	vcpu_init_cpuid(vcpu, cpuid);
	check_leaf(vcpu, STATS(TOTAL_EXITS), 0, 1, 2, 3, 4);
	check_cpuid_exits(vcpu, 2);
	free(cpuid);
	kvm_vm_free(vm);
}

int main(int argc, char *argv[])
{
	TEST_REQUIRE(kvm_has_cap(KVM_CAP_X86_EXIT_STATS));
	TEST_REQUIRE(get_kvm_param_bool("exit_stats"));
	TEST_REQUIRE(get_kvm_param_bool("exit_stats_guest"));

	test_events(test_leaves());
	test_scope();
	test_stats();
	test_hidden();
	test_vmm_entry();
	return 0;
}
