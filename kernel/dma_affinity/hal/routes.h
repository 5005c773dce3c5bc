/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Routes: which engine serves a CPU for which kind of transfer. The kernel
 * keeps them in per-CPU tables, one a kind, and fills them anew whenever a
 * provider or a client comes or goes.
 */
#ifndef DAM_HAL_ROUTES_H
#define DAM_HAL_ROUTES_H

#include <linux/cpumask.h>
#include <linux/dmaengine.h>
#include <linux/types.h>

#include "hal/engine.h"

/* Bits that go with the kinds of a thread: by which table it was served. */
#define DAM_VIA_KIND	BIT(30)	/* its kind's own */
#define DAM_VIA_ASYNC	BIT(31)	/* async_tx's (md RAID) */
#define DAM_KINDS_MASK	(BIT(DAM_KINDS) - 1)

int dam_routes_init(void);
void dam_routes_exit(void);

/**
 * dam_routes_via() - by which tables this CPU would send @kind to @chan
 * @kind: of transfer
 * @chan: the channel
 *
 * Context: any, preemption disabled.
 * Return: DAM_VIA_* bits.
 */
u32 dam_routes_via(enum dam_kind kind, const struct dma_chan *chan);

/**
 * dam_routes_stale() - a table may have changed: read them soon
 *
 * Context: any.
 */
void dam_routes_stale(void);

/**
 * dam_routes_refresh() - read the tables of every housekeeping CPU
 * @now_ns: they are read at most once a second unless known to be stale
 *
 * Interrupts each such CPU once. Context: process, dam_lock held.
 */
void dam_routes_refresh(u64 now_ns);

/** dam_routes_epoch() - changes when they were read, never 0; dam_lock held */
u32 dam_routes_epoch(void);

/**
 * dam_routes_serves() - is there a CPU from which all of @kinds reach an engine
 * @e: the engine
 * @kinds: bits of enum dam_kind, and DAM_VIA_*
 *
 * Context: dam_lock held.
 * Return: whether there is one.
 */
bool dam_routes_serves(const struct dam_engine *e, u32 kinds);

/**
 * dam_routes_cpus() - the CPUs from which all of @kinds reach an engine
 * @e: the engine
 * @kinds: bits of enum dam_kind, and DAM_VIA_*
 * @out: filled with a subset of the online housekeeping CPUs
 *
 * Context: dam_lock held.
 * Return: false if there is none.
 */
bool dam_routes_cpus(const struct dam_engine *e, u32 kinds,
		     struct cpumask *out);

#endif
