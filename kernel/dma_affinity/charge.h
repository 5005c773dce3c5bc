/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who submitted what: per-CPU tables that probes write and the tick folds, see
 * fold.h.
 */
#ifndef DAM_CHARGE_H
#define DAM_CHARGE_H

#include <linux/types.h>

#include "hal/engine.h"

struct dam_channel;
struct dma_chan;
struct ftrace_ops;
struct ftrace_regs;
struct task_struct;

/**
 * dam_charge_prep() - a prep function is being called
 * @chan: the channel
 * @kind: of transfer
 * @len: bytes
 *
 * The caller is charged once the channel's cookie shows that it submitted.
 * Context: any, hard irq and under any lock included. Wakes nobody directly.
 */
void dam_charge_prep(struct dma_chan *chan, enum dam_kind kind, u64 len);

/**
 * dam_charge_on_memcpy() - dam_charge_prep() as the hook of ftrace itself, for
 * what is called most
 * @ip: unused
 * @parent_ip: unused
 * @ops: unused
 * @fregs: at the prep function's entry
 */
void dam_charge_on_memcpy(unsigned long ip, unsigned long parent_ip,
			  struct ftrace_ops *ops, struct ftrace_regs *fregs);

/**
 * dam_charge_returned() - a prep function has returned a descriptor; instead of
 * dam_charge_prep()
 * @chan: the channel
 * @kind: of transfer
 * @len: bytes
 * @desc: the descriptor
 *
 * Context: as dam_charge_prep().
 */
void dam_charge_returned(struct dma_chan *chan, enum dam_kind kind, u64 len,
			 const void *desc);

/**
 * dam_charge_terminate() - what the channel has in flight is being given up
 * @chan: the channel
 *
 * Context: as dam_charge_prep().
 */
void dam_charge_terminate(struct dma_chan *chan);

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
 * What was charged before is seen by a fold after this returns.
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
