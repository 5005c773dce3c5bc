#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-stat engines: figures, form, rates between two reports.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

test_first_report_shows_the_modules_last_second() {
	two_engines
	stat_run 0.01 1
	golden engines.txt
}

test_json_has_every_figure() {
	two_engines
	stat_run --json 0.01 1
	"$tools/jsonlines" /engines/1/name < "$work/out"
	golden engines.json
}

test_no_engine_is_no_error() {
	stat_run 0.01 1
	golden none.txt
}

test_no_engine_is_an_empty_array() {
	stat_run -j 0.01 1
	[ "$("$tools/jsonlines" /engines < "$work/out")" = "[]" ]
}

test_unknown_is_dash() {
	mkdir -p "$root/engines/mute"
	rm -r "$root/stats" "$root/MODE"
	stat_run 0.01 1
	golden unknown.txt
}

test_unknown_is_null() {
	mkdir -p "$root/engines/mute"
	rm -r "$root/stats" "$root/MODE"
	stat_run --json 0.01 1
	golden unknown.json
}

test_what_mode_off_does_not_count_is_unknown() {
	two_engines
	set_files "$root" MODE=off
	stat_run 0.01 1
	golden off.txt
}

test_garbage_is_unknown() {
	engine odd node=x utilisation=inf predicted=1e3 depth=-nan latency_ns=0x10 threads=+1
	head -c 4096 /dev/urandom | tr -d '\n' > "$root/engines/odd/forecast_error"
	stat_run 0.01 1
	golden garbage.txt
}

test_columns_align_for_long_names_and_large_numbers() {
	two_engines
	engine 0000:7f:00.0-a-device-with-quite-a-long-name.12 node=-1 utilisation=100.00 \
		predicted=429496.72 depth=1048576.25 latency_ns=18446744073709551615 \
		bytes=18446744073709551615 threads=1048576
	stat_run 0.01 2
	golden long.txt
	"$tools/jsonlines" < <(stat_run -j 0.01 1; cat "$work/out")
}

test_names_cannot_steer_the_terminal() {
	engine $'evil\e[31m' node=0
	set_files "$root" MODE=$'ma\enage'
	stat_run 0.01 1
	cat -v "$work/out"
	lacks $'\e' "$work/out"
	grep -q 'evil?\[31m' "$work/out"
	stat_run --json 0.01 1
	lacks $'\e' "$work/out"
}

# A snapshot begins with the gate and ends with MODE, both of which wait for the test: it is known
# what changes between which snapshots.
steered_tree() {
	two_engines
	mkdir "$root/engines/a_gate"
	rm "$root/MODE"
	mkfifo "$root/engines/a_gate/bytes" "$root/MODE"
}

start_steered() {
	steered_tree
	"$bin/dmaaff-stat" "$@" 0.01 2 > "$work/out" 2> "$work/err" &
	pid=$!
	echo 0 > "$root/engines/a_gate/bytes"
	exec 4> "$root/MODE"
	# What happens before the first report does not count in the second.
	set_files "$root/stats" moves=14
	engine dma_engine_sim.2 busy_ns=6000000000 depth_ns=48000000000 ops=77294
	end_snapshot
	echo 0 > "$root/engines/a_gate/bytes"
	exec 4> "$root/MODE"
}

end_snapshot() {
	echo manage >&4
	exec 4>&-
}

end_steered() {
	end_snapshot
	echo 0 > "$root/engines/a_gate/bytes"
	echo manage > "$root/MODE"
	rc=0
	wait "$pid" || rc=$?
	cat "$work/out" "$work/err"
	[ "$rc" -eq 0 ]
	second=$(tail -n +2 "$work/out")
}

test_moves_of_the_interval_are_counted() {
	start_steered
	echo 15 > "$root/stats/moves"
	end_steered
	grep -q '^mode manage, moves 1 in .*, 15 since load' "$work/out"
}

test_dropped_samples_are_told() {
	start_steered
	echo 7 > "$root/stats/dropped"
	end_steered
	grep -q ', 7 samples dropped$' <<< "$second"
}

test_later_reports_are_about_the_interval() {
	start_steered --json
	engine dma_engine_sim.2 busy_ns=9000000000 depth_ns=58000000000 ops=86294 bytes=5000010000
	end_steered
	# 10 s of transfers in flight for 9000 transfers: 1.1 ms each, whatever the interval was.
	[ "$("$tools/jsonlines" /engines/1/latency_ns <<< "$second")" = 1111111 ]
	[ "$("$tools/jsonlines" /engines/1/utilisation_pct <<< "$second")" = 100.00 ]
	[ "$("$tools/jsonlines" /engines/1/bytes_per_s <<< "$second")" -gt 0 ]
	[ "$("$tools/jsonlines" /engines/2/bytes_per_s <<< "$second")" = 0 ]
}

test_engine_that_comes_has_no_rate_yet() {
	start_steered --json
	engine dma_engine_sim.5 utilisation=50.00 bytes=1000 ops=1 busy_ns=1 depth_ns=1
	end_steered
	[ "$("$tools/jsonlines" /engines/2/name <<< "$second")" = dma_engine_sim.5 ]
	[ "$("$tools/jsonlines" /engines/2/bytes_per_s <<< "$second")" = null ]
	[ "$("$tools/jsonlines" /engines/2/utilisation_pct <<< "$second")" = 50.00 ]
}

test_engine_that_goes_is_left_out() {
	start_steered
	rm -r "$root/engines/dma_engine_sim.2"
	end_steered
	[ "$(grep -c '^dma_engine_sim.2 ' "$work/out")" -eq 1 ]
	[ "$(grep -c '^dma_engine_sim.10 ' "$work/out")" -eq 2 ]
}

test_engine_that_goes_while_it_is_read_is_left_out() {
	steered_tree
	"$bin/dmaaff-stat" 0.01 1 > "$work/out" 2> "$work/err" &
	pid=$!
	echo 0 > "$root/engines/a_gate/bytes"
	echo manage > "$root/MODE"
	exec 4> "$root/engines/a_gate/bytes"
	rm -r "$root/engines/a_gate"
	echo 0 >&4
	exec 4>&-
	echo manage > "$root/MODE"
	wait "$pid"
	cat "$work/out"
	grep -q "on 2 engines$" "$work/out"
}

test_unloading_between_reports_is_told() {
	start_steered
	rm -r "$root"
	end_snapshot
	rc=0
	wait "$pid" || rc=$?
	cat "$work/err"
	[ "$rc" -eq 1 ]
	grep -q 'has been unloaded' "$work/err"
}

test_count_is_obeyed() {
	two_engines
	stat_run 0.02 4
	[ "$(grep -c ^mode "$work/out")" -eq 4 ]
	[ "$(grep -c ^ENGINE "$work/out")" -eq 1 ]
}

test_header_returns_when_it_scrolls_away() {
	two_engines
	NO_COLOR=1 script -qec "stty rows 12; exec '$bin/dmaaff-stat' 0.02 7" /dev/null > "$work/out" < /dev/null
	cat "$work/out"
	# 5 lines of the first report, 4 of each further one: the third would push it off.
	[ "$(grep -c '^ENGINE' "$work/out")" -eq 4 ]
}

run_tests
