/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The threads that may be moved off each bottleneck, in lists linked through
 * struct dam_thread_view. Short ones: what is costed for each move is on them.
 *
 * Shared between the files of policy/; nothing outside includes it.
 */
#ifndef DAM_CANDIDATES_H
#define DAM_CANDIDATES_H

#include "fixed.h"

/* Ends a list, and stands for no thread and no engine */
#define DAM_NOBODY		U32_MAX
/* Candidates costed together; of more, those whose demand fits best */
#define DAM_LIST_SHORT		8

/**
 * dam_candidates_list() - find them for all bottlenecks
 * @s: after dam_find_bottlenecks()
 */
void dam_candidates_list(struct dam_snapshot *s);

/**
 * dam_candidates_shorten() - keep the few that fit best, the others for later
 * @s: the snapshot
 * @from: engine whose list it is
 * @to: engine that they might go to, colder than @from
 */
void dam_candidates_shorten(struct dam_snapshot *s, u32 from, u32 to);

/**
 * dam_candidates_later() - go on to those that were kept for later
 * @s: the snapshot
 * @from: engine whose list it is; what is on it is dropped
 *
 * Return: false if there are none, or that was done often enough in one tick.
 */
bool dam_candidates_later(struct dam_snapshot *s, u32 from);

/** dam_candidates_remove() - thread @t is no candidate on @from any more */
void dam_candidates_remove(struct dam_snapshot *s, u32 from, u32 t);

#endif
