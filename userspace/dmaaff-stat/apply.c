// SPDX-License-Identifier: GPL-2.0
/* Settings out of a file: all of them, or none. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "module.h"
#include "set.h"

#define USUAL_FILE "/etc/dma-affinity.conf"

/**
 * struct setting - what a line of the file says
 * @line: its number
 * @name: of the tunable
 * @value: that it shall have
 * @before: that it had; NULL: not yet known
 */
struct setting {
	size_t line;
	char *name, *value, *before;
};

struct settings {
	const char *file;
	size_t nr, room;
	struct setting *settings;
};

static void settings_free(struct settings *settings)
{
	size_t i;

	for (i = 0; i < settings->nr; i++) {
		free(settings->settings[i].name);
		free(settings->settings[i].value);
		free(settings->settings[i].before);
	}
	free(settings->settings);
}

/* Cuts the blanks off both ends. */
static char *trimmed(char *text)
{
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

static const struct setting *find(const struct settings *settings, const char *name)
{
	size_t i;

	for (i = 0; i < settings->nr; i++) {
		if (!strcmp(settings->settings[i].name, name))
			return &settings->settings[i];
	}
	return NULL;
}

static int add(struct settings *settings, size_t line, const char *name, const char *value)
{
	struct setting *setting;

	if (settings->nr == settings->room) {
		size_t room = settings->room ? 2 * settings->room : 16;

		setting = reallocarray(settings->settings, room, sizeof(*setting));
		if (!setting)
			goto no_memory;
		settings->settings = setting;
		settings->room = room;
	}
	setting = &settings->settings[settings->nr++];
	*setting = (struct setting){ line, strdup(name), strdup(value), NULL };
	if (setting->name && setting->value)
		return 0;
no_memory:
	message("%s:%zu: there is no memory", settings->file, line);
	return -1;
}

/* What @text of that line sets; nothing if it is empty or a comment. */
static int take_line(struct settings *settings, size_t line, char *text)
{
	const struct setting *earlier;
	char *equals, *name, *value;

	text = trimmed(text);
	if (!*text || *text == '#')
		return 0;
	equals = strchr(text, '=');
	if (!equals) {
		message("%s:%zu: '%s' is no NAME=VALUE", settings->file, line, text);
		return -1;
	}
	*equals = '\0';
	name = trimmed(text);
	value = trimmed(equals + 1);
	if (!*name || !*value) {
		message("%s:%zu: a %s is missing", settings->file, line,
			*name ? "value" : "name");
		return -1;
	}
	earlier = find(settings, name);
	if (earlier) {
		message("%s:%zu: %s has been set in line %zu", settings->file, line, name,
			earlier->line);
		return -1;
	}
	return add(settings, line, name, value);
}

/* Names every line that is not of the right form. */
static int read_file(struct settings *settings)
{
	FILE *file = fopen(settings->file, "re");
	size_t size = 0, line = 0;
	char *text = NULL;
	ssize_t length;
	int result = 0;

	if (!file) {
		message("cannot open %s: %s", settings->file, strerror(errno));
		return -1;
	}
	errno = 0;
	while ((length = getline(&text, &size, file)) >= 0) {
		line++;
		if (memchr(text, '\0', length)) {
			message("%s:%zu: this is not text", settings->file, line);
			result = -1;
		} else if (take_line(settings, line, text)) {
			result = -1;
		}
		errno = 0;
	}
	if (!feof(file)) {
		message("cannot read %s: %s", settings->file, strerror(errno));
		result = -1;
	}
	free(text);
	fclose(file);
	return result;
}

static void explain(struct dmaaff *dmaaff, const struct settings *settings,
		    const struct setting *setting)
{
	char why[1024];

	set_why(dmaaff, setting->name, setting->value, why, sizeof(why));
	message("%s:%zu: %s", settings->file, setting->line, why);
}

/* What there is not is told before anything is set. */
static int remember(struct dmaaff *dmaaff, const struct settings *settings)
{
	int result = 0;
	size_t i;

	for (i = 0; i < settings->nr; i++) {
		struct setting *setting = &settings->settings[i];

		setting->before = dmaaff_tunable_get(dmaaff, setting->name);
		if (setting->before)
			continue;
		explain(dmaaff, settings, setting);
		result = -1;
	}
	return result;
}

/* The first @nr, the last one first. */
static void put_back(struct dmaaff *dmaaff, const struct settings *settings, size_t nr)
{
	while (nr--) {
		const struct setting *setting = &settings->settings[nr];

		if (dmaaff_tunable_set(dmaaff, setting->name, setting->before))
			message("%s:%zu: %s stays at '%s': it cannot be put back to '%s': %s",
				settings->file, setting->line, setting->name, setting->value,
				setting->before, strerror(errno));
	}
}

static int set_all(struct dmaaff *dmaaff, const struct settings *settings)
{
	size_t i;

	for (i = 0; i < settings->nr; i++) {
		if (!dmaaff_tunable_set(dmaaff, settings->settings[i].name,
					settings->settings[i].value))
			continue;
		explain(dmaaff, settings, &settings->settings[i]);
		put_back(dmaaff, settings, i);
		return -1;
	}
	return 0;
}

int apply_run(const struct options *options)
{
	struct settings settings = { .file = USUAL_FILE };
	struct dmaaff *dmaaff = NULL;
	int result;

	if (options->words[0]) {
		settings.file = options->words[0];
		if (options->words[1])
			return usage("argument", options->words[1], "is one too many");
	}
	result = read_file(&settings);
	if (!result) {
		dmaaff = module_open(options->root);
		result = dmaaff ? remember(dmaaff, &settings) : -1;
	}
	if (!result)
		result = set_all(dmaaff, &settings);
	dmaaff_close(dmaaff);
	settings_free(&settings);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}
