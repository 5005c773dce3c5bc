#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A thread that somebody opts out gets its mask back and is not moved any more, until it is
# said otherwise or it ends. OPTED_OUT is a list of such threads.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

ESRCH="No such process"
ENOSPC="No space left"

# is_let_alone: the worker has its own mask, and keeps it beside a hot engine.
is_let_alone() {
	poll_until 10 is_state "$worker" optout ||
		complain "the worker is '$(state "$worker")'"
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
	pass_ticks 100
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
	is_state "$worker" optout
}

# sleeper: a process that does nothing: $sleeper.
sleeper() {
	sleep 3600 &
	sleeper=$!
}

ends() {
	kill -KILL "$1"
	wait "$1" 2> /dev/null || :
}

moved_thread_gets_its_mask_back() {
	narrowed_worker
	put OPTED_OUT "$worker"
	is_let_alone
}

thread_not_seen_yet_is_let_alone() {
	worker
	put OPTED_OUT "+$worker"
	crowd
	tell work > /dev/null
	is_let_alone
}

thread_is_moved_when_it_is_taken_back() {
	worker
	put OPTED_OUT "$worker"
	crowd
	tell work > /dev/null
	is_let_alone
	put OPTED_OUT "-$worker"
	expect OPTED_OUT none
	gets_moved c
}

# A thread that does exec() gets the first one's number: who was opted out has ended, ...
thread_that_did_exec_is_another() {
	local other

	worker
	other=$(tell other)
	put OPTED_OUT "$other"
	tell work > /dev/null
	poll_until 10 is_state "$other" optout || complain "the other is '$(state "$other")'"
	crowd
	[[ $(tell exec) == "$worker" ]]
	expect OPTED_OUT none
	gets_moved c
}

# ... or it is the one that was.
number_of_who_did_exec_stays_opted_out() {
	local other

	worker
	other=$(tell other)
	put OPTED_OUT "$worker"
	tell work > /dev/null
	poll_until 10 is_state "$other" free || complain "the other is '$(state "$other")'"
	crowd
	[[ $(tell exec) == "$worker" ]]
	expect OPTED_OUT "$worker"
	is_let_alone
}

# An outcome that nobody waits for is none, and one that is given is given once.
mode_and_unload_find_nothing_to_give_back() {
	narrowed_worker
	put OPTED_OUT "$worker"
	is_let_alone
	put MODE off
	expect OPTED_OUT "$worker"
	put MODE manage
	tell work > /dev/null
	is_let_alone
	rmmod dma_affinity
	has_mask "$worker" "$all_cpus" || complain "unload made it $(mask "$worker")"
}

list_is_replaced_and_added_to() {
	local a b c

	expect OPTED_OUT none
	sleeper
	a=$sleeper
	sleeper
	b=$sleeper
	sleeper
	c=$sleeper
	keeps OPTED_OUT "$a"
	keeps OPTED_OUT "$a,$b"
	keeps OPTED_OUT "$b"
	keeps OPTED_OUT "+$c,$a" "$b,$c,$a"
	keeps OPTED_OUT "+$c,$c" "$b,$c,$a"
	keeps OPTED_OUT "-$b,$a" "$c"
	keeps OPTED_OUT "-$b" "$c"
	keeps OPTED_OUT "$a,$a" "$a"
	keeps OPTED_OUT none
}

bad_lists_change_nothing() {
	local gone

	sleeper
	gone=$sleeper
	ends "$gone"
	sleeper
	put OPTED_OUT "$sleeper"
	refuses "$EINVAL" OPTED_OUT "" x + - +none "$sleeper," ",$sleeper" "$sleeper $sleeper" \
		"+$sleeper,-$sleeper" "++$sleeper" "--$sleeper" 0x1 1.5 none,1 "$sleeper"$'\n' \
		"$sleeper"$'\n'",$sleeper"
	refuses "$ERANGE" OPTED_OUT 0 +0 -0 2147483648 99999999999999999999
	refuses "$ESRCH" OPTED_OUT "$gone" "+$gone" "$sleeper,$gone" "-$gone"
}

thread_that_ended_is_not_shown() {
	local first

	sleeper
	first=$sleeper
	sleeper
	put OPTED_OUT "$first,$sleeper"
	ends "$first"
	expect OPTED_OUT "$sleeper"
}

# Shells may write a long line in pieces, and each would be a list.
write_list() {
	echo "$1" | dd of="$aff/OPTED_OUT" bs=4096 iflag=fullblock status=none
}

number_used_again_is_another_thread() {
	local number

	sleeper
	number=$sleeper
	put OPTED_OUT "$number"
	ends "$number"
	worker
	[[ $(tell "fork $number") == "$number" ]] || complain "the number did not come again"
	expect OPTED_OUT none
}

list_has_an_end() {
	local list="" i

	for i in {1..256}; do
		sleeper
		list+=",$sleeper"
	done
	write_list "${list#,}"
	expect OPTED_OUT "${list#,}"
	sleeper
	refuses "$ENOSPC" OPTED_OUT "+$sleeper"
	fails_with "$ENOSPC" write_list "$sleeper$list"
	expect OPTED_OUT "${list#,}"
	# Who ended makes room.
	ends "${list##*,}"
	keeps OPTED_OUT "+$sleeper" "$(list=${list%,*}; echo "${list#,}"),$sleeper"
}

# Numbers are those of who reads and writes; a thread that has none there is not shown.
other_namespaces_see_their_own_threads() {
	local inside=(unshare --fork --pid --kill-child)

	sleeper
	put OPTED_OUT "$sleeper"
	[[ $("${inside[@]}" cat "$aff/OPTED_OUT") == none ]]
	# shellcheck disable=SC2016 # for the other shell
	fails_with "$ESRCH" "${inside[@]}" bash -c 'echo "$2" > "$1"' - "$aff/OPTED_OUT" "+$sleeper"
	# shellcheck disable=SC2016 # for the other shell
	[[ $("${inside[@]}" sh -c 'echo +1 > "$1"; cat "$1"' - "$aff/OPTED_OUT") == 1 ]]
	expect OPTED_OUT "$sleeper"
}

run_tests moved_thread_gets_its_mask_back \
	thread_not_seen_yet_is_let_alone \
	thread_is_moved_when_it_is_taken_back \
	thread_that_did_exec_is_another \
	number_of_who_did_exec_stays_opted_out \
	mode_and_unload_find_nothing_to_give_back \
	list_is_replaced_and_added_to \
	bad_lists_change_nothing \
	thread_that_ended_is_not_shown \
	number_used_again_is_another_thread \
	list_has_an_end \
	other_namespaces_see_their_own_threads
