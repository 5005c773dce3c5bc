// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/dma_gate is asked right and wrong questions by two threads at a time, made up around the
 * right ones. Whatever it is asked, it answers as uapi/linux/dma_gate.h says, copies what it
 * took on and nothing else, and holds nothing in the end. $SEED repeats what a run has asked
 * (how the two threads mix is up to the scheduler), $ROUNDS makes it so many times as long.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>

#include "dma_gate_test.h"

#define THREADS		2
#define SLOTS		16
/* Of each. */
#define CALLS		5000
#define PAGE		4096UL
/* Of a request, as far as it is taken. */
#define AREA		(4 * PAGE)
#define UNTOUCHED	0xaa

#define COPY_V0		(offsetof(struct dma_gate_copy, id) + sizeof(uint64_t))
#define EVENTFD_END	(offsetof(struct dma_gate_copy, eventfd) + sizeof(int32_t))

/* One request in flight at most, of one thread; collected by either. */
struct slot {
	_Atomic bool busy;
	unsigned char *area;	/* what may be written, all of it UNTOUCHED before */
	unsigned char *dst;
	const unsigned char *src;
	size_t len;
};

struct thread {
	pthread_t thread;
	int gate;
	int event;
	uint32_t state;
	unsigned char *source;		/* of AREA bytes, then nothing */
	unsigned char *page_end;	/* before it two pages, then nothing */
	unsigned char *read_only;	/* a page */
	unsigned long taken, refused, signals;
	uint64_t engine_bytes;
	char complaint[160];
};

/* A slot's index is its user_data. */
static struct slot slots[THREADS * SLOTS];
static struct thread threads[THREADS];
static int calls;

/* The first thing that is wrong is told, others may follow from it. */
static void __attribute__((format(printf, 2, 3)))
complain(struct thread *t, const char *format, ...)
{
	va_list args;

	if (*t->complaint)
		return;
	va_start(args, format);
	vsnprintf(t->complaint, sizeof(t->complaint), format, args);
	va_end(args);
}

/* Below n. */
static uint32_t some(struct thread *t, uint32_t n)
{
	/* Marsaglia's xorshift. */
	t->state ^= t->state << 13;
	t->state ^= t->state >> 17;
	t->state ^= t->state << 5;
	return t->state % n;
}

static bool is_one_of(int error, const int *errors, size_t n)
{
	while (n--)
		if (errors[n] == error)
			return true;
	return false;
}

static bool is_untouched(const struct slot *slot)
{
	for (size_t i = 0; i < AREA; i++)
		if (slot->area[i] != UNTOUCHED)
			return false;
	return true;
}

/*
 * As much as the call is told to read, up to the end of what is mapped: or somewhere where it can
 * be read and not written.
 */
static unsigned char *place(struct thread *t, const void *call, size_t known, bool writable)
{
	uint32_t size = *(const uint32_t *)call;
	size_t room = writable ? 2 * PAGE : PAGE;
	size_t len = size < sizeof(size) ? sizeof(size) : size > room ? room : size;
	unsigned char *at = (writable ? t->page_end : t->read_only + PAGE) - len;

	if (!writable)
		mprotect(t->read_only, PAGE, PROT_READ | PROT_WRITE);
	memset(at, 0, len);
	memcpy(at, call, len < known ? len : known);
	if (!writable)
		mprotect(t->read_only, PAGE, PROT_READ);
	return at;
}

/* Memory that nobody may copy from or to. */
static uint64_t nowhere(struct thread *t)
{
	const uint64_t addresses[] = {
		0, 1, (uintptr_t)t->page_end, UINTPTR_MAX, UINTPTR_MAX - PAGE, 1ULL << 47,
		0xffff888000000000, 0xffffffff81000000,
	};

	return addresses[some(t, sizeof(addresses) / sizeof(*addresses))];
}

/* Makes one thing of a right question wrong, or only other. Returns whether it must be refused. */
static bool change_copy(struct thread *t, struct dma_gate_copy *copy, const struct slot *slot)
{
	static const uint64_t lens[] = {
		0, DMA_GATE_MAX_LEN, DMA_GATE_MAX_LEN + 1, 1ULL << 32, INT64_MAX, UINT64_MAX,
	};
	static const uint32_t small[] = { 0, 1, 4, COPY_V0 - 1 };
	static const uint32_t big[] = { PAGE + 1, 1U << 31, UINT32_MAX };

	switch (some(t, 12)) {
	case 0:
		copy->size = small[some(t, 4)];
		return true;
	case 1:
		copy->size = big[some(t, 3)];
		return true;
	case 2:
		copy->size = COPY_V0 + some(t, PAGE - COPY_V0 + 1);
		return (copy->flags & DMA_GATE_EVENTFD) && copy->size < EVENTFD_END;
	case 3:
		copy->flags |= 4U << some(t, 30);
		return true;
	case 4:
		copy->src = nowhere(t);
		return true;
	case 5:
		copy->dst = nowhere(t);
		return true;
	case 6:
		copy->dst = (uintptr_t)t->read_only;
		copy->len = 1 + some(t, PAGE);
		return true;
	case 7:
		copy->len = lens[some(t, 6)];
		return true;
	case 8:
		/* Within itself. */
		copy->src = copy->dst + some(t, copy->len);
		return true;
	case 9:
		/* Beyond the end. */
		copy->dst = (uintptr_t)slot->area + AREA - copy->len + 1;
		return true;
	case 10:
		copy->reserved = 1 + some(t, 1000);
		return true;
	default:
		copy->eventfd = some(t, 2) ? -1 : t->gate;
		return true;
	}
}

