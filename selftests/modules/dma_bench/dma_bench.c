// SPDX-License-Identifier: GPL-2.0
/*
 * What dma_affinity costs, counted in the exact mode of tools/vm/run, where a
 * nanosecond is an instruction: never installed, loaded by make bench-cost alone.
 *
 * It registers providers that do next to nothing, and calls them: what such a call
 * takes longer while the module watches is the price of a hook. Likewise it
 * calls whatever is attached to a scheduler tracepoint, by itself.
 *
 *	modprobe dma_bench engines=8 threads=64 period_us=1000
 *	echo memcpy > /sys/module/dma_bench/parameters/run
 *	cat /sys/module/dma_bench/parameters/run	instructions a call
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>

#define ENGINES_MAX	64
#define THREADS_MAX	1024
/* The shortest of so many rounds counts: other CPUs' turns are in the others. */
#define ROUNDS		10
#define CALLS		100
#define BYTES		4096
#define ENTRIES		16

static uint engines = 1;
module_param(engines, uint, 0444);
MODULE_PARM_DESC(engines, "providers of private channels (1-64)");

static uint channels = 1;
module_param(channels, uint, 0444);
MODULE_PARM_DESC(channels, "channels of each; only the first is used (1-16)");

static uint threads;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "kthreads that submit to them in turn (0-1024)");

static uint period_us = 1000;
module_param(period_us, uint, 0644);
MODULE_PARM_DESC(period_us, "between two submissions of a thread");

static char *style = "plain";
module_param(style, charp, 0444);
MODULE_PARM_DESC(style, "of memcpy: plain, notrace, nested (calls its xor), or dropped (the threads never submit what they prepared)");

#define CHANNELS_MAX	16

/**
 * struct bench_engine - a provider that is done at once
 * @dma: the provider
 * @chan: its channels
 * @tx: the only descriptor
 * @pdev: the device
 */
struct bench_engine {
	struct dma_device dma;
	struct dma_chan chan[CHANNELS_MAX];
	struct dma_async_tx_descriptor tx;
	struct platform_device *pdev;
};

static struct bench_engine *engine[ENGINES_MAX];
static struct task_struct *submitter[THREADS_MAX];
static struct scatterlist list[ENTRIES];
static bool drops;
static u64 result;

static int bench_alloc(struct dma_chan *chan)
{
	return 0;
}

static void bench_free(struct dma_chan *chan)
{
}

static dma_cookie_t bench_submit(struct dma_async_tx_descriptor *tx)
{
	dma_cookie_t cookie = tx->chan->cookie + 1;

	if (cookie < DMA_MIN_COOKIE)
		cookie = DMA_MIN_COOKIE;
	tx->cookie = cookie;
	tx->chan->cookie = cookie;
	return cookie;
}

/* What each prep does; its frame is what is hooked. */
static __always_inline struct dma_async_tx_descriptor *
prep(struct dma_chan *chan, unsigned long flags)
{
	struct bench_engine *eng = container_of(chan->device, struct bench_engine, dma);

	dma_async_tx_descriptor_init(&eng->tx, chan);
	eng->tx.flags = flags;
	eng->tx.tx_submit = bench_submit;
	return &eng->tx;
}

static noinline struct dma_async_tx_descriptor *
bench_prep(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src, size_t len,
	   unsigned long flags)
{
	return prep(chan, flags);
}

/* Beyond the reach of ftrace. */
static noinline notrace struct dma_async_tx_descriptor *
bench_prep_notrace(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
		   size_t len, unsigned long flags)
{
	return prep(chan, flags);
}

static noinline struct dma_async_tx_descriptor *
bench_prep_xor(struct dma_chan *chan, dma_addr_t dst, dma_addr_t *src,
	       unsigned int n, size_t len, unsigned long flags)
{
	return prep(chan, flags);
}

static noinline struct dma_async_tx_descriptor *
bench_prep_nested(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
		  size_t len, unsigned long flags)
{
	return bench_prep_xor(chan, dst, &src, 1, len, flags);
}

static noinline struct dma_async_tx_descriptor *
bench_prep_sg(struct dma_chan *chan, struct scatterlist *sg, unsigned int n,
	      enum dma_transfer_direction dir, unsigned long flags,
	      void *context)
{
	return prep(chan, flags);
}

static void bench_issue(struct dma_chan *chan)
{
	WRITE_ONCE(chan->completed_cookie, chan->cookie);
}

static enum dma_status bench_status(struct dma_chan *chan, dma_cookie_t cookie,
				    struct dma_tx_state *state)
{
	return DMA_COMPLETE;
}

static void submit(struct bench_engine *eng,
		   struct dma_async_tx_descriptor *tx)
{
	tx->tx_submit(tx);
	eng->dma.device_issue_pending(&eng->chan[0]);
}

