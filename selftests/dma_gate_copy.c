// SPDX-License-Identifier: GPL-2.0
/* What is copied, by whom, and what is said when it is not. */
#include <pthread.h>
#include <sched.h>

#include "dma_gate_test.h"

#define ROOM	(256 * KIB)
#define GUARD	64
#define FILLER	0xa5

FIXTURE(gate)
{
	int fd;
	unsigned char *src;
	unsigned char *dst;
};

FIXTURE_SETUP(gate)
{
	ASSERT_TRUE(modules_loaded());
	ASSERT_EQ(0, engine_create("copy", "bytes_per_sec", "1000000000", NULL));
	self->fd = gate_open();
	ASSERT_LE(0, self->fd);
	self->src = pages_new(ROOM);
	self->dst = pages_new(ROOM);
	ASSERT_TRUE(self->src && self->dst);
	fill(self->src, ROOM, 1);
}

FIXTURE_TEARDOWN(gate)
{
	close(self->fd);
	engine_remove("copy");
	engine_remove("other");
}

static bool is_filler(const unsigned char *byte, size_t len)
{
	while (len--)
		if (*byte++ != FILLER)
			return false;
	return true;
}

TEST_F_TIMEOUT(gate, any_alignment_and_nothing_beside, 120)
{
	static const size_t offsets[] = { 0, 1, 7, 64, 2049, 4095 };
	static const size_t lengths[] = { 1, 2, 63, 64, 4095, 4096, 4097, 65537, 131072 };
	unsigned int s, d, l;

	for (s = 0; s < ARRAY_SIZE(offsets); s++) {
		for (d = 0; d < ARRAY_SIZE(offsets); d++) {
			for (l = 0; l < ARRAY_SIZE(lengths); l++) {
				unsigned char *src = self->src + GUARD + offsets[s];
				unsigned char *dst = self->dst + GUARD + offsets[d];
				size_t len = lengths[l];
				struct dma_gate_wait done;

				memset(self->dst, FILLER, ROOM);
				ASSERT_EQ(0, gate_copy(self->fd, src, dst, len, NULL));
				ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
				ASSERT_EQ(0, done.error);
				ASSERT_EQ(len, done.bytes);
				ASSERT_EQ(0, memcmp(src, dst, len)) {
					TH_LOG("from +%zu to +%zu, %zu bytes",
					       offsets[s], offsets[d], len);
				}
				ASSERT_TRUE(is_filler(dst - GUARD, GUARD));
				ASSERT_TRUE(is_filler(dst + len, GUARD));
			}
		}
	}
	EXPECT_TRUE(poll_until(10, pins_gone));
}

/* More pieces than the engine's ring has room for. */
TEST_F_TIMEOUT(gate, the_largest_copy, 120)
{
	size_t len = DMA_GATE_MAX_LEN;
	unsigned char *src = pages_new(len + 4096), *dst = pages_new(len + 4096);
	struct dma_gate_wait done;

	ASSERT_TRUE(src && dst);
	fill(src, len + 1, 2);
	ASSERT_EQ(0, gate_copy(self->fd, src + 1, dst + 3, len, NULL));
	ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_EQ(0, done.error);
	EXPECT_EQ(len, done.bytes);
	EXPECT_EQ(0, memcmp(src + 1, dst + 3, len));
	EXPECT_EQ(len, engine_get("copy", "truth_bytes"));
	EXPECT_TRUE(poll_until(10, pins_gone));
}

TEST_F(gate, a_ring_of_one)
{
	struct dma_gate_wait done;

	engine_remove("copy");
	ASSERT_EQ(0, engine_create("copy", "ring", "1", NULL));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst + 5, ROOM - 5, NULL));
	ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_EQ(0, done.error);
	EXPECT_EQ(ROOM - 5, done.bytes);
	EXPECT_EQ(0, memcmp(self->src, self->dst + 5, ROOM - 5));
}

