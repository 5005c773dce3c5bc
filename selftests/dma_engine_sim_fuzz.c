// SPDX-License-Identifier: GPL-2.0
/*
 * What is written to a file of a simulated engine's folder is taken or refused: what was refused
 * changed nothing, what was taken reads as something that can be written again, and makes an
 * engine that comes and goes while dma_affinity watches. Values are made up around right ones.
 */
#include "fuzz.h"

/* One call in so many makes an engine of what it was set to, or takes it away. */
#define CALLS_A_LIFE	256
/* Settings, and what may be set of a live engine too; and live, which is no file to make up for. */
#define SETTINGS	11
#define FAULTS		4

FIXTURE(sim)
{
	bool live;
};

FIXTURE_SETUP(sim)
{
	ASSERT_TRUE(modules_loaded());
	ASSERT_EQ(0, system("modprobe dma_affinity"));
	engine_remove("fuzz");
	ASSERT_EQ(0, mkdir(ENGINES "fuzz", 0755));
	n_files = 0;
	find_files(ENGINES "fuzz");
	ASSERT_EQ(SETTINGS + FAULTS + 1, n_files);
	self->live = false;
}

FIXTURE_TEARDOWN(sim)
{
	engine_remove("fuzz");
	EXPECT_EQ(0, system("rmmod dma_affinity"));
}

static const char * const words[] = {
	"plain", "vchan", "nested", "memcpy", "memset", "xor", "xor_val", "pq", "pq_val",
	"interrupt", "sg", "cyclic", "interleaved", "memcpy xor", "memcpy xor pq sg",
	"0", "1", "-1", "2", "16", "64", "65", "4096", "16384", "16385", "100000000",
	"4398046511104", "4398046511105", "1000000000", "1000000001", "4294967295",
	"18446744073709551616", "y", "n", "on", "off", "0x10", "", " ",
};

static bool may_be_live(const char *path)
{
	static const char * const faults[FAULTS] = {
		"/fail_next", "/corrupt_next", "/hang_next", "/slow_percent",
	};

	for (int i = 0; i < FAULTS; i++)
		if (!strcmp(strrchr(path, '/'), faults[i]))
			return true;
	return false;
}

/* A folder's name: any bytes. */
static int make_folder(void)
{
	char path[PATH_MAX] = ENGINES;
	size_t len = some(300), at = strlen(path);
	int err = 0;

	for (size_t i = 0; i < len; i++)
		path[at + i] = 1 + some(255);
	if (mkdir(path, 0755))
		err = errno;
	else if (rmdir(path))
		return EUCLEAN;
	/* A slash makes it a path into a folder that is not there. */
	return err == EEXIST || err == ENOENT || err == ENAMETOOLONG ? 0 : err;
}

TEST_F_TIMEOUT(sim, takes_a_value_or_leaves_all_as_it_was, 36000)
{
	char written[VALUE_MAX], before[VALUE_MAX], after[VALUE_MAX];
	unsigned long taken = 0, refused = 0, lives = 0;
	int err, calls = begin();
	const char *path;
	bool allowed;
	size_t len;

	for (; calls; calls--) {
		if (!some(CALLS_A_LIFE)) {
			self->live = !self->live;
			ASSERT_EQ(0, engine_set("fuzz", "live", self->live ? "1" : "0"));
			lives += self->live;
			ASSERT_EQ(0, make_folder());
		}
		path = files[some(n_files)];
		if (!strcmp(strrchr(path, '/'), "/live"))
			continue;
		ASSERT_EQ(0, read_value(path, before));
		len = make_up(written, words, sizeof(words) / sizeof(*words));
		err = write_bytes(path, written, len);
		ASSERT_EQ(0, read_value(path, after));
		allowed = !self->live || may_be_live(path);
		if (err) {
			refused++;
			/* Of configfs: EFAULT where there is nothing to write. */
			EXPECT_TRUE(err == EINVAL || err == ERANGE || (err == EBUSY && !allowed) ||
				    (err == EFAULT && !len))
				TH_LOG("%s: errno %d", path, err);
			ASSERT_STREQ(before, after)
				TH_LOG("%s: changed though %.99s was refused", path, written);
		} else {
			taken++;
			ASSERT_TRUE(allowed)
				TH_LOG("%s: taken though the engine is live", path);
			ASSERT_EQ(0, write_bytes(path, after, strlen(after)))
				TH_LOG("%s: what it reads it does not take: %s", path, after);
			ASSERT_EQ(0, read_value(path, before));
			ASSERT_STREQ(after, before);
		}
	}
	ksft_print_msg("%lu values taken, %lu refused, %lu engines made\n", taken, refused, lives);
	EXPECT_LT(0, taken);
	EXPECT_LT(0, refused);
	EXPECT_LT(0, lives);
}

TEST_HARNESS_MAIN
