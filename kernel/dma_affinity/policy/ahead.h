/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What loads that repeat will be within the next half second.
 *
 * Shared between the files of policy/; nothing outside includes it.
 */
#ifndef DAM_AHEAD_H
#define DAM_AHEAD_H

#include "fixed.h"

/**
 * dam_ahead_share_q16() - shares of an engine within the next half second
 * @s: the snapshot, after dam_look_ahead()
 * @e: engine index
 * @which: 0 or 1: what is found stays until the next call with it
 *
 * Return: DAM_AHEAD shares, NULL if nothing is known to repeat.
 */
const u32 *dam_ahead_share_q16(const struct dam_snapshot *s, u32 e, u32 which);

/**
 * dam_ahead_repeats() - would a move between two engines move what repeats
 * @s: the snapshot, after dam_ahead_share_q16() of both engines
 * @t: the thread to be moved
 *
 * Return: false if they and the thread are all the time as at the horizon.
 */
bool dam_ahead_repeats(const struct dam_snapshot *s, u32 t);

/** dam_ahead_bps() - what thread @t asks at moment @k of these */
u64 dam_ahead_bps(const struct dam_snapshot *s, u32 t, u32 k);

/** dam_ahead_moved() - a thread has another engine */
void dam_ahead_moved(const struct dam_snapshot *s);

#endif
