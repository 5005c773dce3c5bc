// SPDX-License-Identifier: GPL-2.0
/* What /dev/dma_gate answers to wrong and to right questions. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#include "dma_gate_test.h"

#define LEN (16 * KIB)
/* No two transfers in flight may write to the same cache line. */
#define LINE (LEN / DMA_GATE_MAX_REQUESTS)

FIXTURE(gate)
{
	int fd;
	unsigned char *src;
	unsigned char *dst;
};

FIXTURE_SETUP(gate)
{
	ASSERT_TRUE(modules_loaded());
	ASSERT_EQ(0, engine_create("contract", "bytes_per_sec", "100000000", NULL));
	self->fd = gate_open();
	ASSERT_LE(0, self->fd);
	self->src = pages_new(LEN);
	self->dst = pages_new(LEN);
	ASSERT_TRUE(self->src && self->dst);
	fill(self->src, LEN, 1);
}

FIXTURE_TEARDOWN(gate)
{
	close(self->fd);
	engine_remove("contract");
}

/* Nothing was submitted: there is nothing to wait for. */
#define EXPECT_NOTHING_IN_FLIGHT() do {					\
	struct dma_gate_wait _none;					\
									\
	EXPECT_EQ(ENOENT, gate_wait(self->fd, 0, 0, &_none));		\
} while (0)

TEST_F(gate, a_copy_is_made_and_reported)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	EXPECT_NE(0, id);
	ASSERT_EQ(0, gate_wait(self->fd, id, -1, &done));
	EXPECT_EQ(id, done.id);
	EXPECT_EQ((uintptr_t)self->dst, done.user_data);
	EXPECT_EQ(LEN, done.bytes);
	EXPECT_EQ(0, done.cpu_bytes);
	EXPECT_EQ(0, done.error);
	EXPECT_LT(0, done.latency_ns);
	EXPECT_EQ(0, memcmp(self->src, self->dst, LEN));
	EXPECT_EQ(LEN, engine_get("contract", "truth_bytes"));
	EXPECT_NOTHING_IN_FLIGHT();
}

TEST_F(gate, only_root_opens_it)
{
	struct stat about;

	ASSERT_EQ(0, stat(DEVICE, &about));
	EXPECT_EQ(0600, about.st_mode & 07777);
	ASSERT_EQ(0, setuid(65534));
	EXPECT_EQ(-1, gate_open());
	EXPECT_EQ(EACCES, errno);
	/* The teardown needs root, the file's mode was what mattered. */
	_exit(_metadata->exit_code);
}

TEST_F(gate, unknown_call)
{
	EXPECT_EQ(-1, ioctl(self->fd, _IO(DMA_GATE_TYPE, 0x7f), 0));
	EXPECT_EQ(ENOTTY, errno);
}

TEST_F(gate, size_below_the_first_version)
{
	struct dma_gate_copy copy = {
		.size = offsetof(struct dma_gate_copy, id),
	};
	struct dma_gate_wait wait = { .size = 0 };

	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_COPY, &copy));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_WAIT, &wait));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(gate, fields_of_a_later_version)
{
	struct {
		struct dma_gate_copy copy;
		uint64_t later;
	} big = {
		.copy = {
			.size = sizeof(big),
			.src = (uintptr_t)self->src,
			.dst = (uintptr_t)self->dst,
			.len = LEN,
		},
	};
	struct dma_gate_wait done;

	EXPECT_EQ(0, ioctl(self->fd, DMA_GATE_COPY, &big));
	EXPECT_EQ(0, gate_wait(self->fd, big.copy.id, -1, &done));
	big.later = 1;
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_COPY, &big));
	EXPECT_EQ(E2BIG, errno);
	big.later = 0;
	big.copy.size = 4097;
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_COPY, &big));
	EXPECT_EQ(E2BIG, errno);
	EXPECT_NOTHING_IN_FLIGHT();
}

TEST_F(gate, unknown_flags_and_reserved_fields)
{
	struct dma_gate_wait wait = { .size = sizeof(wait), .flags = 1 };
	struct dma_gate_copy copy = {
		.size = sizeof(copy),
		.src = (uintptr_t)self->src,
		.dst = (uintptr_t)self->dst,
		.len = LEN,
		.reserved = 1,
	};

	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_COPY, &copy));
	EXPECT_EQ(EINVAL, errno);
	copy.reserved = 0;
	/* without the flag for it */
	copy.eventfd = 1;
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_COPY, &copy));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(EINVAL, gate_copy_flags(self->fd, self->src, self->dst, LEN,
					  4, NULL));
	EXPECT_EQ(EINVAL, gate_copy_flags(self->fd, self->src, self->dst, LEN,
					  1U << 31, NULL));
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_WAIT, &wait));
	EXPECT_EQ(EINVAL, errno);
	wait.flags = 0;
	wait.reserved = 1;
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_WAIT, &wait));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_NOTHING_IN_FLIGHT();
}

