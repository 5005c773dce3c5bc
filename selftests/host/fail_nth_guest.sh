#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What fail_nth.sh runs in the VM; $1 is the folder of the installed selftests, of long sweeps
# every $2th point is tried.
set -euo pipefail

tests=$1
every=$2
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$tests/lib.sh"

sim=/sys/kernel/config/dma_engine_sim
aff=/sys/kernel/dma_affinity
faults=/sys/kernel/debug

# aim FOLDER: at what is done for a module, by itself or by what it calls.
aim() {
	echo 0 > "$faults/$1/verbose"
	echo 32 > "$faults/$1/stacktrace-depth"
	# Where x86-64 puts modules.
	echo 0xffffffffa0000000 > "$faults/$1/require-start"
	echo 0xffffffffff000000 > "$faults/$1/require-end"
}

# Nor does a whole page: each new one of any slab would be a point, wherever it is asked for, in whose
# place what the module asks for would not fail. No address is within an empty range.
spare_pages() {
	echo 1 > "$faults/fail_page_alloc/require-start"
	echo 1 > "$faults/fail_page_alloc/require-end"
}

# kmemleak's own notes do not fail: it would give up for good, and are none of the modules'.
spare_kmemleak() {
	local begin end

	read -r begin end < <(awk '
		begin { print begin, $1; exit }
		$3 == "__alloc_object" { begin = $1 }' /proc/kallsyms)
	echo "0x$begin" > "$faults/failslab/reject-start"
	echo "0x$end" > "$faults/failslab/reject-end"
}

# sweep NAME ARG...: by fail_nth; what it prints is why, if it fails.
sweep() {
	local name=$1 said status=0 begun=$SECONDS

	shift
	said=$("$tests/fail_nth" "$@" 2>&1) || status=$?
	echo "# $name: $said; $((SECONDS - begun)) s"
	if [[ $status == 0 ]]; then
		ktap_test_pass "$name"
	else
		ktap_test_fail "$name"
	fi
}

# leaked: each report of kmemleak in a line, but those that the kernel's own registration of a
# channel leaves where device_register() fails: the name that it had given it.
leaked() {
	awk '
		/^unreferenced object/ { if (report) print report; report = "" }
		{ report = report " " $0 }
		END { if (report) print report }' "$faults/kmemleak" |
		grep -v 'dev_set_name.*__dma_async_device_channel_register' || :
}

# look_for_leaks: kmemleak trusts nothing younger than five seconds, and reports nothing that has
# changed since the last look. How many it suspects, of whatever kind, is a notice that would
# fail the run: not on the console. Warnings are.
look_for_leaks() {
	local all=/sys/module/printk/parameters/ignore_loglevel

	sleep 6
	echo N > "$all"
	echo 5 > /proc/sys/kernel/printk
	echo scan > "$faults/kmemleak"
	echo scan > "$faults/kmemleak"
	echo Y > "$all"
}

# With all modules gone.
nothing_of_the_modules_is_leaked() {
	local reports

	rmmod dma_gate dma_engine_sim
	look_for_leaks
	reports=$(leaked)
	if [[ $reports ]]; then
		echo "# ${reports//$'\n'/$'\n# '}"
		ktap_test_fail "${FUNCNAME[0]}"
		return
	fi
	# The rest is known, and not to be reported again.
	echo clear > "$faults/kmemleak"
	ktap_test_pass "${FUNCNAME[0]}"
}

# What goes through the gate is counted: what failed in between left no engine unwatched.
engine_is_watched_after_all() {
	local engine before

	engine=$aff/engines/$(< "$sim/one/dev_name")
	before=$(< "$engine/ops")
	if "$tests/fail_nth" copy > /dev/null && [[ $(< "$engine/ops") -gt $before ]]; then
		ktap_test_pass "${FUNCNAME[0]}"
	else
		echo "# ops were $before and are $(< "$engine/ops")"
		ktap_test_fail "${FUNCNAME[0]}"
	fi
}

file_of() {
	modinfo -n "$1"
}

ktap_print_header
ktap_set_plan 14
aim failslab
aim fail_usercopy
echo N > "$faults/failslab/ignore-gfp-wait"
spare_kmemleak
spare_pages

sweep dma_engine_sim_is_loaded load "$(file_of dma_engine_sim)"
sweep dma_gate_is_loaded load "$(file_of dma_gate)"
modprobe -a dma_engine_sim dma_gate
sweep a_gate_is_opened open /dev/dma_gate
sweep an_engine_is_made mkdir "$sim/one"
mkdir "$sim/one"
sweep an_engine_gets_live write "$sim/one/live" 1 0
sweep dma_affinity_is_loaded -e "$every" load "$(file_of dma_affinity)"
modprobe dma_affinity
sweep an_engine_gets_live_while_watched -e "$every" write "$sim/one/live" 1 0
sweep history_gets_another_size write "$aff/AFFINITY_HISTORY" 8 16
sweep a_thread_is_opted_out write "$aff/OPTED_OUT" $$ none
echo 1 > "$sim/one/live"
echo off > "$aff/MODE"
sweep the_watch_begins write "$aff/MODE" manage off
rmmod dma_affinity
sweep dma_affinity_is_loaded_where_an_engine_is -e "$every" load "$(file_of dma_affinity)"
modprobe dma_affinity
sweep a_gate_copies copy
engine_is_watched_after_all
rmmod dma_affinity
echo force > "$sim/one/live"
rmdir "$sim/one"
nothing_of_the_modules_is_leaked
ktap_finished
