#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-load: its options, reports and exit statuses, at a gate without a kernel (gate.c). What
# real engines make of it is tested by selftests/dmaaff_load.sh.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# load ARG...: leaves stdout in $work/out, stderr in $work/err and the status in $rc
load() {
	rc=0
	LD_PRELOAD=$tools/gate.so "$bin/dmaaff-load" "$@" > "$work/out" 2> "$work/err" || rc=$?
	cat "$work/err"
}

# works ARG...: the same, which must go well and say nothing but its report
works() {
	load "$@"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
}

# total KEY: of the threads in all reports
total() {
	jq -s "[.[].threads[].$1] | add" "$work/out"
}

test_report_has_a_row_for_each_thread_and_all() {
	works --threads 3 --seconds 0.5
	cat "$work/out"
	[ "$(wc -l < "$work/out")" -eq 5 ]
	head -n 1 "$work/out" | grep -q '^thread *MB/s *CPU MB/s *ops *errors *p50 us *p99 us *max us$'
	awk '$1 == "all" { exit !(ops && ops == $4) } $1 != "thread" { ops += $4 }' "$work/out"
}

test_report_as_json() {
	works --threads 2 --size 100001 --seconds 0.5 --json
	"$tools/jsonlines" /seconds /threads/1/tid < "$work/out"
	[ "$(total ops)" -gt 0 ]
	[ "$(total bytes)" -eq "$((100001 * $(total ops)))" ]
	[ "$(total cpu_bytes)" -eq 0 ]
	[ "$(jq .threads[0].max_ns "$work/out")" -eq 250000 ]
}

# The last line is about the whole.
test_intervals_add_up_to_no_more_than_the_whole() {
	works --seconds 0.3 --interval-ms 50 --json
	"$tools/jsonlines" /threads/0/bytes < "$work/out"
	jq -es 'length > 1 and ([.[:-1][].threads[].bytes] | add) <= .[-1].threads[0].bytes' "$work/out"
	works --seconds 0.5 --interval-ms 50
	head -n 1 "$work/out" | grep -q ^second
	grep -q ^all "$work/out"
}

test_bytes_that_are_wrong_are_found() {
	works --seconds 0.5 --verify --size 12345
	GATE=wrong load --seconds 0.5 --verify --size 12345
	[ "$rc" -eq 1 ]
	grep -q 'thread 0 copy 0 offset 0: wrong data' "$work/err"
	GATE=wrong load --seconds 0.5 --verify --size 3
	[ "$rc" -eq 1 ]
	grep -q 'offset 0: wrong data, 0x1 instead of 0' "$work/err"
}

test_copies_that_fail_are_errors() {
	GATE=error load --seconds 0.5 --json
	[ "$rc" -eq 1 ]
	grep -q 'thread 0 copy 0: Input/output error' "$work/err"
	[ "$(total ops)" -eq 0 ]
	[ "$(total errors)" -gt 0 ]
}

test_gate_that_is_busy_is_asked_again() {
	GATE=busy load --seconds 1 --json
	[ "$rc" -eq 1 ]
	grep -q 'thread 0 copy 0 cannot be submitted: Device or resource busy' "$work/err"
	[ "$(total errors)" -eq 1 ]
	[ "$(total ops)" -gt 0 ]
}

test_copies_by_the_cpu_are_counted_apart() {
	GATE=none load --seconds 0.5 --fallback --json
	[ "$rc" -eq 0 ]
	[ "$(total bytes)" -eq 0 ]
	[ "$(total cpu_bytes)" -gt 0 ]
}

test_no_engine_is_3() {
	GATE=none load --threads 2 --seconds 10
	[ "$rc" -eq 3 ]
	[ ! -s "$work/out" ]
	[ "$(wc -l < "$work/err")" -eq 1 ]
	grep -q 'no DMA engine serves CPU' "$work/err"
}

test_no_device_is_3() {
	GATE=missing load
	fails 3 "/dev/dma_gate: No such file or directory; is the module dma_gate loaded"
}

# No copy is due before its time, and --depth bounds what is ahead of it.
test_rate_is_not_exceeded() {
	works --rate 1M --size 4K --depth 2 --seconds 0.5 --json
	jq -e '.threads[0].bytes <= .seconds * 1048576 + 2 * 4096' "$work/out"
	works --rate 100K --rate-to 1M --size 4K --depth 2 --seconds 0.5 --json
	jq -e '.threads[0].bytes <= .seconds * 1048576 + 2 * 4096' "$work/out"
	works --rate 1M --burst-ms 100,50,0 --chase-ms 10 --seconds 1 --json
	[ "$(total ops)" -gt 0 ]
}

test_signal_ends_it_with_a_report() {
	local pid

	LD_PRELOAD=$tools/gate.so "$bin/dmaaff-load" --seconds 100 --interval-ms 10 --json > "$work/out" &
	pid=$!
	poll_until [ -s "$work/out" ]
	kill -INT "$pid"
	wait "$pid"
	"$tools/jsonlines" /threads/0/ops < "$work/out"
}

test_threads_run_where_they_are_told() {
	local cpu

	cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
	works --cpus "$cpu" --start-cpus "$cpu" --threads 2 --seconds 0.05
	load --cpus 1023
	[ "$rc" -eq 2 ]
	grep -q -- '--cpus: ' "$work/err"
	load --start-cpus 1023
	[ "$rc" -eq 2 ]
	grep -q -- '--start-cpus: CPU 1023 is not there' "$work/err"
}

# refused ARG...: wrong usage
refused() {
	load "$@"
	if [ "$rc" -ne 2 ] || [ -s "$work/out" ] || [ "$(wc -l < "$work/err")" -ne 1 ]; then
		echo "$*: status $rc"
		return 1
	fi
}

test_wrong_options_are_told() {
	refused --threads 0
	refused --threads 2x
	refused --size 65M
	refused --size -1
	refused --size 1KB
	refused --size 99999999999999999999
	refused --depth 257
	refused --seconds 0
	refused --seconds nan
	refused --seconds 1s
	refused --cpus 3-1
	refused --cpus ,
	refused --cpus 0,
	refused --cpus 99999
	refused --burst-ms 10,20,0
	refused --burst-ms 10,5
	refused --burst-ms 10,5,-1
	refused --rate-to 1M
	refused --chase-ms 5
	refused --interval-ms 0
	refused --nonsense
	refused a_word
}

test_help_and_version() {
	works --help
	grep -q '^Usage: dmaaff-load ' "$work/out"
	works --version
	grep -qE '^dmaaff-load [0-9.]+$' "$work/out"
}

test_report_that_cannot_be_written_is_told() {
	rc=0
	LD_PRELOAD=$tools/gate.so "$bin/dmaaff-load" --seconds 0.05 > /dev/full 2> "$work/err" || rc=$?
	[ "$rc" -eq 1 ]
	grep -q 'cannot write the report: No space left' "$work/err"
}

run_tests
