// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>

#include "message.h"
#include "pattern.h"

/*
 * From the top: a mark, so that a word is never 0; the thread; the copy, modulo
 * 2^24; the offset in words, 2^23 being the most that one copy has.
 */
#define MARK		(1ULL << 63)
#define THREAD_SHIFT	48
#define THREAD_MASK	0x7fffULL
#define COPY_SHIFT	24
#define COPY_MASK	0xffffffULL
#define WORD_MASK	0xffffffULL

static uint64_t pattern_base(unsigned int thread, uint64_t copy)
{
	return MARK | (thread & THREAD_MASK) << THREAD_SHIFT |
	       (copy & COPY_MASK) << COPY_SHIFT;
}

void pattern_fill(void *buffer, size_t size, unsigned int thread, uint64_t copy)
{
	uint64_t base = pattern_base(thread, copy);
	size_t words = size / sizeof(base), i;
	uint64_t *word = buffer;

	for (i = 0; i < words; i++)
		word[i] = base | i;
	base |= words;
	memcpy(word + words, &base, size % sizeof(base));
}

static int report(const unsigned char *buffer, size_t size, size_t word,
		  unsigned int thread, uint64_t copy)
{
	size_t offset = word * sizeof(uint64_t);
	size_t len = size - offset < sizeof(uint64_t) ? size - offset :
						       sizeof(uint64_t);
	uint64_t want = pattern_base(thread, copy) | word, found = 0;

	if (len < sizeof(want))
		want &= (1ULL << 8 * len) - 1;
	memcpy(&found, buffer + offset, len);
	if (len == sizeof(found) && found & MARK)
		complain("thread %u copy %" PRIu64
			 " offset %zu: wrong data, that of thread %u copy %u offset %" PRIu64,
			 thread, copy, offset,
			 (unsigned int)(found >> THREAD_SHIFT & THREAD_MASK),
			 (unsigned int)(found >> COPY_SHIFT & COPY_MASK),
			 (uint64_t)((found & WORD_MASK) * sizeof(found)));
	else
		complain("thread %u copy %" PRIu64
			 " offset %zu: wrong data, %#" PRIx64 " instead of %#" PRIx64,
			 thread, copy, offset, found, want);
	return -1;
}

int pattern_check(const void *buffer, size_t size, unsigned int thread,
		  uint64_t copy)
{
	uint64_t base = pattern_base(thread, copy);
	size_t words = size / sizeof(base), i;
	const uint64_t *word = buffer;

	for (i = 0; i < words; i++)
		if (word[i] != (base | i))
			return report(buffer, size, i, thread, copy);
	base |= words;
	if (memcmp(word + words, &base, size % sizeof(base)) != 0)
		return report(buffer, size, words, thread, copy);
	return 0;
}
