/* SPDX-License-Identifier: GPL-2.0 */
/* One scenario run to its end under one policy, and what came of it. */
#ifndef LAB_TRIAL_H
#define LAB_TRIAL_H

#include "manager.h"
#include "scenario.h"

/**
 * enum trial_policy - who decides
 * @TRIAL_NONE: nobody moves
 * @TRIAL_REACTIVE: the module with PREDICTION_HORIZON=0
 * @TRIAL_MANAGE: the module as it comes
 * @TRIAL_ORACLE: the best placement found
 */
enum trial_policy {
	TRIAL_NONE,
	TRIAL_REACTIVE,
	TRIAL_MANAGE,
	TRIAL_ORACLE,
	TRIAL_POLICIES,
};

extern const char * const trial_names[TRIAL_POLICIES];

/**
 * struct trial - a run
 * @scenario: of what
 * @policy: who decides
 * @seed: of all that is random
 * @measured_ns: waits of what is submitted before do not count, nor overlap
 * @params: if not NULL, called to change the tunables before the run
 * @effort: of the oracle, 0 = TRIAL_EFFORT
 */
struct trial {
	const struct scenario *scenario;
	enum trial_policy policy;
	u64 seed;
	u64 measured_ns;
	void (*params)(struct dam_params *params);
	u64 effort;
};

#define TRIAL_EFFORT	20000000

/**
 * struct trial_result - what came of it
 * @bytes: completed
 * @wait_p50_ns: from submission to completion
 * @wait_p99_ns: the same
 * @moves: of threads
 * @pingpong: threads back within 1 s after a move that failed
 * @most_moves: of one thread
 * @overlap_s: time with one engine above 95 % busy and another below 50 %
 * @windows: completed bytes of each SIM_WINDOW_NS
 * @n_windows: how many those are
 */
struct trial_result {
	u64 bytes;
	u64 wait_p50_ns;
	u64 wait_p99_ns;
	u32 moves;
	u32 pingpong;
	u32 most_moves;
	double overlap_s;
	u64 *windows;
	u32 n_windows;
};

/** trial_run() - run it; free the result */
void trial_run(const struct trial *t, struct trial_result *r);

/** trial_free() - give back what trial_run() took */
void trial_free(struct trial_result *r);

#endif
