// SPDX-License-Identifier: GPL-2.0
#include <linux/bitmap.h>
#include <linux/device.h>
#include <linux/dmaengine.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/overflow.h>
#include <linux/platform_device.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "chan.h"
#include "clock.h"
#include "device.h"
#include "engine.h"
#include "power.h"
#include "prep.h"

/* Runs the releases of engines; flushed before this text goes away. */
static struct workqueue_struct *sim_releases;

static void sim_engine_free(struct kref *ref)
{
	struct sim_engine *eng = container_of(ref, struct sim_engine, ref);

	sim_truth_exit(&eng->truth);
	kfree(eng);
}

/**
 * sim_engine_put() - give back what sim_engine_start() returned
 * @eng: a stopped engine
 *
 * Context: may sleep.
 */
void sim_engine_put(struct sim_engine *eng)
{
	kref_put(&eng->ref, sim_engine_free);
}

/*
 * Who gave back the last reference may be the core, going through our list of channels
 * with its mutex held (dmaengine_put()): let it reach the end. No device can do all that
 * is asked for here: the mutex is taken, and nothing found.
 */
static void sim_wait_for_core(void)
{
	struct dma_chan *chan;
	dma_cap_mask_t all;

	bitmap_fill(all.bits, DMA_TX_TYPE_END);
	chan = dma_request_channel(all, NULL, NULL);
	if (WARN_ON(chan))
		dma_release_channel(chan);
}

static void sim_engine_release_work(struct work_struct *work)
{
	struct sim_engine *eng = container_of(work, struct sim_engine, release);

	sim_wait_for_core();
	sim_clock_exit(eng);
	sim_power_exit(eng);
	sim_device_destroy(eng->pdev);
	sim_engine_put(eng);
}

/*
 * The last client is gone. The core calls with its list mutex held, under
 * which no device can be unregistered.
 */
static void sim_engine_release(struct dma_device *dma)
{
	struct sim_engine *eng = container_of(dma, struct sim_engine, dma);
	unsigned int i;

	for (i = 0; i < eng->nr_chans; i++)
		put_device(&eng->chans[i].chan.dev->device);
	queue_work(sim_releases, &eng->release);
}

static void sim_engine_setup_dma(struct sim_engine *eng)
{
	struct dma_device *dma = &eng->dma;

	dma->dev = &eng->pdev->dev;
	dma->cap_mask = eng->params.caps;
	if (eng->params.private)
		dma_cap_set(DMA_PRIVATE, dma->cap_mask);
	dma->directions = BIT(DMA_MEM_TO_MEM);
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_BURST;
	dma->device_release = sim_engine_release;
	sim_chan_setup(dma);
	sim_prep_setup(dma, &eng->params);
}

/**
 * sim_engine_start() - make an engine and register it
 * @params: copied
 * @faults: copied
 *
 * Context: may sleep.
 * Return: the engine, to be stopped and put, or an error pointer.
 */
struct sim_engine *sim_engine_start(const struct sim_params *params,
				    const struct sim_faults *faults)
{
	struct sim_engine *eng;
	unsigned int i;
	int ret;

	eng = kzalloc(struct_size(eng, chans, params->channels), GFP_KERNEL);
	if (!eng)
		return ERR_PTR(-ENOMEM);
	kref_init(&eng->ref);
	eng->params = *params;
	eng->faults = *faults;
	eng->nr_chans = params->channels;
	spin_lock_init(&eng->lock);
	INIT_WORK(&eng->release, sim_engine_release_work);
	sim_clock_init(eng);
	ret = sim_truth_init(&eng->truth, ktime_get_ns());
	if (ret)
		goto err_put;

	eng->pdev = sim_device_create(params->node);
	if (IS_ERR(eng->pdev)) {
		ret = PTR_ERR(eng->pdev);
		goto err_put;
	}
	strscpy(eng->name, dev_name(&eng->pdev->dev), sizeof(eng->name));

	INIT_LIST_HEAD(&eng->dma.channels);
	for (i = 0; i < eng->nr_chans; i++)
		sim_chan_init(eng, &eng->chans[i]);
	sim_engine_setup_dma(eng);
	sim_power_init(eng);

	kref_get(&eng->ref);
	ret = dma_async_device_register(&eng->dma);
	if (ret)
		goto err_device;
	/*
	 * Unregistering deletes the channels' devices while clients that keep
	 * a channel still read them.
	 */
	for (i = 0; i < eng->nr_chans; i++)
		get_device(&eng->chans[i].chan.dev->device);
	return eng;

err_device:
	sim_engine_put(eng);
	sim_power_exit(eng);
	sim_device_destroy(eng->pdev);
err_put:
	sim_engine_put(eng);
	return ERR_PTR(ret);
}

/*
 * dmaengine_put() passes over private devices, and unregistering made this
 * one private: what dmaengine_get() took would never come back. Without a
 * capability it is no candidate for the public table, private or not. At once,
 * for whoever puts in between is passed over for good: what is left of that gap
 * lies within the core.
 */
static void sim_engine_let_go(struct sim_engine *eng)
{
	enum dma_transaction_type cap;

	for (cap = 0; cap < DMA_TX_TYPE_END; cap++)
		if (cap != DMA_PRIVATE)
			dma_cap_clear(cap, eng->dma.cap_mask);
	if (!eng->dma.privatecnt)
		dma_cap_clear(DMA_PRIVATE, eng->dma.cap_mask);
}

/**
 * sim_engine_stop() - unregister an engine
 * @eng: what sim_engine_start() returned, not stopped yet
 * @force: even while clients hold channels
 *
 * What was submitted is done, at once. The clients keep what they hold until
 * they give it back, but it does nothing any more: prep returns NULL, and a
 * descriptor that was prepared before is aborted when it is submitted.
 *
 * Context: may sleep.
 * Return: 0, or -EBUSY if there are clients and @force is not set.
 */
int sim_engine_stop(struct sim_engine *eng, bool force)
{
	spin_lock_irq(&eng->lock);
	if (eng->held && !force) {
		spin_unlock_irq(&eng->lock);
		return -EBUSY;
	}
	eng->closing = true;
	spin_unlock_irq(&eng->lock);

	dma_async_device_unregister(&eng->dma);
	sim_engine_let_go(eng);
	/*
	 * Whoever found a channel before and builds a chain of transfers on it
	 * with preemption off, as async_tx does, gets it built: it would wait
	 * for a descriptor forever.
	 */
	synchronize_rcu();

	spin_lock_irq(&eng->lock);
	eng->dead = true;
	spin_unlock_irq(&eng->lock);
	sim_clock_drain(eng);
	flush_work(&eng->release);
	return 0;
}

/**
 * sim_engines_init() - make what all engines share
 *
 * Return: 0 or -ENOMEM.
 */
int sim_engines_init(void)
{
	sim_releases = alloc_workqueue("dma_engine_sim", 0, 0);
	return sim_releases ? 0 : -ENOMEM;
}

/** sim_engines_exit() - wait for the last releases, all engines being stopped */
void sim_engines_exit(void)
{
	destroy_workqueue(sim_releases);
}
