/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only threads that are or were moved need, whose masks are apart in
 * affinity.c: there are fewer places for that than threads. The tick takes
 * and gives them; dam_lock.
 */
#ifndef DAM_MOVED_H
#define DAM_MOVED_H

#include <linux/types.h>

#include "policy/learn.h"

/**
 * struct dam_outcome - a move that is to be judged
 * @due_ns: when, 0 none open
 * @id: its record in the history
 * @promised_q16: what was promised
 * @from: the engine it came from
 * @purpose: enum dam_purpose of the last move, which made its mask what it is
 */
struct dam_outcome {
	u64 due_ns;
	u64 id;
	s32 promised_q16;
	u16 from;
	u8 purpose;
};

/**
 * struct dam_moved - one place
 * @memory: what its moves taught
 * @outcome: of its last move
 * @slot: of the thread whose it is
 * @taken: it is somebody's
 */
struct dam_moved {
	struct dam_memory memory;
	struct dam_outcome outcome;
	u32 slot;
	bool taken;
};

/**
 * dam_moved_init() - allocate the places
 * @max_threads: size of the table of threads
 *
 * An eighth of that, 64 at least: so many masks can be narrowed at a time.
 * Return: 0 or -ENOMEM.
 */
int dam_moved_init(u32 max_threads);
void dam_moved_exit(void);

/** dam_moved_places() - how many there are; they are counted from 1 */
u32 dam_moved_places(void);

/**
 * dam_moved_of() - a thread's place
 * @slot: of the thread
 *
 * Context: dam_lock held.
 * Return: the place, NULL if it was never moved.
 */
struct dam_moved *dam_moved_of(u32 slot);

/**
 * dam_moved_take() - a place for a thread that is about to be moved
 * @slot: of the thread
 *
 * Its own, or a free one, or that of another whose mask is not narrowed, and
 * which forgets what its moves taught. Context: the tick, dam_lock held.
 * Return: the place counted from 1, 0 if there is none.
 */
u32 dam_moved_take(u32 slot);

/**
 * dam_moved_drop() - the thread leaves the table
 * @slot: of the thread, whose mask is not narrowed
 *
 * Context: process, dam_lock held.
 */
void dam_moved_drop(u32 slot);

/**
 * dam_moved_at() - a place, taken or not
 * @place: from 1 on
 *
 * Context: dam_lock held.
 * Return: the place.
 */
struct dam_moved *dam_moved_at(u32 place);

#endif
