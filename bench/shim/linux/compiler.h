/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_COMPILER_H
#define SHIM_LINUX_COMPILER_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t s64;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#undef __always_inline
#define __always_inline inline __attribute__((__always_inline__))

/* It only tells KCSAN something. */
#define data_race(expression) (expression)

#define likely(condition) __builtin_expect(!!(condition), 1)

#endif
