// SPDX-License-Identifier: GPL-2.0
#include <linux/align.h>
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "compat.h"
#include "desc.h"
#include "engine.h"
#include "fifo.h"
#include "frames.h"
#include "memory.h"
#include "move.h"

/* Bytes worked on at a time by xor and pq; sums are on the stack. */
#define SIM_BLOCK	256
#define SIM_WORDS	(SIM_BLOCK / sizeof(u64))

/* The field of RAID 6: bytes modulo x^8 + x^4 + x^3 + x^2 + 1. */
#define SIM_GF_POLY	0x1d
#define SIM_EACH_BYTE	0x0101010101010101ULL

static void sim_fill(struct sim_engine *eng, dma_addr_t dst, u8 value,
		     size_t left)
{
	size_t len;

	for (; left; left -= len, dst += len) {
		void *to;

		len = left;
		to = sim_map(eng, dst, &len);
		memset(to, value, len);
		sim_unmap(to);
	}
}

static void sim_store(struct sim_engine *eng, dma_addr_t dst, const u64 *block,
		      size_t left)
{
	const void *from = block;
	size_t len;

	for (; left; left -= len, dst += len, from += len) {
		void *to;

		len = left;
		to = sim_map(eng, dst, &len);
		memcpy(to, from, len);
		sim_unmap(to);
	}
}

static void sim_xor_bytes(u8 *sum, const u8 *from, size_t len)
{
	while (len--)
		*sum++ ^= *from++;
}

static void sim_xor_words(u64 *sum, const u8 *from, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++)
		sum[i] ^= get_unaligned((const u64 *)(from + i * sizeof(u64)));
}

/* Adds @left bytes of a source to a block of at most SIM_BLOCK bytes. */
static void sim_add(struct sim_engine *eng, u64 *sum, dma_addr_t src,
		    size_t left)
{
	size_t done = 0, len, whole;

	for (; left; left -= len, src += len, done += len) {
		u8 *from;

		len = left;
		from = sim_map(eng, src, &len);
		whole = IS_ALIGNED(done, sizeof(u64)) ?
			round_down(len, sizeof(u64)) : 0;
		sim_xor_words(sum + done / sizeof(u64), from,
			      whole / sizeof(u64));
		sim_xor_bytes((u8 *)sum + done + whole, from + whole,
			      len - whole);
		sim_unmap(from);
	}
}

/* Multiplies each byte of a block by x. */
static void sim_double(u64 *sum)
{
	unsigned int i;

	for (i = 0; i < SIM_WORDS; i++)
		sum[i] = ((sum[i] << 1) & ~SIM_EACH_BYTE) ^
			 (((sum[i] >> 7) & SIM_EACH_BYTE) * SIM_GF_POLY);
}

static void sim_sum_p(struct sim_engine *eng, const struct sim_desc *desc,
		      u64 *sum, size_t at, size_t len)
{
	unsigned int i;

	for (i = 0; i < desc->src_cnt; i++)
		sim_add(eng, sum, desc->src[i] + at, len);
}

/*
 * The sum of coef[i] * src[i], one bit of all factors after the other from
 * the highest down, so that the doublings are shared.
 */
static void sim_sum_q(struct sim_engine *eng, const struct sim_desc *desc,
		      u64 *sum, size_t at, size_t len)
{
	unsigned int i, any = 0;
	int bit;

	for (i = 0; i < desc->src_cnt; i++)
		any |= desc->coef[i];
	for (bit = fls(any) - 1; bit >= 0; bit--) {
		sim_double(sum);
		for (i = 0; i < desc->src_cnt; i++)
			if (desc->coef[i] & BIT(bit))
				sim_add(eng, sum, desc->src[i] + at, len);
	}
}

static bool sim_is_zero(const u64 *sum, size_t len)
{
	return !memchr_inv(sum, 0, len);
}

