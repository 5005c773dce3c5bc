#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host. Each check of the debug kernel bites: a module makes a mistake for it, the log
# holds the report of that, and the run fails. In one boot are mistakes whose reports leave the
# other checks as they are: lockdep is off after its first report, and after any of KASAN.
# With KERNEL=kcsan it is that kernel, and a data race.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
vm=$here/../../tools/vm
kernel=debug
[[ ${KERNEL-} != kcsan ]] || kernel=kcsan
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

. "${KSFT_DIR:-$("$vm/kernels" --path 6.12)/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

# load [BUG,BUG...]: sets $status and $reason; the kernel's log is in $scratch/log.
load() {
	status=0
	"$vm/run" --kernel "$kernel" --log "$scratch/log" -- modprobe dma_splat_test ${1:+"bugs=$1"} \
		2> "$scratch/said" || status=$?
	reason=$(tail -n 1 "$scratch/said")
	# The log that a failed run leaves is of no use here.
	[[ $reason != *"(log: "*/console.log\) ]] || rm -r "$(dirname "${reason##*(log: }")"
}

# reported BUG TEXT: by the last boot.
reported() {
	if [[ $status == 125 ]] && grep -qF "$2" "$scratch/log"; then
		ktap_test_pass "$1 is_reported"
	else
		echo "# status $status: $reason"
		ktap_test_fail "$1 is_reported"
	fi
}

# What is in order is not reported.
nothing_reported() {
	if [[ $status == 0 ]]; then
		ktap_test_pass "no_mistake_is_not_reported"
	else
		echo "# status $status: $reason"
		ktap_test_fail "no_mistake_is_not_reported"
	fi
}

races() {
	ktap_set_plan 3
	load
	nothing_reported
	load unmarked_race
	reported unmarked_race "KCSAN: data-race in count_without_lock"
	load race_in_kernel
	reported race_in_kernel "KCSAN: data-race in __bitmap"
}

mistakes() {
	ktap_set_plan 12
	load
	nothing_reported
	load rcu_unlocked,sleep_in_atomic,shift_too_far,free_timer,list_twice,unmap_too_much,lock_order,use_after_free,leak
	reported rcu_unlocked "WARNING: suspicious RCU usage"
	reported sleep_in_atomic "BUG: sleeping function called from invalid context"
	reported shift_too_far "UBSAN: shift-out-of-bounds"
	reported free_timer "ODEBUG: free active"
	reported list_twice "list_add double add"
	reported unmap_too_much "frees DMA memory with different size"
	reported lock_order "WARNING: possible circular locking dependency"
	reported use_after_free "KASAN: slab-use-after-free"
	reported leak "10 new suspected memory leaks"
	load wait_in_raw_lock
	reported wait_in_raw_lock "BUG: Invalid wait context"
	load irq_lock
	reported irq_lock "WARNING: inconsistent lock state"
}

ktap_print_header
if [[ $kernel == kcsan ]]; then
	races
else
	mistakes
fi
ktap_finished
