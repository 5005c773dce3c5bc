// SPDX-License-Identifier: GPL-2.0
/* The table of moves. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "table.h"

enum { TIME_NS, TID, FROM, TO, PROMISED, ACHIEVED, RESULT, COLUMNS };

static bool move_parse(char *row, struct dmaaff_move *move)
{
	char *column[COLUMNS];
	struct dmaaff_u64 tid, time_ns;

	if (!table_split(row, column, COLUMNS))
		return false;
	time_ns = parse_u64(column[TIME_NS]);
	tid = parse_u64(column[TID]);
	if (!time_ns.known || !tid.known || tid.value > INT32_MAX)
		return false;
	*move = (struct dmaaff_move){
		.time_ns = time_ns.value,
		.tid = tid.value,
		.from = strcmp(column[FROM], "-") ? column[FROM] : NULL,
		.to = strcmp(column[TO], "-") ? column[TO] : NULL,
		.promised_pct = parse_real(column[PROMISED]),
		.achieved_pct = parse_real(column[ACHIEVED]),
		.result = column[RESULT],
	};
	return true;
}

DMAAFF_PUBLIC struct dmaaff_history *dmaaff_history_read(struct dmaaff *dmaaff)
{
	struct dmaaff_history *history = calloc(1, sizeof(*history));
	struct table table;
	size_t i;

	if (!history)
		return NULL;
	if (table_read(dmaaff->path, "history", &table)) {
		int err = errno;

		free(history);
		errno = err;
		return NULL;
	}
	history->generation = table.generation;
	history->torn = table.torn;
	history->text = table.text;
	history->moves = calloc(table.nr_rows ? table.nr_rows : 1, sizeof(*history->moves));
	if (!history->moves) {
		dmaaff_history_free(history);
		errno = ENOMEM;
		return NULL;
	}
	for (i = 0; i < table.nr_rows; i++) {
		if (move_parse(table_row(&table, i), &history->moves[history->nr]))
			history->nr++;
		else
			history->skipped++;
	}
	return history;
}

DMAAFF_PUBLIC void dmaaff_history_free(struct dmaaff_history *history)
{
	if (!history)
		return;
	free(history->moves);
	free(history->text);
	free(history);
}
