/* SPDX-License-Identifier: GPL-2.0 */
/* One simulated engine: a dma_device, its channels and its clock. */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include <linux/dmaengine.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "truth.h"

struct platform_device;

#define SIM_SOURCES_MAX	32
#define SIM_LEN_MAX	SZ_1G
#define SIM_FAILURES	64	/* failed cookies a channel remembers */

enum sim_style {
	SIM_PLAIN,	/* descriptors are a ring, made with the channel */
	SIM_VCHAN,	/* a descriptor is allocated by prep, as with virt-dma */
	SIM_NESTED,	/* plain, and prep_dma_memcpy calls prep_dma_xor */
};

/**
 * struct sim_params - what makes one engine differ from another
 * @node: NUMA node of the device, NUMA_NO_NODE for none
 * @channels: how many, 1 or more
 * @bytes_per_sec: what it moves once a transfer has begun, 1 or more
 * @latency_ns: what each transfer costs before its first byte moves
 * @caps: what it can do; no DMA_PRIVATE here
 * @private: keep out of the public per-CPU table
 * @style: how it keeps descriptors
 * @ring: descriptors per channel
 * @max_sources: sources of one xor or pq, 2 to SIM_SOURCES_MAX
 * @autosuspend_ms: after so long without work it is suspended; -1: never
 * @resume_ns: what resuming takes of its time
 */
struct sim_params {
	int node;
	u64 channels;
	u64 bytes_per_sec;
	u64 latency_ns;
	dma_cap_mask_t caps;
	bool private;
	enum sim_style style;
	u64 ring;
	u64 max_sources;
	int autosuspend_ms;
	u64 resume_ns;
};

/**
 * struct sim_faults - what may be told an engine while it is live
 * @fail_next: transfers that will complete with an error
 * @corrupt_next: transfers that will succeed with a wrong result
 * @hang_next: transfers that will be served and never complete
 * @slow_percent: what serving a transfer takes, of what its parameters say
 *
 * The counts are used up by one with each transfer that they befall.
 */
struct sim_faults {
	unsigned int fail_next;
	unsigned int corrupt_next;
	unsigned int hang_next;
	unsigned int slow_percent;
};

/**
 * struct sim_chan - one channel
 * @chan: what clients see
 * @eng: the engine
 * @callbacks: tasklet that calls the clients of @done
 * @slots: memory of the descriptors in plain style, else NULL
 * @pool: unused descriptors of @slots, oldest first
 * @prepared: returned by prep, not submitted
 * @submitted: submitted, not issued
 * @waiting: issued, while the channel cannot go on
 * @done: complete, the client not yet told
 * @unacked: told, but the client may still name it as a dependency
 * @used: descriptors anywhere but in @pool
 * @inflight: by cookie modulo @inflight_mask + 1, for the residue
 * @inflight_mask: a power of two, minus one
 * @failures: the last cookies that completed with an error, 0 where none
 * @next_failure: where the next goes in @failures
 * @cyclic: the transfer that occupies the channel until it is terminated
 * @periods: of @cyclic, the client not yet told
 * @hung: the transfer that was served and does not complete
 * @paused: nothing of it is served
 * @config: as the client set it, who does not prepare meanwhile
 * @stream: bytes that the device gave since the client took the channel
 *
 * Lists and counts are under the engine's lock.
 */
struct sim_chan {
	struct dma_chan chan;
	struct sim_engine *eng;
	struct tasklet_struct callbacks;
	void *slots;
	struct list_head pool;
	struct list_head prepared;
	struct list_head submitted;
	struct list_head waiting;
	struct list_head done;
	struct list_head unacked;
	unsigned int used;
	struct sim_desc **inflight;
	unsigned int inflight_mask;
	dma_cookie_t failures[SIM_FAILURES];
	unsigned int next_failure;
	struct sim_desc *cyclic;
	unsigned int periods;
	struct sim_desc *hung;
	bool paused;
	struct dma_slave_config config;
	u64 stream;
};

/**
 * struct sim_engine - one engine, from the write of 1 to `live` to the last
 *	put of its last client
 * @ref: one of the configuration, one of the registered dma_device
 * @dma: what the dmaengine core sees
 * @pdev: the device clients map memory for
 * @name: dev_name() of @pdev, outlives it
 * @params: constant
 * @lock: protects all below and all lists of the channels; taken in any
 *	context, so with interrupts off; no client is called under it
 * @queue: issued transfers of all channels in the order of service
 * @moving: the transfer whose data is being moved, without the lock; it
 *	stays the first of @queue meanwhile
 * @serving: somebody is in sim_clock_serve()
 * @draining: do not wait for the clock any more
 * @closing: no channel is given to a client any more
 * @dead: nothing is prepared, what is submitted is aborted
 * @held: channels that a client holds
 * @issued: transfers issued, and neither complete nor terminated
 * @awake: its device is not suspended
 * @timer: expires when the first of @queue has been served
 * @mover: tasklet that moves the data of the first of @queue
 * @busy_until_ns: when the last of @queue will have been served
 * @ready_ns: when the last resume has been, or will have been, done
 * @granted_ns: service time of all that was issued and not terminated
 * @faults: what befalls the next transfers
 * @truth: counters
 * @moved: woken when @moving goes back to NULL
 * @release: gives back @pdev and the core's reference
 * @nr_chans: length of @chans
 * @chans: the channels
 */
struct sim_engine {
	struct kref ref;
	struct dma_device dma;
	struct platform_device *pdev;
	char name[32];
	struct sim_params params;

	spinlock_t lock; /* interrupts off; see above for what it protects */
	struct list_head queue;
	struct sim_desc *moving;
	bool serving;
	bool draining;
	bool closing;
	bool dead;
	unsigned int held;
	unsigned int issued;
	bool awake;
	struct hrtimer timer;
	struct tasklet_struct mover;
	u64 busy_until_ns;
	u64 ready_ns;
	u64 granted_ns;
	struct sim_faults faults;
	struct sim_truth truth;

	wait_queue_head_t moved;
	struct work_struct release;
	unsigned int nr_chans;
	struct sim_chan chans[];
};

static inline struct sim_chan *to_sim_chan(struct dma_chan *chan)
{
	return container_of(chan, struct sim_chan, chan);
}

int sim_engines_init(void);
void sim_engines_exit(void);

struct sim_engine *sim_engine_start(const struct sim_params *params,
				    const struct sim_faults *faults);
int sim_engine_stop(struct sim_engine *eng, bool force);
void sim_engine_put(struct sim_engine *eng);

#endif
