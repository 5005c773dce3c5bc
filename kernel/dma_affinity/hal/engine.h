/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry of engines. A source (one file per kind under hal/) finds
 * engines and reports their load; nothing above knows which kind it is.
 */
#ifndef DAM_HAL_ENGINE_H
#define DAM_HAL_ENGINE_H

#include <linux/cpumask.h>
#include <linux/kobject.h>
#include <linux/types.h>

#include "meter/capacity.h"

#define DAM_ENGINES_MAX		256
#define DAM_ENGINE_NAME		64
#define DAM_NO_ID		0xffffU

/*
 * enum dam_kind - kinds of transfer that are told apart
 */
enum dam_kind {
	DAM_KIND_MEMCPY,
	DAM_KIND_MEMSET,
	DAM_KIND_XOR,
	DAM_KIND_XOR_VAL,
	DAM_KIND_PQ,
	DAM_KIND_PQ_VAL,
	DAM_KIND_INTERRUPT,
	DAM_KIND_SLAVE_SG,
	DAM_KIND_CYCLIC,
	DAM_KIND_INTERLEAVED,
	DAM_KIND_DMA_VEC,
	DAM_KINDS,
};

extern const char * const dam_kind_names[DAM_KINDS];

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

struct dam_channel;
struct dam_engine;

/**
 * struct dam_reading - what an engine did since the source was asked last
 * @busy_ns: time in which it worked, at most the time asked about
 * @depth_ns: integral of transfers in flight over time
 * @full_ns: part of the time that certainly had work waiting throughout
 * @full_ops: operations completed in @full_ns
 * @completed: operations completed
 * @in_flight: transfers in flight now
 * @mapped_bytes: of a device that does DMA by itself: mapped for it now
 * @unknown: not all of the above can be known
 */
struct dam_reading {
	u64 busy_ns;
	u64 depth_ns;
	u64 full_ns;
	u64 full_ops;
	u64 completed;
	u64 in_flight;
	u64 mapped_bytes;
	bool unknown;
};

/**
 * struct dam_engine_ops - what a kind of source must tell
 * @settle: charge those whose submissions are seen by now; may be NULL
 * @read: fill @r with what happened in the last @dt_ns. May replace tick_bytes
 *	and tick_ops, which hold what was charged, by what the device counted.
 * @channel: the engine's channel of that index, NULL past the last; NULL if it has none
 * @depth_only: what is in flight is all that is known of its load: neither
 *	how long it was busy nor how long anything took
 *
 * Context: process, dam_lock held.
 */
struct dam_engine_ops {
	void (*settle)(struct dam_engine *e);
	void (*read)(struct dam_engine *e, u64 now_ns, u64 dt_ns,
		     struct dam_reading *r);
	const struct dam_channel *(*channel)(struct dam_engine *e, u32 i);
	bool depth_only;
};

#define DAM_WINDOWS		9	/* snapshots; one second between ends */
#define DAM_WINDOW_NS		(NSEC_PER_SEC / (DAM_WINDOWS - 1))
#define DAM_ENGINE_PENDING	4

/*
 * struct dam_window - cumulative figures at one moment
 */
struct dam_window {
	u64 time_ns;
	u64 busy_ns;
	u64 depth_ns;
	u64 ops;
};

