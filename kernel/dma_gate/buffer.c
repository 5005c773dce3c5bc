// SPDX-License-Identifier: GPL-2.0
/*
 * One side of a copy: user pages, pinned and mapped for a device.
 */
#include <linux/cacheflush.h>
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "gate.h"

/**
 * gate_buffer_pages - size of a user buffer in pages
 * @addr: of its first byte
 * @len: in bytes, 1 to DMA_GATE_MAX_LEN
 *
 * Return: how many pages it touches.
 */
unsigned int gate_buffer_pages(u64 addr, size_t len)
{
	return DIV_ROUND_UP(offset_in_page(addr) + len, PAGE_SIZE);
}

/**
 * gate_buffer_pin - pin a buffer of the calling process
 * @buf: zeroed; undone by gate_buffer_unpin()
 * @addr: of its first byte
 * @len: in bytes, 1 to DMA_GATE_MAX_LEN
 * @dir: DMA_TO_DEVICE to read it, DMA_FROM_DEVICE to write it
 *
 * Return: 0, -EFAULT, -ENOMEM, or -EINTR when the caller is being killed.
 */
int gate_buffer_pin(struct gate_buffer *buf, u64 addr, size_t len,
		    enum dma_data_direction dir)
{
	unsigned int flags = dir == DMA_FROM_DEVICE ? FOLL_WRITE : 0;
	unsigned int nr_pages = gate_buffer_pages(addr, len);
	unsigned long start = addr;
	struct page **pages;
	int got;

	if (start != addr)
		return -EFAULT;
	pages = kvmalloc_array(nr_pages, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	if (!pages)
		return -ENOMEM;

	buf->pages = pages;
	buf->offset = offset_in_page(start);
	buf->len = len;
	buf->dir = dir;
	start -= buf->offset;
	/* A call may pin fewer than asked; only no progress is an error. */
	while (buf->nr_pages < nr_pages) {
		got = pin_user_pages_fast(start + buf->nr_pages * PAGE_SIZE,
					  nr_pages - buf->nr_pages, flags,
					  pages + buf->nr_pages);
		if (got <= 0) {
			gate_buffer_unpin(buf);
			/* The last page of all has an errno of its own there. */
			return got && got != -EOVERFLOW ? got : -EFAULT;
		}
		buf->nr_pages += got;
	}
	return 0;
}

/**
 * gate_buffer_unpin - let go of the pages
 * @buf: a buffer that is not mapped; one that is not pinned is left alone
 *
 * May sleep: a written page is marked dirty under its lock.
 */
void gate_buffer_unpin(struct gate_buffer *buf)
{
	if (!buf->pages)
		return;
	unpin_user_pages_dirty_lock(buf->pages, buf->nr_pages,
				    buf->dir == DMA_FROM_DEVICE);
	kvfree(buf->pages);
	buf->pages = NULL;
	buf->nr_pages = 0;
}

/**
 * gate_buffer_map - give a pinned buffer to a device
 * @buf: the buffer; undone by gate_buffer_unmap()
 * @dev: the device
 *
 * Neighbouring pages become one element, up to what the device takes. Cache lines are
 * handed over apart from that: what is mapped may not have any in common with other
 * memory that a device writes, which users can have; what comes of it is theirs.
 *
 * Return: 0, -ENOMEM, or -EIO when the device cannot reach the memory.
 */
int gate_buffer_map(struct gate_buffer *buf, struct device *dev)
{
	size_t max = min_t(size_t, dma_get_max_seg_size(dev),
			   dma_max_mapping_size(dev));
	int err;

	/* Smaller ones are cut when descriptors are made. */
	max = clamp_t(size_t, max, PAGE_SIZE, UINT_MAX);
	err = sg_alloc_table_from_pages_segment(&buf->sgt, buf->pages,
						buf->nr_pages, buf->offset,
						buf->len, max, GFP_KERNEL);
	if (err)
		return err;
	err = dma_map_sgtable(dev, &buf->sgt, buf->dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (err) {
		sg_free_table(&buf->sgt);
		return err == -ENOMEM ? err : -EIO;
	}
	dma_sync_sgtable_for_device(dev, &buf->sgt, buf->dir);
	buf->mapped = true;
	return 0;
}

/**
 * gate_buffer_unmap - take a buffer back from a device
 * @buf: the buffer; one that is not mapped is left alone
 * @dev: the device that it was mapped for
 */
void gate_buffer_unmap(struct gate_buffer *buf, struct device *dev)
{
	if (!buf->mapped)
		return;
	dma_sync_sgtable_for_cpu(dev, &buf->sgt, buf->dir);
	dma_unmap_sgtable(dev, &buf->sgt, buf->dir, DMA_ATTR_SKIP_CPU_SYNC);
	sg_free_table(&buf->sgt);
	buf->mapped = false;
}

/**
 * gate_buffer_copy - the CPU copies between two pinned buffers
 * @dst: written
 * @src: read, of the same length
 *
 * Context: the caller of the ioctl.
 *
 * Return: 0, or -EINTR when the caller is being killed.
 */
int gate_buffer_copy(struct gate_buffer *dst, struct gate_buffer *src)
{
	size_t done, part, src_at, dst_at;
	struct page *page;

	for (done = 0; done < src->len; done += part) {
		src_at = src->offset + done;
		dst_at = dst->offset + done;
		part = min3(PAGE_SIZE - offset_in_page(src_at),
			    PAGE_SIZE - offset_in_page(dst_at),
			    src->len - done);
		page = dst->pages[dst_at >> PAGE_SHIFT];
		memcpy_page(page, offset_in_page(dst_at),
			    src->pages[src_at >> PAGE_SHIFT],
			    offset_in_page(src_at), part);
		flush_dcache_page(page);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}
