# SPDX-License-Identifier: GPL-2.0
#
# Builds everything into build/. `make help` lists what else there is.

BUILD := $(CURDIR)/build
KERNELS := 6.12 6.1

# ARCH=arm64 builds modules for that, ARCH='amd64 arm64' for both.
ARCH := amd64

# Without a word from make -s; sub-makes and scripts ask the same way.
quiet := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(quiet),@:,@echo "  $(1)")

MAKEFLAGS += --no-print-directory

all: userspace vm lab modules

help:
	@echo 'make             build everything into build/: programs, libraries, modules for Linux $(KERNELS)'
	@echo 'make KDIR=DIR    the same, with modules for the kernel whose headers are in DIR'
	@echo 'make ARCH=arm64  the same, with modules for arm64'
	@echo 'make demo        see a stock kernel move threads off a drowning engine'
	@echo 'make test        all checks and tests; ends with "N passed, N failed"'
	@echo 'make test-full   what make test leaves out: real DMA drivers of arm64, a debug kernel, the cost, packages'
	@echo 'make soak HOURS=8  the selftests on kernels that watch themselves, long storms and fuzzing, over and over'
	@echo 'make coverage    which lines of the modules the selftests run, on the debug kernel; takes hours'
	@echo 'make bench       does it make machines better: scenarios with it, without, and pinned by hand, in VMs'
	@echo '                 SCENARIOS="a b" some of them (tools/bench/scenarios), KERNEL=6.1 on that kernel'
	@echo 'make bench-cost  count what dma_affinity costs, in instructions and bytes'
	@echo 'make package     Debian packages, into build/package/: modules by DKMS, programs, library'
	@echo 'make install     on this machine; KDIR, DESTDIR and PREFIX are honoured'
	@echo 'make clean       remove build/'

userspace:
	@$(MAKE) -C userspace BUILD=$(BUILD)

lab:
	@$(MAKE) -C tools/lab BUILD=$(BUILD)

vm:
	@mkdir -p $(BUILD)/vm
	+@flock $(BUILD)/vm/lock $(MAKE) -C tools/vm BUILD=$(BUILD)

ifdef KDIR
modules: modules-given
else
modules: $(foreach arch,$(ARCH),$(addprefix modules-$(arch)-,$(KERNELS)))
endif

modules-given:
	$(call say,MODULES  $(KDIR))
	+@tools/modules $(KDIR) $(BUILD)

modules-%: arch = $(firstword $(subst -, ,$*))
modules-%: version = $(lastword $(subst -, ,$*))
modules-%:
	$(call say,MODULES  Linux $(version) $(arch))
	@tools/vm/kernels $(if $(quiet),--quiet) --arch $(arch) $(version)
	+@tools/modules "$$(tools/vm/kernels --path --arch $(arch) $(version))/headers" $(BUILD)

install: KDIR ?= /lib/modules/$(shell uname -r)/build
install: userspace lab
	+@tools/modules $(KDIR) $(BUILD) modules_install
	@$(MAKE) -C userspace BUILD=$(BUILD) install
	@$(MAKE) -C tools/lab BUILD=$(BUILD) install

demo:
	@tools/setup
	@$(MAKE) all
	@tools/demo/demo

test:
	@tools/setup
	@$(MAKE) -s all
	@tools/test/run

# Boards of arm64 in QEMU have real DMA drivers: the modules are built for them as well.
test-full:
	@tools/setup
	@$(MAKE) -s ARCH='amd64 arm64' all
	@tools/test/run full

# Everything there is of trouble, for so many hours.
soak:
	@tools/setup
	@$(MAKE) -s all
	@tools/test/run soak $(or $(HOURS),1)

# Which lines of the modules the selftests run: TESTS picks some.
coverage:
	@tools/setup
	@$(MAKE) -s all
	@tools/test/coverage

# Does it make machines better? SCENARIOS and KERNEL pick some.
bench:
	@tools/setup
	@$(MAKE) -s all
	@tools/bench/bench $(addprefix --kernel ,$(KERNEL)) $(SCENARIOS)

# Debian packages of it all.
package:
	@tools/setup
	+@tools/packaging/build $(BUILD)
	@ls $(BUILD)/package/*.deb

# What dma_affinity costs, in instructions and bytes.
bench-cost:
	@tools/setup
	@$(MAKE) -s all
	@tools/bench/cost

clean:
	rm -rf $(BUILD)

.PHONY: all help userspace vm lab modules install demo test test-full bench bench-cost soak coverage package clean
