/* SPDX-License-Identifier: GPL-2.0 */
/* The threads of a recording, and how they were moved. */
#ifndef DMAAFF_STAT_MOVES_H
#define DMAAFF_STAT_MOVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recording.h"

#define MOVE_TERMS 5

/* Names of the terms of a move's cost. */
extern const char *const move_terms[MOVE_TERMS];

/* What it was made for, by the field `purpose` of the event. */
enum move_purpose {
	MOVE_FOR_GAIN, MOVE_FOR_RESERVED, MOVE_FOR_ENERGY, MOVE_FOR_TRIAL, MOVE_FOR_RETURN,
	MOVE_FOR_ROOM, MOVE_FOR_UNKNOWN
};

/**
 * struct move - as it was made and as it came out
 * @time_ns: on the recording's clock
 * @promised_e2, @achieved_e2: gain in hundredths of a percent
 * @terms_q16: of its cost, as shares of 1.0 times 65536; a negative one speaks for it
 * @reckoned: these are known
 * @purpose: enum move_purpose
 * @judged: it came out: else neither @achieved_e2 nor @verdict is known
 * @known: @achieved_e2 is
 */
struct move {
	uint64_t time_ns;
	pid_t tid;
	char comm[RECORDING_NAME], from[RECORDING_NAME], to[RECORDING_NAME];
	int promised_e2, achieved_e2;
	int terms_q16[MOVE_TERMS];
	unsigned int verdict, purpose;
	bool reckoned, judged, known;
};

/**
 * struct moves - all of a recording
 * @at, @nr: in the order of time
 * @nr_threads: different threads that were seen to submit DMA
 * @threads: for moves_add() alone
 * @no_memory: some are missing
 */
struct moves {
	struct move *at;
	size_t nr;
	size_t nr_threads;
	void *threads;
	bool no_memory;
};

/* Takes what an event says of threads and moves, if it does; zeroed @moves are empty. */
void moves_add(struct moves *moves, const struct happening *what);
void moves_free(struct moves *moves);

/* Forgets all but the latest @nr, and the threads. */
void moves_keep(struct moves *moves, size_t nr);

/* What speaks most for it, in words; NULL when that is not known. */
const char *move_reason(const struct move *move);

/* What came of it, in the words of dmaaff-stat history; NULL when that is not known. */
const char *move_result(const struct move *move);

#endif
