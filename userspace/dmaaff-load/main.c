// SPDX-License-Identifier: GPL-2.0
/* dmaaff-load: have DMA engines copy memory, and report what they did. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gate.h"
#include "message.h"
#include "options.h"
#include "report.h"
#include "tally.h"
#include "worker.h"

#define NSEC_PER_SEC 1000000000ULL

static double to_seconds(uint64_t ns)
{
	return ns / 1e9;
}

/* Signals are taken by sigtimedwait() in the main thread, and nowhere else. */
static void block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, WORKER_ENDED_SIGNAL);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* Returns false when a signal came first. */
static bool sleep_until(const sigset_t *signals, uint64_t until_ns)
{
	for (;;) {
		uint64_t now = clock_ns();
		struct timespec left = { 0 };
		int signal;

		if (now >= until_ns)
			return true;
		left.tv_sec = (until_ns - now) / NSEC_PER_SEC;
		left.tv_nsec = (until_ns - now) % NSEC_PER_SEC;
		signal = sigtimedwait(signals, NULL, &left);
		if (signal > 0)
			return false;
	}
}

/* Returns 0, or -1 when a report cannot be written. */
static int watch(const struct options *opt, struct tally *tally,
		 const sigset_t *signals, uint64_t start_ns)
{
	uint64_t end_ns = start_ns + opt->duration_ns;
	uint64_t last_ns = start_ns, next_ns = start_ns;
	const struct figures *threads;
	struct figures total;
	double seconds, at;
	int err = 0;

	while (opt->interval_ns && !err) {
		next_ns += opt->interval_ns;
		if (next_ns > end_ns)
			break;
		if (!sleep_until(signals, next_ns))
			return 0;
		seconds = to_seconds(clock_ns() - last_ns);
		last_ns = clock_ns();
		at = to_seconds(last_ns - start_ns);
		threads = tally_interval(tally, &total);
		err = opt->json ? report_json(seconds, threads, opt->threads) :
				  report_interval(at, seconds, &total);
	}
	if (!err)
		sleep_until(signals, end_ns);
	return err;
}

static int finish(const struct options *opt, struct tally *tally,
		  uint64_t start_ns, uint64_t end_ns)
{
	double seconds = to_seconds(end_ns - start_ns);
	const struct figures *threads;
	struct figures total;

	threads = tally_run(tally, &total);
	return opt->json ? report_json(seconds, threads, opt->threads) :
			   report_table(seconds, threads, opt->threads, &total);
}

/* The worst of the threads' statuses: no engine says more than an error. */
static int join_all(struct worker *workers, unsigned int nr)
{
	int status = STATUS_OK;

	for (unsigned int i = 0; i < nr; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].status > status)
			status = workers[i].status;
	}
	return status;
}

static int prepare_crew(struct crew *crew, const struct options *opt)
{
	int err;

	crew->opt = opt;
	crew->boss = pthread_self();
	/* The threads inherit this mask. */
	if (opt->has_cpus &&
	    sched_setaffinity(0, sizeof(opt->cpus), &opt->cpus)) {
		message("--cpus: %s; none of them is there, or may be used",
			strerror(errno));
		return STATUS_USAGE;
	}
	if (sched_getaffinity(0, sizeof(crew->home), &crew->home)) {
		message("cannot read the CPU mask: %s", strerror(errno));
		return STATUS_ERROR;
	}
	err = pthread_barrier_init(&crew->start, NULL, opt->threads + 1);
	if (err) {
		message("cannot start: %s", strerror(err));
		return STATUS_ERROR;
	}
	return STATUS_OK;
}

/* The barrier counts all threads: with one missing, the others cannot go. */
static int start_all(struct worker *workers, struct crew *crew)
{
	unsigned int i;
	int err;

	for (i = 0; i < crew->opt->threads; i++) {
		workers[i].crew = crew;
		workers[i].index = i;
		err = worker_start(&workers[i]);
		if (!err)
			continue;
		if (err == EINVAL && crew->opt->start_cpus)
			message("--start-cpus: CPU %d is not there, or may not be used",
				crew->opt->start_cpus[i % crew->opt->nr_start_cpus]);
		else
			message("cannot start thread %u: %s", i, strerror(err));
		return err == EINVAL ? STATUS_USAGE : STATUS_ERROR;
	}
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	static struct options opt;
	static struct crew crew = { .chase.lock = PTHREAD_MUTEX_INITIALIZER };
	struct worker *workers;
	struct tally *tally;
	uint64_t start_ns;
	sigset_t signals;
	int status, err, gate;

	options_parse(&opt, argc, argv);
	status = prepare_crew(&crew, &opt);
	if (status)
		return status;
	/* Held open, so that the engines stay while threads come and go. */
	gate = gate_open();
	if (gate < 0) {
		message("%s: %s; is the module dma_gate loaded, and are you root?",
			GATE_PATH, strerror(-gate));
		return STATUS_NO_ENGINE;
	}
	workers = calloc(opt.threads, sizeof(*workers));
	tally = workers ? tally_new(workers, opt.threads) : NULL;
	if (!tally) {
		message("no memory for %u threads", opt.threads);
		return STATUS_ERROR;
	}

	block_signals(&signals);
	status = start_all(workers, &crew);
	if (status)
		return status;
	pthread_barrier_wait(&crew.start);
	start_ns = clock_ns();
	err = atomic_load(&crew.stop) ? 0 : watch(&opt, tally, &signals, start_ns);
	atomic_store(&crew.stop, true);
	status = join_all(workers, opt.threads);
	if (status != STATUS_NO_ENGINE && !err)
		err = finish(&opt, tally, start_ns, clock_ns());
	if (err) {
		message("cannot write the report: %s", strerror(errno));
		status = STATUS_ERROR;
	}
	tally_free(tally);
	free(workers);
	free(opt.start_cpus);
	close(gate);
	return status;
}
