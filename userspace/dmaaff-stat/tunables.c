// SPDX-License-Identifier: GPL-2.0
/* What can be set: what it is, what it may be. */
#include <string.h>

#include "view.h"

static const struct column columns[] = {
	{ "name", "NAME", .left = true, .min = 21 },
	{ "value", "VALUE", .left = true, .min = 7 },
	{ "default", "DEFAULT", .left = true },
	{ "unit", "UNIT", .left = true, .min = 7 },
	{ "values", "VALUES", .left = true, .min = 41 },
	{ "about", "ABOUT", .left = true, .more = true },
	{ NULL },
};

static void add_row(struct sheet *sheet, const char *name, const char *value)
{
	const struct dmaaff_tunable_rule *rule = dmaaff_tunable_rule(name);

	sheet_text(sheet, name);
	sheet_text(sheet, value);
	sheet_text(sheet, rule ? rule->initial : NULL);
	sheet_text(sheet, rule && *rule->unit ? rule->unit : NULL);
	sheet_text(sheet, rule ? rule->values : NULL);
	sheet_text(sheet, rule ? rule->about : NULL);
}

static int tunables_fill(struct report *report)
{
	struct dmaaff_tunables *tunables = dmaaff_tunables_read(report->dmaaff);
	size_t i;

	if (!tunables)
		return -1;
	for (i = 0; i < tunables->nr; i++)
		add_row(&report->sheet, tunables->tunables[i].name, tunables->tunables[i].value);
	dmaaff_tunables_free(tunables);
	return 0;
}

const struct view tunables_view = {
	.name = "tunables",
	.columns = columns,
	.fill = tunables_fill,
};
