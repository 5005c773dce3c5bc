/* SPDX-License-Identifier: GPL-2.0 */
/* What moves brought, and what a thread's moves have taught. */
#ifndef DAM_LEARN_H
#define DAM_LEARN_H

#include "policy.h"

#define DAM_OUTCOME_NS		(120ULL * 1000 * 1000)
#define DAM_COOLDOWN_MIN_MS	50
#define DAM_COOLDOWN_MAX_MS	3200

/**
 * struct dam_memory - what a thread's moves taught
 * @last_move_ns: 0 never moved
 * @cooldown_ms: DAM_COOLDOWN_MIN_MS .. DAM_COOLDOWN_MAX_MS, 0 = never moved
 * @history_e4: 0 .. 10000; read it with dam_history_e4()
 * @outcomes: how many were learned from, stops at 255
 * @trials: how many moves were trials, or made room for one, stops at the most that there may be
 */
struct dam_memory {
	u64 last_move_ns;
	u16 cooldown_ms;
	u16 history_e4;
	u8 outcomes;
	u8 trials;
};

/**
 * enum dam_result - what became of a move
 * @DAM_SUCCESS: at least half of what was promised
 * @DAM_PARTIAL: between a quarter and a half
 * @DAM_FAILURE: below a quarter
 */
enum dam_result { DAM_SUCCESS, DAM_PARTIAL, DAM_FAILURE };

/** dam_cooling() - was the thread moved too recently to be moved again */
bool dam_cooling(const struct dam_memory *m, u64 now_ns);

/** dam_history_e4() - how well its moves worked, 5000 where none is known */
u16 dam_history_e4(const struct dam_memory *m);

/** dam_tried() - has the thread made as many trials as it may */
bool dam_tried(const struct dam_memory *m);

/** dam_learn_move() - a move was made, or advised, at @now_ns for @purpose */
void dam_learn_move(struct dam_memory *m, u64 now_ns, enum dam_purpose purpose);

/**
 * dam_achieved_q16() - what a move has brought
 * @s: the snapshot, after dam_find_bottlenecks()
 * @t: thread index
 * @from: engine that it was moved from
 * @promised_q16: what dam_plan() promised
 *
 * Return: -65536 if the thread is not off @from; else minus what dam_gain_q16() says moving
 * back would gain now, or 0 of a move that promised nothing.
 */
s32 dam_achieved_q16(struct dam_snapshot *s, u32 t, u32 from, s32 promised_q16);

/**
 * dam_learn_outcome() - compare a move with its promise
 * @m: the thread's memory; what promised nothing and came true teaches nothing
 * @promised_q16: what dam_plan() promised
 * @achieved_q16: what dam_achieved_q16() says
 * @learn: false: say what it was, change nothing
 *
 * Return: the result.
 */
enum dam_result dam_learn_outcome(struct dam_memory *m, s32 promised_q16,
				  s32 achieved_q16, bool learn);

#endif
