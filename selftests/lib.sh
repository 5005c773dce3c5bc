# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What all shell tests share: KTAP by the kernel's own helpers, modules, simulated
# engines, waiting. Sourced.

# Beside us once installed; KSFT_DIR says where when a test runs from the source tree.
selftests_dir=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=/dev/null
. "${KSFT_DIR:-$selftests_dir/..}/kselftest/ktap_helpers.sh"

# need_module NAME...: loads them; without them there is nothing to test, which is
# a skip (and so no pass).
need_module() {
	local module

	for module; do
		modprobe "$module" || {
			echo "# no module $module"
			exit "$KSFT_SKIP"
		}
	done
}

# need_module_anew NAME: nothing in it is of a test before.
need_module_anew() {
	[[ ! -d /sys/module/$1 ]] || rmmod "$1"
	need_module "$1"
}

# Nobody writes into it: reading from it with a timeout is a pause that needs no
# other program, which under emulation is a great part of what a test costs.
exec {selftests_pause}<> <(:)

# A kernel that checks whatever it does takes a multiple of the time.
case $(uname -r) in
*-debug | *-kcsan) slowness=4 ;;
*) slowness=1 ;;
esac
# A machine that is busy with other things may take twice its time.
patience=$((2 * slowness))

# poll_until SECONDS COMMAND...: tries it again and again until it succeeds, at most
# so long times $patience.
poll_until() {
	local end=$((SECONDS + $1 * patience + 1))

	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		read -rt 0.05 -u "$selftests_pause" || :
	done
}

# engine_create NAME [ATTRIBUTE=VALUE]...: a simulated engine, live; or none at all.
engine_create() {
	local folder=/sys/kernel/config/dma_engine_sim/$1 setting

	shift
	mkdir "$folder"
	for setting in "$@" live=1; do
		echo "${setting#*=}" > "$folder/${setting%%=*}" || {
			rmdir "$folder"
			return 1
		}
	done
}

# engine_remove NAME: takes it from whoever uses it. No engine is no error.
engine_remove() {
	local folder=/sys/kernel/config/dma_engine_sim/$1

	[[ -d $folder ]] || return 0
	echo force > "$folder/live"
	rmdir "$folder"
}

# A test's own processes end with it.
clean_up() {
	local pid

	set +e
	trap - ERR
	pid=$(jobs -p)
	# shellcheck disable=SC2086 # several
	[[ -z $pid ]] || { kill -KILL $pid; wait $pid; } 2> /dev/null
}

# failed_at COMMAND: which a test ended by, and from where it was called.
failed_at() {
	local i where=

	for ((i = 1; i < ${#FUNCNAME[@]}; i++)); do
		[[ ${FUNCNAME[i]} != run_test ]] || break
		where+=" ${FUNCNAME[i]}:${BASH_LINENO[i - 1]}"
	done
	echo "# failed:$where: $1" >&2
}

# run_test FUNCTION: it fails by its first command that does. Sets $status.
run_test() {
	set +e
	(
		trap clean_up EXIT
		trap 'failed_at "$BASH_COMMAND"' ERR
		set -eE
		"$1"
	)
	status=$?
	set -e
}

# report FUNCTION: what $status says of it.
report() {
	if [[ $status == 0 ]]; then
		ktap_test_pass "$1"
	elif [[ $status == "$KSFT_SKIP" ]]; then
		ktap_test_skip "$1"
	else
		ktap_test_fail "$1"
	fi
}
