// SPDX-License-Identifier: GPL-2.0
#include "demand.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

/* What changes slowly is taken to stay for so long. */
#define STEP_NS		(10 * NSEC_PER_MSEC)

/* Behind its rate by more than this, a thread forgets what it is behind. */
#define DEBT_MAX_NS	(100 * NSEC_PER_MSEC)

/* Where it does not chase, a thread asks for this part of its rate. */
#define CHASE_REST	10

bool demand_is_paced(const struct options *opt)
{
	return opt->rate || opt->burst_period_ns;
}

/* What a copy costs. */
static __uint128_t price(const struct demand *demand)
{
	return (__uint128_t)demand->opt->size * NSEC_PER_SEC;
}

/* Whether there is a burst at that time; it stays so until *until_ns. */
static bool bursts(const struct demand *demand, uint64_t at_ns, uint64_t *until_ns)
{
	const struct options *opt = demand->opt;
	uint64_t into = at_ns - demand->begin_ns + opt->burst_period_ns -
			opt->burst_phase_ns;

	if (!opt->burst_period_ns)
		return true;
	into %= opt->burst_period_ns;
	*until_ns = at_ns - into + (into < opt->burst_ns ? opt->burst_ns :
							   opt->burst_period_ns);
	return into < opt->burst_ns;
}

/* Whether the thread is where all of them are to ask much. */
static bool chases(struct demand *demand, uint64_t now_ns, unsigned int node)
{
	struct chase *chase = demand->chase;
	bool found;

	pthread_mutex_lock(&chase->lock);
	if (node != demand->node) {
		chase->next = node;
		chase->next_ns = now_ns + demand->opt->chase_ns;
	}
	if (chase->next_ns && chase->next_ns <= now_ns) {
		chase->node = chase->next;
		chase->next_ns = 0;
	}
	found = chase->node == node;
	pthread_mutex_unlock(&chase->lock);
	return found;
}

/* Bytes a second at that time; they stay so until *until_ns, or as good as. */
static uint64_t rate_at(const struct demand *demand, uint64_t at_ns, bool less,
			uint64_t *until_ns)
{
	const struct options *opt = demand->opt;
	uint64_t rate = opt->rate, gone_ns = at_ns - demand->begin_ns;
	uint64_t step_end_ns = at_ns + STEP_NS;

	*until_ns = UINT64_MAX;
	if (!bursts(demand, at_ns, until_ns))
		return 0;
	if (opt->rate_to) {
		if (gone_ns > opt->duration_ns)
			gone_ns = opt->duration_ns;
		/* Both are below 2^43, their difference by the time fits. */
		rate += (__int128_t)((int64_t)opt->rate_to - (int64_t)opt->rate) *
			gone_ns / opt->duration_ns;
	}
	if (less)
		rate /= CHASE_REST;
	if ((opt->rate_to || opt->chase_ns) && step_end_ns < *until_ns)
		*until_ns = step_end_ns;
	return rate;
}

void demand_begin(struct demand *demand, uint64_t now_ns, unsigned int node)
{
	demand->begin_ns = now_ns;
	demand->then_ns = now_ns;
	demand->node = node;
	demand->credit = price(demand);
}

/* Adds what was asked for since the last time. */
static void reckon(struct demand *demand, uint64_t now_ns, bool less)
{
	const uint64_t debt_ns = DEBT_MAX_NS;
	uint64_t rate, until_ns, most = demand->opt->rate;
	__uint128_t limit;

	while (demand->then_ns < now_ns) {
		rate = rate_at(demand, demand->then_ns, less, &until_ns);
		if (until_ns > now_ns)
			until_ns = now_ns;
		demand->credit += (__uint128_t)rate * (until_ns - demand->then_ns);
		demand->then_ns = until_ns;
	}
	if (most < demand->opt->rate_to)
		most = demand->opt->rate_to;
	limit = price(demand) + (__uint128_t)most * debt_ns;
	if (demand->credit > limit)
		demand->credit = limit;
}

bool demand_is_due(struct demand *demand, uint64_t now_ns, unsigned int node,
		   uint64_t *look_ns)
{
	const struct options *opt = demand->opt;
	bool less = opt->chase_ns && !chases(demand, now_ns, node);
	__uint128_t left_ns;
	uint64_t rate;

	demand->node = node;
	if (!opt->rate)
		return bursts(demand, now_ns, look_ns);
	reckon(demand, now_ns, less);
	if (demand->credit >= price(demand))
		return true;
	rate = rate_at(demand, now_ns, less, look_ns);
	if (!rate)
		return false;
	left_ns = (price(demand) - demand->credit + rate - 1) / rate;
	if (left_ns < *look_ns - now_ns)
		*look_ns = now_ns + left_ns;
	return false;
}

void demand_served(struct demand *demand)
{
	/* Without a rate nothing is reckoned. */
	if (demand->opt->rate)
		demand->credit -= price(demand);
}
