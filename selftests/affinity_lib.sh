# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of dma_affinity share: two equal engines, "left" on node 0 and
# "right" on node 1, each serving its node's two CPUs; a crowd that keeps one of
# them busy and must not be moved; a worker that may be. Sourced.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export LC_ALL=C
# For those who source this.
# shellcheck disable=SC2034
{
	here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
	aff=/sys/kernel/dma_affinity
	sim=/sys/kernel/config/dma_engine_sim
	group=/sys/fs/cgroup/dma_affinity
	tracing=/sys/kernel/tracing
	EINVAL="Invalid argument"
	ERANGE="Numerical result out of range"
	ENODATA="No data available"
	all_cpus=f
	node_cpus=(0-1 2-3)
	node_masks=(3 c)
	engine_names=(left right)
	scratch=$(mktemp -d)
}
trap 'rm -rf "$scratch"' EXIT

# complain WORD...: say why a test fails, and fail.
complain() {
	echo "# $*"
	return 1
}

# put FILE VALUE, get FILE, expect FILE VALUE: of /sys/kernel/dma_affinity.
put() {
	echo "$2" > "$aff/$1"
}

get() {
	local value

	read -r value < "$aff/$1"
	echo "$value"
}

expect() {
	local value

	read -r value < "$aff/$1"
	[[ $value == "$2" ]] || complain "$1 is '$value', not '$2'"
}

# fails_with MESSAGE COMMAND...: it fails, saying so.
fails_with() {
	local message=$1 said

	shift
	if "$@" > "$scratch/said" 2>&1; then
		complain "'$*' succeeded"
		return 1
	fi
	said=$(< "$scratch/said")
	[[ $said == *"$message"* ]] || complain "'$*' said '$said', not '$message'"
}

# dev ENGINE: its name under engines/. truth ENGINE NAME: what it says of itself.
dev() {
	echo "$(< "$sim/$1/dev_name")"
}

truth() {
	echo "$(< "$sim/$1/truth_$2")"
}

engines_create() {
	engine_create left node=0 bytes_per_sec="$1"
	engine_create right node=1 bytes_per_sec="$1"
}

# mask TID: the CPUs it may run on, in hexadecimal.
mask() {
	local lines line

	mapfile -t lines < "/proc/$1/status"
	for line in "${lines[@]}"; do
		[[ $line != Cpus_allowed:* ]] || echo "${line##*[[:blank:]]}"
	done
}

has_mask() {
	[[ $(mask "$1") == "$2" ]]
}

# at_least FILE N: a figure has come so far.
at_least() {
	local value

	read -r value < "$aff/$1" && [[ $value -ge $2 ]]
}

# Does something not happen? Not if it has not in so many ticks, each of which
# could have done it.
pass_ticks() {
	poll_until 60 at_least stats/ticks $(($(get stats/ticks) + $1)) ||
		complain "there were no $1 ticks"
}

# table NAME: its rows without the first and without blank ones.
table() {
	awk 'NR > 1 && NF' "$aff/$1"
}

# state TID: as the table of threads says.
state() {
	table threads | awk -v tid="$1" '$1 == tid { print $7 }'
}

is_state() {
	[[ $(state "$1") == "$2" ]]
}

# load ARG...: dmaaff-load goes on in the background, its report in a file.
load() {
	dmaaff-load --json --seconds 3600 "$@" > "$scratch/load.${#load_pids[@]}" &
	load_pids+=($!)
}

# Ends all of them. They have to be content.
loads_end() {
	local pid

	kill -INT "${load_pids[@]}"
	for pid in "${load_pids[@]}"; do
		wait "$pid" || complain "dmaaff-load failed: status $?"
	done
	load_pids=()
}

# The sum of what they had moved by engines.
loads_bytes() {
	cat "$scratch"/load.* | grep -o '"bytes":[0-9]*' |
		awk -F: '{ sum += $2 } END { printf "%d", sum }'
}

