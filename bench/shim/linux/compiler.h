/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_COMPILER_H
#define SHIM_LINUX_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#undef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#define noinline __attribute__((__noinline__))
#define __aligned(bytes) __attribute__((__aligned__(bytes)))
#define __read_mostly
#define __ro_after_init
#define U8_MAX UINT8_MAX
#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX

/* They only tell KCSAN something. */
#define data_race(expression) (expression)
#define ASSERT_EXCLUSIVE_WRITER(variable)

#define READ_ONCE(from) (*(const volatile __typeof__(from) *)&(from))
#define WRITE_ONCE(to, value) (*(volatile __typeof__(to) *)&(to) = (value))
#define smp_store_release(to, value) __atomic_store_n(to, value, __ATOMIC_RELEASE)

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define static_assert(condition) _Static_assert(condition, #condition)

#define EXPORT_SYMBOL_GPL(name) struct exported_##name

#endif
