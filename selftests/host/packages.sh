#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host. The Debian packages: they can be built, are the same to the byte each time, Debian's
# own checker finds nothing, and everything is in them.
set -euo pipefail

root=$(realpath "$(dirname "$(realpath "$0")")/../..")
build=$root/build
packages=$build/package
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C

. "${KSFT_DIR:-$("$root/tools/vm/kernels" --path 6.12)/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

they_can_be_built() {
	"$root/tools/packaging/build" "$build" && sha256sum "$packages"/*.deb > "$scratch/first"
}

# In another folder, later: neither may show.
they_are_the_same_each_time() {
	"$root/tools/packaging/build" "$scratch/again" &&
		(cd "$scratch/again/package" && sha256sum -- *.deb) > "$scratch/second" &&
		diff <(sed "s|$packages/||" "$scratch/first") "$scratch/second"
}

lintian_finds_nothing() {
	lintian --allow-root --fail-on error,warning,info "$packages"/*.changes > "$scratch/lintian" 2>&1 &&
		! grep . "$scratch/lintian"
}

# has PACKAGE FILE...: each is in it.
has() {
	local package=$1 file missing=0

	shift
	dpkg-deb --fsys-tarfile "$packages/${package}"_*.deb | tar -t | sed 's|^\./||' > "$scratch/contents"
	for file; do
		grep -qx -- "$file" "$scratch/contents" || { echo "no $file"; missing=1; }
	done
	return "$missing"
}

the_modules_package_has_every_source() {
	local sources

	mapfile -t sources < <(cd "$root/kernel" && find . -type f -printf 'usr/src/dma-affinity-[0-9.]*/%P\n')
	[[ ${#sources[@]} -gt 50 ]] && has dma-affinity-dkms "${sources[@]}"
}

the_modules_package_builds_every_module() {
	dpkg-deb --fsys-tarfile "$packages"/dma-affinity-dkms_*.deb | tar -xO --wildcards "*/dkms.conf" |
		sed -n 's/^BUILT_MODULE_NAME.*="\(.*\)"/\1/p' | sort > "$scratch/built"
	(cd "$root/kernel" && ls -d -- */Kbuild) | xargs -n 1 dirname | sort | diff - "$scratch/built"
}

every_program_has_its_page() {
	local program pages=()

	for program in dmaaff-stat dmaaff-load dmaaff-lab; do
		pages+=("usr/bin/$program" "usr/share/man/man1/$program.1.gz")
	done
	has dma-affinity-tools "${pages[@]}" usr/share/man/man5/dma-affinity.conf.5.gz \
		usr/share/man/man7/dma_affinity.7.gz
}

every_completion_is_there() {
	local file names=()

	for file in "$root"/userspace/completions/*; do
		case $file in
		*.bash) names+=("usr/share/bash-completion/completions/$(basename "$file" .bash)") ;;
		*) names+=("usr/share/zsh/vendor-completions/$(basename "$file")") ;;
		esac
	done
	has dma-affinity-tools "${names[@]}"
}

the_programs_find_the_library_by_pkg_config() {
	local name

	mkdir "$scratch/installed"
	for name in libdmaaff0 libdmaaff-dev; do
		dpkg-deb -x "$packages/${name}"_*.deb "$scratch/installed"
	done
	printf '%s\n' '#include <dmaaff.h>' 'int main(void) { return dmaaff_delta((struct dmaaff_u64){ 0 },' \
		'	(struct dmaaff_u64){ 0 }).known; }' > "$scratch/user.c"
	export PKG_CONFIG_SYSROOT_DIR=$scratch/installed PKG_CONFIG_LIBDIR
	PKG_CONFIG_LIBDIR=$(dirname "$(find "$scratch/installed" -name libdmaaff.pc)")
	# shellcheck disable=SC2046 # words
	gcc -o "$scratch/user" "$scratch/user.c" $(pkg-config --cflags --libs libdmaaff) &&
		LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_LIBDIR") "$scratch/user" &&
		readelf -d "$scratch/user" | grep -q 'NEEDED.*libdmaaff\.so\.0'
}

the_library_exports_its_interface_alone() {
	nm -D --defined-only "$packages"/dma-affinity-*/debian/libdmaaff0/usr/lib/*/libdmaaff.so.0 |
		awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort > "$scratch/exported"
	grep -o '\bdmaaff_[a-z_]*(' "$root/userspace/libdmaaff/dmaaff.h" | tr -d '(' | sort -u > "$scratch/declared"
	[[ -s $scratch/exported ]] && diff "$scratch/exported" "$scratch/declared"
}

# dkms_says KERNEL CONFIG: what DKMS makes of such a kernel; nothing is compiled.
dkms_says() {
	local status=0

	rm -rf "$scratch/dkms"
	mkdir -p "$scratch/dkms"/{tree,modules,kernel}
	echo "$2" > "$scratch/dkms/kernel/.config"
	dpkg-deb -x "$packages"/dma-affinity-dkms_*.deb "$scratch/dkms/source"
	dkms build --dkmstree "$scratch/dkms/tree" --sourcetree "$scratch/dkms/source/usr/src" \
		--installtree "$scratch/dkms/modules" -m dma-affinity \
		-v "$(dpkg-deb -f "$packages"/dma-affinity-dkms_*.deb Version)" -k "$1" \
		--kernelsourcedir "$scratch/dkms/kernel" > "$scratch/dkms/log" 2>&1 || status=$?
	echo "# $1: $status"
	return "$status"
}

# excluded KERNEL [CONFIG]
excluded() {
	local status=0

	dkms_says "$1" "${2-$config}" || status=$?
	[[ $status == 77 ]]
}

# There is nothing to build with: it fails, later.
taken() {
	local status=0

	dkms_says "$1" "$config" || status=$?
	[[ $status != 0 && $status != 77 ]]
}

kernels_that_are_not_tested_are_left_out() {
	excluded 5.10.0-1-amd64 && excluded 6.0.0-1-amd64 && excluded 6.13.0-1-amd64 && excluded 7.1.0-1-amd64 &&
		taken 6.1.0-1-amd64 && taken 6.12.5-1-amd64
}

kernels_without_dmaengine_are_left_out() {
	excluded 6.12.5-1-cloud-amd64 "${config/CONFIG_DMA_ENGINE=y/}"
}

units=(dma-affinity dma-affinity-metrics)

# write_units: they name programs and pages that are not installed here.
write_units() {
	local name unit

	for name in "${units[@]}"; do
		unit=$(find "$packages"/dma-affinity-* -path "*/debian/*/lib/systemd/system/$name.service")
		sed "s|/usr/bin/|$build/bin/|" "$unit" > "$scratch/$name.service"
	done
}

the_services_are_well_formed() {
	write_units
	systemd-analyze verify --man=no "$scratch"/*.service > "$scratch/verify" 2>&1 || return 1
	! grep . "$scratch/verify"
}

the_services_are_hardened() {
	local name

	write_units
	for name in "${units[@]}"; do
		systemd-analyze security --offline=true --threshold=20 "$scratch/$name.service" | tail -n 1 ||
			return 1
	done
}

alerts_and_dashboard_are_there() {
	has dma-affinity-tools usr/share/dma-affinity/dma_affinity.{rules.yml,dashboard.json}
}

# What the kernels of both Debian versions have, as far as it is asked for.
config=$(cat <<'END'
CONFIG_DMADEVICES=y
CONFIG_DMA_ENGINE=y
CONFIG_KPROBES=y
CONFIG_DYNAMIC_FTRACE=y
CONFIG_TRACEPOINTS=y
CONFIG_CONFIGFS_FS=m
END
)

tests=(they_can_be_built they_are_the_same_each_time lintian_finds_nothing
	the_modules_package_has_every_source the_modules_package_builds_every_module
	every_program_has_its_page every_completion_is_there
	the_programs_find_the_library_by_pkg_config the_library_exports_its_interface_alone
	kernels_that_are_not_tested_are_left_out kernels_without_dmaengine_are_left_out
	the_services_are_well_formed the_services_are_hardened alerts_and_dashboard_are_there)

ktap_print_header
ktap_set_plan "${#tests[@]}"
for name in "${tests[@]}"; do
	if ("$name") > "$scratch/log" 2>&1; then
		ktap_test_pass "$name"
	else
		sed 's/^\(# \)*/# /' "$scratch/log"
		ktap_test_fail "$name"
	fi
done
ktap_finished
