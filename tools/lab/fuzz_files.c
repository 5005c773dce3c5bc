// SPDX-License-Identifier: GPL-2.0
/* libFuzzer on what reads files: a scenario, or a load trace. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz_input.h"
#include "percent_file.h"
#include "scenario.h"

static struct scenario scenario;

static void read_scenario(const char *path)
{
	u32 i;

	if (scenario_read(&scenario, path)) {
		fuzz_must(scenario.n_engines <= SCENARIO_ENGINES);
		for (i = 0; i < scenario.n_threads; i++)
			fuzz_must(scenario.threads[i].start < scenario.n_engines);
	}
	scenario_free(&scenario);
}

static void read_percents(const char *path)
{
	struct percent_file file;
	size_t i;

	if (!percent_file_read(path, &file))
		for (i = 0; i < file.n; i++)
			fuzz_must(file.value[i] >= 0 && file.value[i] <= PERCENT_MAX);
	percent_file_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32];
	int fd;

	if (!size)
		return 0;
	fd = memfd_create("input", 0);
	fuzz_must(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (data[0] & 1)
		read_percents(path);
	else
		read_scenario(path);
	close(fd);
	return 0;
}
