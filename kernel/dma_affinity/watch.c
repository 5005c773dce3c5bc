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

	/* Nothing was ever narrowed: nothing to inherit. */
	if (!dam_lineage_any())
		return;
	slot = dam_thread_lookup(parent);
	dam_lineage_fork(parent, child,
			 slot >= 0 && dam_affinity_ours(slot));
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
};

static struct task_struct *task_of(pid_t pid)
{
	return pid ? pid_task(find_vpid(pid), PIDTYPE_PID) : current;
}

static int on_set_begin(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct call *call = (struct call *)ri->data;
	const struct cpumask *mask =
		(const struct cpumask *)regs_get_kernel_argument(regs, 1);
	struct task_struct *p;

	call->pid = regs_get_kernel_argument(regs, 0);
	rcu_read_lock();
	p = task_of(call->pid);
	call->slot = p ? dam_thread_lookup(p) : -1;
	if (p)
		dam_lineage_touched(p, true, mask, false);
	rcu_read_unlock();
	if (call->slot >= 0)
		dam_affinity_touched(call->slot, true, mask, false);
	return !p;
}

NOKPROBE_SYMBOL(on_set_begin);

static int on_set_end(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct call *call = (struct call *)ri->data;
	bool done = !(long)regs_return_value(regs);
	struct task_struct *p;

	rcu_read_lock();
	p = task_of(call->pid);
	if (p)
		dam_lineage_touched(p, false, NULL, done);
	rcu_read_unlock();
	if (call->slot >= 0)
		dam_affinity_touched(call->slot, false, NULL, done);
	return 0;
}

NOKPROBE_SYMBOL(on_set_end);

/*
 * int set_cpus_allowed_ptr(struct task_struct *, const struct cpumask *): how
 * cpusets and the kernel itself set masks; we do, too. Seen when it begins and
 * taken for done: what it sets is not ours to undo.
 */
static int on_kernel_set(struct kprobe *kp, struct pt_regs *regs)
{
	const struct task_struct *p =
		(const struct task_struct *)regs_get_kernel_argument(regs, 0);
	const struct cpumask *mask =
		(const struct cpumask *)regs_get_kernel_argument(regs, 1);
	int slot;

	if (dam_affinity_setting())
		return 0;
	slot = dam_thread_lookup(p);
	if (slot >= 0) {
		dam_affinity_touched(slot, true, mask, false);
		dam_affinity_touched(slot, false, NULL, true);
	}
	dam_lineage_touched(p, true, mask, false);
	dam_lineage_touched(p, false, NULL, true);
	return 0;
}

NOKPROBE_SYMBOL(on_kernel_set);

static struct kprobe kernel_set_probe = {
	.symbol_name = "set_cpus_allowed_ptr",
	.pre_handler = on_kernel_set,
};

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
	err = register_kretprobe(&set_probe);
	if (err) {
		pr_err("dma_affinity: cannot watch sched_setaffinity(): error %d\n",
		       err);
		goto err_hooks;
	}
	err = register_kprobe(&kernel_set_probe);
	if (err) {
		pr_err("dma_affinity: cannot watch set_cpus_allowed_ptr(): error %d\n",
		       err);
		goto err_set;
	}
	return 0;

err_set:
	unregister_kretprobe(&set_probe);
err_hooks:
	while (i--)
		tracepoint_probe_unregister(hooks[i].tp, hooks[i].probe, NULL);
	tracepoint_synchronize_unregister();
	return err;
}

void dam_watch_stop(void)
{
	int i = ARRAY_SIZE(hooks);

	unregister_kprobe(&kernel_set_probe);
	unregister_kretprobe(&set_probe);
	while (i--)
		tracepoint_probe_unregister(hooks[i].tp, hooks[i].probe, NULL);
	tracepoint_synchronize_unregister();
}

u64 dam_watch_missed(void)
{
	unsigned long now = READ_ONCE(set_probe.nmissed) +
			    READ_ONCE(set_probe.kp.nmissed) +
			    READ_ONCE(kernel_set_probe.nmissed);
	u64 missed = now - missed_seen;

	missed_seen = now;
	return missed;
}
