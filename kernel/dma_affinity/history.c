// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "dam.h"
#include "history.h"
#include "tunables.h"

const char * const dam_verdict_names[DAM_VERDICTS] = {
	[DAM_VERDICT_PENDING] = "pending",
	[DAM_VERDICT_SUCCESS] = "success",
	[DAM_VERDICT_PARTIAL] = "partial",
	[DAM_VERDICT_FAILURE] = "failure",
	[DAM_VERDICT_REVERTED] = "reverted",
};

/* A ring; all under dam_lock. */
static struct dam_record *ring;
static u32 size, used, head;	/* head: where the next one goes */
static u64 last_id, generation;

u32 dam_history_count(void)
{
	return used;
}

const struct dam_record *dam_history_at(u32 i)
{
	return &ring[(head + size - 1 - i) % size];
}

u64 dam_history_generation(void)
{
	return generation;
}

int dam_history_resize(int n)
{
	struct dam_record *bigger = NULL, *old;
	u32 keep, i;

	if (n) {
		bigger = kvcalloc(n, sizeof(*bigger), GFP_KERNEL);
		if (!bigger)
			return -ENOMEM;
	}
	mutex_lock(&dam_lock);
	keep = min_t(u32, used, n);
	for (i = 0; i < keep; i++)
		bigger[keep - 1 - i] = *dam_history_at(i);
	dam_memory_sub(size * sizeof(*ring));
	dam_memory_add(n * sizeof(*ring));
	old = ring;
	ring = bigger;
	size = n;
	used = keep;
	head = n ? keep % n : 0;
	generation++;
	mutex_unlock(&dam_lock);
	kvfree(old);
	return 0;
}

u64 dam_history_add(const struct dam_record *r)
{
	lockdep_assert_held(&dam_lock);
	if (!size)
		return 0;
	ring[head] = *r;
	ring[head].id = ++last_id;
	head = (head + 1) % size;
	used = min(used + 1, size);
	generation++;
	return last_id;
}

void dam_history_judge(u64 id, enum dam_verdict verdict, bool known, s32 achieved_q16)
{
	struct dam_record *r;

	lockdep_assert_held(&dam_lock);
	/* Ids are given in order: the newest is last_id. */
	if (!id || last_id - id >= used)
		return;
	r = &ring[(head + size - 1 - (last_id - id)) % size];
	r->verdict = verdict;
	r->known = known;
	r->achieved_q16 = achieved_q16;
	generation++;
}

int dam_history_init(void)
{
	return dam_history_resize(dam_tunables.history);
}

void dam_history_exit(void)
{
	kvfree(ring);
	ring = NULL;
}
