# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# bash completion of dmaaff-load: its options are those of its help.

_dmaaff_load()
{
	local words

	words=$("${COMP_WORDS[0]}" --help | grep -oE -- '--[a-z-]+')
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}

complete -F _dmaaff_load dmaaff-load
