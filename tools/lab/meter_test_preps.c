// SPDX-License-Identifier: GPL-2.0
/*
 * preps.c in a simulated channel: threads in random interleaving prepare, are
 * refused, submit, change CPUs and exit.
 */
#include <string.h>

#include "check.h"
#include "meter/preps.h"
#include "random.h"

#define THREADS		16
#define SEEDS		20
#define STEPS		20000
#define TICK_STEPS	5000
#define SETTLED_TICKS	200
#define NO_RING		1000000

enum stage { IDLE, WITHIN, PREPARED };

/* One has a count on each of two CPUs, as a thread has slots in two tables. */
struct thread {
	enum stage stage;
	struct dam_count *count[2];
	u32 cpu;
	bool nests;
	u64 len;
	struct dam_count truth;
	struct dam_count charged;
};

/**
 * struct sim - a channel and its submitters
 * @threads: how many
 * @ring: what fits between prep and completion; more is refused
 * @nested: each prep calls another of another kind
 * @mixed: but half of the threads call that other one themselves
 * @kinds: each prep is of one of two kinds; each of those that may nest does or not
 * @results: what preps return is seen
 * @exits: threads come and go
 */
struct sim {
	u32 threads;
	u32 ring;
	bool nested;
	bool kinds;
	bool mixed;
	bool results;
	bool exits;
	struct lab_random random;
	struct dam_preps preps;
	s32 cookie;
	u32 in_flight;
	u32 prepared;
	u32 asked;
	u64 descs;
	struct thread thread[THREADS];
};

static u64 roll(struct sim *s, u64 n)
{
	return lab_random_in(&s->random, 0, n - 1);
}

static struct dam_count *new_count(void)
{
	struct dam_count *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	return c;
}

static void add_up(struct dam_count *to, const struct dam_count *c)
{
	to->bytes += c->bytes;
	to->ops += c->ops;
}

/*
 * One for each of two CPUs. leave() frees them, which the analyzer loses sight of where
 * the index of the thread is random.
 */
/* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
static void come(struct thread *t)
{
	t->count[0] = new_count();
	t->count[1] = new_count();
}

/* NOLINTEND(clang-analyzer-unix.Malloc) */

static void sim_begin(struct sim *s, u64 seed, s32 cookie)
{
	u32 i;

	s->random.state = seed;
	s->cookie = cookie;
	dam_preps_reset(&s->preps, cookie);
	for (i = 0; i < s->threads; i++)
		come(&s->thread[i]);
}

static void tick(struct sim *s)
{
	dam_preps_settle(&s->preps, s->cookie);
	s->asked += dam_preps_tick(&s->preps);
}

static void submit(struct sim *s)
{
	s->cookie = s->cookie == S32_MAX ? 1 : s->cookie + 1;
	s->in_flight++;
}

/* The counts are freed: whoever refers to them is found out. */
static void leave(struct sim *s, struct thread *t)
{
	u32 i;

	dam_preps_settle(&s->preps, s->cookie);
	for (i = 0; i < 2; i++) {
		dam_preps_forget(&s->preps, t->count[i]);
		add_up(&t->charged, t->count[i]);
		free(t->count[i]);
		t->count[i] = NULL;
	}
}

static void called(struct sim *s, struct thread *t, u8 kind)
{
	struct dam_count *count = t->count[t->cpu];

	if (!s->results && dam_preps_is_simple(&s->preps, s->cookie, t)) {
		dam_preps_again(&s->preps, s->cookie, NULL, kind, t->len,
				s->in_flight);
		return;
	}
	dam_preps_settle(&s->preps, s->cookie);
	if (!s->results)
		dam_preps_push(&s->preps, t, count, kind, t->len,
			       s->in_flight);
}

static bool nests(struct sim *s, const struct thread *t)
{
	bool other = (t - s->thread) % 2;

	if (s->kinds)
		other = roll(s, 2);
	return s->nested && !(s->mixed && other);
}

static void got(struct sim *s, struct thread *t)
{
	struct dam_count *count = t->count[t->cpu];
	const void *desc = (const void *)(++s->descs);

	t->stage = IDLE;
	if (s->in_flight + s->prepared >= s->ring)
		return;
	t->stage = PREPARED;
	s->prepared++;
	if (!s->results)
		return;
	if (t->nests)
		dam_preps_returned(&s->preps, t, count, desc, t->len);
	dam_preps_returned(&s->preps, t, count, desc, t->len);
}

