/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dma_gate: engines copy between a caller's own buffers.
 *
 * main.c     the device; who holds the engines
 * ioctl.c    the user's structures, checked and answered
 * agent.c    one open file: admission, requests in flight and done, waiting
 * request.c  one copy, from pinning to the last release
 * buffer.c   one side of a copy: user pages, pinned and mapped
 * engine.c   the channel that serves a CPU; segments and their completion
 */
#ifndef DMA_GATE_GATE_H
#define DMA_GATE_GATE_H

#include <linux/dma-direction.h>
#include <linux/dmaengine.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct eventfd_ctx;
struct file;
struct mm_struct;
struct poll_table_struct;
struct gate_request;

/* An engine that neither takes nor completes anything for so long is stuck. */
#define GATE_STUCK_MS		5000

/* Pages stay pinned at most so long after the engine is done with them. */
#define GATE_REAP_MS		10

/* How often requests in flight are checked for a channel that went away. */
#define GATE_WATCH_MS		1000

/* main.c */

extern struct workqueue_struct *gate_wq;

void gate_engines_get(void);
void gate_engines_put(void);

/* agent.c */

/**
 * struct gate_agent - one open of the device
 * @lock: protects everything below and the fields of requests marked so;
 *	taken by completions in any context, so with interrupts off
 * @inflight: requests that an engine holds a part of
 * @completed: requests done and not collected, in the order of completion
 * @requests: requests admitted and not collected
 * @any_waiters: threads that wait for whichever request comes first
 * @last_id: the id given last
 * @progress: segments that came back since the open
 * @reap_soon: the reaper is due within GATE_REAP_MS
 * @orphaned: the file is closed, but an engine still holds requests: the
 *	reaper frees the agent when the last of them is done
 * @wait: woken when a request completes or is collected, or a stalled
 *	submission may go on
 * @reap: unpins what nobody collects, finds requests whose engine went away
 * @had_channel: an engine served this agent the last time; a hint, unlocked
 * @rcu: a completion may look at the agent just after its last request
 *
 * This is what permissions and quotas attach to: gate_admit() decides, and
 * gate_discharge() gives back.
 */
struct gate_agent {
	spinlock_t lock; /* see above */
	struct list_head inflight;
	struct list_head completed;
	unsigned int requests;
	unsigned int any_waiters;
	u64 last_id;
	u64 progress;
	bool reap_soon;
	bool orphaned;
	wait_queue_head_t wait;
	struct delayed_work reap;
	bool had_channel;
	struct rcu_head rcu;
};

struct gate_agent *gate_agent_create(void);
void gate_agent_close(struct gate_agent *agent);
int gate_admit(struct gate_agent *agent, struct gate_request *req,
	       unsigned int nr_pages);
void gate_uncharge(struct gate_request *req);
void gate_discharge(struct gate_agent *agent);
void gate_agent_start(struct gate_agent *agent, struct gate_request *req);
void gate_agent_cancel(struct gate_agent *agent, struct gate_request *req);
void gate_agent_done(struct gate_agent *agent, struct gate_request *req);
int gate_agent_claim(struct gate_agent *agent, u64 id, s64 timeout_ns,
		     struct gate_request **reqp);
void gate_agent_unclaim(struct gate_agent *agent, struct gate_request *req);
void gate_agent_collect(struct gate_agent *agent, struct gate_request *req);
__poll_t gate_agent_poll(struct gate_agent *agent, struct file *file,
			 struct poll_table_struct *table);

/* buffer.c */

/**
 * struct gate_buffer - one side of a copy
 * @pages: the pages, pinned; NULL when they are not
 * @nr_pages: how many
 * @offset: of the first byte in the first page
 * @len: in bytes
 * @sgt: the pages as the engine's device sees them
 * @dir: DMA_TO_DEVICE for the source, DMA_FROM_DEVICE for the destination
 * @mapped: @sgt is mapped
 */
struct gate_buffer {
	struct page **pages;
	unsigned int nr_pages;
	unsigned int offset;
	size_t len;
	struct sg_table sgt;
	enum dma_data_direction dir;
	bool mapped;
};

