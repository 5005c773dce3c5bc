// SPDX-License-Identifier: GPL-2.0
/*
 * What meter/load.h says of an engine that works in order, in virtual time, beside
 * what is true: means over ten seconds, sampled as the module does.
 */
#include <math.h>
#include <string.h>

#include "check.h"
#include "meter/load.h"
#include "random.h"

#define MS		1000000ULL
#define SECOND		(1000 * MS)
#define WARM_NS		(3 * SECOND)
#define END_NS		(13 * SECOND)
#define TICK_NS		(10 * MS)
#define BYTES_A_US	100
#define LATENCY_NS	1000
/* From prep to submission, until the cookie says so, and until a submitter heard of it. */
#define PREP_NS		1500
#define SEEN_NS		500
#define HEARD_NS	2000
#define DEPTH_MAX	64

enum arrival { PERIODIC, POISSON, CLOSED };

/* one load: @burst transfers every @period_ns, or @burst always in flight */
struct scene {
	enum arrival arrival;
	unsigned int burst;
	u64 period_ns;
	u32 bytes;
	bool mixed;
};

struct figures {
	double busy;
	double depth;
	double latency;
};

struct engine {
	struct dam_load load;
	u64 busy;		/* as taken by ticks */
	u64 depth;		/* likewise */
	u64 now;
	u64 prepared;		/* at what time, and how much */
	u32 bytes;
	u64 busy_until;
	u64 fin[1 << 16];	/* of the latest, a ring */
	unsigned int submitted;
	unsigned int completed;
	struct figures truth;
	u64 ops;
	u64 done;
};

static u64 *fin_of(struct engine *e, unsigned int i)
{
	return &e->fin[i % (1 << 16)];
}

static void complete(struct engine *e)
{
	while (e->completed < e->submitted &&
	       *fin_of(e, e->completed) + SEEN_NS <= e->now)
		e->completed++;
}

static void prepare(struct engine *e, const struct scene *s, struct lab_random *r)
{
	e->prepared = e->now;
	e->bytes = s->bytes;
	if (s->mixed)
		e->bytes = s->bytes / 4 * (lab_random_in(r, 0, 1) ? 1 : 7);
	dam_load_sample(&e->load, e->now, e->submitted + 1, e->completed + 1,
			e->bytes);
}

static void submit(struct engine *e)
{
	u64 cost = LATENCY_NS + e->bytes * 1000ULL / BYTES_A_US;

	e->prepared = 0;
	e->busy_until = max_t(u64, e->busy_until, e->now) + cost;
	*fin_of(e, e->submitted++) = e->busy_until;
	if (e->now < WARM_NS)
		return;
	e->truth.busy += cost;
	e->truth.depth += e->busy_until - e->now;
	e->ops++;
}

static void tick(struct engine *e)
{
	u64 ticked = e->load.ticked;

	dam_load_tick(&e->load, e->now, e->submitted + 1, e->completed + 1,
		      true, e->prepared);
	e->busy += dam_load_take_busy(&e->load, e->now - ticked);
	e->depth += dam_load_take_depth(&e->load, e->now - ticked);
	e->load.full = 0;
	e->load.full_ops = 0;
	e->done += e->load.done;
	e->load.done = 0;
}

/* @base: when the latest was prepared */
static u64 next_arrival(struct engine *e, const struct scene *s, struct lab_random *r,
			unsigned int *of_burst, u64 base)
{
	switch (s->arrival) {
	case CLOSED:
		if (e->submitted < s->burst)
			return e->now;
		return *fin_of(e, e->submitted - s->burst) + HEARD_NS;
	case POISSON:
		return base - log(1 - lab_random_unit(r)) * s->period_ns;
	case PERIODIC:
		if (++*of_burst < s->burst)
			return base + HEARD_NS;
		*of_burst = 0;
		return base - (s->burst - 1ULL) * HEARD_NS + s->period_ns;
	}
	return 0;
}

