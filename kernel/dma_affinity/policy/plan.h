/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the reasons to move a thread share: one budget, and loads that follow
 * each planned move.
 *
 * Shared between the files of policy/; nothing outside includes it.
 */
#ifndef DAM_PLAN_H
#define DAM_PLAN_H

#include "candidates.h"
#include "fixed.h"

/* Engines offered in one tick to whoever moves for another reason than load: it is dear */
#define DAM_OFFERS		4
/* An engine that is full for fewer ticks may be about to be relieved */
#define DAM_FULL_TICKS		8

/**
 * struct plan - one call of dam_plan()
 * @s: the snapshot
 * @bucket: the budget
 * @moves: what is planned
 * @max: room there
 * @n: how many are planned
 * @work: candidates looked at
 * @heated: each engine's heat is known
 */
struct plan {
	struct dam_snapshot *s;
	struct dam_bucket *bucket;
	struct dam_move *moves;
	u32 max;
	u32 n;
	u32 work;
	bool heated;
};

/** dam_plan_room() - how many moves more may be planned */
u32 dam_plan_room(const struct plan *p);

/** dam_plan_heat() - measure each engine's heat, once; needed before dam_plan_send() */
void dam_plan_heat(struct plan *p);

/**
 * dam_plan_send() - plan that thread @t goes to engine @to, charge it there
 * @p: with room
 * @t: thread index, on an engine
 * @to: engine index
 * @purpose: what for
 * @cost: what speaks for it, NULL: not its cost: it promises nothing
 */
void dam_plan_send(struct plan *p, u32 t, u32 to, enum dam_purpose purpose,
		   const struct dam_cost *cost);

/**
 * dam_able() - may thread @t be served by engine @to, coming from @from
 * @t: the thread
 * @from: its engine
 * @to: another
 *
 * Bulk never lands on a reserved engine, real-time threads move among those.
 *
 * Return: whether it may, and @to can do the work.
 */
bool dam_able(const struct dam_thread_view *t, const struct dam_engine_view *from,
	      const struct dam_engine_view *to);

/** dam_distance() - of two nodes, 10 where one is not known */
u32 dam_distance(const struct dam_snapshot *s, s16 from, s16 to);

/* May engine @to be the target of @who, which is the caller's */
typedef bool dam_plan_fits(const struct dam_snapshot *s, u32 who, u32 to);

/**
 * dam_plan_next() - the targets one after the other, by heat, then by index
 * @s: the snapshot, after dam_plan_heat()
 * @who: for @fits
 * @fits: which engines are targets
 * @hot: the hottest comes first, else the coldest
 * @after: the one that came last, DAM_NOBODY: begin
 *
 * Return: engine index, DAM_NOBODY: none is left.
 */
u32 dam_plan_next(const struct dam_snapshot *s, u32 who, dam_plan_fits *fits, bool hot,
		  u32 after);

/**
 * dam_plan_offer() - look for a target that thread @t may go to
 * @s: the snapshot, after dam_plan_heat()
 * @t: thread index
 * @fits: which engines are targets
 * @round: grows whenever all threads had their turn
 * @offers: set to how often it was asked for permission, DAM_OFFERS at most
 *
 * The coldest ones, and at last, be others colder or not, the one whose turn it is.
 *
 * Return: engine index, DAM_NOBODY: none of these.
 */
u32 dam_plan_offer(const struct dam_snapshot *s, u32 t, dam_plan_fits *fits, u32 round,
		   u32 *offers);

/** dam_evict() - plan that bulk leaves reserved engines */
void dam_evict(struct plan *p);

/** dam_explore() - plan that a thread tries another engine, where nothing else is left to do */
void dam_explore(struct plan *p);

/** dam_watch_trials() - see what threads get that try an engine, and keep the places they left */
void dam_watch_trials(struct plan *p);

/** dam_end_trials() - plan that threads go back whose trial found nothing better */
void dam_end_trials(struct plan *p);

/** dam_pack() - plan that a lightly loaded engine is left alone */
void dam_pack(struct plan *p);

/**
 * dam_pack_note() - count for how long engine @v is lightly loaded
 * @s: the snapshot
 * @v: with its load
 *
 * Return: its load may stay together: it is no bottleneck.
 */
bool dam_pack_note(const struct dam_snapshot *s, struct dam_engine_view *v);

#endif
