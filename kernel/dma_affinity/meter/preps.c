// SPDX-License-Identifier: GPL-2.0
/*
 * A submitter prepares, submits or not, and then prepares again. So:
 * - If as many were submitted as are open, all of them were.
 * - Who prepares again has done with what it prepared before. If no submission is
 *   left whose owner is open, that one was not submitted: it was refused, or the
 *   prep was called by it, or several are prepared before any is submitted.
 * - Else it most likely was; but where refusals are seen, not if somebody else
 *   found fewer transfers in flight, or came before, for a ring that is full
 *   refuses.
 */
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

#include "preps.h"

#define COOKIE_FIRST	1
/* Ticks, after which a prep will hardly be submitted any more. */
#define AGE_MAX		100
/* And after which a batch will hardly go on being submitted. */
#define SPARE_AGE_MAX	2

static void prep_remove(struct dam_preps *p, u32 i)
{
	p->n--;
	memmove(&p->prep[i], &p->prep[i + 1],
		(p->n - i) * sizeof(p->prep[0]));
}

static void prep_charge(struct dam_preps *p, u32 i)
{
	dam_count_add(p->prep[i].count, p->prep[i].len, 1);
	prep_remove(p, i);
}

/* Submissions that turn out to be there after all are taken from these. */
static void prep_discard(struct dam_preps *p, u32 at)
{
	struct dam_prep *prep = &p->prep[at];
	struct dam_spare spare = { .count = prep->count };
	u32 i;

	for (i = 0; i < DAM_SPARES - 1; i++)
		if (p->spare[i].count == prep->count)
			break;
	if (p->spare[i].count == prep->count)
		spare = p->spare[i];
	spare.bytes += prep->len;
	spare.n++;
	p->spare_age = 0;
	memmove(&p->spare[1], &p->spare[0], i * sizeof(spare));
	p->spare[0] = spare;
	prep_remove(p, at);
}

/* Return: how many of @n there were. */
static u32 take_spares(struct dam_preps *p, u32 n)
{
	u32 i, taken = 0;

	for (i = 0; i < DAM_SPARES && taken < n; i++) {
		struct dam_spare *s = &p->spare[i];
		u32 some = min_t(u32, n - taken, s->n);
		u64 bytes = s->bytes;

		if (!some)
			continue;
		if (some < s->n)
			bytes = div64_u64(bytes, s->n) * some;
		dam_count_add(s->count, bytes, some);
		s->bytes -= bytes;
		s->n -= some;
		taken += some;
		p->spare_age = 0;
	}
	return taken;
}

static u32 advance_to(struct dam_preps *p, s32 cookie)
{
	s64 advance;

	/* 0 until the channel is acquired for the first time, which submits nothing. */
	cookie = max_t(s32, cookie, COOKIE_FIRST);
	advance = (s64)cookie - p->seen;
	if (advance < 0) {
		/* After S32_MAX comes the first; else it began anew. */
		advance = cookie - COOKIE_FIRST;
		if (p->seen > S32_MAX / 2 && cookie < S32_MAX / 2)
			advance += S32_MAX - p->seen + 1;
		advance = max_t(s64, advance, 0);
	}
	p->seen = cookie;
	return advance;
}

/* What is known of a kind turns out to be wrong, or was guessed. */
static void prep_learn(struct dam_preps *p, u32 *yes, u32 *no, u8 kind)
{
	if ((*no >> kind) & 1)
		p->doubts++;
	*yes |= 1U << kind;
	*no &= ~(1U << kind);
}

void dam_preps_settle_slow(struct dam_preps *p, s32 cookie)
{
	u32 credit = p->credit + advance_to(p, cookie);

	if (credit < p->n + p->owed) {
		p->credit = credit;
		return;
	}
	credit -= p->n + p->owed;
	p->owed = 0;
	while (p->n) {
		if (!p->prep[0].desc)
			prep_learn(p, &p->plain, &p->outer,
				   p->prep[0].kind);
		prep_charge(p, 0);
	}
	p->credit = 0;
	p->unseen += credit - take_spares(p, credit);
}

/* Who is most likely to have submitted: lowest. */
static u64 prep_rank(const struct dam_preps *p, u32 i)
{
	const struct dam_prep *prep = &p->prep[i];
	bool calls = (p->outer >> prep->kind) & 1;

	return (u64)calls << 32 | prep->depth;
}

static u32 prep_pick(const struct dam_preps *p)
{
	u32 i, best = 0;

	for (i = 1; i < p->n; i++)
		if (prep_rank(p, i) < prep_rank(p, best))
			best = i;
	return best;
}

