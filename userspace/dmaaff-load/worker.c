// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "gate.h"
#include "message.h"
#include "pattern.h"
#include "worker.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

/* How often a thread that waits looks whether it should stop. */
#define LOOK_NS		(100 * NSEC_PER_MSEC)

/* A copy that takes longer is given up. */
#define LOST_NS		(30 * NSEC_PER_SEC)

/* Large pages keep a copy in one piece for the engine. */
#define ARENA_ALIGN	(2UL << 20)
#define PAGE		4096UL

/**
 * struct slot - room for one copy
 * @src: read
 * @dst: written
 * @copy: the copy's number
 */
struct slot {
	unsigned char *src;
	unsigned char *dst;
	uint64_t copy;
};

/**
 * struct job - what a running thread needs
 * @worker: itself
 * @opt: the command line
 * @fd: its own gate
 * @arena: all buffers
 * @arena_size: in bytes
 * @slots: one a copy in flight
 * @free: numbers of the unused ones
 * @nr_free: how many
 * @copies: submissions tried so far
 * @demand: when copies are due
 * @quit: give up at once
 */
struct job {
	struct worker *worker;
	const struct options *opt;
	int fd;
	void *arena;
	size_t arena_size;
	struct slot *slots;
	unsigned int *free;
	unsigned int nr_free;
	uint64_t copies;
	struct demand demand;
	bool quit;
};

uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	struct timespec until = {
		.tv_sec = ns / NSEC_PER_SEC,
		.tv_nsec = ns % NSEC_PER_SEC,
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* The thread is its counters' only writer. */
static void count(_Atomic uint64_t *counter, uint64_t add)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + add,
			      memory_order_relaxed);
}

static bool stopped(const struct job *job)
{
	return job->quit || atomic_load_explicit(&job->worker->crew->stop,
						 memory_order_relaxed);
}

static void give_up(struct job *job, int status)
{
	struct crew *crew = job->worker->crew;

	job->worker->status = status;
	job->quit = true;
	atomic_store(&crew->stop, true);
	pthread_kill(crew->boss, WORKER_ENDED_SIGNAL);
}

static unsigned int in_flight(const struct job *job)
{
	return job->opt->depth - job->nr_free;
}