static void sim_xor(struct sim_engine *eng, struct sim_desc *desc)
{
	u64 p[SIM_WORDS];
	size_t at, len;

	if (desc->src_cnt == 1) {
		sim_copy(eng, desc->dst[0], desc->src[0], desc->len);
		return;
	}
	for (at = 0; at < desc->len; at += len) {
		len = min_t(size_t, desc->len - at, SIM_BLOCK);
		memset(p, 0, sizeof(p));
		sim_sum_p(eng, desc, p, at, len);
		sim_store(eng, desc->dst[0] + at, p, len);
	}
}

static void sim_xor_val(struct sim_engine *eng, struct sim_desc *desc)
{
	u64 p[SIM_WORDS];
	size_t at, len;

	for (at = 0; at < desc->len; at += len) {
		len = min_t(size_t, desc->len - at, SIM_BLOCK);
		memset(p, 0, sizeof(p));
		sim_sum_p(eng, desc, p, at, len);
		if (!sim_is_zero(p, len))
			*desc->result |= SUM_CHECK_P_RESULT;
	}
}

static bool sim_wants_p(const struct sim_desc *desc)
{
	return !(desc->tx.flags & DMA_PREP_PQ_DISABLE_P);
}

static bool sim_wants_q(const struct sim_desc *desc)
{
	return !(desc->tx.flags & DMA_PREP_PQ_DISABLE_Q);
}

/*
 * Both sums of a block are complete before either is stored, since P or Q
 * may be one of the sources. A continuation adds to the P and Q of before.
 */
static void sim_pq(struct sim_engine *eng, struct sim_desc *desc)
{
	bool more = dmaf_continue(desc->tx.flags);
	u64 p[SIM_WORDS], q[SIM_WORDS];
	size_t at, len;

	for (at = 0; at < desc->len; at += len) {
		len = min_t(size_t, desc->len - at, SIM_BLOCK);
		memset(p, 0, sizeof(p));
		memset(q, 0, sizeof(q));
		if (sim_wants_p(desc)) {
			sim_sum_p(eng, desc, p, at, len);
			if (more)
				sim_add(eng, p, desc->dst[0] + at, len);
		}
		if (sim_wants_q(desc)) {
			sim_sum_q(eng, desc, q, at, len);
			if (more)
				sim_add(eng, q, desc->dst[1] + at, len);
		}
		if (sim_wants_p(desc))
			sim_store(eng, desc->dst[0] + at, p, len);
		if (sim_wants_q(desc))
			sim_store(eng, desc->dst[1] + at, q, len);
	}
}

static void sim_pq_val(struct sim_engine *eng, struct sim_desc *desc)
{
	u64 sum[SIM_WORDS];
	size_t at, len;

	for (at = 0; at < desc->len; at += len) {
		len = min_t(size_t, desc->len - at, SIM_BLOCK);
		if (sim_wants_p(desc)) {
			memset(sum, 0, sizeof(sum));
			sim_sum_p(eng, desc, sum, at, len);
			sim_add(eng, sum, desc->dst[0] + at, len);
			if (!sim_is_zero(sum, len))
				*desc->result |= SUM_CHECK_P_RESULT;
		}
		if (sim_wants_q(desc)) {
			memset(sum, 0, sizeof(sum));
			sim_sum_q(eng, desc, sum, at, len);
			sim_add(eng, sum, desc->dst[1] + at, len);
			if (!sim_is_zero(sum, len))
				*desc->result |= SUM_CHECK_Q_RESULT;
		}
	}
}

