// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "percent_file.h"

/* Return: what is wrong with @line, NULL if nothing is */
static const char *parse(const char *line, double *value)
{
	char *end;

	if (!line[strspn(line, " \t\r\n")])
		return "empty: a percentage is missing";
	*value = strtod(line, &end);
	if (end == line || strpbrk(line, "xXnN"))
		return "not a number";
	if (end[strspn(end, " \t\r\n")])
		return "more than one number";
	if (*value < 0)
		return "a percentage below 0";
	if (*value > PERCENT_MAX)
		return "a percentage too large";
	return NULL;
}

static void append(struct percent_file *file, double value)
{
	/* twice the room whenever it is a power of two */
	if (!(file->n & (file->n - 1)))
		file->value = must(realloc(file->value,
					   (2 * file->n + 1) * sizeof(value)));
	file->value[file->n++] = value;
}

static int read_lines(FILE *f, const char *path, struct percent_file *file)
{
	const char *wrong = NULL;
	char *line = NULL;
	size_t room = 0;
	double value;
	ssize_t len;

	while (!wrong) {
		len = getline(&line, &room, f);
		if (len < 0)
			break;
		wrong = strlen(line) < (size_t)len ? "a zero byte" :
						     parse(line, &value);
		if (wrong)
			fprintf(stderr, "%s:%zu: %s\n", path, file->n + 1, wrong);
		else
			append(file, value);
	}
	free(line);
	if (!wrong && ferror(f)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	return wrong ? -1 : 0;
}

int percent_file_read(const char *path, struct percent_file *file)
{
	FILE *f = fopen(path, "r");
	int err;

	*file = (struct percent_file){ 0 };
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	err = read_lines(f, path, file);
	fclose(f);
	return err;
}

void percent_file_free(struct percent_file *file)
{
	free(file->value);
	*file = (struct percent_file){ 0 };
}
