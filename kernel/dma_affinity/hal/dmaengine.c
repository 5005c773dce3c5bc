// SPDX-License-Identifier: GPL-2.0
/*
 * Providers come and go through the callbacks of a class_interface on the
 * class of channels. That class is not exported, but each registered channel
 * points to it: a provider of our own, registered for a moment, gives it.
 *
 * The callbacks run under the class's mutex, which so protects the list of
 * providers.
 */
#include <linux/dmaengine.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "hal/channel.h"
#include "hal/device_dma.h"
#include "hal/dmaengine.h"
#include "hal/hook.h"
#include "hal/routes.h"
#include "charge.h"
#include "compat.h"
#include "dam.h"
#include "threads.h"

/**
 * struct dam_provider - one dma_device
 * @list: of all providers, class mutex
 * @dma: the kernel's, valid as long as it has a channel
 * @engine: ours
 * @channels: struct dam_channel, dam_lock and class mutex to change
 * @hooks: on its prep functions, and at last on device_terminate_all
 */
struct dam_provider {
	struct list_head list;
	struct dma_device *dma;
	struct dam_engine *engine;
	struct list_head channels;
	struct dam_hook *hooks[DAM_KINDS + 1];
};

static LIST_HEAD(providers);

static const struct {
	enum dma_transaction_type type;
	size_t offset;
} kind_ops[DAM_KINDS] = {
	[DAM_KIND_MEMCPY] = { DMA_MEMCPY,
		offsetof(struct dma_device, device_prep_dma_memcpy) },
	[DAM_KIND_MEMSET] = { DMA_MEMSET,
		offsetof(struct dma_device, device_prep_dma_memset) },
	[DAM_KIND_XOR] = { DMA_XOR,
		offsetof(struct dma_device, device_prep_dma_xor) },
	[DAM_KIND_XOR_VAL] = { DMA_XOR_VAL,
		offsetof(struct dma_device, device_prep_dma_xor_val) },
	[DAM_KIND_PQ] = { DMA_PQ,
		offsetof(struct dma_device, device_prep_dma_pq) },
	[DAM_KIND_PQ_VAL] = { DMA_PQ_VAL,
		offsetof(struct dma_device, device_prep_dma_pq_val) },
	[DAM_KIND_INTERRUPT] = { DMA_INTERRUPT,
		offsetof(struct dma_device, device_prep_dma_interrupt) },
	[DAM_KIND_SLAVE_SG] = { DMA_SLAVE,
		offsetof(struct dma_device, device_prep_slave_sg) },
	[DAM_KIND_CYCLIC] = { DMA_CYCLIC,
		offsetof(struct dma_device, device_prep_dma_cyclic) },
	[DAM_KIND_INTERLEAVED] = { DMA_INTERLEAVE,
		offsetof(struct dma_device, device_prep_interleaved_dma) },
	[DAM_KIND_DMA_VEC] = { DMA_SLAVE, DAM_DMA_VEC_OFFSET },
};

static unsigned long prep_addr(struct dma_device *dma, int kind)
{
	if (kind == DAM_KINDS)
		return (unsigned long)dma->device_terminate_all;
	if (!kind_ops[kind].offset ||
	    !dma_has_cap(kind_ops[kind].type, dma->cap_mask))
		return 0;
	return *(unsigned long *)((char *)dma + kind_ops[kind].offset);
}

static void provider_read(struct dam_engine *e, u64 now_ns, u64 dt_ns,
			  struct dam_reading *r)
{
	struct dam_provider *p = e->source;
	struct dam_channel *ch;
	u64 widest = 0;
	u32 unclear;
	int k;

	list_for_each_entry(ch, &p->channels, list) {
		u64 before = r->full_ns;

		unclear = dam_channel_take(ch, now_ns, r);
		widest = max(widest, r->full_ns - before);
		for (k = 0; unclear && k < DAM_KINDS; k++)
			if ((unclear & BIT(k)) && p->hooks[k])
				dam_hook_see_results(p->hooks[k]);
	}
	/* Channels of one engine wait for each other: their times overlap. */
	r->full_ns = widest;
	r->busy_ns = min(r->busy_ns, dt_ns);
	/* A client asking for one channel makes the whole device private. */
	e->private = dma_has_cap(DMA_PRIVATE, p->dma->cap_mask);
}

