// SPDX-License-Identifier: GPL-2.0
/*
 * Which threads move in this tick.
 *
 * From the hottest engine to the coldest, with the load updated after each
 * move, so that no two moves answer the same need. Only the hot engine's own
 * threads are looked at, and only a few targets: all threads times all engines
 * would cost milliseconds a move on a large machine.
 */
#include "ahead.h"
#include "candidates.h"
#include "plan.h"
#include "queue.h"

/* Targets looked at together; the next ones only if nobody may use these */
#define TARGETS			4
#define TARGETS_MAX		32
#define SCORE_MAX_Q16		(8 << 16)
/* Candidates looked at in one tick: bounds its time; the rest is for the next */
#define WORK_MAX		32768
#define TOKENS_MAX		10000

/*
 * struct choice - the best move found off one engine
 * @thread: DAM_NOBODY if there is none
 * @to: engine index
 * @score: cost x capacity of both ends, lower is better: costs are shares of
 *	those and must be compared between targets of unequal size
 * @cost: its terms
 */
struct choice {
	u32 thread;
	u32 to;
	s64 score;
	struct dam_cost cost;
};

static void refill(struct dam_bucket *b, const struct dam_snapshot *s)
{
	u64 max_moves = min_t(u32, s->params.max_moves, TOKENS_MAX);
	u64 full_q16 = max_moves << 16;
	u64 passed_ns = min_t(u64, dam_sub(s->now_ns, b->last_ns), 1000000000);

	if (!b->last_ns)
		b->tokens_q16 = full_q16;
	else
		b->tokens_q16 = min_t(u64, b->tokens_q16, full_q16) +
				div64_u64(passed_ns * full_q16, 1000000000);
	b->tokens_q16 = min_t(u64, b->tokens_q16, full_q16);
	b->last_ns = max_t(u64, s->now_ns, 1);
}

u32 dam_plan_room(const struct plan *p)
{
	return min_t(u64, p->max - p->n, p->bucket->tokens_q16 >> 16);
}

static bool may_go_on(const struct plan *p)
{
	return dam_plan_room(p) && p->work < WORK_MAX;
}

static void measure_heat(struct dam_engine_view *e)
{
	u32 now_q16, pred_q16;

	e->heat_q16 = 0;
	if (!e->effective_bps)
		return;
	now_q16 = dam_share_q16(e->load_now_bps, e->effective_bps);
	pred_q16 = dam_share_q16(e->load_pred_bps, e->effective_bps);
	e->heat_q16 = (now_q16 + pred_q16) / 2;
}

void dam_plan_heat(struct plan *p)
{
	u32 e;

	for (e = 0; !p->heated && e < p->s->n_engines; e++)
		measure_heat(&p->s->engines[e]);
	p->heated = true;
}

static u32 hottest(const struct dam_snapshot *s)
{
	s32 excess_q16 = dam_threshold_q16(s);
	u32 best = DAM_NOBODY, e;

	for (e = 0; e < s->n_engines; e++) {
		const struct dam_engine_view *v = &s->engines[e];

		if (!v->bottleneck || v->spent || !v->candidates ||
		    v->excess_q16 <= excess_q16)
			continue;
		excess_q16 = v->excess_q16;
		best = e;
	}
	return best;
}

static bool can_take(const struct dam_engine_view *to,
		     const struct dam_engine_view *from)
{
	return to->target && !to->kept && to->effective_bps &&
	       to->heat_q16 < from->heat_q16 &&
	       (!to->reserved || from->reserved) &&
	       (!from->kinds || (from->kinds & to->caps));
}

/* Order of targets: the coldest first, or the hottest, then the fastest, then by index */
static bool comes_before(const struct dam_snapshot *s, u32 a, u32 b, bool hot)
{
	u32 a_q16 = s->engines[a].heat_q16;
	u32 b_q16 = s->engines[b].heat_q16;
	u64 a_bps = s->engines[a].effective_bps;
	u64 b_bps = s->engines[b].effective_bps;

	if (a_q16 == b_q16)
		return a_bps == b_bps ? a < b : a_bps > b_bps;
	return hot ? a_q16 > b_q16 : a_q16 < b_q16;
}

