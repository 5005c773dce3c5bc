#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the guest: packages_install_guest.sh PACKAGES BUILT KERNEL... installs the packages of the
# folder PACKAGES on a Debian with these kernels (folders of tools/vm/kernels), uses them under systemd
# and removes them. BUILT holds what DKMS made of the same sources outside, where compiling is quick.
set -euo pipefail

packages=$1
built=$2
kernels=("${@:3}")
names=(dma-affinity-dkms dma-affinity-tools libdmaaff0 libdmaaff-dev)
modules=(dma_affinity dma_gate dma_engine_sim)
aff=/sys/kernel/dma_affinity
conf=/etc/dma-affinity.conf
# Programs of the build folder are not to be taken for those of the packages.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export DEBIAN_FRONTEND=noninteractive
unset LD_LIBRARY_PATH

. "$KSFT_DIR/kselftest/ktap_helpers.sh"

# Kernels and headers as their packages leave them; of the modules those alone that ours need.
install_kernels() {
	local folder release from

	umount "/lib/modules/$(uname -r)"
	for folder in "${kernels[@]}"; do
		release=$(< "$folder/release")
		from=$folder/lib/modules/$release
		mkdir -p "/lib/modules/$release/kernel/fs"
		cp -r "$from/kernel/fs/configfs" "/lib/modules/$release/kernel/fs/"
		cp "$from"/modules.{order,builtin,builtin.modinfo} "/lib/modules/$release/"
		ln -s "$folder/headers" "/lib/modules/$release/build"
		depmod "$release"
	done
}

# What DKMS calls to compile: puts there what it has made of the same sources.
install_make() {
	cat > /usr/local/bin/make <<-END
	#!/bin/bash
	[[ \$* == *M=* ]] || exec /usr/bin/make "\$@"
	[[ \$* != *\ clean ]] || exit 0
	[[ \$* =~ KERNELRELEASE=([^ ]+).*\ M=([^ ]+) ]] || exit 1
	cd "$built/\${BASH_REMATCH[1]}/\$(uname -m)/module" || exit 1
	for module in *.ko; do
		cp "\$module" "\${BASH_REMATCH[2]}/\${module%.ko}/"
	done
	END
	chmod +x /usr/local/bin/make
}

# A reload of systemd takes seconds under emulation, and units that came meanwhile are found without one.
install_systemctl() {
	cat > /usr/local/bin/systemctl <<-'END'
	#!/bin/sh
	case " $* " in
	*" daemon-reload "*) exit 0 ;;
	esac
	exec /bin/systemctl "$@"
	END
	chmod +x /usr/local/bin/systemctl
}

