/* SPDX-License-Identifier: GPL-2.0 */
/* --set NAME=VALUE: names and values as the module's files take them. */
#ifndef LAB_REPLAY_SET_H
#define LAB_REPLAY_SET_H

#include "replay.h"

/**
 * replay_set() - take one
 * @wishes: it is added to them
 * @text: NAME=VALUE
 *
 * Return: false if it is none, explained on stderr.
 */
bool replay_set(struct replay_wishes *wishes, const char *text);

#endif
