/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A log-linear histogram of nanoseconds: 64 buckets to each power of two, so
 * that a bucket's middle is within 0.8 % of what it holds. One thread adds;
 * others may read meanwhile.
 */
#ifndef DMAAFF_LOAD_HISTOGRAM_H
#define DMAAFF_LOAD_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define HISTOGRAM_SUB_BITS	6
#define HISTOGRAM_OCTAVES	36	/* up to 2^42 ns, more than an hour */
#define HISTOGRAM_BUCKETS	((HISTOGRAM_OCTAVES + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
	_Atomic uint64_t count[HISTOGRAM_BUCKETS];
};

/* A copy that nobody adds to. */
struct histogram_view {
	uint64_t count[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* What was added since *last, which is brought up to date. */
void histogram_since(const struct histogram *histogram,
		     struct histogram_view *last, struct histogram_view *since);

void histogram_merge(struct histogram_view *into,
		     const struct histogram_view *from);

/* The value below which that share (0 to 1) lies; 0 when there is none. */
uint64_t histogram_quantile(const struct histogram_view *view, double share);

#endif
