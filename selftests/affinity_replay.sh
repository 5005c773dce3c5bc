#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Recordings of dma_affinity, decided on again by dmaaff-lab.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

recording=$scratch/recording

# trace-cmd saves all of the kernel's symbols, which takes longer than what is done here.
: > "$scratch/no_symbols"
mount --bind "$scratch/no_symbols" /proc/kallsyms
trap 'umount /proc/kallsyms; rm -rf "$scratch"' EXIT

# record: from before MODE leaves off, a worker is moved out of a crowd; once for all
# tests that look at it.
record() {
	local recorder

	[[ ! -e $recording ]] || return 0
	put MODE off
	dmaaff-stat record -o "$recording" -- \
		bash -c "touch $scratch/begun; until [[ -e $scratch/end ]]; do sleep 0.2; done" \
		> "$scratch/errors" 2>&1 &
	recorder=$!
	# Events are enabled before the buffer takes them: only what it runs comes after both.
	poll_until 60 test -e "$scratch/begun"
	put MODE manage
	narrowed_worker
	poll_until 30 judged
	loads_end
	put MODE off
	touch "$scratch/end"
	wait "$recorder"
}

# replay STATUS WORDS ARG...: dmaaff-lab ends with it and says so.
replay() {
	local expected=$1 words=$2 status=0

	shift 2
	dmaaff-lab replay "$@" > "$scratch/replayed" 2>&1 || status=$?
	[[ $status == "$expected" && $(< "$scratch/replayed") == *"$words"* ]] ||
		complain "replay $* ended with $status: $(< "$scratch/replayed")"
}

# recorded EVENT: how many of these there are in the recording.
recorded() {
	trace-cmd report -i "$recording" -F "dma_affinity:$1" 2> /dev/null |
		grep -c " $1: "
}

same_decisions_are_made_again() {
	record
	replay 0 "$(recorded tick) ticks, $(recorded decision) moves: all as recorded" \
		"$recording"
	[[ $(recorded decision) -gt 0 ]]
}

no_budget_drops_every_move() {
	record
	replay 0 ", 0 replayed: 0 the same, $(recorded decision) dropped, 0 added" \
		--set MAX_MOVES=0 "$recording"
}

tunables_as_recorded_change_nothing() {
	record
	replay 0 " 0 dropped, 0 added" --set MIGRATION_THRESHOLD=10 --set MAX_MOVES=auto \
		"$recording"
}

# some_ticks: for a second there is something to record.
some_ticks() {
	dmaaff-load --threads 2 --cpus 0-1 --seconds 1
}

# with_a_stop: those that empty the kernel's buffers, children of our parent as we are,
# do not for a while.
with_a_stop() {
	local -a recorders

	mapfile -t recorders < <(pgrep -P $PPID | grep -vx $$)
	echo manage > "$aff/MODE"
	some_ticks
	kill -STOP "${recorders[@]}"
	some_ticks
	kill -CONT "${recorders[@]}"
	some_ticks
}

events_that_are_lost_are_told() {
	put MODE off
	export aff
	export -f some_ticks with_a_stop
	trace-cmd record -q -b 8 -C mono -e dma_affinity -o "$scratch/lossy" \
		bash -c with_a_stop > "$scratch/errors" 2>&1
	replay 2 "record with a larger buffer" "$scratch/lossy"
}

run_tests_together same_decisions_are_made_again \
	no_budget_drops_every_move \
	tunables_as_recorded_change_nothing \
	events_that_are_lost_are_told
