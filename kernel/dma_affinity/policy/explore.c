// SPDX-License-Identifier: GPL-2.0
/*
 * What cannot be known without trying.
 *
 * Of an engine that nobody has used yet, what it can do is a guess: as much as the
 * others. And a thread that fills its engine has shown no demand beyond that. By
 * both, one that has an engine for itself gains nothing elsewhere, however slow its
 * own is. So where all is as good as is known, such a thread goes and finds out:
 * to a faster engine that has room for all that it is known to ask, or else to one
 * that nobody has used. What is found counts from then on like any other figure. Unless
 * it is as good as the old engine the thread goes back there, whose place is kept for it:
 * by what it is seen to ask, which is what its new engine gives, nothing would be gained.
 * For the same reason it is sent nowhere else meanwhile. Where a faster engine has less
 * room than that, threads of its may change places with it: see trade.c.
 */
#include "explore.h"

/* Of its engine: who asks less does not fill it alone */
#define MOST_Q16		58982		/* 0.9 */
/* So many others that differ by no more than a quarter stand for those nobody has used */
#define ENOUGH			3
#define OTHER_SHIFT		2
/* As much more than the thread is known to ask must be free */
#define ROOM_SHIFT		4
/* Busier CPUs get no more threads */
#define PRESSURE_Q16		32768
/*
 * In a trial as many ticks count, and more if the thread does fewer operations in them than it
 * takes to tell one engine from another. Before, for a part of that, and for as long as the old
 * engine needs for what it has under way: its ends are submissions to the new one.
 */
#define TICKS_LEAST		10
#define TICKS_MOST		64
#define TRIAL_OPS		24
#define BEFORE_SHIFT		2
/* It ends after so many more in any case: its thread has nothing to do, or no move is left */
#define TICKS_LATE		20
/* Slower by less is noise of the figures */
#define SAME_SHIFT		5
/* And this must be gained where others made room */
#define GAIN_SHIFT		3
/* Of its old engine: whoever asks for more there has taken its place */
#define TAKEN_SHIFT		2
/* Full engines for which others are looked for in one tick: each is a look at all */
#define LOOKS_MAX		16

static u32 interval_ms(const struct dam_snapshot *s)
{
	return clamp_t(u32, s->params.interval_ms, 1, 1000);
}

/* In each eighth tick: finding the thread takes a look at all */
static bool is_full(const struct dam_engine_view *v)
{
	return v->bottleneck && v->full_ticks == DAM_FULL_TICKS;
}

/* May what is on @from be sent to @to? */
static bool is_target(const struct dam_engine_view *from, const struct dam_engine_view *to)
{
	return to->target && !to->reserved && !(from->kinds & ~to->caps);
}

/* Enough others are known, if only that they were used, and are much the same */
static bool are_enough(const struct dam_snapshot *s, const struct dam_engine_view *from)
{
	u64 band_bps = dam_speed_bps(from) >> OTHER_SHIFT;
	u32 known = 0, e;

	for (e = 0; known < ENOUGH && e < s->n_engines; e++) {
		const struct dam_engine_view *v = &s->engines[e];

		known += v != from && is_target(from, v) && v->effective_bps && !dam_unused(v) &&
			 dam_speed_bps(v) + band_bps >= dam_speed_bps(from) &&
			 dam_speed_bps(v) <= dam_speed_bps(from) + band_bps;
	}
	return known == ENOUGH;
}

/* And has room for who asks @bps */
static bool is_faster(const struct dam_engine_view *from, const struct dam_engine_view *to,
		      u64 bps)
{
	return !dam_unused(to) && dam_speed_bps(to) > dam_speed_bps(from) &&
	       dam_asked_bps(to->load_now_bps, to->load_pred_bps) + bps +
	       (bps >> ROOM_SHIFT) <= dam_speed_bps(to);
}

bool dam_may_try(const struct dam_snapshot *s, u32 t, u32 e)
{
	const struct dam_thread_view *v = &s->threads[t];
	const struct dam_engine_view *from = &s->engines[v->engine];
	const struct dam_engine_view *to = &s->engines[e];

	return to != from && to->target && !to->kept && to->pressure_q16 <= PRESSURE_Q16 &&
	       dam_able(v, from, to);
}

/* It has run where it runs: where nothing better is known its memory is there */
bool dam_near(const struct dam_snapshot *s, u32 t, u32 e)
{
	const struct dam_thread_view *v = &s->threads[t];
	s16 node = v->mem_node >= 0 ? v->mem_node : v->cpu_node;

	return dam_distance(s, node, s->engines[e].node) <=
	       dam_distance(s, node, s->engines[v->engine].node);
}

