// SPDX-License-Identifier: GPL-2.0
/* A thread's line of a scenario file: its words in any order. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "scenario_words.h"

#define SIZE_MAX_BYTES	1073741824.0
#define SERIES_MAX	(1U << 22)
/* Ten minutes; then the bursts come again */
#define BURSTS_MAX	(1U << 16)

/* Beside the scenario, unless the path says otherwise */
static FILE *open_beside(struct reader *r, const char *path)
{
	const char *slash = strrchr(r->path, '/');
	char *whole;
	FILE *file;

	if (*path == '/' || !slash)
		return fopen(path, "r");
	if (asprintf(&whole, "%.*s/%s", (int)(slash - r->path), r->path, path) < 0)
		return NULL;
	file = fopen(whole, "r");
	free(whole);
	return file;
}

/* Percentages, one a line, of what the engine that it starts on delivers */
static bool read_series(struct reader *r, struct scenario_thread *t, const char *path)
{
	FILE *file = open_beside(r, path);
	unsigned int line = 0;
	char text[256];

	if (!file)
		return wrong(r, "%s: %s", path, strerror(errno));
	while (fgets(text, sizeof(text), file)) {
		double percent, *more;
		char *end, *at = text;

		line++;
		while (isspace((unsigned char)*at))
			at++;
		if (!*at || *at == '#')
			continue;
		percent = strtod(at, &end);
		while (isspace((unsigned char)*end))
			end++;
		if (end == at || *end || !isfinite(percent) || percent < 0 ||
		    percent > 1e6 || t->n_series == SERIES_MAX) {
			fclose(file);
			return wrong(r, "%s:%u: not a percentage", path, line);
		}
		if (!(t->n_series & (t->n_series - 1))) {
			more = realloc(t->series_bps, (t->n_series ? 2UL * t->n_series : 1) *
				       sizeof(*more));
			if (!more) {
				fclose(file);
				return wrong(r, "%s: no memory", path);
			}
			t->series_bps = more;
		}
		t->series_bps[t->n_series++] = percent / 100;
	}
	fclose(file);
	return t->n_series || wrong(r, "%s: no percentage in it", path);
}

static bool get_rate(struct reader *r, double *bps)
{
	return get_number(r, "demand", 0, BPS_MAX, bps);
}

/* A share, or a percentage: nothing sensible is one or more of the first */
static bool get_jitter(struct reader *r, double *jitter)
{
	if (!next_is_number(r))
		return true;
	if (!get_number(r, "jitter", 0, 99, jitter))
		return false;
	if (*jitter >= 1)
		*jitter /= 100;
	return true;
}

static bool get_bursts(struct reader *r, struct scenario_thread *t)
{
	double seed;

	t->demand = DEMAND_FILE;
	if (!get_rate(r, &t->low_bps) || !get_rate(r, &t->high_bps) ||
	    !get_time(r, "burst", &t->burst_ns) || !get_time(r, "gap", &t->gap_ns) ||
	    !get_whole(r, "seed", 0, 1e9, &seed))
		return false;
	t->seed = (u64)seed;
	return (t->burst_ns >= DEMAND_FILE_NS && t->gap_ns >= DEMAND_FILE_NS) ||
	       wrong(r, "bursts: nothing is shorter than 10 ms");
}

/* Heavy-tailed: Pareto, exponent 1.5, cut off at a hundred times the shortest */
static u32 burst_values(struct lab_random *random, u64 shortest_ns)
{
	double times = pow(1 - lab_random_unit(random), -1 / 1.5);

	return (u32)(fmin(times, 100) * (double)shortest_ns / DEMAND_FILE_NS);
}

bool make_bursts(struct reader *r, struct scenario_thread *t)
{
	struct lab_random random = { .state = t->seed };
	u64 values = min_t(u64, r->s->duration_ns / DEMAND_FILE_NS + 1, BURSTS_MAX);
	bool burst = false;
	u32 left = 0;

	t->series_bps = malloc(values * sizeof(*t->series_bps));
	if (!t->series_bps)
		return wrong(r, "bursts: no memory");
	while (t->n_series < values) {
		for (; !left; burst = !burst)
			left = burst_values(&random, burst ? t->gap_ns : t->burst_ns);
		/* turned by the loop above */
		t->series_bps[t->n_series++] = burst ? t->high_bps : t->low_bps;
		left--;
	}
	return true;
}

