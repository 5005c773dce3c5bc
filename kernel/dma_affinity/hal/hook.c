// SPDX-License-Identifier: GPL-2.0
/*
 * A function gets an ftrace_ops of its own, the cheapest hook; where ftrace
 * cannot reach (notrace functions) a kprobe.
 */
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <linux/trace_recursion.h>

#include "hal/ftrace_hook.h"
#include "hal/hook.h"
#include "charge.h"
#include "compat.h"
#include "dam.h"

/**
 * struct dam_hook - one watched function
 * @list: of all hooks, hook mutex
 * @addr: the function
 * @kind: what it prepares
 * @users: devices that use it
 * @armed: by @ops, or by @kp if @by_kprobe
 * @by_kprobe: which
 * @nmissed: of @kp, already counted
 * @ops: the ftrace hook
 * @kp: the kprobe
 */
struct dam_hook {
	struct list_head list;
	unsigned long addr;
	enum dam_kind kind;
	int users;
	bool armed;
	bool by_kprobe;
	unsigned long nmissed;
	struct ftrace_ops ops;
	struct kprobe kp;
};

static DEFINE_MUTEX(hook_mutex);
static LIST_HEAD(hooks);
static bool hooks_enabled;

/* Which argument of device_prep_* is the length; the channel is the first. */
static const u8 len_arg[DAM_KINDS] = {
	[DAM_KIND_MEMCPY] = 3,
	[DAM_KIND_MEMSET] = 3,
	[DAM_KIND_XOR] = 4,
	[DAM_KIND_XOR_VAL] = 3,
	[DAM_KIND_PQ] = 5,
	[DAM_KIND_PQ_VAL] = 5,
	[DAM_KIND_INTERRUPT] = 0,
};

static void notrace on_ftrace(unsigned long ip, unsigned long parent_ip,
			      struct ftrace_ops *ops,
			      struct ftrace_regs *fregs)
{
	struct dam_hook *h = container_of(ops, struct dam_hook, ops);
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0) {
		dam_drop(1);
		return;
	}
	/* The lock above disabled preemption. */
	dam_charge_submission((struct dma_chan *)dam_ftrace_arg(fregs, 0),
			      h->kind, len_arg[h->kind] ?
			      dam_ftrace_arg(fregs, len_arg[h->kind]) : 0);
	ftrace_test_recursion_unlock(bit);
}

static int on_kprobe(struct kprobe *kp, struct pt_regs *regs)
{
	struct dam_hook *h = container_of(kp, struct dam_hook, kp);

	dam_charge_submission((struct dma_chan *)regs_get_kernel_argument(regs, 0),
			      h->kind, len_arg[h->kind] ?
			      regs_get_kernel_argument(regs, len_arg[h->kind]) : 0);
	return 0;
}

NOKPROBE_SYMBOL(on_kprobe);

static int arm(struct dam_hook *h)
{
	int err;

	if (h->armed)
		return 0;
	h->by_kprobe = false;
	err = dam_ftrace_arm(&h->ops, h->addr, on_ftrace);
	if (err) {
		memset(&h->kp, 0, sizeof(h->kp));
		h->kp.addr = (kprobe_opcode_t *)h->addr;
		h->kp.pre_handler = on_kprobe;
		h->nmissed = 0;
		h->by_kprobe = true;
		err = register_kprobe(&h->kp);
	}
	if (err)
		pr_warn("dma_affinity: cannot watch %pS: error %d\n",
			(void *)h->addr, err);
	h->armed = !err;
	return err;
}

static void disarm(struct dam_hook *h)
{
	if (!h->armed)
		return;
	if (h->by_kprobe)
		unregister_kprobe(&h->kp);
	else
		dam_ftrace_disarm(&h->ops);
	h->armed = false;
}

struct dam_hook *dam_hook_get(unsigned long addr, enum dam_kind kind)
{
	struct dam_hook *h;
	int err = 0;

	mutex_lock(&hook_mutex);
	list_for_each_entry(h, &hooks, list) {
		if (h->addr == addr) {
			h->users++;
			goto out;
		}
	}
	h = kzalloc(sizeof(*h), GFP_KERNEL);
	if (!h) {
		h = ERR_PTR(-ENOMEM);
		goto out;
	}
	h->addr = addr;
	h->kind = kind;
	h->users = 1;
	if (hooks_enabled)
		err = arm(h);
	if (err) {
		kfree(h);
		h = ERR_PTR(err);
		goto out;
	}
	dam_memory_add(sizeof(*h));
	list_add(&h->list, &hooks);
out:
	mutex_unlock(&hook_mutex);
	return h;
}

void dam_hook_put(struct dam_hook *h)
{
	mutex_lock(&hook_mutex);
	if (!--h->users) {
		disarm(h);
		list_del(&h->list);
		dam_memory_sub(sizeof(*h));
		kfree(h);
	}
	mutex_unlock(&hook_mutex);
}

void dam_hooks_enable(bool on)
{
	struct dam_hook *h;

	mutex_lock(&hook_mutex);
	hooks_enabled = on;
	list_for_each_entry(h, &hooks, list) {
		if (on)
			arm(h);
		else
			disarm(h);
	}
	mutex_unlock(&hook_mutex);
}

u64 dam_hooks_missed(void)
{
	struct dam_hook *h;
	u64 missed = 0;

	/* The tick must not wait for an arming in progress. */
	if (!mutex_trylock(&hook_mutex))
		return 0;
	list_for_each_entry(h, &hooks, list) {
		unsigned long n = READ_ONCE(h->kp.nmissed);

		if (!h->armed || !h->by_kprobe)
			continue;
		missed += n - h->nmissed;
		h->nmissed = n;
	}
	mutex_unlock(&hook_mutex);
	return missed;
}
