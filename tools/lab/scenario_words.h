/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of a scenario file, taken one by one, and what is said of bad ones.
 * Whatever fails says so, once, and returns false.
 */
#ifndef LAB_SCENARIO_WORDS_H
#define LAB_SCENARIO_WORDS_H

#include "scenario.h"

/**
 * struct reader - where the reading is
 * @s: what is filled
 * @path: of the file
 * @line: number of the line, from 1
 * @rest: what of the line was not taken yet
 * @failed: something was wrong, and said
 * @has_duration: the item was there
 * @start: name of the engine each thread starts on
 * @start_line: line of each thread
 * @engine_line: line of each engine
 * @busy_line: line of each busy item
 */
struct reader {
	struct scenario *s;
	const char *path;
	unsigned int line;
	char *rest;
	bool failed;
	bool has_duration;
	char start[SCENARIO_THREADS][SCENARIO_NAME];
	unsigned int start_line[SCENARIO_THREADS];
	unsigned int engine_line[SCENARIO_ENGINES];
	unsigned int busy_line[SCENARIO_BUSY];
};

/** wrong() - say what is wrong on this line, Return: false */
__attribute__((format(printf, 2, 3)))
bool wrong(struct reader *r, const char *format, ...);

/** next_word() - take a word, Return: NULL at the end of the line */
char *next_word(struct reader *r);

/** next_is_number() - does a number come next */
bool next_is_number(const struct reader *r);

/** get_number() - with k, M, G or T (1000 each), or Ki, Mi, Gi (1024 each) */
bool get_number(struct reader *r, const char *what, double lowest, double highest,
		double *number);

/** get_whole() - the same, a whole one */
bool get_whole(struct reader *r, const char *what, double lowest, double highest,
	       double *number);

/** get_time() - seconds, as nanoseconds */
bool get_time(struct reader *r, const char *what, u64 *ns);

/** get_name() - a name */
bool get_name(struct reader *r, const char *what, char name[SCENARIO_NAME]);

/** get_word() - nothing but @wanted */
bool get_word(struct reader *r, const char *wanted);

/** get_node() - number of a node, @lowest or more */
bool get_node(struct reader *r, int lowest, int *node);

/** add_kind() - add the bit of the kind of transfer called @word */
bool add_kind(struct reader *r, const char *word, u32 *kinds);

/** read_thread() - the rest of a thread's line */
bool read_thread(struct reader *r);

/* make_bursts() - the series of a thread of bursts, once the duration is known */
bool make_bursts(struct reader *r, struct scenario_thread *t);

#define BPS_MAX		4e12

#endif
