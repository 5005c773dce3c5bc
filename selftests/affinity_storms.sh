#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same again and again, under load: no mask is other than its owner's after any of it, and in
# the end the engines' figures are true and no byte is wrong.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

probes=/sys/kernel/debug/kprobes/enabled

# rounds N: as many times as $ROUNDS says, but fewer on a slow kernel, whose checks tell more of each.
rounds() {
	seq $(($1 * ${ROUNDS:-1} / slowness))
}

# pause: up to a tenth of a second, so that things meet at all moments.
pause() {
	read -rt "0.0$((RANDOM % 90 + 10))" -u "$selftests_pause" || :
}

# skew ARG...: two that may not be moved ($bound), and two that may ($movable), all on node 0 at
# first.
skew() {
	load --threads 2 --start-cpus 0-1 --verify "$@"
	load --threads 2 --cpus 0 --verify "$@"
	# shellcheck disable=SC2031 # of the same test
	movable=${load_pids[0]} bound=${load_pids[1]}
	poll_until 30 is_awake
	# Before that they may not hear that they shall end.
	poll_until 30 has_begun "$movable"
	poll_until 30 has_begun "$bound"
}

is_awake() {
	at_least stats/ticks 10
}

# churn [N]: threads that come and go, or N processes at a time. churn_end: sets $churned to
# how many there were, $churned_bytes.
churn() {
	coproc CHURN { exec "$here/affinity_churn" "$@"; }
	read -r -t 60 churn <&"${CHURN[0]}" || complain "no churn"
}

churn_end() {
	local pid=$CHURN_PID

	eval "exec ${CHURN[1]}>&-"
	read -r -t 60 churned churned_bytes <&"${CHURN[0]}" || complain "no churn in the end"
	wait "$pid"
	[[ $churned -gt 0 ]]
}

# Whatever was narrowed has been given back: of the two of skew.
masks_are_theirs() {
	threads_have "$bound" 1 && threads_have "$movable" "$all_cpus"
}

# they_get_their_masks_back: what is still narrowed, too; what moves is counted on. MODE is monitor
# then.
they_get_their_masks_back() {
	put MODE monitor
	poll_until 10 masks_are_theirs > /dev/null || masks_are_theirs
}

# engines_say FIGURE: its sum over both, ours and their own.
engines_say() {
	echo $(($(get "engines/$(dev left)/$1") + $(get "engines/$(dev right)/$1")))
}

truth_says() {
	echo $(($(truth left "$1") + $(truth right "$1")))
}

# bytes_are_right [MORE]: the engines moved what their clients were told; all but dmaaff-load
# were told MORE.
bytes_are_right() {
	local told

	loads_end
	told=$(($(loads_bytes) + ${1-0}))
	[[ $(truth_says bytes) == "$told" ]] ||
		complain "the engines moved $(truth_says bytes) bytes, clients were told $told"
}

# Of a module that has been there all the time.
figures_are_true() {
	local name

	for name in bytes ops; do
		poll_until 10 is_true "$name" ||
			complain "$name: $(engines_say "$name"), in truth $(truth_says "$name")"
	done
	expect stats/dropped 0
}

is_true() {
	[[ $(engines_say "$1") == "$(truth_says "$1")" ]]
}

unloaded_and_loaded() {
	local round

	skew
	churn
	for round in $(rounds 50); do
		pause
		rmmod dma_affinity
		masks_are_theirs || complain "round $round"
		threads_have "$churn" "$all_cpus" || complain "round $round"
		modprobe dma_affinity
	done
	poll_until 30 is_awake
	churn_end
	bytes_are_right "$churned_bytes"
}

engines_removed_and_added() {
	local round

	skew --fallback
	for round in $(rounds 20); do
		engine_remove right
		pause
		engine_create right node=1 bytes_per_sec="$speed" || complain "round $round"
		pause
	done
	right_works_and_is_watched
}

provider_unloaded_and_loaded() {
	local round

	for round in $(rounds 10); do
		skew --fallback
		another_move_comes
		engine_remove left
		engine_remove right
		pause
		expect MODE manage
		they_get_their_masks_back || complain "round $round"
		put MODE manage
		# Until then they hold it.
		loads_end
		poll_until 20 rmmod dma_engine_sim 2> /dev/null ||
			complain "round $round: $(rmmod dma_engine_sim 2>&1)"
		modprobe dma_engine_sim
		engines
	done
	skew --fallback
	another_move_comes
	right_works_and_is_watched
}

