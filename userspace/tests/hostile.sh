#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Trees that no module would make: neither the library nor the viewer crashes, leaks or reads what
# is not theirs. Both are built with AddressSanitizer and UndefinedBehaviorSanitizer here.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
bin=$BUILD/sanitized/bin
export ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1

# Every list in every form: each ends well or says why not; 99 and more are crashes.
survives() {
	local list form bad=

	for list in engines threads history tunables; do
		for form in --show=all --json --csv; do
			stat_run "$list" "$form" 0.01 2
			survived "$list $form"
		done
	done
	stat_run metrics
	survived metrics
	stat_run set MODE=off
	survived set
	[ ! "$bad" ]
}

survived() {
	if [ "$rc" -gt 1 ] || grep -q 'Sanitizer\|runtime error' "$work/err"; then
		echo "$1: status $rc"
		cat "$work/err"
		bad=1
	fi
}

recorded_tree() {
	rm -rf "${root:?}"
	cp -r "$here/trees/6.12/kernel/dma_affinity" "$root"
}

every_file() {
	find "$root" -type f -print0
}

test_recorded_tree() {
	recorded_tree
	survives
	stat_run 0.01 1
	[ "$rc" -eq 0 ]
}

test_garbage_in_every_file() {
	recorded_tree
	every_file | while IFS= read -r -d '' file; do
		head -c 5000 /dev/urandom > "$file"
	done
	survives
}

test_huge_files() {
	recorded_tree
	every_file | while IFS= read -r -d '' file; do
		head -c 3000000 /dev/zero | tr '\0' 7 > "$file"
	done
	survives
}

test_empty_files() {
	recorded_tree
	every_file | while IFS= read -r -d '' file; do
		: > "$file"
	done
	survives
}

test_folders_for_files() {
	recorded_tree
	every_file | while IFS= read -r -d '' file; do
		rm "$file"
		mkdir "$file"
	done
	survives
}

test_links_that_lead_nowhere() {
	recorded_tree
	every_file | while IFS= read -r -d '' file; do
		rm "$file"
		ln -s "$file" "$file"
	done
	ln -s nowhere "$root/engines/dangling"
	survives
}

test_files_for_folders() {
	recorded_tree
	rm -r "$root/engines" "$root/stats"
	echo 1 | tee "$root/engines" > "$root/stats"
	survives
}

test_huge_numbers_and_rows() {
	recorded_tree
	every_file | while IFS= read -r -d '' file; do
		echo 18446744073709551615 > "$file"
	done
	table threads "2147483647 18446744073709551615 x 18446744073709551615 18446744073709551615 18446744073709551615 narrowed ff ffffffff,ffffffff,ffffffff,ffffffff"
	table history "18446744073709551615 2147483647 a b 429496.72 -429496.72 success"
	survives
}

test_tree_that_comes_and_goes() {
	local pid

	while [ ! -e "$work/stop" ]; do
		rm -rf "${root:?}"
		cp -r "$here/trees/6.12/kernel/dma_affinity" "$root" 2> /dev/null || :
	done &
	pid=$!
	survives || rc=99
	touch "$work/stop"
	wait "$pid"
	[ "$rc" -ne 99 ]
}

# Inputs are made by a generator that starts from the same seed each time.
test_fuzzed_files() {
	local index=0 name

	mkdir -p "$work/corpus"
	cp -r "$here/trees/6.12" "$work/tree"
	for name in threads history MODE MAX_MOVES stats/ticks; do
		{ printf '%b\0' "\\x0$index"; cat "$here/trees/6.12/kernel/dma_affinity/$name"; } > "$work/corpus/$index"
		index=$((index + 1))
	done
	FUZZ_TREE=$work/tree "$tools/fuzz" -seed=1 -runs="${FUZZ_RUNS:-2000}" -max_len=4096 -verbosity=0 \
		-artifact_prefix="$work/" "$work/corpus"
}

run_tests
