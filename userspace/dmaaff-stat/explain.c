// SPDX-License-Identifier: GPL-2.0
/* explain: why a process's threads were, or were not, moved. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "module.h"
#include "output.h"
#include "record.h"
#include "recording.h"

#define SECONDS 2
#define ROUTES 64

/* The latest that was reckoned for one thread and one way. */
struct verdict {
	pid_t tid;
	char from[RECORDING_NAME], to[RECORDING_NAME];
	int latency, throughput, cache, pressure, history, total, accept;
	unsigned long reckoned, accepted;
};

struct inquiry {
	pid_t pid;
	bool recorded;
	struct verdict verdicts[ROUTES];
	size_t nr;
	unsigned long bottlenecks, others;
};

static bool is_there(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return !access(path, F_OK);
}

/* A recording knows threads alone: what process they were of is gone. */
static bool is_asked_for(const struct inquiry *inquiry, pid_t tid)
{
	char path[64];

	if (tid == inquiry->pid)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)inquiry->pid, (int)tid);
	return !inquiry->recorded && !access(path, F_OK);
}

static struct verdict *verdict_of(struct inquiry *inquiry, pid_t tid, const char *from,
				  const char *to)
{
	struct verdict *verdict;
	size_t i;

	for (i = 0; i < inquiry->nr; i++) {
		verdict = &inquiry->verdicts[i];
		if (verdict->tid == tid && !strcmp(verdict->from, from) &&
		    !strcmp(verdict->to, to))
			return verdict;
	}
	if (inquiry->nr == ROUTES)
		return NULL;
	verdict = &inquiry->verdicts[inquiry->nr++];
	*verdict = (struct verdict){ .tid = tid };
	snprintf(verdict->from, sizeof(verdict->from), "%s", from);
	snprintf(verdict->to, sizeof(verdict->to), "%s", to);
	return verdict;
}

static void add(const struct happening *what, void *data)
{
	struct inquiry *inquiry = data;
	char from[RECORDING_NAME], to[RECORDING_NAME];
	struct verdict *verdict;
	pid_t tid;

	if (!strcmp(what->name, "bottleneck"))
		inquiry->bottlenecks++;
	if (strcmp(what->name, "candidate") != 0)
		return;
	tid = happening_number(what, "tid", 0);
	if (!is_asked_for(inquiry, tid)) {
		inquiry->others++;
		return;
	}
	verdict = verdict_of(inquiry, tid, happening_text(what, "from", from),
			     happening_text(what, "to", to));
	if (!verdict)
		return;
	verdict->latency = happening_number(what, "latency_q16", 0);
	verdict->throughput = happening_number(what, "throughput_q16", 0);
	verdict->cache = happening_number(what, "cache_q16", 0);
	verdict->pressure = happening_number(what, "pressure_q16", 0);
	verdict->history = happening_number(what, "history_q16", 0);
	verdict->total = happening_number(what, "total_q16", 0);
	verdict->accept = happening_number(what, "accept_q16", 0);
	verdict->reckoned++;
	verdict->accepted += happening_number(what, "accepted", 0) != 0;
}

static void write_term(const char *name, int q16, const char *meaning, FILE *out)
{
	fprintf(out, "  %-11s %+9.2f %%   %s\n", name, q16 * 100.0 / 65536, meaning);
}

static void write_verdict(const struct verdict *verdict, FILE *out)
{
	fprintf(out, "Thread %d, from %s to %s: reckoned %lu times, accepted %lu times.\n",
		(int)verdict->tid, verdict->from, verdict->to, verdict->reckoned,
		verdict->accepted);
	fputs("The last time:\n", out);
	write_term("latency", verdict->latency, "change of waiting, by DMA_WEIGHT_LATENCY", out);
	write_term("throughput", verdict->throughput,
		   "change of imbalance, by DMA_WEIGHT_THROUGHPUT", out);
	write_term("cache", verdict->cache, "caches to refill, memory nearer or farther", out);
	write_term("pressure", verdict->pressure, "CPUs there are busier, or less busy", out);
	write_term("history", verdict->history, "moves of this thread that failed, or brought it",
		   out);
	write_term("total", verdict->total, verdict->total < -verdict->accept ?
		   "is enough: below the bound" : "is not enough: a move must be below the bound",
		   out);
	write_term("bound", -verdict->accept, "what a move must gain at least", out);
}

