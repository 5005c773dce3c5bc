// SPDX-License-Identifier: GPL-2.0
/* Copies whose caller, memory or engine goes away before they are done. */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "dma_gate_test.h"

/* Takes two seconds: enough to do something meanwhile. */
#define SLOW_BPS	"500000"
#define LEN		1000000UL

FIXTURE(gate)
{
	int fd;
	unsigned char *src;
	unsigned char *dst;
};

FIXTURE_SETUP(gate)
{
	ASSERT_TRUE(modules_loaded());
	ASSERT_EQ(0, engine_create("slow", "bytes_per_sec", SLOW_BPS, NULL));
	self->fd = gate_open();
	ASSERT_LE(0, self->fd);
	self->src = pages_new(MIB);
	self->dst = pages_new(MIB);
	ASSERT_TRUE(self->src && self->dst);
	fill(self->src, LEN, 1);
}

FIXTURE_TEARDOWN(gate)
{
	engine_remove("slow");
	close(self->fd);
}

#define ASSERT_IN_FLIGHT(gate, id) do {					\
	struct dma_gate_wait _wait;					\
									\
	ASSERT_EQ(ETIME, gate_wait(gate, id, 0, &_wait));		\
} while (0)

#define EXPECT_COPIED(gate, id) do {					\
	struct dma_gate_wait _done;					\
									\
	ASSERT_EQ(0, gate_wait(gate, id, PATIENCE_NS, &_done));		\
	EXPECT_EQ(0, _done.error);					\
	EXPECT_EQ(LEN, _done.bytes);					\
} while (0)

TEST_F(gate, a_wait_ends_in_time)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	EXPECT_EQ(ETIME, gate_wait(self->fd, id, 0, &done));
	EXPECT_EQ(ETIME, gate_wait(self->fd, id, 10 * MSEC, &done));
	EXPECT_EQ(ETIME, gate_wait(self->fd, 0, 10 * MSEC, &done));
	EXPECT_COPIED(self->fd, id);
	EXPECT_EQ(0, memcmp(self->src, self->dst, LEN));
}

static void ignore(int signal)
{
}

static void alarm_soon(int flags)
{
	struct sigaction action = { .sa_handler = ignore, .sa_flags = flags };
	/* Repeated, so that it cannot come too early. */
	struct itimerval timer = {
		.it_value = { .tv_usec = 50000 },
		.it_interval = { .tv_usec = 50000 },
	};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void alarm_off(void)
{
	struct itimerval timer = { .it_value = { .tv_usec = 0 } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

TEST_F(gate, a_signal_ends_a_wait_and_loses_nothing)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	alarm_soon(0);
	EXPECT_EQ(EINTR, gate_wait(self->fd, id, -1, &done));
	EXPECT_EQ(EINTR, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	alarm_off();
	EXPECT_COPIED(self->fd, id);
}

TEST_F(gate, an_endless_wait_is_restarted_if_the_handler_says_so)
{
	struct dma_gate_wait done;

	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, NULL));
	alarm_soon(SA_RESTART);
	EXPECT_EQ(0, gate_wait(self->fd, 0, -1, &done));
	alarm_off();
	EXPECT_EQ(LEN, done.bytes);
}

TEST_F(gate, a_signal_while_the_engine_is_full)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	engine_remove("slow");
	ASSERT_EQ(0, engine_create("slow", "bytes_per_sec", "1500", "ring", "1", NULL));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, 4096, &id));
	alarm_soon(0);
	EXPECT_EQ(EINTR, gate_copy(self->fd, self->src, self->dst, 4096, NULL));
	alarm_off();
	/* Only the first was ever submitted. */
	ASSERT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_EQ(id, done.id);
	EXPECT_EQ(4096, done.bytes);
	EXPECT_EQ(ENOENT, gate_wait(self->fd, 0, 0, &done));
}

TEST_F_TIMEOUT(gate, an_engine_that_stays_full, 120)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	engine_remove("slow");
	ASSERT_EQ(0, engine_create("slow", "bytes_per_sec", "100", "ring", "1", NULL));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, 4096, &id));
	EXPECT_EQ(EBUSY, gate_copy(self->fd, self->src, self->dst, 4096, NULL));
	/* The CPU helps out where it may. */
	EXPECT_EQ(0, gate_copy_flags(self->fd, self->src, self->dst + 4096, 4096,
				     0, NULL));
	ASSERT_EQ(0, gate_wait(self->fd, 0, 0, &done));
	EXPECT_EQ(4096, done.cpu_bytes);
	ASSERT_IN_FLIGHT(self->fd, id);
}

/* The memory is also mapped elsewhere, where the result can be seen. */
TEST_F(gate, memory_unmapped_in_flight)
{
	int memory = memfd_create("dma_gate", 0);
	unsigned char *src, *dst, *view;
	uint64_t id = 0;

	ASSERT_LE(0, memory);
	ASSERT_EQ(0, ftruncate(memory, MIB));
	view = mmap(NULL, MIB, PROT_READ, MAP_SHARED, memory, 0);
	dst = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	src = pages_new(MIB);
	ASSERT_TRUE(src && view != MAP_FAILED && dst != MAP_FAILED);
	fill(src, LEN, 1);
	ASSERT_EQ(0, gate_copy(self->fd, src, dst, LEN, &id));
	ASSERT_EQ(0, munmap(src, MIB));
	ASSERT_EQ(0, munmap(dst, MIB));
	ASSERT_IN_FLIGHT(self->fd, id);
	EXPECT_COPIED(self->fd, id);
	EXPECT_EQ(0, memcmp(self->src, view, LEN));
	EXPECT_EQ(0, own_pins());
	EXPECT_EQ(0, pins());
}

