// SPDX-License-Identifier: GPL-2.0
/*
 * What became of a move, and what it teaches.
 *
 * Damping looks at the outcome alone. A thread that goes back and forth may
 * do so rightly, because its load alternates; one whose moves bring nothing
 * must rest for longer.
 */
#include "fixed.h"
#include "learn.h"

/* Longer than DAM_OUTCOME_NS: a thread's first outcome is known by then */
#define COOLDOWN_START_MS	150
#define HISTORY_NONE_E4		5000
/* A miss this small is noise of the figures: it teaches nothing */
#define MISS_Q16		130
/* Back within a second of a move in vain would be in vain, too */
#define FAILED_REST_MS		1000
/* So often a thread may go and see what it cannot know, be it for good or in vain */
#define TRIALS_MAX		2

static u64 cooldown_ns(const struct dam_memory *m)
{
	return (u64)m->cooldown_ms * 1000 * 1000;
}

bool dam_cooling(const struct dam_memory *m, u64 now_ns)
{
	if (!m->last_move_ns)
		return false;
	return dam_sub(now_ns, m->last_move_ns) < cooldown_ns(m);
}

u16 dam_history_e4(const struct dam_memory *m)
{
	return m->outcomes ? m->history_e4 : HISTORY_NONE_E4;
}

bool dam_tried(const struct dam_memory *m)
{
	return m->trials >= TRIALS_MAX;
}

void dam_learn_move(struct dam_memory *m, u64 now_ns, enum dam_purpose purpose)
{
	bool unjudged = m->last_move_ns &&
			dam_sub(now_ns, m->last_move_ns) < DAM_OUTCOME_NS;

	/* twice without knowing what the first brought: then wait for it */
	if (!m->cooldown_ms || unjudged)
		m->cooldown_ms = max_t(u16, m->cooldown_ms, COOLDOWN_START_MS);
	m->last_move_ns = max_t(u64, now_ns, 1);
	if ((purpose == DAM_FOR_TRIAL || purpose == DAM_FOR_ROOM) && !dam_tried(m))
		m->trials++;
}

static enum dam_result judge(s64 promised_q16, s64 achieved_q16)
{
	if (promised_q16 <= 0)
		return achieved_q16 >= promised_q16 ? DAM_SUCCESS : DAM_FAILURE;
	if (achieved_q16 * 2 >= promised_q16)
		return DAM_SUCCESS;
	if (achieved_q16 * 4 >= promised_q16)
		return DAM_PARTIAL;
	return DAM_FAILURE;
}

s32 dam_achieved_q16(struct dam_snapshot *s, u32 t, u32 from, s32 promised_q16)
{
	u32 at = s->threads[t].engine;

	if (at == from)
		return -DAM_ONE_Q16;
	if (!promised_q16)
		return 0;
	dam_fill_queues(s);
	dam_look_ahead(s);
	return -dam_gain_q16(s, t, at, from);
}

enum dam_result dam_learn_outcome(struct dam_memory *m, s32 promised_q16,
				  s32 achieved_q16, bool learn)
{
	static const u16 mark_e4[] = {
		[DAM_SUCCESS] = 10000,
		[DAM_PARTIAL] = 5000,
		[DAM_FAILURE] = 0,
	};
	enum dam_result result = judge(promised_q16, achieved_q16);
	u32 cooldown = m->cooldown_ms ? m->cooldown_ms : COOLDOWN_START_MS;
	s32 history = dam_history_e4(m);
	bool noise = result == DAM_FAILURE &&
		     (s64)promised_q16 - achieved_q16 < MISS_Q16;

	if (!learn || (!promised_q16 && result == DAM_SUCCESS))
		return result;
	if (result == DAM_SUCCESS)
		cooldown /= 2;
	else if (result == DAM_FAILURE)
		cooldown = max_t(u32, cooldown * (noise ? 1 : 2),
				 FAILED_REST_MS);
	m->cooldown_ms = clamp_t(u32, cooldown, DAM_COOLDOWN_MIN_MS,
				 DAM_COOLDOWN_MAX_MS);
	if (noise)
		return result;
	m->history_e4 = history + ((s32)mark_e4[result] - history) / 4;
	if (m->outcomes < U8_MAX)
		m->outcomes++;
	return result;
}