another_move_comes() {
	moves_come $(($(get stats/moves) + 1)) 1
}

# As it was made last.
right_works_and_is_watched() {
	local moved

	expect MODE manage
	they_get_their_masks_back
	put MODE manage
	poll_until 60 truth_beyond right 1000000 ||
		complain "only $(truth right bytes) bytes in the end"
	loads_end
	moved=$(truth right bytes)
	poll_until 10 reads "engines/$(dev right)/bytes" "$moved" 2> /dev/null ||
		complain "$(get "engines/$(dev right)/bytes") bytes, in truth $moved"
	expect MODE manage
}

# Who has to do with them ends, or waits until it is killed.
engines_hang_fail_and_are_slow() {
	local round engine

	for round in $(rounds 10); do
		skew
		another_move_comes
		for engine in left right; do
			echo $((50 + RANDOM % 400)) > "$sim/$engine/slow_percent"
			echo $((RANDOM % 2)) > "$sim/$engine/fail_next"
		done
		pause
		for engine in left right; do
			echo $((RANDOM % 3)) > "$sim/$engine/hang_next"
		done
		pause
		expect MODE manage
		they_get_their_masks_back || complain "round $round"
		put MODE manage
		{ kill -KILL "${load_pids[@]}" && wait "${load_pids[@]}"; } 2> /dev/null || :
		load_pids=()
		engine_remove left
		engine_remove right
		engines
	done
	rm -f "$scratch"/load.*
	skew
	another_move_comes
	they_get_their_masks_back
	loads_end
	figures_are_true
}

# Takes a thread there as well, whichever way.
truth_beyond() {
	[[ $(truth "$1" bytes) -gt $2 ]] || {
		taskset -ap c "$movable" > /dev/null
		return 1
	}
}

cpus_removed_and_added() {
	local round cpu

	skew
	for round in $(rounds 50); do
		cpu=/sys/devices/system/cpu/cpu$((RANDOM % 3 + 1))/online
		echo 0 > "$cpu"
		pause
		echo 1 > "$cpu" || complain "round $round"
		pause
	done
	expect MODE manage
	moves_come 1 1
	they_get_their_masks_back
	bytes_are_right
}

# Hands off: what they set stands from then on.
masks_set_by_others() {
	local round tids tid masks=(3 c 6 7 e "$all_cpus") mask

	skew
	churn
	tids=("/proc/$movable/task"/*)
	for round in $(rounds 100); do
		# The first of them only waits.
		tid=${tids[1 + RANDOM % 2]##*/}
		mask=${masks[RANDOM % 6]}
		taskset -p "$mask" "$tid" > /dev/null
		pause
		has_mask "$tid" "$mask" ||
			complain "round $round: $tid has $(mask "$tid"), not $mask"
	done
	churn_end
	loads_end
	figures_are_true
}

cpusets_set_by_others() {
	local round

	skew
	group_create start 0-1
	for round in $(rounds 50); do
		echo "$movable" > "$group.start/cgroup.procs"
		pause
		threads_have "$movable" 3 || complain "round $round"
		echo "$movable" > /sys/fs/cgroup/cgroup.procs
		pause
		threads_have "$movable" "$all_cpus" || complain "round $round"
	done
	loads_end
	figures_are_true
}

# While they are off nobody tells us who sets masks; that they are on again is enough.
probes_turned_off_and_on() {
	local round

	narrowed_worker
	put MAX_MOVES 0
	for round in $(rounds 20); do
		fails_with busy eval "echo 0 > /proc/sys/kernel/ftrace_enabled" ||
			complain "round $round"
		echo 0 > "$probes"
		pause
		echo 1 > "$probes"
		pause
	done
	taskset -p c "$worker" > /dev/null
	poll_until 10 is_state "$worker" holdoff ||
		complain "the worker is '$(state "$worker")'"
	has_mask "$worker" c || complain "its mask is $(mask "$worker")"
	loads_end
	tell rest > /dev/null
	figures_are_true
}

