// SPDX-License-Identifier: GPL-2.0
/* What happened between two snapshots. */
#include <string.h>

#include "attr.h"

DMAAFF_PUBLIC struct dmaaff_u64 dmaaff_delta(struct dmaaff_u64 before, struct dmaaff_u64 now)
{
	struct dmaaff_u64 delta = { 0 };

	if (!before.known || !now.known || now.value < before.value)
		return delta;
	delta.value = now.value - before.value;
	delta.known = true;
	return delta;
}

static const struct dmaaff_engine *find(const struct dmaaff_snapshot *snapshot,
					const struct dmaaff_engine *engine)
{
	size_t i;

	for (i = 0; snapshot && i < snapshot->nr_engines; i++) {
		if (!strcmp(snapshot->engines[i].name, engine->name))
			return &snapshot->engines[i];
	}
	return NULL;
}

static bool went_back(struct dmaaff_u64 before, struct dmaaff_u64 now)
{
	return before.known && now.known && now.value < before.value;
}

/* The same engine, and its counters run on from where they were. */
static bool continues(const struct dmaaff_engine *before, const struct dmaaff_engine *now)
{
	return before && before->id == now->id && before->time_ns < now->time_ns &&
	       !went_back(before->bytes, now->bytes) && !went_back(before->ops, now->ops) &&
	       !went_back(before->busy_ns, now->busy_ns) &&
	       !went_back(before->depth_ns, now->depth_ns);
}

static struct dmaaff_real scaled(struct dmaaff_u64 number, double factor)
{
	struct dmaaff_real result = { number.value * factor, number.known };

	return result;
}

DMAAFF_PUBLIC struct dmaaff_rate dmaaff_rate(const struct dmaaff_snapshot *before,
					     const struct dmaaff_engine *now)
{
	const struct dmaaff_engine *then = find(before, now);
	struct dmaaff_rate rate = {
		.utilisation_pct = now->utilisation_pct,
		.depth = now->depth,
		.latency_ns = scaled(now->latency_ns, 1),
	};
	struct dmaaff_u64 busy_ns, depth_ns, ops, bytes;
	double ns;

	if (!continues(then, now) || !then->counted || !now->counted)
		return rate;
	ns = now->time_ns - then->time_ns;
	busy_ns = dmaaff_delta(then->busy_ns, now->busy_ns);
	depth_ns = dmaaff_delta(then->depth_ns, now->depth_ns);
	ops = dmaaff_delta(then->ops, now->ops);
	bytes = dmaaff_delta(then->bytes, now->bytes);

	rate.seconds = ns / 1e9;
	rate.bytes_per_s = scaled(bytes, 1e9 / ns);
	rate.ops_per_s = scaled(ops, 1e9 / ns);
	if (busy_ns.known) {
		rate.utilisation_pct = scaled(busy_ns, 100 / ns);
		/* Busy time grows in steps of a tick, which may reach out of the interval. */
		if (rate.utilisation_pct.value > 100)
			rate.utilisation_pct.value = 100;
	}
	if (depth_ns.known) {
		rate.depth = scaled(depth_ns, 1 / ns);
		/* Little's law. */
		if (ops.known && ops.value)
			rate.latency_ns = scaled(depth_ns, 1.0 / ops.value);
		else if (ops.known)
			rate.latency_ns = (struct dmaaff_real){ 0 };
	}
	return rate;
}
