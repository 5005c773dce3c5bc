# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Sourced by the tests: TAP, and sysfs trees like the module's.
#
# A plain file system cannot answer ENODATA: a file that is not there stands for a figure not known
# (libtest covers ENODATA itself).
set -euo pipefail

here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
bin=$BUILD/bin
# shellcheck disable=SC2034  # the tests use it
tools=$BUILD/userspace/tests
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
export SYSFS_PATH=$work
root=$work/kernel/dma_affinity
tests=0
failures=0

# run_test FUNCTION: one test, on a tree of its own; what it prints explains a failure
run_test() {
	local name=${1#test_} rc=0

	tests=$((tests + 1))
	rm -rf "${work:?}/"*
	tree
	# Not in a condition: set -e would be off inside.
	set +e
	(set -e; "$1") > "$work/log" 2>&1
	rc=$?
	set -e
	if [ "$rc" -eq 0 ]; then
		echo "ok $tests - ${name//_/ }"
	else
		echo "not ok $tests - ${name//_/ }"
		sed "s/^/# /" "$work/log"
		failures=$((failures + 1))
	fi
}

# Runs every function whose name begins with test_; each takes its name from what it shows.
run_tests() {
	local function

	for function in $(compgen -A function test_); do
		run_test "$function"
	done
	echo "1..$tests"
	exit $((failures > 0))
}

# lacks PATTERN FILE
lacks() {
	if grep -- "$1" "$2"; then
		echo " has it"
		return 1
	fi
}

# set_files FOLDER FILE=VALUE...
set_files() {
	local folder=$1 pair
	shift

	mkdir -p "$folder"
	for pair; do
		printf '%s\n' "${pair#*=}" > "$folder/${pair%%=*}"
	done
}

# engine NAME FILE=VALUE...
engine() {
	local name=$1
	shift

	set_files "$root/engines/$name" "$@"
}

# A module that is loaded, without engines.
tree() {
	mkdir -p "$root/engines"
	set_files "$root" MODE=manage MAX_MOVES=auto DMA_WEIGHT_LATENCY=0.5000
	set_files "$root/stats" ticks=1000 overruns=1 moves=12 successes=9 failures=1 reverts=2 \
		dropped=0 tick_ns=41000 memory_bytes=1048576
}

two_engines() {
	engine dma_engine_sim.2 node=0 cpus=0-1 capabilities="memcpy xor" capacity_bps=1000000000 \
		CAPACITY=0 utilisation=98.12 predicted=123.45 forecast_error=2.50 depth=7.52 \
		latency_ns=812204 bytes=5000000000 ops=76294 busy_ns=5000000000 \
		depth_ns=38000000000 threads=4
	engine dma_engine_sim.10 node=1 cpus= capabilities=memcpy CAPACITY=0 utilisation=0.00 \
		predicted=0.00 depth=0.00 bytes=0 ops=0 busy_ns=0 depth_ns=0 threads=0
}

# table NAME [ROW...]: framed as the module does
table() {
	local name=$1 row
	shift

	{
		printf '%-160s\n' "generation 7 rows $#"
		for row; do
			printf '%-160s\n' "$row"
		done
	} > "$root/$name"
}

# stat_run ARG...: leaves stdout in $work/out, stderr in $work/err and the status in $rc
stat_run() {
	rc=0
	"$bin/dmaaff-stat" "$@" > "$work/out" 2> "$work/err" || rc=$?
}

# What differs from run to run.
steady() {
	sed -E 's/ in [0-9.]+ s,/ in N s,/; s/^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z/TIME/; s/"(time|interval)_s":[0-9.]+/"\1_s":N/g; s/^[0-9]{10}\.[0-9]{3},/N,/' "$1"
}

# golden NAME: stdout of the last run is what is recorded; UPDATE=1 records it
golden() {
	cat "$work/err"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
	if [ "${UPDATE:-}" ]; then
		steady "$work/out" > "$here/golden/$1"
	fi
	diff -u "$here/golden/$1" <(steady "$work/out")
}

# fails STATUS TEXT: the last run printed nothing but one line with TEXT, on stderr
fails() {
	echo "status $rc, stderr:"
	cat "$work/err"
	[ "$rc" -eq "$1" ]
	[ ! -s "$work/out" ]
	[ "$(wc -l < "$work/err")" -eq 1 ]
	grep -qF -- "$2" "$work/err"
}

# poll_until CONDITION...: for at most a minute
poll_until() {
	local end=$((SECONDS + 60))

	while ((SECONDS < end)); do
		if "$@"; then
			return 0
		fi
		read -r -t 0.01 <> <(:) || true
	done
	echo "never came: $*"
	return 1
}
