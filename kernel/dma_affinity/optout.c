// SPDX-License-Identifier: GPL-2.0
/*
 * A list of pids, and a mark at those of them that are in the table of threads: the tick
 * looks at marks alone. Held as struct pid: a number that is used again is another thread.
 * A thread that ends stays in the list until somebody reads or changes it, and is not shown.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "dam.h"
#include "optout.h"
#include "threads.h"
#include "trace.h"

/* Their numbers fit into the page that a read of sysfs has. */
#define OPTED_OUT_MAX	256

struct pids {
	u32 n;
	struct pid *pids[OPTED_OUT_MAX];
};

/* Protected by dam_lock. */
static struct pids *opted_out;

static bool holds(const struct pids *l, const struct pid *pid)
{
	u32 i;

	for (i = 0; i < l->n; i++)
		if (l->pids[i] == pid)
			return true;
	return false;
}

/* Takes a reference. Return: false if there is no room. */
static bool add(struct pids *l, struct pid *pid)
{
	if (holds(l, pid))
		return true;
	if (l->n == OPTED_OUT_MAX)
		return false;
	l->pids[l->n++] = get_pid(pid);
	return true;
}

static void drop(struct pids *l)
{
	u32 i;

	if (!l)
		return;
	for (i = 0; i < l->n; i++)
		put_pid(l->pids[i]);
	kfree(l);
}

/* Those that have ended */
static void prune(struct pids *l)
{
	u32 i, n = l->n;

	for (i = 0, l->n = 0; i < n; i++) {
		if (pid_has_task(l->pids[i], PIDTYPE_PID))
			l->pids[l->n++] = l->pids[i];
		else
			put_pid(l->pids[i]);
	}
}

/*
 * exec() by another thread than the first gives it the first one's pid; that has ended. The new
 * number may be seen before the new pid is: what is noted is whose list entry was looked for.
 */
void dam_optout_look(struct dam_thread *t)
{
	struct pid *pid;

	lockdep_assert_held(&dam_lock);
	rcu_read_lock();
	pid = task_pid(t->task);
	t->tid = pid_nr(pid);
	t->opted_out = holds(opted_out, pid);
	rcu_read_unlock();
}

static int add_tid(struct pids *l, const char *text)
{
	struct pid *pid;
	int err, tid;

	/* No sign. */
	if (!isdigit(*text))
		return -EINVAL;
	err = kstrtoint(text, 10, &tid);
	if (err)
		return err;
	if (!tid)
		return -ERANGE;
	pid = find_get_pid(tid);
	if (!pid || !pid_has_task(pid, PIDTYPE_PID))
		err = -ESRCH;
	else if (!add(l, pid))
		err = -ENOSPC;
	put_pid(pid);
	return err;
}

/* Numbers separated by commas, then at most one newline. */
static int parse(struct pids *l, char *text)
{
	size_t len = strlen(text);
	char *word;
	int err = 0;

	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	/* kstrtoint() would take one after each number. */
	if (strchr(text, '\n'))
		return -EINVAL;
	while (!err && (word = strsep(&text, ",")))
		err = add_tid(l, word);
	return err;
}

/* Those of @from that are in @but not. */
static int keep(struct pids *to, const struct pids *from, const struct pids *but)
{
	u32 i;

	for (i = 0; i < from->n; i++)
		if (!(but && holds(but, from->pids[i])) && !add(to, from->pids[i]))
			return -ENOSPC;
	return 0;
}

/* The marks of those in @l */
static void mark(const struct pids *l)
{
	struct task_struct *task;
	struct dam_thread *t;
	int slot;
	u32 i;

	for (i = 0; i < l->n; i++) {
		task = get_pid_task(l->pids[i], PIDTYPE_PID);
		if (!task)
			continue;
		slot = dam_thread_lookup(task);
		if (slot >= 0) {
			t = dam_thread_at(slot);
			dam_optout_look(t);
			/* At the next tick, not when its turn comes. */
			t->looked = false;
		}
		put_task_struct(task);
	}
}

/* @sign: '+': those of @said as well, '-': not those, else: those alone; @to is empty */
static int change(struct pids *to, struct pids *said, char sign)
{
	int err = 0;

	mutex_lock(&dam_lock);
	prune(opted_out);
	prune(said);
	if (sign == '+' || sign == '-')
		err = keep(to, opted_out, sign == '-' ? said : NULL);
	if (!err && sign != '-')
		err = keep(to, said, NULL);
	if (!err) {
		swap(opted_out, to);
		mark(opted_out);
		mark(to);
		trace_config(dam_optout_attr.attr.name, opted_out->n);
	}
	mutex_unlock(&dam_lock);
	drop(to);
	return err;
}

static int store(const char *buf)
{
	struct pids *to = kzalloc(sizeof(*to), GFP_KERNEL);
	struct pids *said = kzalloc(sizeof(*said), GFP_KERNEL);
	char *text = kstrdup(buf, GFP_KERNEL);
	char sign = *buf;
	int err = 0;

	if (!to || !said || !text)
		err = -ENOMEM;
	else if (!sysfs_streq(buf, "none"))
		err = parse(said, text + (sign == '+' || sign == '-'));
	if (err)
		drop(to);
	else
		err = change(to, said, sign);
	drop(said);
	kfree(text);
	return err;
}

static ssize_t optout_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	return store(buf) ?: count;
}

static ssize_t optout_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	int at = 0;
	pid_t tid;
	u32 i;

	mutex_lock(&dam_lock);
	prune(opted_out);
	for (i = 0; i < opted_out->n; i++) {
		/* 0: it is not in the reader's namespace. */
		tid = pid_vnr(opted_out->pids[i]);
		if (tid)
			at += sysfs_emit_at(buf, at, "%s%d", at ? "," : "", tid);
	}
	mutex_unlock(&dam_lock);
	if (!at)
		return sysfs_emit(buf, "none\n");
	return at + sysfs_emit_at(buf, at, "\n");
}

struct kobj_attribute dam_optout_attr =
	__ATTR(OPTED_OUT, 0600, optout_show, optout_store);

int dam_optout_init(void)
{
	opted_out = kzalloc(sizeof(*opted_out), GFP_KERNEL);
	if (!opted_out)
		return -ENOMEM;
	dam_memory_add(sizeof(*opted_out));
	return 0;
}

void dam_optout_exit(void)
{
	drop(opted_out);
}
