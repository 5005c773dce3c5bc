/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Placements compared by rates: what a thread asks takes a share of an engine's
 * time; an engine asked for more than there is delivers in proportion. That costs
 * a few operations a try, where a simulation costs thousands.
 */
#ifndef LAB_FLUID_H
#define LAB_FLUID_H

#include "sim.h"

/**
 * struct place - where a thread could be
 * @engine: that serves it
 * @node: it runs there
 */
struct place {
	u16 engine;
	s16 node;
};

/**
 * struct fluid - rates of some time, and the assignment under search
 * @s: of what
 * @sim: a run of it that has not begun
 * @at_ns: the time that rates are of
 * @bps: what each thread asks
 * @engine: that serves it
 * @node: it runs there
 * @load: time asked of each engine, 1 = all
 * @asked_bps: bytes asked of it
 */
struct fluid {
	const struct scenario *s;
	const struct sim *sim;
	double at_ns;
	double *bps;
	u16 *engine;
	s16 *node;
	double *load;
	double *asked_bps;
};

/** fluid_start() - search in @engine and @node, which are the caller's */
void fluid_start(struct fluid *f, const struct sim *sim, u16 *engine, s16 *node);

/** fluid_stop() - give back what fluid_start() took */
void fluid_stop(struct fluid *f);

/** fluid_rates() - look at this time from now on; @engine and @node may be others */
void fluid_rates(struct fluid *f, u64 from_ns, u64 to_ns);

/** fluid_worth() - what all engines deliver in that time, balance included */
double fluid_worth(const struct fluid *f);

/**
 * fluid_climb() - move and swap threads as long as that is better
 * @f: after fluid_rates()
 * @least: share of what all engines deliver that each change must bring
 */
void fluid_climb(struct fluid *f, double least);

/** fluid_place() - where thread @t is */
struct place fluid_place(const struct fluid *f, u32 t);

/** fluid_nth_place() - the @i-th place that thread @t could have, false beyond the last */
bool fluid_nth_place(const struct fluid *f, u32 t, u32 i, struct place *p);

static inline bool same_place(struct place a, struct place b)
{
	return a.engine == b.engine && a.node == b.node;
}

#endif