/* What the tables say where nothing was reckoned. */
static const char *reason(const struct inquiry *inquiry, const char *mode, const char *state)
{
	if (mode && (!strcmp(mode, "off") || !strcmp(mode, "monitor")))
		return "nothing is reckoned in this mode: set MODE to advise or manage";
	if (!state)
		return "it did no DMA, or so little that it is not in the table";
	if (!strcmp(state, "pinned"))
		return "it may not be moved: bound by its mask, a real-time thread, or a worker";
	if (!strcmp(state, "optout"))
		return "it is never moved: it is in OPTED_OUT";
	if (!strcmp(state, "holdoff"))
		return "somebody else set its CPU mask: it is left alone for HOLDOFF seconds";
	if (!strcmp(state, "cooling"))
		return "it was moved a moment ago";
	if (inquiry->others)
		return "other threads were reckoned, this one is on no bottleneck or not the best";
	if (inquiry->bottlenecks)
		return "there was a bottleneck, but this thread is not on it, or has nowhere to go";
	return "no engine was a bottleneck: see MIGRATION_THRESHOLD";
}

static void write_thread(const struct inquiry *inquiry, const char *mode,
			 const struct dmaaff_thread *thread, FILE *out)
{
	fprintf(out, "Thread %d is %s on %s", (int)thread->tid, thread->state,
		thread->engine ? thread->engine : "no engine");
	if (thread->cpus)
		fprintf(out, ", CPUs %s", thread->cpus);
	if (thread->origin_cpus)
		fprintf(out, " of %s", thread->origin_cpus);
	if (inquiry->nr)
		fputs(".\n", out);
	else
		fprintf(out, ": %s.\n", reason(inquiry, mode, thread->state));
}

static void write_state(const struct inquiry *inquiry, struct dmaaff *dmaaff, FILE *out)
{
	struct dmaaff_threads *threads = dmaaff_threads_read(dmaaff);
	struct dmaaff_snapshot *snapshot = dmaaff_snapshot_read(dmaaff);
	const char *mode = snapshot ? snapshot->mode : NULL;
	size_t i, found = 0;

	for (i = 0; threads && i < threads->nr; i++) {
		if (!is_asked_for(inquiry, threads->threads[i].tid))
			continue;
		write_thread(inquiry, mode, &threads->threads[i], out);
		found++;
	}
	if (!found && !inquiry->nr)
		fprintf(out, "%d: %s.\n", (int)inquiry->pid, reason(inquiry, mode, NULL));
	dmaaff_threads_free(threads);
	dmaaff_snapshot_free(snapshot);
}

static int write_all(const struct inquiry *inquiry, struct dmaaff *dmaaff)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);
	int result;

	if (!out)
		return -1;
	if (dmaaff)
		write_state(inquiry, dmaaff, out);
	else if (!inquiry->nr)
		fprintf(out, "%d was never reckoned in this recording.\n", (int)inquiry->pid);
	for (i = 0; i < inquiry->nr; i++)
		write_verdict(&inquiry->verdicts[i], out);
	result = fclose(out) ? -1 : output_put(text, size);
	free(text);
	return result;
}

static int inquire_live(struct inquiry *inquiry, const struct options *options, double seconds)
{
	static const struct recording_want wants[] = {
		{ "candidate", NULL }, { "bottleneck", NULL }, { NULL, NULL }
	};
	struct dmaaff *dmaaff = module_open(options->root);
	int result = dmaaff ? 0 : -1;

	if (!result && !is_there(inquiry->pid)) {
		message("there is no process or thread %d", (int)inquiry->pid);
		result = -1;
	}
	if (!result)
		result = recording_live(wants, seconds, add, inquiry);
	if (!result)
		result = write_all(inquiry, dmaaff);
	dmaaff_close(dmaaff);
	return result;
}

int explain_run(const struct options *options)
{
	static struct inquiry inquiry;
	const char *pid = options->words[0], *source = pid ? options->words[1] : NULL;
	double seconds = SECONDS;
	int result;

	if (!pid)
		return usage("argument", "PID", "is missing");
	if (pid[strspn(pid, "0123456789")] || strlen(pid) > 9)
		return usage("PID", pid, "is no number");
	inquiry.pid = strtol(pid, NULL, 10);
	if (!source || options_seconds(source, &seconds)) {
		result = inquire_live(&inquiry, options, seconds);
	} else {
		inquiry.recorded = true;
		result = recording_read(source, add, &inquiry);
		if (!result)
			result = write_all(&inquiry, NULL);
	}
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}