/* Return: by how much each figure is off, beside the truth in @truth. */
static struct figures run(const struct scene *s, u64 seed,
			  struct figures *truth)
{
	static struct engine e;
	struct lab_random r = { seed };
	u64 next_tick = TICK_NS, next = MS;
	u64 busy = 0, depth = 0, base;
	unsigned int of_burst = 0;
	bool warm = false;
	struct figures off;

	memset(&e, 0, sizeof(e));
	dam_load_reset(&e.load, 0, 1, 1);
	while (e.now < END_NS) {
		e.now = max_t(u64, e.now, min_t(u64, next_tick, next));
		complete(&e);
		if (!warm && e.now >= WARM_NS) {
			warm = true;
			busy = e.busy;
			depth = e.depth;
			e.load.done = 0;
			e.done = 0;
		}
		if (next <= next_tick && !e.prepared) {
			prepare(&e, s, &r);
			next = e.now + PREP_NS;
		} else if (next <= next_tick) {
			base = e.prepared;
			submit(&e);
			next = next_arrival(&e, s, &r, &of_burst, base);
		} else {
			tick(&e);
			next_tick = e.now + TICK_NS * 3 / 4 +
				    lab_random_in(&r, 0, TICK_NS / 2);
		}
	}
	truth->busy = e.truth.busy / (e.now - WARM_NS) * 100;
	truth->latency = e.truth.depth / e.ops;
	truth->depth = e.truth.depth / (e.now - WARM_NS);
	off.busy = (double)(e.busy - busy) / (e.now - WARM_NS) * 100 -
		   truth->busy;
	off.depth = (double)(e.depth - depth) / (e.now - WARM_NS) -
		    truth->depth;
	off.latency = (double)(e.depth - depth) / e.done - truth->latency;
	return off;
}

static void meter_is_right(const struct scene *s, const char *name)
{
	struct figures off, truth;
	u64 seed;

	for (seed = 1; seed <= 5; seed++) {
		off = run(s, seed, &truth);
		print_message("%s: busy %.2f%+.2f depth %.4f%+.1f%% latency %.0f%+.1f%%\n",
			      name, truth.busy, off.busy, truth.depth,
			      100 * off.depth / truth.depth, truth.latency,
			      100 * off.latency / truth.latency);
		assert_true(fabs(off.busy) <= 2);
		assert_true(fabs(off.depth) <= fmax(0.05, 0.05 * truth.depth));
		assert_true(fabs(off.latency) <=
			    (truth.busy < 20 ? 0.25 : 0.1) * truth.latency);
	}
}

