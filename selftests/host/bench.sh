#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host. tools/bench/bench by a list of its own: short runs and two that cannot be
# made; and its report on runs written here, whose figures are known.
set -euo pipefail

root=$(realpath "$(dirname "$(realpath "$0")")/../..")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

. "${KSFT_DIR:-$("$root/tools/vm/kernels" --path 6.12)/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

build=${DMAAFF_BUILD:-$root/build}
out=$scratch/out
status=

cat > "$scratch/scenarios" << EOF
scenario short 1 2 4
title Two threads for a second
engine e0 0 20000000
engine e1 1 20000000
free bulk dmaaff-load --threads 2 --start-cpus 0-1
pinned bulk dmaaff-load --threads 2 --cpus 0,2
bar manage cpu_bytes at_most 0
bar manage bytes_per_s at_least 1000 pinned

scenario lone 2 1 4
title A thread on a slow engine, a faster one beside it that nobody has used
engine slow 0 12000000
engine fast 0 50000000
free bulk dmaaff-load --threads 1 --start-cpus 0,2
pinned bulk dmaaff-load --threads 1 --cpus 1,3

scenario broken 1 1 2
title What it needs is not there
add no/such/file
EOF

# bench OPTION...: sets $status; what it says is in $scratch/table and $scratch/said.
bench() {
	status=0
	"$root/tools/bench/bench" --scenarios "$scratch/scenarios" --output "$out" --jobs 1 \
		--alternative manage --alternative pinned "$@" \
		> "$scratch/table" 2> "$scratch/said" || status=$?
}

# json EXPRESSION: it is true of results.json, which is JSON.
json() {
	jq -e "$1" "$out/results.json" > "$scratch/jq"
}

said() {
	grep -Eq "$1" "$scratch/said"
}

check() {
	local name=$1

	if "$name"; then
		ktap_test_pass "$name"
		return
	fi
	cat "$scratch/said" "$scratch/table" 2>&1 | sed "s/^/# /"
	ktap_test_fail "$name"
}

runs_are_made_and_failures_named() {
	[[ $status == 1 ]] && said '^6 runs, 6 of them to make$' &&
		said '^\[1/6\] short: manage \(6\.12\) \.\.\. [0-9]+\.[0-9] MB/s' &&
		said '^\[5/6\] broken: manage \(6\.12\) \.\.\. FAILED: .*no/such/file' &&
		said '^\[6/6\] broken: pinned'
}

results_are_those_of_the_engines() {
	json '.kernels["6.12"].short.runs | .pinned.bytes_per_s > 0 and .manage.bytes_per_s > 0
		and .manage.p99_ns > 0 and .manage.cpu_bytes == 0 and .manage.dropped == 0
		and (.pinned | has("moves") | not)'
}

# By trying it, once.
engine_that_nobody_has_used_is_found() {
	json '.kernels["6.12"].lone.runs | .manage.bytes_per_s > 0.8 * .pinned.bytes_per_s
		and .manage.moves == 1'
}

failed_runs_have_no_results() {
	json '.kernels["6.12"] | has("broken") | not' && ! grep -q broken "$scratch/table"
}

bars_are_judged() {
	json '.kernels["6.12"].short.bars | map(.held) == [true, false]' &&
		grep -q '^  held   manage cpu_bytes at_most 0: 0, 0 wanted$' "$scratch/table" &&
		grep -q '^  missed manage bytes_per_s at_least 1000 pinned: ' "$scratch/table"
}

plots_are_drawn() {
	[[ $(head -c 4 "$out/throughput-6.12.png" | tail -c 3) == PNG &&
		$(head -c 4 "$out/p99-6.12.png" | tail -c 3) == PNG ]]
}