# A tracer of the very functions that we hook, and our events, come, stay and go.
traced_by_others() {
	local round

	skew
	echo ':mod:dma_engine_sim' > "$tracing/set_ftrace_filter"
	for round in $(rounds 20); do
		echo function > "$tracing/current_tracer"
		echo 1 > "$tracing/events/dma_affinity/enable"
		pause
		((round % 3)) || {
			rmmod dma_affinity
			masks_are_theirs || complain "round $round"
			modprobe dma_affinity
		}
		echo nop > "$tracing/current_tracer"
		((round % 2)) || echo 0 > "$tracing/events/dma_affinity/enable"
		pause
	done
	echo > "$tracing/set_ftrace_filter"
	poll_until 30 is_awake
	they_get_their_masks_back
	bytes_are_right
}

# More than there is room for comes and goes, and none of it is charged to another.
threads_come_and_go() {
	skew
	churn
	pass_ticks 500
	pass_ticks 500
	they_get_their_masks_back
	poll_until 10 threads_have "$churn" "$all_cpus" > /dev/null ||
		threads_have "$churn" "$all_cpus"
	churn_end
	# Fewer than there are places would prove nothing.
	[[ $churned -gt 64 ]] || complain "only $churned threads"
	loads_end
	figures_are_true
	poll_until 20 table_is_empty || complain "$(table threads)"
}

table_is_empty() {
	[[ -z $(table threads) ]]
}

# Each process submits and bears others, while the module goes.
processes_bear_processes() {
	local round

	skew
	# Where all take many times as long they would leave no CPU to anybody else.
	churn $((256 / (slowness * slowness)))
	for round in $(rounds 5); do
		poll_until 30 at_least stats/moves 1
		pause
		rmmod dma_affinity
		[[ $(masks_of_churn) == "$all_cpus" ]] ||
			complain "round $round: masks $(masks_of_churn)"
		masks_are_theirs || complain "round $round"
		modprobe dma_affinity
	done
	churn_end
	bytes_are_right "$churned_bytes"
}

# Each of them once.
masks_of_churn() {
	{ cat /proc/[0-9]*/status 2> /dev/null || :; } | awk '
		$1 == "Name:" { name = $2 }
		$1 == "Cpus_allowed:" && name == "affinity_churn" {
			sub(/^0+/, "", $2)
			print $2
		}' | sort -u
}

