// SPDX-License-Identifier: GPL-2.0
/*
 * A function gets an ftrace_ops of its own, the cheapest hook; where ftrace
 * cannot reach (notrace functions) a kprobe. Where its result has to be seen
 * as well it gets a kretprobe instead of either.
 */
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "hal/ftrace_hook.h"
#include "hal/hook.h"
#include "hal/prep_args.h"
#include "charge.h"
#include "compat.h"
#include "dam.h"

/* Calls of one function that may be under way at a time, a CPU. */
#define CALLS_A_CPU	8

enum armed {
	ARMED_NOT,
	ARMED_FTRACE,
	ARMED_KPROBE,
	ARMED_KRETPROBE,
};

/**
 * struct dam_hook - one watched function
 * @list: of all hooks, hook mutex
 * @addr: the function
 * @kind: what it prepares; DAM_KINDS: it terminates
 * @users: devices that use it
 * @armed: how it is watched, hook mutex
 * @results: whether its result has to be seen: set once and for all
 * @missed: of @kp and @krp, already counted
 * @ops: the ftrace hook
 * @kp: the kprobe
 * @krp: the kretprobe
 */
struct dam_hook {
	struct list_head list;
	unsigned long addr;
	enum dam_kind kind;
	int users;
	enum armed armed;
	bool results;
	unsigned long missed;
	struct ftrace_ops ops;
	struct kprobe kp;
	struct kretprobe krp;
};

static DEFINE_MUTEX(hook_mutex);
static LIST_HEAD(hooks);
static bool hooks_enabled;
/* Even while something is being armed, or nothing is. */
static u32 armings;

static void armings_begin(void)
{
	WRITE_ONCE(armings, armings + (armings & 1));
}

static void armings_end(void)
{
	if (hooks_enabled)
		WRITE_ONCE(armings, armings | 1);
}

static void rearm(struct work_struct *work);
static DECLARE_WORK(rearm_work, rearm);

/*
 * No guard against recursion: none of these functions is called from here. The
 * core has preemption enabled, and RCU watching.
 */
static void notrace on_ftrace(unsigned long ip, unsigned long parent_ip,
			      struct ftrace_ops *ops,
			      struct ftrace_regs *fregs)
{
	struct dam_hook *h = container_of(ops, struct dam_hook, ops);
	struct dma_chan *chan = (struct dma_chan *)dam_ftrace_arg(fregs, 0);

	if (h->kind == DAM_KINDS)
		dam_charge_terminate(chan);
	else
		dam_charge_prep(chan, h->kind,
				dam_prep_len_ftrace(h->kind, fregs));
}

static int on_kprobe(struct kprobe *kp, struct pt_regs *regs)
{
	struct dam_hook *h = container_of(kp, struct dam_hook, kp);
	struct dma_chan *chan = (struct dma_chan *)regs_get_kernel_argument(regs, 0);

	if (h->kind == DAM_KINDS)
		dam_charge_terminate(chan);
	else
		dam_charge_prep(chan, h->kind, dam_prep_len(h->kind, regs));
	return 0;
}

NOKPROBE_SYMBOL(on_kprobe);

/* What is known when the function is called, and wanted when it returns. */
struct call {
	struct dma_chan *chan;
	enum dam_kind kind;
	u64 len;
};

static int on_call(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct call *call = (struct call *)ri->data;
	struct kretprobe *krp = get_kretprobe(ri);

	/* It is being unregistered. */
	if (!krp)
		return 1;
	call->kind = container_of(krp, struct dam_hook, krp)->kind;
	call->chan = (struct dma_chan *)regs_get_kernel_argument(regs, 0);
	call->len = dam_prep_len(call->kind, regs);
	return 0;
}

NOKPROBE_SYMBOL(on_call);

static int on_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct call *call = (struct call *)ri->data;
	const void *desc = (const void *)regs_return_value(regs);

	if (desc)
		dam_charge_returned(call->chan, call->kind, call->len, desc);
	return 0;
}

