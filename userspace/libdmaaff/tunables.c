// SPDX-License-Identifier: GPL-2.0
/* What can be set: read, explained, written. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"

static const struct dmaaff_tunable_rule rules[] = {
	{ "AFFINITY_HISTORY", "0-4096", "256", "",
	  "outcomes of moves remembered; 0: do not learn from them" },
	{ "CAPACITY", "0-18446744073709551615", "0", "bytes/s",
	  "what the engine is taken to deliver; 0: learn it" },
	{ "DMA_WEIGHT_LATENCY", "0.0-1.0, at most 4 decimals", "0.5000", "",
	  "how much waiting counts" },
	{ "DMA_WEIGHT_THROUGHPUT", "0.0-1.0, at most 4 decimals", "0.5000", "",
	  "how much balance between engines counts" },
	{ "ENERGY_BIAS", "0.0-1.0, at most 4 decimals", "0.0000", "",
	  "how far light load is packed, so that engines may suspend" },
	{ "FORECASTER", "auto, last, ewma, holt, kalman or seasonal", "auto", "",
	  "the model that forecasts demand" },
	{ "HOLDOFF", "0-3600", "10", "s",
	  "how long a thread is left alone after somebody else set its mask" },
	{ "MAX_MOVES", "auto or 0-10000", "auto", "moves/s",
	  "how many threads are moved at most" },
	{ "MIGRATION_THRESHOLD", "0-100", "10", "points",
	  "excess over its fair share that makes an engine a bottleneck" },
	{ "MODE", "off, monitor, advise or manage", "manage", "",
	  "how far the module goes" },
	{ "OPTED_OUT", "none, or TID,TID... with + or - before it", "none", "",
	  "threads that are never moved; +: these as well, -: not these" },
	{ "PREDICTION_HORIZON", "0-10000", "30", "ms",
	  "how far ahead load is forecast; 0: the present alone counts" },
	{ "RESERVED", "none or rt", "none", "",
	  "for whom the engine is reserved; rt: for real-time threads" },
	{ "SAMPLE_INTERVAL", "1-1000", "10", "ms",
	  "from one tick to the next" },
	{ "SOURCES", "all, none, or a list of dmaengine,device", "all", "",
	  "which kinds of engine are watched" },
};

#define NR_RULES (sizeof(rules) / sizeof(*rules))

static bool is_tunable_name(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++) {
		if (!isupper((unsigned char)*name) && !isdigit((unsigned char)*name) &&
		    *name != '_')
			return false;
	}
	return true;
}

DMAAFF_PUBLIC const struct dmaaff_tunable_rule *dmaaff_tunable_rule(const char *name)
{
	const char *slash = strrchr(name, '/');
	size_t i;

	for (i = 0; i < NR_RULES; i++) {
		if (!strcmp(rules[i].name, slash ? slash + 1 : name))
			return &rules[i];
	}
	return NULL;
}

/* A tunable of the module, or engines/NAME/TUNABLE. */
static bool may_be_set(const char *name)
{
	const char *engine = name, *end;

	if (strncmp(name, "engines/", 8) != 0)
		return is_tunable_name(name);
	engine += 8;
	end = strchr(engine, '/');
	return end && end > engine && *engine != '.' && is_tunable_name(end + 1);
}

DMAAFF_PUBLIC char *dmaaff_tunable_get(struct dmaaff *dmaaff, const char *name)
{
	if (!may_be_set(name)) {
		errno = ENOENT;
		return NULL;
	}
	return attr_read(dmaaff->path, name);
}

/* Not by libsysfs: its write compares with the old value first, and loses errno. */
DMAAFF_PUBLIC int dmaaff_tunable_set(struct dmaaff *dmaaff, const char *name, const char *value)
{
	char path[ATTR_PATH_MAX];
	size_t size = strlen(value);
	ssize_t done;
	int fd, err;

	if (!may_be_set(name)) {
		errno = ENOENT;
		return -1;
	}
	if (!size) {
		errno = EINVAL;
		return -1;
	}
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dmaaff->path, name) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* One call: the kernel takes each for a whole value. */
	done = write(fd, value, size);
	err = errno;
	close(fd);
	if (done == (ssize_t)size)
		return 0;
	errno = done < 0 ? err : EINVAL;
	return -1;
}

static int tunable_filter(const struct dirent *entry)
{
	return is_tunable_name(entry->d_name);
}

DMAAFF_PUBLIC struct dmaaff_tunables *dmaaff_tunables_read(struct dmaaff *dmaaff)
{
	struct dmaaff_tunables *tunables = calloc(1, sizeof(*tunables));
	struct dirent **entries = NULL;
	int nr, i, err = 0;

	if (!tunables)
		return NULL;
	nr = scandir(dmaaff->path, &entries, tunable_filter, alphasort);
	if (nr < 0) {
		err = errno;
		goto out;
	}
	tunables->tunables = calloc(nr ? nr : 1, sizeof(*tunables->tunables));
	if (!tunables->tunables)
		err = ENOMEM;
	for (i = 0; i < nr; i++) {
		if (!err) {
			struct dmaaff_tunable *tunable = &tunables->tunables[tunables->nr];

			tunable->name = strdup(entries[i]->d_name);
			tunable->value = attr_read(dmaaff->path, entries[i]->d_name);
			if (tunable->name)
				tunables->nr++;
			else
				err = ENOMEM;
		}
		free(entries[i]);
	}
	free(entries);
out:
	if (err) {
		dmaaff_tunables_free(tunables);
		errno = err;
		return NULL;
	}
	return tunables;
}

DMAAFF_PUBLIC void dmaaff_tunables_free(struct dmaaff_tunables *tunables)
{
	size_t i;

	if (!tunables)
		return;
	for (i = 0; i < tunables->nr; i++) {
		free(tunables->tunables[i].name);
		free(tunables->tunables[i].value);
	}
	free(tunables->tunables);
	free(tunables);
}
