// SPDX-License-Identifier: GPL-2.0
/*
 * Clients pass addresses that the DMA API gave them for the engine's device.
 * No IOMMU translates for it (device.c sees to that), so an address leads
 * straight to a page.
 */
#include <linux/dma-direct.h>
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "engine.h"
#include "memory.h"

/**
 * sim_is_ram() - may an engine read and write there?
 * @eng: the engine
 * @addr: the first byte
 * @len: how many, 1 or more
 *
 * Context: any.
 * Return: it is memory.
 */
bool sim_is_ram(struct sim_engine *eng, dma_addr_t addr, size_t len)
{
	phys_addr_t phys = dma_to_phys(eng->dma.dev, addr);

	return pfn_valid(PHYS_PFN(phys)) && pfn_valid(PHYS_PFN(phys + len - 1));
}

/**
 * sim_map() - where the CPU finds memory
 * @eng: the engine
 * @addr: the first byte
 * @len: how many are wanted; how many can be had in one piece
 *
 * Context: any. What is mapped is unmapped in the reverse order.
 * Return: the address for the CPU.
 */
void *sim_map(struct sim_engine *eng, dma_addr_t addr, size_t *len)
{
	phys_addr_t phys = dma_to_phys(eng->dma.dev, addr);

	if (!IS_ENABLED(CONFIG_HIGHMEM))
		return phys_to_virt(phys);
	*len = min_t(size_t, *len, PAGE_SIZE - offset_in_page(phys));
	return kmap_local_page(pfn_to_page(PHYS_PFN(phys))) +
	       offset_in_page(phys);
}

/**
 * sim_unmap() - undo sim_map()
 * @va: what it returned
 */
void sim_unmap(void *va)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		kunmap_local(va);
}

/*
 * copy_page() is the cheapest way to copy a page by far where memcpy() goes
 * by bytes, which CPUs are quick at and emulators are not.
 */
static void sim_copy_piece(void *dst, const void *src, size_t len)
{
	if (PAGE_ALIGNED(dst) && PAGE_ALIGNED(src)) {
		for (; len >= PAGE_SIZE; len -= PAGE_SIZE) {
			copy_page(dst, (void *)src);
			dst += PAGE_SIZE;
			src += PAGE_SIZE;
		}
	}
	memcpy(dst, src, len);
}

/**
 * sim_copy() - copy memory
 * @eng: the engine
 * @dst: where to
 * @src: where from; the two do not overlap
 * @left: bytes
 *
 * Context: any.
 */
void sim_copy(struct sim_engine *eng, dma_addr_t dst, dma_addr_t src,
	      size_t left)
{
	size_t len;

	for (; left; left -= len, dst += len, src += len) {
		void *from, *to;

		len = left;
		from = sim_map(eng, src, &len);
		to = sim_map(eng, dst, &len);
		sim_copy_piece(to, from, len);
		sim_unmap(to);
		sim_unmap(from);
	}
}

/**
 * sim_flip_byte() - invert one byte
 * @eng: the engine
 * @addr: its address
 *
 * Context: any.
 */
void sim_flip_byte(struct sim_engine *eng, dma_addr_t addr)
{
	size_t len = 1;
	u8 *byte = sim_map(eng, addr, &len);

	*byte = ~*byte;
	sim_unmap(byte);
}
