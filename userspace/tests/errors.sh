#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-stat: what is wrong is said in a line, and what was printed stays valid.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# wrong TEXT ARG...: usage errors
wrong() {
	local text=$1
	shift

	stat_run "$@"
	fails 2 "$text"
}

test_without_the_module_it_says_how_to_load_it() {
	rm -r "$root"
	stat_run
	fails 1 "load it with 'modprobe dma_affinity'"
}

test_wrong_words_are_named() {
	wrong "'foo' is none of" foo
	wrong "interval '0'" 0
	wrong "interval '-1'" -- -1
	wrong "interval '0x1'" 0x1
	wrong "interval '1.5.2'" 1.5.2
	wrong "interval '.'" .
	wrong "interval '86401'" 86401
	wrong "interval 'inf'" threads inf
	wrong "count '0'" 1 0
	wrong "count '1.5'" 1 1.5
	wrong "count '-2'" -- 1 -2
	wrong "count '99999999999999999999'" 1 99999999999999999999
	wrong "'3' is one too many" 1 2 3
	wrong "option '--nothing'" --nothing
	wrong "option '--json=1'" --json=1
	wrong "option 'x'" -x
}

test_help_and_version() {
	stat_run --help
	[ "$rc" -eq 0 ]
	grep -q '^Usage: dmaaff-stat ' "$work/out"
	[ "$(awk '{ if (length > n) n = length } END { print n }' "$work/out")" -le 80 ]
	stat_run --version
	[ "$rc" -eq 0 ]
	grep -qx 'dmaaff-stat [0-9.]*' "$work/out"
}

test_full_disk_is_told() {
	two_engines
	rc=0
	"$bin/dmaaff-stat" 0.01 1 > /dev/full 2> "$work/err" || rc=$?
	: > "$work/out"
	fails 1 "cannot write to stdout"
}

test_closed_stdout_is_told() {
	two_engines
	rc=0
	"$bin/dmaaff-stat" 0.01 1 >&- 2> "$work/err" || rc=$?
	: > "$work/out"
	fails 1 "cannot write to stdout"
}

test_reader_that_goes_away_ends_it_quietly() {
	local status

	two_engines
	# The parent ignores SIGPIPE, as some do: the program must not complain either way.
	(
		trap '' PIPE
		set +e
		"$bin/dmaaff-stat" 0.01 2> "$work/err" | head -n 1 > /dev/null
		echo "${PIPESTATUS[0]}" > "$work/status"
	)
	status=$(< "$work/status")
	cat "$work/err"
	[ "$status" -eq 141 ]
	[ ! -s "$work/err" ]
}

has_lines() {
	[ "$(wc -l < "$work/out")" -ge "$1" ]
}

# interrupted SIGNAL: ends a run of JSON without end
interrupted() {
	local pid rc=0

	two_engines
	"$bin/dmaaff-stat" --json 0.02 > "$work/out" 2> "$work/err" &
	pid=$!
	poll_until has_lines 3
	kill "-$1" "$pid"
	wait "$pid" || rc=$?
	echo "status $rc"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
	"$tools/jsonlines" /mode < "$work/out" > "$work/modes"
	[ "$(wc -l < "$work/modes")" -eq "$(wc -l < "$work/out")" ]
}

test_signal_ends_the_wait_at_once() {
	local pid rc=0

	table threads
	"$bin/dmaaff-stat" threads 86400 > "$work/out" 2>&1 &
	pid=$!
	poll_until has_lines 1
	kill -INT "$pid"
	wait "$pid" || rc=$?
	[ "$rc" -eq 0 ]
}

# The handler of a signal is back at the default once it has been called.
interrupt_is_handled() {
	local caught

	caught=$(sed -n "s/^SigCgt:[[:space:]]*/0x/p" "/proc/$1/status")
	(((caught & 2) == 0))
}

# One line is longer than a pipe holds: the signal comes when a part of it is written.
test_line_that_began_is_finished_after_a_signal() {
	local i pid rc=0

	for ((i = 0; i < 300; i++)); do
		engine "engine.$i" node=0 bytes=18446744073709551615
	done
	mkfifo "$work/pipe"
	"$bin/dmaaff-stat" --json 0.01 > "$work/pipe" 2> "$work/err" &
	pid=$!
	exec 3< "$work/pipe"
	dd bs=1 count=1 <&3 > "$work/out" 2> /dev/null
	kill -INT "$pid"
	poll_until interrupt_is_handled "$pid"
	cat <&3 >> "$work/out"
	wait "$pid" || rc=$?
	echo "status $rc"
	[ "$rc" -eq 0 ]
	[ "$(wc -l < "$work/out")" -eq 1 ]
	[ "$(wc -c < "$work/out")" -gt 65536 ]
	"$tools/jsonlines" /engines/299/name < "$work/out"
}

test_json_is_valid_after_SIGINT() {
	interrupted INT
}

test_json_is_valid_after_SIGTERM() {
	interrupted TERM
}

run_tests
