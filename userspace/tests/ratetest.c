// SPDX-License-Identifier: GPL-2.0
/* What libdmaaff reckons from what it has read. */
#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "dmaaff.h"

static struct dmaaff_u64 known(uint64_t value)
{
	return (struct dmaaff_u64){ value, true };
}

/* An engine at 1 s and what it was at 2 s: 40 % busy, 1.5 in flight, 3 ms each. */
static char engine_name[] = { "engine" };
static struct dmaaff_engine then_now[2];
static struct dmaaff_snapshot before = { .nr_engines = 1, .engines = &then_now[0] };

static struct dmaaff_rate rate(void)
{
	return dmaaff_rate(&before, &then_now[1]);
}

static void make_rate(void)
{
	then_now[0] = (struct dmaaff_engine){
		.name = engine_name, .id = 1, .time_ns = 1000000000,
		.bytes = known(1000), .ops = known(10), .busy_ns = known(700000000),
		.depth_ns = known(900000000), .counted = true,
	};
	then_now[1] = (struct dmaaff_engine){
		.name = engine_name, .id = 1, .time_ns = 2000000000,
		.bytes = known(501000), .ops = known(510), .busy_ns = known(1100000000),
		.depth_ns = known(2400000000), .counted = true,
		.utilisation_pct = { 12.5, true }, .depth = { 2.25, true },
		.latency_ns = known(777),
	};
}

static bool is_last_second(struct dmaaff_rate r)
{
	return r.seconds == 0 && is(r.utilisation_pct, 12.5) && is(r.depth, 2.25) &&
	       is(r.latency_ns, 777) && !r.bytes_per_s.known && !r.ops_per_s.known;
}

static void rates_are_of_the_interval(void)
{
	make_rate();
	check(is(rate().utilisation_pct, 40));
	check(is(rate().depth, 1.5));
	check(is(rate().latency_ns, 3000000));
	check(is(rate().bytes_per_s, 500000));
	check(is(rate().ops_per_s, 500));
	then_now[1].time_ns = 3000000000;
	check(is(rate().utilisation_pct, 20));
	check(is(rate().depth, 0.75));
	check(is(rate().latency_ns, 3000000));
	check(is(rate().bytes_per_s, 250000));
	check(rate().seconds == 2);
}

static void utilisation_ends_at_100(void)
{
	make_rate();
	then_now[1].busy_ns = known(1710000000);
	check(is(rate().utilisation_pct, 100));
}

static void latency_of_nothing_is_unknown(void)
{
	make_rate();
	then_now[1].ops = then_now[0].ops;
	check(!rate().latency_ns.known);
	check(is(rate().ops_per_s, 0));
}

static void new_engine_shows_the_last_second(void)
{
	make_rate();
	check(is_last_second(dmaaff_rate(NULL, &then_now[1])));
	before.nr_engines = 0;
	check(is_last_second(rate()));
	before.nr_engines = 1;
}

static void replaced_engine_shows_the_last_second(void)
{
	make_rate();
	then_now[1].id = 2;
	check(is_last_second(rate()));
}

static void counters_that_went_back_show_the_last_second(void)
{
	make_rate();
	then_now[1].ops = known(9);
	check(is_last_second(rate()));
	make_rate();
	then_now[1].depth_ns = known(0);
	check(is_last_second(rate()));
}

static void unknown_counters_make_unknown_rates(void)
{
	make_rate();
	then_now[0].bytes.known = false;
	then_now[1].depth_ns.known = false;
	check(!rate().bytes_per_s.known);
	check(is(rate().depth, 2.25));
	check(is(rate().latency_ns, 777));
	check(is(rate().utilisation_pct, 40));
}

static void what_was_not_counted_is_unknown(void)
{
	make_rate();
	then_now[1].counted = false;
	check(is_last_second(rate()));
	then_now[0].counted = false;
	then_now[1].counted = true;
	check(is_last_second(rate()));
}

static void delta_is_unknown_backwards(void)
{
	check(dmaaff_delta(known(3), known(7)).value == 4);
	check(dmaaff_delta(known(0), known(UINT64_MAX)).value == UINT64_MAX);
	check(!dmaaff_delta(known(7), known(3)).known);
	check(!dmaaff_delta((struct dmaaff_u64){ 0 }, known(3)).known);
}

static void mask_is(const char *mask, const char *list)
{
	char *got = dmaaff_mask_to_list(mask);

	check_text(got, list);
	free(got);
}

static void masks_become_lists(void)
{
	static const char *const no_masks[] = { "", "x", "1 ", "0x1", "f,", "-", NULL };
	size_t i;

	mask_is("0", "");
	mask_is("1", "0");
	mask_is("f", "0-3");
	mask_is("a5", "0,2,5,7");
	mask_is("80000000", "31");
	mask_is("ff,00000003", "0-1,32-39");
	mask_is("00000001,80000000", "31-32");
	mask_is("FFFFFFFF,ffffffff,ffffffff", "0-95");
	for (i = 0; no_masks[i]; i++) {
		errno = 0;
		check(!dmaaff_mask_to_list(no_masks[i]) && errno == EINVAL);
	}
}

int main(void)
{
	RUN(rates_are_of_the_interval);
	RUN(utilisation_ends_at_100);
	RUN(latency_of_nothing_is_unknown);
	RUN(new_engine_shows_the_last_second);
	RUN(replaced_engine_shows_the_last_second);
	RUN(counters_that_went_back_show_the_last_second);
	RUN(unknown_counters_make_unknown_rates);
	RUN(what_was_not_counted_is_unknown);
	RUN(delta_is_unknown_backwards);
	RUN(masks_become_lists);
	printf("1..%d\n", tests);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
