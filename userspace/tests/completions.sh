#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Completions of bash and zsh: what is offered is what the program takes.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
completions=$here/../completions

# offered_by PROGRAM WORD...: what bash would offer for the last word, on one line
offered_by() {
	local program=$1
	shift

	(
		set +u
		# shellcheck source=/dev/null
		. "$completions/$program.bash"
		COMP_WORDS=("$bin/$program" "$@")
		COMP_CWORD=$#
		"_${program/-/_}"
		printf '%s\n' "${COMPREPLY[@]}" | sort -u | paste -sd ' '
	)
}

offers() {
	offered_by dmaaff-stat "$@"
}

# Every command is in the message that names them all.
commands() {
	"$bin/dmaaff-stat" nonsense 2>&1 | sed 's/.*is none of //; s/;.*//; s/,//g' | tr ' ' '\n' |
		sort | paste -sd ' '
}

# options [PROGRAM [COMMAND]]: all long ones of its help
options() {
	"$bin/${1:-dmaaff-stat}" ${2:+"$2"} --help | grep -oE -- '--[a-z-]+' | sort -u | paste -sd ' '
}

test_bash_offers_every_command() {
	[ "$(offers '')" = "$(commands)" ]
	[ "$(offers t)" = "threads top tunables" ]
}

test_bash_offers_every_option() {
	[ "$(offers --)" = "$(options)" ]
	[ "$(offers threads --j)" = --json ]
}

test_bash_offers_columns_of_the_command() {
	[ "$(offers history --show t)" = "tid time_ns to" ]
	[ "$(offers history --show tid,fr)" = tid,from ]
	[ "$(offers --hide util)" = utilisation_pct ]
}

test_bash_offers_tunables() {
	[ "$(offers set MAX)" = MAX_MOVES= ]
}

test_bash_offers_every_option_of_dmaaff_load() {
	[ "$(offered_by dmaaff-load --)" = "$(options dmaaff-load)" ]
}

test_bash_offers_every_option_of_each_command_of_dmaaff_lab() {
	local command

	[ "$(offered_by dmaaff-lab '')" = "--help forecast place replay scale" ]
	for command in forecast place replay scale; do
		[ "$(offered_by dmaaff-lab "$command" --)" = "$(options dmaaff-lab "$command")" ]
	done
}

# takes COMMAND OPTION VALUE: dmaaff-lab goes on to the file, which is not there
takes() {
	"$bin/dmaaff-lab" "$@" "$work/missing" 2> "$work/err" || true
	cat "$work/err"
	grep -q "$work/missing" "$work/err"
}

test_bash_offers_values_of_dmaaff_lab() {
	local value

	for value in $(offered_by dmaaff-lab forecast --model ''); do
		takes forecast --model "$value"
	done
	for value in $(offered_by dmaaff-lab place --policy ''); do
		takes place --policy "$value"
	done
	[ "$(offered_by dmaaff-lab replay --set MAX)" = MAX_MOVES= ]
	[ "$(offered_by dmaaff-lab replay --set FORE)" = FORECASTER= ]
	touch "$work/a_trace"
	[ "$(offered_by dmaaff-lab forecast "$work/a_")" = "$work/a_trace" ]
}

test_bash_offers_files() {
	touch "$work/a_recording"
	[ "$(offers report "$work/a_")" = "$work/a_recording" ]
	[ "$(offers plot --html "$work/a_")" = "$work/a_recording" ]
}

# zsh asks its own completion system: a shell on a terminal of tmux's, and the Tab key.
zsh_offers() {
	local socket

	mkdir -p "$work/zsh"
	cp "$completions"/_* "$work/zsh"
	printf '%s\n' "fpath=($work/zsh \$fpath)" 'autoload -Uz compinit' "compinit -u -d $work/zcompdump" \
		"path=($bin \$path)" 'PS1="ready> "' 'LISTMAX=1000' > "$work/.zshrc"
	socket=$(mktemp -u "$work/tmux-XXXXXX")
	terminal() { tmux -S "$socket" -f /dev/null "$@"; }
	terminal new-session -d -s z -x 200 -y 50 "ZDOTDIR=$work SYSFS_PATH=$work LC_ALL=C.UTF-8 zsh -i"
	zsh_shows() { terminal capture-pane -p -t z | grep -qF -- "$1"; }
	poll_until zsh_shows 'ready>'
	terminal send-keys -t z "$1" Tab Tab
	poll_until zsh_shows "$2"
	terminal capture-pane -p -t z
	terminal kill-server
}

test_zsh_offers_every_command() {
	local command

	zsh_offers 'dmaaff-stat ' tunables > "$work/screen"
	for command in $(commands); do
		grep -qw -- "$command" "$work/screen" || { echo "no $command"; return 1; }
	done
}

test_zsh_offers_every_option() {
	local option

	zsh_offers 'dmaaff-stat -' --version > "$work/screen"
	for option in $(options); do
		grep -qw -e "$option" "$work/screen" || { echo "no $option"; return 1; }
	done
}

test_zsh_offers_every_option_of_dmaaff_load() {
	local option

	zsh_offers 'dmaaff-load -' --version > "$work/screen"
	for option in $(options dmaaff-load); do
		grep -qw -e "$option" "$work/screen" || { echo "no $option"; return 1; }
	done
}

test_zsh_completes_dmaaff_lab() {
	local option

	zsh_offers 'dmaaff-lab place --' --vary > "$work/screen"
	for option in $(options dmaaff-lab place); do
		grep -qw -e "$option" "$work/screen" || { echo "no $option"; return 1; }
	done
	zsh_offers 'dmaaff-lab fore' 'dmaaff-lab forecast'
	zsh_offers 'dmaaff-lab replay --set MAX' MAX_MOVES=
	zsh_offers 'dmaaff-lab place --policy re' reactive
}

test_zsh_completes_columns_and_tunables() {
	zsh_offers 'dmaaff-stat engines --show utilis' utilisation_pct
	zsh_offers 'dmaaff-stat set MAX' MAX_MOVES=
}

run_tests