static void transfer(void *arg)
{
	struct bench_engine *eng = arg;

	submit(eng, eng->dma.device_prep_dma_memcpy(&eng->chan[0], 0, 0, BYTES, 0));
}

static void transfer_sg(void *arg)
{
	struct bench_engine *eng = arg;

	submit(eng, eng->dma.device_prep_slave_sg(&eng->chan[0], list, ENTRIES,
						  DMA_MEM_TO_DEV, 0, NULL));
}

static int bench_probe(struct platform_device *pdev)
{
	return dma_set_mask(&pdev->dev, DMA_BIT_MASK(64));
}

static struct platform_driver bench_driver = {
	.probe = bench_probe,
	.driver = {
		.name = "dma_bench",
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

static void set_style(struct dma_device *dma)
{
	dma->device_prep_dma_memcpy = bench_prep;
	if (!strcmp(style, "notrace"))
		dma->device_prep_dma_memcpy = bench_prep_notrace;
	if (!strcmp(style, "nested")) {
		dma->device_prep_dma_memcpy = bench_prep_nested;
		dma->device_prep_dma_xor = bench_prep_xor;
		dma->max_xor = 8;
		dma_cap_set(DMA_XOR, dma->cap_mask);
	}
}

static int engine_create(struct bench_engine *eng, int id)
{
	struct dma_device *dma = &eng->dma;
	uint i;
	int err;

	eng->pdev = platform_device_register_simple("dma_bench", id, NULL, 0);
	if (IS_ERR(eng->pdev))
		return PTR_ERR(eng->pdev);
	dma->dev = &eng->pdev->dev;
	dma_cap_set(DMA_MEMCPY, dma->cap_mask);
	dma_cap_set(DMA_SLAVE, dma->cap_mask);
	dma_cap_set(DMA_PRIVATE, dma->cap_mask);
	dma->directions = BIT(DMA_MEM_TO_DEV);
	dma->device_alloc_chan_resources = bench_alloc;
	dma->device_free_chan_resources = bench_free;
	set_style(dma);
	dma->device_prep_slave_sg = bench_prep_sg;
	dma->device_issue_pending = bench_issue;
	dma->device_tx_status = bench_status;
	INIT_LIST_HEAD(&dma->channels);
	for (i = 0; i < channels; i++) {
		eng->chan[i].device = dma;
		eng->chan[i].cookie = DMA_MIN_COOKIE;
		eng->chan[i].completed_cookie = DMA_MIN_COOKIE;
		list_add_tail(&eng->chan[i].device_node, &dma->channels);
	}
	err = dma_async_device_register(dma);
	if (err)
		platform_device_unregister(eng->pdev);
	return err;
}

static void engine_destroy(struct bench_engine *eng)
{
	dma_async_device_unregister(&eng->dma);
	platform_device_unregister(eng->pdev);
}

static int submit_fn(void *arg)
{
	struct bench_engine *eng = arg;

	while (!kthread_should_stop()) {
		preempt_disable();
		if (drops)
			eng->dma.device_prep_dma_memcpy(&eng->chan[0], 0, 0,
							BYTES, 0);
		else
			transfer(eng);
		preempt_enable();
		usleep_range(period_us, period_us + 1);
	}
	return 0;
}

/* What a call takes, interrupts off; the first is for what is made at first sight. */
static u64 time_calls(void (*call)(void *arg), void *arg)
{
	u64 best = U64_MAX, begin, took;
	unsigned long flags;
	int i, round;

	call(arg);
	for (round = 0; round < ROUNDS; round++) {
		local_irq_save(flags);
		begin = ktime_get_ns();
		for (i = 0; i < CALLS; i++)
			call(arg);
		took = ktime_get_ns() - begin;
		local_irq_restore(flags);
		best = min(best, took);
	}
	return best / CALLS;
}

/**
 * struct attached - what is attached to a tracepoint
 * @name: its name
 * @tp: the tracepoint
 * @a: first argument of the probes
 * @b: the second
 */
struct attached {
	const char *name;
	struct tracepoint *tp;
	void *a;
	void *b;
};

static void find_tracepoint(struct tracepoint *tp, void *arg)
{
	struct attached *wanted = arg;

	if (!strcmp(tp->name, wanted->name))
		wanted->tp = tp;
}

/* The probes themselves; nothing where nobody is attached. */
static void call_probes(void *arg)
{
	struct attached *at = arg;
	struct tracepoint_func *f;

	rcu_read_lock_sched_notrace();
	f = rcu_dereference_sched(at->tp->funcs);
	for (; f && f->func; f++)
		((void (*)(void *, void *, void *))f->func)(f->data, at->a, at->b);
	rcu_read_unlock_sched_notrace();
}

static int time_tracepoint(const char *name, void *a, void *b)
{
	struct attached at = { .name = name, .a = a, .b = b };

	for_each_kernel_tracepoint(find_tracepoint, &at);
	if (!at.tp)
		return -ENOENT;
	result = time_calls(call_probes, &at);
	return 0;
}

/* The call sleeps, so interrupts are on: the shortest of many counts. */
static int time_set_mask(void)
{
	u64 best = U64_MAX, begin;
	cpumask_var_t mask;
	int i;

	if (!zalloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	cpumask_copy(mask, current->cpus_ptr);
	for (i = 0; i < ROUNDS * CALLS; i++) {
		begin = ktime_get_ns();
		set_cpus_allowed_ptr(current, mask);
		best = min(best, ktime_get_ns() - begin);
	}
	free_cpumask_var(mask);
	result = best;
	return 0;
}

struct mapping {
	struct device *dev;
	struct page *page;
};

static void map_unmap(void *arg)
{
	struct mapping *m = arg;
	dma_addr_t addr;

	addr = dma_map_page(m->dev, m->page, 0, BYTES, DMA_TO_DEVICE);
	if (!dma_mapping_error(m->dev, addr))
		dma_unmap_page(m->dev, addr, BYTES, DMA_TO_DEVICE);
}

static int time_mapping(struct device *dev)
{
	struct mapping m = { .dev = dev, .page = alloc_page(GFP_KERNEL) };

	if (!m.page)
		return -ENOMEM;
	result = time_calls(map_unmap, &m);
	__free_page(m.page);
	return 0;
}

/* Any that is not ours, with a driver. */
static int time_mapping_pci(void)
{
	struct pci_dev *pdev = NULL;
	int err = -ENODEV;

	for_each_pci_dev(pdev) {
		if (!pdev->dev.driver || pdev->hdr_type)
			continue;
		err = time_mapping(&pdev->dev);
		pci_dev_put(pdev);
		break;
	}
	return err;
}

static int run_set(const char *what, const struct kernel_param *kp)
{
	void *cpu = (void *)(unsigned long)cpumask_last(cpu_online_mask);

	if (sysfs_streq(what, "memcpy"))
		result = time_calls(transfer, engine[0]);
	else if (sysfs_streq(what, "slave_sg"))
		result = time_calls(transfer_sg, engine[0]);
	else if (sysfs_streq(what, "fork"))
		return time_tracepoint("sched_process_fork", current, &init_task);
	else if (sysfs_streq(what, "migrate"))
		return time_tracepoint("sched_migrate_task", current, cpu);
	else if (sysfs_streq(what, "set_mask"))
		return time_set_mask();
	else if (sysfs_streq(what, "map"))
		return time_mapping(&engine[0]->pdev->dev);
	else if (sysfs_streq(what, "map_pci"))
		return time_mapping_pci();
	else
		return -EINVAL;
	return 0;
}

static int run_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%llu\n", result);
}

static const struct kernel_param_ops run_ops = {
	.set = run_set,
	.get = run_get,
};

module_param_cb(run, &run_ops, NULL, 0600);
MODULE_PARM_DESC(run, "memcpy, slave_sg (of 16 entries), fork, migrate, set_mask, map (and unmap) or map_pci; reads instructions a call");

static void stop_threads(void)
{
	uint i;

	for (i = 0; i < threads; i++)
		if (submitter[i])
			kthread_stop(submitter[i]);
}

static void destroy_engines(void)
{
	uint i;

	for (i = 0; i < engines; i++) {
		if (!engine[i])
			continue;
		engine_destroy(engine[i]);
		kfree(engine[i]);
	}
}

static int __init bench_init(void)
{
	struct task_struct *task;
	int err;
	uint i;

	if (!engines || engines > ENGINES_MAX || !channels ||
	    channels > CHANNELS_MAX || threads > THREADS_MAX)
		return -EINVAL;
	drops = !strcmp(style, "dropped");
	sg_init_table(list, ENTRIES);
	for (i = 0; i < ENTRIES; i++)
		sg_dma_len(&list[i]) = BYTES;
	err = platform_driver_register(&bench_driver);
	if (err)
		return err;
	for (i = 0; i < engines; i++) {
		struct bench_engine *eng = kzalloc(sizeof(*eng), GFP_KERNEL);

		err = eng ? engine_create(eng, i) : -ENOMEM;
		if (err) {
			kfree(eng);
			goto err_engines;
		}
		engine[i] = eng;
	}
	for (i = 0; i < threads; i++) {
		task = kthread_run(submit_fn, engine[i % engines], "dma_bench/%u", i);
		err = PTR_ERR_OR_ZERO(task);
		if (err)
			goto err_threads;
		submitter[i] = task;
	}
	return 0;

err_threads:
	stop_threads();
err_engines:
	destroy_engines();
	platform_driver_unregister(&bench_driver);
	return err;
}

static void __exit bench_exit(void)
{
	stop_threads();
	destroy_engines();
	platform_driver_unregister(&bench_driver);
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Counts what dma_affinity costs");
MODULE_AUTHOR("dma_affinity maintainers");
MODULE_LICENSE("GPL");
