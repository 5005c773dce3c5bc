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
#include <linux/platform_device.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>

#define ENGINES_MAX	64
#define THREADS_MAX	1024
#define CALLS		1000
#define BYTES		4096

static uint engines = 1;
module_param(engines, uint, 0444);
MODULE_PARM_DESC(engines, "providers of one private channel each (1-64)");

static uint threads;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "kthreads that submit to them in turn (0-1024)");

static uint period_us = 1000;
module_param(period_us, uint, 0444);
MODULE_PARM_DESC(period_us, "between two submissions of a thread");

/**
 * struct bench_engine - a provider that is done at once
 * @dma: the provider
 * @chan: its channel
 * @tx: its only descriptor
 * @pdev: the device
 */
struct bench_engine {
	struct dma_device dma;
	struct dma_chan chan;
	struct dma_async_tx_descriptor tx;
	struct platform_device *pdev;
};

static struct bench_engine *engine[ENGINES_MAX];
static struct task_struct *submitter[THREADS_MAX];
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

static noinline struct dma_async_tx_descriptor *
bench_prep(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src, size_t len,
	   unsigned long flags)
{
	struct bench_engine *eng = container_of(chan, struct bench_engine, chan);

	dma_async_tx_descriptor_init(&eng->tx, chan);
	eng->tx.flags = flags;
	eng->tx.tx_submit = bench_submit;
	return &eng->tx;
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

static void transfer(struct bench_engine *eng)
{
	struct dma_async_tx_descriptor *tx;

	tx = eng->dma.device_prep_dma_memcpy(&eng->chan, 0, 0, BYTES, 0);
	tx->tx_submit(tx);
	eng->dma.device_issue_pending(&eng->chan);
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

static int engine_create(struct bench_engine *eng, int id)
{
	struct dma_device *dma = &eng->dma;
	int err;

	eng->pdev = platform_device_register_simple("dma_bench", id, NULL, 0);
	if (IS_ERR(eng->pdev))
		return PTR_ERR(eng->pdev);
	dma->dev = &eng->pdev->dev;
	dma_cap_set(DMA_MEMCPY, dma->cap_mask);
	dma_cap_set(DMA_PRIVATE, dma->cap_mask);
	dma->device_alloc_chan_resources = bench_alloc;
	dma->device_free_chan_resources = bench_free;
	dma->device_prep_dma_memcpy = bench_prep;
	dma->device_issue_pending = bench_issue;
	dma->device_tx_status = bench_status;
	INIT_LIST_HEAD(&dma->channels);
	eng->chan.device = dma;
	eng->chan.cookie = DMA_MIN_COOKIE;
	eng->chan.completed_cookie = DMA_MIN_COOKIE;
	list_add_tail(&eng->chan.device_node, &dma->channels);
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
		transfer(eng);
		preempt_enable();
		usleep_range(period_us, period_us + 1);
	}
	return 0;
}

static u64 time_memcpy(void)
{
	struct bench_engine *eng = engine[0];
	unsigned long flags;
	u64 begin, end;
	int i;

	/* Once for whatever is made at first sight. */
	transfer(eng);
	local_irq_save(flags);
	begin = ktime_get_ns();
	for (i = 0; i < CALLS; i++)
		transfer(eng);
	end = ktime_get_ns();
	local_irq_restore(flags);
	return (end - begin) / CALLS;
}

struct wanted {
	const char *name;
	struct tracepoint *tp;
};

static void find_tracepoint(struct tracepoint *tp, void *arg)
{
	struct wanted *wanted = arg;

	if (!strcmp(tp->name, wanted->name))
		wanted->tp = tp;
}

/* The probes themselves; nothing where nobody is attached. */
static u64 time_tracepoint(const char *name, void *a, void *b)
{
	struct wanted wanted = { .name = name };
	struct tracepoint_func *f;
	unsigned long flags;
	u64 begin, end;
	int i;

	for_each_kernel_tracepoint(find_tracepoint, &wanted);
	if (!wanted.tp)
		return 0;
	rcu_read_lock_sched();
	f = rcu_dereference_sched(wanted.tp->funcs);
	local_irq_save(flags);
	begin = ktime_get_ns();
	for (i = 0; i < CALLS; i++) {
		struct tracepoint_func *p;

		for (p = f; p && p->func; p++)
			((void (*)(void *, void *, void *))p->func)(p->data, a, b);
	}
	end = ktime_get_ns();
	local_irq_restore(flags);
	rcu_read_unlock_sched();
	return (end - begin) / CALLS;
}

static u64 time_set_mask(void)
{
	cpumask_var_t mask;
	u64 begin, end;
	int i;

	if (!zalloc_cpumask_var(&mask, GFP_KERNEL))
		return 0;
	cpumask_copy(mask, current->cpus_ptr);
	begin = ktime_get_ns();
	for (i = 0; i < CALLS; i++)
		set_cpus_allowed_ptr(current, mask);
	end = ktime_get_ns();
	free_cpumask_var(mask);
	return (end - begin) / CALLS;
}

static int run_set(const char *what, const struct kernel_param *kp)
{
	if (sysfs_streq(what, "memcpy"))
		result = time_memcpy();
	else if (sysfs_streq(what, "fork"))
		result = time_tracepoint("sched_process_fork", current, &init_task);
	else if (sysfs_streq(what, "migrate"))
		result = time_tracepoint("sched_migrate_task", current,
					 (void *)(unsigned long)cpumask_last(cpu_online_mask));
	else if (sysfs_streq(what, "set_mask"))
		result = time_set_mask();
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
MODULE_PARM_DESC(run, "memcpy, fork, migrate or set_mask; reads instructions a call");

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

	if (!engines || engines > ENGINES_MAX || threads > THREADS_MAX)
		return -EINVAL;
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