/* Return: whether it had anything to do. */
static bool step(struct sim *s, struct thread *t, bool begin)
{
	switch (t->stage) {
	case IDLE:
		if (!begin)
			return false;
		if (roll(s, 4))
			break;
		if (!roll(s, 50))
			t->cpu ^= 1;
		t->len = 1 + roll(s, 1000);
		t->nests = nests(s, t);
		called(s, t, s->kinds && !s->mixed ? roll(s, 2) : t->nests);
		if (t->nests)
			t->stage = WITHIN;
		else
			got(s, t);
		break;
	case WITHIN:
		called(s, t, 0);
		got(s, t);
		break;
	case PREPARED:
		if (roll(s, 3))
			break;
		s->prepared--;
		submit(s);
		add_up(&t->truth, &(struct dam_count){ t->len, 1 });
		t->stage = IDLE;
	}
	return true;
}

static void sim_run(struct sim *s)
{
	u32 n, i;

	for (n = 0; n < STEPS; n++) {
		struct thread *t = &s->thread[roll(s, s->threads)];

		if (s->in_flight && !roll(s, 3))
			s->in_flight--;
		if (n % TICK_STEPS == TICK_STEPS - 1)
			tick(s);
		if (s->exits && !roll(s, 2000) && t->stage == IDLE) {
			leave(s, t);
			come(t);
		}
		step(s, t, true);
	}
	for (i = 0; i < s->threads; i++)
		while (step(s, &s->thread[i], false))
			;
}

static void sim_end(struct sim *s)
{
	u32 i;

	for (i = 0; i < SETTLED_TICKS; i++)
		tick(s);
	for (i = 0; i < s->threads; i++)
		leave(s, &s->thread[i]);
}

static void check_exact(struct sim *s, u64 seed)
{
	u32 i;

	for (i = 0; i < s->threads; i++) {
		check_case(s->thread[i].charged.ops == s->thread[i].truth.ops,
			   seed);
		check_case(s->thread[i].charged.bytes ==
			   s->thread[i].truth.bytes, seed);
		check_case(s->thread[i].truth.ops > 0, seed);
	}
	check_case(!s->preps.unseen, seed);
}

static void check_runs(struct sim like)
{
	u64 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		struct sim s = like;

		sim_begin(&s, seed, 1);
		sim_run(&s);
		sim_end(&s);
		check_exact(&s, seed);
	}
}

static void one_thread_is_exact(void **state)
{
	(void)state;
	check_runs((struct sim){ .threads = 1, .ring = NO_RING,
		   .exits = true });
}

static void one_thread_that_is_refused_is_exact(void **state)
{
	(void)state;
	check_runs((struct sim){ .threads = 1, .ring = 1 });
	check_runs((struct sim){ .threads = 1, .ring = 3 });
}

static void one_thread_whose_preps_nest_is_exact(void **state)
{
	(void)state;
	check_runs((struct sim){ .threads = 1, .ring = NO_RING, .nested = true });
	check_runs((struct sim){ .threads = 1, .ring = 1, .nested = true });
}

static void threads_that_are_not_refused_are_exact(void **state)
{
	u32 n;

	(void)state;
	for (n = 2; n <= DAM_PREPS; n++)
		check_runs((struct sim){ .threads = n, .ring = NO_RING,
			   .exits = true });
}

static void threads_whose_preps_nest_are_exact(void **state)
{
	u32 n;

	(void)state;
	for (n = 2; n <= DAM_PREPS; n++)
		check_runs((struct sim){ .threads = n, .ring = NO_RING,
			   .nested = true });
}

static void threads_of_two_kinds_of_preps_are_exact(void **state)
{
	u32 n;

	(void)state;
	for (n = 1; n <= DAM_PREPS; n++)
		check_runs((struct sim){ .threads = n, .ring = NO_RING,
			   .kinds = true });
}

static void threads_of_which_some_preps_nest_are_exact(void **state)
{
	u32 n;

	(void)state;
	for (n = 2; n <= DAM_PREPS; n++)
		check_runs((struct sim){ .threads = n, .ring = NO_RING,
			   .nested = true, .mixed = true });
}