static bool colder(const struct dam_snapshot *s, u32 a, u32 b)
{
	return comes_before(s, a, b, false);
}

/* The coldest targets for @from that come after @after in that order */
static u32 coldest(const struct dam_snapshot *s, u32 from, u32 after,
		   u32 targets[TARGETS])
{
	u32 n = 0, e, i;

	for (e = 0; e < s->n_engines; e++) {
		if (e == from || !can_take(&s->engines[e], &s->engines[from]))
			continue;
		if (after != DAM_NOBODY && !colder(s, after, e))
			continue;
		if (n == TARGETS && !colder(s, e, targets[n - 1]))
			continue;
		for (i = n < TARGETS ? n++ : n - 1;
		     i && colder(s, e, targets[i - 1]); i--)
			targets[i] = targets[i - 1];
		targets[i] = e;
	}
	return n;
}

u32 dam_plan_next(const struct dam_snapshot *s, u32 who, dam_plan_fits *fits, bool hot,
		  u32 after)
{
	u32 best = DAM_NOBODY, e;

	for (e = 0; e < s->n_engines; e++) {
		if (after != DAM_NOBODY && !comes_before(s, after, e, hot))
			continue;
		if (best != DAM_NOBODY && !comes_before(s, e, best, hot))
			continue;
		if (fits(s, who, e))
			best = e;
	}
	return best;
}

/* Be others colder or not: the first target from the place whose turn it is */
static u32 target_in_turn(const struct dam_snapshot *s, u32 t, dam_plan_fits *fits, u32 round)
{
	u32 i;

	for (i = 0; i < s->n_engines; i++) {
		u32 e = (round + i) % s->n_engines;

		if (fits(s, t, e))
			return e;
	}
	return DAM_NOBODY;
}

u32 dam_plan_offer(const struct dam_snapshot *s, u32 t, dam_plan_fits *fits, u32 round,
		   u32 *offers)
{
	u32 to = DAM_NOBODY;

	for (*offers = 0; *offers < DAM_OFFERS;) {
		to = *offers + 1 < DAM_OFFERS ? dam_plan_next(s, t, fits, false, to) :
						target_in_turn(s, t, fits, round);
		if (to == DAM_NOBODY)
			return to;
		++*offers;
		if (s->allowed(s->ctx, t, to))
			return to;
	}
	return DAM_NOBODY;
}

/* What @a gains over @b, @a comes first in order: the same, only warmer */
static bool no_better(const struct dam_engine_view *b,
		      const struct dam_engine_view *a)
{
	return b->effective_bps == a->effective_bps && b->node == a->node &&
	       b->caps == a->caps && b->reserved == a->reserved &&
	       b->service_ns == a->service_ns &&
	       b->pressure_q16 >= a->pressure_q16;
}

bool dam_able(const struct dam_thread_view *t, const struct dam_engine_view *from,
	      const struct dam_engine_view *to)
{
	if (t->rt ? !(from->reserved && to->reserved) : to->reserved)
		return false;
	return !(t->kinds & ~to->caps);
}

/*
 * Costs one candidate. Permission is asked last and only for the best so far:
 * it is dear.
 *
 * Return: false if it would be worth it but may not go there.
 */
static bool try_one(struct plan *p, u32 t, u32 from, u32 to,
		    struct choice *best)
{
	struct dam_snapshot *s = p->s;
	struct dam_cost cost;
	bool worth, may = true;
	s64 score;

