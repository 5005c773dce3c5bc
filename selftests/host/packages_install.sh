#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host. The Debian packages are installed, used and removed on each kernel: DKMS compiles
# here, without touching anything of this machine, and the rest happens in VMs.
# $KERNELS names other kernels than both.
set -euo pipefail

root=$(realpath "$(dirname "$(realpath "$0")")/../..")
host=$root/selftests/host
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
PATH=$PATH:/usr/sbin:/sbin

read -ra kernels <<< "${KERNELS:-6.12 6.1}"
mapfile -t folders < <("$root/tools/vm/kernels" --path "${kernels[@]}")
ksft=$("$root/tools/vm/kernels" --path 6.12)/src/tools/testing/selftests

# compile FOLDER: for the kernel there
compile() {
	dkms build --dkmstree "$scratch/tree" --sourcetree "$scratch/source/usr/src" \
		--installtree "$scratch/modules" -m dma-affinity -v "$version" -k "$(< "$1/release")" \
		--kernelsourcedir "$1/headers"
}

"$root/tools/packaging/build" "$root/build"
dpkg-deb -x "$root"/build/package/dma-affinity-dkms_*.deb "$scratch/source"
version=$(dpkg-deb -f "$root"/build/package/dma-affinity-dkms_*.deb Version)
mkdir "$scratch/tree" "$scratch/modules"
for folder in "${folders[@]}"; do
	compile "$folder" > "$scratch/log" 2>&1 || {
		cat "$scratch/log" "$scratch"/tree/*/*/build/make.log 2> /dev/null || true
		echo "Bail out! DKMS could not build for $(< "$folder/release")"
		exit 1
	}
done

worst=0
echo "KTAP version 1"
for kernel in "${kernels[@]}"; do
	status=0
	"$root/tools/vm/run" --kernel "$kernel" --timeout 2400 -- env KSFT_DIR="$ksft" \
		"$host/packages_install_guest.sh" "$root/build/package" "$scratch/tree/dma-affinity/$version" \
		"${folders[@]}" | sed -uE "s/^(not )?ok .*/&_on_$kernel/" || status=$?
	((status == 0)) || worst=$status
done
exit "$worst"