/**
 * struct dam_engine - one engine
 * @kobj: engines/NAME; its release frees the engine
 * @ops: the source's
 * @source: the source's own data; valid while the engine is linked
 * @dev: the device behind it, a reference is held
 * @id: index in the registry, DAM_NO_ID once unlinked
 * @node: NUMA node, -1 none
 * @caps: bit per enum dam_kind
 * @private: its channels are not in the kernel's per-CPU tables
 * @reserved: RESERVED: for real-time threads; written under dam_lock, read anywhere
 * @routed: CPUs that some table sends to it; written under dam_lock
 * @channels: how many there are; as all below, under dam_lock
 * @channel_changes: how often one came or went
 * @tick_bytes: charged in this tick
 * @tick_ops: operations charged in this tick
 * @thread_bytes: of @tick_bytes, what threads of the table were charged with
 * @tick_reading: what the source said of this tick
 * @busy_bps: what it carries, by its own counters
 * @busy_q16: utilisation in this tick
 * @wait_ns: mean time from submission to completion
 * @wait_q30: the same in seconds, at most ten
 * @capacity: what it can do; of a device at first what its link can
 * @declared_bps: CAPACITY, 0 = learn
 * @hot_ticks: policy's memory
 * @full_ticks: likewise
 * @used: likewise
 * @rest_bps: likewise
 * @effective_bps: likewise
 * @guess_bps: likewise
 * @guess_ticks: likewise
 * @light_ticks: likewise
 * @pending_due: forecasts of its load that wait to be compared: when
 * @pending_q16: and what they said
 * @window: cumulative figures of the last second
 * @windows: how many of them were filled
 * @window_head: the newest
 * @bytes: cumulative, charged
 * @ops_done: cumulative operations, charged
 * @bucket_bytes: of @bytes, what no thread could be charged with
 * @busy_ns: cumulative
 * @depth_ns: cumulative
 * @predicted_q16: share of capacity at the horizon, may exceed 1.0
 * @predicted_known: a prediction was made
 * @error_q16: mean error of @predicted_q16
 * @errors: how many predictions were compared
 * @threads: how many threads have demand on it
 * @epoch: struct dam_tick's when what follows was found, 0 never
 * @pressure_q16: how busy the CPUs are that its threads run on
 * @cpus: how many those are
 * @target: threads can be sent to it
 * @sleeps: its device may suspend when idle
 * @serves: what dam_routes_serves() says of @serves_kinds
 * @serves_kinds: what it was asked last, 0 nothing
 *
 * Figures are read without a lock by sysfs (single words, each by READ_ONCE).
 */
struct dam_engine {
	struct kobject kobj;
	const struct dam_engine_ops *ops;
	void *source;
	struct device *dev;
	u16 id;
	s16 node;
	u32 caps;
	bool private;
	bool reserved;
	cpumask_var_t routed;

	u32 channels;
	u32 channel_changes;
	u64 tick_bytes;
	u64 tick_ops;
	u64 thread_bytes;
	struct dam_reading tick_reading;
	u64 busy_bps;
	u32 busy_q16;
	u64 wait_ns;
	u64 wait_q30;
	struct dam_capacity capacity;
	u64 declared_bps;
	u8 hot_ticks;
	u8 full_ticks;
	bool used;
	s64 rest_bps;
	u64 effective_bps;
	u64 guess_bps;
	u8 guess_ticks;
	u16 light_ticks;

	u64 pending_due[DAM_ENGINE_PENDING];
	u32 pending_q16[DAM_ENGINE_PENDING];

	struct dam_window window[DAM_WINDOWS];
	u8 windows;
	u8 window_head;

	u64 bytes;
	u64 ops_done;
	u64 bucket_bytes[DAM_BUCKETS];
	u64 busy_ns;
	u64 depth_ns;
	u32 predicted_q16;
	bool predicted_known;
	u32 error_q16;
	u32 errors;
	u32 threads;

	u32 epoch;
	u32 pressure_q16;
	u16 cpus;
	bool target;
	bool sleeps;
	bool serves;
	u32 serves_kinds;
};

/**
 * dam_engine_create() - add an engine to the registry and to sysfs
 * @dev: the device behind it
 * @ops: of its source
 * @source: the source's data
 * @caps: bit per enum dam_kind
 * @private: threads cannot be re-routed to or from it
 *
 * Context: process, may sleep, dam_lock not held.
 * Return: the engine, or an ERR_PTR: -ENOSPC when the registry is full.
 */
struct dam_engine *dam_engine_create(struct device *dev,
				     const struct dam_engine_ops *ops,
				     void *source, u32 caps, bool private);