static void threads_whose_results_are_seen_are_exact(void **state)
{
	u32 n;

	(void)state;
	for (n = 1; n <= DAM_PREPS; n++)
		check_runs((struct sim){ .threads = n, .ring = NO_RING,
			   .results = true, .exits = true });
}

static void refused_threads_whose_results_are_seen_are_exact(void **state)
{
	u32 ring;

	(void)state;
	for (ring = 1; ring <= DAM_PREPS; ring++)
		check_runs((struct sim){ .threads = THREADS, .ring = ring,
			   .results = true });
}

static void nested_preps_whose_results_are_seen_are_exact(void **state)
{
	(void)state;
	check_runs((struct sim){ .threads = THREADS, .ring = 4,
		   .nested = true, .results = true });
	check_runs((struct sim){ .threads = DAM_PREPS, .ring = NO_RING,
		   .nested = true, .results = true });
}

/* Whose they were may be a guess, but not how many there were; then results ought to be seen. */
static void check_together(struct sim like)
{
	u64 seed;
	bool exact;
	u32 i;

	for (seed = 1; seed <= SEEDS; seed++) {
		struct dam_count truth = { 0 }, charged = { 0 };
		struct sim s = like;

		exact = true;
		sim_begin(&s, seed, 1);
		sim_run(&s);
		sim_end(&s);
		for (i = 0; i < s.threads; i++) {
			exact &= s.thread[i].truth.bytes == s.thread[i].charged.bytes;
			add_up(&truth, &s.thread[i].truth);
			add_up(&charged, &s.thread[i].charged);
		}
		check_case(s.asked || (exact && s.ring == NO_RING), seed);
		check_case(charged.ops + s.preps.unseen == truth.ops,
			   seed);
		/* An exit takes its own with it: seldom. */
		check_case(s.preps.unseen <= truth.ops / 1000, seed);
	}
}

static void refused_threads_are_exact_together(void **state)
{
	u32 ring;

	(void)state;
	for (ring = 1; ring <= 6; ring++)
		check_together((struct sim){ .threads = 8, .ring = ring });
}

static void threads_whose_preps_may_nest_are_exact_together(void **state)
{
	u32 n;

	(void)state;
	for (n = 2; n <= DAM_PREPS; n++)
		check_together((struct sim){ .threads = n, .ring = NO_RING,
			       .nested = true, .mixed = true, .kinds = true });
}

static void prepare(struct sim *s, u64 len)
{
	s->thread[0].len = len;
	called(s, &s->thread[0], 0);
}

static void batches_are_exact(void **state)
{
	struct thread *t;
	u64 seed;
	u32 n, i, round;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct sim s = { .threads = 1 };

		sim_begin(&s, seed, 1);
		t = &s.thread[0];
		for (round = 0; round < 200; round++) {
			n = 1 + roll(&s, 64);
			for (i = 0; i < n; i++) {
				prepare(&s, 1 + roll(&s, 1000));
				add_up(&t->truth,
				       &(struct dam_count){ t->len, 1 });
			}
			for (i = 0; i < n; i++) {
				submit(&s);
				if (!roll(&s, 50))
					tick(&s);
			}
		}
		sim_end(&s);
		check_exact(&s, seed);
	}
}

static void what_is_dropped_is_not_charged(void **state)
{
	u64 seed, left;
	u32 n, i;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct sim s = { .threads = 1 };

		sim_begin(&s, seed, 1);
		for (i = 0; i < 1000; i++) {
			prepare(&s, 100);
			submit(&s);
		}
		n = 1 + roll(&s, DAM_PREPS);
		for (i = 0; i < n; i++)
			prepare(&s, 7777);
		for (i = 0; i < SETTLED_TICKS; i++)
			tick(&s);
		left = s.preps.n;
		sim_end(&s);
		check_case(s.thread[0].charged.ops == 1000, seed);
		check_case(s.thread[0].charged.bytes == 100000, seed);
		check_case(!left && !s.preps.unseen, seed);
	}
}

static void cookies_wrap(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct sim s = { .threads = 4, .ring = NO_RING };

		sim_begin(&s, seed, S32_MAX - 100);
		sim_run(&s);
		sim_end(&s);
		check_exact(&s, seed);
		check_case(s.cookie < S32_MAX / 2, seed);
	}
}

