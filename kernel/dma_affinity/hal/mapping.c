// SPDX-License-Identifier: GPL-2.0
/*
 * All hooks run with preemption disabled, in any context. Coherent memory and
 * dma_map_resource() (registers of other devices) are set up once and are no
 * transfers: they are not watched.
 */
#include <linux/blkdev.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/trace_recursion.h>
#include <linux/tracepoint.h>

#include "hal/device_dma.h"
#include "hal/ftrace_hook.h"
#include "hal/mapping.h"
#include "compat.h"
#include "dam.h"

static size_t sg_bytes(struct scatterlist *sg, int nents)
{
	size_t bytes = 0;

	for (; sg && nents > 0; sg = sg_next(sg), nents--)
		bytes += sg->length;
	return bytes;
}

static void mapped(const struct device *dev, size_t len,
		   enum dma_data_direction dir)
{
	struct dam_device *d = dam_device_find(dev);

	if (d)
		dam_device_mapped(d, len, dir);
}

static void unmapped(const struct device *dev, size_t len,
		     enum dma_data_direction dir)
{
	struct dam_device *d = dam_device_find(dev);

	if (d)
		dam_device_unmapped(d, len, dir);
}

static void mapped_sg(const struct device *dev, struct scatterlist *sg,
		      int nents, enum dma_data_direction dir)
{
	struct dam_device *d = dam_device_find(dev);

	if (d)
		dam_device_mapped(d, sg_bytes(sg, nents), dir);
}

static void unmapped_sg(const struct device *dev, struct scatterlist *sg,
			int nents, enum dma_data_direction dir)
{
	struct dam_device *d = dam_device_find(dev);

	if (d)
		dam_device_unmapped(d, sg_bytes(sg, nents), dir);
}

/* Tracepoints: what was mapped, and only if it could be. */
static void tp_map_page(void *unused, struct device *dev, phys_addr_t phys,
			dma_addr_t addr, size_t size,
			enum dma_data_direction dir, unsigned long attrs)
{
	if (addr != DMA_MAPPING_ERROR)
		mapped(dev, size, dir);
}

static void tp_unmap_page(void *unused, struct device *dev, dma_addr_t addr,
			  size_t size, enum dma_data_direction dir,
			  unsigned long attrs)
{
	unmapped(dev, size, dir);
}

static void tp_map_sg(void *unused, struct device *dev, struct scatterlist *sg,
		      int nents, int ents, enum dma_data_direction dir,
		      unsigned long attrs)
{
	mapped_sg(dev, sg, nents, dir);
}

static void tp_unmap_sg(void *unused, struct device *dev,
			struct scatterlist *sg, int nents,
			enum dma_data_direction dir, unsigned long attrs)
{
	unmapped_sg(dev, sg, nents, dir);
}

static void queued(struct bio *bio)
{
	if (bio_has_data(bio))
		dam_device_queued(disk_to_dev(bio->bi_bdev->bd_disk),
				  bio->bi_iter.bi_size);
}

static void tp_bio_queue(void *unused, struct bio *bio)
{
	queued(bio);
}

/*
 * Only a bio that was traced as queued before, to the device above (an array,
 * a multipath head), is not traced so again. A partition is no other device.
 */
static void tp_bio_remap(void *unused, struct bio *bio, dev_t from,
			 sector_t sector)
{
	if (bio_flagged(bio, BIO_TRACE_COMPLETION) &&
	    bio->bi_bdev->bd_dev != from)
		queued(bio);
}

/* Functions: at their entry, where it is not known yet if they will do it. */
static struct device *dev_arg(struct ftrace_regs *fregs)
{
	return (struct device *)dam_ftrace_arg(fregs, 0);
}

static void fn_map_page(struct ftrace_regs *fregs)
{
	mapped(dev_arg(fregs), dam_ftrace_arg(fregs, 3),
	       dam_ftrace_arg(fregs, 4));
}