/**
 * dam_engine_unlink() - no tick sees the engine from now on
 * @e: the engine
 *
 * Context: dam_lock held.
 */
void dam_engine_unlink(struct dam_engine *e);

/**
 * dam_engine_destroy() - take an unlinked engine out of sysfs and free it
 * @e: the engine
 *
 * Waits for readers of its files. Context: process, dam_lock not held.
 */
void dam_engine_destroy(struct dam_engine *e);

/* For engine.c and what is inline below; dam_lock. */
extern struct dam_engine *dam_engine_table[DAM_ENGINES_MAX];

/**
 * dam_engine_at() - the engine of that index, or NULL
 * @id: index, any value
 *
 * Context: dam_lock held.
 * Return: the engine, or NULL.
 */
static inline struct dam_engine *dam_engine_at(u32 id)
{
	return id < DAM_ENGINES_MAX ? dam_engine_table[id] : NULL;
}

/* How many are reserved for real-time threads; written under dam_lock, read anywhere. */
extern u32 dam_engines_reserved;

/**
 * dam_engine_reserve() - reserve an engine for real-time threads, or no more
 * @e: the engine
 * @on: yes or no
 *
 * Context: process, dam_lock held.
 * Return: 0, or -ENODEV if it is not linked.
 */
int dam_engine_reserve(struct dam_engine *e, bool on);

/**
 * dam_engine_may_suspend() - is its device suspended when nothing is asked of it
 * @e: the engine
 *
 * Context: dam_lock held; what it returns may be out of date at once.
 * Return: whether its power is managed, and nobody has forbidden that.
 */
bool dam_engine_may_suspend(const struct dam_engine *e);

/** dam_engine_count() - how many engines are linked; any context */
u32 dam_engine_count(void);

/** dam_engine_limit() - one above the highest index in use; dam_lock held */
u32 dam_engine_limit(void);

/**
 * dam_engine_capacity() - bytes/s it delivers when never idle, 0 unknown
 * @e: the engine
 * Return: bytes per second, 0 unknown.
 */
u64 dam_engine_capacity(const struct dam_engine *e);

/**
 * dam_engine_sample() - ask the source, derive this tick's figures
 * @e: the engine, tick_bytes and tick_ops already filled
 * @now_ns: the tick's time
 * @dt_ns: since the tick before, above 0
 *
 * Context: dam_lock held.
 */
void dam_engine_sample(struct dam_engine *e, u64 now_ns, u64 dt_ns);

/**
 * dam_engine_predict() - publish a prediction, compare those that are due
 * @e: the engine
 * @now_q16: its load now as a share of capacity
 * @pred_q16: its load at the horizon as a share of capacity
 * @now_ns: the tick's time
 * @horizon_ns: how far ahead
 *
 * Context: dam_lock held.
 */
void dam_engine_predict(struct dam_engine *e, u32 now_q16, u32 pred_q16,
			u64 now_ns, u64 horizon_ns);

/*
 * struct dam_means - an engine's means over the last second
 */
struct dam_means {
	u64 busy_q16;
	u64 depth_e2;
	u64 latency_ns;
	bool busy_known;
	bool latency_known;
};

/**
 * dam_engine_means() - over the last second of what was measured
 * @e: the engine
 * @now_ns: CLOCK_MONOTONIC
 * @m: filled
 *
 * Context: dam_lock held.
 */
void dam_engine_means(const struct dam_engine *e, u64 now_ns,
		      struct dam_means *m);

/**
 * dam_engines_init() - make the engines/ folder
 * @parent: /sys/kernel/dma_affinity
 * @ktype: of each engine
 * Return: 0 or -ENOMEM.
 */
int dam_engines_init(struct kobject *parent, const struct kobj_type *ktype);
void dam_engines_exit(void);

/** dam_engine_free() - the release of an engine's kobject */
void dam_engine_free(struct kobject *kobj);

static inline struct dam_engine *to_dam_engine(struct kobject *kobj)
{
	return container_of(kobj, struct dam_engine, kobj);
}

#endif
