// SPDX-License-Identifier: GPL-2.0
#include <linux/crc32.h>

#include "desc.h"
#include "engine.h"
#include "fifo.h"
#include "memory.h"

/* The n-th byte that a channel's device gives is n modulo this. */
#define SIM_STREAM_MODULUS	251

static u32 sim_fifo_swallow(struct sim_engine *eng, u32 crc, dma_addr_t src,
			    size_t left)
{
	size_t len;

	for (; left; left -= len, src += len) {
		void *from;

		len = left;
		from = sim_map(eng, src, &len);
		crc = ~crc32_le(~crc, from, len);
		sim_unmap(from);
	}
	return crc;
}

static void sim_fifo_give(struct sim_engine *eng, dma_addr_t dst, u8 byte,
			  size_t left)
{
	size_t len, i;

	for (; left; left -= len, dst += len) {
		u8 *to;

		len = left;
		to = sim_map(eng, dst, &len);
		for (i = 0; i < len; i++) {
			to[i] = byte;
			byte = byte == SIM_STREAM_MODULUS - 1 ? 0 : byte + 1;
		}
		sim_unmap(to);
	}
}

/* The piece of memory at @i, of those that are to be moved now. */
static bool sim_fifo_segment(const struct sim_desc *desc, unsigned int i,
			     struct sim_segment *segment)
{
	if (desc->op == SIM_SLAVE && i < desc->seg_cnt) {
		*segment = desc->segs[i];
		return true;
	}
	if (desc->op == SIM_CYCLIC && i == 0) {
		segment->addr = desc->dst[0] + desc->pos;
		segment->len = desc->len;
		return true;
	}
	return false;
}

/**
 * sim_fifo_reachable() - is all that a slave transfer names memory?
 * @eng: the engine
 * @desc: a slave or cyclic transfer
 *
 * Context: any.
 * Return: it is.
 */
bool sim_fifo_reachable(struct sim_engine *eng, const struct sim_desc *desc)
{
	struct sim_segment segment;
	unsigned int i;

	for (i = 0; sim_fifo_segment(desc, i, &segment); i++)
		if (!sim_is_ram(eng, segment.addr, segment.len))
			return false;
	return true;
}

/**
 * sim_fifo_move() - move data between memory and the device
 * @eng: the engine
 * @desc: a slave transfer, or a cyclic one of which a period is moved
 *
 * Neither the stream nor the sum advances before the transfer is completed.
 *
 * Context: any, without the engine's lock, by whoever serves the engine.
 */
void sim_fifo_move(struct sim_engine *eng, struct sim_desc *desc)
{
	u64 at = to_sim_chan(desc->tx.chan)->stream;
	struct sim_segment segment;
	unsigned int i;
	u32 byte;

	desc->crc = eng->truth.sent_crc;
	for (i = 0; sim_fifo_segment(desc, i, &segment); i++) {
		if (desc->dir == DMA_MEM_TO_DEV) {
			desc->crc = sim_fifo_swallow(eng, desc->crc,
						     segment.addr, segment.len);
			continue;
		}
		div_u64_rem(at, SIM_STREAM_MODULUS, &byte);
		sim_fifo_give(eng, segment.addr, byte, segment.len);
		at += segment.len;
	}
}

/**
 * sim_fifo_corrupt() - make wrong what sim_fifo_move() did
 * @eng: the engine
 * @desc: the transfer
 *
 * Context: as sim_fifo_move().
 */
void sim_fifo_corrupt(struct sim_engine *eng, struct sim_desc *desc)
{
	struct sim_segment segment;

	if (desc->dir == DMA_MEM_TO_DEV)
		desc->crc = ~desc->crc;
	else if (sim_fifo_segment(desc, 0, &segment))
		sim_flip_byte(eng, segment.addr + segment.len / 2);
}
