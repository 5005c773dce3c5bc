// SPDX-License-Identifier: GPL-2.0
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "affinity.h"
#include "apply.h"
#include "dam.h"
#include "history.h"
#include "moved.h"
#include "threads.h"
#include "trace.h"
#include "tunables.h"

/* For how many ticks a moved thread is believed to be where it was sent. */
#define ASSUME_TICKS	3
/* A mask that could not be set, or without a place, is not tried again for as long. */
#define RETRY_NS	(200 * NSEC_PER_MSEC)

/**
 * struct planned - one move on its way
 * @slot: of the thread
 * @from: engine id
 * @to: engine id
 * @purpose: enum dam_purpose, by the plan
 * @promised_q16: by the plan
 * @err: what became of it
 * @from_name: for the history, as the engine may go away
 * @to_name: likewise
 */
struct planned {
	u32 slot;
	u16 from;
	u16 to;
	u8 purpose;
	s32 promised_q16;
	int err;
	char from_name[DAM_ENGINE_NAME / 2];
	char to_name[DAM_ENGINE_NAME / 2];
};

/* Used by the tick alone. */
static struct dam_bucket bucket;
static struct dam_move *moves;
static struct planned *planned;
static void *masks;
static u32 n_planned;
/* Moves that are not judged yet. */
static u32 outcomes;
/* Until then no place for masks is looked for. */
static u64 no_place_ns;

static struct cpumask *mask_at(u32 i)
{
	return masks + i * cpumask_size();
}

/* A place may be found for it, as far as was seen. */
static bool has_place(const struct dam_tick *k, u32 slot)
{
	return dam_affinity_place(slot) || k->now_ns >= no_place_ns;
}

static struct dam_moved *take_place(const struct dam_tick *k, u32 slot)
{
	if (has_place(k, slot) && dam_moved_take(slot))
		return dam_moved_of(slot);
	no_place_ns = max(no_place_ns, k->now_ns + RETRY_NS);
	return NULL;
}

/* For dam_plan(): dam_lock held. */
static bool move_allowed(void *ctx, u32 thread, u32 engine)
{
	struct dam_tick *k = ctx;
	struct dam_thread *t = dam_thread_at(thread);
	struct dam_engine *e = dam_engine_at(engine);
	bool may = e && has_place(k, thread) &&
		   dam_collect_target(t, e, dam_thread_view(thread)->bound,
				      k->mask);

	trace_allowed(t->task->pid, thread, engine, may);
	return may;
}

static void move_report(void *ctx, u32 thread, u32 from, u32 to,
			const struct dam_cost *cost, bool accepted)
{
	struct dam_engine *a = dam_engine_at(from), *b = dam_engine_at(to);

	if (a && b)
		trace_candidate(dam_thread_at(thread)->task->pid, a, b, cost,
				accepted);
}

/* Return: false if it cannot be made any more. */
static bool make_ready(struct planned *p, struct cpumask *mask)
{
	struct dam_engine *a = dam_engine_at(p->from), *b = dam_engine_at(p->to);

	if (!a || !b ||
	    !dam_collect_target(dam_thread_at(p->slot), b,
				dam_thread_view(p->slot)->bound, mask))
		return false;
	strscpy(p->from_name, kobject_name(&a->kobj), sizeof(p->from_name));
	strscpy(p->to_name, kobject_name(&b->kobj), sizeof(p->to_name));
	return true;
}

/* Not again before it would be made again, or it would be all that is advised. */
static void advise_move(const struct dam_tick *k, const struct planned *p,
			const struct cpumask *mask)
{
	const struct task_struct *task = dam_thread_at(p->slot)->task;
	struct dam_moved *m = take_place(k, p->slot);

	trace_migrate(task->pid, task->comm, p->from_name, p->to_name, mask,
		      p->promised_q16, p->purpose, false, p->slot);
	if (m)
		dam_learn_move(&m->memory, k->now_ns, p->purpose);
}

