/* SPDX-License-Identifier: GPL-2.0 */
/* What a thread asks for over time: when its next copy is due. */
#ifndef DMAAFF_LOAD_DEMAND_H
#define DMAAFF_LOAD_DEMAND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "options.h"

/**
 * struct chase - where threads ask most, see --chase; shared by all
 * @lock: protects the others
 * @node: there
 * @next: there from @next_ns on
 * @next_ns: 0 for nothing to come
 */
struct chase {
	pthread_mutex_t lock;
	unsigned int node;
	unsigned int next;
	uint64_t next_ns;
};

/**
 * struct demand - of one thread; its own
 * @opt: the command line
 * @chase: for --chase
 * @begin_ns: when it began
 * @then_ns: until when it is reckoned
 * @node: where the thread was then
 * @credit: what it may submit at once, in bytes * ns / s
 */
struct demand {
	const struct options *opt;
	struct chase *chase;
	uint64_t begin_ns;
	uint64_t then_ns;
	unsigned int node;
	__uint128_t credit;
};

/* Whether copies are due at certain times, and not whenever there is room. */
bool demand_is_paced(const struct options *opt);

void demand_begin(struct demand *demand, uint64_t now_ns, unsigned int node);

/*
 * Whether a copy is due, on this node. If none is, *look_ns is when to ask again: not
 * later than one may be.
 */
bool demand_is_due(struct demand *demand, uint64_t now_ns, unsigned int node,
		   uint64_t *look_ns);

/* A copy was submitted. */
void demand_served(struct demand *demand);

#endif
