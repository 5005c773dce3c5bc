// SPDX-License-Identifier: GPL-2.0
#include <linux/kprobes.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <linux/tracepoint.h>

#include "affinity.h"
#include "dam.h"
#include "lineage.h"
#include "threads.h"
#include "watch.h"

/* All probes run with preemption disabled. */

static void on_fork(void *unused, struct task_struct *parent,
		    struct task_struct *child)
{
	int slot;

	/* Nothing narrowed: nothing to inherit. */
	if (!dam_affinity_count())
		return;
	slot = dam_thread_lookup(parent);
	/* A parent given its mask back while it forked left a trace, too. */
	if ((slot >= 0 && dam_affinity_narrowed(slot)) ||
	    !cpumask_equal(&parent->cpus_mask, &child->cpus_mask))
		dam_lineage_born(parent, child);
}

static void on_migrate(void *unused, struct task_struct *p, int dest_cpu)
{
	int slot;

	if (cpu_to_node(task_cpu(p)) == cpu_to_node(dest_cpu))
		return;
	slot = dam_thread_lookup(p);
	if (slot >= 0)
		dam_thread_migrated(slot);
}

/* The scheduler's tracepoints are not exported by name. */
static struct {
	const char *name;
	void *probe;
	struct tracepoint *tp;
} hooks[] = {
	{ "sched_process_fork", on_fork },
	{ "sched_migrate_task", on_migrate },
};

static void find_hook(struct tracepoint *tp, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (!strcmp(tp->name, hooks[i].name))
			hooks[i].tp = tp;
}

/*
 * A mask set to what it is already is a wish, too, and cannot be seen by
 * comparing masks. long sched_setaffinity(pid_t pid, const struct cpumask *).
 */
struct call {
	int slot;
	pid_t pid;
	u64 start_ns;
};

static int on_set_begin(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct call *call = (struct call *)ri->data;
	pid_t pid = regs_get_kernel_argument(regs, 0);
	const struct cpumask *mask =
		(const struct cpumask *)regs_get_kernel_argument(regs, 1);
	struct task_struct *p = current;

	rcu_read_lock();
	if (pid)
		p = pid_task(find_vpid(pid), PIDTYPE_PID);
	if (p) {
		call->slot = dam_thread_lookup(p);
		call->pid = p->pid;
		call->start_ns = p->start_boottime;
	}
	rcu_read_unlock();
	if (!p || (call->slot < 0 && !dam_lineage_any()))
		return 1;
	if (call->slot >= 0)
		dam_affinity_touched(call->slot, true, mask, false);
	return 0;
}

NOKPROBE_SYMBOL(on_set_begin);

static int on_set_end(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct call *call = (struct call *)ri->data;

	bool done = !(long)regs_return_value(regs);

	if (done)
		dam_lineage_asked(call->pid, call->start_ns);
	if (call->slot >= 0)
		dam_affinity_touched(call->slot, false, NULL, done);
	return 0;
}

NOKPROBE_SYMBOL(on_set_end);

static struct kretprobe set_probe = {
	.kp.symbol_name = "sched_setaffinity",
	.entry_handler = on_set_begin,
	.handler = on_set_end,
	.data_size = sizeof(struct call),
	.maxactive = 64,
};

static unsigned long missed_seen;

int dam_watch_start(void)
{
	int err, i;

	for_each_kernel_tracepoint(find_hook, NULL);
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		err = -ENOENT;
		if (hooks[i].tp)
			err = tracepoint_probe_register(hooks[i].tp,
							hooks[i].probe, NULL);
		if (err) {
			pr_err("dma_affinity: no tracepoint %s: error %d\n",
			       hooks[i].name, err);
			goto err_hooks;
		}
	}
	set_probe.nmissed = 0;
	missed_seen = 0;
	err = register_kretprobe(&set_probe);
	if (err) {
		pr_err("dma_affinity: cannot watch sched_setaffinity(): error %d\n",
		       err);
		goto err_hooks;
	}
	return 0;

err_hooks:
	while (i--)
		tracepoint_probe_unregister(hooks[i].tp, hooks[i].probe, NULL);
	tracepoint_synchronize_unregister();
	return err;
}

void dam_watch_stop(void)
{
	int i = ARRAY_SIZE(hooks);

	unregister_kretprobe(&set_probe);
	while (i--)
		tracepoint_probe_unregister(hooks[i].tp, hooks[i].probe, NULL);
	tracepoint_synchronize_unregister();
}

u64 dam_watch_missed(void)
{
	unsigned long now = READ_ONCE(set_probe.nmissed) +
			    READ_ONCE(set_probe.kp.nmissed);
	u64 missed = now - missed_seen;

	missed_seen = now;
	return missed;
}