static bool fits_faster(const struct dam_snapshot *s, u32 t, u32 e)
{
	const struct dam_thread_view *v = &s->threads[t];

	return is_faster(&s->engines[v->engine], &s->engines[e],
			 dam_asked_bps(v->now_bps, v->pred_bps)) && dam_may_try(s, t, e);
}

static bool fits_new(const struct dam_snapshot *s, u32 t, u32 e)
{
	return dam_unused(&s->engines[e]) && dam_may_try(s, t, e);
}

static bool fits_faster_near(const struct dam_snapshot *s, u32 t, u32 e)
{
	return fits_faster(s, t, e) && dam_near(s, t, e);
}

static bool fits_new_near(const struct dam_snapshot *s, u32 t, u32 e)
{
	return fits_new(s, t, e) && dam_near(s, t, e);
}

/* The thread that fills @from and may try others */
static u32 find_thread(const struct dam_snapshot *s, u32 from)
{
	u32 i;

	for (i = 0; i < dam_active(s); i++) {
		u32 t = dam_active_at(s, i);
		const struct dam_thread_view *v = &s->threads[t];

		if (v->engine == from && v->movable && !v->bound && !v->rt && !v->cooling &&
		    !v->tried &&
		    dam_share_q16(dam_asked_bps(v->now_bps, v->pred_bps),
				  s->engines[from].effective_bps) >= MOST_Q16)
			return t;
	}
	return DAM_NOBODY;
}

/* Is there anything to be tried by who fills @from? */
static bool find_targets(const struct dam_snapshot *s, u32 from, bool *unused)
{
	const struct dam_engine_view *v = &s->engines[from];
	u64 least_bps = mul_u64_u32_shr(v->effective_bps, MOST_Q16, 16);
	bool faster = false, trade = false;
	u32 e;

	*unused = false;
	for (e = 0; e < s->n_engines; e++) {
		const struct dam_engine_view *to = &s->engines[e];

		if (e == from || !is_target(v, to))
			continue;
		*unused |= dam_unused(to);
		faster |= is_faster(v, to, least_bps);
		trade = trade || dam_trade_idle(s, v, to);
	}
	*unused = *unused && !are_enough(s, v);
	return faster || trade || *unused;
}

/* What is known not to be slower comes first */
static u32 find_target(struct plan *p, u32 t, dam_plan_fits *faster, dam_plan_fits *new)
{
	u32 round = p->bucket->trials, offers;
	u32 to = dam_plan_offer(p->s, t, faster, round, &offers);

	if (to == DAM_NOBODY && new)
		to = dam_plan_offer(p->s, t, new, round, &offers);
	return to;
}

/* What it has of its engine */
static u64 has_bps(const struct dam_snapshot *s, const struct dam_thread_view *v)
{
	return min_t(u64, v->now_bps, dam_speed_bps(&s->engines[v->engine]));
}

/* Of so many bytes, by what the thread has of its engine; more than TICKS_MOST: too many */
static u32 ticks_of(const struct dam_snapshot *s, u32 t, u64 bytes)
{
	u64 bps = max_t(u64, has_bps(s, &s->threads[t]), 1);
	u64 us = div64_u64(min_t(u64, bytes, U64_MAX / 1000000) * 1000000, bps);

	return min_t(u64, div64_u64(us, interval_ms(s) * 1000), TICKS_MOST + 1);
}

static u32 ticks_to_count(const struct dam_snapshot *s, u32 t)
{
	u64 bytes = (u64)TRIAL_OPS * s->threads[t].op_bytes;

	return max_t(u32, ticks_of(s, t, bytes), TICKS_LEAST);
}

static u32 ticks_before(const struct dam_snapshot *s, u32 t)
{
	return max_t(u32, ticks_to_count(s, t) >> BEFORE_SHIFT,
		     ticks_of(s, t, s->threads[t].outstanding) + 1);
}

static bool is_short(const struct dam_snapshot *s, u32 t)
{
	return ticks_to_count(s, t) <= TICKS_MOST && ticks_before(s, t) <= TICKS_MOST;
}

/* A trial of @ticks is over then in any case */
static u64 late_ns(const struct dam_snapshot *s, u32 ticks)
{
	return (ticks + TICKS_LATE) * interval_ms(s) * 1000000ULL;
}

static void begin(struct plan *p, struct dam_trial *open, u32 t, u32 to)
{
	const struct dam_thread_view *v = &p->s->threads[t];
	u32 before = ticks_before(p->s, t), counted = ticks_to_count(p->s, t);

	*open = (struct dam_trial){
		.end_ns = p->s->now_ns + late_ns(p->s, before + counted),
		.others_bps = p->s->engines[to].load_now_bps,
		.before_bps = has_bps(p->s, v),
		.thread = t,
		.from = v->engine,
		.to = to,
		.interval_ms = interval_ms(p->s),
		.ticks = 1,
		.before = before,
		.counted = counted,
	};
	dam_plan_send(p, t, to, DAM_FOR_TRIAL, NULL);
}

