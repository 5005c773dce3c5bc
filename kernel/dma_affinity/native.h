/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What policy/ and meter/ need of the kernel's headers, for native builds.
 *
 * Only names that they use, with the kernel's meaning. The kernel build
 * never includes this file.
 */
#ifndef DAM_NATIVE_H
#define DAM_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX
#define S32_MAX		INT32_MAX
#define S32_MIN		INT32_MIN

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, v)	((x) = (v))

#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))

#define min_t(type, x, y) ({		\
	type __x = (x);			\
	type __y = (y);			\
	__x < __y ? __x : __y; })

#define max_t(type, x, y) ({		\
	type __x = (x);			\
	type __y = (y);			\
	__x > __y ? __x : __y; })

#define clamp_t(type, v, lo, hi)	\
	min_t(type, max_t(type, v, lo), hi)

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}

/* The kernel's, for products that fit 64 bits after the shift */
static inline u64 mul_u64_u64_shr(u64 a, u64 mul, unsigned int shift)
{
	return (u64)(((__uint128_t)a * mul) >> shift);
}

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	u64 low = (a & U32_MAX) * mul;
	u64 high = (a >> 32) * mul;

	return ((high + (low >> 32)) << (32 - shift)) +
	       ((low & U32_MAX) >> shift);
}

#endif