/* Makes a result wrong: the byte in its middle, or the verdict of a check. */
static void sim_corrupt(struct sim_engine *eng, struct sim_desc *desc)
{
	dma_addr_t middle = desc->len / 2;

	switch (desc->op) {
	case SIM_XOR_VAL:
		*desc->result ^= SUM_CHECK_P_RESULT;
		break;
	case SIM_PQ_VAL:
		*desc->result ^= sim_wants_p(desc) ? SUM_CHECK_P_RESULT :
						     SUM_CHECK_Q_RESULT;
		break;
	case SIM_SLAVE:
	case SIM_CYCLIC:
		sim_fifo_corrupt(eng, desc);
		break;
	case SIM_INTERLEAVED:
		sim_frames_corrupt(eng, desc);
		break;
	case SIM_PQ:
		if (!sim_wants_p(desc)) {
			sim_flip_byte(eng, desc->dst[1] + middle);
			break;
		}
		fallthrough;
	default:
		sim_flip_byte(eng, desc->dst[0] + middle);
	}
}

/* Which buffers of @desc->dst it reads or writes, as a mask. */
static unsigned int sim_dst_used(const struct sim_desc *desc)
{
	switch (desc->op) {
	case SIM_XOR_VAL:
	case SIM_INTERRUPT:
		return 0;
	case SIM_PQ:
	case SIM_PQ_VAL:
		return (sim_wants_p(desc) ? BIT(0) : 0) |
		       (sim_wants_q(desc) ? BIT(1) : 0);
	default:
		return BIT(0);
	}
}

static enum dmaengine_tx_result
sim_buffers_reachable(struct sim_engine *eng, const struct sim_desc *desc)
{
	unsigned int i, used = sim_dst_used(desc);

	for (i = 0; i < desc->src_cnt; i++)
		if (!sim_is_ram(eng, desc->src[i], desc->len))
			return DMA_TRANS_READ_FAILED;
	for (i = 0; i < ARRAY_SIZE(desc->dst); i++)
		if ((used & BIT(i)) &&
		    !sim_is_ram(eng, desc->dst[i], desc->len))
			return DMA_TRANS_WRITE_FAILED;
	return DMA_TRANS_NOERROR;
}

static enum dmaengine_tx_result sim_reachable(struct sim_engine *eng,
					      const struct sim_desc *desc)
{
	switch (desc->op) {
	case SIM_SLAVE:
	case SIM_CYCLIC:
		if (sim_fifo_reachable(eng, desc))
			return DMA_TRANS_NOERROR;
		return desc->dir == DMA_MEM_TO_DEV ? DMA_TRANS_READ_FAILED :
						     DMA_TRANS_WRITE_FAILED;
	case SIM_INTERLEAVED:
		return sim_frames_reachable(eng, desc);
	default:
		return sim_buffers_reachable(eng, desc);
	}
}

/**
 * sim_move() - do what a transfer asks for
 * @eng: the engine
 * @desc: the transfer
 * @corrupt: make the result wrong
 *
 * Context: any, without the engine's lock, one transfer of an engine at a
 * time.
 * Return: DMA_TRANS_NOERROR, or another if a buffer is not memory.
 */
enum dmaengine_tx_result sim_move(struct sim_engine *eng,
				  struct sim_desc *desc, bool corrupt)
{
	enum dmaengine_tx_result outcome = sim_reachable(eng, desc);

	if (outcome != DMA_TRANS_NOERROR)
		return outcome;

	switch (desc->op) {
	case SIM_MEMCPY:
		sim_copy(eng, desc->dst[0], desc->src[0], desc->len);
		break;
	case SIM_MEMSET:
		sim_fill(eng, desc->dst[0], desc->value, desc->len);
		break;
	case SIM_XOR:
		sim_xor(eng, desc);
		break;
	case SIM_XOR_VAL:
		sim_xor_val(eng, desc);
		break;
	case SIM_PQ:
		sim_pq(eng, desc);
		break;
	case SIM_PQ_VAL:
		sim_pq_val(eng, desc);
		break;
	case SIM_SLAVE:
	case SIM_CYCLIC:
		sim_fifo_move(eng, desc);
		break;
	case SIM_INTERLEAVED:
		sim_frames_move(eng, desc);
		break;
	case SIM_INTERRUPT:
		break;
	}
	if (corrupt)
		sim_corrupt(eng, desc);
	return DMA_TRANS_NOERROR;
}
