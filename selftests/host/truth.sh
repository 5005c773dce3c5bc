#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host, in the exact mode of tools/vm/run: every figure of an engine beside
# what the simulated engine knows of itself, as means over ten seconds.
# $KERNEL names another kernel than both.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
vm=$here/../../tools/vm
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

. "${KSFT_DIR:-$("$vm/kernels" --path 6.12)/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

# Styles of engine, loads of each, figures of each load; two changes of speed and one of size; and what
# was dropped.
cases=$((7 * (10 + 4 + 4) + 2 + 1 + 1))

# What may be off: percent points, transfers or a twentieth, a tenth of the latency (a
# quarter below a fifth of the load), a twentieth of the capacity where the engine was saturated.
judge() {
	awk '
		function off(x) { return x < 0 ? -x : x }
		{ name = $1 " " $2; ok = $4 == $5 }
		$3 == "utilisation" { busy = $5; ok = off($4 - $5) <= 2 }
		$3 == "depth" { ok = off($4 - $5) <= ($5 > 1 ? 0.05 * $5 : 0.05) }
		$3 == "latency_us" { ok = off($4 - $5) <= (busy >= 20 ? 0.1 : 0.25) * $5 }
		$3 == "capacity_bps" { ok = off($4 - $5) <= 0.05 * $5 || $1 !~ /^(saturated|halved|restored|resized)$/ }
		{ print ok ? "pass" : "fail", $1 "_" $2 "_" $3, $4, $5 }'
}

test_kernel() {
	local verdict name measured true count=0

	"$vm/run" --kernel "$kernel" --exact --nodes 2 --cpus 4 --timeout 1200 \
		--add "$here/truth_guest.sh" -- "$here/truth_guest.sh" > "$scratch/figures" ||
		echo "# the run failed"
	while read -r verdict name measured true; do
		count=$((count + 1))
		if [[ $verdict == pass ]]; then
			ktap_test_pass "$kernel $name"
		else
			echo "# $name is $measured, truly $true"
			ktap_test_fail "$kernel $name"
		fi
	done < <(judge < "$scratch/figures")
	while ((count++ < cases)); do
		ktap_test_fail "$kernel a figure that was not reported"
	done
}

read -ra kernels <<< "${KERNEL:-6.12 6.1}"
ktap_print_header
ktap_set_plan $((cases * ${#kernels[@]}))
for kernel in "${kernels[@]}"; do
	test_kernel
done
ktap_finished
