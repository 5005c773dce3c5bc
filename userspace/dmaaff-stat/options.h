/* SPDX-License-Identifier: GPL-2.0 */
/* The command line. */
#ifndef DMAAFF_STAT_OPTIONS_H
#define DMAAFF_STAT_OPTIONS_H

#include <stdbool.h>

#define EXIT_USAGE 2

enum form { FORM_TEXT, FORM_JSON, FORM_CSV, FORM_HTML };

struct command;

/**
 * struct options - the command line
 * @command: what to do
 * @form: of reports
 * @stamps: each line of text begins with the time
 * @no_idle: leave out what did nothing
 * @no_first: no report about the second before
 * @show, @hide: columns; NULL for the usual ones
 * @output: a file instead of stdout; NULL for stdout
 * @root: the tree to read; NULL for the usual one
 * @words: what the command line says after the command, ended by NULL
 * @seconds: between reports
 * @count: reports to make, 0 for no end
 */
struct options {
	const struct command *command;
	enum form form;
	bool stamps;
	bool no_idle;
	bool no_first;
	const char *show, *hide;
	const char *output;
	const char *root;
	char **words;
	double seconds;
	unsigned long count;
};

/**
 * struct command - a word of the command line
 * @name: that word
 * @takes: letters of the options that mean something to it
 * @paced: it takes an interval and a count
 * @run: does it; returns the exit status
 */
struct command {
	const char *name;
	const char *takes;
	bool paced;
	int (*run)(const struct options *options);
};

/* Ended by one without a name; the first is meant when none is named. */
extern const struct command commands[];

/* Return: -1 to go on, or the exit status. */
int options_parse(struct options *options, int argc, char **argv);

/* A number of seconds from 0.01 to 86400. */
bool options_seconds(const char *text, double *seconds);

/* Explains on stderr. Return: EXIT_USAGE. */
int usage(const char *what, const char *argument, const char *rule);

#endif
