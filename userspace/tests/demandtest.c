// SPDX-License-Identifier: GPL-2.0
/* When dmaaff-load's copies are due. */
#include <stdlib.h>

#include "check.h"
#include "../dmaaff-load/demand.h"

#define MSEC	1000000ULL
#define SEC	(1000 * MSEC)

/* A thread that always has room, asked from 1000 s on. */
static const uint64_t start = 1000 * SEC;
static struct chase chase;
static struct demand demand;
static uint64_t now;

static void begin(const struct options *opt)
{
	chase = (struct chase){ .lock = PTHREAD_MUTEX_INITIALIZER };
	demand = (struct demand){ .opt = opt, .chase = &chase };
	now = start;
	demand_begin(&demand, now, 0);
}

/* How many copies were due until then. */
static unsigned int copies_until(uint64_t ms, unsigned int node)
{
	unsigned int copies = 0;
	uint64_t look_ns;

	while (now < start + ms * MSEC) {
		if (demand_is_due(&demand, now, node, &look_ns)) {
			demand_served(&demand);
			copies++;
			continue;
		}
		check(look_ns > now);
		now = look_ns;
	}
	return copies;
}

static void rate_is_kept_to_the_copy(void)
{
	const struct options opt = { .size = 3000, .rate = 1000000, .duration_ns = SEC };

	begin(&opt);
	check(copies_until(9000, 0) == 3000);
}

static void who_is_late_makes_up_for_100_ms(void)
{
	const struct options opt = { .size = 1000, .rate = 1000000, .duration_ns = SEC };
	uint64_t look_ns;
	int copies = 0;

	begin(&opt);
	now += 5 * SEC;
	while (demand_is_due(&demand, now, 0, &look_ns)) {
		demand_served(&demand);
		copies++;
	}
	check(copies == 101);
}

static void ramp_goes_evenly(void)
{
	const struct options up = { .size = 1000, .rate = 100000, .rate_to = 900000,
				    .duration_ns = 4 * SEC };
	const struct options down = { .size = 1000, .rate = 900000, .rate_to = 100000,
				      .duration_ns = 4 * SEC };

	begin(&up);
	check(abs((int)copies_until(2000, 0) - 600) <= 2);
	check(abs((int)copies_until(4000, 0) - 1400) <= 2);
	begin(&down);
	check(abs((int)copies_until(2000, 0) - 1400) <= 2);
	check(abs((int)copies_until(4000, 0) - 600) <= 2);
}

static void bursts_begin_at_their_phase(void)
{
	const struct options opt = { .size = 1000, .rate = 1000000, .duration_ns = SEC,
				     .burst_period_ns = 500 * MSEC, .burst_ns = 200 * MSEC,
				     .burst_phase_ns = 100 * MSEC };

	begin(&opt);
	check(copies_until(100, 0) == 1);
	check(abs((int)copies_until(200, 0) - 100) <= 1);
	check(abs((int)copies_until(300, 0) - 100) <= 1);
	check(copies_until(600, 0) <= 1);
	check(abs((int)copies_until(800, 0) - 200) <= 1);
	check(copies_until(1100, 0) <= 1);
}

static void who_is_late_is_owed_no_more_than_the_burst(void)
{
	const struct options opt = { .size = 1000, .rate = 1000000, .duration_ns = SEC,
				     .burst_period_ns = 500 * MSEC, .burst_ns = 200 * MSEC };

	begin(&opt);
	copies_until(150, 0);
	now += 100 * MSEC;
	check(abs((int)copies_until(400, 0) - 50) <= 1);
}

static void burst_may_have_begun_before(void)
{
	const struct options opt = { .size = 1000, .rate = 1000000, .duration_ns = SEC,
				     .burst_period_ns = 500 * MSEC, .burst_ns = 200 * MSEC,
				     .burst_phase_ns = 400 * MSEC };

	begin(&opt);
	check(abs((int)copies_until(100, 0) - 101) <= 1);
	check(copies_until(400, 0) <= 1);
}

static void burst_without_a_rate_is_as_fast_as_it_goes(void)
{
	const struct options opt = { .size = 1000, .duration_ns = SEC,
				     .burst_period_ns = 500 * MSEC, .burst_ns = 200 * MSEC };
	uint64_t look_ns;

	begin(&opt);
	check(demand_is_due(&demand, now + 200 * MSEC - 1, 0, &look_ns));
	check(!demand_is_due(&demand, now + 200 * MSEC, 0, &look_ns));
	check(look_ns == start + 500 * MSEC);
	check(demand_is_due(&demand, look_ns, 0, &look_ns));
}

static void who_comes_is_chased_after_a_while(void)
{
	const struct options opt = { .size = 1000, .rate = 1000000, .duration_ns = SEC,
				     .chase_ns = 30 * MSEC };

	begin(&opt);
	check(abs((int)copies_until(1000, 0) - 1000) <= 1);
	/* It goes to the other node: a tenth for 30 ms, all from then on. */
	check(abs((int)copies_until(1030, 1) - 3) <= 2);
	check(abs((int)copies_until(2030, 1) - 1000) <= 12);
}

int main(void)
{
	RUN(rate_is_kept_to_the_copy);
	RUN(who_is_late_makes_up_for_100_ms);
	RUN(ramp_goes_evenly);
	RUN(bursts_begin_at_their_phase);
	RUN(who_is_late_is_owed_no_more_than_the_burst);
	RUN(burst_may_have_begun_before);
	RUN(burst_without_a_rate_is_as_fast_as_it_goes);
	RUN(who_comes_is_chased_after_a_while);
	printf("1..%d\n", tests);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