static void fn_unmap_page(struct ftrace_regs *fregs)
{
	unmapped(dev_arg(fregs), dam_ftrace_arg(fregs, 2),
		 dam_ftrace_arg(fregs, 3));
}

static void fn_map_sg(struct ftrace_regs *fregs)
{
	mapped_sg(dev_arg(fregs),
		  (struct scatterlist *)dam_ftrace_arg(fregs, 1),
		  dam_ftrace_arg(fregs, 2), dam_ftrace_arg(fregs, 3));
}

static void fn_map_sgtable(struct ftrace_regs *fregs)
{
	struct sg_table *sgt = (struct sg_table *)dam_ftrace_arg(fregs, 1);

	mapped_sg(dev_arg(fregs), sgt->sgl, sgt->orig_nents,
		  dam_ftrace_arg(fregs, 2));
}

static void fn_unmap_sg(struct ftrace_regs *fregs)
{
	unmapped_sg(dev_arg(fregs),
		    (struct scatterlist *)dam_ftrace_arg(fregs, 1),
		    dam_ftrace_arg(fregs, 2), dam_ftrace_arg(fregs, 3));
}

/**
 * struct event - one thing to see
 * @name: the tracepoint
 * @probe: on it; NULL: another row's probe sees it
 * @func: the function to watch where there is no such tracepoint, or 0
 * @entered: told of its entries
 * @tp: the tracepoint, NULL: the kernel has none
 * @ops: on @func
 * @armed: one of both is
 */
struct event {
	const char *name;
	void *probe;
	unsigned long func;
	void (*entered)(struct ftrace_regs *fregs);
	struct tracepoint *tp;
	struct ftrace_ops ops;
	bool armed;
};

static struct event events[] = {
	{ "dma_map_page", tp_map_page,
	  (unsigned long)dma_map_page_attrs, fn_map_page },
	{ "dma_unmap_page", tp_unmap_page,
	  (unsigned long)dma_unmap_page_attrs, fn_unmap_page },
	{ "dma_map_sg", tp_map_sg,
	  (unsigned long)dma_map_sg_attrs, fn_map_sg },
	{ "dma_map_sg", NULL,
	  (unsigned long)dma_map_sgtable, fn_map_sgtable },
	{ "dma_unmap_sg", tp_unmap_sg,
	  (unsigned long)dma_unmap_sg_attrs, fn_unmap_sg },
	{ "block_bio_queue", tp_bio_queue },
	{ "block_bio_remap", tp_bio_remap },
};

static void notrace on_entry(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct event *ev = container_of(ops, struct event, ops);
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0) {
		dam_drop(1);
		return;
	}
	/* The lock above disabled preemption. */
	ev->entered(fregs);
	ftrace_test_recursion_unlock(bit);
}

static void find_tracepoint(struct tracepoint *tp, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (!strcmp(tp->name, events[i].name))
			events[i].tp = tp;
}

static int arm(struct event *ev)
{
	if (ev->tp)
		return tracepoint_probe_register(ev->tp, ev->probe, NULL);
	if (!ev->func)
		return -ENOENT;
	return dam_ftrace_arm(&ev->ops, ev->func, on_entry);
}

void dam_mapping_arm(void)
{
	struct event *ev;
	int err;

	for_each_kernel_tracepoint(find_tracepoint, NULL);
	for (ev = events; ev < events + ARRAY_SIZE(events); ev++) {
		if (ev->tp && !ev->probe)
			continue;
		err = arm(ev);
		if (err)
			pr_warn("dma_affinity: cannot watch %s: error %d\n",
				ev->name, err);
		ev->armed = !err;
	}
}

void dam_mapping_disarm(void)
{
	struct event *ev;

	for (ev = events; ev < events + ARRAY_SIZE(events); ev++) {
		if (!ev->armed)
			continue;
		if (ev->tp)
			tracepoint_probe_unregister(ev->tp, ev->probe, NULL);
		else
			dam_ftrace_disarm(&ev->ops);
		ev->armed = false;
	}
	tracepoint_synchronize_unregister();
}