# Another's kprobes on the very functions that we hook.
probed_by_others() {
	local round hooks hook others=$tracing/events/kprobes

	skew
	mapfile -t hooks < <(awk '{ print $1 }' "$tracing/enabled_functions")
	[[ ${#hooks[@]} -ge 4 ]] || complain "only ${hooks[*]} are hooked"
	for round in $(rounds 20); do
		for hook in "${hooks[@]}"; do
			echo "p:others_$hook $hook" >> "$tracing/kprobe_events"
		done
		echo 1 > "$others/enable"
		pause
		((round % 3)) || {
			rmmod dma_affinity
			masks_are_theirs || complain "round $round"
			modprobe dma_affinity
			pause
		}
		awk '{ hits += $2 } END { exit !hits }' "$tracing/kprobe_profile" ||
			complain "round $round: others saw nothing"
		echo 0 > "$others/enable"
		echo > "$tracing/kprobe_events"
	done
	poll_until 30 is_awake
	they_get_their_masks_back
	bytes_are_right
}

# What a suspend does to threads; then they go on.
threads_frozen_and_thawed() {
	local round

	skew
	echo 0 > /sys/module/suspend/parameters/pm_test_delay
	echo freezer > /sys/power/pm_test
	for round in $(rounds 20); do
		echo freeze > /sys/power/state || complain "round $round"
		pause
	done
	echo none > /sys/power/pm_test
	expect MODE manage
	they_get_their_masks_back
	bytes_are_right
	figures_are_true
}

# Backtraces of all CPUs by NMI, of all threads, and of what was traced.
looked_at_by_sysrq() {
	local key size

	skew
	# A number, or "7 (expanded: 1408)" while nobody has written to it.
	size=$(< "$tracing/buffer_size_kb")
	size=${size##*: }
	echo 4 > "$tracing/buffer_size_kb"
	echo 1 > "$tracing/events/dma_affinity/enable"
	for key in l t w q m l z; do
		echo $key > /proc/sysrq-trigger
		pause
	done
	echo 0 > "$tracing/events/dma_affinity/enable"
	# The dump stops it.
	echo 1 > "$tracing/tracing_on"
	echo "${size%)}" > "$tracing/buffer_size_kb"
	expect MODE manage
	they_get_their_masks_back
	bytes_are_right
	figures_are_true
}

# Something takes all memory, again and again, and is killed for that: by the kernel where that
# finds nothing more to free soon.
memory_runs_out() {
	local round hog before more vm=/proc/sys/vm mm=/sys/kernel/mm pages=/proc/sys/vm/nr_hugepages

	skew
	# Nor do those who come after a failure have to do without.
	kept=()
	trap 'there_is_memory; clean_up' EXIT
	for_now "$vm/oom_dump_tasks" 0
	# An emulated kernel that moves pages together does nothing else for minutes.
	for_now "$mm/transparent_hugepage/enabled" never
	for_now "$vm/compaction_proactiveness" 0
	# Most of it is held where nobody looks for something to free. In pieces it is had at
	# the second or third time.
	for round in 1 2 3; do
		echo 3 > "$vm/drop_caches"
		more=$(awk '/^MemAvailable:/ { print int(($2 / 1024 - 96) / 2) }' /proc/meminfo)
		echo $(($(< "$pages") + more)) > "$pages"
	done
	takes_all_memory > /dev/null 2>&1 &
	hog=$!
	# Who takes it is killed where programs lose their own text to it within a second, not
	# only where there is nothing more to lose.
	for_now "$mm/lru_gen/enabled" y
	for_now "$mm/lru_gen/min_ttl_ms" 1000
	for round in $(rounds 4); do
		before=$(waits_for_memory)
		poll_until 60 waited_for_memory "$before" ||
			complain "round $round: there is memory: $(grep -E '^(MemA|HugePages_T)' /proc/meminfo)"
		expect MODE manage
		rmmod dma_affinity
		masks_are_theirs || complain "round $round"
		modprobe dma_affinity
	done
	kill "$hog"
	pkill -KILL -x dd || :
	poll_until 30 is_awake
	they_get_their_masks_back
	bytes_are_right
}

# The others go on for a while before it comes again.
takes_all_memory() {
	while :; do
		(
			echo 1000 > /proc/self/oom_score_adj
			# Whom the kernel kills where it wants another one at once: does nothing.
			read -rt 60 -u "$selftests_pause" &
			exec timeout -s KILL $((15 * patience)) \
				dd if=/dev/zero of=/dev/null bs=1G count=1
		) || :
		read -rt 2 -u "$selftests_pause" || :
	done
}

# for_now FILE VALUE: a setting of the kernel's, where it has that, until there_is_memory again.
for_now() {
	local was

	[[ -e $1 ]] || return 0
	was=$(< "$1")
	# One of several words is in brackets.
	was=${was#*[}
	kept=("$1" "${was%%]*}" "${kept[@]}")
	echo "$2" > "$1"
}

there_is_memory() {
	set -- "${kept[@]}"
	while (($#)); do
		echo "$2" > "$1"
		shift 2
	done
	echo 0 > /proc/sys/vm/nr_hugepages
}

# waits_for_memory: how often somebody had to wait until some was freed, or was killed for it.
waits_for_memory() {
	awk '/^(allocstall_|oom_kill )/ { sum += $2 } END { print sum }' /proc/vmstat
}

waited_for_memory() {
	[[ $(waits_for_memory) -gt $1 ]]
}

run_tests unloaded_and_loaded \
	engines_removed_and_added \
	provider_unloaded_and_loaded \
	engines_hang_fail_and_are_slow \
	cpus_removed_and_added \
	masks_set_by_others \
	cpusets_set_by_others \
	probes_turned_off_and_on \
	traced_by_others \
	probed_by_others \
	threads_come_and_go \
	processes_bear_processes \
	threads_frozen_and_thawed \
	looked_at_by_sysrq \
	memory_runs_out
