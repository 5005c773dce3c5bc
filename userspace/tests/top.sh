#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-stat top, in a terminal that tmux keeps: what is on the screen, and what keys do.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
unset TMUX

# A server of its own for each: one that ends refuses who comes before it is gone.
started=0
terminal() {
	tmux -S "$work/tmux$tests.$started" -f /dev/null "$@"
}

screen() {
	terminal capture-pane -p -t top
}

shows() {
	screen | grep -qF -- "$1"
}

shows_not() {
	! shows "$1"
}

# What the screen is of, unless a test says otherwise.
kernel=6.12

# start COLUMNS LINES [WHAT IT RUNS UNDER]
start() {
	rm -rf "${root:?}" "$work/ended"
	cp -r "$here/trees/$kernel/kernel/dma_affinity" "$root"
	started=$((started + 1))
	terminal new-session -d -s top -x "$1" -y "$2" \
		"LC_ALL=C.UTF-8 ${*:3} '$bin/dmaaff-stat' top 60; echo ended with \$? | tee '$work/ended'; sleep 60"
	poll_until shows 'q quit'
}

end() {
	terminal send-keys -t top "$@"
	poll_until test -s "$work/ended"
	terminal kill-server
	[ "$(< "$work/ended")" = 'ended with 0' ]
}

# The screen, without the time of day.
still() {
	screen | sed -E 's/20[0-9-]{8}T[0-9:]{8}Z/TIME/' > "$work/screen"
	cat "$work/screen"
	if [ "${UPDATE:-}" ]; then
		cp "$work/screen" "$here/golden/$1"
	fi
	diff -u "$here/golden/$1" "$work/screen"
}

# screens COLUMNS LINES: of the trees of both kernels
screens() {
	for kernel in 6.1 6.12; do
		start "$1" "$2"
		still "$kernel-top-$1x$2.txt"
		end q
	done
}

test_screen_of_80x24() {
	screens 80 24
}

test_screen_of_120x40() {
	screens 120 40
}

test_screen_of_200x60() {
	screens 200 60
}

test_screen_without_utf8() {
	start 80 24 env LC_ALL=C
	screen | LC_ALL=C grep -q '[^ -~]' && return 1
	end q
}

test_resized_screen_is_drawn_anew() {
	start 120 40
	terminal resize-window -t top -x 80 -y 24
	poll_until shows_not LATENCY_us
	still 6.12-top-80x24.txt
	end q
}

test_small_screen_is_no_harm() {
	start 80 24
	terminal resize-window -t top -x 30 -y 6
	poll_until shows 'too small'
	terminal resize-window -t top -x 80 -y 24
	poll_until shows DEM_MB/s
	end q
}

test_filter_leaves_the_rest_out() {
	start 80 24
	terminal send-keys -t top / sim.1 Enter
	poll_until shows 'filter: sim.1'
	[ "$(screen | grep -c '^dma_engine_sim')" -eq 1 ]
	[ "$(screen | grep -c '^ *4200')" -eq "$(grep -c sim.1 "$root/threads")" ]
	end q
}

test_sort_is_said_and_done() {
	start 80 24
	terminal send-keys -t top Tab s s
	poll_until shows 'sorted by TID'
	[ "$(screen | awk '/^ *4200/ { print $1 }' | paste -sd ' ')" = "$(awk 'NR > 1 && NF { print $1 }' "$root/threads" | sort -n | paste -sd ' ')" ]
	end q
}

# The keys that choose it in the list: $to_holdoff
way_to_holdoff() {
	mapfile -t to_holdoff < <("$bin/dmaaff-stat" tunables --csv --show name |
		awk -F , 'NR > 1 { if ($2 == "HOLDOFF") exit; print "Down" }')
}