# A Debian on which systemd has nothing else to do.
prepare() {
	install_kernels
	install_make
	install_systemctl
	rm -rf /lib/systemd/system/*.wants /etc/systemd/system/*.wants /lib/systemd/system-generators \
		/usr/sbin/policy-rc.d /var/lib/man-db/auto-update
}

# inside COMMAND...: where systemd is the first process
inside() {
	nsenter -t "$systemd_pid" -m -p -- "$@"
}

is_running() {
	systemd_pid=$(pgrep -f '^/lib/systemd/systemd --system')
	[[ -n $systemd_pid && -e /run/systemd/private ]] && inside systemctl is-system-running --quiet
}

start_systemd() {
	unshare --fork --pid --mount-proc env container=vm /lib/systemd/systemd --system \
		--unit=basic.target --log-target=null --show-status=0 &
	for _ in $(seq 600); do
		! is_running || return 0
		sleep 0.2
	done
	inside systemctl --failed --no-legend | sed 's/^/# /'
	echo "Bail out! systemd does not come up"
	exit 1
}

# What there is, but for DKMS's own key and what dpkg writes of itself.
everything() {
	find /etc /lib/modules /lib/systemd /usr/local /var/lib/dkms /var/lib/systemd ! -name 'mok.*'
	find /usr/src /usr/bin /usr/include /usr/lib/"$(uname -m)"-linux-gnu /usr/share/doc -maxdepth 1
	find /usr/share/man /usr/share/bash-completion /usr/share/zsh ! -type d -cnewer /run/started
	dpkg-query -W 'dma-affinity*' 'libdmaaff*' 2> /dev/null || true
}

# is_loaded: whether any module is
is_loaded() {
	local module

	for module in "${modules[@]}"; do
		[[ ! -d /sys/module/$module ]] || return 0
	done
	return 1
}

# is FILE VALUE: of the module's
is() {
	echo "# $1 is $(< "$aff/$1")"
	[[ $(< "$aff/$1") == "$2" ]]
}

said() {
	sed 's/^/# said: /' /run/said
	grep -qxF -- "$1" /run/said
}

# service VERB: what its programs said is in /run/said
service() {
	: > /run/said
	inside systemctl "$1" dma-affinity
}

they_are_installed() {
	inside dpkg -i "$packages"/*.deb
}

modules_are_built_for_every_kernel() {
	local folder module

	for folder in "${kernels[@]}"; do
		for module in "${modules[@]}"; do
			modinfo -k "$(< "$folder/release")" -n "$module" | grep '/updates/dkms/' || return 1
		done
	done
}

modules_are_signed() {
	[[ $(modinfo -F signer dma_affinity) == "DKMS module signing key" ]]
}

nothing_is_loaded_by_installing() {
	! is_loaded
}

service_loads_the_module_with_the_settings() {
	printf '%s\n' 'MODE = monitor' 'HOLDOFF = 33' > "$conf"
	service start && is MODE monitor && is HOLDOFF 33
}

installed_program_reads_the_module() {
	[[ $(dmaaff-stat --csv tunables --show name,value | grep -c ',MODE,monitor$') == 1 ]]
}

# What the service writes for node_exporter.
figures=/var/lib/prometheus/node-exporter/dma_affinity.prom

has_figures() {
	grep -qx 'dmaaff_mode{dmaaff_mode="monitor"} 1' "$figures" && [[ $(tail -n 1 "$figures") == '# EOF' ]]
}

metrics_service_writes_figures() {
	inside systemctl start dma-affinity-metrics || return 1
	for _ in $(seq 300); do
		! has_figures || return 0
		sleep 0.2
	done
	inside systemctl status --no-pager dma-affinity-metrics
	return 1
}

metrics_service_leaves_no_old_figures() {
	inside systemctl stop dma-affinity-metrics && [[ ! -e $figures ]]
}

reload_makes_the_settings_again() {
	echo 'MODE = advise' > "$conf"
	service reload && is MODE advise && is HOLDOFF 33
}

wrong_line_is_named_and_reload_changes_nothing() {
	printf '%s\n' 'MODE = off' '' 'HOLDOFF = 9999' > "$conf"
	! service reload &&
		said "dmaaff-stat: $conf:3: HOLDOFF cannot be '9999': allowed is 0-3600 s" &&
		is MODE advise && is HOLDOFF 33
}

stop_unloads_the_module() {
	service stop && ! is_loaded
}

start_with_a_wrong_line_leaves_nothing_loaded() {
	! service start && ! is_loaded && said "dmaaff-stat: $conf:3: HOLDOFF cannot be '9999': allowed is 0-3600 s"
}

# Whatever is in use then.
they_are_removed() {
	echo 'MODE = monitor' > "$conf"
	inside systemctl enable --no-reload dma-affinity && service start && modprobe -a "${modules[@]}" && is_loaded &&
		inside dpkg -r "${names[@]}"
}

removing_unloads_the_modules() {
	! is_loaded
}

settings_are_kept_until_a_purge() {
	[[ $(< "$conf") == "MODE = monitor" ]] && inside dpkg -P "${names[@]}" && [[ ! -e $conf ]]
}

nothing_is_left() {
	rm -rf /run/systemd/system/dma-affinity.service.d
	everything > /run/after
	diff /run/before /run/after | sed 's/^/# /'
	cmp -s /run/before /run/after
}

tests=(they_are_installed modules_are_built_for_every_kernel modules_are_signed
	nothing_is_loaded_by_installing service_loads_the_module_with_the_settings
	installed_program_reads_the_module metrics_service_writes_figures
	metrics_service_leaves_no_old_figures reload_makes_the_settings_again
	wrong_line_is_named_and_reload_changes_nothing stop_unloads_the_module
	start_with_a_wrong_line_leaves_nothing_loaded they_are_removed
	removing_unloads_the_modules settings_are_kept_until_a_purge nothing_is_left)

prepare
mkdir -p /run/systemd/system/dma-affinity.service.d
printf '%s\n' '[Service]' 'StandardError=append:/run/said' > /run/systemd/system/dma-affinity.service.d/said.conf
start_systemd
touch /run/started
everything > /run/before
ktap_print_header
ktap_set_plan "${#tests[@]}"
for name in "${tests[@]}"; do
	if "$name" > /run/log 2>&1; then
		ktap_test_pass "$name"
	else
		sed 's/^\(# \)*/# /' /run/log
		ktap_test_fail "$name"
	fi
done
kill -KILL "$systemd_pid"
ktap_finished
