/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMAAFF_STAT_HELP_H
#define DMAAFF_STAT_HELP_H

#define COMMAND_NAMES "engines, threads, history, tunables, set, apply, metrics, top, record, " \
	"report, replay, plot, explain"

extern const char help_text[];

#endif
