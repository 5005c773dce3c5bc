# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of dma_affinity share: two equal engines, "left" on node 0 and
# "right" on node 1, each serving its node's two CPUs, and none on further nodes; a crowd
# that keeps one of them busy and must not be moved; a worker that may be. Sourced.

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
	all_cpus=$(printf '%x' $(((1 << $(nproc)) - 1)))
	speed=5000000
	load_pids=()
	scratch=$(mktemp -d)
}
trap 'rm -rf "$scratch"' EXIT

# complain WORD...: say why a test fails, and fail.
complain() {
	echo "# ${*//$'\n'/$'\n# '}"
	return 1
}

# put FILE VALUE, get FILE, expect FILE VALUE: of /sys/kernel/dma_affinity.
put() {
	echo "$2" > "$aff/$1"
}

get() {
	local value

	read -r value < "$aff/$1" || return
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

# keeps FILE VALUE [PRINTED]: the value is taken, and reads so.
keeps() {
	put "$1" "$2"
	expect "$1" "${3:-$2}"
}

# refuses MESSAGE FILE VALUE...: each write fails so, and the old value stands.
refuses() {
	local message=$1 file=$2 old value

	shift 2
	read -r old < "$aff/$file"
	for value in "$@"; do
		fails_with "$message" put "$file" "$value"
		expect "$file" "$old"
	done
}

# dev ENGINE: its name under engines/. truth ENGINE NAME: what it says of itself.
dev() {
	echo "$(< "$sim/$1/dev_name")"
}

truth() {
	echo "$(< "$sim/$1/truth_$2")"
}

# truth_beyond N: the left one has moved more bytes.
truth_beyond() {
	[[ $(truth left bytes) -gt $1 ]]
}

# mask TID: the CPUs it may run on, in hexadecimal, as short as may be.
mask() {
	local seen

	see_mask "$1"
	echo "$seen"
}

has_mask() {
	local seen

	see_mask "$1"
	[[ $seen == "$2" ]]
}

# see_mask TID: sets $seen. Polled, so without a shell of its own.
see_mask() {
	local lines line

	seen=
	mapfile -t lines < "/proc/$1/status"
	for line in "${lines[@]}"; do
		[[ $line != Cpus_allowed:* ]] ||
			printf -v seen '%x' "0x${line##*[[:blank:]]}"
	done
}

# at_least FILE N: a figure has come so far.
at_least() {
	local value

	read -r value < "$aff/$1" && [[ $value -ge $2 ]]
}

# reads FILE VALUE: it does by now.
reads() {
	local value

	read -r value < "$aff/$1" && [[ $value == "$2" ]]
}

# still FILE: it has not changed for a while.
still() {
	local before

	before=$(get "$1")
	! poll_until 1 changed "$1" "$before"
}

changed() {
	[[ $(get "$1") != "$2" ]]
}

# Does something not happen? Not if it has not in so many ticks, each of which
# could have done it.
pass_ticks() {
	poll_until 60 at_least stats/ticks $(($(get stats/ticks) + $1)) ||
		complain "there were no $1 ticks"
}

# table NAME: its rows without the first and without blank ones. Polled, so without
# another program.
table() {
	local rows row

	mapfile -t -s 1 rows < "$aff/$1"
	for row in "${rows[@]}"; do
		[[ -z ${row// } ]] || echo "$row"
	done
}

# state TID: as the table of threads says.
state() {
	local columns

	while read -ra columns; do
		[[ ${columns[0]} != "$1" ]] || echo "${columns[6]}"
	done < <(table threads)
}

is_state() {
	[[ $(state "$1") == "$2" ]]
}

# judged: what became of some move is known.
judged() {
	local columns

	while read -ra columns; do
		[[ ${columns[6]} == pending ]] || return 0
	done < <(table history)
	return 1
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
		awk -F: '{ sum += $2 } END { printf "%.0f", sum }'
}

# crowd: three threads on node 0 that share one CPU, and so may not be moved; and a
# slow one on node 1 that may, though it has nowhere to go: without it there
# would be no ticks.
crowd() {
	load --threads 1 --depth 1 --size 4096 --rate 200K --cpus 2-3
	load --threads 3 --depth 4 --cpus 0
	poll_until 20 at_least "engines/$(dev left)/threads" 3 ||
		complain "no crowd"
}

# worker_with MASK GROUP: starts on node 0, by the means of a cpuset which it then
# leaves for that of GROUP: so no user has ever set its mask, but where MASK is
# given. It is $worker, listens to `tell`, and rests at first.
worker_with() {
	worker_mask=$1
	worker_group=${2:+$group.$2}
	group_create start 0-1
	coproc WORKER { in_group start exec "$here/affinity_worker" rest; }
	read -r -t 60 worker <&"${WORKER[0]}" || complain "no worker"
	leave_start
}

# worker: of no GROUP and no MASK.
worker() {
	worker_with "" ""
}

leave_start() {
	echo "$worker" > "${worker_group:-/sys/fs/cgroup}/cgroup.procs"
	[[ -z $worker_mask ]] || taskset -p "$worker_mask" "$worker" > /dev/null
}

# gets_moved MASK: the worker is narrowed to it. Where the scheduler has taken it to
# node 1 by itself there is nothing to do for the module, so it is taken back: that sets
# its mask, which must not count as a wish.
gets_moved() {
	local holdoff moved=yes

	holdoff=$(get HOLDOFF)
	put HOLDOFF 0
	poll_until 40 is_moved "$1" || moved=no
	put HOLDOFF "$holdoff"
	[[ $moved == yes ]] ||
		complain "not moved: $worker ($(mask "$worker")); $(table threads)"
}

is_moved() {
	if has_mask "$worker" "$1"; then
		# Not one that yields to us at once: we set it a moment ago, perhaps.
		pass_ticks 2
		has_mask "$worker" "$1"
		return
	fi
	comes_back "$1"
	return 1
}

# comes_back MASK: from node 1, if it is not narrowed to MASK by now.
comes_back() {
	local columns

	read -ra columns < "/proc/$worker/stat"
	if ((columns[38] >= 2)) && ! has_mask "$worker" "$1"; then
		echo "$worker" > "$group.start/cgroup.procs"
		leave_start
	fi
}

# moves_come N LOADS: so many moves are made. The scheduler spreads threads as it
# likes, and then there is nothing to move: so many of the first loads, of no mask of
# their own, are put back on node 0 again and again, in the way of gets_moved; and kept
# there until what they ask is known, for the scheduler may be the first to move them. Moves
# that were made before they were put back are undone by that.
moves_come() {
	local end=$((SECONDS + 120 * patience)) moves=$1 made holdoff pid

	! at_least stats/moves "$moves" || return 0
	set -- "${load_pids[@]:0:$2}"
	for pid; do
		poll_until 20 has_begun "$pid" || complain "not begun" || return 1
	done
	holdoff=$(get HOLDOFF)
	put HOLDOFF 0
	group_create start 0-1
	while :; do
		((SECONDS < end)) || complain "only $(get stats/moves) moves" ||
			return 1
		for pid; do
			echo "$pid" > "$group.start/cgroup.procs"
		done
		pass_ticks 100
		made=$(get stats/moves)
		for pid; do
			echo "$pid" > /sys/fs/cgroup/cgroup.procs
		done
		! poll_until 1 at_least stats/moves \
			$((made + 1 > moves ? made + 1 : moves)) || break
	done
	# What we set last is seen by now, and is no wish.
	pass_ticks 2
	put HOLDOFF "$holdoff"
}

# has_begun PID: all threads of a load but the first, which only waits, are in the table.
# Until then they ask where they may run, and set it: neither may see a cpuset change.
has_begun() {
	local tasks=("/proc/$1/task"/*) columns task known=" "

	[[ ${#tasks[@]} -gt 1 ]] || return 1
	while read -ra columns; do
		known+="${columns[0]} "
	done < <(table threads)
	for task in "${tasks[@]##*/}"; do
		[[ $task == "$1" || $known == *" $task "* ]] || return 1
	done
}

# threads_have PID MASK: all but the first, which only waits. A thread that ends has none.
threads_have() {
	local task tid seen

	for task in "/proc/$1/task"/*; do
		tid=${task##*/}
		[[ $tid != "$1" ]] || continue
		see_mask "$tid" 2> /dev/null || continue
		[[ -z $seen || $seen == "$2" ]] ||
			complain "$tid of $1 has $seen, not $2" || return
	done
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

# narrowed_worker: one that has just been moved to node 1.
narrowed_worker() {
	worker
	crowd
	tell work > /dev/null
	gets_moved c
}

engines() {
	engine_create left node=0 bytes_per_sec="$speed"
	engine_create right node=1 bytes_per_sec="$speed"
}

engines_and_module() {
	engines
	modprobe dma_affinity
}

setup() {
	engines_and_module
}

# Whatever the test was about, nothing was lost on the way.
teardown() {
	local dropped=0 left=0 online i

	for i in /sys/devices/system/cpu/cpu[1-9]*/online; do
		read -r online < "$i"
		[[ $online == 1 ]] || echo 1 > "$i"
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
	rm -f "$scratch"/load.*
	if [[ $left != 0 ]]; then
		complain "dma_affinity does not go"
	elif [[ $dropped != 0 ]]; then
		complain "stats/dropped is $dropped"
	else
		poll_until 10 nothing_is_pinned || complain "pages stay pinned"
	fi
}

# Anywhere in the system.
nothing_is_pinned() {
	local name count pinned=0

	# Counted per CPU: add up.
	echo 1 > /proc/sys/vm/stat_refresh
	while read -r name count; do
		case $name in
		nr_foll_pin_acquired) ((pinned += count)) || : ;;
		nr_foll_pin_released) ((pinned -= count)) || : ;;
		esac
	done < /proc/vmstat
	[[ $pinned == 0 ]]
}

start() {
	need_module dma_engine_sim dma_gate
	ktap_print_header
	ktap_set_plan $#
}

# run_tests FUNCTION...: each with engines and a module of its own.
run_tests() {
	local name status

	start "$@"
	for name in "$@"; do
		setup
		run_test "$name"
		teardown || status=1
		report "$name"
	done
	ktap_finished
}

# run_tests_together FUNCTION...: for those that leave the others in peace.
run_tests_together() {
	local name status

	start "$@"
	setup
	for name in "$@"; do
		run_test "$name"
		report "$name"
	done
	teardown
	ktap_finished
}
