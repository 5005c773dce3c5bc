#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each command in each form, by valgrind: nothing is read that was never written or is not theirs, and
# all memory is released.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

watch=(valgrind --quiet --error-exitcode=99 --leak-check=full
	"--errors-for-leak-kinds=definite,indirect,possible" "--suppressions=$here/ncurses.supp")

# clean ARG...: dmaaff-stat ends well, and valgrind, which would say so on stderr, has no complaint
clean() {
	rc=0
	"${watch[@]}" "$bin/dmaaff-stat" "$@" > "$work/out" 2> "$work/err" || rc=$?
	echo "$*: $rc"
	cat "$work/err"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
}

# in_each_form COMMAND ARG...
in_each_form() {
	clean "$@"
	clean "$@" --json
	clean "$@" --csv
}

test_lists() {
	local kernel

	for kernel in 6.1 6.12; do
		in_each_form -r "$here/trees/$kernel" engines 0.01 2
		in_each_form -r "$here/trees/$kernel" threads
		in_each_form -r "$here/trees/$kernel" history
		in_each_form -r "$here/trees/$kernel" tunables
		clean -r "$here/trees/$kernel" metrics
	done
	clean -r "$here/trees/6.12" -t -z -y --show all 0.01 2
	clean -r "$here/trees/6.12" metrics -o "$work"
}

test_recordings() {
	local recording

	for recording in 6.1-whole 6.12-whole; do
		in_each_form report "$here/recordings/$recording.dat"
		clean explain "$("$bin/dmaaff-stat" report "$here/recordings/$recording.dat" --json |
			"$tools/jsonlines" /moves/0/tid)" "$here/recordings/$recording.dat"
		clean plot "$here/recordings/$recording.dat" -o "$work/page.html"
		clean plot "$here/recordings/$recording.dat" -o "$work/plot.svg"
	done
}

test_settings() {
	rm -r "${root:?}"
	cp -r "$here/trees/6.12/kernel/dma_affinity" "$root"
	clean set MODE=monitor HOLDOFF=20
	printf '%s\n' '# a file' 'MODE = advise' 'HOLDOFF = 30' > "$work/conf"
	clean apply "$work/conf"
	[ "$(cat "$root/MODE" "$root/HOLDOFF")" = advise30 ]
}

test_full_screen() {
	rc=0
	TERM=xterm script -qec "stty rows 60 cols 200
		exec ${watch[*]} --log-file='$work/log-of-valgrind' '$bin/dmaaff-stat' -r '$here/trees/6.12' top 0.1 3" \
		/dev/null < /dev/null > "$work/out" || rc=$?
	cat "$work/log-of-valgrind"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/log-of-valgrind" ]
	grep -q dma_engine_sim.0 "$work/out"
}

test_load() {
	LD_PRELOAD=$tools/gate.so "${watch[@]}" "$bin/dmaaff-load" --threads 2 --seconds 0.3 --json > "$work/out" 2> "$work/err"
	cat "$work/err"
	[ ! -s "$work/err" ]
	"$tools/jsonlines" /threads/1/tid < "$work/out"
}

run_tests
