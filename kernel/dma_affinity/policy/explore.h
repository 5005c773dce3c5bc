/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What trials and those who make room for one have in common.
 *
 * Shared between the files of policy/; nothing outside includes it.
 */
#ifndef DAM_EXPLORE_H
#define DAM_EXPLORE_H

#include "plan.h"

/* The larger of both */
static inline u64 dam_asked_bps(u64 now_bps, u64 pred_bps)
{
	return min_t(u64, max_t(u64, now_bps, pred_bps), DAM_BPS_MAX);
}

/* No guess where it is known: guesses are of operations of other sizes, perhaps */
static inline u64 dam_speed_bps(const struct dam_engine_view *v)
{
	return min_t(u64, v->capacity_bps ? v->capacity_bps : v->effective_bps, DAM_BPS_MAX);
}

/* Nobody has asked it for anything yet: what it can do is a guess */
static inline bool dam_unused(const struct dam_engine_view *v)
{
	return v->effective_bps && !v->capacity_bps && !v->used;
}

/** dam_may_try() - may thread @t go to engine @e for a trial, as far as is known without asking */
bool dam_may_try(const struct dam_snapshot *s, u32 t, u32 e);

/** dam_near() - is engine @e no farther from @t's memory than the engine it is on */
bool dam_near(const struct dam_snapshot *s, u32 t, u32 e);

/**
 * struct dam_trade - places that are changed
 * @to: the faster engine
 * @n: how many threads leave it, 0: none may, and by how busy it is none has to
 * @threads: their indices
 */
struct dam_trade {
	u32 to;
	u32 n;
	u32 threads[DAM_TRADE];
};

/**
 * dam_trade_idle() - is engine @to worth it that threads leave it for one that fills @from
 * @s: the snapshot
 * @from: its engine
 * @to: another
 *
 * Return: it is faster, and idle for enough of its time.
 */
bool dam_trade_idle(const struct dam_snapshot *s, const struct dam_engine_view *from,
		    const struct dam_engine_view *to);

/**
 * dam_trade_find() - find those with whom thread @t, which fills its engine, changes places
 * @p: the plan
 * @t: thread index
 * @trade: filled
 *
 * Return: false: there are none.
 */
bool dam_trade_find(const struct plan *p, u32 t, struct dam_trade *trade);

#endif
