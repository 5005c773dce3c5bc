// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios from files: one item a line. Lines that name engines or nodes may come
 * before those.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_words.h"

#define LATENCY_MAX_NS	1e9
#define DURATION_MAX	1e5

static bool has_node(const struct scenario *s, int node)
{
	u32 i;

	for (i = 0; i < SCENARIO_CPUS; i++)
		if (s->cpu_node[i] == node)
			return true;
	return false;
}

/* 0-3,8 */
static bool get_cpus(struct reader *r, int node)
{
	char *list = next_word(r), *end;

	if (!list)
		return wrong(r, "cpus: a list is missing");
	for (;;) {
		unsigned long first, last;

		if (!isdigit((unsigned char)*list))
			break;
		first = strtoul(list, &end, 10);
		last = first;
		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtoul(end + 1, &end, 10);
		if (last < first || last >= SCENARIO_CPUS)
			return wrong(r, "cpus: %lu-%lu is not a range below %d", first,
				     last, SCENARIO_CPUS);
		for (; first <= last; first++) {
			if (r->s->cpu_node[first] >= 0)
				return wrong(r, "cpu %lu is on node %d already", first,
					     r->s->cpu_node[first]);
			r->s->cpu_node[first] = node;
			r->s->n_cpus = first >= r->s->n_cpus ? first + 1 : r->s->n_cpus;
		}
		if (!*end)
			return true;
		if (*end != ',')
			break;
		list = end + 1;
	}
	return wrong(r, "cpus: '%s' is not a list such as 0-3,8", list);
}

static bool read_node(struct reader *r)
{
	int node;

	if (!get_node(r, 0, &node) || !get_word(r, "cpus") || !get_cpus(r, node))
		return false;
	if (node >= (int)r->s->n_nodes)
		r->s->n_nodes = node + 1;
	return true;
}

static bool read_distance(struct reader *r)
{
	double number;
	int a, b;

	if (!get_node(r, 0, &a) || !get_node(r, 0, &b) ||
	    !get_whole(r, "distance", 10, 255, &number))
		return false;
	r->s->distance[a][b] = (u8)number;
	r->s->distance[b][a] = (u8)number;
	return true;
}

/* Separated by commas, or by blanks up to the next word that an engine knows */
static bool get_caps(struct reader *r, u32 *caps)
{
	static const char * const others[] = { "node", "bps", "latency_ns", "reserved" };
	bool any = false;
	u32 i;

	for (;;) {
		char *before, *word, *rest = NULL;

		while (isspace((unsigned char)*r->rest))
			r->rest++;
		before = r->rest;
		for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
			size_t n = strlen(others[i]);

			if (!strncmp(before, others[i], n) &&
			    (!before[n] || isspace((unsigned char)before[n])))
				return any || wrong(r, "caps: a list is missing");
		}
		word = next_word(r);
		if (!word)
			return any || wrong(r, "caps: a list is missing");
		for (word = strtok_r(word, ",", &rest); word;
		     word = strtok_r(NULL, ",", &rest))
			if (!add_kind(r, word, caps))
				return false;
		any = true;
	}
}

static bool read_engine(struct reader *r)
{
	struct scenario_engine e = { .node = -1, .caps = 0 };
	const char *word;
	double number;

	if (!get_name(r, "engine", e.name))
		return false;
	if (scenario_find_engine(r->s, e.name) >= 0)
		return wrong(r, "engine '%s' is there already", e.name);
	if (r->s->n_engines == SCENARIO_ENGINES)
		return wrong(r, "more than %d engines", SCENARIO_ENGINES);
	while ((word = next_word(r))) {
		if (!strcmp(word, "node")) {
			if (!get_node(r, -1, &e.node))
				return false;
		} else if (!strcmp(word, "bps")) {
			if (!get_number(r, "bps", 1000, BPS_MAX, &number))
				return false;
			e.bps = (u64)number;
		} else if (!strcmp(word, "latency_ns")) {
			if (!get_number(r, "latency_ns", 0, LATENCY_MAX_NS, &number))
				return false;
			e.latency_ns = (u64)number;
		} else if (!strcmp(word, "caps")) {
			if (!get_caps(r, &e.caps))
				return false;
		} else if (!strcmp(word, "reserved")) {
			e.reserved = true;
		} else {
			return wrong(r, "engine: '%s' is not known", word);
		}
	}
	if (!e.bps)
		return wrong(r, "engine '%s': bps is missing", e.name);
	if (!e.caps)
		e.caps = 1;
	r->engine_line[r->s->n_engines] = r->line;
	r->s->engines[r->s->n_engines++] = e;
	return true;
}

