// SPDX-License-Identifier: GPL-2.0
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "truth.h"

/**
 * sim_truth_init() - start counting from nothing
 * @truth: zeroed counters
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int sim_truth_init(struct sim_truth *truth, u64 now_ns)
{
	truth->threads = kvcalloc(SIM_THREADS, sizeof(*truth->threads),
				  GFP_KERNEL);
	if (!truth->threads)
		return -ENOMEM;
	truth->depth_since_ns = now_ns;
	return 0;
}

/**
 * sim_truth_exit() - free what sim_truth_init() took
 * @truth: the counters
 */
void sim_truth_exit(struct sim_truth *truth)
{
	kvfree(truth->threads);
	truth->threads = NULL;
}

static unsigned int sim_truth_slot(struct sim_truth *truth, int tid)
{
	unsigned int *head, i, room;

	head = &truth->buckets[hash_32(tid, ilog2(SIM_THREAD_BUCKETS))];
	for (i = *head; i; i = truth->threads[i - 1].next)
		if (truth->threads[i - 1].tid == tid)
			return i - 1;

	room = tid > 0 ? SIM_THREADS - 2 : SIM_THREADS;
	if (truth->nr_threads >= room)
		return sim_truth_slot(truth, SIM_TID_OTHERS);

	i = truth->nr_threads++;
	truth->threads[i].tid = tid;
	truth->threads[i].next = *head;
	*head = i + 1;
	return i;
}

/**
 * sim_truth_submitter() - the line of whoever calls
 * @truth: the counters
 *
 * Context: any, under the engine's lock.
 * Return: an index for sim_truth_moved().
 */
unsigned int sim_truth_submitter(struct sim_truth *truth)
{
	return sim_truth_slot(truth, in_task() ? current->pid :
						 SIM_TID_NONE);
}

static void sim_truth_integrate(struct sim_truth *truth, u64 now_ns)
{
	truth->depth_ns = sim_truth_depth_ns(truth, now_ns);
	truth->depth_since_ns = now_ns;
}

/**
 * sim_truth_submitted() - one transfer more in flight
 * @truth: the counters
 * @now_ns: CLOCK_MONOTONIC, never less than in the call before
 *
 * Context: any, under the engine's lock.
 */
void sim_truth_submitted(struct sim_truth *truth, u64 now_ns)
{
	sim_truth_integrate(truth, now_ns);
	truth->depth++;
}

static void sim_truth_left(struct sim_truth *truth, u64 now_ns)
{
	sim_truth_integrate(truth, now_ns);
	truth->depth--;
}

/**
 * sim_truth_completed() - one transfer less in flight, it completed
 * @truth: the counters
 * @now_ns: CLOCK_MONOTONIC
 * @submit_ns: when it was submitted
 *
 * Context: any, under the engine's lock.
 */
void sim_truth_completed(struct sim_truth *truth, u64 now_ns, u64 submit_ns)
{
	sim_truth_left(truth, now_ns);
	truth->latency_ns += now_ns - submit_ns;
}

/**
 * sim_truth_terminated() - one transfer less in flight, it was terminated
 * @truth: the counters
 * @now_ns: CLOCK_MONOTONIC
 * @bytes: of all of it
 *
 * Context: any, under the engine's lock.
 */
void sim_truth_terminated(struct sim_truth *truth, u64 now_ns, u64 bytes)
{
	sim_truth_left(truth, now_ns);
	truth->terminated++;
	truth->terminated_bytes += bytes;
}

/**
 * sim_truth_moved() - charge what was moved without an error
 * @truth: the counters
 * @thread: what sim_truth_submitter() returned at submission
 * @bytes: how much
 * @ops: transfers that this completes, 0 or 1
 *
 * Context: any, under the engine's lock.
 */
void sim_truth_moved(struct sim_truth *truth, unsigned int thread, u64 bytes,
		     unsigned int ops)
{
	truth->bytes += bytes;
	truth->ops += ops;
	truth->threads[thread].bytes += bytes;
	truth->threads[thread].ops += ops;
}

/**
 * sim_truth_depth_ns() - integral of the depth up to now
 * @truth: the counters
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: any, under the engine's lock.
 * Return: nanoseconds times transfers.
 */
u64 sim_truth_depth_ns(const struct sim_truth *truth, u64 now_ns)
{
	return truth->depth_ns +
	       (now_ns - truth->depth_since_ns) * truth->depth;
}
