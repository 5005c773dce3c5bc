# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# bash completion of dmaaff-stat. Words and columns come from the program's own help and
# tunables, so that they are those of what is installed.

_dmaaff_stat_commands="engines threads history tunables set apply metrics top record report replay plot explain"

# The command on the line so far; engines when there is none.
_dmaaff_stat_command()
{
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ " $_dmaaff_stat_commands " == *" ${COMP_WORDS[i]} "* ]]; then
			echo "${COMP_WORDS[i]}"
			return
		fi
	done
	echo engines
}

_dmaaff_stat_columns()
{
	"${COMP_WORDS[0]}" "$1" --show '?' 2>&1 | sed -n 's/.*there are //p' | tr -d ','
}

_dmaaff_stat()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command words

	command=$(_dmaaff_stat_command)
	COMPREPLY=()
	case $previous in
	-o | --output)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	-r | --root)
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return
		;;
	-s | --show | -x | --hide)
		words=$(_dmaaff_stat_columns "$command")
		mapfile -t COMPREPLY < <(compgen -W "$words all" -P "${current%"${current##*,}"}" -- "${current##*,}")
		return
		;;
	esac
	case $current in
	-*)
		words=$("${COMP_WORDS[0]}" --help | grep -oE -- '--[a-z-]+')
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		;;
	*)
		if [[ $command =~ ^(report|replay|plot|apply)$ && $previous =~ ^($command$|-) ]] || [[ $command == explain && $COMP_CWORD -gt 2 ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
		elif [[ $command == set ]]; then
			words=$("${COMP_WORDS[0]}" tunables --show name 2> /dev/null | tail -n +2)
			mapfile -t COMPREPLY < <(compgen -W "$words" -S = -- "$current")
			compopt -o nospace 2> /dev/null
		elif ((COMP_CWORD == 1)); then
			mapfile -t COMPREPLY < <(compgen -W "$_dmaaff_stat_commands" -- "$current")
		fi
		;;
	esac
}

complete -F _dmaaff_stat dmaaff-stat
