/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers out of what a fuzzer makes up; past its end they are 0. */
#ifndef LAB_FUZZ_INPUT_H
#define LAB_FUZZ_INPUT_H

#include <stdlib.h>

#include "policy.h"

struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

static inline bool fuzz_ended(const struct fuzz_input *in)
{
	return !in->size;
}

static inline u8 fuzz_u8(struct fuzz_input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++;
}

static inline u32 fuzz_below(struct fuzz_input *in, u32 n)
{
	return ((u32)fuzz_u8(in) << 8 | fuzz_u8(in)) % n;
}

/* Of any magnitude: a byte says how many more there are, and whether all bits are set */
static inline u64 fuzz_u64(struct fuzz_input *in)
{
	u32 n = fuzz_u8(in) % 10;
	u64 v = 0;

	if (n == 9)
		return U64_MAX;
	while (n--)
		v = v << 8 | fuzz_u8(in);
	return v;
}

/* What must never be: the fuzzer keeps the input */
static inline void fuzz_must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
