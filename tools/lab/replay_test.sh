#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# replay_test.sh PROGRAM: dmaaff-lab replay, sanitised, on a recording and on what is none. That
# the same is decided again is tested where recordings are made, in selftests/affinity_replay.sh:
# this one is of a few moves, and policies change.
set -euo pipefail

program=$1
here=$(dirname "$(realpath "$0")")
recording=$here/../../userspace/tests/recordings/6.12-whole.dat
old=$here/../../userspace/tests/recordings/6.12.dat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tests=0
failures=0

# replay STATUS WORDS ARG...: it ends with it and says so.
replay()
{
	local expected=$1 words=$2 status=0

	shift 2
	timeout 60 "$program" replay "$@" > "$work/said" 2>&1 || status=$?
	[[ $status == "$expected" && $(< "$work/said") == *"$words"* ]] ||
		{ echo "# replay $* ended with $status: $(head -n 20 "$work/said")"; return 1; }
}

# recorded EVENT: how many of these there are, by trace-cmd.
recorded()
{
	trace-cmd report -i "$recording" -F "dma_affinity:$1" 2> /dev/null | grep -c " $1: "
}

no_budget_leaves_no_move()
{
	local n

	n=$(recorded decision)
	replay 0 "$(recorded tick) ticks, $n moves recorded, 0 replayed: 0 the same, $n dropped, 0 added" \
		--set MAX_MOVES=0 "$recording"
}

weights_of_nothing_leave_no_move_in_json()
{
	local n said

	n=$(recorded decision)
	said="{'ticks':$(recorded tick),'moves_recorded':$n,'moves_replayed':0,'same':0,'dropped':$n,'added':0,'moves':[{"
	replay 0 "${said//\'/\"}" \
		--set DMA_WEIGHT_LATENCY=0 --set DMA_WEIGHT_THROUGHPUT=0.0 --json "$recording"
}

wrong_values_are_refused()
{
	replay 2 "MIGRATION_THRESHOLD is 0 to 100, not '101'" --set MIGRATION_THRESHOLD=101 "$recording"
	replay 2 "ENERGY_BIAS is 0 to 1, 4 decimals, not '0.12345'" --set ENERGY_BIAS=0.12345 "$recording"
	replay 2 "FORECASTER is auto, last," --set FORECASTER=best "$recording"
	replay 2 "'THRESHOLD=1' is no NAME=VALUE of a tunable" --set THRESHOLD=1 "$recording"
	replay 2 "SAMPLE_INTERVAL is as recorded" --set SAMPLE_INTERVAL=20 "$recording"
	replay 2 "one FILE is expected"
}

other_files_are_refused()
{
	replay 2 "cannot read $work/none: No such file" "$work/none"
	replay 2 "is no recording of trace-cmd's" "$here/Makefile"
	replay 2 "record it anew" "$old"
}

recording_that_begins_too_late_is_refused()
{
	local half

	half=$(trace-cmd report -t -i "$recording" 2> /dev/null |
		sed -nE 's/.* ([0-9]+\.[0-9]+): tick: +sequence=60 .*/\1/p')
	trace-cmd split -i "$recording" -o "$work/late" "$half" > /dev/null 2>&1
	replay 2 "it does not begin before MODE leaves off" "$work/late"*
}

# harmless FILE...: whatever is said of each. The library that reads leaks where it gives up.
harmless()
{
	local file status

	for file; do
		status=0
		ASAN_OPTIONS=detect_leaks=0:exitcode=99 UBSAN_OPTIONS=exitcode=99 timeout 60 "$program" replay "$file" > "$work/said" 2>&1 ||
			status=$?
		((status <= 2)) || { echo "# $file: $status: $(head -n 20 "$work/said")"; return 1; }
	done
}

plain()
{
	trace-cmd convert -i "$recording" -o "$work/plain" --compression none > /dev/null 2>&1
	stat -c %s "$work/plain"
}

recording_that_is_cut_off_is_no_harm()
{
	local size at

	size=$(plain)
	for ((at = 0; at < size; at += size / 50)); do
		head -c "$at" "$work/plain" > "$work/cut"
		harmless "$work/cut"
	done
}

recording_with_wrong_bytes_is_no_harm()
{
	local size at

	size=$(plain)
	for ((at = size / 5; at < size - 3; at += size / 150)); do
		cp "$work/plain" "$work/bent"
		printf '\377\177\376' |
			dd of="$work/bent" bs=1 seek="$at" conv=notrunc status=none
		harmless "$work/bent"
	done
}

# run_tests FUNCTION...
run_tests()
{
	local name status

	echo "1..$#"
	for name; do
		tests=$((tests + 1))
		set +e
		(set -e; "$name")
		status=$?
		set -e
		[[ $status == 0 ]] || failures=$((failures + 1))
		echo "$([[ $status == 0 ]] || echo "not ")ok $tests - $name"
	done
	((!failures))
}

run_tests no_budget_leaves_no_move \
	weights_of_nothing_leave_no_move_in_json \
	wrong_values_are_refused \
	other_files_are_refused \
	recording_that_begins_too_late_is_refused \
	recording_that_is_cut_off_is_no_harm \
	recording_with_wrong_bytes_is_no_harm
