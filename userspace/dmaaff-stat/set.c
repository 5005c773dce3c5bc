// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "module.h"
#include "set.h"

static void name_tunables(struct dmaaff *dmaaff, char *line, size_t size)
{
	struct dmaaff_tunables *tunables = dmaaff_tunables_read(dmaaff);
	size_t i, used = strlen(line);

	for (i = 0; tunables && i < tunables->nr && used < size; i++)
		used += snprintf(line + used, size - used, "%s%s", i ? ", " : ": there are ",
				 tunables->tunables[i].name);
	dmaaff_tunables_free(tunables);
}

void set_why(struct dmaaff *dmaaff, const char *name, const char *value, char *line, size_t size)
{
	const struct dmaaff_tunable_rule *rule = dmaaff_tunable_rule(name);

	if (errno == ENOENT) {
		snprintf(line, size, "there is nothing to set by the name of '%s'", name);
		name_tunables(dmaaff, line, size);
	} else if ((errno == EINVAL || errno == ERANGE) && rule) {
		snprintf(line, size, "%s cannot be '%s': allowed is %s%s%s", name, value,
			 rule->values, *rule->unit ? " " : "", rule->unit);
	} else if (errno == EACCES || errno == EPERM) {
		snprintf(line, size, "%s can be set by root only: use sudo", name);
	} else {
		snprintf(line, size, "cannot set %s to '%s': %s", name, value, strerror(errno));
	}
}

/* Cuts @word in two at its `=`. */
static int set_one(struct dmaaff *dmaaff, char *word)
{
	char *value = strchr(word, '=');
	char line[1024];

	*value++ = '\0';
	if (!dmaaff_tunable_set(dmaaff, word, value))
		return 0;
	set_why(dmaaff, word, value, line, sizeof(line));
	message("%s", line);
	return -1;
}

int set_run(const struct options *options)
{
	struct dmaaff *dmaaff;
	char **word;
	int result = 0;

	if (!*options->words) {
		message("set wants NAME=VALUE: 'dmaaff-stat tunables' shows what there is");
		return EXIT_USAGE;
	}
	/* A slip in the last one must not leave the others done. */
	for (word = options->words; *word; word++) {
		if (!strchr(*word, '='))
			return usage("setting", *word, "is no NAME=VALUE");
	}
	dmaaff = module_open(options->root);
	if (!dmaaff)
		return EXIT_FAILURE;
	for (word = options->words; *word && !result; word++)
		result = set_one(dmaaff, *word);
	dmaaff_close(dmaaff);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}
