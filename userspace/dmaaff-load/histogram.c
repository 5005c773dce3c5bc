// SPDX-License-Identifier: GPL-2.0
#include "histogram.h"

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int top = 63 - __builtin_clzll(ns | 1);
	unsigned int shift = top > HISTOGRAM_SUB_BITS ?
			     top - HISTOGRAM_SUB_BITS : 0;
	uint64_t bucket = ((uint64_t)shift << HISTOGRAM_SUB_BITS) + (ns >> shift);

	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static uint64_t middle_of(unsigned int bucket)
{
	unsigned int octave = bucket >> HISTOGRAM_SUB_BITS;
	unsigned int shift = octave ? octave - 1 : 0;
	uint64_t low = (uint64_t)(bucket - (shift << HISTOGRAM_SUB_BITS)) << shift;

	return low + (shift ? 1ULL << (shift - 1) : 0);
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	_Atomic uint64_t *count = &histogram->count[bucket_of(ns)];

	/* The only writer: no locked instruction needed. */
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

void histogram_since(const struct histogram *histogram,
		     struct histogram_view *last, struct histogram_view *since)
{
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t now = atomic_load_explicit(&histogram->count[i],
						    memory_order_relaxed);

		since->count[i] = now - last->count[i];
		last->count[i] = now;
	}
}

void histogram_merge(struct histogram_view *into,
		     const struct histogram_view *from)
{
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->count[i] += from->count[i];
}

uint64_t histogram_quantile(const struct histogram_view *view, double share)
{
	uint64_t total = 0, below = 0;
	unsigned int i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		total += view->count[i];
	if (!total)
		return 0;
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		below += view->count[i];
		if (below && below >= share * total)
			break;
	}
	return middle_of(i);
}