static void provider_settle(struct dam_engine *e)
{
	struct dam_provider *p = e->source;
	struct dam_channel *ch;

	list_for_each_entry(ch, &p->channels, list)
		dam_channel_settle(ch);
}

static const struct dam_channel *provider_channel(struct dam_engine *e, u32 i)
{
	struct dam_provider *p = e->source;
	struct dam_channel *ch;

	list_for_each_entry(ch, &p->channels, list)
		if (!i--)
			return ch;
	return NULL;
}

static const struct dam_engine_ops provider_ops = {
	.settle = provider_settle,
	.read = provider_read,
	.channel = provider_channel,
};

static void provider_unhook(struct dam_provider *p)
{
	int k;

	for (k = 0; k <= DAM_KINDS; k++) {
		if (p->hooks[k])
			dam_hook_put(p->hooks[k]);
		p->hooks[k] = NULL;
	}
}

static int provider_hook(struct dam_provider *p)
{
	int k;

	for (k = 0; k <= DAM_KINDS; k++) {
		unsigned long addr = prep_addr(p->dma, k);
		struct dam_hook *h;

		if (!addr)
			continue;
		h = dam_hook_get(addr, k);
		if (IS_ERR(h)) {
			provider_unhook(p);
			return PTR_ERR(h);
		}
		p->hooks[k] = h;
	}
	return 0;
}

static struct dam_provider *provider_create(struct dma_device *dma)
{
	struct dam_provider *p;
	u32 caps = 0;
	int k;

	for (k = 0; k < DAM_KINDS; k++)
		if (prep_addr(dma, k))
			caps |= BIT(k);

	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);
	p->dma = dma;
	INIT_LIST_HEAD(&p->channels);
	dam_device_dma_yield(dma->dev);
	p->engine = dam_engine_create(dma->dev, &provider_ops, p, caps,
				      dma_has_cap(DMA_PRIVATE, dma->cap_mask));
	if (IS_ERR(p->engine)) {
		void *err = p->engine;

		dam_device_dma_reclaim(dma->dev);
		kfree(p);
		return err;
	}
	dam_memory_add(sizeof(*p));
	list_add_tail(&p->list, &providers);
	return p;
}

/* No probe finds a channel of it any more. */
static void provider_destroy(struct dam_provider *p)
{
	provider_unhook(p);
	mutex_lock(&dam_lock);
	dam_threads_forget_engine(p->engine->id);
	dam_engine_unlink(p->engine);
	mutex_unlock(&dam_lock);
	dam_engine_destroy(p->engine);
	dam_device_dma_reclaim(p->dma->dev);
	list_del(&p->list);
	dam_memory_sub(sizeof(*p));
	kfree(p);
}

static struct dma_chan *to_chan(struct device *dev)
{
	return container_of(dev, struct dma_chan_dev, device)->chan;
}

static DAM_CLASS_ADD(on_channel_add, dev)
{
	struct dma_chan *chan = to_chan(dev);
	struct dam_provider *p, *found = NULL;
	struct dam_channel *ch;
	int err = -ENOMEM;

	if (!chan)
		return 0;
	list_for_each_entry(p, &providers, list)
		if (p->dma == chan->device)
			found = p;
	p = found ?: provider_create(chan->device);
	if (IS_ERR(p)) {
		err = PTR_ERR(p);
		goto err_warn;
	}
	ch = dam_channel_add(chan, p->engine);
	if (!ch)
		goto err_provider;
	/* Hooks last: from now on a submission finds its channel. */
	if (!found) {
		err = provider_hook(p);
		if (err)
			goto err_channel;
	}
	mutex_lock(&dam_lock);
	list_add_tail(&ch->list, &p->channels);
	p->engine->channels++;
	p->engine->channel_changes++;
	mutex_unlock(&dam_lock);
	dam_routes_stale();
	return 0;

err_channel:
	dam_channel_hide(ch);
	mutex_lock(&dam_lock);
	dam_charge_forget(ch);
	mutex_unlock(&dam_lock);
	dam_channel_free(ch);
err_provider:
	if (!found)
		provider_destroy(p);
err_warn:
	dev_warn(dev, "dma_affinity: not watched: error %d\n", err);
	return 0;
}

