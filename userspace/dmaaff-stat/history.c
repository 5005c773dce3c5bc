// SPDX-License-Identifier: GPL-2.0
/* Moves, newest first: what each promised, and what came of it. */
#include "message.h"
#include "view.h"

static const struct column columns[] = {
	{ "time_ns", "TIME_s", .min = 12, .unit = 1e9, .decimals = 3 },
	{ "tid", "TID", .min = 7 },
	{ "from", "FROM", .left = true, .min = 18 },
	{ "to", "TO", .left = true, .min = 18 },
	{ "promised_pct", "PROMISED%", .decimals = 2, .raw_decimals = 2 },
	{ "achieved_pct", "ACHIEVED%", .decimals = 2, .raw_decimals = 2 },
	{ "result", "RESULT", .left = true },
	{ NULL },
};

static int history_fill(struct report *report)
{
	struct dmaaff_history *history = dmaaff_history_read(report->dmaaff);
	struct sheet *sheet = &report->sheet;
	size_t i;

	if (!history)
		return -1;
	warn_table("history", history->torn, history->skipped);
	report->torn = history->torn;
	for (i = 0; i < history->nr; i++) {
		const struct dmaaff_move *move = &history->moves[i];

		sheet_u64(sheet, (struct dmaaff_u64){ move->time_ns, true });
		sheet_i64(sheet, (struct dmaaff_i64){ move->tid, true });
		sheet_text(sheet, move->from);
		sheet_text(sheet, move->to);
		sheet_real(sheet, move->promised_pct);
		sheet_real(sheet, move->achieved_pct);
		sheet_text(sheet, move->result);
	}
	dmaaff_history_free(history);
	return 0;
}

const struct view history_view = {
	.name = "history",
	.columns = columns,
	.fill = history_fill,
	.head = view_head_torn,
};