/* Returns 0 or an errno. */
static int make_buffers(struct job *job)
{
	size_t stride = (job->opt->size + PAGE - 1) / PAGE * PAGE;
	size_t used = 2 * stride * job->opt->depth;
	unsigned char *at;

	/* A large page must lie in the mapping as a whole. */
	used = (used + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	job->arena_size = used + ARENA_ALIGN;
	job->arena = mmap(NULL, job->arena_size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (job->arena == MAP_FAILED) {
		job->arena = NULL;
		return ENOMEM;
	}
	at = (unsigned char *)(((uintptr_t)job->arena + ARENA_ALIGN - 1) &
			       ~(ARENA_ALIGN - 1));
	/* Only a wish: a kernel without large pages does without. */
	madvise(at, used, MADV_HUGEPAGE);

	job->slots = calloc(job->opt->depth, sizeof(*job->slots));
	job->free = calloc(job->opt->depth, sizeof(*job->free));
	if (!job->slots || !job->free)
		return ENOMEM;
	for (unsigned int i = 0; i < job->opt->depth; i++) {
		job->slots[i].src = at;
		job->slots[i].dst = at + stride;
		/* Touched here, so that the memory is this CPU's. */
		pattern_fill(job->slots[i].src, job->opt->size,
			     job->worker->index, 0);
		for (size_t page = 0; page < stride; page += PAGE)
			job->slots[i].dst[page] = 0;
		at += 2 * stride;
		job->free[job->nr_free++] = i;
	}
	return 0;
}

static void drop_buffers(struct job *job)
{
	if (job->arena)
		munmap(job->arena, job->arena_size);
	free(job->slots);
	free(job->free);
}

static void submit(struct job *job)
{
	struct worker *worker = job->worker;
	unsigned int number = job->free[job->nr_free - 1];
	struct slot *slot = &job->slots[number];
	int err;

	slot->copy = job->copies++;
	demand_served(&job->demand);
	if (job->opt->verify)
		pattern_fill(slot->src, job->opt->size, worker->index, slot->copy);
	err = gate_copy(job->fd, slot->src, slot->dst, job->opt->size,
			job->opt->fallback, number);
	if (!err) {
		job->nr_free--;
		return;
	}
	if (err == -EINTR)
		return;
	if (err == -ENODEV && !worker->ops && !in_flight(job)) {
		if (!atomic_exchange(&worker->crew->stop, true))
			complain("no DMA engine serves CPU %d: load a driver of one, or let the CPU copy with --fallback",
				 sched_getcpu());
		give_up(job, STATUS_NO_ENGINE);
		return;
	}
	count(&worker->errors, 1);
	complain("thread %u copy %llu cannot be submitted: %s", worker->index,
		 (unsigned long long)slot->copy, strerror(-err));
	if (err == -ENODEV || err == -EBUSY)
		sleep_until(clock_ns() + NSEC_PER_MSEC);
	else
		give_up(job, STATUS_ERROR);
}

static void account(struct job *job, const struct dma_gate_wait *done)
{
	struct worker *worker = job->worker;
	struct slot *slot = &job->slots[done->user_data];

	count(&worker->bytes, done->bytes);
	count(&worker->cpu_bytes, done->cpu_bytes);
	if (done->error) {
		complain("thread %u copy %llu: %s", worker->index,
			 (unsigned long long)slot->copy, strerror(done->error));
		count(&worker->errors, 1);
		return;
	}
	if (job->opt->verify && pattern_check(slot->dst, job->opt->size,
					      worker->index, slot->copy)) {
		count(&worker->errors, 1);
		return;
	}
	count(&worker->ops, 1);
	histogram_add(&worker->latency, done->latency_ns);
	if (done->latency_ns > atomic_load_explicit(&worker->max_ns, memory_order_relaxed))
		atomic_store_explicit(&worker->max_ns, done->latency_ns,
				      memory_order_relaxed);
}

/* Returns whether a copy was collected. */
static bool collect(struct job *job, uint64_t timeout_ns)
{
	struct dma_gate_wait done;
	int err = gate_wait(job->fd, timeout_ns, &done);

	if (!err) {
		job->free[job->nr_free++] = done.user_data;
		account(job, &done);
		return true;
	}
	if (err != -ETIME && err != -EINTR) {
		complain("thread %u cannot wait: %s", job->worker->index,
			 strerror(-err));
		give_up(job, STATUS_ERROR);
	}
	return false;
}

/* Whatever is in flight, however long it takes, within reason. */
static void collect_patiently(struct job *job)
{
	uint64_t waited_ns = 0;

	while (!collect(job, LOOK_NS) && !job->quit) {
		waited_ns += LOOK_NS;
		if (waited_ns < LOST_NS)
			continue;
		complain("thread %u: %u copies in flight do not come back",
			 job->worker->index, in_flight(job));
		count(&job->worker->errors, in_flight(job));
		give_up(job, STATUS_ERROR);
	}
}

static unsigned int node_here(void)
{
	unsigned int node = 0;

	getcpu(NULL, &node);
	return node;
}

static void pace(struct job *job)
{
	uint64_t now = clock_ns(), look_ns;

	if (demand_is_due(&job->demand, now, node_here(), &look_ns)) {
		submit(job);
		return;
	}
	if (look_ns > now + LOOK_NS)
		look_ns = now + LOOK_NS;
	if (in_flight(job))
		collect(job, look_ns - now);
	else
		sleep_until(look_ns);
}

static void work(struct job *job)
{
	bool paced = demand_is_paced(job->opt);

	demand_begin(&job->demand, clock_ns(), node_here());
	while (!stopped(job)) {
		if (!job->nr_free)
			collect_patiently(job);
		else if (paced)
			pace(job);
		else
			submit(job);
	}
	while (in_flight(job) && !job->quit)
		collect_patiently(job);
}

static int prepare(struct job *job)
{
	int err;

	job->fd = gate_open();
	if (job->fd < 0) {
		complain("%s: %s", GATE_PATH, strerror(-job->fd));
		return STATUS_NO_ENGINE;
	}
	err = make_buffers(job);
	if (err) {
		complain("no memory for %u copies of %zu bytes: %s; use fewer threads, a smaller --depth or --size",
			 job->opt->depth, job->opt->size, strerror(err));
		return STATUS_ERROR;
	}
	/* Deadlines are kept as exactly as the timers can. */
	if (demand_is_paced(job->opt))
		prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	return STATUS_OK;
}

static void *worker_run(void *arg)
{
	struct worker *worker = arg;
	struct crew *crew = worker->crew;
	struct job job = {
		.worker = worker, .opt = crew->opt, .fd = -1,
		.demand = { .opt = crew->opt, .chase = &crew->chase },
	};

	worker->tid = gettid();
	worker->status = prepare(&job);
	if (worker->status)
		atomic_store(&crew->stop, true);
	pthread_barrier_wait(&crew->start);
	if (worker->status)
		goto out;

	/* Before the first copy: whoever watches sees the mask set by its owner. */
	if (crew->opt->start_cpus && sched_setaffinity(0, sizeof(crew->home), &crew->home)) {
		complain("thread %u cannot have its CPUs back: %s",
			 worker->index, strerror(errno));
		give_up(&job, STATUS_ERROR);
	}
	work(&job);
out:
	if (job.fd >= 0)
		close(job.fd);
	drop_buffers(&job);
	if (!worker->status && worker->errors)
		worker->status = STATUS_ERROR;
	return NULL;
}

int worker_start(struct worker *worker)
{
	const struct options *opt = worker->crew->opt;
	pthread_attr_t attr;
	cpu_set_t cpus;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return err;
	if (opt->start_cpus) {
		CPU_ZERO(&cpus);
		CPU_SET(opt->start_cpus[worker->index % opt->nr_start_cpus], &cpus);
		err = pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	}
	if (!err)
		err = pthread_create(&worker->thread, &attr, worker_run, worker);
	pthread_attr_destroy(&attr);
	return err;
}