/*
 * Did a prep call the one of another kind that its submitter calls now? If it did not and
 * is discarded, a submission will be left, which is taken from what is discarded.
 */
static bool prep_calls(const struct dam_preps *p, u32 i, u8 kind, bool may)
{
	u8 before = p->prep[i].kind;

	if (before == kind)
		return false;
	if (!may || (p->outer >> before) & 1)
		return true;
	return !((p->plain >> before) & 1) && !((p->outer >> kind) & 1);
}

/* What its submitter prepared before was it submitted? */
static void prep_close(struct dam_preps *p, u32 i, u8 kind)
{
	/* Not unless something was since. */
	bool may = p->credit && p->seen != p->prep[i].seen;

	if (prep_calls(p, i, kind, may)) {
		prep_learn(p, &p->outer, &p->plain, p->prep[i].kind);
		prep_discard(p, i);
		return;
	}
	if (p->n > 1 && (p->refused || !may))
		p->doubts++;
	if (!may) {
		p->refused++;
		prep_discard(p, i);
	} else if (p->refused && prep_pick(p) != i) {
		prep_discard(p, i);
	} else {
		p->credit--;
		prep_charge(p, i);
	}
}

static void append(struct dam_preps *p, struct dam_prep prep)
{
	if (p->n == DAM_PREPS) {
		p->doubts++;
		if (p->credit) {
			p->credit--;
		} else {
			p->owed++;
			p->owed_age = 0;
		}
		prep_charge(p, prep_pick(p));
	}
	p->prep[p->n++] = prep;
}

void dam_preps_push(struct dam_preps *p, const void *who,
		    struct dam_count *count, u8 kind, u64 len, u32 depth)
{
	u32 i;

	for (i = p->n; i-- > 0;)
		if (p->prep[i].who == who)
			prep_close(p, i, kind);
	append(p, (struct dam_prep) {
		.who = who, .count = count, .kind = kind, .len = len,
		.depth = depth, .seen = p->seen,
	});
}

void dam_preps_returned(struct dam_preps *p, const void *who,
			struct dam_count *count, const void *desc, u64 len)
{
	u32 i;

	for (i = p->n; i-- > 0;) {
		struct dam_prep *prep = &p->prep[i];

		if (prep->desc == desc ||
		    (!prep->desc && prep->who == who))
			prep_remove(p, i);
	}
	/* Several may be prepared before one is submitted: in that order. */
	for (i = 0; p->credit && i < p->n; i++) {
		if (p->prep[i].who == who) {
			p->credit--;
			prep_charge(p, i);
			break;
		}
	}
	append(p, (struct dam_prep) {
		.who = who, .count = count, .desc = desc, .len = len,
	});
}

bool dam_preps_has(const struct dam_preps *p, const struct dam_count *count)
{
	u32 i;

	for (i = 0; i < p->n; i++)
		if (p->prep[i].count == count)
			return true;
	return false;
}

void dam_preps_forget(struct dam_preps *p, const struct dam_count *count)
{
	u32 i;

	for (i = p->n; i-- > 0;) {
		if (p->prep[i].count != count)
			continue;
		if (p->credit) {
			p->credit--;
			prep_charge(p, i);
		} else {
			prep_remove(p, i);
		}
	}
	for (i = 0; i < DAM_SPARES; i++)
		if (p->spare[i].count == count)
			memset(&p->spare[i], 0, sizeof(p->spare[i]));
}

bool dam_preps_tick(struct dam_preps *p)
{
	bool unclear = p->doubts;
	bool old = false;
	u32 i;

	p->doubts = 0;
	p->refused -= (p->refused + 1) / 2;
	if (p->owed && ++p->owed_age > AGE_MAX)
		p->owed = 0;
	for (i = 0; i < p->n; i++) {
		if (p->prep[i].age < AGE_MAX)
			p->prep[i].age++;
		else
			old = true;
	}
	for (; old && p->credit; p->credit--)
		prep_charge(p, prep_pick(p));
	for (i = p->n; i-- > 0;)
		if (p->prep[i].age >= AGE_MAX)
			prep_discard(p, i);
	if (!p->n && !p->owed) {
		p->unseen += p->credit - take_spares(p, p->credit);
		p->credit = 0;
		if (++p->spare_age > SPARE_AGE_MAX)
			memset(p->spare, 0, sizeof(p->spare));
	}
	return unclear;
}

void dam_preps_reset(struct dam_preps *p, s32 cookie)
{
	memset(p, 0, sizeof(*p));
	p->seen = max_t(s32, cookie, COOKIE_FIRST);
}
