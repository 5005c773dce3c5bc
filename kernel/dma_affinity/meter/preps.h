/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who submitted what, of all that was prepared.
 *
 * A prep is not a submission: a provider whose ring is full refuses it, some
 * call another of their preps, and a client may drop what it got. Submissions
 * are seen by their cookies alone, which do not say whose they are. So what was
 * prepared waits here until the channel's cookie advances, and only then is its
 * submitter charged.
 *
 * Nothing here calls the kernel: the files of this folder build natively for
 * tests. The caller serialises access to the state it passes.
 */
#ifndef DAM_METER_PREPS_H
#define DAM_METER_PREPS_H

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>
#else
#include "native.h"
#endif

/**
 * struct dam_count - what one submitter gave one channel
 * @bytes: only grows
 * @ops: likewise
 */
struct dam_count {
	u64 bytes;
	u32 ops;
};

/**
 * struct dam_prep - a transfer that was prepared, and may have been submitted
 * @who: prepared it
 * @count: its submitter's, or one of them
 * @desc: the descriptor, NULL where only the call is seen and not its result
 * @len: bytes
 * @depth: transfers in flight when it was prepared
 * @seen: the latest submission that was seen then
 * @kind: of transfer
 * @age: how often dam_preps_tick() has seen it
 */
struct dam_prep {
	const void *who;
	struct dam_count *count;
	const void *desc;
	u64 len;
	u32 depth;
	s32 seen;
	u8 kind;
	u8 age;
};

#define DAM_PREPS	8

/**
 * struct dam_spare - what one submitter prepared and seems not to have submitted
 * @count: its, NULL: none
 * @bytes: of all of them
 * @n: how many they are
 */
struct dam_spare {
	struct dam_count *count;
	u64 bytes;
	u32 n;
};

#define DAM_SPARES	8

/**
 * struct dam_preps - those of one channel, in the order of their calls
 * @n: how many of @prep are in use
 * @owed: charged for want of room, not known to be submitted
 * @credit: submissions seen, below @n + @owed, of which it is open whose they are
 * @seen: the cookie up to which submissions are accounted for
 * @unseen: submissions that nobody is known to have prepared; whoever reads
 *	it sets it to 0
 * @doubts: since dam_preps_tick(), how often a guess was needed
 * @refused: of late, how many were not submitted
 * @outer: bits of kinds of which one was seen to call a prep of another kind
 * @plain: bits of kinds of which one was seen to be submitted itself
 * @owed_age: how often dam_preps_tick() has seen @owed
 * @spare_age: how many have passed since @spare was of use
 * @prep: oldest first
 * @spare: latest first
 */
struct dam_preps {
	u32 n;
	u16 owed;
	u16 credit;
	s32 seen;
	u32 unseen;
	u32 doubts;
	u32 refused;
	u32 outer;
	u32 plain;
	u32 owed_age;
	u32 spare_age;
	struct dam_prep prep[DAM_PREPS];
	struct dam_spare spare[DAM_SPARES];
};

static inline void dam_count_add(struct dam_count *c, u64 bytes, u32 ops)
{
	/* Read by the tick, without the caller's lock. */
	WRITE_ONCE(c->bytes, c->bytes + bytes);
	WRITE_ONCE(c->ops, c->ops + ops);
}

void dam_preps_settle_slow(struct dam_preps *p, s32 cookie);

/* One transfer was prepared, by @who, and that was submitted. */
static inline bool dam_preps_is_simple(const struct dam_preps *p, s32 cookie,
				       const void *who)
{
	return p->n == 1 && !p->owed && !p->credit && cookie - 1 == p->seen &&
	       p->prep[0].who == who;
}

/* dam_preps_settle() and dam_preps_push() or _returned() where that is so. */
static inline void dam_preps_again(struct dam_preps *p, s32 cookie,
				   const void *desc, u8 kind, u64 len,
				   u32 depth)
{
	struct dam_prep *prep = &p->prep[0];

	dam_count_add(prep->count, prep->len, 1);
	p->seen = cookie;
	/* Results are seen from some time on, not until. */
	if (desc)
		prep->desc = desc;
	prep->len = len;
	prep->depth = depth;
	prep->seen = cookie;
	prep->kind = kind;
	prep->age = 0;
}

/**
 * dam_preps_waits() - is there one that was prepared a moment ago
 * @p: the channel's, just settled
 *
 * Return: whether there is one, and it alone, since dam_preps_tick().
 */
static inline bool dam_preps_waits(const struct dam_preps *p)
{
	return p->n == 1 && !p->prep[0].age;
}

/**
 * dam_preps_settle() - charge those who submitted
 * @p: the channel's
 * @cookie: its cookie now; a step back is a channel acquired anew
 */
static inline void dam_preps_settle(struct dam_preps *p, s32 cookie)
{
	if (p->n || cookie != p->seen)
		dam_preps_settle_slow(p, cookie);
}

/**
 * dam_preps_push() - a prep function was called, with what result is not seen
 * @p: the channel's, settled
 * @who: the submitter, which prepares one after the other
 * @count: what it is charged by
 * @kind: of transfer, below 32
 * @len: bytes
 * @depth: transfers in flight
 */
void dam_preps_push(struct dam_preps *p, const void *who,
		    struct dam_count *count, u8 kind, u64 len, u32 depth);

/**
 * dam_preps_returned() - a prep function returned a descriptor
 * @p: the channel's, settled
 * @who: the submitter, which prepares one after the other
 * @count: what it is charged by
 * @desc: the descriptor; the same as of one that waits: that one was this, by a
 *	prep within a prep, or was never submitted; so was one of this submitter
 *	of which only the call is known
 * @len: bytes
 */
void dam_preps_returned(struct dam_preps *p, const void *who,
			struct dam_count *count, const void *desc, u64 len);

/**
 * dam_preps_has() - is it open whether something is submitted yet
 * @p: the channel's, settled
 * @count: what that would be charged to
 *
 * Return: whether it is; not for longer than some ticks after it was prepared.
 */
bool dam_preps_has(const struct dam_preps *p, const struct dam_count *count);

/**
 * dam_preps_forget() - a submitter goes away
 * @p: the channel's
 * @count: what it is charged by, for the last time; not referred to any more
 */
void dam_preps_forget(struct dam_preps *p, const struct dam_count *count);

/**
 * dam_preps_tick() - let those that wait grow older
 * @p: the channel's, settled
 *
 * What has waited for long is charged only when no other is left.
 *
 * Return: whether it was unclear whose a submission was, so that the results of
 * the preps ought to be seen.
 */
bool dam_preps_tick(struct dam_preps *p);

/**
 * dam_preps_reset() - begin anew
 * @p: the channel's
 * @cookie: its cookie now
 */
void dam_preps_reset(struct dam_preps *p, s32 cookie);

#endif
