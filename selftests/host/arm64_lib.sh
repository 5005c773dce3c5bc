# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What arm64_*.sh share: the guest's tests, on each kernel. Sourced.

root=$(realpath "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../..")

# run_guests MACHINE SCRIPT [OPTION]...: boots both kernels (or those of $KERNELS); what the
# script prints there is the result. Ends with what the worst of them ended with.
run_guests() {
	local host=$root/selftests/host machine=$1 script=$2 kernel kernels status worst=0

	shift 2
	read -ra kernels <<< "${KERNELS:-6.12 6.1}"
	echo "KTAP version 1"
	for kernel in "${kernels[@]}"; do
		status=0
		"$root/tools/vm/run" --arch arm64 --machine "$machine" --kernel "$kernel" \
			--add "$host/arm64_guest_lib.sh" --add "$host/$script" "$@" \
			-- sh "$host/$script" | sed -uE "s/^(not )?ok .*/&_on_$kernel/" || status=$?
		((status != 125 && worst)) || worst=$status
	done
	return "$worst"
}