static bool read_busy(struct reader *r)
{
	struct scenario_busy b;
	double percent;

	if (r->s->n_busy == SCENARIO_BUSY)
		return wrong(r, "more than %d busy lines", SCENARIO_BUSY);
	if (!get_word(r, "node") || !get_node(r, 0, &b.node) || !get_word(r, "pct") ||
	    !get_number(r, "pct", 0, 100, &percent) || !get_word(r, "from") ||
	    !get_time(r, "from", &b.from_ns) || !get_word(r, "to") ||
	    !get_time(r, "to", &b.to_ns))
		return false;
	if (b.to_ns < b.from_ns)
		return wrong(r, "busy: ends before it begins");
	b.share = percent / 100;
	r->busy_line[r->s->n_busy] = r->line;
	r->s->busy[r->s->n_busy++] = b;
	return true;
}

static bool read_duration(struct reader *r)
{
	double seconds;

	if (!get_number(r, "duration", 0.001, DURATION_MAX, &seconds))
		return false;
	r->s->duration_ns = (u64)(seconds * 1e9);
	r->has_duration = true;
	return true;
}

static bool read_noise(struct reader *r)
{
	double percent;

	if (!get_number(r, "noise", 0, 100, &percent))
		return false;
	r->s->noise = percent / 100;
	return true;
}

static bool read_unseen(struct reader *r)
{
	double percent;

	if (!get_number(r, "unseen", 0, 100, &percent))
		return false;
	r->s->unseen = percent / 100;
	return true;
}

static bool read_item(struct reader *r)
{
	static const struct {
		const char *name;
		bool (*read)(struct reader *r);
	} items[] = {
		{ "duration", read_duration },
		{ "node", read_node },
		{ "distance", read_distance },
		{ "engine", read_engine },
		{ "thread", read_thread },
		{ "busy", read_busy },
		{ "noise", read_noise },
		{ "unseen", read_unseen },
	};
	const char *word = next_word(r);
	u32 i;

	if (!word)
		return true;
	for (i = 0; i < sizeof(items) / sizeof(*items); i++) {
		if (strcmp(word, items[i].name))
			continue;
		if (!items[i].read(r))
			return false;
		word = next_word(r);
		return !word || wrong(r, "'%s': nothing more is expected here", word);
	}
	return wrong(r, "'%s' is no item", word);
}

static u32 lowest_bit(u32 bits)
{
	return bits & -bits;
}

/* What lines say of each other, known once all are read */
static bool resolve(struct reader *r)
{
	struct scenario *s = r->s;
	unsigned int last = r->line;
	u32 i, k;

	for (i = 0; i < s->n_busy; i++) {
		r->line = r->busy_line[i];
		if (!has_node(s, s->busy[i].node))
			return wrong(r, "busy: there is no node %d", s->busy[i].node);
	}
	for (i = 0; i < s->n_engines; i++) {
		r->line = r->engine_line[i];
		if (s->engines[i].node >= 0 && !has_node(s, s->engines[i].node))
			return wrong(r, "engine '%s': there is no node %d",
				     s->engines[i].name, s->engines[i].node);
	}
	for (i = 0; i < s->n_threads; i++) {
		struct scenario_thread *t = &s->threads[i];
		int e = scenario_find_engine(s, r->start[i]);

		r->line = r->start_line[i];
		if (e < 0)
			return wrong(r, "thread '%s': there is no engine '%s'", t->name,
				     r->start[i]);
		t->start = e;
		if (t->runs >= 0 && !has_node(s, t->runs))
			return wrong(r, "thread '%s': there is no node %d", t->name, t->runs);
		if (!t->kinds)
			t->kinds = s->engines[e].caps & 1 ? 1 :
				   lowest_bit(s->engines[e].caps);
		if (t->kinds & ~s->engines[e].caps)
			return wrong(r, "thread '%s': engine '%s' cannot do that kind",
				     t->name, r->start[i]);
		for (k = 0; k < t->n_series; k++)
			t->series_bps[k] *= (double)s->engines[e].bps;
		if (t->burst_ns && r->has_duration && !make_bursts(r, t))
			return false;
	}
	r->line = last;
	if (!s->n_cpus)
		return wrong(r, "no node");
	if (!s->n_engines)
		return wrong(r, "no engine");
	return r->has_duration || wrong(r, "no duration");
}

bool scenario_read(struct scenario *s, const char *path)
{
	struct reader *r = calloc(1, sizeof(*r));
	char *text = NULL, *comment;
	size_t room = 0;
	FILE *file;
	bool good;

	scenario_init(s);
	file = fopen(path, "r");
	if (!r || !file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		if (file)
			fclose(file);
		free(r);
		return false;
	}
	r->s = s;
	r->path = path;
	while (!r->failed && getline(&text, &room, file) >= 0) {
		r->line++;
		comment = strchr(text, '#');
		if (comment)
			*comment = '\0';
		r->rest = text;
		read_item(r);
	}
	if (!r->failed && ferror(file))
		wrong(r, "%s", strerror(errno));
	good = !r->failed && resolve(r);
	free(text);
	fclose(file);
	free(r);
	if (!good)
		scenario_free(s);
	return good;
}
