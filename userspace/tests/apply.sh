#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-stat apply: all that a file says is set, or nothing, and the wrong line is named.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# conf LINE...: the file
conf() {
	printf '%s\n' "$@" > "$work/conf"
}

# is FILE VALUE
is() {
	echo "$1 is $(< "$root/$1")"
	[ "$(< "$root/$1")" = "$2" ]
}

# refuse FILE: the kernel refuses whatever is written there
refuse() {
	export LD_PRELOAD="$tools/refuse.so" REFUSE_FILE=$1 REFUSE_ERRNO=34
}

accepts() {
	stat_run apply "$work/conf"
	cat "$work/err"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
}

test_every_setting_of_the_file_is_set() {
	set_files "$root" HOLDOFF=10
	engine dma0 CAPACITY=0
	conf '# a comment' '' 'MODE=monitor' '  HOLDOFF = 30  ' '	# another' 'engines/dma0/CAPACITY=1000'
	accepts
	is MODE monitor
	is HOLDOFF 30
	is engines/dma0/CAPACITY 1000
	is MAX_MOVES auto
}

test_file_without_an_end_of_line_is_read_to_its_end() {
	printf 'MODE=off' > "$work/conf"
	accepts
	is MODE off
}

test_file_without_settings_changes_nothing() {
	conf '# MODE=off'
	accepts
	is MODE manage
}

# wrong_line TEXT LINE...: nothing is set, and it is said so
wrong_line() {
	local text=$1
	shift

	conf "$@"
	stat_run apply "$work/conf"
	fails 1 "$work/conf:$text"
	is MODE manage
	is MAX_MOVES auto
}

test_line_of_a_wrong_form_is_named() {
	wrong_line "2: 'MAX_MOVES 5' is no NAME=VALUE" MODE=off 'MAX_MOVES 5'
	wrong_line '3: a value is missing' MODE=off '' 'MAX_MOVES='
	wrong_line '2: a name is missing' MODE=off ' = 5'
	wrong_line '3: MODE has been set in line 1' MODE=off MAX_MOVES=5 MODE=monitor
}

test_bytes_that_are_no_text_are_named() {
	printf 'MODE=off\nMAX_MOVES=5\0\n' > "$work/conf"
	stat_run apply "$work/conf"
	fails 1 "$work/conf:2: this is not text"
	is MODE manage
}

test_every_wrong_line_is_named() {
	conf one MODE=off two
	stat_run apply "$work/conf"
	[ "$rc" -eq 1 ]
	grep -qF "$work/conf:1: 'one'" "$work/err"
	grep -qF "$work/conf:3: 'two'" "$work/err"
	is MODE manage
}

test_name_that_is_not_there_is_named_before_anything_is_set() {
	refuse MODE
	wrong_line "2: there is nothing to set by the name of 'MAX_MOVE'" MODE=off MAX_MOVE=5
	wrong_line "2: there is nothing to set by the name of 'stats/ticks'" MODE=off stats/ticks=5
	wrong_line "2: there is nothing to set by the name of 'engines/gone/CAPACITY'" MODE=off \
		engines/gone/CAPACITY=5
}

test_what_was_set_before_a_refused_value_is_put_back() {
	set_files "$root" HOLDOFF=10
	refuse HOLDOFF
	wrong_line "3: HOLDOFF cannot be '9999': allowed is 0-3600 s" MODE=off MAX_MOVES=5 HOLDOFF=9999
}

test_without_the_module_the_file_is_checked_nevertheless() {
	rm -r "$root"
	conf one
	stat_run apply "$work/conf"
	fails 1 "$work/conf:1: 'one'"
	conf MODE=off
	stat_run apply "$work/conf"
	fails 1 "load it with 'modprobe dma_affinity'"
}

test_file_that_cannot_be_read_is_named() {
	stat_run apply "$work/conf"
	fails 1 "cannot open $work/conf"
	stat_run apply "$work"
	fails 1 "cannot read $work: Is a directory"
}

test_second_file_is_one_too_many() {
	stat_run apply one two
	fails 2 "'two' is one too many"
}

run_tests