void dam_apply_plan(struct dam_tick *k, bool advise)
{
	struct dam_move *m;
	struct planned *p;
	u32 n, i;
	bool ready;

	lockdep_assert_held(&dam_lock);
	k->snap.allowed = move_allowed;
	k->snap.report = trace_candidate_enabled() ? move_report : NULL;
	k->snap.ctx = k;
	n = dam_plan(&k->snap, &bucket, moves, DAM_TICK_MOVES);
	n_planned = 0;
	for (i = 0; i < n; i++) {
		m = &moves[i];
		p = &planned[n_planned];
		p->slot = m->thread;
		p->from = m->from;
		p->to = m->to;
		p->purpose = m->purpose;
		p->promised_q16 = m->promised_q16;
		/* The plan has it moved; it is not yet. */
		dam_thread_view(p->slot)->engine = p->from;
		dam_thread_view(p->slot)->cooling = false;
		ready = make_ready(p, mask_at(n_planned)) &&
			(advise || take_place(k, p->slot));
		trace_decision(dam_thread_at(p->slot)->task->pid, m, ready);
		if (!ready)
			/* The others may have what it does not use. */
			bucket.tokens_q16 += DAM_ONE_Q16;
		else if (advise)
			advise_move(k, p, mask_at(n_planned));
		else
			n_planned++;
	}
}

void dam_apply_forget_trials(void)
{
	u32 i;

	lockdep_assert_held(&dam_lock);
	for (i = 1; i <= dam_moved_places(); i++)
		dam_moved_at(i)->memory.trials = 0;
}

void dam_apply_restart(void)
{
	lockdep_assert_held(&dam_lock);
	bucket = (struct dam_bucket){};
	dam_apply_forget_trials();
}

/* Only the tick frees slots, so the threads stay while no lock is held. */
void dam_apply_moves(struct dam_tick *k)
{
	struct dam_thread *t;
	u32 i;

	for (i = 0; i < n_planned; i++) {
		t = dam_thread_at(planned[i].slot);
		planned[i].err = dam_affinity_narrow(planned[i].slot, t->task,
						     mask_at(i));
	}
}

void dam_apply_record(struct dam_tick *k)
{
	struct dam_record r = {};
	struct dam_thread_view *v;
	struct dam_thread *t;
	struct dam_moved *m;
	struct planned *p;
	u32 i;

	lockdep_assert_held(&dam_lock);
	for (i = 0; i < n_planned; i++) {
		p = &planned[i];
		t = dam_thread_at(p->slot);
		trace_migrate(t->task->pid, t->task->comm, p->from_name, p->to_name,
			      mask_at(i), p->promised_q16, p->purpose, !p->err,
			      p->slot);
		if (p->err == -ESTALE)
			dam_thread_hold_off(t, k->now_ns,
					    READ_ONCE(dam_tunables.holdoff_s) *
					    NSEC_PER_SEC);
		else if (p->err)
			dam_thread_hold_off(t, k->now_ns, RETRY_NS);
		m = dam_moved_of(p->slot);
		if (p->err || !m)
			continue;
		atomic64_inc(&dam_stats.moves);
		dam_learn_move(&m->memory, k->now_ns, p->purpose);
		/* Its engine may have gone while the mask was set. */
		v = dam_thread_view(p->slot);
		v->engine = dam_engine_at(p->to) ? p->to : DAM_NO_ID;
		t->lost = v->engine == DAM_NO_ID;
		t->assumed = ASSUME_TICKS;
		if (p->from != p->to)
			dam_arrive(&t->demand, &t->forecast, v);
		outcomes += !m->outcome.due_ns;
		m->outcome.due_ns = k->now_ns + DAM_OUTCOME_NS;
		m->outcome.from = p->from;
		m->outcome.purpose = p->purpose;
		m->outcome.promised_q16 = p->promised_q16;
		r.time_ns = k->now_ns;
		r.tid = t->task->pid;
		r.promised_q16 = p->promised_q16;
		strscpy(r.from, p->from_name, sizeof(r.from));
		strscpy(r.to, p->to_name, sizeof(r.to));
		m->outcome.id = dam_history_add(&r);
	}
	n_planned = 0;
}