/* Those who make room go first: what others ask is asked without them */
static void try_for_room(struct plan *p, struct dam_trial *open, u32 t)
{
	u32 place = p->s->threads[t].engine, i;
	struct dam_trade trade;

	if (!dam_trade_find(p, t, &trade))
		return;
	for (i = 0; i < trade.n; i++)
		dam_plan_send(p, trade.threads[i], place, DAM_FOR_ROOM, NULL);
	begin(p, open, t, trade.to);
	for (i = 0; i < trade.n; i++)
		open->moved[open->n_moved++] = trade.threads[i];
	/* so that all can go back when it is over, whatever else is to be moved by then */
	if (open->n_moved)
		p->bucket->tokens_q16 -= (open->n_moved + 1) * (u64)DAM_ONE_Q16;
}

/*
 * What is near comes first. Who is not known to have its memory there may go far: what
 * that costs is seen in what it does.
 */
static void try_others(struct plan *p, struct dam_trial *open, u32 t, bool unused)
{
	u32 to = find_target(p, t, fits_faster_near, unused ? fits_new_near : NULL);

	if (to == DAM_NOBODY && p->s->threads[t].mem_node < 0)
		to = find_target(p, t, fits_faster, unused ? fits_new : NULL);
	if (to != DAM_NOBODY)
		begin(p, open, t, to);
	else
		try_for_room(p, open, t);
}

static bool any_full(const struct dam_snapshot *s)
{
	u32 e;

	for (e = 0; e < s->n_engines; e++)
		if (is_full(&s->engines[e]))
			return true;
	return false;
}

/* The full engine whose turn it is and that has others to be tried, DAM_NOBODY: none */
static u32 next_engine(struct plan *p, bool *unused)
{
	struct dam_bucket *b = p->bucket;
	u32 looks = 0, i;

	for (i = 0; i < p->s->n_engines && looks < LOOKS_MAX; i++) {
		u32 e;

		if (b->trial >= p->s->n_engines) {
			b->trial = 0;
			b->trials++;
		}
		e = b->trial++;
		if (!is_full(&p->s->engines[e]))
			continue;
		if (find_targets(p->s, e, unused))
			return e;
		looks++;
	}
	return DAM_NOBODY;
}

static struct dam_trial *find_room(struct dam_bucket *b)
{
	u32 i;

	for (i = 0; i < DAM_TRIALS; i++)
		if (!b->open[i].ticks)
			return &b->open[i];
	return NULL;
}

/* In one tick one thread at most: what it finds may be an answer for the others */
void dam_explore(struct plan *p)
{
	struct dam_trial *open = find_room(p->bucket);
	u32 from, t;
	bool unused;

	if (!open || !any_full(p->s))
		return;
	from = next_engine(p, &unused);
	if (from == DAM_NOBODY)
		return;
	t = find_thread(p->s, from);
	if (t == DAM_NOBODY || !is_short(p->s, t))
		return;
	dam_plan_heat(p);
	try_others(p, open, t, unused);
}

/*
 * Who is elsewhere, or never arrived, tries nothing any more. That the slot is another
 * thread's by now, or an id another engine's, is not seen: then that thread may be moved
 * once, to an engine that is there.
 */
static bool is_there(const struct dam_snapshot *s, const struct dam_trial *t)
{
	return t->thread < s->n_threads && s->threads[t->thread].engine == t->to;
}

/* Of those who made room, the @i-th if it is where it was sent, else DAM_NOBODY */
static u32 moved_at(const struct dam_snapshot *s, const struct dam_trial *t, u32 i)
{
	u32 who = t->moved[i];

	return who < s->n_threads && s->threads[who].engine == t->from ? who : DAM_NOBODY;
}

/* Who is where only others belong by now has to leave; those who made room wait to go back */
static bool is_open(const struct dam_snapshot *s, const struct dam_trial *t)
{
	return t->from < s->n_engines && t->to < s->n_engines && s->now_ns < t->end_ns &&
	       !s->engines[t->from].reserved && !s->engines[t->to].reserved &&
	       (t->n_moved || is_there(s, t));
}

/* Where one of them is not where it was sent, what is found means nothing */
static bool is_whole(const struct dam_snapshot *s, const struct dam_trial *t)
{
	u32 i;

	for (i = 0; i < t->n_moved; i++)
		if (moved_at(s, t, i) == DAM_NOBODY)
			return false;
	return is_there(s, t);
}

static void close_trial(struct plan *p, struct dam_trial *t)
{
	t->ticks = 0;
	if (t->n_moved)
		p->bucket->tokens_q16 += (t->n_moved + 1) * (u64)DAM_ONE_Q16;
}