/*
 * Runs before the provider's text and channels go away; the pointer from the
 * device to its channel is gone already. Hence the search.
 */
static DAM_CLASS_REMOVE(on_channel_remove, dev)
{
	struct dam_provider *p;
	struct dam_channel *ch;

	list_for_each_entry(p, &providers, list)
		list_for_each_entry(ch, &p->channels, list)
			if (&ch->chan->dev->device == dev)
				goto found;
	return;
found:
	dam_channel_hide(ch);
	mutex_lock(&dam_lock);
	dam_charge_forget(ch);
	list_del(&ch->list);
	p->engine->channels--;
	p->engine->channel_changes++;
	mutex_unlock(&dam_lock);
	dam_channel_free(ch);
	if (list_empty(&p->channels))
		provider_destroy(p);
	dam_routes_stale();
}

static struct class_interface channel_interface = {
	.add_dev = on_channel_add,
	.remove_dev = on_channel_remove,
};

/*
 * The provider that shows us the class. It offers nothing; -EBUSY and not
 * -ENODEV refuses those who ask, for after -ENODEV the core unlinks the
 * device by itself.
 */
static int scout_alloc(struct dma_chan *chan)
{
	return -EBUSY;
}

static void scout_free(struct dma_chan *chan)
{
}

static enum dma_status scout_status(struct dma_chan *chan,
				    dma_cookie_t cookie,
				    struct dma_tx_state *state)
{
	return DMA_ERROR;
}

static void scout_issue(struct dma_chan *chan)
{
}

static dam_class_t *scouted;

static int scout_probe(struct platform_device *pdev)
{
	struct {
		struct dma_device dma;
		struct dma_chan chan;
	} *s;
	int err;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->dma.dev = &pdev->dev;
	dma_cap_set(DMA_PRIVATE, s->dma.cap_mask);
	s->dma.device_alloc_chan_resources = scout_alloc;
	s->dma.device_free_chan_resources = scout_free;
	s->dma.device_tx_status = scout_status;
	s->dma.device_issue_pending = scout_issue;
	INIT_LIST_HEAD(&s->dma.channels);
	s->chan.device = &s->dma;
	list_add_tail(&s->chan.device_node, &s->dma.channels);
	err = dma_async_device_register(&s->dma);
	if (!err) {
		scouted = s->chan.dev->device.class;
		dma_async_device_unregister(&s->dma);
	}
	kfree(s);
	return err;
}

static DAM_PLATFORM_REMOVE(scout_remove, pdev)
{
	return DAM_PLATFORM_REMOVED;
}

static struct platform_driver scout_driver = {
	.driver.name = "dma_affinity_scout",
	/* The class must be known when the device is registered. */
	.driver.probe_type = PROBE_FORCE_SYNCHRONOUS,
	.probe = scout_probe,
	.remove = scout_remove,
};

static dam_class_t *find_class(void)
{
	struct platform_device *pdev;
	int err;

	err = platform_driver_register(&scout_driver);
	if (err)
		return ERR_PTR(err);
	scouted = NULL;
	pdev = platform_device_register_simple("dma_affinity_scout",
					       PLATFORM_DEVID_NONE, NULL, 0);
	if (!IS_ERR(pdev))
		platform_device_unregister(pdev);
	platform_driver_unregister(&scout_driver);
	if (IS_ERR(pdev))
		return ERR_CAST(pdev);
	return scouted ?: ERR_PTR(-ENODEV);
}

int dam_dmaengine_start(void)
{
	dam_class_t *class = find_class();

	if (IS_ERR(class))
		return PTR_ERR(class);
	channel_interface.class = class;
	return class_interface_register(&channel_interface);
}

void dam_dmaengine_stop(void)
{
	class_interface_unregister(&channel_interface);
	dam_hooks_exit();
}
