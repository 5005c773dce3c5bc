/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot to decide on, built in a few lines by each test. */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include "policy.h"

#define WORLD_ENGINES	64
#define WORLD_THREADS	512
#define WORLD_MOVES	256
#define WORLD_BPS	1000000000ULL
#define WORLD_START_NS	1000000000ULL

/**
 * struct world - a snapshot and room for all it points at
 * @forbidden: engine that threads may not be sent to, -1 none
 * @forbidden_thread: if not -1, only this thread is forbidden it
 * @asked: how often allowed() was called
 * @reported: how often report() was called
 */
struct world {
	struct dam_snapshot s;
	struct dam_engine_view engines[WORLD_ENGINES];
	struct dam_thread_view threads[WORLD_THREADS];
	struct dam_move moves[WORLD_MOVES];
	struct dam_bucket bucket;
	u8 distance[4];
	int forbidden;
	int forbidden_thread;
	u32 asked;
	u32 reported;
};

/** world_init() - two nodes, no engine, default tunables */
void world_init(struct world *w);

/** world_engine() - an engine of 1 GB/s x @percent, Return: its index */
u32 world_engine(struct world *w, u32 percent, s16 node);

/** world_thread() - a movable thread asking @percent of 1 GB/s on @engine */
u32 world_thread(struct world *w, u32 percent, u16 engine);

/** world_percent() - Return: so much of 1 GB/s, in B/s */
u64 world_percent(u32 percent);

/** world_asks() - @thread asks @percent of 1 GB/s, now and ahead */
void world_asks(struct world *w, u32 thread, u32 percent);

/** world_look() - one tick: dam_find_bottlenecks() and dam_fill_queues() */
u32 world_look(struct world *w);

/** world_plan() - dam_plan() on what world_look() found */
u32 world_plan(struct world *w);

/** world_next() - a tick passes: clock, and threads rest no more */
void world_next(struct world *w);

/** world_tick() - these three in turn, Return: moves */
u32 world_tick(struct world *w);

/** world_ticks() - until something is moved, @ticks at most, Return: moves */
u32 world_ticks(struct world *w, u32 ticks);

#endif
