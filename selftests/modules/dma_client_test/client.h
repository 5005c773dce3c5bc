/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of dmaengine for tests. A line written to a file says what to
 * transfer, from which context and how; the write returns when it is done.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <linux/completion.h>
#include <linux/dmaengine.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/scatterlist.h>
#include <linux/workqueue.h>

#include "compat.h"

enum client_op {
	CLIENT_MEMCPY,
	CLIENT_INTERLEAVED,
	CLIENT_SLAVE_SG,
	CLIENT_DMA_VEC,
	CLIENT_CYCLIC,
};

/* Who calls prep, tx_submit and issue_pending. */
enum client_context {
	CLIENT_TASK,	/* the writer */
	CLIENT_HARDIRQ,
	CLIENT_SOFTIRQ,
	CLIENT_KWORKER,
};

/* What becomes of a batch of descriptors once all of it is prepared. */
enum client_mode {
	CLIENT_BATCH,		/* submitted, issued, completed */
	CLIENT_DROP,		/* terminated, never submitted */
	CLIENT_TERMINATE,	/* submitted, issued, terminated at once */
	CLIENT_PAUSE,		/* paused for a while before they complete */
};

/**
 * struct client_order - what the line said
 * @op: which prep function
 * @context: where
 * @mode: how
 * @dir: of slave transfers, DMA_MEM_TO_DEV or DMA_DEV_TO_MEM
 * @chan: name of a channel, of an engine's device, or "public"
 * @ops: descriptors in all
 * @batch: descriptors prepared before the first of them is submitted
 * @size: bytes of each; of a cyclic one, of its buffer
 * @parts: entries of a scatter list, frames, or periods of a buffer
 * @gap: bytes between the chunks of frames
 * @width: of the device's register in bytes; 0 does not configure it
 * @periods: a cyclic transfer is terminated after so many
 * @timeout_ms: how long to wait for a batch before terminating it
 * @hold_ms: of threads: how long to sleep before a batch is prepared, and again
 *	before it is submitted
 */
struct client_order {
	unsigned int op;
	unsigned int context;
	unsigned int mode;
	unsigned int dir;
	char chan[32];
	unsigned int ops;
	unsigned int batch;
	unsigned int size;
	unsigned int parts;
	unsigned int gap;
	unsigned int width;
	unsigned int periods;
	unsigned int timeout_ms;
	unsigned int hold_ms;
};

/**
 * struct client_result - what came of it
 * @ops: transfers that completed without an error
 * @bytes: of those; of a cyclic one, of the periods that called back
 * @refused: prep calls that returned NULL
 * @errors: transfers that were not submitted or completed with an error
 * @corrupt: transfers that completed with wrong data
 * @terminated: transfers submitted and terminated before they completed
 * @dropped: descriptors prepared and never submitted
 * @periods: callbacks of cyclic transfers
 * @timeouts: batches that did not complete in time
 * @ran_on: batches of which something completed while the channel was paused
 * @crc: crc32 of what was sent to the device
 * @tid: the thread that submitted last, 0 for an interrupt
 */
struct client_result {
	u64 ops;
	u64 bytes;
	u64 refused;
	u64 errors;
	u64 corrupt;
	u64 terminated;
	u64 dropped;
	u64 periods;
	u64 timeouts;
	u64 ran_on;
	u32 crc;
	int tid;
};

enum client_fate {
	CLIENT_IDLE,		/* nothing was prepared */
	CLIENT_PREPARED,
	CLIENT_SUBMITTED,
	CLIENT_REFUSED,		/* by tx_submit */
	CLIENT_COMPLETED,
	CLIENT_FAILED,
};

/**
 * struct client_slot - one descriptor and its buffers
 * @run: the run
 * @tx: the descriptor while there is one
 * @cookie: of it
 * @fate: what has become of it; the callback sets the last two
 * @src: what is read, NULL for transfers from a device
 * @dst: what is written, NULL for transfers to a device
 * @src_dma: address of @src
 * @dst_dma: address of @dst
 * @sg: the entries of a slave transfer
 * @vecs: the same
 */
struct client_slot {
	struct client_run *run;
	struct dma_async_tx_descriptor *tx;
	dma_cookie_t cookie;
	enum client_fate fate;
	u8 *src;
	u8 *dst;
	dma_addr_t src_dma;
	dma_addr_t dst_dma;
	struct scatterlist *sg;
	struct dma_vec *vecs;
};

/**
 * struct client_run - an order being carried out; owned by the writer, who
 *	waits for whatever else touches it
 * @order: the order
 * @result: so far
 * @chan: the channel
 * @span: bytes of each buffer
 * @want: descriptors of the batch under way
 * @pending: transfers submitted and not called back, and one for the step
 * @called: periods called back
 * @enough: how many of them to wait for
 * @done: @pending is 0, or @called is @enough
 * @stepped: the step was made, wherever it was to be
 * @timer: makes the step in hard interrupt context
 * @tasklet: makes it in softirq context
 * @work: makes it in a kworker
 * @stream: bytes that the device gave since the channel was requested
 * @xt: what all interleaved transfers have in common
 * @slots: one for each descriptor of a batch
 */
struct client_run {
	struct client_order order;
	struct client_result result;
	struct dma_chan *chan;
	size_t span;
	unsigned int want;
	atomic_t pending;
	atomic_t called;
	unsigned int enough;
	struct completion done;
	struct completion stepped;
	struct hrtimer timer;
	struct tasklet_struct tasklet;
	struct work_struct work;
	u64 stream;
	struct dma_interleaved_template *xt;
	struct client_slot *slots;
};

/* order.c */
int client_order_parse(struct client_order *order, char *line);

/* channel.c */
int client_channel_get(struct client_run *run);
void client_channel_put(struct client_run *run);

/* context.c */
void client_context_init(struct client_run *run);
void client_step_in_context(struct client_run *run);

/* run.c */
int client_run(const struct client_order *order, struct client_result *result);
void client_step(struct client_run *run);

/* transfer.c */
int client_transfers_alloc(struct client_run *run);
void client_transfers_free(struct client_run *run);
void client_transfer_fill(struct client_slot *slot);
struct dma_async_tx_descriptor *client_transfer_prep(struct client_slot *slot);
bool client_transfer_check(struct client_slot *slot);

#endif
