// SPDX-License-Identifier: GPL-2.0
/*
 * What is written to a file of /sys/kernel/dma_affinity is taken or refused: what was refused
 * changed nothing, what was taken reads as something that can be written again. Values are made
 * up around right ones.
 */
#include "fuzz.h"

#define AFFINITY	"/sys/kernel/dma_affinity"

FIXTURE(affinity)
{
};

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

static const char * const words[] = {
	"off", "monitor", "advise", "manage", "auto", "last", "ewma", "holt", "kalman",
	"seasonal", "none", "rt", "all", "dmaengine", "device", "dmaengine,device",
	"+1", "-1,2", "1,2",
	"0.5", "1.0000", "0.00001", "-0.1", "1.00001", "0", "1", "-1", "10", "100", "1000",
	"4096", "4097", "2147483648", "18446744073709551616", "1e3", "0x10", "", " ", ",",
};

TEST_F_TIMEOUT(affinity, takes_a_value_or_leaves_all_as_it_was, 36000)
{
	char written[VALUE_MAX], before[VALUE_MAX], after[VALUE_MAX];
	const char *path;
	unsigned long taken = 0, refused = 0;
	size_t len;
	int err, calls = begin();

	ASSERT_LE(14, n_files);
	for (; calls; calls--) {
		path = files[some(n_files)];
		/* Who is in it may end at any moment, as the kernel's workers do. */
		if (strstr(path, "OPTED_OUT"))
			ASSERT_EQ(0, write_bytes(path, "1,2", 3));
		err = read_value(path, before);
		/* Without its source the engine is not there. */
		if (err == ENOENT)
			continue;
		ASSERT_EQ(0, err);
		len = make_up(written, words, sizeof(words) / sizeof(*words));
		err = write_bytes(path, written, len);
		ASSERT_EQ(0, read_value(path, after));
		if (err) {
			refused++;
			EXPECT_TRUE(err == EINVAL || err == ERANGE ||
				    (err == ESRCH && strstr(path, "OPTED_OUT")))
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
