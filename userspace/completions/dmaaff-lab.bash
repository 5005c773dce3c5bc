# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# bash completion of dmaaff-lab: commands and options are those of its help.

_dmaaff_lab()
{
	local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]-} current=${COMP_WORDS[COMP_CWORD]} words

	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--model) words="auto last ewma holt kalman seasonal" ;;
	--policy) words="none reactive manage oracle" ;;
	--set)
		words=$("$program" replay --help | grep -oE '[A-Z]+(_[A-Z]+)+|FORECASTER')
		mapfile -t COMPREPLY < <(compgen -W "$words" -S = -- "$current")
		compopt -o nospace 2> /dev/null
		return
		;;
	*)
		if ((COMP_CWORD == 1)); then
			words="$("$program" --help | sed -n 's/^  \([a-z]*\) .*/\1/p') --help"
		elif [[ $current == -* ]]; then
			words=$("$program" "$command" --help | grep -oE -- '--[a-z-]+' | sort -u)
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
			return
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _dmaaff_lab dmaaff-lab