static void *copy_many(void *arg)
{
	unsigned char *src = pages_new(ROOM), *dst = pages_new(ROOM);
	long wrong = !src || !dst;
	struct dma_gate_wait done;
	int gate = gate_open();

	for (unsigned int i = 0; i < 50 && !wrong; i++) {
		fill(src, ROOM, (uintptr_t)arg + i);
		wrong = gate_copy(gate, src, dst, ROOM, NULL) ||
			gate_wait(gate, 0, PATIENCE_NS, &done) || done.error ||
			done.bytes != ROOM || memcmp(src, dst, ROOM);
	}
	close(gate);
	return (void *)wrong;
}

/* Each finds the ring full of the others' transfers most of the time. */
TEST_F_TIMEOUT(gate, many_threads_and_a_small_ring, 120)
{
	pthread_t threads[8];
	unsigned int i;
	void *wrong;

	engine_remove("copy");
	ASSERT_EQ(0, engine_create("copy", "ring", "4", NULL));
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, copy_many,
					    (void *)(i * 1000UL)));
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &wrong));
		EXPECT_EQ(NULL, wrong);
	}
	EXPECT_LT(0, engine_get("copy", "truth_refused"));
	EXPECT_EQ(8 * 50 * ROOM, engine_get("copy", "truth_bytes"));
	EXPECT_TRUE(poll_until(10, pins_gone));
}

TEST_F(gate, several_in_flight_each_reported_as_itself)
{
	enum { COUNT = 32, PART = ROOM / COUNT };
	bool seen[COUNT] = { false };
	struct dma_gate_wait done;
	unsigned int i, part;
	uint64_t ids[COUNT];

	for (i = 0; i < COUNT; i++)
		ASSERT_EQ(0, gate_copy(self->fd, self->src + i * PART,
				       self->dst + i * PART, PART - i, &ids[i]));
	/* One by name, out of the middle; the others as they come. */
	ASSERT_EQ(0, gate_wait(self->fd, ids[COUNT / 2], PATIENCE_NS, &done));
	for (i = 0; i < COUNT; i++) {
		part = (done.user_data - (uintptr_t)self->dst) / PART;
		ASSERT_GT(COUNT, part);
		EXPECT_EQ(ids[part], done.id);
		EXPECT_EQ(PART - part, done.bytes);
		EXPECT_FALSE(seen[part]);
		seen[part] = true;
		EXPECT_EQ(i == COUNT - 1 ? ENOENT : 0,
			  gate_wait(self->fd, 0, PATIENCE_NS, &done));
	}
}

/* A vchan engine allocates, a nested one copies by a prep within a prep. */
TEST_F(gate, other_styles_of_engine)
{
	static const char * const styles[] = { "vchan", "nested" };
	struct dma_gate_wait done;

	for (unsigned int i = 0; i < ARRAY_SIZE(styles); i++) {
		engine_remove("copy");
		ASSERT_EQ(0, engine_create("copy", "capabilities", "memcpy xor",
					   "style", styles[i], NULL));
		memset(self->dst, FILLER, ROOM);
		ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, ROOM, NULL));
		ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
		EXPECT_EQ(ROOM, done.bytes);
		EXPECT_EQ(0, memcmp(self->src, self->dst, ROOM));
	}
}

TEST_F(gate, no_engine)
{
	struct dma_gate_wait done;

	engine_remove("copy");
	EXPECT_EQ(ENODEV, gate_copy(self->fd, self->src, self->dst, ROOM, NULL));
	EXPECT_EQ(ENOENT, gate_wait(self->fd, 0, 0, &done));
	EXPECT_EQ(0, own_pins());
	EXPECT_EQ(0, pins());
}