static void judge(struct dam_tick *k, struct dam_moved *m)
{
	static const u8 verdict_of[] = {
		[DAM_SUCCESS] = DAM_VERDICT_SUCCESS,
		[DAM_PARTIAL] = DAM_VERDICT_PARTIAL,
		[DAM_FAILURE] = DAM_VERDICT_FAILURE,
	};
	struct dam_thread_view *v = dam_thread_view(m->slot);
	struct dam_outcome *o = &m->outcome;
	bool active = dam_engine_at(v->engine) && !v->arriving &&
		      (v->now_bps | v->pred_bps);
	u32 verdict = DAM_VERDICT_PARTIAL;
	enum dam_result result;
	bool early = k->now_ns < o->due_ns, known = false;
	s32 achieved = 0;

	o->due_ns = 0;
	outcomes--;
	v->arriving = false;
	/*
	 * Without demand, or with its old engine gone, nothing can be said:
	 * neither for nor against. A bound thread's gain is nearness, which
	 * it has as long as its mask is ours.
	 */
	if (active && v->bound) {
		known = true;
		achieved = o->promised_q16;
		verdict = DAM_VERDICT_SUCCESS;
		atomic64_inc(&dam_stats.successes);
	} else if (active && dam_engine_at(o->from)) {
		known = true;
		achieved = dam_achieved_q16(&k->snap, m->slot, o->from,
					    o->promised_q16);
		result = dam_learn_outcome(&m->memory, o->promised_q16,
					   achieved, k->snap.params.learn);
		verdict = verdict_of[result];
		if (result == DAM_SUCCESS)
			atomic64_inc(&dam_stats.successes);
		if (result == DAM_FAILURE)
			atomic64_inc(&dam_stats.failures);
	}
	trace_migrate_outcome(dam_thread_at(m->slot)->task->pid,
			      o->promised_q16, achieved, verdict,
			      m->slot, early, known);
	dam_history_judge(o->id, verdict, known, achieved);
}

void dam_apply_learn(struct dam_tick *k, bool all)
{
	struct dam_moved *m;
	u32 i;

	lockdep_assert_held(&dam_lock);
	for (i = 1; outcomes && i <= dam_moved_places(); i++) {
		m = dam_moved_at(i);
		if (m->outcome.due_ns && (all || k->now_ns >= m->outcome.due_ns))
			judge(k, m);
	}
}

/* Somebody else may hold the record for a moment: next time. */
static void attend(struct dam_thread *t)
{
	u32 i = dam_thread_index(t);
	bool lost = READ_ONCE(t->lost) && dam_affinity_narrowed(i);

	if (dam_affinity_give_back(i) > 0 && lost)
		atomic64_inc(&dam_stats.reverts);
	if (lost)
		WRITE_ONCE(t->lost, dam_affinity_narrowed(i));
}

void dam_apply_cleanup(struct dam_tick *k)
{
	struct dam_thread *t;
	struct dam_moved *m;
	u32 i;

	if (!k->attend)
		return;
	for (i = dam_thread_next(0); i < dam_threads_limit();
	     i = dam_thread_next(i + 1)) {
		t = dam_thread_at(i);
		if (!t->attend)
			continue;
		attend(t);
		if (t->attend != DAM_ATTEND_LEAVE || dam_affinity_narrowed(i))
			continue;
		mutex_lock(&dam_lock);
		m = dam_moved_of(i);
		outcomes -= m && m->outcome.due_ns;
		dam_thread_release(t);
		mutex_unlock(&dam_lock);
	}
}

int dam_apply_init(void)
{
	moves = kcalloc(DAM_TICK_MOVES, sizeof(*moves), GFP_KERNEL);
	planned = kcalloc(DAM_TICK_MOVES, sizeof(*planned), GFP_KERNEL);
	masks = kcalloc(DAM_TICK_MOVES, cpumask_size(), GFP_KERNEL);
	if (!moves || !planned || !masks) {
		dam_apply_exit();
		return -ENOMEM;
	}
	dam_memory_add(DAM_TICK_MOVES * (sizeof(*moves) + sizeof(*planned) +
				    cpumask_size()));
	return 0;
}

void dam_apply_exit(void)
{
	kfree(moves);
	kfree(planned);
	kfree(masks);
}