TEST_F(gate, memory_protected_in_flight)
{
	uint64_t id = 0;

	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	ASSERT_EQ(0, mprotect(self->dst, MIB, PROT_NONE));
	ASSERT_EQ(0, mprotect(self->src, MIB, PROT_NONE));
	ASSERT_IN_FLIGHT(self->fd, id);
	EXPECT_COPIED(self->fd, id);
	ASSERT_EQ(0, mprotect(self->dst, MIB, PROT_READ));
	ASSERT_EQ(0, mprotect(self->src, MIB, PROT_READ));
	EXPECT_EQ(0, memcmp(self->src, self->dst, LEN));
}

/* Pages of a copy in flight must not be shared with a child born meanwhile. */
TEST_F(gate, fork_in_flight)
{
	uint64_t id = 0;
	pid_t child;
	int status;

	memset(self->dst, 0, LEN);
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		memset(self->src, 0xff, LEN);
		memset(self->dst, 0xff, LEN);
		_exit(0);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_COPIED(self->fd, id);
	EXPECT_EQ(0, memcmp(self->src, self->dst, LEN));
}

/* The file is shared; each request's memory is that of its submitter. */
TEST_F(gate, a_child_submits_and_dies_and_the_parent_collects)
{
	pid_t child;
	int status;

	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(gate_copy(self->fd, self->src, self->dst, LEN, NULL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(0, own_pins());
	ASSERT_IN_FLIGHT(self->fd, 0);
	EXPECT_COPIED(self->fd, 0);
	EXPECT_EQ(0, pins());
}

/* A child with a file of its own that starts a copy and then ends somehow. */
static pid_t child_in_flight(const unsigned char *src, unsigned char *dst,
			     int *ready)
{
	int ends[2];
	pid_t child;
	char byte;

	if (pipe(ends))
		return -1;
	child = fork();
	if (!child) {
		int gate = gate_open();

		byte = gate_copy(gate, src, dst, LEN, NULL);
		if (write(ends[1], &byte, 1) != 1)
			_exit(1);
		pause();
	}
	close(ends[1]);
	*ready = child > 0 && read(ends[0], &byte, 1) == 1 && !byte;
	close(ends[0]);
	return child;
}

TEST_F(gate, killed_in_flight)
{
	int status, ready;
	pid_t child;

	child = child_in_flight(self->src, self->dst, &ready);
	ASSERT_LT(0, child);
	ASSERT_TRUE(ready);
	EXPECT_LT(0, pins());
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	/* The exit waited for the engine. */
	EXPECT_EQ(0, pins());
	EXPECT_EQ(LEN, engine_get("slow", "truth_bytes"));
}

TEST_F(gate, killed_while_the_engine_takes_piece_by_piece)
{
	int status;
	pid_t child;

	engine_remove("slow");
	ASSERT_EQ(0, engine_create("slow", "bytes_per_sec", SLOW_BPS, "ring", "2", NULL));
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(gate_copy(gate_open(), self->src, self->dst, LEN, NULL));
	while (!engine_get("slow", "truth_bytes"))
		usleep(1000);
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	EXPECT_EQ(0, pins());
	EXPECT_GT(LEN, engine_get("slow", "truth_bytes"));
}

/* The copy would take hours: closing gives up, but the pages stay pinned. */
TEST_F_TIMEOUT(gate, closed_with_an_engine_that_is_stuck, 120)
{
	uint64_t id = 0;

	engine_remove("slow");
	ASSERT_EQ(0, engine_create("slow", "bytes_per_sec", "100", NULL));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_LT(0, pins());
	/* The module cannot leave what the engine holds. */
	EXPECT_NE(0, system("rmmod dma_gate 2>/dev/null"));
	/* What the engine lets go of is cleaned up with nobody waiting. */
	ASSERT_EQ(0, engine_set("slow", "live", "force"));
	EXPECT_TRUE(poll_until(20, pins_gone));
	EXPECT_EQ(0, own_pins());
	self->fd = gate_open();
}

TEST_F(gate, the_engine_goes_away_by_force)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	ASSERT_IN_FLIGHT(self->fd, id);
	ASSERT_EQ(0, engine_set("slow", "live", "force"));
	ASSERT_EQ(0, gate_wait(self->fd, id, PATIENCE_NS, &done));
	if (!done.error) {
		EXPECT_EQ(LEN, done.bytes);
		EXPECT_EQ(0, memcmp(self->src, self->dst, LEN));
	}
	EXPECT_EQ(ENODEV, gate_copy(self->fd, self->src, self->dst, LEN, NULL));
	EXPECT_EQ(0, pins());
}

static bool nobody_collects(void)
{
	return !own_pins();
}

TEST_F(gate, pages_go_even_if_nobody_collects)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	EXPECT_LT(0, own_pins());
	EXPECT_TRUE(poll_until(20, nobody_collects));
	EXPECT_EQ(0, pins());
	ASSERT_EQ(0, gate_wait(self->fd, id, 0, &done));
	EXPECT_EQ(LEN, done.bytes);
}

static bool module_gone(void)
{
	return !system("rmmod dma_gate 2>/dev/null");
}

TEST_F(gate, engines_are_held_while_a_file_is_open_and_the_module_too)
{
	EXPECT_EQ(EBUSY, engine_set("slow", "live", "0"));
	EXPECT_NE(0, system("rmmod dma_gate 2>/dev/null"));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(0, engine_set("slow", "live", "0"));
	EXPECT_TRUE(poll_until(10, module_gone));
	ASSERT_TRUE(modules_loaded());
	self->fd = gate_open();
	EXPECT_LE(0, self->fd);
}

TEST_HARNESS_MAIN
