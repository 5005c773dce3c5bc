/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long transfers wait on an engine, from sums over its threads, so that
 * adding or taking away one thread costs the same however many there are.
 *
 * Shared between the files of policy/; nothing outside includes it.
 */
#ifndef DAM_QUEUE_H
#define DAM_QUEUE_H

#include "fixed.h"

/**
 * struct dam_load - what an engine carries at one moment
 * @bps: bytes/s asked of it
 * @ops: operations a second
 * @volume: as in struct dam_queue
 * @elastic_bytes: in flight
 */
struct dam_load {
	u64 bps;
	u64 ops;
	u64 volume;
	u64 elastic_bytes;
};

/** dam_load_now() - what engine @e carries now */
struct dam_load dam_load_now(const struct dam_engine_view *e);

/** dam_load_pred() - what engine @e will carry at the horizon */
struct dam_load dam_load_pred(const struct dam_engine_view *e);

/** dam_load_of() - what thread @t adds when it asks for @bps */
struct dam_load dam_load_of(const struct dam_thread_view *t, u64 bps);

/** dam_load_plus() - both together */
struct dam_load dam_load_plus(const struct dam_load *a,
			      const struct dam_load *b);

/** dam_load_minus() - the first without the second, no sum below 0 */
struct dam_load dam_load_minus(const struct dam_load *a,
			       const struct dam_load *b);

/**
 * dam_waiting_q16() - mean number of operations that wait on an engine
 * @s: for the horizon: how long what exceeds the capacity piles up
 * @capacity_bps: the engine's, not 0
 * @service_ns: what one operation costs it beyond its bytes
 * @l: what it carries
 *
 * Return: below 2^48.
 */
u64 dam_waiting_q16(const struct dam_snapshot *s, u64 capacity_bps,
		    u32 service_ns, const struct dam_load *l);

/** dam_charge() - charge engine @e with thread @t */
void dam_charge(struct dam_engine_view *e, const struct dam_thread_view *t);

/** dam_discharge() - take thread @t off engine @e */
void dam_discharge(struct dam_engine_view *e, const struct dam_thread_view *t);

/** dam_settle() - what waits on @e, after threads came or went */
void dam_settle(const struct dam_snapshot *s, struct dam_engine_view *e);

/** dam_excess_q16() - by how much an engine exceeds its fair share */
s32 dam_excess_q16(const struct dam_engine_view *e);

/** dam_threshold_q16() - how much excess makes a bottleneck */
s32 dam_threshold_q16(const struct dam_snapshot *s);

#endif
