// SPDX-License-Identifier: GPL-2.0
/*
 * What is written to a file of /sys/kernel/dma_affinity is taken or refused: what was refused
 * changed nothing, what was taken reads as something that can be written again. Values are made
 * up around right ones. $SEED repeats a run, $ROUNDS makes it so many times as long.
 */
#include <dirent.h>
#include <time.h>

#include "dma_gate_test.h"

#define AFFINITY	"/sys/kernel/dma_affinity"
/* Of 14 files. */
#define CALLS		10000
#define FILES_MAX	64
/* More than a file of sysfs takes at a time. */
#define VALUE_MAX	5000

FIXTURE(affinity)
{
};

static char files[FILES_MAX][PATH_MAX];
static size_t n_files;
static uint32_t state;

/* Those that may be written to. */
static void find_files(const char *folder)
{
	struct dirent *entry;
	struct stat about;
	char *path;
	DIR *dir;

	dir = opendir(folder);
	while (dir && n_files < FILES_MAX && (entry = readdir(dir))) {
		path = files[n_files];
		snprintf(path, PATH_MAX, "%s/%s", folder, entry->d_name);
		if (!stat(path, &about) && S_ISREG(about.st_mode) && (about.st_mode & 0200))
			n_files++;
	}
	if (dir)
		closedir(dir);
}

FIXTURE_SETUP(affinity)
{
	char name[64] = "", folder[PATH_MAX];
	FILE *file;

	ASSERT_TRUE(modules_loaded());
	ASSERT_EQ(0, engine_create("fuzz", NULL));
	ASSERT_EQ(0, system("modprobe dma_affinity"));
	file = fopen(ENGINES "fuzz/dev_name", "r");
	ASSERT_NE(NULL, file);
	EXPECT_EQ(1, fscanf(file, "%63s", name));
	fclose(file);
	snprintf(folder, sizeof(folder), AFFINITY "/engines/%s", name);
	n_files = 0;
	find_files(AFFINITY);
	find_files(folder);
}

/* Whatever it was set to is forgotten with it. */
FIXTURE_TEARDOWN(affinity)
{
	EXPECT_EQ(0, system("rmmod dma_affinity"));
	engine_remove("fuzz");
}

/* Below n. */
static uint32_t some(uint32_t n)
{
	/* Marsaglia's xorshift. */
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

/* Returns its length; a right one for some file in half of all cases. */
static size_t make_up(char *value)
{
	static const char * const words[] = {
		"off", "monitor", "advise", "manage", "auto", "last", "ewma", "holt", "kalman",
		"seasonal", "none", "rt", "all", "dmaengine", "device", "dmaengine,device",
		"0.5", "1.0000", "0.00001", "-0.1", "1.00001", "0", "1", "-1", "10", "100", "1000",
		"4096", "4097", "2147483648", "18446744073709551616", "1e3", "0x10", "", " ", ",",
	};
	size_t len;

	len = snprintf(value, VALUE_MAX, "%s", words[some(sizeof(words) / sizeof(*words))]);
	switch (some(8)) {
	case 0:
		return sprintf(value, "%d", (int)some(20000) - 100);
	case 1:
		value[some(len + 1)] = some(256);
		return len + 1;
	case 2:
		len = some(VALUE_MAX);
		for (size_t i = 0; i < len; i++)
			value[i] = some(4) ? '0' + some(10) : some(256);
		return len;
	case 3:
		return len + sprintf(value + len, ",dmaengine");
	case 4:
		value[len] = '\n';
		return len + 1;
	default:
		return len;
	}
}

/* Returns 0 or an errno. */
static int write_bytes(const char *path, const char *value, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, len) < 0)
		err = errno;
	close(fd);
	return err;
}

static int read_value(const char *path, char *value)
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

TEST_F_TIMEOUT(affinity, takes_a_value_or_leaves_all_as_it_was, 36000)
{
	char written[VALUE_MAX], before[VALUE_MAX], after[VALUE_MAX];
	const char *rounds = getenv("ROUNDS"), *seed = getenv("SEED"), *path;
	unsigned long taken = 0, refused = 0;
	size_t len;
	int err;

	state = seed ? strtoul(seed, NULL, 0) : time(NULL);
	ksft_print_msg("SEED=%u: %zu files\n", state, n_files);
	state |= 1;
	ASSERT_LE(14, n_files);
	for (int i = CALLS * atoi(rounds ?: "1"); i; i--) {
		path = files[some(n_files)];
		err = read_value(path, before);
		/* Without its source the engine is not there. */
		if (err == ENOENT)
			continue;
		ASSERT_EQ(0, err);
		len = make_up(written);
		written[len] = '\0';
		err = write_bytes(path, written, len);
		ASSERT_EQ(0, read_value(path, after));
		if (err) {
			refused++;
			EXPECT_TRUE(err == EINVAL || err == ERANGE)
				TH_LOG("%s: errno %d", path, err);
			ASSERT_STREQ(before, after)
				TH_LOG("%s: changed though %.99s was refused", path, written);
		} else {
			taken++;
			ASSERT_EQ(0, write_bytes(path, after, strlen(after)))
				TH_LOG("%s: what it reads it does not take: %s", path, after);
			ASSERT_EQ(0, read_value(path, before));
			ASSERT_STREQ(after, before);
		}
	}
	ksft_print_msg("%lu values taken, %lu refused\n", taken, refused);
	EXPECT_LT(0, taken);
	EXPECT_LT(0, refused);
}

TEST_HARNESS_MAIN
