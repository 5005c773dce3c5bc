/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an engine knows about itself. Nothing here is sampled: every figure
 * is a count or an exact integral, so that others can be judged by it.
 */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include <linux/types.h>

/* How many submitters are told apart; the rest share one line. */
#define SIM_THREADS		2048
#define SIM_THREAD_BUCKETS	512

/* What stands in the tid column for submitters that are no known thread. */
#define SIM_TID_NONE		0	/* not in task context */
#define SIM_TID_OTHERS		(-1)	/* the table was full */

struct sim_thread {
	int tid;
	unsigned int next;	/* index + 1 of the next in the bucket */
	u64 bytes;
	u64 ops;
};

/**
 * struct sim_truth - the counters of one engine, under its lock
 * @bytes: bytes of the transfers that succeeded, and of periods
 * @ops: transfers that succeeded, interrupts included
 * @errors: transfers that completed with an error
 * @refused: prep calls that returned NULL
 * @terminated: transfers that were terminated after their submission
 * @terminated_bytes: theirs
 * @depth: transfers submitted and not completed
 * @depth_since_ns: up to when @depth_ns is integrated
 * @depth_ns: integral of @depth over time
 * @latency_ns: sum, over completed transfers, of completion minus submission
 * @sent_crc: crc32 of the bytes that went to devices, in their order
 * @threads: submitters, in order of appearance, two slots kept for the
 *	lines SIM_TID_NONE and SIM_TID_OTHERS
 * @nr_threads: slots of @threads in use
 * @buckets: hash of the tid to index + 1 of the first in the bucket
 */
struct sim_truth {
	u64 bytes;
	u64 ops;
	u64 errors;
	u64 refused;
	u64 terminated;
	u64 terminated_bytes;
	unsigned int depth;
	u64 depth_since_ns;
	u64 depth_ns;
	u64 latency_ns;
	u32 sent_crc;
	struct sim_thread *threads;
	unsigned int nr_threads;
	unsigned int buckets[SIM_THREAD_BUCKETS];
};

int sim_truth_init(struct sim_truth *truth, u64 now_ns);
void sim_truth_exit(struct sim_truth *truth);

unsigned int sim_truth_submitter(struct sim_truth *truth);
void sim_truth_submitted(struct sim_truth *truth, u64 now_ns);
void sim_truth_completed(struct sim_truth *truth, u64 now_ns, u64 submit_ns);
void sim_truth_terminated(struct sim_truth *truth, u64 now_ns, u64 bytes);
void sim_truth_moved(struct sim_truth *truth, unsigned int thread, u64 bytes,
		     unsigned int ops);
u64 sim_truth_depth_ns(const struct sim_truth *truth, u64 now_ns);

#endif
