#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who may see and do what: root alone sets anything and sees whose threads there are,
# everybody sees figures of engines, nobody sees an address of the kernel.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

EACCES="Permission denied"
user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
# As the root of a container is: root to itself, a user to the machine.
container=("${user[@]}" unshare --user --map-root-user)

# With rows in every table, and all hooks at work.
with_rows() {
	narrowed_worker
	poll_until 20 at_least stats/moves 1
	[[ -n $(table threads) && -n $(table history) ]]
}

# has_figures WHO...: what says nothing of others' threads is there to read.
has_figures() {
	[[ $("$@" cat "$aff/engines/$(dev left)/ops") -gt 0 ]]
	[[ -n $("$@" cat "$aff/engines/$(dev left)/utilisation") ]]
	[[ $("$@" cat "$aff/MODE") == manage ]]
	[[ $("$@" cat "$aff/stats/moves") -ge 1 ]]
}

# is_denied WHO...: both tables, each file that root may set, the gate.
is_denied() {
	local file files before

	for file in threads history; do
		fails_with "$EACCES" "$@" cat "$aff/$file"
	done
	mapfile -t files < <(find "$aff" -type f -perm /0200)
	[[ ${#files[@]} -gt 10 ]] || complain "only ${#files[@]} files can be set"
	for file in "${files[@]}"; do
		before=$(cat "$file" 2>&1 || :)
		# shellcheck disable=SC2016 # for the other shell
		fails_with "$EACCES" "$@" sh -c 'echo "$2" > "$1"' - "$file" 0
		[[ $(cat "$file" 2>&1 || :) == "$before" ]] ||
			complain "$file was set"
	done
	# shellcheck disable=SC2016 # for the other shell
	fails_with "$EACCES" "$@" sh -c ': < "$1"' - /dev/dma_gate
	fails_with "$EACCES" "$@" mkdir "$sim/theirs"
}

users_see_figures() {
	with_rows
	has_figures "${user[@]}"
}

users_see_no_threads_and_set_nothing() {
	with_rows
	is_denied "${user[@]}"
}

root_of_a_container_sees_figures() {
	[[ $("${container[@]}" id -u) == 0 ]]
	with_rows
	has_figures "${container[@]}"
}

root_of_a_container_sees_no_threads_and_sets_nothing() {
	with_rows
	is_denied "${container[@]}"
}

no_file_shows_an_address_of_the_kernel() {
	dmesg -C
	with_rows
	find "$aff" "$sim" -type f -exec grep -H . {} + > "$scratch/shown" 2> /dev/null || :
	[[ $(wc -l < "$scratch/shown") -gt 100 ]]
	dmesg >> "$scratch/shown"
	! grep -E '\<(0x)?ffff[0-9a-f]{12}\>' "$scratch/shown" || complain "it does"
}

tracepoints_show_no_address_of_the_kernel() {
	mkdir "$tracing/instances/privilege"
	echo 1 > "$tracing/instances/privilege/events/dma_affinity/enable"
	with_rows
	echo 0 > "$tracing/instances/privilege/events/dma_affinity/enable"
	grep -v '^#' "$tracing/instances/privilege/trace" > "$scratch/shown"
	rmdir "$tracing/instances/privilege"
	[[ $(wc -l < "$scratch/shown") -gt 10 ]]
	! grep -E '\<(0x)?ffff[0-9a-f]{12}\>' "$scratch/shown" || complain "they do"
}

run_tests users_see_figures users_see_no_threads_and_set_nothing \
	root_of_a_container_sees_figures \
	root_of_a_container_sees_no_threads_and_sets_nothing \
	no_file_shows_an_address_of_the_kernel tracepoints_show_no_address_of_the_kernel
