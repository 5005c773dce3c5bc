// SPDX-License-Identifier: GPL-2.0
/* What a move is said to have been made for. */
#include <stdlib.h>

#include "check.h"
#include "../dmaaff-stat/moves.h"

/* The one event there is: moves.c asks for its fields. */
static long long promised, purpose, known = -1;

long long happening_number(const struct happening *what, const char *field, long long absent)
{
	(void)what;
	if (!strcmp(field, "applied"))
		return 1;
	if (!strcmp(field, "promised_e2"))
		return promised;
	if (!strcmp(field, "known"))
		return known < 0 ? absent : known;
	return !strcmp(field, "purpose") && purpose >= 0 ? purpose : absent;
}

const char *happening_text(const struct happening *what, const char *field,
			   char text[RECORDING_NAME])
{
	(void)what;
	(void)field;
	text[0] = '-';
	text[1] = '\0';
	return text;
}

/* reason_for(P, PROMISE): of a move whose event has that purpose, or none if it is negative. */
static const char *reason_for(long long p, long long promise)
{
	struct happening migrate = { .name = "migrate" };
	struct moves moves = { 0 };
	const char *reason;

	purpose = p;
	promised = promise;
	moves_add(&moves, &migrate);
	check(moves.nr == 1);
	reason = move_reason(&moves.at[0]);
	moves_free(&moves);
	return reason;
}

static void other_purposes_than_gain_are_the_reason(void)
{
	check_text(reason_for(MOVE_FOR_RESERVED, 0), "the engine is reserved");
	check_text(reason_for(MOVE_FOR_ENERGY, 0), "the engine is to sleep");
	check_text(reason_for(MOVE_FOR_TRIAL, 0), "a trial: its engine is full");
	check_text(reason_for(MOVE_FOR_RETURN, 0), "back from a trial");
	check_text(reason_for(MOVE_FOR_ROOM, 0), "room for a trial of another");
}

static void gain_without_its_terms_is_no_reason(void)
{
	check(!reason_for(MOVE_FOR_GAIN, 700));
	check(!reason_for(MOVE_FOR_GAIN, 0));
}

static void what_is_not_known_yet_is_no_reason(void)
{
	check(!reason_for(MOVE_FOR_UNKNOWN + 7, 700));
	check(!reason_for(MOVE_FOR_UNKNOWN + 7, 0));
}

static void recordings_without_purposes_tell_by_the_promise(void)
{
	check_text(reason_for(-1, 0), "the engine is reserved, or to sleep");
	check(!reason_for(-1, 700));
}

/* known_if(K): is the gain known of a move whose outcome says K of it, negative: nothing. */
static bool known_if(long long k)
{
	struct happening migrate = { .name = "migrate" }, outcome = { .name = "migrate_outcome" };
	struct moves moves = { 0 };
	bool is;

	known = k;
	moves_add(&moves, &migrate);
	check(!moves.at[0].known);
	moves_add(&moves, &outcome);
	check(moves.at[0].judged);
	is = moves.at[0].known;
	moves_free(&moves);
	return is;
}

static void gain_of_which_nothing_is_said_is_not_known(void)
{
	check(known_if(1));
	check(!known_if(0));
	check(known_if(-1));
}

int main(void)
{
	RUN(other_purposes_than_gain_are_the_reason);
	RUN(gain_without_its_terms_is_no_reason);
	RUN(what_is_not_known_yet_is_no_reason);
	RUN(recordings_without_purposes_tell_by_the_promise);
	RUN(gain_of_which_nothing_is_said_is_not_known);
	printf("1..%d\n", tests);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
