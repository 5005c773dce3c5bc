// SPDX-License-Identifier: GPL-2.0
/* Moves, newest first: what each promised, and what came of it. */
#include "json.h"
#include "message.h"
#include "screen.h"
#include "text.h"
#include "view.h"

static const struct column columns[] = {
	{ "TIME_s", false, 12 },
	{ "TID", false, 7 },
	{ "FROM", true, 18 },
	{ "TO", true, 18 },
	{ "PROMISED%", false, 0 },
	{ "ACHIEVED%", false, 0 },
	{ "RESULT", true, 0 },
	{ NULL },
};

static int write_text(struct report *report, const struct dmaaff_history *history)
{
	struct columns *table = &report->columns;
	size_t i;

	for (i = 0; i < history->nr; i++) {
		const struct dmaaff_move *move = &history->moves[i];

		columns_real(table, (struct dmaaff_real){ move->time_ns, true }, 1e9, 3);
		columns_i64(table, (struct dmaaff_i64){ move->tid, true });
		columns_text(table, move->from);
		columns_text(table, move->to);
		columns_real(table, move->promised_pct, 1, 2);
		columns_real(table, move->achieved_pct, 1, 2);
		columns_text(table, move->result);
	}
	return columns_print(table, report->out, NULL, screen_lines());
}

static struct json_object *move_object(const struct dmaaff_move *move)
{
	struct json_object *object = json_object_new_object();

	json_add_u64(object, "time_ns", (struct dmaaff_u64){ move->time_ns, true });
	json_add_i64(object, "tid", (struct dmaaff_i64){ move->tid, true });
	json_add_text(object, "from", move->from);
	json_add_text(object, "to", move->to);
	json_add_real(object, "promised_pct", move->promised_pct, 2);
	json_add_real(object, "achieved_pct", move->achieved_pct, 2);
	json_add_text(object, "result", move->result);
	return object;
}

static int write_json(struct report *report, const struct dmaaff_history *history)
{
	struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < history->nr; i++)
		json_object_array_add(array, move_object(&history->moves[i]));
	json_add_time(object);
	json_object_object_add(object, "torn", json_object_new_boolean(history->torn));
	json_object_object_add(object, "history", array);
	return json_print(object, report->out);
}

static int history_write(struct report *report)
{
	struct dmaaff_history *history = dmaaff_history_read(report->dmaaff);
	int result;

	if (!history)
		return -1;
	warn_table("history", history->torn, history->skipped);
	result = report->json ? write_json(report, history) : write_text(report, history);
	dmaaff_history_free(history);
	return result;
}

const struct view history_view = {
	.name = "history",
	.columns = columns,
	.write = history_write,
};