TEST_F(gate, no_engine_and_the_cpu_copies)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	engine_remove("copy");
	memset(self->dst, FILLER, ROOM);
	ASSERT_EQ(0, gate_copy_flags(self->fd, self->src + 3, self->dst + 77,
				     ROOM - 200, 0, &id));
	ASSERT_EQ(0, gate_wait(self->fd, id, 0, &done));
	EXPECT_EQ(0, done.bytes);
	EXPECT_EQ(ROOM - 200, done.cpu_bytes);
	EXPECT_EQ(0, done.error);
	EXPECT_EQ(0, memcmp(self->src + 3, self->dst + 77, ROOM - 200));
	EXPECT_TRUE(is_filler(self->dst, 77));
	EXPECT_TRUE(is_filler(self->dst + 77 + ROOM - 200, 123));
	EXPECT_EQ(0, pins());
}

TEST_F(gate, an_engine_is_used_even_if_the_cpu_might_copy)
{
	struct dma_gate_wait done;

	ASSERT_EQ(0, gate_copy_flags(self->fd, self->src, self->dst, ROOM, 0, NULL));
	ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_EQ(ROOM, done.bytes);
	EXPECT_EQ(0, done.cpu_bytes);
}

/* One CPU an engine; the engine is the one of the CPU at submission. */
TEST_F(gate, the_engine_follows_the_cpu)
{
	struct dma_gate_wait done;
	cpu_set_t cpus;
	int cpu;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	ASSERT_EQ(0, engine_create("other", NULL));
	for (cpu = 0; cpu < 2; cpu++) {
		CPU_ZERO(&cpus);
		CPU_SET(cpu, &cpus);
		ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpus), &cpus));
		ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, ROOM, NULL));
		ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	}
	EXPECT_EQ(ROOM, engine_get("copy", "truth_bytes"));
	EXPECT_EQ(ROOM, engine_get("other", "truth_bytes"));
}

TEST_F(gate, an_error_of_the_engine)
{
	struct dma_gate_wait done;

	ASSERT_EQ(0, engine_set("copy", "fail_next", "1"));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, 64, NULL));
	ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_EQ(EIO, done.error);
	EXPECT_EQ(0, done.bytes);
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, 64, NULL));
	ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_EQ(0, done.error);
	EXPECT_EQ(64, done.bytes);
	EXPECT_TRUE(poll_until(10, pins_gone));
}

/* The first of many pieces fails; those that were submitted by then succeed. */
TEST_F(gate, an_error_in_one_piece_is_seen)
{
	struct dma_gate_wait done;

	ASSERT_EQ(0, engine_set("copy", "fail_next", "1"));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst + 9, ROOM - 9, NULL));
	ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_EQ(EIO, done.error);
	EXPECT_GT(ROOM - 9, done.bytes);
	EXPECT_EQ(engine_get("copy", "truth_bytes"), done.bytes);
}

TEST_F(gate, latency_is_the_engines)
{
	struct dma_gate_wait done;

	engine_remove("copy");
	ASSERT_EQ(0, engine_create("copy", "latency_ns", "50000000", NULL));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, 64, NULL));
	ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_LE(50 * MSEC, done.latency_ns);
}

static void *come_and_go(void *arg)
{
	bool *stop = arg;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		engine_create("other", NULL);
		engine_remove("other");
	}
	return NULL;
}

/* Each coming and going empties the table of channels for an instant. */
TEST_F_TIMEOUT(gate, other_engines_come_and_go, 120)
{
	struct dma_gate_wait done;
	unsigned int i, tries;
	bool stop = false;
	pthread_t thread;
	int err;

	ASSERT_EQ(0, pthread_create(&thread, NULL, come_and_go, &stop));
	/* How often the table is found empty is a matter of speed: try again then. */
	for (i = 0; i < 500; i++) {
		err = ENODEV;
		for (tries = 0; tries < 100 && err; tries++) {
			err = gate_copy(self->fd, self->src, self->dst, 4096, NULL);
			if (!err) {
				ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
				err = done.error;
			}
			ASSERT_TRUE(!err || err == ENODEV);
		}
		ASSERT_EQ(0, err);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_TRUE(poll_until(10, pins_gone));
}

TEST_HARNESS_MAIN
