# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Runs in the guest, for record: four threads that all start beside one of two engines, a third one
# that serves nobody and is reserved, and what the module shows of that, as an archive on stdout:
# tree/ and run.dat.
set -eu

sim=/sys/kernel/config/dma_engine_sim
aff=/sys/kernel/dma_affinity

# A figure that is not known cannot be read: it is left out.
copy_tree() {
	(cd $aff && find . -type d) | while read -r folder; do
		mkdir -p "/tmp/tree/$folder"
	done
	(cd $aff && find . -type f) | while read -r file; do
		cat "$aff/$file" > "/tmp/tree/$file" 2> /dev/null || rm "/tmp/tree/$file"
	done
}

# The tree is copied when moves have been judged, and while the threads are there.
watched() {
	echo manage > $aff/MODE
	dmaaff-load --threads 4 --size 128K --depth 4 --start-cpus 0-1 --seconds 2 > /dev/null &
	sleep 1.8
	copy_tree
	wait $!
	echo off > $aff/MODE
}

# engine NAME FILE=VALUE...
engine() {
	name=$1
	shift
	mkdir $sim/"$name"
	for pair; do
		echo "${pair#*=}" > $sim/"$name/${pair%%=*}"
	done
	echo 1 > $sim/"$name"/live
}

if [ "${1-}" = watched ]; then
	watched
	exit
fi
modprobe -a dma_engine_sim dma_gate
engine left node=0 bytes_per_sec=50000000
engine right node=1 bytes_per_sec=50000000 autosuspend_ms=500
engine private private=1
modprobe dma_affinity
echo off > $aff/MODE
echo rt > $aff/engines/"$(cat $sim/private/dev_name)"/RESERVED
# trace-cmd saves all of the kernel's symbols, which nobody asks for here.
: > /tmp/no_symbols
mount -o bind /tmp/no_symbols /proc/kallsyms
dmaaff-stat record -o /tmp/run.dat -- sh "$0" watched >&2
tar -c -C /tmp tree run.dat