test_tunable_is_changed_after_a_yes() {
	start 80 24
	way_to_holdoff
	terminal send-keys -t top t "${to_holdoff[@]}" Enter 20 Enter
	poll_until shows 'Change HOLDOFF from 10 to 20? (y/n)'
	[ "$(< "$root/HOLDOFF")" = 10 ]
	terminal send-keys -t top y Enter
	poll_until shows 'HOLDOFF is 20 now'
	[ "$(< "$root/HOLDOFF")" = 20 ]
	end q
}

test_tunable_stays_after_a_no() {
	start 80 24
	way_to_holdoff
	terminal send-keys -t top t "${to_holdoff[@]}" Enter 20 Enter
	poll_until shows '(y/n)'
	terminal send-keys -t top n Enter
	poll_until shows 'q quit'
	[ "$(< "$root/HOLDOFF")" = 10 ]
	end q
}

test_refused_value_is_told_on_the_screen() {
	start 120 24 env LD_PRELOAD="$tools/refuse.so" REFUSE_FILE=HOLDOFF REFUSE_ERRNO=34
	way_to_holdoff
	terminal send-keys -t top t "${to_holdoff[@]}" Enter 9999 Enter y Enter
	poll_until shows "HOLDOFF cannot be '9999': allowed is 0-3600 s"
	end q
}

test_thread_is_opted_out_and_taken_back() {
	start 80 24
	echo none > "$root/OPTED_OUT"
	terminal send-keys -t top o 42001 Enter
	poll_until shows 'thread 42001 is never moved from now on'
	[ "$(< "$root/OPTED_OUT")" = +42001 ]
	terminal send-keys -t top o -42001 Enter
	poll_until shows 'thread 42001 may be moved again'
	[ "$(< "$root/OPTED_OUT")" = -42001 ]
	terminal send-keys -t top o 7 Escape
	poll_until shows 'q quit'
	terminal send-keys -t top o Enter
	end q
	[ "$(< "$root/OPTED_OUT")" = -42001 ]
}

test_thread_that_cannot_be_opted_out_is_told() {
	start 80 24 env LD_PRELOAD="$tools/refuse.so" REFUSE_FILE=OPTED_OUT REFUSE_ERRNO=3
	echo none > "$root/OPTED_OUT"
	terminal send-keys -t top o 42001 Enter
	poll_until shows 'there is no thread 42001'
	end q
	start 120 24 env LD_PRELOAD="$tools/refuse.so" REFUSE_FILE=OPTED_OUT REFUSE_ERRNO=22
	echo none > "$root/OPTED_OUT"
	terminal send-keys -t top o x Enter
	poll_until shows "OPTED_OUT cannot be '+x': allowed is none, or TID,TID"
	end q
}

# What part of a long list is shown is said where it hides no title.
test_place_in_a_long_list_leaves_the_titles() {
	start 80 24
	awk 'NR == 1 { printf "%-199s\n", "generation 99 rows 30"; next }
		{ for (i = 0; i < 15; i++) print }' "$here/trees/$kernel/kernel/dma_affinity/history" > "$root/history"
	terminal send-keys -t top z
	poll_until shows ' of 30'
	screen
	shows 'PROMISE% BROUGHT% RESULT'
	screen | grep -qE '^ +AT_s +TID FROM +TO  +1-[0-9]+ of 30 +PROMISE%'
	end q
}

test_help_comes_and_goes() {
	start 80 24
	terminal send-keys -t top '?'
	poll_until shows 'Press any key'
	terminal send-keys -t top x
	poll_until shows 'q quit'
	end q
}

test_module_that_goes_and_comes_is_told() {
	start 80 24
	mv "$root" "$work/aside"
	terminal send-keys -t top z
	poll_until shows "load it with 'modprobe dma_affinity'"
	mv "$work/aside" "$root"
	terminal send-keys -t top z
	poll_until shows 'on 3 engines'
	end q
}

test_interrupt_ends_it() {
	start 80 24
	end C-c
}

test_without_a_terminal_it_says_so() {
	stat_run top
	fails 1 "top needs a terminal"
}

run_tests
