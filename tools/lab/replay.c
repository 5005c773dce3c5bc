// SPDX-License-Identifier: GPL-2.0
/* dmaaff-lab replay: does a recording lead to the same decisions. */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"
#include "memory.h"
#include "replay.h"
#include "replay_set.h"

#define DIFFERENT	1
#define BAD_FILE	2
/* A move made so much earlier or later is the same */
#define SAME_NS		1000000000ULL
#define NS_PER_S	1e9

static const char help[] =
"Usage: dmaaff-lab replay [--set NAME=VALUE]... [--json] FILE\n"
"\n"
"Put what dmaaff-stat record (or trace-cmd record -e 'dma_affinity:*') recorded of\n"
"each tick before the policy again: it decides the same, or the first differences\n"
"are shown. FILE must begin before MODE leaves off, and no event may be lost.\n"
"\n"
"With --set, show which moves would have been made, had that been set instead. The\n"
"load stays that which was recorded under the moves that were made.\n"
"\n"
"  --set NAME=VALUE  DMA_WEIGHT_LATENCY, DMA_WEIGHT_THROUGHPUT, ENERGY_BIAS,\n"
"                    MIGRATION_THRESHOLD, PREDICTION_HORIZON, MAX_MOVES,\n"
"                    AFFINITY_HISTORY or FORECASTER\n"
"  --json            one JSON object\n"
"  -h, --help        show this text\n"
"\n"
"Exit status: 0, or 1 if it decides otherwise (without --set), 2 bad file or wrong\n"
"usage.\n";

static const char load_note[] =
	"the load is what was recorded under the moves that were made";

/*
 * struct shown - a move of either world
 * @recorded: it was made
 * @replayed: it would be made
 */
struct shown {
	const struct replay_move *recorded;
	const struct replay_move *replayed;
};

/*
 * struct table - the moves of both, in the order of time
 * @same: made in both
 * @dropped: made when recorded alone
 * @added: made when replayed alone
 */
struct table {
	struct shown *rows;
	size_t n;
	size_t same;
	size_t dropped;
	size_t added;
};

static int usage(void)
{
	fputs("Try 'dmaaff-lab replay --help'.\n", stderr);
	return LAB_USAGE;
}

static bool is_same(const struct replay_move *a, const struct replay_move *b)
{
	u64 apart = a->at_ns > b->at_ns ? a->at_ns - b->at_ns : b->at_ns - a->at_ns;

	return a->tid == b->tid && !strcmp(a->from, b->from) && !strcmp(a->to, b->to) &&
	       apart < SAME_NS;
}

static u64 at_of(const struct shown *s)
{
	return s->recorded ? s->recorded->at_ns : s->replayed->at_ns;
}

static int by_time(const void *a, const void *b)
{
	u64 x = at_of(a), y = at_of(b);

	return (x > y) - (x < y);
}

/* Each replayed move belongs to the first recorded one like it that is left */
static void match(const struct replay *r, struct table *t)
{
	size_t i, k;

	t->rows = must(calloc(r->recorded.n + r->replayed.n + 1, sizeof(*t->rows)));
	for (i = 0; i < r->recorded.n; i++)
		t->rows[t->n++].recorded = &r->recorded.move[i];
	for (i = 0; i < r->replayed.n; i++) {
		const struct replay_move *move = &r->replayed.move[i];

		for (k = 0; k < r->recorded.n; k++)
			if (!t->rows[k].replayed && is_same(t->rows[k].recorded, move))
				break;
		if (k == r->recorded.n)
			k = t->n++;
		else
			t->same++;
		t->rows[k].replayed = move;
	}
	t->dropped = r->recorded.n - t->same;
	t->added = r->replayed.n - t->same;
	qsort(t->rows, t->n, sizeof(*t->rows), by_time);
}

static const char *what_of(const struct shown *s)
{
	if (!s->replayed)
		return "dropped";
	return s->recorded ? "same" : "added";
}

static struct json_object *seconds_or_null(const struct replay_move *move)
{
	char text[32];

	if (!move)
		return NULL;
	snprintf(text, sizeof(text), "%.6f", (double)move->at_ns / NS_PER_S);
	return json_object_new_double_s((double)move->at_ns / NS_PER_S, text);
}

