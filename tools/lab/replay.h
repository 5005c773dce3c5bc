/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording of the module's ticks, decided on anew: what its events say of each
 * tick is put before policy/, and what that decides is held against what the
 * module did, or was recorded with other tunables.
 */
#ifndef LAB_REPLAY_H
#define LAB_REPLAY_H

#include "learn.h"
#include "recording.h"

/* Slots and engines that a recording may name */
#define REPLAY_SLOTS	1048576
#define REPLAY_ENGINES	DAM_MAX_ENGINES

/**
 * struct replay_sample - what a tick found of a thread that submitted
 * @bps: submitted
 * @now_bps: its demand as the module saw it
 * @pred_bps: and forecast it
 */
struct replay_sample {
	u64 bps;
	u64 now_bps;
	u64 pred_bps;
	u32 op_bytes;
	u16 engine;
};

/**
 * struct replay_thread - a slot of the table of threads
 * @slot: which
 * @used: it is a thread's
 * @sampled: @sample is of this tick
 * @looked: @look is of this tick
 * @judged: @achieved_q16 and @verdict are of this tick
 * @look: what seldom changes
 * @sent_from: engine that it was decided to be sent from
 * @sent_to: engine that it was decided to be sent to
 * @sent_for: what for, enum dam_purpose
 * @sent_q16: what that promised
 * @due_ns: when its last move is judged, 0 none
 * @due_from: engine it came from
 * @due_q16: what was promised
 * @strayed: it is elsewhere than it was when recorded
 * @asked: bit per engine: whether it may go there was asked once
 * @may: and the answer
 */
struct replay_thread {
	struct dam_forecast forecast;
	struct dam_demand demand;
	struct dam_memory memory;
	u32 slot;
	bool used;
	bool sampled;
	bool looked;
	bool judged;
	bool strayed;
	int tid;
	char comm[RECORDING_NAME];
	struct replay_sample sample;
	struct dam_thread_view look;
	s32 achieved_q16;
	u32 verdict;
	u16 sent_from;
	u16 sent_to;
	u8 sent_for;
	s32 sent_q16;
	u64 due_ns;
	u16 due_from;
	s32 due_q16;
	u64 asked[REPLAY_ENGINES / 64];
	u64 may[REPLAY_ENGINES / 64];
};

/**
 * struct replay_engine - an engine
 * @sampled: it was there in this tick
 * @there: it was there in the last one
 * @name: of the last one
 * @view: its part that is found, not decided
 * @kept: what the policy remembers from tick to tick is in it
 */
struct replay_engine {
	bool sampled;
	bool there;
	char name[RECORDING_NAME];
	char sample_name[RECORDING_NAME];
	struct dam_engine_view view;
	struct dam_engine_view kept;
	struct dam_service service;
};

/* A candidate, as costed */
struct replay_candidate {
	int tid;
	char from[RECORDING_NAME];
	char to[RECORDING_NAME];
	struct dam_cost cost;
	bool accepted;
};

/* Whether a thread may go to an engine, as the module was told */
struct replay_answer {
	u32 slot;
	u32 engine;
	bool may;
};

/* A decision, as it was made */
struct replay_decision {
	struct dam_move move;
	bool ready;
};

/**
 * struct replay_tick - what is recorded of one tick
 * @rested: the module slept before it
 * @n_engines: one above the highest
 * @present: engines that there were
 */
struct replay_tick {
	u32 sequence;
	u32 mode;
	u64 now_ns;
	u32 n_engines;
	u32 n_threads;
	u32 present;
	bool rested;
	u32 choice;
	struct dam_params params;
};

/**
 * struct replay_move - a move of the recording, or of the replay
 * @at_ns: since the first tick
 */
struct replay_move {
	u64 at_ns;
	int tid;
	char comm[RECORDING_NAME];
	char from[RECORDING_NAME];
	char to[RECORDING_NAME];
	s32 promised_q16;
};

struct replay_moves {
	struct replay_move *move;
	size_t n;
	size_t room;
};

/**
 * struct replay_wishes - tunables that are not the recorded ones
 * @set: bit per enum replay_tunable
 * @value: in the unit that struct dam_params has; MAX_MOVES -1: auto
 */
struct replay_wishes {
	u32 set;
	int value[8];
};

enum replay_tunable {
	REPLAY_WEIGHT_LATENCY,
	REPLAY_WEIGHT_THROUGHPUT,
	REPLAY_THRESHOLD,
	REPLAY_HORIZON,
	REPLAY_MAX_MOVES,
	REPLAY_BIAS,
	REPLAY_HISTORY,
	REPLAY_FORECASTER,
	REPLAY_TUNABLES,
};

/* Differences that are told */
#define REPLAY_TOLD	10

/**
 * struct replay - the module, over again
 * @wishes: tunables
 * @differences: how many there are
 * @told: the first of them, text
 * @recorded: decisions of the module
 * @replayed: decisions of the policy
 * @ticks: how many were decided on
 * @first_ns: when the first of them was
 * @error: what is wrong with the recording, NULL nothing; replay_free() frees it
 */
struct replay {
	struct replay_wishes wishes;
	size_t differences;
	char *told[REPLAY_TOLD];
	struct replay_moves recorded;
	struct replay_moves replayed;
	size_t ticks;
	u64 first_ns;
	char *error;
	/* private */
	size_t events;
	bool any_tick;
	bool started;
	bool lost;
	u32 sequence;
	u32 mode;
	struct replay_tick tick;
	struct replay_thread **threads;
	struct dam_thread_view *views;
	u32 room;
	u32 limit;
	u32 *active;
	struct replay_engine *engines;
	struct dam_engine_view *engine_views;
	struct replay_candidate *candidates;
	size_t n_candidates, room_candidates, next_candidate;
	struct replay_answer *answers;
	size_t n_answers, room_answers, next_answer;
	struct replay_decision *decisions;
	size_t n_decisions, room_decisions;
	u8 *distance;
	u32 nodes;
	struct dam_snapshot snap;
	struct dam_forecaster forecaster;
	struct dam_ahead ahead;
	struct dam_bucket bucket;
};

/** replay_start() - @wishes: which tunables are others; replay_free() is due */
void replay_start(struct replay *r, const struct replay_wishes *wishes);
void replay_free(struct replay *r);

/* replay_read.c: an event of the recording; for recording_read() */
void replay_take(const struct happening *what, void *replay);

/* replay_read.c: the recording has ended: says in @error what it lacked */
void replay_end(struct replay *r);

/* replay_tick.c: decides on what was read of a tick, and compares */
void replay_decide(struct replay *r);

/* replay_tick.c: a move has been made, as recorded */
void replay_moved(struct replay *r, u32 slot);

/* replay_tick.c: a move was judged before its time, for the module was about to sleep */
void replay_settle(struct replay *r, u32 slot);

/* With tunables of others, nothing need be as recorded */
static inline bool replay_is_other(const struct replay *r)
{
	return r->wishes.set;
}

#endif
