// SPDX-License-Identifier: GPL-2.0-only
/* Which guests see the leaves: those whose VMM shows them KVM, and agrees. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm.h"

#ifndef KVM_CAP_X86_EXIT_STATS
#define KVM_CAP_X86_EXIT_STATS	1001
#endif

#define KVM_SIGNATURE		0x40000000

static int enable(struct vm *vm, uint64_t arg)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_EXIT_STATS, .args = { arg },
	};

	return ioctl(vm->fd, KVM_ENABLE_CAP, &cap) ? -errno : 0;
}

/* A VMM that sets no CPUID at all. */
static void test_without_cpuid(void)
{
	struct vm vm;

	make_empty_vm(&vm);
	vm.cpuid->nent = 0;
	add_vcpu(&vm, REAL);
	tap_true(!has_interface(&vm), "vmm-visible-not-without-cpuid");
	tap_true(answers_as_stock(&vm), "vmm-visible-without-cpuid-is-stock");
	end_vm(&vm);
}

static struct kvm_cpuid_entry2 *find_entry(struct vm *vm, uint32_t function)
{
	uint32_t i;

	for (i = 0; i < vm->cpuid->nent; i++) {
		if (vm->cpuid->entries[i].function == function)
			return &vm->cpuid->entries[i];
	}
	return NULL;
}

/* A VMM that hides KVM, as QEMU does with kvm=off; then it shows KVM. */
static void test_hidden_signature(void)
{
	struct kvm_cpuid_entry2 *entry, saved;
	struct vm vm;

	make_empty_vm(&vm);
	entry = find_entry(&vm, KVM_SIGNATURE);
	tap_true(entry && !memcmp(&entry->ebx, "KVMKVMKVM", 10),
		 "vmm-visible-kvm-has-a-signature");
	saved = *entry;
	memcpy(&entry->ebx, "NotKVMNotKVM", 12);
	add_vcpu(&vm, REAL);
	tap_true(!has_interface(&vm), "vmm-visible-not-when-kvm-is-hidden");
	tap_true(answers_as_stock(&vm), "vmm-visible-hidden-is-stock");
	end_vm(&vm);

	make_empty_vm(&vm);
	*find_entry(&vm, KVM_SIGNATURE) = saved;
	add_vcpu(&vm, REAL);
	tap_true(has_interface(&vm), "vmm-visible-when-kvm-is-shown");
	end_vm(&vm);
}

/* A VMM that says no, and yes again. */
static void test_capability(void)
{
	struct vm vm, other;

	make_vm(&vm, REAL);
	tap_is(ioctl(vm.kvm, KVM_CHECK_EXTENSION, KVM_CAP_X86_EXIT_STATS), 2,
		   "vmm-visible-extension-of-kvm");
	tap_is(ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_X86_EXIT_STATS), 2,
		   "vmm-visible-extension-of-a-vm");
	tap_true(has_interface(&vm), "vmm-visible-at-first");
	tap_is(enable(&vm, 0), 0, "vmm-visible-said-no");
	tap_true(!has_interface(&vm), "vmm-visible-not-when-said-no");
	tap_true(answers_as_stock(&vm), "vmm-visible-said-no-is-stock");
	make_vm(&other, REAL);
	tap_true(has_interface(&other), "vmm-visible-no-is-for-one-vm");
	end_vm(&other);
	tap_is(enable(&vm, 2), -EINVAL, "vmm-visible-2-is-invalid");
	tap_is(enable(&vm, -1), -EINVAL, "vmm-visible-minus-1-is-invalid");
	tap_true(!has_interface(&vm), "vmm-visible-invalid-changes-nothing");
	tap_is(enable(&vm, 1), 0, "vmm-visible-said-yes");
	tap_true(has_interface(&vm), "vmm-visible-when-said-yes");
	setenv("CPU_OTHERS", "yes", 1);
	witness_books(&vm, "vmm-visible-books-close");
	unsetenv("CPU_OTHERS");
	end_vm(&vm);
}

void tests_visible(void)
{
	test_without_cpuid();
	test_hidden_signature();
	test_capability();
}
