/* SPDX-License-Identifier: GPL-2.0 */
/* threads, history, an engine's channels: tables of fixed-length text rows. */
#ifndef DAM_TABLES_H
#define DAM_TABLES_H

#include <linux/sysfs.h>

extern const struct attribute_group dam_tables_group;
/* Of an engine. */
extern const struct attribute_group dam_engine_tables_group;

int dam_tables_init(void);
void dam_tables_exit(void);

#endif