TEST_F(gate, structure_that_cannot_be_read)
{
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_COPY, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_WAIT, NULL));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(gate, id_that_cannot_be_written)
{
	struct dma_gate_copy *copy = pages_new(4096);

	ASSERT_NE(NULL, copy);
	*copy = (struct dma_gate_copy){
		.size = sizeof(*copy),
		.src = (uintptr_t)self->src,
		.dst = (uintptr_t)self->dst,
		.len = LEN,
	};
	ASSERT_EQ(0, mprotect(copy, 4096, PROT_READ));
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_COPY, copy));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_NOTHING_IN_FLIGHT();
	EXPECT_EQ(0, engine_get("contract", "truth_bytes"));
}

TEST_F(gate, lengths)
{
	EXPECT_EQ(EINVAL, gate_copy(self->fd, self->src, self->dst, 0, NULL));
	EXPECT_EQ(E2BIG, gate_copy(self->fd, self->src, self->dst,
				   DMA_GATE_MAX_LEN + 1UL, NULL));
	EXPECT_EQ(E2BIG, gate_copy(self->fd, self->src, self->dst, SIZE_MAX, NULL));
	EXPECT_NOTHING_IN_FLIGHT();
}

TEST_F(gate, addresses_that_overflow)
{
	void *top = (void *)(UINTPTR_MAX - LEN / 2);

	EXPECT_EQ(EINVAL, gate_copy(self->fd, top, self->dst, LEN, NULL));
	EXPECT_EQ(EINVAL, gate_copy(self->fd, self->src, top, LEN, NULL));
	EXPECT_NOTHING_IN_FLIGHT();
}

TEST_F(gate, buffers_that_overlap)
{
	unsigned char *a = self->src;
	size_t half = LEN / 2;
	struct dma_gate_wait done;

	EXPECT_EQ(EINVAL, gate_copy(self->fd, a, a, half, NULL));
	EXPECT_EQ(EINVAL, gate_copy(self->fd, a, a + 1, half, NULL));
	EXPECT_EQ(EINVAL, gate_copy(self->fd, a + 1, a, half, NULL));
	EXPECT_EQ(EINVAL, gate_copy(self->fd, a, a + half - 1, half, NULL));
	EXPECT_EQ(EINVAL, gate_copy(self->fd, a + half - 1, a, half, NULL));
	EXPECT_NOTHING_IN_FLIGHT();
	/* Neighbours do not. */
	ASSERT_EQ(0, gate_copy(self->fd, a, a + half, half, NULL));
	EXPECT_EQ(0, gate_wait(self->fd, 0, -1, &done));
	EXPECT_EQ(0, memcmp(a, a + half, half));
}

TEST_F(gate, memory_that_is_not_there_or_not_allowed)
{
	unsigned char *page = pages_new(2 * LEN);
	void *kernel = (void *)(UINTPTR_MAX - MIB);
	void *last = (void *)(UINTPTR_MAX - LEN);

	ASSERT_NE(NULL, page);
	EXPECT_EQ(EFAULT, gate_copy(self->fd, NULL, self->dst, LEN, NULL));
	EXPECT_EQ(EFAULT, gate_copy(self->fd, self->src, NULL, LEN, NULL));
	EXPECT_EQ(EFAULT, gate_copy(self->fd, kernel, self->dst, LEN, NULL));
	EXPECT_EQ(EFAULT, gate_copy(self->fd, self->src, kernel, LEN, NULL));
	EXPECT_EQ(EFAULT, gate_copy(self->fd, last, self->dst, LEN, NULL));

	/* The second half is missing. */
	ASSERT_EQ(0, munmap(page + LEN, LEN));
	EXPECT_EQ(EFAULT, gate_copy(self->fd, page + LEN / 2, self->dst, LEN, NULL));
	EXPECT_EQ(EFAULT, gate_copy(self->fd, self->src, page + LEN / 2, LEN, NULL));

	ASSERT_EQ(0, mprotect(page, LEN, PROT_READ));
	EXPECT_EQ(EFAULT, gate_copy(self->fd, self->src, page, LEN, NULL));
	ASSERT_EQ(0, mprotect(page, LEN, PROT_NONE));
	EXPECT_EQ(EFAULT, gate_copy(self->fd, page, self->dst, LEN, NULL));

	EXPECT_NOTHING_IN_FLIGHT();
	EXPECT_EQ(0, own_pins());
	EXPECT_EQ(0, pins());
}

