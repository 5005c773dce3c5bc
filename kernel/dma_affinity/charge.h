/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who submitted what: per-CPU tables that probes write and the tick folds.
 */
#ifndef DAM_CHARGE_H
#define DAM_CHARGE_H

#include <linux/types.h>

#include "hal/engine.h"

struct dam_channel;
struct dma_chan;
struct task_struct;

/**
 * enum dam_bucket_id - submitters that are no thread
 * @DAM_BUCKET_IRQ: hard interrupt context
 * @DAM_BUCKET_SOFTIRQ: soft interrupt context
 * @DAM_BUCKET_EXITING: threads on their way out
 * @DAM_BUCKETS: how many
 */
enum dam_bucket_id {
	DAM_BUCKET_IRQ,
	DAM_BUCKET_SOFTIRQ,
	DAM_BUCKET_EXITING,
	DAM_BUCKETS,
};

/**
 * dam_charge_submission() - a submission is being prepared
 * @chan: the channel
 * @kind: of transfer
 * @len: bytes
 *
 * Context: any, hard irq and under any lock included; preemption disabled.
 * Wakes nobody directly and takes no lock.
 */
void dam_charge_submission(struct dma_chan *chan, enum dam_kind kind, size_t len);

/*
 * A thread whose devices move less than this a second is nobody who could be
 * helped by moving it: it neither wakes the tick nor keeps it awake. Else a
 * machine whose journal is written once a second would never rest.
 */
#define DAM_QUIET_BYTES		(4U << 20)

/**
 * dam_charge_device() - a device is about to move bytes by itself
 * @ch: stands for the device: its chan is NULL
 * @len: bytes
 *
 * Wakes the tick once a thread has charged DAM_QUIET_BYTES on one CPU since
 * they were folded last. Context: as above.
 */
void dam_charge_device(struct dam_channel *ch, size_t len);

/**
 * struct dam_charged - what one submitter gave one engine since last time
 * @task: the thread, a reference is held until the walk ends, or NULL
 * @engine: the engine's id
 * @kinds: bits of enum dam_kind and DAM_VIA_*
 * @bytes: submitted
 * @ops: submissions
 * @device: by a device itself, not by a dmaengine provider
 */
struct dam_charged {
	struct task_struct *task;
	u16 engine;
	u32 kinds;
	u64 bytes;
	u32 ops;
	bool device;
};

/**
 * dam_charge_fold() - hand out all that was charged since the last call
 * @fn: called for each submitter and engine
 * @ctx: for @fn
 *
 * Context: process, dam_lock held.
 */
void dam_charge_fold(void (*fn)(void *ctx, const struct dam_charged *c),
		     void *ctx);

/**
 * dam_charge_forget() - drop what refers to a channel that probes no longer
 * find
 * @ch: the channel
 *
 * Context: process, dam_lock held, after dam_channel_hide().
 */
void dam_charge_forget(struct dam_channel *ch);

/**
 * dam_charge_sleep() - from now on the next movable submission wakes the tick
 *
 * What was charged before is seen by a dam_charge_fold() after this returns.
 * Context: process.
 */
void dam_charge_sleep(void);

/** dam_charge_awake() - undo dam_charge_sleep() */
void dam_charge_awake(void);

/**
 * dam_charge_init() - allocate the tables
 * @wake: called from irq_work when a submission ends the tick's sleep
 * Return: 0 or -ENOMEM.
 */
int dam_charge_init(void (*wake)(void));

/**
 * dam_charge_sync() - no wake is under way any more; no hook is armed
 *
 * Context: process, sleeps.
 */
void dam_charge_sync(void);

/**
 * dam_charge_exit() - free them; no hook is armed any more
 */
void dam_charge_exit(void);

#endif
