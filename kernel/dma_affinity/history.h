/* SPDX-License-Identifier: GPL-2.0 */
/* AFFINITY_HISTORY: what each move promised and what it brought. */
#ifndef DAM_HISTORY_H
#define DAM_HISTORY_H

#include <linux/types.h>

#include "hal/engine.h"

#define DAM_HISTORY_MAX		4096

/*
 * enum dam_verdict - the column "result"
 */
enum dam_verdict {
	DAM_VERDICT_PENDING,
	DAM_VERDICT_SUCCESS,
	DAM_VERDICT_PARTIAL,
	DAM_VERDICT_FAILURE,
	DAM_VERDICT_REVERTED,
	DAM_VERDICTS,
};

extern const char * const dam_verdict_names[DAM_VERDICTS];

/**
 * struct dam_record - one move
 * @id: above 0, grows
 * @time_ns: when, CLOCK_MONOTONIC
 * @tid: who
 * @verdict: what became of it
 * @promised_q16: gain promised
 * @achieved_q16: gain found when it was judged, 0 unless @known
 * @known: something could be said
 * @from: engine's name
 * @to: engine's name
 */
struct dam_record {
	u64 id;
	u64 time_ns;
	pid_t tid;
	u32 verdict;
	s32 promised_q16;
	s32 achieved_q16;
	bool known;
	char from[DAM_ENGINE_NAME / 2];
	char to[DAM_ENGINE_NAME / 2];
};

int dam_history_init(void);
void dam_history_exit(void);

/**
 * dam_history_resize() - keep @n outcomes from now on, the newest of today's
 * @n: 0 .. DAM_HISTORY_MAX
 *
 * Context: process, may sleep, dam_lock not held.
 * Return: 0 or -ENOMEM.
 */
int dam_history_resize(int n);

/**
 * dam_history_add() - remember a move
 * @r: all but its id
 *
 * Context: dam_lock held.
 * Return: its id; 0 if nothing is remembered.
 */
u64 dam_history_add(const struct dam_record *r);

/**
 * dam_history_judge() - say what became of a move
 * @id: of dam_history_add()
 * @verdict: what became of it
 * @known: nothing could be said if false: its thread asks for nothing by now, or has
 *	submitted nothing since, or one of both engines is gone
 * @achieved_q16: gain found
 *
 * Context: dam_lock held.
 */
void dam_history_judge(u64 id, enum dam_verdict verdict, bool known, s32 achieved_q16);

/** dam_history_count() - records now; dam_lock held */
u32 dam_history_count(void);

/** dam_history_at() - the record, 0 the newest; dam_lock held */
const struct dam_record *dam_history_at(u32 i);

/** dam_history_generation() - changes with every record; dam_lock held */
u64 dam_history_generation(void);

#endif