TEST_F(gate, bad_memory_is_no_reason_for_the_cpu_to_copy)
{
	EXPECT_EQ(EFAULT, gate_copy_flags(self->fd, NULL, self->dst, LEN, 0, NULL));
	EXPECT_EQ(EFAULT, gate_copy_flags(self->fd, self->src, NULL, LEN, 0, NULL));
	EXPECT_NOTHING_IN_FLIGHT();
}

TEST_F(gate, waiting_for_nothing)
{
	struct dma_gate_wait wait;

	EXPECT_EQ(ENOENT, gate_wait(self->fd, 0, 0, &wait));
	EXPECT_EQ(ENOENT, gate_wait(self->fd, 0, -1, &wait));
	EXPECT_EQ(ENOENT, gate_wait(self->fd, 1, SEC, &wait));
}

TEST_F(gate, a_request_is_collected_once)
{
	struct dma_gate_wait done;
	uint64_t id = 0;

	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	EXPECT_EQ(0, gate_wait(self->fd, id, -1, &done));
	EXPECT_EQ(ENOENT, gate_wait(self->fd, id, -1, &done));
}

TEST_F(gate, another_file_sees_none_of_it)
{
	int other = gate_open();
	struct dma_gate_wait done;
	uint64_t id = 0;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	EXPECT_EQ(ENOENT, gate_wait(other, id, -1, &done));
	EXPECT_EQ(ENOENT, gate_wait(other, 0, -1, &done));
	EXPECT_EQ(0, gate_wait(self->fd, id, -1, &done));
	close(other);
}

TEST_F(gate, a_result_that_cannot_be_delivered_is_kept)
{
	struct dma_gate_wait *wait = pages_new(4096), done;
	uint64_t id = 0;

	ASSERT_NE(NULL, wait);
	*wait = (struct dma_gate_wait){ .size = sizeof(*wait), .timeout_ns = -1 };
	ASSERT_EQ(0, mprotect(wait, 4096, PROT_READ));
	ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, &id));
	EXPECT_EQ(-1, ioctl(self->fd, DMA_GATE_WAIT, wait));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, gate_wait(self->fd, 0, 0, &done));
	EXPECT_EQ(id, done.id);
	EXPECT_EQ(LEN, done.bytes);
}

TEST_F_TIMEOUT(gate, so_many_requests_and_no_more, 120)
{
	struct dma_gate_wait done;
	unsigned int i;

	for (i = 0; i < DMA_GATE_MAX_REQUESTS; i++)
		ASSERT_EQ(0, gate_copy(self->fd, self->src, self->dst + i * LINE,
				       1, NULL));
	EXPECT_EQ(EAGAIN, gate_copy(self->fd, self->src, self->dst, 1, NULL));
	EXPECT_EQ(0, gate_wait(self->fd, 0, -1, &done));
	EXPECT_EQ(0, gate_copy(self->fd, self->src,
			       (void *)(uintptr_t)done.user_data, 1, NULL));
	EXPECT_EQ(EAGAIN, gate_copy(self->fd, self->src, self->dst, 1, NULL));
	for (i = 0; i < DMA_GATE_MAX_REQUESTS; i++)
		EXPECT_EQ(0, gate_wait(self->fd, 0, -1, &done));
	EXPECT_NOTHING_IN_FLIGHT();
}

static int drop_ipc_lock(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return errno;
	data[0].effective &= ~(1U << CAP_IPC_LOCK);
	return syscall(SYS_capset, &header, data) ? errno : 0;
}

TEST_F(gate, pinned_pages_count_against_the_limit)
{
	struct rlimit limit = { .rlim_cur = 8 * 4096, .rlim_max = 8 * 4096 };
	struct dma_gate_wait done;

	ASSERT_EQ(0, setrlimit(RLIMIT_MEMLOCK, &limit));
	/* Root is not held by it. */
	EXPECT_EQ(0, gate_copy(self->fd, self->src + 1, self->dst + 1, LEN - 1, NULL));
	EXPECT_EQ(0, gate_wait(self->fd, 0, -1, &done));
	EXPECT_EQ(0, own_pins());

	ASSERT_EQ(0, drop_ipc_lock());
	EXPECT_EQ(0, gate_copy(self->fd, self->src, self->dst, LEN, NULL));
	EXPECT_EQ(0, gate_wait(self->fd, 0, -1, &done));
	limit.rlim_cur = 7 * 4096;
	ASSERT_EQ(0, setrlimit(RLIMIT_MEMLOCK, &limit));
	EXPECT_EQ(ENOMEM, gate_copy(self->fd, self->src, self->dst, LEN, NULL));
	EXPECT_EQ(0, own_pins());
	EXPECT_NOTHING_IN_FLIGHT();
}

TEST_HARNESS_MAIN
