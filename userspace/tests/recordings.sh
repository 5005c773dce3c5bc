#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-stat record, report, replay, explain: on recordings made with both kernels. Those that begin
# before MODE leaves off (-whole) are made by `record`; the others are of an earlier module, and stay
# readable.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# recorded NAME COMMAND ARG...: what is printed about the recordings of both kernels
recorded() {
	local name=$1 command=$2 recording
	shift 2

	for recording in 6.1 6.12 6.1-whole 6.12-whole; do
		stat_run "$command" "$here/recordings/$recording.dat" "$@"
		golden "$recording-$name"
	done
}

test_report_as_text() {
	recorded report.txt report 0.5
}

test_report_as_json() {
	recorded report.json report --json
	"$tools/jsonlines" /engines/0/name /moves/0/tid < "$work/out"
}

test_report_as_csv() {
	recorded report.csv report --csv
}

# What trace-cmd reads out of the same file, added up by other means.
test_report_counts_every_byte() {
	local reported

	stat_run report "$here/recordings/6.12.dat" 86400 --json
	reported=$("$tools/jsonlines" /engines/0/bytes_per_s < "$work/out")
	trace-cmd report -t "$here/recordings/6.12.dat" 2> /dev/null |
		awk -v reported="$reported" '
			match($0, / [0-9]+\.[0-9]+: /) { at = substr($0, RSTART, RLENGTH) + 0 }
			at && !first { first = at }
			at { last = at }
			/engine_sample:.*engine=dma_engine_sim.0 / && match($0, / bytes=[0-9]+/) {
				bytes += substr($0, RSTART + 7, RLENGTH - 7)
			}
			END {
				rate = bytes / (last - first)
				print reported, rate
				exit !(bytes && reported > rate * 0.999 && reported < rate * 1.001)
			}'
}

test_explain_has_each_term() {
	local recording moved

	for recording in 6.1 6.12 6.1-whole 6.12-whole; do
		stat_run report "$here/recordings/$recording.dat" --json
		moved=$("$tools/jsonlines" /moves/0/tid < "$work/out")
		stat_run explain "$moved" "$here/recordings/$recording.dat"
		golden "$recording-explain.txt"
	done
}

test_explain_tells_what_was_never_reckoned() {
	stat_run explain 4 "$here/recordings/6.12.dat"
	[ "$(< "$work/out")" = "4 was never reckoned in this recording." ]
}

test_explain_of_nobody_is_told() {
	stat_run explain 999999999
	fails 1 "there is no process or thread 999999999"
}

test_what_is_no_recording_is_told() {
	echo nothing > "$work/file"
	stat_run report "$work/file"
	fails 1 "is no recording of trace-cmd's"
	stat_run report "$work/missing"
	fails 1 "cannot read $work/missing: No such file"
	stat_run report
	fails 2 "'FILE' is missing"
	stat_run explain
	fails 2 "'PID' is missing"
}

# A recording that ends anywhere: it is told, or what is there is shown.
test_recording_that_is_cut_off_is_no_harm() {
	local size whole

	whole=$(stat -c %s "$here/recordings/6.12.dat")
	bin=$BUILD/sanitized/bin
	for ((size = 0; size < whole; size += whole / 20)); do
		head -c "$size" "$here/recordings/6.12.dat" > "$work/cut"
		stat_run report "$work/cut"
		echo "$size: $rc"
		[ "$rc" -le 1 ]
		stat_run plot "$work/cut" --html -o "$work/page.html"
		echo "$size, page: $rc"
		[ "$rc" -le 1 ]
	done
}

test_record_runs_trace_cmd() {
	mkdir "$work/path"
	printf '#!/bin/sh\nprintf "%%s|" "$@"\nexit 7\n' > "$work/path/trace-cmd"
	chmod +x "$work/path/trace-cmd"
	PATH=$work/path:$PATH stat_run record -o "$work/file" -- sleep 'a b' -x
	[ "$rc" -eq 7 ]
	[ "$(< "$work/out")" = "record|-q|-C|mono|-b|4096|-e|dma_affinity:*|-o|$work/file|sleep|a b|-x|" ]
}

test_record_without_trace_cmd_says_so() {
	PATH='' stat_run record
	fails 1 "package trace-cmd"
}

# with_lab SCRIPT: a copy of the program beside a dmaaff-lab of ours
with_lab() {
	mkdir "$work/beside"
	cp "$bin/dmaaff-stat" "$work/beside"
	printf '#!/bin/sh\n%s\n' "$1" > "$work/beside/dmaaff-lab"
	chmod +x "$work/beside/dmaaff-lab"
	bin=$work/beside
}

test_replay_runs_the_lab_beside_it() {
	with_lab 'printf "%s|" "$@"; exit 1'
	stat_run replay "$work/a file" A=1 B=2 --json
	[ "$rc" -eq 1 ]
	[ "$(< "$work/out")" = "replay|--json|--set|A=1|--set|B=2|$work/a file|" ]
	stat_run replay
	fails 2 "'FILE' is missing"
}

test_replay_without_the_lab_says_so() {
	with_lab ""
	rm "$work/beside/dmaaff-lab"
	PATH='' stat_run replay "$work/file"
	fails 2 "cannot run dmaaff-lab: No such file"
}

# Without a budget no move would be made, whatever the policy is: the recording's are left out.
test_replay_of_a_recording() {
	local kernel

	for kernel in 6.1 6.12; do
		stat_run replay "$here/recordings/$kernel-whole.dat" MAX_MOVES=0
		golden "$kernel-replay.txt"
		stat_run replay "$here/recordings/$kernel-whole.dat" MAX_MOVES=0 --json
		"$tools/jsonlines" /moves_recorded < "$work/out"
		golden "$kernel-replay.json"
	done
}

test_record_without_the_module_says_how_to_load_it() {
	rm -r "$root"
	stat_run record
	fails 1 "load it with 'modprobe dma_affinity'"
}

run_tests
