// SPDX-License-Identifier: GPL-2.0
#include <linux/dmaengine.h>
#include <linux/scatterlist.h>

#include "hal/prep_args.h"

const u8 dam_prep_len_arg[DAM_KINDS] = {
	[DAM_KIND_MEMCPY] = 3,
	[DAM_KIND_MEMSET] = 3,
	[DAM_KIND_XOR] = 4,
	[DAM_KIND_XOR_VAL] = 3,
	[DAM_KIND_PQ] = 5,
	[DAM_KIND_PQ_VAL] = 5,
	[DAM_KIND_CYCLIC] = 2,
};

static u64 len_of_list(struct scatterlist *sg, unsigned int n)
{
	u64 len = 0;

	for (; n && sg; n--, sg = sg_next(sg))
		len += sg_dma_len(sg);
	return len;
}

static u64 len_of_frames(const struct dma_interleaved_template *t)
{
	u64 len = 0;
	size_t i;

	for (i = 0; i < t->frame_size; i++)
		len += t->sgl[i].size;
	return len * t->numf;
}

static u64 len_of_vectors(const struct dma_vec *v, unsigned int n)
{
	u64 len = 0;

	for (; n; n--, v++)
		len += v->len;
	return len;
}

u64 dam_prep_len_of(enum dam_kind kind, const void *what, unsigned int n)
{
	switch (kind) {
	case DAM_KIND_SLAVE_SG:
		return len_of_list((struct scatterlist *)what, n);
	case DAM_KIND_INTERLEAVED:
		return len_of_frames(what);
	case DAM_KIND_DMA_VEC:
		return len_of_vectors(what, n);
	default:
		return 0;
	}
}