static struct slot *free_slot(struct thread *t)
{
	struct slot *own = slots + (t - threads) * SLOTS;

	for (int i = 0; i < SLOTS; i++)
		if (!own[i].busy)
			return own + i;
	return NULL;
}

static void ask_copy(struct thread *t, struct slot *slot)
{
	static const int errors[] = {
		EFAULT, EINVAL, E2BIG, EBADF, EAGAIN, ENOMEM, ENODEV, EBUSY, EIO, EINTR,
	};
	struct dma_gate_copy copy = { .size = sizeof(copy), .user_data = slot - slots };
	bool wrong = false, writable = true;
	unsigned char *at;

	copy.len = 1 + some(t, AREA);
	copy.src = (uintptr_t)t->source + some(t, AREA - copy.len + 1);
	copy.dst = (uintptr_t)slot->area + some(t, AREA - copy.len + 1);
	if (some(t, 2))
		copy.flags |= DMA_GATE_NO_FALLBACK;
	if (!some(t, 4)) {
		copy.flags |= DMA_GATE_EVENTFD;
		copy.eventfd = t->event;
	}
	if (some(t, 2))
		wrong = change_copy(t, &copy, slot);
	if (!some(t, 20)) {
		writable = false;
		wrong = true;
	}
	at = place(t, &copy, sizeof(copy), writable);
	/* What a later version would know, and this one does not. */
	if (writable && copy.size > sizeof(copy) && copy.size <= PAGE && some(t, 2)) {
		at[sizeof(copy) + some(t, copy.size - sizeof(copy))] = 1;
		wrong = true;
	}
	slot->src = (unsigned char *)(uintptr_t)copy.src;
	slot->dst = (unsigned char *)(uintptr_t)copy.dst;
	slot->len = copy.len;
	/* The other may collect it before the call returns. */
	slot->busy = true;
	if (!ioctl(t->gate, DMA_GATE_COPY, at)) {
		if (wrong)
			complain(t, "took size %u flags %#x src %#llx dst %#llx len %llu eventfd %d reserved %u%s",
				 copy.size, copy.flags, copy.src, copy.dst, copy.len,
				 copy.eventfd, copy.reserved, writable ? "" : ", read-only");
		t->taken++;
		t->signals += copy.flags & DMA_GATE_EVENTFD ? 1 : 0;
		return;
	}
	if (!is_one_of(errno, errors, sizeof(errors) / sizeof(*errors)))
		complain(t, "copy: errno %d", errno);
	if (!wrong && errno != EAGAIN)
		complain(t, "a right copy is refused: %s", strerror(errno));
	if (!is_untouched(slot))
		complain(t, "a copy that was refused was made");
	t->refused++;
	slot->busy = false;
}

/* Is what was promised there, and nothing beside it? */
static void look_at(struct thread *t, const struct dma_gate_wait *wait)
{
	struct slot *slot = slots + wait->user_data;

	if (wait->user_data >= THREADS * SLOTS || !slot->busy) {
		complain(t, "collected what nobody submitted: %llu", wait->user_data);
		return;
	}
	if (wait->error || wait->bytes + wait->cpu_bytes != slot->len || wait->reserved)
		complain(t, "of %zu bytes %llu and %llu were copied, error %u", slot->len,
			 wait->bytes, wait->cpu_bytes, wait->error);
	if (memcmp(slot->src, slot->dst, slot->len))
		complain(t, "a byte of %zu is wrong", slot->len);
	memset(slot->dst, UNTOUCHED, slot->len);
	if (!is_untouched(slot))
		complain(t, "a byte beside %zu was written", slot->len);
	t->engine_bytes += wait->bytes;
	slot->busy = false;
}