static struct json_object *json_move(const struct shown *s)
{
	const struct replay_move *move = s->recorded ? s->recorded : s->replayed;
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "what", json_object_new_string(what_of(s)));
	json_object_object_add(o, "tid", json_object_new_int(move->tid));
	json_object_object_add(o, "comm", json_object_new_string(move->comm));
	json_object_object_add(o, "from", json_object_new_string(move->from));
	json_object_object_add(o, "to", json_object_new_string(move->to));
	json_object_object_add(o, "recorded_s", seconds_or_null(s->recorded));
	json_object_object_add(o, "replayed_s", seconds_or_null(s->replayed));
	return o;
}

static void add_size(struct json_object *o, const char *key, size_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

static void print_json(const struct replay *r, const struct table *t)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	add_size(o, "ticks", r->ticks);
	add_size(o, "moves_recorded", r->recorded.n);
	add_size(o, "moves_replayed", r->replayed.n);
	if (replay_is_other(r)) {
		add_size(o, "same", t->same);
		add_size(o, "dropped", t->dropped);
		add_size(o, "added", t->added);
		for (i = 0; i < t->n; i++)
			json_object_array_add(list, json_move(&t->rows[i]));
		json_object_object_add(o, "moves", list);
		json_object_object_add(o, "note", json_object_new_string(load_note));
	} else {
		add_size(o, "differences", r->differences);
		for (i = 0; i < r->differences && i < REPLAY_TOLD; i++)
			json_object_array_add(list, json_object_new_string(r->told[i]));
		json_object_object_add(o, "first_differences", list);
	}
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void print_at(const struct replay_move *move)
{
	if (move)
		printf("%12.6f", (double)move->at_ns / NS_PER_S);
	else
		printf("%12s", "-");
}

static void print_table(const struct replay *r, const struct table *t)
{
	size_t i;

	printf("%zu ticks, %zu moves recorded, %zu replayed: %zu the same, %zu dropped, %zu added\n",
	       r->ticks, r->recorded.n, r->replayed.n, t->same, t->dropped, t->added);
	printf("(%s)\n", load_note);
	if (t->n)
		printf("%12s%12s %7s %-15s %-18s %-18s %s\n", "RECORDED_s", "REPLAYED_s",
		       "TID", "COMM", "FROM", "TO", "WHAT");
	for (i = 0; i < t->n; i++) {
		const struct shown *s = &t->rows[i];
		const struct replay_move *move = s->recorded ? s->recorded : s->replayed;

		print_at(s->recorded);
		print_at(s->replayed);
		printf(" %7d %-15s %-18s %-18s %s\n", move->tid, move->comm, move->from,
		       move->to, what_of(s));
	}
}

static void print_text(const struct replay *r)
{
	size_t i;

	printf("%zu ticks, %zu moves: ", r->ticks, r->recorded.n);
	if (!r->differences) {
		puts("all as recorded");
		return;
	}
	printf("%zu differences\n", r->differences);
	for (i = 0; i < r->differences && i < REPLAY_TOLD; i++)
		puts(r->told[i]);
}

static int show(const struct replay *r, bool json)
{
	struct table t = { .n = 0 };

	match(r, &t);
	if (json)
		print_json(r, &t);
	else if (replay_is_other(r))
		print_table(r, &t);
	else
		print_text(r);
	free(t.rows);
	return replay_is_other(r) || !r->differences ? LAB_OK : DIFFERENT;
}

static int run(const char *path, const struct replay_wishes *wishes, bool json)
{
	struct replay r;
	int status = BAD_FILE;

	replay_start(&r, wishes);
	if (!recording_read(path, replay_take, &r)) {
		replay_end(&r);
		if (r.error)
			fprintf(stderr, "dmaaff-lab: %s: %s\n", path, r.error);
		else
			status = show(&r, json);
	}
	replay_free(&r);
	return status;
}

int lab_replay(int argc, char **argv)
{
	static const struct option options[] = {
		{ "set", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct replay_wishes wishes = { 0 };
	bool json = false;
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case 's':
			if (!replay_set(&wishes, optarg))
				return usage();
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return LAB_OK;
		default:
			return usage();
		}
	}
	if (optind + 1 != argc) {
		fputs("dmaaff-lab: replay: one FILE is expected\n", stderr);
		return usage();
	}
	return run(argv[optind], &wishes, json);
}
