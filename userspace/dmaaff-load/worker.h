/* SPDX-License-Identifier: GPL-2.0 */
/* A thread that keeps copies in flight. */
#ifndef DMAAFF_LOAD_WORKER_H
#define DMAAFF_LOAD_WORKER_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "demand.h"
#include "histogram.h"
#include "options.h"

/* Sent to the main thread by a worker that cannot go on. */
#define WORKER_ENDED_SIGNAL SIGUSR1

/**
 * struct crew - what all threads share
 * @opt: the command line
 * @home: the mask that threads get back after --start-cpus
 * @start: everybody is ready; the main thread takes part
 * @chase: for --chase-ms
 * @stop: no more submissions
 * @boss: the main thread
 */
struct crew {
	const struct options *opt;
	cpu_set_t home;
	pthread_barrier_t start;
	struct chase chase;
	atomic_bool stop;
	pthread_t boss;
};

/**
 * struct worker - one thread
 * @crew: what it shares
 * @index: its number, from 0
 * @thread: to join
 * @tid: as Linux names it
 * @status: what the program should exit with, for this thread
 * @bytes: copied by engines
 * @cpu_bytes: copied by the CPU
 * @ops: copies that succeeded
 * @errors: copies that failed or were wrong
 * @max_ns: the longest latency since the main thread last set it to 0
 * @latency: of copies that succeeded
 *
 * The main thread reads the counters while the thread runs.
 */
struct worker {
	struct crew *crew;
	unsigned int index;
	pthread_t thread;
	pid_t tid;
	int status;

	_Atomic uint64_t bytes;
	_Atomic uint64_t cpu_bytes;
	_Atomic uint64_t ops;
	_Atomic uint64_t errors;
	_Atomic uint64_t max_ns;
	struct histogram latency;
};

/* Returns 0 or an errno. The thread waits at the barrier when it is ready. */
int worker_start(struct worker *worker);

uint64_t clock_ns(void);

#endif