static void ask_wait(struct thread *t)
{
	static const int errors[] = { EFAULT, EINVAL, E2BIG, ENOENT, ETIME, EINTR };
	static const uint32_t sizes[] = {
		0, 1, sizeof(struct dma_gate_wait) - 1, PAGE + 1, UINT32_MAX,
	};
	static const int64_t timeouts[] = { 0, 1000, MSEC, PATIENCE_NS, -1, INT64_MIN };
	struct dma_gate_wait wait = { .size = sizeof(wait) };
	bool wrong = true, writable = true;
	unsigned char *at;

	wait.timeout_ns = timeouts[some(t, 6)];
	/* Of others, too, and of what there never was. */
	wait.id = some(t, 3) ? 0 : some(t, t->taken * THREADS + 2);
	switch (some(t, 8)) {
	case 0:
		wait.size = sizes[some(t, 5)];
		break;
	case 1:
		wait.flags = 1U << some(t, 32);
		break;
	case 2:
		wait.reserved = 1U << some(t, 32);
		break;
	case 3:
		writable = false;
		break;
	default:
		wrong = false;
	}
	at = place(t, &wait, sizeof(wait), writable);
	if (!ioctl(t->gate, DMA_GATE_WAIT, at)) {
		if (wrong)
			complain(t, "waited with size %u flags %#x reserved %u%s", wait.size,
				 wait.flags, wait.reserved, writable ? "" : ", read-only");
		memcpy(&wait, at, sizeof(wait));
		look_at(t, &wait);
	} else if (!is_one_of(errno, errors, sizeof(errors) / sizeof(*errors))) {
		complain(t, "wait: errno %d", errno);
	}
}

static void *ask(void *argument)
{
	struct thread *t = argument;
	struct slot *slot;

	for (int i = 0; i < calls && !*t->complaint; i++) {
		slot = free_slot(t);
		if (slot && some(t, 5) < 3)
			ask_copy(t, slot);
		else
			ask_wait(t);
	}
	return NULL;
}

/* So many bytes of memory, and a page after it that cannot be used. */
static unsigned char *with_an_end(size_t len)
{
	unsigned char *memory = pages_new(len + PAGE);

	if (memory)
		mprotect(memory + len, PAGE, PROT_NONE);
	return memory;
}

static int prepare(struct thread *t, int gate, uint32_t seed)
{
	t->gate = gate;
	/* Never 0. */
	t->state = (seed * THREADS + (t - threads)) * 2654435761U | 1;
	t->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	t->source = with_an_end(AREA);
	t->page_end = with_an_end(2 * PAGE);
	t->read_only = pages_new(PAGE);
	if (t->event < 0 || !t->source || !t->page_end || !t->read_only)
		return -1;
	t->page_end += 2 * PAGE;
	fill(t->source, AREA, t->state);
	mprotect(t->read_only, PAGE, PROT_READ);
	return 0;
}

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

FIXTURE(gate)
{
	int fd;
};

FIXTURE_SETUP(gate)
{
	ASSERT_TRUE(modules_loaded());
	ASSERT_EQ(0, engine_create("fuzz", "bytes_per_sec", "100000000", NULL));
	self->fd = gate_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(gate)
{
	close(self->fd);
	engine_remove("fuzz");
}

TEST_F_TIMEOUT(gate, keeps_its_word_whatever_it_is_asked, 36000)
{
	struct dma_gate_wait wait;
	uint64_t bytes = 0, count;
	char now[24];
	uint32_t seed;
	int error;

	snprintf(now, sizeof(now), "%u", (unsigned int)time(NULL));
	seed = strtoul(setting("SEED", now), NULL, 0);
	calls = CALLS * atoi(setting("ROUNDS", "1"));
	ksft_print_msg("SEED=%u, %d calls each\n", seed, calls);
	for (size_t i = 0; i < THREADS * SLOTS; i++) {
		slots[i].area = with_an_end(AREA);
		ASSERT_NE(NULL, slots[i].area);
		memset(slots[i].area, UNTOUCHED, AREA);
	}
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, prepare(threads + i, self->fd, seed));
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i].thread, NULL, ask, threads + i));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i].thread, NULL);

	while (!(error = gate_wait(self->fd, 0, -1, &wait)))
		look_at(threads, &wait);
	EXPECT_EQ(ENOENT, error);
	for (int i = 0; i < THREADS; i++) {
		EXPECT_STREQ("", threads[i].complaint);
		EXPECT_LT(0, threads[i].taken);
		EXPECT_LT(0, threads[i].refused);
		bytes += threads[i].engine_bytes;
		count = 0;
		if (read(threads[i].event, &count, sizeof(count)) < 0)
			EXPECT_EQ(EAGAIN, errno);
		EXPECT_EQ(threads[i].signals, count);
		ksft_print_msg("%lu copies taken, %lu refused\n", threads[i].taken,
			       threads[i].refused);
	}
	for (size_t i = 0; i < THREADS * SLOTS; i++)
		EXPECT_FALSE(slots[i].busy);
	EXPECT_EQ(bytes, engine_get("fuzz", "truth_bytes"));
	EXPECT_EQ(0, own_pins());
	EXPECT_TRUE(poll_until(20, pins_gone));
}

TEST_HARNESS_MAIN