unsigned int gate_buffer_pages(u64 addr, size_t len);
int gate_buffer_pin(struct gate_buffer *buf, u64 addr, size_t len,
		    enum dma_data_direction dir);
void gate_buffer_unpin(struct gate_buffer *buf);
int gate_buffer_map(struct gate_buffer *buf, struct device *dev);
void gate_buffer_unmap(struct gate_buffer *buf, struct device *dev);
int gate_buffer_copy(struct gate_buffer *dst, struct gate_buffer *src);

/* request.c */

/**
 * enum gate_state - where a request is; changes under the agent's lock
 * @GATE_BUSY: being submitted, or with an engine
 * @GATE_DONE: complete, its pages still pinned
 * @GATE_REAPING: its pages are being released by the reaper
 * @GATE_READY: complete, nothing held but the result
 * @GATE_CLAIMED: a thread is collecting it
 */
enum gate_state {
	GATE_BUSY,
	GATE_DONE,
	GATE_REAPING,
	GATE_READY,
	GATE_CLAIMED,
};

/**
 * struct gate_segment - one descriptor's worth of a request
 * @req: the request
 * @len: in bytes
 */
struct gate_segment {
	struct gate_request *req;
	u32 len;
};

/* Segments total: not yet known, the submission goes on. */
#define GATE_SUBMITTING		UINT_MAX

/**
 * struct gate_request - one copy
 * @agent: whose it is
 * @node: in the agent's inflight or completed list; agent's lock
 * @state: agent's lock
 * @id: names it within the agent
 * @user_data: the caller's
 * @eventfd: signalled when it is done, referenced; NULL none
 * @mm: whose pinned_vm the pages are charged to; NULL when they are not
 * @charged: pages charged there
 * @src: what is read
 * @dst: what is written
 * @dev: the engine's device, referenced; NULL without engine
 * @chan_dev: its channel, referenced. chan_dev->chan is NULL from the moment
 *	that the provider is unregistered: see engine.c
 * @align: what the engine asks of addresses and lengths, a power of two
 * @segments: what callbacks get
 * @submitted: segments given to the engine, GATE_SUBMITTING while that goes
 *	on; agent's lock
 * @completed: segments that came back; agent's lock
 * @wake_at: wake a stalled submission when so many came back, 0 for none;
 *	agent's lock
 * @gone_since: when the channel was first found gone, in jiffies, 0 not yet;
 *	agent's lock
 * @abandoned: completed without the engine's word; agent's lock to write
 * @start_ns: when submission began, CLOCK_MONOTONIC
 * @done_ns: when the last segment came back
 * @bytes: bytes that the engine copied; agent's lock
 * @cpu_bytes: bytes that the CPU copied
 * @error: 0 or a negative errno; agent's lock
 */
struct gate_request {
	struct gate_agent *agent;
	struct list_head node;
	enum gate_state state;
	u64 id;
	u64 user_data;
	struct eventfd_ctx *eventfd;
	struct mm_struct *mm;
	unsigned int charged;
	struct gate_buffer src;
	struct gate_buffer dst;
	struct device *dev;
	struct dma_chan_dev *chan_dev;
	u32 align;
	struct gate_segment *segments;
	unsigned int submitted;
	unsigned int completed;
	unsigned int wake_at;
	unsigned long gone_since;
	bool abandoned;
	u64 start_ns;
	u64 done_ns;
	u64 bytes;
	u64 cpu_bytes;
	int error;
};

struct gate_request *gate_request_create(struct gate_agent *agent, u64 src,
					 u64 dst, size_t len);
int gate_request_run(struct gate_request *req, bool fallback);
void gate_request_release_pages(struct gate_request *req);
void gate_request_free(struct gate_request *req);
void gate_request_free_abandoned(void);

/* engine.c */

int gate_engine_find(struct gate_request *req);
void gate_engine_forget(struct gate_request *req);
int gate_engine_submit(struct gate_request *req);
bool gate_engine_gone(const struct gate_request *req);

#endif /* DMA_GATE_GATE_H */