what_was_run_is_not_run_again() {
	local before

	before=$(ls -l --time-style=full-iso "$out/runs"/*short*)

	bench short
	[[ $status == 0 && $(ls -l --time-style=full-iso "$out/runs"/*short*) == "$before" ]] &&
		said '^2 runs, 0 of them to make$' && grep -q '^  manage' "$scratch/table"
}

# Those that have it. Before the load changes, for nothing is run here.
changed_module_concerns_whoever_has_it() {
	local built=$scratch/built changed

	mkdir "$built"
	cp -rs "$build"/{bin,modules,vm} "$built"
	for changed in "$built"/modules/*/dma_affinity/dma_affinity.ko; do
		cp --remove-destination "$(realpath "$changed")" "$changed"
		echo >> "$changed"
	done
	DMAAFF_BUILD=$built bench --dry-run short
	[[ $status == 0 ]] && said '^2 runs, 1 of them to make$' && said '^short: manage '
}

# A title changes no run, the load does.
what_has_changed_is_run_again() {
	sed -i 's/^title .*/title Another/; s/--threads 2/--threads 1/' "$scratch/scenarios"
	# Nor does a run take longer than one that cannot be made.
	sed -i '/^engine/a add no/such/file' "$scratch/scenarios"
	bench short
	[[ $status == 1 ]] && said '^2 runs, 2 of them to make$'
}

unknown_scenario_is_refused() {
	bench no_such
	[[ $status == 2 ]] && said "no scenario 'no_such'"
}

# record ALTERNATIVE LINE...: a run.
record() {
	printf '%s\n' "run 6.12 known $1" "${@:2}" end > "$scratch/$1"
}

# thread BYTES P99: in a report.
thread() {
	echo "{\"tid\":1,\"bytes\":$1,\"cpu_bytes\":0,\"ops\":1,\"errors\":0,\"p50_ns\":5,\"p99_ns\":$2,\"max_ns\":9}"
}

# Of four intervals the last two count: of these one engine was full and the other idle in one.
make_known_runs() {
	local half all
	local busy=("busy 1.0 0 0" "busy 1.1 100000000 0" "busy 1.2 200000000 0"
		"busy 1.3 300000000 0" "busy 1.4 400000000 60000000")

	half="{\"seconds\":1.000000,\"threads\":[$(thread 1000 70),$(thread 3000 60)]}"
	all="{\"seconds\":2.000000,\"threads\":[$(thread 4000 90),$(thread 6000 80)]}"
	out=$scratch/known
	mkdir -p "$out"
	printf '%s\n' "scenario known 2 2 4" "title Known" "bar manage ping_pong at_most 1" \
		"bar manage overlap_percent at_most 0.5 absent" > "$scratch/scenarios"
	record absent "load a $half" "load a $half" "load a $all" "${busy[@]}"
	record manage "load a $half" "load a $half" "load a $all" "load b $half" "load b $half" \
		"load b $all" "figure moves 4" \
		"history 3000000000 8 b a 10.00 10.00 success" "history 2400000000 7 b a 10.00 9.00 success" \
		"history 2000000000 8 a b 10.00 9.00 success" "history 1500000000 7 a b 10.00 1.00 failure"
	record numad "cannot no such thing"
	awk -v out="$out" -v scenarios="$scratch/scenarios" -f "$root/tools/bench/report.awk" \
		"$scratch/absent" "$scratch/manage" "$scratch/numad" > "$scratch/table"
}

known_runs_are_summed_up() {
	make_known_runs
	json '.kernels["6.12"].known.runs | .absent.bytes_per_s == 5000 and .manage.bytes_per_s == 10000
		and .absent.settled_bytes_per_s == 4000 and .absent.p99_ns == 90
		and .absent.settled_p99_ns == 70 and .manage["b.bytes_per_s"] == 5000'
}

overlap_is_of_the_second_half() {
	json '.kernels["6.12"].known.runs.absent.overlap_percent | . > 49 and . < 51'
}

only_a_quick_return_from_a_failure_is_ping_pong() {
	json '.kernels["6.12"].known.runs.manage.ping_pong == 1'
}

peer_that_cannot_act_has_no_figures() {
	json '.kernels["6.12"].known.runs.numad == {"cannot": "no such thing"}' &&
		grep -q '^  numad *cannot act here: no such thing$' "$scratch/table"
}

ktap_print_header
ktap_set_plan 14
bench
check runs_are_made_and_failures_named
check results_are_those_of_the_engines
check engine_that_nobody_has_used_is_found
check failed_runs_have_no_results
check bars_are_judged
check plots_are_drawn
check what_was_run_is_not_run_again
check changed_module_concerns_whoever_has_it
check what_has_changed_is_run_again
check unknown_scenario_is_refused
check known_runs_are_summed_up
check overlap_is_of_the_second_half
check only_a_quick_return_from_a_failure_is_ping_pong
check peer_that_cannot_act_has_no_figures
ktap_finished
