// SPDX-License-Identifier: GPL-2.0-only
/*
 * Count VM exits by reason, at the tracepoint kvm:kvm_exit: the least that a
 * BPF program can do for it. The map has an array for each CPU, so that nothing
 * is locked or shared.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#include "kvmexit.h"

/* The start of what events/kvm/kvm_exit/format describes. */
struct kvm_exit {
	__u64 common;
	__u32 exit_reason;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KVMEXIT_NR_ROWS);
	__type(key, __u32);
	__type(value, __u64);
} exits SEC(".maps");

SEC("tracepoint/kvm/kvm_exit")
int count_exit(struct kvm_exit *event)
{
	__u32 row = event->exit_reason;
	__u64 *count;

	if (row > KVMEXIT_ROW_OTHER)
		row = KVMEXIT_ROW_OTHER;
	count = bpf_map_lookup_elem(&exits, &row);
	if (count)
		(*count)++;
	return 0;
}

/* The kernel wants it of programs that use some helpers; this is the truth. */
char gpl[] SEC("license") = "GPL";
