/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_JUMP_LABEL_H
#define SHIM_LINUX_JUMP_LABEL_H

#include <linux/compiler.h>

struct static_key_true {
	bool on;
};

#define DEFINE_STATIC_KEY_TRUE(name) struct static_key_true name = { true }
#define DECLARE_STATIC_KEY_TRUE(name) extern struct static_key_true name

/* A key that is on leaves one NOP of 5 bytes in the code, and no jump. */
static __always_inline bool shim_static_branch(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x44, 0x00, 0x00");
	return true;
}

/* In record-plain, histograms are off: the compiler leaves them out. */
#ifdef SHIM_PLAIN
#define static_branch_likely(key) \
	((key) != &kvm_exit_hist_on && shim_static_branch())
#else
#define static_branch_likely(key) shim_static_branch()
#endif
#define static_branch_enable(key) ((key)->on = true)
#define static_branch_disable(key) ((key)->on = false)

#endif