NOKPROBE_SYMBOL(on_return);

static int arm_kprobe(struct dam_hook *h)
{
	memset(&h->kp, 0, sizeof(h->kp));
	h->kp.addr = (kprobe_opcode_t *)h->addr;
	h->kp.pre_handler = on_kprobe;
	h->missed = 0;
	return register_kprobe(&h->kp);
}

static int arm_kretprobe(struct dam_hook *h)
{
	memset(&h->krp, 0, sizeof(h->krp));
	h->krp.kp.addr = (kprobe_opcode_t *)h->addr;
	h->krp.entry_handler = on_call;
	h->krp.handler = on_return;
	h->krp.data_size = sizeof(struct call);
	h->krp.maxactive = CALLS_A_CPU * num_possible_cpus();
	h->missed = 0;
	return register_kretprobe(&h->krp);
}

static void arm_entry(struct dam_hook *h)
{
	int err;

	err = dam_ftrace_arm(&h->ops, h->addr,
			     h->kind == DAM_KIND_MEMCPY ? dam_charge_on_memcpy :
							  on_ftrace);

	if (!err) {
		h->armed = ARMED_FTRACE;
		return;
	}
	err = arm_kprobe(h);
	if (!err)
		h->armed = ARMED_KPROBE;
	else
		pr_warn("dma_affinity: cannot watch %pS: error %d\n",
			(void *)h->addr, err);
}

static void disarm_entry(struct dam_hook *h)
{
	if (h->armed == ARMED_FTRACE)
		dam_ftrace_disarm(&h->ops);
	else if (h->armed == ARMED_KPROBE)
		unregister_kprobe(&h->kp);
}

/*
 * The call is watched until the result is: what is seen of both is one, see
 * dam_preps_returned().
 */
static void arm(struct dam_hook *h)
{
	if (h->armed == ARMED_KRETPROBE)
		return;
	if (h->results && !arm_kretprobe(h)) {
		disarm_entry(h);
		h->armed = ARMED_KRETPROBE;
	} else if (!h->armed) {
		arm_entry(h);
	}
}

static void disarm(struct dam_hook *h)
{
	if (h->armed == ARMED_KRETPROBE)
		unregister_kretprobe(&h->krp);
	else
		disarm_entry(h);
	h->armed = ARMED_NOT;
}

static void rearm(struct work_struct *work)
{
	struct dam_hook *h;

	mutex_lock(&hook_mutex);
	list_for_each_entry(h, &hooks, list)
		if (h->armed)
			arm(h);
	mutex_unlock(&hook_mutex);
}

void dam_hook_see_results(struct dam_hook *h)
{
	if (h->results || h->kind == DAM_KINDS)
		return;
	WRITE_ONCE(h->results, true);
	schedule_work(&rearm_work);
}

u32 dam_hooks_armings(void)
{
	return READ_ONCE(armings);
}

void dam_hooks_exit(void)
{
	cancel_work_sync(&rearm_work);
}

struct dam_hook *dam_hook_get(unsigned long addr, enum dam_kind kind)
{
	struct dam_hook *h;

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
	armings_begin();
	if (hooks_enabled) {
		arm(h);
		if (!h->armed) {
			kfree(h);
			h = ERR_PTR(-EINVAL);
			goto out;
		}
	}
	dam_memory_add(sizeof(*h));
	list_add(&h->list, &hooks);
out:
	armings_end();
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
	armings_begin();
	list_for_each_entry(h, &hooks, list) {
		if (on)
			arm(h);
		else
			disarm(h);
	}
	armings_end();
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
		unsigned long n = 0;

		if (h->armed == ARMED_KPROBE)
			n = READ_ONCE(h->kp.nmissed);
		else if (h->armed == ARMED_KRETPROBE)
			n = READ_ONCE(h->krp.nmissed) +
			    READ_ONCE(h->krp.kp.nmissed);
		else
			continue;
		missed += n - h->missed;
		h->missed = n;
	}
	mutex_unlock(&hook_mutex);
	return missed;
}
