/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests share that write made-up values to files. $SEED repeats a run, $ROUNDS makes it
 * so many times as long.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <dirent.h>
#include <time.h>

#include "dma_gate_test.h"

#define CALLS		10000
#define FILES_MAX	64
/* More than a file of sysfs or configfs takes at a time. */
#define VALUE_MAX	5000

static char files[FILES_MAX][PATH_MAX];
static size_t n_files;
static uint32_t state;

/* Those that may be written to. */
static inline void find_files(const char *folder)
{
	struct dirent *entry;
	struct stat about;
	char *path;
	DIR *dir;

	dir = opendir(folder);
	while (dir && n_files < FILES_MAX && (entry = readdir(dir))) {
		path = files[n_files];
		if ((size_t)snprintf(path, PATH_MAX, "%s/%s", folder, entry->d_name) < PATH_MAX &&
		    !stat(path, &about) && S_ISREG(about.st_mode) && (about.st_mode & 0200))
			n_files++;
	}
	if (dir)
		closedir(dir);
}

/* Returns how many calls are to be made. */
static inline int begin(void)
{
	const char *rounds = getenv("ROUNDS"), *seed = getenv("SEED");

	state = seed ? strtoul(seed, NULL, 0) : time(NULL);
	ksft_print_msg("SEED=%u: %zu files\n", state, n_files);
	state |= 1;
	return CALLS * atoi(rounds ?: "1");
}

/* Below n. */
static inline uint32_t some(uint32_t n)
{
	/* Marsaglia's xorshift. */
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

/*
 * Around one of these words, and one of them in half of all cases. Returns its length; the value
 * ends with a zero after that.
 */
static inline size_t make_up(char *value, const char * const *words, size_t n)
{
	size_t len = snprintf(value, VALUE_MAX, "%s", words[some(n)]);

	switch (some(8)) {
	case 0:
		len = sprintf(value, "%d", (int)some(20000) - 100);
		break;
	case 1:
		value[some(len + 1)] = some(256);
		len++;
		break;
	case 2:
		len = some(VALUE_MAX);
		for (size_t i = 0; i < len; i++)
			value[i] = some(4) ? '0' + some(10) : some(256);
		break;
	case 3:
		len += sprintf(value + len, "%c%s", " ,"[some(2)], words[some(n)]);
		break;
	case 4:
		value[len++] = '\n';
		break;
	}
	value[len] = '\0';
	return len;
}

/* Returns 0 or an errno. */
static inline int write_bytes(const char *path, const char *value, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, len) < 0)
		err = errno;
	close(fd);
	return err;
}

/* Returns 0 or an errno. */
static inline int read_value(const char *path, char *value)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return errno;
	len = read(fd, value, VALUE_MAX - 1);
	close(fd);
	if (len < 0)
		return errno;
	value[len] = '\0';
	return 0;
}

#endif