	if (!dam_able(&s->threads[t], &s->engines[from], &s->engines[to]))
		return false;
	p->work++;
	worth = dam_cost_of(s, t, from, to, &cost);
	/* what is worth it is negative; the rest has no score */
	score = clamp_t(s64, cost.total_q16, -SCORE_MAX_Q16, 0) *
		(s64)(s->engines[from].effective_bps +
		      s->engines[to].effective_bps);
	if (worth && (best->thread == DAM_NOBODY || score < best->score)) {
		may = s->allowed(s->ctx, t, to);
		if (may)
			*best = (struct choice){ t, to, score, cost };
	}
	if (s->report)
		s->report(s->ctx, t, from, to, &cost, worth && may);
	return may;
}

/*
 * The best move off @from. Warmer targets are looked at only if somebody could
 * not use the colder ones: what is not worth it there is not worth it here.
 */
static void find_choice(struct plan *p, u32 from, struct choice *best)
{
	const struct dam_engine_view *engines = p->s->engines;
	u32 after = DAM_NOBODY, tried = 0, n, i, t;
	u32 targets[TARGETS];
	bool barred;

	best->thread = DAM_NOBODY;
	do {
		barred = false;
		n = coldest(p->s, from, after, targets);
		if (n && engines[from].candidates > DAM_LIST_SHORT)
			dam_candidates_shorten(p->s, from, targets[0]);
		for (i = 0; i < n; i++) {
			if (best->thread != DAM_NOBODY &&
			    no_better(&engines[targets[i]], &engines[best->to]))
				continue;
			for (t = engines[from].first; t != DAM_NOBODY;
			     t = p->s->threads[t].next)
				barred |= !try_one(p, t, from, targets[i],
						   best);
		}
		if (n)
			after = targets[n - 1];
		tried += n;
	} while (best->thread == DAM_NOBODY && barred && n == TARGETS &&
		 tried < TARGETS_MAX && p->work < WORK_MAX);
}

static void shift_pressure(struct dam_engine_view *e, s64 own_q16)
{
	if (!e->cpus)
		return;
	e->pressure_q16 = clamp_t(s64, (s64)e->pressure_q16 +
				  (s32)own_q16 / e->cpus, 0,
				  DAM_PRESSURE_MAX_Q16);
}

static void record(struct plan *p, u32 t, u32 from, u32 to,
		   enum dam_purpose purpose, const struct dam_cost *cost)
{
	struct dam_move *m = &p->moves[p->n++];

	m->thread = t;
	m->from = from;
	m->to = to;
	m->purpose = purpose;
	m->cost = cost ? *cost : (struct dam_cost){ 0 };
	m->promised_q16 = cost ? dam_gain_q16(p->s, t, from, to) : 0;
	p->bucket->tokens_q16 -= DAM_ONE_Q16;
}

void dam_plan_send(struct plan *p, u32 t, u32 to, enum dam_purpose purpose,
		   const struct dam_cost *cost)
{
	struct dam_snapshot *s = p->s;
	struct dam_thread_view *v = &s->threads[t];
	struct dam_engine_view *a = &s->engines[v->engine];
	struct dam_engine_view *b = &s->engines[to];
	s32 own_q16 = min_t(u32, v->cpu_q16, DAM_ONE_Q16);

	dam_fill_queues(s);
	record(p, t, v->engine, to, purpose, cost);
	dam_discharge(a, v);
	dam_charge(b, v);
	v->engine = to;
	v->cooling = true;
	dam_ahead_moved(s);
	shift_pressure(a, -own_q16);
	shift_pressure(b, own_q16);
	dam_settle(s, a);
	dam_settle(s, b);
	measure_heat(a);
	measure_heat(b);
	a->excess_q16 = dam_excess_q16(a);
	b->excess_q16 = dam_excess_q16(b);
}

static void plan_move(struct plan *p, u32 from, const struct choice *best)
{
	struct dam_engine_view *a = &p->s->engines[from];

	dam_candidates_remove(p->s, from, best->thread);
	if (!a->candidates)
		dam_candidates_later(p->s, from);
	dam_plan_send(p, best->thread, best->to, DAM_FOR_GAIN, &best->cost);
}