# crowd NODE: three threads on one CPU each, which so may not be moved; and a slow
# one on node 1 that may, though it has nowhere to go: without it there would be
# no ticks.
crowd() {
	local first=${node_cpus[$1]%-*} i

	load --threads 1 --depth 1 --size 4096 --rate 200K --cpus "${node_cpus[1]}"
	for i in 0 1 0; do
		load --threads 1 --depth 4 --cpus $((first + i))
	done
	poll_until 20 at_least "engines/$(dev "${engine_names[$1]}")/threads" 3 ||
		complain "no crowd"
}

# worker NODE: starts the worker there, by the means of a cpuset
# which it then leaves: so no user has ever set its mask. It is $worker,
# listens to `tell`, and rests at first.
worker() {
	group_create start "${node_cpus[$1]}"
	coproc WORKER { in_group start exec "$here/affinity_worker" rest; }
	read -r -t 60 worker <&"${WORKER[0]}" || complain "no worker"
	echo "$worker" > /sys/fs/cgroup/cgroup.procs
}

# tell WORD: to the worker; prints the answer.
tell() {
	local answer

	echo "$1" >&"${WORKER[1]}"
	read -r -t 60 answer <&"${WORKER[0]}" || complain "no answer to $1"
	echo "$answer"
}

# group_create NAME CPUS: a cpuset. in_group NAME COMMAND...: starts in it.
group_create() {
	echo +cpuset > /sys/fs/cgroup/cgroup.subtree_control
	mkdir -p "$group.$1"
	echo "$2" > "$group.$1/cpuset.cpus"
}

in_group() {
	echo "$BASHPID" > "$group.$1/cgroup.procs"
	shift
	"$@"
}

# narrowed_worker: a worker that has just been moved to node 1.
narrowed_worker() {
	worker 0
	crowd 0
	tell work > /dev/null
	poll_until 30 has_mask "$worker" "${node_masks[1]}" ||
		complain "the worker is not moved: its mask is $(mask "$worker")"
}

setup() {
	engines_create 10000000
	modprobe dma_affinity
}

# Whatever the test was about, nothing was lost on the way.
teardown() {
	local dropped=0 left=0 i

	echo 950000 > /proc/sys/kernel/sched_rt_runtime_us
	for i in 1 2 3; do
		[[ $(< "/sys/devices/system/cpu/cpu$i/online") == 1 ]] ||
			echo 1 > "/sys/devices/system/cpu/cpu$i/online"
	done
	if [[ -d $aff ]]; then
		dropped=$(get stats/dropped)
		rmmod dma_affinity || left=1
	fi
	engine_remove left
	engine_remove right
	for i in "$group".*; do
		[[ ! -d $i ]] || poll_until 20 rmdir "$i" 2> /dev/null
	done
	find "$scratch" -maxdepth 1 -type f -delete
	[[ $dropped == 0 ]] || complain "stats/dropped is $dropped"
	[[ $left == 0 ]] || complain "dma_affinity does not go"
}

# A test's own processes end with it.
clean_up() {
	local pid

	set +e
	pid=$(jobs -p)
	# shellcheck disable=SC2086 # several
	[[ -z $pid ]] || { kill -KILL $pid; wait $pid; } 2> /dev/null
}

# run_tests FUNCTION...: each with engines and a module of its own. A function
# fails by its first command that does.
run_tests() {
	local name status

	need_module dma_engine_sim dma_gate
	ktap_print_header
	ktap_set_plan $#
	for name in "$@"; do
		setup
		set +e
		(
			load_pids=()
			trap clean_up EXIT
			set -e
			"$name"
		)
		status=$?
		(
			set -e
			teardown
		) || status=1
		set -e
		if [[ $status == 0 ]]; then
			ktap_test_pass "$name"
		elif [[ $status == 4 ]]; then
			ktap_test_skip "$name"
		else
			ktap_test_fail "$name"
		fi
	done
	ktap_finished
}