static void a_new_owner_begins_at_one(void **state)
{
	struct sim s = { .threads = 1 };
	u32 i;

	(void)state;
	sim_begin(&s, 1, 1);
	for (i = 0; i < 100; i++) {
		prepare(&s, 10);
		submit(&s);
	}
	s.cookie = 1;
	for (i = 0; i < 50; i++) {
		prepare(&s, 1000);
		submit(&s);
	}
	sim_end(&s);
	/* The last before was not seen submitted, if the cookie is set back. */
	assert_in_range(s.thread[0].charged.ops, 149, 150);
	assert_in_range(s.thread[0].charged.bytes, 50990, 51000);
	assert_int_equal(s.preps.unseen, 0);
}

/* A channel's cookie is 0 until it is acquired for the first time, then 1. */
static void acquiring_a_channel_submits_nothing(void **state)
{
	struct dam_count count = {};
	struct dam_preps p;

	(void)state;
	dam_preps_reset(&p, 0);
	dam_preps_settle(&p, 0);
	dam_preps_settle(&p, 1);
	assert_int_equal(p.unseen, 0);
	dam_preps_push(&p, &p, &count, 0, 10, 0);
	dam_preps_settle(&p, 2);
	assert_int_equal(count.ops, 1);
	assert_int_equal(p.unseen, 0);
}

/* Whose count is referred to may not be forgotten: until it is charged, or for some ticks. */
static void what_is_open_ends(void **state)
{
	struct dam_count mine = {}, other = {};
	struct dam_preps p;
	u32 ticks;

	(void)state;
	dam_preps_reset(&p, 1);
	assert_false(dam_preps_has(&p, &mine));
	dam_preps_push(&p, &other, &other, 0, 10, 0);
	dam_preps_push(&p, &mine, &mine, 0, 10, 0);
	dam_preps_settle(&p, 1);
	assert_true(dam_preps_has(&p, &mine));
	dam_preps_settle(&p, 3);
	assert_int_equal(mine.ops, 1);
	assert_false(dam_preps_has(&p, &mine));
	dam_preps_push(&p, &mine, &mine, 0, 10, 0);
	for (ticks = 0; dam_preps_has(&p, &mine); ticks++) {
		assert_in_range(ticks, 0, 1000);
		dam_preps_tick(&p);
	}
	assert_true(ticks > 50);
}

static void unseen_is_what_nobody_prepared(void **state)
{
	u64 seed;
	u32 i, alien, own;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct sim s = { .threads = 1 };

		alien = 0;
		own = 0;
		sim_begin(&s, seed, 1);
		for (i = 0; i < 1000; i++) {
			if (!roll(&s, 3)) {
				submit(&s);
				alien++;
			} else {
				prepare(&s, 10);
				submit(&s);
				own++;
			}
			if (!roll(&s, 20))
				tick(&s);
		}
		sim_end(&s);
		check_case(s.preps.unseen == alien, seed);
		check_case(s.thread[0].charged.ops == own, seed);
	}
}

int main(void)
{
	check_list(tests) = {
		cmocka_unit_test(one_thread_is_exact),
		cmocka_unit_test(one_thread_that_is_refused_is_exact),
		cmocka_unit_test(one_thread_whose_preps_nest_is_exact),
		cmocka_unit_test(threads_that_are_not_refused_are_exact),
		cmocka_unit_test(threads_whose_preps_nest_are_exact),
		cmocka_unit_test(threads_of_two_kinds_of_preps_are_exact),
		cmocka_unit_test(threads_of_which_some_preps_nest_are_exact),
		cmocka_unit_test(threads_whose_results_are_seen_are_exact),
		cmocka_unit_test(refused_threads_whose_results_are_seen_are_exact),
		cmocka_unit_test(nested_preps_whose_results_are_seen_are_exact),
		cmocka_unit_test(refused_threads_are_exact_together),
		cmocka_unit_test(threads_whose_preps_may_nest_are_exact_together),
		cmocka_unit_test(batches_are_exact),
		cmocka_unit_test(what_is_dropped_is_not_charged),
		cmocka_unit_test(cookies_wrap),
		cmocka_unit_test(a_new_owner_begins_at_one),
		cmocka_unit_test(acquiring_a_channel_submits_nothing),
		cmocka_unit_test(what_is_open_ends),
		cmocka_unit_test(unseen_is_what_nobody_prepared),
	};

	return cmocka_run_group_tests_name("meter_preps", tests, NULL, NULL);
}
