/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors: where they come from and when they may be used again. */
#ifndef SIM_DESC_H
#define SIM_DESC_H

#include <linux/dmaengine.h>

struct sim_chan;

enum sim_op {
	SIM_MEMCPY,
	SIM_MEMSET,
	SIM_XOR,
	SIM_XOR_VAL,
	SIM_PQ,
	SIM_PQ_VAL,
	SIM_INTERRUPT,
	SIM_INTERLEAVED,
	SIM_SLAVE,
	SIM_CYCLIC,
};

enum sim_state {
	SIM_FREE,	/* in the pool, or back to the allocator */
	SIM_PREPARED,
	SIM_SUBMITTED,
	SIM_WAITING,	/* issued, but the channel cannot go on */
	SIM_QUEUED,	/* the engine will serve it */
	SIM_DONE,
};

/* A piece of memory of a slave transfer. */
struct sim_segment {
	dma_addr_t addr;
	size_t len;
};

/**
 * struct sim_desc - one transfer
 * @tx: what the client sees
 * @node: one of the channel's lists, or the engine's queue
 * @state: which of them
 * @op: what to do
 * @value: the byte of a memset
 * @moved: its data was, and @outcome is known; of a cyclic transfer, this period's
 * @aborted: terminated while its data was moving: tell nobody
 * @dir: DMA_MEM_TO_DEV or DMA_DEV_TO_MEM, of slave and cyclic transfers
 * @outcome: what the client will be told
 * @len: bytes of each buffer; of a cyclic transfer, of a period
 * @total: @len; of a cyclic transfer, bytes of all periods
 * @pos: where in its buffer a cyclic transfer is, a multiple of @len
 * @dst: where the result goes (P and Q), or what is checked, or where the
 *	buffer of a cyclic transfer begins
 * @result: where a check puts its verdict
 * @submit_ns: CLOCK_MONOTONIC of tx_submit
 * @fin_ns: CLOCK_MONOTONIC of the end of service, while queued
 * @service_ns: how long the engine works on it yet, from its turn on
 * @full_ns: how much of its service moves data
 * @crc: sum of all that was sent to the device, once this has been
 * @thread: index into the submitters of the truth
 * @segs: the pieces of a slave transfer, allocated, else NULL
 * @seg_cnt: entries of @segs
 * @xt: the frames of an interleaved transfer, allocated, else NULL
 * @src_cnt: used entries of @src and @coef
 * @coef: factors of the sources for Q
 * @src: copies, for the caller's array lives on its stack; there is room
 *	for as many as the engine's max_sources
 */
struct sim_desc {
	struct dma_async_tx_descriptor tx;
	struct list_head node;
	enum sim_state state;
	enum sim_op op;
	u8 value;
	bool moved;
	bool aborted;
	enum dma_transfer_direction dir;
	enum dmaengine_tx_result outcome;
	size_t len;
	size_t total;
	size_t pos;
	dma_addr_t dst[2];
	enum sum_check_flags *result;
	u64 submit_ns;
	u64 fin_ns;
	u64 service_ns;
	u64 full_ns;
	u32 crc;
	unsigned int thread;
	struct sim_segment *segs;
	unsigned int seg_cnt;
	struct dma_interleaved_template *xt;
	unsigned int src_cnt;
	u8 *coef;
	dma_addr_t src[];
};

static inline struct sim_desc *to_sim_desc(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct sim_desc, tx);
}

int sim_desc_init(struct sim_chan *ch);
void sim_desc_exit(struct sim_chan *ch);

struct sim_desc *sim_desc_get(struct sim_chan *ch);
void sim_desc_retire(struct sim_desc *desc);
void sim_desc_drop(struct sim_desc *desc);
void sim_desc_drop_list(struct list_head *list);

#endif
