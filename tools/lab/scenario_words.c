// SPDX-License-Identifier: GPL-2.0
/* The words of a scenario file. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_words.h"

#define SECONDS_MAX	1e5

bool wrong(struct reader *r, const char *format, ...)
{
	va_list args;

	if (r->failed)
		return false;
	r->failed = true;
	fprintf(stderr, "%s:%u: ", r->path, r->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

char *next_word(struct reader *r)
{
	char *word;

	while (isspace((unsigned char)*r->rest))
		r->rest++;
	if (!*r->rest)
		return NULL;
	word = r->rest;
	while (*r->rest && !isspace((unsigned char)*r->rest))
		r->rest++;
	if (*r->rest)
		*r->rest++ = '\0';
	return word;
}

bool next_is_number(const struct reader *r)
{
	const char *at = r->rest;

	while (isspace((unsigned char)*at))
		at++;
	return isdigit((unsigned char)*at) || *at == '.' || *at == '-' || *at == '+';
}

/* A number with k, M, G or T (1000 each), or Ki, Mi, Gi (1024 each) */
static bool to_number(const char *word, double *number)
{
	static const char units[] = "kMGT";
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)*word) && !strchr(".-+", *word))
		return false;
	*number = strtod(word, &end);
	if (end == word || !isfinite(*number))
		return false;
	unit = *end ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;
	if (unit) {
		end++;
		*number *= pow(*end == 'i' ? 1024 : 1000, (double)(unit - units + 1));
		if (*end == 'i')
			end++;
	}
	return !*end;
}

bool get_number(struct reader *r, const char *what, double lowest, double highest,
		double *number)
{
	const char *word = next_word(r);

	*number = 0;
	if (!word)
		return wrong(r, "%s: a number is missing", what);
	if (!to_number(word, number))
		return wrong(r, "%s: '%s' is not a number", what, word);
	if (*number < lowest || *number > highest)
		return wrong(r, "%s: %s is not from %.15g to %.15g", what, word, lowest,
			     highest);
	return true;
}

bool get_whole(struct reader *r, const char *what, double lowest, double highest,
	       double *number)
{
	if (!get_number(r, what, lowest, highest, number))
		return false;
	if (*number != floor(*number))
		return wrong(r, "%s: %g is not a whole number", what, *number);
	return true;
}

bool get_name(struct reader *r, const char *what, char name[SCENARIO_NAME])
{
	const char *word = next_word(r);

	if (!word)
		return wrong(r, "%s: a name is missing", what);
	if (strlen(word) >= SCENARIO_NAME)
		return wrong(r, "%s: '%s' has more than %d characters", what, word,
			     SCENARIO_NAME - 1);
	memcpy(name, word, strlen(word) + 1);
	return true;
}

bool get_word(struct reader *r, const char *wanted)
{
	const char *word = next_word(r);

	if (word && !strcmp(word, wanted))
		return true;
	return wrong(r, "'%s' is missing%s%s", wanted, word ? " before " : "",
		     word ? word : "");
}

bool get_node(struct reader *r, int lowest, int *node)
{
	double number;

	if (!get_whole(r, "node", lowest, SCENARIO_NODES - 1, &number))
		return false;
	*node = (int)number;
	return true;
}

bool get_time(struct reader *r, const char *what, u64 *ns)
{
	double seconds;

	if (!get_number(r, what, 0, SECONDS_MAX, &seconds))
		return false;
	*ns = (u64)(seconds * 1e9);
	return true;
}

bool add_kind(struct reader *r, const char *word, u32 *kinds)
{
	u32 i;

	for (i = 0; i < SCENARIO_KINDS; i++) {
		if (!strcmp(word, scenario_kinds[i])) {
			*kinds |= 1U << i;
			return true;
		}
	}
	return wrong(r, "'%s' is no kind of transfer: memcpy, xor, pq, ...", word);
}