/* By name: a load in percent, or what the scene's name says. */
#define SCENE(name, ...)						\
	static void name(void **state)					\
	{								\
		static const struct scene s = { __VA_ARGS__ };		\
									\
		(void)state;						\
		meter_is_right(&s, #name);				\
	}

/* 16 KiB take 164.84 us: the period is that, divided by the load. */
SCENE(periodic_5, PERIODIC, 1, 3296800, 16384, false)
SCENE(periodic_20, PERIODIC, 1, 824200, 16384, false)
SCENE(periodic_50, PERIODIC, 1, 329680, 16384, false)
SCENE(periodic_80, PERIODIC, 1, 206050, 16384, false)
SCENE(periodic_95, PERIODIC, 1, 173516, 16384, false)
/* 4 KiB take 41.96 us. */
SCENE(small_20, PERIODIC, 1, 209800, 4096, false)
SCENE(small_50, PERIODIC, 1, 83920, 4096, false)
SCENE(small_80, PERIODIC, 1, 52450, 4096, false)
SCENE(poisson_5, POISSON, 1, 3296800, 16384, false)
SCENE(poisson_20, POISSON, 1, 824200, 16384, false)
SCENE(poisson_50, POISSON, 1, 329680, 16384, false)
SCENE(poisson_80, POISSON, 1, 206050, 16384, false)
SCENE(poisson_mixed_5, POISSON, 1, 3296800, 16384, true)
SCENE(poisson_mixed_20, POISSON, 1, 824200, 16384, true)
SCENE(poisson_mixed_50, POISSON, 1, 329680, 16384, true)
SCENE(poisson_mixed_80, POISSON, 1, 206050, 16384, true)
SCENE(every_5_ms, PERIODIC, 1, 5 * MS, 65536, false)
SCENE(every_10_ms, PERIODIC, 1, 10 * MS, 65536, false)
SCENE(every_20_ms, PERIODIC, 1, 20 * MS, 65536, false)
SCENE(bursts_every_5_ms, PERIODIC, 8, 5 * MS, 49152, false)
SCENE(bursts_every_10_ms, PERIODIC, 8, 10 * MS, 49152, false)
SCENE(bursts_every_20_ms, PERIODIC, 8, 20 * MS, 49152, true)
SCENE(one_in_flight, CLOSED, 1, 0, 24576, false)
SCENE(two_in_flight, CLOSED, 2, 0, 24576, false)
SCENE(four_in_flight, CLOSED, 4, 0, 24576, false)
SCENE(eight_in_flight, CLOSED, 8, 0, 24576, false)
SCENE(sixteen_slow_in_flight, CLOSED, 16, 0, 1310720, false)
SCENE(thirty_in_flight, CLOSED, 30, 0, 24576, false)
SCENE(mixed_one_in_flight, CLOSED, 1, 0, 24576, true)
SCENE(mixed_two_in_flight, CLOSED, 2, 0, 24576, true)
SCENE(mixed_four_in_flight, CLOSED, 4, 0, 24576, true)

/* The engine is stuck in long transfers, and those that come after them are short. */
static void no_more_in_flight_than_submitted(void **state)
{
	struct dam_load l = { 0 };
	u64 now = 0;
	s32 cookie = 1;
	u32 i, k;

	(void)state;
	dam_load_reset(&l, 0, 1, 1);
	for (i = 0; i < 100; i++) {
		dam_load_sample(&l, now, cookie, cookie, 1 << 22);
		cookie++;
		now += TICK_NS;
		dam_load_tick(&l, now, cookie, cookie - 1, true, false);
	}
	for (i = 0; i < 40; i++) {
		for (k = 0; k < (i ? 8 : 64); k++)
			dam_load_sample(&l, now++, cookie++, 101, i ? 16 : 1 << 22);
		now += TICK_NS;
		l.depth = 0;
		dam_load_tick(&l, now, cookie, 101, true, false);
		/* all of them, for as long as the long ones take at most */
		check_case(llabs(l.depth) <= (s64)(cookie - 101) * 65 * (s64)TICK_NS, i);
	}
}

/* So many at once, now and then, each of which takes so long */
struct bursts {
	unsigned int many;
	u64 each_ns;
	u64 apart_ns;
};

/* When the latest were submitted, a ring like that of struct engine */
static u64 submitted_at[1 << 16];

/* The integral of transfers in flight between two moments */
static double in_flight(struct engine *e, u64 from, u64 to)
{
	unsigned int i = e->submitted > 200 ? e->submitted - 200 : 0;
	double sum = 0;

	for (; i < e->submitted; i++) {
		u64 begin = max_t(u64, submitted_at[i % (1 << 16)], from);
		u64 end = min_t(u64, *fin_of(e, i), to);

		if (end > begin)
			sum += end - begin;
	}
	return sum;
}

static void submit_all(struct engine *e, const struct bursts *b)
{
	const struct scene s = { .bytes = (b->each_ns - LATENCY_NS) * BYTES_A_US / 1000 };
	struct lab_random r = { 0 };
	unsigned int i;

	for (i = 0; i < b->many; i++) {
		prepare(e, &s, &r);
		submitted_at[e->submitted % (1 << 16)] = e->now;
		submit(e);
	}
}

/* Return: what all ticks together are off, as a part of what was in flight */
static double off_by_ticks(const struct bursts *b, u64 seed)
{
	static struct engine e;
	struct lab_random r = { seed };
	u64 next_burst = MS, next_tick = TICK_NS, last = 0, depth;
	double off = 0, truth = 0, was;

	memset(&e, 0, sizeof(e));
	dam_load_reset(&e.load, 0, 1, 1);
	while (e.now < END_NS) {
		e.now = min_t(u64, next_burst, next_tick);
		complete(&e);
		if (e.now == next_burst) {
			submit_all(&e, b);
			next_burst += b->apart_ns * 3 / 4 + lab_random_in(&r, 0, b->apart_ns / 2);
			continue;
		}
		depth = e.depth;
		tick(&e);
		next_tick = e.now + TICK_NS * 3 / 4 + lab_random_in(&r, 0, TICK_NS / 2);
		if (e.now >= WARM_NS) {
			was = in_flight(&e, last, e.now);
			truth += was;
			off += fabs((double)(e.depth - depth) - was);
		}
		last = e.now;
	}
	return off / truth;
}

/* What waits is known in each tick, be it many ticks' work or part of one */
static void depth_is_right_in_each_tick(void **state)
{
	static const struct {
		struct bursts bursts;
		double most;
	} cases[] = {
		{ { 20, 13 * MS, 600 * MS }, 0.06 },
		{ { 40, 5 * MS, 600 * MS }, 0.06 },
		{ { 20, 800000, 100 * MS }, 0.12 },
		{ { 3, 4 * MS, 30 * MS }, 0.12 },
	};
	u64 seed;
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (seed = 1; seed <= 5; seed++) {
			double off = off_by_ticks(&cases[i].bursts, seed);

			print_message("case %u: off by %.1f %%\n", i, 100 * off);
			check_case(off <= cases[i].most, i);
		}
}

/* As if it had long been learned that one of @bytes takes @each_ns */
static void start_known(struct dam_load *l, u32 bytes, u64 each_ns)
{
	memset(l, 0, sizeof(*l));
	dam_load_reset(l, 0, 1, 1);
	l->mean = bytes;
	l->price_q16 = (each_ns << 16) / bytes;
}

/* It slept: the first look is late and speaks for itself alone, the second for all since */
static void depth_after_a_sleep_is_of_now(void **state)
{
	struct dam_load l;
	u64 now = 10 * SECOND;
	u32 k;

	(void)state;
	start_known(&l, 65536, 2 * MS);
	for (k = 0; k < 4; k++)
		dam_load_sample(&l, now, 1 + k, 1, 65536);
	dam_load_tick(&l, now, 5, 1, false, false);
	assert_int_equal(dam_load_take_depth(&l, now), 0);
	now += TICK_NS;
	dam_load_tick(&l, now, 5, 5, true, false);
	/* 2, 4, 6 and 8 ms */
	assert_in_range(dam_load_take_depth(&l, TICK_NS), 19 * MS, 21 * MS);
}

/* Cookies begin anew just before a tick: what is in flight has not been for long */
static void depth_of_a_channel_acquired_anew_is_of_now(void **state)
{
	struct dam_load l;
	u64 now = 0;
	s32 cookie;

	(void)state;
	start_known(&l, 65536, 650000);
	for (cookie = 1; cookie < 6; cookie++) {
		dam_load_sample(&l, now, cookie, cookie, 65536);
		now += TICK_NS;
		dam_load_tick(&l, now, cookie + 1, cookie + 1, true, false);
		dam_load_take_depth(&l, TICK_NS);
	}
	now += TICK_NS - 9000;
	for (cookie = 1; cookie < 10; cookie++)
		dam_load_sample(&l, now += 1000, cookie, 1, 65536);
	dam_load_tick(&l, now, 10, 1, true, false);
	assert_true(dam_load_take_depth(&l, TICK_NS) < TICK_NS / 10);
}

/* Its cookies did not begin with us */
static void mean_of_a_channel_in_use_is_of_what_was_seen(void **state)
{
	struct dam_load l = { 0 };

	(void)state;
	dam_load_reset(&l, 0, 5000, 5000);
	dam_load_sample(&l, MS, 5000, 5000, 65536);
	dam_load_tick(&l, TICK_NS, 5001, 5001, true, false);
	assert_int_equal(l.mean, 65536);
}

/* Who terminates whatever it submits before anybody looks */
static void mean_of_what_is_terminated_is_learned(void **state)
{
	struct dam_load l = { 0 };

	(void)state;
	dam_load_reset(&l, 0, 1, 1);
	dam_load_sample(&l, MS, 1, 1, 65536);
	/* as dam_channel_terminate() does */
	dam_load_sample(&l, 2 * MS, 2, 1, l.len);
	dam_load_abort(&l);
	dam_load_reset(&l, l.last, 2, 2);
	dam_load_tick(&l, TICK_NS, 2, 2, true, false);
	assert_int_equal(l.mean, 65536);
}

/* What is terminated was in flight until then */
static void depth_before_a_termination_is_not_lost(void **state)
{
	struct lab_random r = { 3 };
	double depth = 0, truth = 0;
	u64 now = 0, next_tick = TICK_NS, next = MS, ticked = 0;
	struct dam_load l;
	bool running = false;
	s32 cookie = 1, done;
	u32 k;

	(void)state;
	start_known(&l, 65536, MS);
	while (now < END_NS) {
		now = min_t(u64, next, next_tick);
		if (now == next_tick) {
			done = running ? (s32)((now + 7 * MS - next) / MS) : 8;
			dam_load_tick(&l, now, cookie, cookie - 8 + done, true, false);
			depth += dam_load_take_depth(&l, now - ticked);
			l.full = 0;
			ticked = now;
			next_tick = now + TICK_NS * 3 / 4 + lab_random_in(&r, 0, TICK_NS / 2);
		} else if (!running) {
			for (k = 0; k < 8; k++)
				dam_load_sample(&l, now, cookie + (s32)k, cookie, 65536);
			cookie += 8;
			next = now + 7 * MS;
			running = true;
		} else {
			/* as dam_channel_terminate() does */
			dam_load_sample(&l, now, cookie, cookie - 1, l.len);
			dam_load_abort(&l);
			dam_load_reset(&l, now, cookie, cookie);
			/* 1, 2, ... 7 ms, and one that did not end */
			truth += 35 * MS;
			next = now + 20 * MS + lab_random_in(&r, 0, 10 * MS);
			running = false;
		}
	}
	print_message("terminated: off by %.1f %%\n", 100 * (depth - truth) / truth);
	assert_true(fabs(depth - truth) < 0.05 * truth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depth_is_right_in_each_tick),
		cmocka_unit_test(depth_after_a_sleep_is_of_now),
		cmocka_unit_test(depth_of_a_channel_acquired_anew_is_of_now),
		cmocka_unit_test(mean_of_a_channel_in_use_is_of_what_was_seen),
		cmocka_unit_test(mean_of_what_is_terminated_is_learned),
		cmocka_unit_test(depth_before_a_termination_is_not_lost),
		cmocka_unit_test(no_more_in_flight_than_submitted),
		cmocka_unit_test(periodic_5),
		cmocka_unit_test(periodic_20),
		cmocka_unit_test(periodic_50),
		cmocka_unit_test(periodic_80),
		cmocka_unit_test(periodic_95),
		cmocka_unit_test(small_20),
		cmocka_unit_test(small_50),
		cmocka_unit_test(small_80),
		cmocka_unit_test(poisson_5),
		cmocka_unit_test(poisson_20),
		cmocka_unit_test(poisson_50),
		cmocka_unit_test(poisson_80),
		cmocka_unit_test(poisson_mixed_5),
		cmocka_unit_test(poisson_mixed_20),
		cmocka_unit_test(poisson_mixed_50),
		cmocka_unit_test(poisson_mixed_80),
		cmocka_unit_test(every_5_ms),
		cmocka_unit_test(every_10_ms),
		cmocka_unit_test(every_20_ms),
		cmocka_unit_test(bursts_every_5_ms),
		cmocka_unit_test(bursts_every_10_ms),
		cmocka_unit_test(bursts_every_20_ms),
		cmocka_unit_test(one_in_flight),
		cmocka_unit_test(two_in_flight),
		cmocka_unit_test(four_in_flight),
		cmocka_unit_test(eight_in_flight),
		cmocka_unit_test(sixteen_slow_in_flight),
		cmocka_unit_test(thirty_in_flight),
		cmocka_unit_test(mixed_one_in_flight),
		cmocka_unit_test(mixed_two_in_flight),
		cmocka_unit_test(mixed_four_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
