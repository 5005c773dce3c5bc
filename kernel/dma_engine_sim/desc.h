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
};

enum sim_state {
	SIM_FREE,	/* in the pool, or back to the allocator */
	SIM_PREPARED,
	SIM_SUBMITTED,
	SIM_ISSUED,
	SIM_DONE,
};

/**
 * struct sim_desc - one transfer
 * @tx: what the client sees
 * @node: one of the channel's lists, or the engine's queue
 * @state: which of them
 * @op: what to do
 * @value: the byte of a memset
 * @aborted: terminated while its data was moving: tell nobody
 * @outcome: what the client will be told
 * @len: bytes of each buffer
 * @dst: where the result goes (P and Q), or what is checked
 * @result: where a check puts its verdict
 * @submit_ns: CLOCK_MONOTONIC of tx_submit
 * @fin_ns: CLOCK_MONOTONIC of the end of service
 * @service_ns: how long the engine works on it
 * @thread: index into the submitters of the truth
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
	bool aborted;
	enum dmaengine_tx_result outcome;
	size_t len;
	dma_addr_t dst[2];
	enum sum_check_flags *result;
	u64 submit_ns;
	u64 fin_ns;
	u64 service_ns;
	unsigned int thread;
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
