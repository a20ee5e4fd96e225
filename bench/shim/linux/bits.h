/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_BITS_H
#define SHIM_LINUX_BITS_H

#include <linux/compiler.h>

#define BIT_ULL(bit) (1ull << (bit))
#define GENMASK_ULL(high, low) ((~0ull << (low)) & (~0ull >> (63 - (high))))

/* The compiler makes a BSR of it, as the kernel's own is one. */
static __always_inline unsigned long __fls(unsigned long word)
{
	return 63 ^ __builtin_clzl(word);
}

static inline unsigned int fls64(u64 word)
{
	return word ? __fls(word) + 1 : 0;
}

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

#endif
