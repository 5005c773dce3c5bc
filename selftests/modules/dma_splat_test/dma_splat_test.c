// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the mistakes that it is asked for when it is loaded, to show that the kernels
 * that watch themselves report them. For nothing but a VM, and never installed.
 *
 *	modprobe dma_splat_test bugs=sleep_in_atomic,leak
 */
#include <linux/bitmap.h>
#include <linux/dma-mapping.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

#define SIZE		64
/* One may be found by chance, on a stack. */
#define LEAKS		10
#define BUGS_MAX	16

static char *bugs[BUGS_MAX];
static int bugs_count;
module_param_array(bugs, charp, &bugs_count, 0444);
MODULE_PARM_DESC(bugs, "the mistakes to make, in that order: names of the functions");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);
static DEFINE_RAW_SPINLOCK(raw);
static int __rcu *shared;

static int use_after_free(void)
{
	char *memory = kzalloc(SIZE, GFP_KERNEL);

	if (!memory)
		return -ENOMEM;
	kfree(memory);
	OPTIMIZER_HIDE_VAR(memory);
	return READ_ONCE(*memory) ? 0 : 0;
}

static int lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return 0;
}

static int wait_in_raw_lock(void)
{
	raw_spin_lock(&raw);
	spin_lock(&spin);
	spin_unlock(&spin);
	raw_spin_unlock(&raw);
	return 0;
}

static int irq_lock(void)
{
	unsigned long flags;

	raw_spin_lock(&raw);
	raw_spin_unlock(&raw);

	/* As an interrupt would. */
	local_irq_save(flags);
	lockdep_hardirq_enter();
	raw_spin_lock(&raw);
	raw_spin_unlock(&raw);
	lockdep_hardirq_exit();
	local_irq_restore(flags);
	return 0;
}

static int rcu_unlocked(void)
{
	return rcu_dereference(shared) ? 0 : 0;
}

static int sleep_in_atomic(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
	return 0;
}

static int shift_too_far(void)
{
	int by = SIZE, one = 1;

	OPTIMIZER_HIDE_VAR(by);
	OPTIMIZER_HIDE_VAR(one);
	one <<= by;
	OPTIMIZER_HIDE_VAR(one);
	return 0;
}

static int leak(void)
{
	int i;

	for (i = 0; i < LEAKS; i++) {
		void *memory = kmalloc(SIZE, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(memory);
	}
	return 0;
}

static void never(struct timer_list *timer)
{
}

static int free_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return -ENOMEM;
	timer_setup(timer, never, 0);
	mod_timer(timer, jiffies + HZ * 3600);
	kfree(timer);
	return 0;
}

static int list_twice(void)
{
	static LIST_HEAD(list);
	static LIST_HEAD(entry);

	list_add(&entry, &list);
	list_add(&entry, &list);
	return 0;
}

static int unmap_too_much(void)
{
	struct platform_device *device;
	dma_addr_t address;
	void *memory = kmalloc(2 * SIZE, GFP_KERNEL);

	device = platform_device_register_simple("dma_splat_test", -1, NULL, 0);
	if (!memory || IS_ERR(device))
		return -ENOMEM;
	if (dma_coerce_mask_and_coherent(&device->dev, DMA_BIT_MASK(64)))
		return -EIO;
	address = dma_map_single(&device->dev, memory, SIZE, DMA_TO_DEVICE);
	if (dma_mapping_error(&device->dev, address))
		return -EIO;
	dma_unmap_single(&device->dev, address, 2 * SIZE, DMA_TO_DEVICE);
	platform_device_unregister(device);
	kfree(memory);
	return 0;
}

static int count_without_lock(void *count)
{
	unsigned long end = jiffies + 2 * HZ;

	while (time_before(jiffies, end)) {
		++*(int *)count;
		/* Or it might be added up in a register. */
		barrier();
	}
	return 0;
}

/* By a function of the kernel's: it is that which the report names first. */
static int flip_without_lock(void *bits)
{
	unsigned long end = jiffies + 2 * HZ;

	while (time_before(jiffies, end)) {
		bitmap_set(bits, 1, SIZE);
		bitmap_clear(bits, 1, SIZE);
	}
	return 0;
}

static int both_at_once(int (*what)(void *), void *with)
{
	struct task_struct *other = kthread_create(what, with, "dma_splat_test");

	if (IS_ERR(other))
		return PTR_ERR(other);
	get_task_struct(other);
	wake_up_process(other);
	what(with);
	kthread_stop(other);
	put_task_struct(other);
	return 0;
}

static int unmarked_race(void)
{
	static int count;

	return both_at_once(count_without_lock, &count);
}

static int race_in_kernel(void)
{
	static DECLARE_BITMAP(bits, 2 * SIZE);

	return both_at_once(flip_without_lock, bits);
}

#define MISTAKE(name)	{ #name, name }

static const struct {
	const char *name;
	int (*make)(void);
} mistakes[] = {
	MISTAKE(use_after_free),
	MISTAKE(lock_order),
	MISTAKE(wait_in_raw_lock),
	MISTAKE(irq_lock),
	MISTAKE(rcu_unlocked),
	MISTAKE(sleep_in_atomic),
	MISTAKE(shift_too_far),
	MISTAKE(leak),
	MISTAKE(free_timer),
	MISTAKE(list_twice),
	MISTAKE(unmap_too_much),
	MISTAKE(unmarked_race),
	MISTAKE(race_in_kernel),
};

static int __init make(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++)
		if (!strcmp(name, mistakes[i].name))
			return mistakes[i].make();
	return -EINVAL;
}

static int __init splat_init(void)
{
	int i, err = 0;

	for (i = 0; i < bugs_count && !err; i++)
		err = make(bugs[i]);
	return err;
}
module_init(splat_init);

static void __exit splat_exit(void)
{
}
module_exit(splat_exit);

MODULE_DESCRIPTION("Makes the mistakes that a kernel that watches itself should report");
MODULE_LICENSE("GPL");
