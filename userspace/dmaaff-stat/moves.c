// SPDX-License-Identifier: GPL-2.0
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "moves.h"

const char *const move_terms[MOVE_TERMS] = {
	"latency", "throughput", "cache", "pressure", "history"
};

static const char *const fields[MOVE_TERMS] = {
	"latency_q16", "throughput_q16", "cache_q16", "pressure_q16", "history_q16"
};

static const char *const reasons[MOVE_TERMS] = {
	"less waiting", "better balance", "nearer memory or caches", "less busy CPUs",
	"earlier moves"
};

static const char *const purposes[MOVE_FOR_UNKNOWN] = {
	[MOVE_FOR_RESERVED] = "the engine is reserved",
	[MOVE_FOR_ENERGY] = "the engine is to sleep",
	[MOVE_FOR_TRIAL] = "a trial: its engine is full",
	[MOVE_FOR_RETURN] = "back from a trial",
	[MOVE_FOR_ROOM] = "room for a trial of another",
};

/* The thread's latest candidate that was accepted and is not made yet. */
struct thread {
	pid_t tid;
	bool submitted, accepted;
	int terms_q16[MOVE_TERMS];
};

static int compare(const void *a, const void *b)
{
	pid_t x = ((const struct thread *)a)->tid, y = ((const struct thread *)b)->tid;

	return (x > y) - (x < y);
}

static struct thread *thread_of(struct moves *moves, pid_t tid)
{
	const struct thread key = { .tid = tid };
	struct thread **place = tfind(&key, &moves->threads, compare), *thread;

	if (place)
		return *place;
	thread = calloc(1, sizeof(*thread));
	if (thread) {
		thread->tid = tid;
		place = tsearch(thread, &moves->threads, compare);
	}
	if (!place) {
		free(thread);
		moves->no_memory = true;
		return NULL;
	}
	return thread;
}

static void add_thread(struct moves *moves, struct thread *thread)
{
	moves->nr_threads += !thread->submitted;
	thread->submitted = true;
}

static void add_candidate(struct thread *thread, const struct happening *what)
{
	size_t i;

	thread->accepted = happening_number(what, "accepted", 0);
	for (i = 0; i < MOVE_TERMS; i++)
		thread->terms_q16[i] = happening_number(what, fields[i], 0);
}

static void add_move(struct moves *moves, struct thread *thread, const struct happening *what)
{
	struct move *more, *move;

	if (!happening_number(what, "applied", 0))
		return;
	more = realloc(moves->at, (moves->nr + 1) * sizeof(*more));
	if (!more) {
		moves->no_memory = true;
		return;
	}
	moves->at = more;
	move = &more[moves->nr++];
	*move = (struct move){
		.time_ns = what->time_ns,
		.tid = thread->tid,
		.promised_e2 = happening_number(what, "promised_e2", 0),
		.reckoned = thread->accepted,
		.purpose = happening_number(what, "purpose", MOVE_FOR_UNKNOWN),
	};
	happening_text(what, "comm", move->comm);
	happening_text(what, "from", move->from);
	happening_text(what, "to", move->to);
	memcpy(move->terms_q16, thread->terms_q16, sizeof(move->terms_q16));
	thread->accepted = false;
}

/* Of the latest move of that thread. */
static void add_outcome(struct moves *moves, pid_t tid, const struct happening *what)
{
	size_t i;

	for (i = moves->nr; i > 0; i--) {
		struct move *move = &moves->at[i - 1];

		if (move->tid != tid)
			continue;
		move->achieved_e2 = happening_number(what, "achieved_e2", 0);
		move->verdict = happening_number(what, "verdict", 0);
		move->judged = true;
		move->known = happening_number(what, "known", true);
		return;
	}
}

void moves_add(struct moves *moves, const struct happening *what)
{
	pid_t tid = happening_number(what, "tid", 0);
	struct thread *thread;

	if (!strcmp(what->name, "migrate_outcome")) {
		add_outcome(moves, tid, what);
		return;
	}
	if (strcmp(what->name, "thread_sample") != 0 && strcmp(what->name, "candidate") != 0 &&
	    strcmp(what->name, "migrate") != 0)
		return;
	thread = thread_of(moves, tid);
	if (!thread)
		return;
	if (!strcmp(what->name, "thread_sample"))
		add_thread(moves, thread);
	else if (!strcmp(what->name, "candidate"))
		add_candidate(thread, what);
	else
		add_move(moves, thread, what);
}

void moves_free(struct moves *moves)
{
	tdestroy(moves->threads, free);
	free(moves->at);
}

void moves_keep(struct moves *moves, size_t nr)
{
	tdestroy(moves->threads, free);
	moves->threads = NULL;
	if (moves->nr <= nr)
		return;
	memmove(moves->at, moves->at + moves->nr - nr, nr * sizeof(*moves->at));
	moves->nr = nr;
}

const char *move_reason(const struct move *move)
{
	size_t i, best = 0;

	if (move->purpose > MOVE_FOR_GAIN && move->purpose < MOVE_FOR_UNKNOWN)
		return purposes[move->purpose];
	/* Recorded before purposes were told: other moves promise nothing. */
	if (!move->reckoned && !move->promised_e2 && move->purpose == MOVE_FOR_UNKNOWN)
		return "the engine is reserved, or to sleep";
	if (!move->reckoned)
		return NULL;
	for (i = 1; i < MOVE_TERMS; i++) {
		if (move->terms_q16[i] < move->terms_q16[best])
			best = i;
	}
	return move->terms_q16[best] < 0 ? reasons[best] : NULL;
}

const char *move_result(const struct move *move)
{
	static const char *const results[] = {
		"pending", "success", "partial", "failure", "reverted"
	};

	if (!move->judged || move->verdict >= sizeof(results) / sizeof(*results))
		return NULL;
	return results[move->verdict];
}
