/* SPDX-License-Identifier: GPL-2.0 */
/* One who fills a slow engine beside one on a fast one, for the tests of changing places. */
#ifndef LAB_TRADE_WORLD_H
#define LAB_TRADE_WORLD_H

#include "check.h"
#include "world.h"

#define SLOW	0
#define FAST	1
#define FILLS	0
#define OTHER	1
#define SOON	8
#define TICKS	12

static struct world w;

/* One fills the slow engine, which is as much as the other has of the fast one; it has no room */
static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	world_engine(&w, 50, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 50, SLOW);
	world_thread(&w, 49, FAST);
	return 0;
}

static void nobody_moves(void)
{
	u32 i;

	for (i = 0; i < 100; i++)
		assert_int_equal(world_tick(&w), 0);
}

static u32 moves_soon(void)
{
	return world_ticks(&w, 3 * SOON);
}

/* Those who make room first; none of them promises anything */
static void they_change(u32 others)
{
	u32 i;

	assert_int_equal(moves_soon(), others + 1);
	for (i = 0; i < others; i++) {
		assert_int_equal(w.moves[i].purpose, DAM_FOR_ROOM);
		assert_int_equal(w.moves[i].from, FAST);
		assert_int_equal(w.moves[i].to, SLOW);
		assert_int_equal(w.moves[i].promised_q16, 0);
	}
	assert_int_equal(w.moves[others].purpose, DAM_FOR_TRIAL);
	assert_int_equal(w.moves[others].thread, FILLS);
	assert_int_equal(w.threads[FILLS].engine, FAST);
}

#endif
