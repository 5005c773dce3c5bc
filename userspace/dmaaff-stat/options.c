// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "message.h"
#include "options.h"
#include "output.h"

#define SECONDS_MIN 0.01
#define SECONDS_MAX 86400.0
#define VERSION_LINE "dmaaff-stat " DMAAFF_VERSION "\n"

static const char letters[] = "jcHtzyo:s:x:r:hV";

static const struct option known[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "csv", no_argument, NULL, 'c' },
	{ "html", no_argument, NULL, 'H' },
	{ "timestamps", no_argument, NULL, 't' },
	{ "no-idle", no_argument, NULL, 'z' },
	{ "no-first", no_argument, NULL, 'y' },
	{ "output", required_argument, NULL, 'o' },
	{ "show", required_argument, NULL, 's' },
	{ "hide", required_argument, NULL, 'x' },
	{ "root", required_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL },
};

int usage(const char *what, const char *argument, const char *rule)
{
	message("%s '%s' %s; see dmaaff-stat --help", what, argument, rule);
	return EXIT_USAGE;
}

bool options_seconds(const char *text, double *seconds)
{
	char *end;

	/* strtod() alone would take "inf" and "0x1p3" too. */
	if (!*text || text[strspn(text, "0123456789.")])
		return false;
	*seconds = strtod(text, &end);
	return !*end && *seconds >= SECONDS_MIN && *seconds <= SECONDS_MAX;
}

static bool parse_count(const char *text, unsigned long *count)
{
	if (!*text || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	*count = strtoul(text, NULL, 10);
	return !errno && *count;
}

static int parse_pace(struct options *options, bool named)
{
	char **word = options->words;

	if (!*word)
		return -1;
	if (!options_seconds(*word, &options->seconds)) {
		if (!named && !strchr("0123456789.-", **word))
			return usage("report", *word, "is none of " COMMAND_NAMES);
		return usage("interval", *word, "is no number of seconds from 0.01 to 86400");
	}
	options->count = 0;
	if (!*++word)
		return -1;
	if (!parse_count(*word, &options->count))
		return usage("count", *word, "is no whole number from 1");
	if (*++word)
		return usage("argument", *word, "is one too many");
	return -1;
}

/* Whether each option that was given means something to the command. */
static int check_taken(const struct options *options, const char *given)
{
	char letter[2] = "";

	for (; *given; given++) {
		if (strchr(options->command->takes, *given))
			continue;
		letter[0] = *given;
		message("option '-%s' does not go with %s; see dmaaff-stat --help", letter,
			options->command->name);
		return EXIT_USAGE;
	}
	return -1;
}

static int parse_words(struct options *options, char **word, const char *given)
{
	const struct command *command;
	bool named = false;
	int result;

	options->command = &commands[0];
	for (command = commands; *word && command->name; command++) {
		if (!strcmp(*word, command->name)) {
			options->command = command;
			named = true;
			word++;
			break;
		}
	}
	options->words = word;
	if (options->command->paced) {
		result = parse_pace(options, named);
		if (result >= 0)
			return result;
	}
	return check_taken(options, given);
}

static int unknown_option(const char *argument)
{
	char letter[2] = "";

	/* optopt is 0, or a known letter, where a long option was wrong. */
	if (!strncmp(argument, "--", 2))
		return usage("option", argument, "is not known, or lacks or has a value");
	letter[0] = optopt;
	return usage("option", letter, strchr(letters, *letter) ? "lacks a value" : "is not known");
}

/* Returns -1 to go on, or the exit status. */
static int take_option(struct options *options, int option, const char *argument)
{
	switch (option) {
	case 'j':
		options->form = FORM_JSON;
		return -1;
	case 'c':
		options->form = FORM_CSV;
		return -1;
	case 'H':
		options->form = FORM_HTML;
		return -1;
	case 't':
		options->stamps = true;
		return -1;
	case 'z':
		options->no_idle = true;
		return -1;
	case 'y':
		options->no_first = true;
		return -1;
	case 'o':
		options->output = optarg;
		return -1;
	case 's':
		options->show = optarg;
		return -1;
	case 'x':
		options->hide = optarg;
		return -1;
	case 'r':
		options->root = optarg;
		return -1;
	case 'h':
		return output_text(help_text);
	case 'V':
		return output_text(VERSION_LINE);
	default:
		return unknown_option(argument);
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	char given[sizeof(letters)] = "";
	size_t nr = 0;
	int option, result;

	*options = (struct options){ .seconds = 1, .count = 1 };
	opterr = 0;
	while ((option = getopt_long(argc, argv, letters, known, NULL)) != -1) {
		result = take_option(options, option, argv[optind - 1]);
		if (result >= 0)
			return result;
		if (!strchr(given, option))
			given[nr++] = option;
	}
	if (options->show && options->hide)
		return usage("option", "--hide", "does not go with --show");
	return parse_words(options, argv + optind, given);
}
