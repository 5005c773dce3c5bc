// SPDX-License-Identifier: GPL-2.0
/* One scenario under each policy, side by side. */
#include <stdio.h>

#include "compare.h"

void compare_head(void)
{
	printf("%-18s %9s | %7s %7s %7s | %9s %9s %9s | %5s %5s %5s | %6s %6s %6s\n",
	       "", "oracle", "none", "react", "manage", "p99 none", "manage", "oracle",
	       "moves", "back", "orac", "full", "react", "manage");
	printf("%-18s %9s | %23s | %29s | %17s | %20s\n", "scenario", "MB/s",
	       "part of the oracle's", "us", "of manage", "beside free, s");
}

static double part(const struct trial_result *r, const struct trial_result *of)
{
	return of->bytes ? (double)r->bytes / (double)of->bytes : 0;
}

void compare_row(const char *name, const struct scenario *scenario, u64 seed)
{
	struct trial_result r[TRIAL_POLICIES];
	const struct trial_result *best = &r[TRIAL_ORACLE];
	int i;

	for (i = 0; i < TRIAL_POLICIES; i++) {
		struct trial t = { .scenario = scenario, .policy = i, .seed = seed };

		trial_run(&t, &r[i]);
	}
	printf("%-18s %9.1f | %7.3f %7.3f %7.3f | %9.0f %9.0f %9.0f | %5u %5u %5u | %6.2f %6.2f %6.2f\n",
	       name, (double)best->bytes * 1e3 / (double)scenario->duration_ns,
	       part(&r[TRIAL_NONE], best), part(&r[TRIAL_REACTIVE], best),
	       part(&r[TRIAL_MANAGE], best), (double)r[TRIAL_NONE].wait_p99_ns / 1e3,
	       (double)r[TRIAL_MANAGE].wait_p99_ns / 1e3, (double)best->wait_p99_ns / 1e3,
	       r[TRIAL_MANAGE].moves, r[TRIAL_MANAGE].pingpong, best->moves,
	       r[TRIAL_NONE].overlap_s, r[TRIAL_REACTIVE].overlap_s,
	       r[TRIAL_MANAGE].overlap_s);
	fflush(stdout);
	for (i = 0; i < TRIAL_POLICIES; i++)
		trial_free(&r[i]);
}
