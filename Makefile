# SPDX-License-Identifier: GPL-2.0-only
# Run "make help". Each target is a script in scripts/, which says what it does.

KERNEL ?= $(shell cat patches/default)
ISA ?= vmx
L0 ?=
export KERNEL ISA L0

LOCKED = @scripts/with-lock
# TEST may have patterns, which are of tests, not of files.
NO_GLOB = @set -f;

.PHONY: help demo report check check-list check-quick check-fresh check-debug check-modules check-selftests check-kernels check-fleet port bench l2 \
	tools tree apply refresh test programs mutate exitstat install clean \
	modules modules-load modules-unload deb check-dkms check-real

help:
	@scripts/help

demo:
	$(LOCKED) scripts/demo

report:
	$(LOCKED) scripts/report

check:
	$(NO_GLOB) scripts/with-lock scripts/check $(TEST)

check-list:
	$(NO_GLOB) scripts/check -l $(TEST)

check-quick:
	$(LOCKED) scripts/check -t host

test:
	$(LOCKED) scripts/check -t quick

check-fresh:
	$(LOCKED) scripts/check-fresh

check-debug:
	$(LOCKED) scripts/check -t debug

check-modules:
	$(LOCKED) scripts/check -t modules

check-selftests:
	$(LOCKED) scripts/check -t selftests

check-kernels:
	$(LOCKED) scripts/check-kernels $(KERNELS)

check-fleet:
	$(LOCKED) scripts/check -t fleet

port:
	$(LOCKED) scripts/port

mutate:
	$(LOCKED) scripts/mutate $(TEST)

bench:
	$(LOCKED) scripts/bench

l2:
	$(LOCKED) scripts/l2

tools:
	$(LOCKED) scripts/tools

tree:
	$(LOCKED) scripts/tree

modules:
	$(LOCKED) scripts/modules

deb:
	$(LOCKED) scripts/deb

check-dkms:
	$(LOCKED) scripts/check-dkms

check-real:
	$(LOCKED) scripts/check-real

modules-load:
	@scripts/modules-load

modules-unload:
	@scripts/modules-unload

apply:
	@scripts/apply "$(LINUX)"

refresh:
	$(LOCKED) scripts/refresh

programs:
	@$(MAKE) -s -C test

exitstat:
	@$(MAKE) -s -C exitstat

install:
	@$(MAKE) -s -C exitstat install

clean:
	$(LOCKED) rm -rf build
