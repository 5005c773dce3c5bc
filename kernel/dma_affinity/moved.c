// SPDX-License-Identifier: GPL-2.0
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "affinity.h"
#include "dam.h"
#include "moved.h"

#define PART_OF_THREADS	8
#define PLACES_MIN	64

static struct dam_moved *places;
static u32 n_places;
/* Where to look for one that may be taken over, so that all have their turn. */
static u32 hand;

u32 dam_moved_places(void)
{
	return n_places;
}

struct dam_moved *dam_moved_at(u32 place)
{
	lockdep_assert_held(&dam_lock);
	return &places[place - 1];
}

struct dam_moved *dam_moved_of(u32 slot)
{
	u32 place = dam_affinity_place(slot);

	return place ? dam_moved_at(place) : NULL;
}

/* Return: nobody's any more. A call that sets the thread's mask may use it. */
static bool take_away(struct dam_moved *m)
{
	if (dam_affinity_narrowed(m->slot) || m->outcome.due_ns ||
	    !dam_affinity_detach(m->slot))
		return false;
	memset(m, 0, sizeof(*m));
	return true;
}

u32 dam_moved_take(u32 slot)
{
	u32 own = dam_affinity_place(slot), i;
	struct dam_moved *m;

	lockdep_assert_held(&dam_lock);
	if (own)
		return own;
	for (i = 0; i < n_places && places[i].taken; i++)
		;
	if (i == n_places) {
		for (i = 0; i < n_places; i++) {
			hand = (hand + 1) % n_places;
			if (take_away(&places[hand]))
				break;
		}
		if (i == n_places)
			return 0;
		i = hand;
	}
	m = &places[i];
	m->slot = slot;
	m->taken = true;
	dam_affinity_attach(slot, i + 1);
	return i + 1;
}

void dam_moved_drop(u32 slot)
{
	struct dam_moved *m = dam_moved_of(slot);

	if (!m)
		return;
	memset(&m->memory, 0, sizeof(m->memory));
	memset(&m->outcome, 0, sizeof(m->outcome));
	/* If not now, then for whoever needs it or has the slot next. */
	take_away(m);
}

int dam_moved_init(u32 max_threads)
{
	n_places = max_t(u32, max_threads / PART_OF_THREADS, PLACES_MIN);
	places = vzalloc(array_size(n_places, sizeof(*places)));
	if (!places)
		return -ENOMEM;
	dam_memory_add(array_size(n_places, sizeof(*places)));
	return 0;
}

void dam_moved_exit(void)
{
	vfree(places);
}