static bool is_over(const struct dam_trial *t)
{
	return t->ticks > t->before + t->counted;
}

/* It is over, and nothing was found: ticks are longer, or shorter, by now, or somebody is gone */
static void break_off(const struct dam_snapshot *s, struct dam_trial *t)
{
	t->interval_ms = interval_ms(s);
	t->end_ns = s->now_ns + late_ns(s, 0);
	t->sum_bps = 0;
	t->ticks = t->before + t->counted + 1;
}

/* None of them is sent anywhere; nor is anybody else to where they are */
static void keep(struct dam_snapshot *s, const struct dam_trial *t)
{
	u32 i, who;

	s->engines[t->from].kept = true;
	if (is_there(s, t))
		s->threads[t->thread].cooling = true;
	if (!t->n_moved)
		return;
	s->engines[t->to].kept = true;
	for (i = 0; i < t->n_moved; i++) {
		who = moved_at(s, t, i);
		if (who != DAM_NOBODY)
			s->threads[who].cooling = true;
	}
}

void dam_watch_trials(struct plan *p)
{
	struct dam_snapshot *s = p->s;
	u32 i;

	for (i = 0; i < DAM_TRIALS; i++) {
		struct dam_trial *t = &p->bucket->open[i];

		if (!t->ticks)
			continue;
		if (t->interval_ms != interval_ms(s) ||
		    (t->n_moved && !is_over(t) && !is_whole(s, t)))
			break_off(s, t);
		if (!is_open(s, t)) {
			close_trial(p, t);
			continue;
		}
		keep(s, t);
		if (is_over(t) || s->threads[t->thread].arriving)
			continue;
		if (t->ticks++ > t->before)
			t->sum_bps += min_t(u64, s->engines[t->to].charged_bps, DAM_BPS_MAX);
	}
}

/* By what is asked of the engine, beside what others asked before */
static bool is_as_good(const struct dam_trial *t)
{
	u64 all_bps = div64_u64(t->sum_bps, t->counted);
	u64 bps = dam_sub(all_bps, t->others_bps);

	if (t->n_moved)
		return bps >= t->before_bps + (t->before_bps >> GAIN_SHIFT);
	return bps + (bps >> SAME_SHIFT) >= t->before_bps;
}

/* What those ask there who made room, and would go as well */
static u64 moved_bps(const struct dam_snapshot *s, const struct dam_trial *t)
{
	u64 bps = 0;
	u32 i, who;

	for (i = 0; i < t->n_moved; i++) {
		who = moved_at(s, t, i);
		if (who != DAM_NOBODY)
			bps += dam_asked_bps(s->threads[who].now_bps, s->threads[who].pred_bps);
	}
	return bps;
}

static bool may_return(const struct dam_snapshot *s, const struct dam_trial *t)
{
	const struct dam_thread_view *v = &s->threads[t->thread];
	const struct dam_engine_view *to = &s->engines[t->from];

	return v->movable && !v->bound && to->target &&
	       dam_sub(dam_asked_bps(to->load_now_bps, to->load_pred_bps), moved_bps(s, t)) <=
	       dam_speed_bps(to) >> TAKEN_SHIFT &&
	       dam_able(v, &s->engines[v->engine], to) &&
	       s->allowed(s->ctx, t->thread, t->from);
}

/* Each to where it was, as far as it may go there. Without @t's thread the others alone */
static void send_back(struct plan *p, const struct dam_trial *t)
{
	struct dam_snapshot *s = p->s;
	u32 i, who;

	dam_plan_heat(p);
	if (is_there(s, t))
		dam_plan_send(p, t->thread, t->from, DAM_FOR_RETURN, NULL);
	for (i = 0; i < t->n_moved; i++) {
		who = moved_at(s, t, i);
		if (who != DAM_NOBODY && s->threads[who].movable && !s->threads[who].bound &&
		    s->engines[t->to].target &&
		    dam_able(&s->threads[who], &s->engines[t->from], &s->engines[t->to]) &&
		    s->allowed(s->ctx, who, t->to))
			dam_plan_send(p, who, t->to, DAM_FOR_RETURN, NULL);
	}
}

void dam_end_trials(struct plan *p)
{
	u32 i;

	for (i = 0; i < DAM_TRIALS && p->s->params.max_moves; i++) {
		struct dam_trial *t = &p->bucket->open[i];

		if (!t->ticks || !is_over(t) || (!t->n_moved && !dam_plan_room(p)))
			continue;
		close_trial(p, t);
		p->s->engines[t->from].kept = false;
		if (!is_as_good(t) && (!is_there(p->s, t) || may_return(p->s, t)))
			send_back(p, t);
	}
}
