#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-stat threads and history.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# Above the greatest thread id a kernel gives out: such threads have no name.
no_thread=4200000

some_threads() {
	table threads \
		"${no_thread}1 111 dma_engine_sim.0 4096 250000000 - free ff ff" \
		"" \
		"${no_thread}2 222 dma_engine_sim.1 18446744073709551615 999999999999999999 1 narrowed 00000000,0000000c ffffffff,ffffffff" \
		"${no_thread}3 333 - 0 - - pinned 1 1" \
		""
}

test_threads_as_text_greatest_demand_first() {
	some_threads
	stat_run threads
	golden threads.txt
}

test_threads_as_json() {
	some_threads
	stat_run --json threads
	"$tools/jsonlines" < "$work/out"
	golden threads.json
}

test_comm_is_the_threads_name_made_harmless() {
	table threads "$BASHPID 1 - 0 - - free 1 1"
	printf 'odd\e[1m name' > "/proc/$BASHPID/comm"
	stat_run threads --json
	cat -v "$work/out"
	[ "$("$tools/jsonlines" /threads/0/comm < "$work/out")" = "odd?[1m name" ]
}

test_table_of_free_slots_is_empty() {
	table threads "" "" ""
	stat_run threads --json
	[ "$("$tools/jsonlines" /threads < "$work/out")" = "[]" ]
	[ ! -s "$work/err" ]
}

test_history_as_text() {
	table history \
		"12345678901234 42 dma_engine_sim.0 dma_engine_sim.1 31.25 - pending" \
		"12345000000001 7 dma_engine_sim.0 dma_engine_sim.1 12.50 -3.07 failure" \
		"1 4194303 0000:00:04.0-some-long-name - 100.00 99.99 success"
	stat_run history
	golden history.txt
}

test_history_as_json() {
	table history \
		"12345678901234 42 dma_engine_sim.0 dma_engine_sim.1 31.25 - pending" \
		"12345000000001 7 dma_engine_sim.0 dma_engine_sim.1 12.50 -3.07 failure"
	stat_run history --json
	"$tools/jsonlines" < "$work/out"
	golden history.json
}

test_empty_history_is_no_error() {
	table history
	stat_run history
	golden history-empty.txt
}

test_columns_of_a_later_module_are_ignored() {
	table history "1 2 a b 3.00 4.00 success more columns"
	stat_run history --json
	[ "$("$tools/jsonlines" /history/0/result < "$work/out")" = success ]
}

test_rows_of_an_unknown_form_are_told() {
	table history "1 2 a b 3.00 4.00 success" "half a row"
	stat_run history --json
	cat "$work/err"
	[ "$rc" -eq 0 ]
	grep -q 'left out 1 row of an unknown form' "$work/err"
	[ "$("$tools/jsonlines" /history/0/result < "$work/out")" = success ]
}

test_file_that_is_no_table_is_told() {
	echo "something else" > "$root/history"
	stat_run history
	fails 1 "unknown form"
}

test_table_that_is_cut_off_is_told() {
	some_threads
	truncate -s -10 "$root/threads"
	stat_run threads
	fails 1 "unknown form"
}

test_tables_need_root() {
	some_threads
	chmod 400 "$root/threads"
	run=()
	if [ "$(id -u)" -eq 0 ]; then
		# What counts lines for coverage would write beside what root built.
		install -d -m 777 "$work/coverage"
		run=(setpriv --reuid=65534 --regid=65534 --clear-groups env GCOV_PREFIX="$work/coverage")
		install -m 755 "$bin/dmaaff-stat" "$work/stat"
	else
		cp "$bin/dmaaff-stat" "$work/stat"
		chmod 000 "$root/threads"
	fi
	rc=0
	"${run[@]}" "$work/stat" threads > "$work/out" 2> "$work/err" || rc=$?
	fails 1 "for root only"
}

test_threads_are_shown_again_after_the_interval() {
	table threads
	stat_run threads 0.02 3 --json
	[ "$("$tools/jsonlines" /threads < "$work/out" | grep -cx '\[\]')" -eq 3 ]
}

run_tests
