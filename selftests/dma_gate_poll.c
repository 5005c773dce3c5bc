// SPDX-License-Identifier: GPL-2.0
/* What tells an event loop that a copy is done: poll, epoll, an eventfd. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "dma_gate_test.h"

/* Takes four seconds: enough to look meanwhile, on a busy machine too. */
#define SLOW_BPS	"250000"
#define LEN		1000000UL
/* poll's own unit */
#define PATIENCE_MS	60000

FIXTURE(gate)
{
	int fd;
	int event;
	unsigned char *src;
	unsigned char *dst;
};

FIXTURE_SETUP(gate)
{
	ASSERT_TRUE(modules_loaded());
	ASSERT_EQ(0, engine_create("slow", "bytes_per_sec", SLOW_BPS, NULL));
	self->fd = gate_open();
	ASSERT_LE(0, self->fd);
	self->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, self->event);
	self->src = pages_new(2 * MIB);
	self->dst = pages_new(2 * MIB);
	ASSERT_TRUE(self->src && self->dst);
	fill(self->src, LEN, 1);
}

FIXTURE_TEARDOWN(gate)
{
	close(self->event);
	close(self->fd);
	engine_remove("slow");
}

/* Returns 0 or an errno. */
static int copy_and_signal(int gate, const void *src, void *dst, unsigned int flags,
			   int event)
{
	struct dma_gate_copy copy = {
		.size = sizeof(copy),
		.flags = flags,
		.src = (uintptr_t)src,
		.dst = (uintptr_t)dst,
		.len = LEN,
		.eventfd = event,
	};

	return ioctl(gate, DMA_GATE_COPY, &copy) ? errno : 0;
}

static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	return poll(&one, 1, timeout_ms) == 1 && one.revents == POLLIN;
}

TEST_F(gate, readable_from_completion_to_collection)
{
	struct dma_gate_wait done;

	EXPECT_FALSE(is_readable(self->fd, 0));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, NULL));
	EXPECT_FALSE(is_readable(self->fd, 0));
	EXPECT_TRUE(is_readable(self->fd, PATIENCE_MS));
	EXPECT_EQ(0, memcmp(self->src, self->dst, LEN));
	/* For as long as it is there, though its pages have been let go of. */
	usleep(50000);
	EXPECT_TRUE(is_readable(self->fd, 0));
	EXPECT_EQ(0, gate_wait(self->fd, 0, 0, &done));
	EXPECT_FALSE(is_readable(self->fd, 0));
}

TEST_F(gate, epoll_waits_for_it)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u32 = 7 };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_LE(0, epoll);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd, &event));
	event.data.u32 = 0;
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, NULL));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, PATIENCE_MS));
	EXPECT_EQ(7, event.data.u32);
	/* Closed while it is watched. */
	close(self->fd);
	self->fd = gate_open();
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	close(epoll);
}

TEST_F(gate, an_eventfd_counts_completions)
{
	struct dma_gate_wait done;
	uint64_t count = 0, sum = 0;

	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, copy_and_signal(self->fd, self->src, self->dst + i * MIB,
					     DMA_GATE_NO_FALLBACK | DMA_GATE_EVENTFD,
					     self->event));
	EXPECT_EQ(-1, read(self->event, &count, sizeof(count)));
	EXPECT_EQ(EAGAIN, errno);
	while (sum < 2 && is_readable(self->event, PATIENCE_MS)) {
		ASSERT_EQ(sizeof(count), read(self->event, &count, sizeof(count)));
		sum += count;
		for (; count; count--)
			EXPECT_EQ(0, gate_wait(self->fd, 0, 0, &done));
	}
	EXPECT_EQ(2, sum);
	EXPECT_FALSE(is_readable(self->event, 0));
}

TEST_F(gate, a_copy_by_the_cpu_signals_it_too)
{
	uint64_t count;

	engine_remove("slow");
	ASSERT_EQ(0, copy_and_signal(self->fd, self->src, self->dst, DMA_GATE_EVENTFD,
				     self->event));
	EXPECT_TRUE(is_readable(self->fd, 0));
	ASSERT_EQ(sizeof(count), read(self->event, &count, sizeof(count)));
	EXPECT_EQ(1, count);
}

TEST_F(gate, an_eventfd_closed_in_flight)
{
	struct dma_gate_wait done;

	ASSERT_EQ(0, copy_and_signal(self->fd, self->src, self->dst,
				     DMA_GATE_NO_FALLBACK | DMA_GATE_EVENTFD, self->event));
	close(self->event);
	self->event = -1;
	EXPECT_EQ(0, gate_wait(self->fd, 0, PATIENCE_NS, &done));
	EXPECT_EQ(LEN, done.bytes);
}

TEST_F(gate, what_is_no_eventfd)
{
	struct dma_gate_copy old = {
		.size = offsetof(struct dma_gate_copy, eventfd),
		.flags = DMA_GATE_EVENTFD,
		.src = (uintptr_t)self->src,
		.dst = (uintptr_t)self->dst,
		.len = LEN,
	};
	struct dma_gate_wait done;

	EXPECT_EQ(EBADF, copy_and_signal(self->fd, self->src, self->dst,
					 DMA_GATE_EVENTFD, -1));
	EXPECT_EQ(EINVAL, copy_and_signal(self->fd, self->src, self->dst,
					  DMA_GATE_EVENTFD, self->fd));
	/* Given without its flag, and the flag where there is no field for it. */
	EXPECT_EQ(EINVAL, copy_and_signal(self->fd, self->src, self->dst, 0, self->event));
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_COPY, &old));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(ENOENT, gate_wait(self->fd, 0, 0, &done));
	EXPECT_EQ(0, own_pins());
}

TEST_HARNESS_MAIN