static bool get_demand(struct reader *r, struct scenario_thread *t)
{
	const char *word = next_word(r);

	if (!word)
		return wrong(r, "demand: what?");
	if (!strcmp(word, "closed")) {
		t->demand = DEMAND_CLOSED;
		return true;
	}
	if (!strcmp(word, "const")) {
		t->demand = DEMAND_CONST;
		return get_rate(r, &t->low_bps);
	}
	if (!strcmp(word, "ramp")) {
		t->demand = DEMAND_RAMP;
		return get_rate(r, &t->low_bps) && get_rate(r, &t->high_bps);
	}
	if (!strcmp(word, "square")) {
		t->demand = DEMAND_SQUARE;
		if (!get_rate(r, &t->low_bps) || !get_rate(r, &t->high_bps) ||
		    !get_time(r, "period", &t->period_ns) ||
		    !get_time(r, "phase", &t->phase_ns) || !get_jitter(r, &t->jitter))
			return false;
		return t->period_ns >= 1000000 || wrong(r, "period: below 1 ms");
	}
	if (!strcmp(word, "flip")) {
		t->demand = DEMAND_FLIP;
		return get_rate(r, &t->low_bps) && get_rate(r, &t->high_bps) &&
		       get_time(r, "delay", &t->period_ns);
	}
	if (!strcmp(word, "bursts"))
		return get_bursts(r, t);
	if (!strcmp(word, "file")) {
		t->demand = DEMAND_FILE;
		word = next_word(r);
		if (!word)
			return wrong(r, "file: a path is missing");
		return read_series(r, t, word);
	}
	return wrong(r, "demand: '%s' is none of const, square, ramp, bursts, file, closed, flip",
		     word);
}

static bool get_thread_word(struct reader *r, struct scenario_thread *t, const char *word,
			    bool *has_demand)
{
	double number;

	if (!strcmp(word, "start"))
		return get_name(r, "start", r->start[r->s->n_threads]);
	if (!strcmp(word, "runs"))
		return get_node(r, 0, &t->runs);
	if (!strcmp(word, "begins"))
		return get_time(r, "begins", &t->begins_ns);
	if (!strcmp(word, "kind")) {
		word = next_word(r);
		t->kinds = 0;
		return word ? add_kind(r, word, &t->kinds) : wrong(r, "kind: which?");
	}
	if (!strcmp(word, "size")) {
		if (!get_whole(r, "size", 1, SIZE_MAX_BYTES, &number))
			return false;
		t->size = (u32)number;
		return true;
	}
	if (!strcmp(word, "depth")) {
		if (!get_whole(r, "depth", 1, SCENARIO_DEPTH_MAX, &number))
			return false;
		t->depth = (u32)number;
		return true;
	}
	if (!strcmp(word, "demand")) {
		if (*has_demand)
			return wrong(r, "demand: given twice");
		*has_demand = true;
		return get_demand(r, t);
	}
	if (!strcmp(word, "rt")) {
		t->rt = true;
		return true;
	}
	if (!strcmp(word, "bound")) {
		t->bound = true;
		return true;
	}
	return wrong(r, "thread: '%s' is not known", word);
}

bool read_thread(struct reader *r)
{
	struct scenario_thread t, *added;
	char name[SCENARIO_NAME];
	bool has_demand = false;
	const char *word;
	u32 i;

	if (!get_name(r, "thread", name))
		return false;
	if (r->s->n_threads == SCENARIO_THREADS)
		return wrong(r, "more than %d threads", SCENARIO_THREADS);
	for (i = 0; i < r->s->n_threads; i++)
		if (!strcmp(r->s->threads[i].name, name))
			return wrong(r, "thread '%s' is there already", name);
	added = scenario_thread(r->s, 0);
	r->s->n_threads--;
	t = *added;
	memcpy(t.name, name, sizeof(name));
	t.kinds = 0;
	r->start[r->s->n_threads][0] = '\0';
	while ((word = next_word(r))) {
		if (!get_thread_word(r, &t, word, &has_demand)) {
			free(t.series_bps);
			return false;
		}
	}
	r->start_line[r->s->n_threads] = r->line;
	*added = t;
	r->s->n_threads++;
	if (!r->start[r->s->n_threads - 1][0])
		return wrong(r, "thread '%s': start is missing", name);
	return has_demand || wrong(r, "thread '%s': demand is missing", name);
}