/*
 * The first of several moves off an engine finds it hotter than any of them
 * leaves it. What each can be held to is what going back would lose once all
 * of them are made.
 */
static void settle_promises(struct plan *p)
{
	u32 i;

	for (i = 0; i < p->n; i++) {
		struct dam_move *m = &p->moves[i];
		s64 kept_q16;

		/* what is worth it costs less than nothing; others promise nothing */
		if (!m->cost.total_q16)
			continue;
		kept_q16 = -(s64)dam_gain_q16(p->s, m->thread, m->to, m->from);
		m->promised_q16 = clamp_t(s64, kept_q16, 1,
					  max_t(s32, m->promised_q16, 1));
	}
}

static bool is_far(const struct dam_snapshot *s,
		   const struct dam_thread_view *v)
{
	s16 node;

	if (!v->bound || !v->movable || v->cooling ||
	    v->engine >= s->n_engines)
		return false;
	node = s->engines[v->engine].node;
	return node >= 0 && v->cpu_node >= 0 && v->cpu_node != node;
}

static void plan_bound(struct plan *p)
{
	struct dam_snapshot *s = p->s;
	struct dam_cost cost;
	bool worth;
	u32 i;

	for (i = 0; i < dam_active(s) && may_go_on(p); i++) {
		u32 t = dam_active_at(s, i);
		struct dam_thread_view *v = &s->threads[t];

		if (!is_far(s, v) || dam_gain_q16(s, t, v->engine, v->engine) <= 0)
			continue;
		p->work++;
		if (!s->allowed(s->ctx, t, v->engine))
			continue;
		worth = dam_cost_of(s, t, v->engine, v->engine, &cost);
		if (s->report)
			s->report(s->ctx, t, v->engine, v->engine, &cost, worth);
		if (!worth)
			continue;
		record(p, t, v->engine, v->engine, DAM_FOR_GAIN, &cost);
		v->cooling = true;
		shift_pressure(&s->engines[v->engine],
			       min_t(u32, v->cpu_q16, DAM_ONE_Q16));
	}
}

static bool any_bottleneck(const struct dam_snapshot *s)
{
	u32 e;

	for (e = 0; e < s->n_engines; e++)
		if (s->engines[e].bottleneck)
			return true;
	return false;
}

static void plan_served(struct plan *p)
{
	struct choice best;
	u32 from;

	if (!any_bottleneck(p->s) || !may_go_on(p))
		return;
	dam_plan_heat(p);
	dam_look_ahead(p->s);
	dam_candidates_list(p->s);
	while (may_go_on(p)) {
		from = hottest(p->s);
		if (from == DAM_NOBODY)
			return;
		find_choice(p, from, &best);
		if (best.thread == DAM_NOBODY)
			p->s->engines[from].spent =
				!dam_candidates_later(p->s, from);
		else
			plan_move(p, from, &best);
	}
}

/* Evictions that never come true would take each token otherwise, or be given none */
static void plan_loads(struct plan *p)
{
	u32 served = p->n;

	if (!p->bucket->evicted) {
		dam_evict(p);
		p->bucket->evicted = p->n > served;
		plan_served(p);
		return;
	}
	plan_served(p);
	served = p->n;
	dam_evict(p);
	p->bucket->evicted = p->n > served;
}

u32 dam_plan(struct dam_snapshot *s, struct dam_bucket *bucket,
	     struct dam_move *moves, u32 max)
{
	struct plan p = {
		.s = s,
		.bucket = bucket,
		.moves = moves,
		.max = max,
	};

	refill(bucket, s);
	dam_watch_trials(&p);
	if (!(s->params.weight_latency_e4 | s->params.weight_throughput_e4))
		return 0;
	dam_end_trials(&p);
	if (!may_go_on(&p))
		return p.n;
	plan_loads(&p);
	settle_promises(&p);
	if (!s->none_far)
		plan_bound(&p);
	if (!p.n)
		dam_explore(&p);
	if (!p.n)
		dam_pack(&p);
	return p.n;
}
