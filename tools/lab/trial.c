// SPDX-License-Identifier: GPL-2.0
/* One scenario run to its end under one policy. */
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "trial.h"

const char * const trial_names[TRIAL_POLICIES] = {
	[TRIAL_NONE] = "none",
	[TRIAL_REACTIVE] = "reactive",
	[TRIAL_MANAGE] = "manage",
	[TRIAL_ORACLE] = "oracle",
};

static void run_managed(const struct trial *t, struct sim *sim, struct trial_result *r)
{
	struct manager m;
	u32 i;

	manager_start(&m, sim, t->seed);
	if (t->policy == TRIAL_REACTIVE)
		m.params.horizon_ms = 0;
	if (t->params)
		t->params(&m.params);
	manager_run(&m, t->scenario->duration_ns);
	r->moves = m.n_moves;
	r->pingpong = m.pingpong;
	for (i = 0; i < t->scenario->n_threads; i++)
		if (m.threads[i].moves > r->most_moves)
			r->most_moves = m.threads[i].moves;
	manager_stop(&m);
}

static void run_oracle(const struct trial *t, struct sim *sim, struct trial_result *r)
{
	struct oracle o;

	oracle_find(&o, t->scenario, t->seed, t->effort ? t->effort : TRIAL_EFFORT);
	r->moves = oracle_run(&o, sim);
	oracle_free(&o);
}

void trial_run(const struct trial *t, struct trial_result *r)
{
	struct sim sim;

	memset(r, 0, sizeof(*r));
	sim_start(&sim, t->scenario, t->seed, 0);
	sim.measured_ns = t->measured_ns;
	if (t->policy == TRIAL_ORACLE)
		run_oracle(t, &sim, r);
	else if (t->policy == TRIAL_NONE)
		sim_run(&sim, t->scenario->duration_ns);
	else
		run_managed(t, &sim, r);
	r->bytes = sim_bytes(&sim);
	r->wait_p50_ns = sim_wait_ns(&sim, 0.5);
	r->wait_p99_ns = sim_wait_ns(&sim, 0.99);
	r->overlap_s = sim.overlap_windows * (SIM_WINDOW_NS / 1e9);
	r->windows = sim.windows;
	r->n_windows = sim.n_windows;
	sim.windows = NULL;
	sim_stop(&sim);
}

void trial_free(struct trial_result *r)
{
	free(r->windows);
	memset(r, 0, sizeof(*r));
}
