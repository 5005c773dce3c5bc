/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What policy/ needs of the kernel's headers, for native builds.
 *
 * Only names that policy/ uses, with the kernel's meaning. The kernel build
 * never includes this file.
 */
#ifndef DAM_NATIVE_H
#define DAM_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define S32_MAX		INT32_MAX
#define S32_MIN		INT32_MIN

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

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return (u64)(((unsigned __int128)a * mul) >> shift);
}

#endif
