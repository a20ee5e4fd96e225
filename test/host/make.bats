#!/usr/bin/env bats
# shellcheck disable=SC2154 # helper.bash sets them
# What is said to make, and what demo and deb find.
load helper

make_here() {
	make -s -C "$top" "$@"
}

@test "make: no such kernel" {
	refuse "no series for KERNEL=9.9: patches/ has .*$kernel" \
		make_here tree KERNEL=9.9
}

@test "make: a revision where there can be none" {
	refuse "only what boots Debian's own kernel takes a revision" \
		make_here tree KERNEL="$kernel.117"
}

@test "make demo, report, l2: no such ISA" {
	refuse "ISA=arm: must be vmx or svm" make_here demo ISA=arm
	refuse "ISA=arm: must be vmx or svm" make_here report ISA=arm
	refuse "ISA=arm: must be vmx or svm" make_here l2 ISA=arm RUN=/bin/true
}

@test "make l2: no program" {
	refuse "no program: make l2 RUN=FILE" make_here l2
}

@test "make l2: no such program" {
	refuse "no program that this machine" make_here l2 RUN=/nonexistent
}

@test "make l2: a timeout that is no number" {
	refuse "TIMEOUT=soon is no number" make_here l2 RUN=/bin/true TIMEOUT=soon
}

@test "make: another one is at work" {
	(
		flock 9
		touch "$tmp/locked"
		sleep 3
	) 9>"$top/build/.lock" 3>&- &
	until [ -e "$tmp/locked" ]; do sleep 0.1; done
	refuse "another make is at work" make_here tree
	wait
}

@test "make check: no such test" {
	mkdir "$top/test/host"
	cp "$here/test/host/tests" "$top/test/host"
	refuse "no test is named nonsense" make_here check TEST=nonsense
	[ ! -e "$top/build/linux-$kernel" ]
}

@test "make deb: two versions that differ" {
	mkdir "$top/debian" "$top/exitstat"
	echo "kvm-exitstat (1.0) unstable; urgency=medium" >"$top/debian/changelog"
	echo "VERSION := 1.1" >"$top/exitstat/Makefile"
	refuse "debian/changelog has version 1.0, exitstat/Makefile 1.1" make_here deb
}

# What a run of the demo leaves: L2's words, and L1's console.
make_run() {
	mkdir "$tmp/run"
	cat >"$tmp/run/result" <<-'END'
	boot leaf 0x4ffffffc ecx 0x0: eax 0x00000007 ebx 0x00000001 ecx 0x00000000 edx 0x00000000
	total exits: 9
	total cycles: 90
	  1024 npf                        8     0.8  88.9       80  88.9      10  800ns
	    70 UD excp                    1     0.1  11.1       10  11.1      10  100ns
	END
	for what in "exits 9" "cycles 90"; do
		echo "x kvm: exit_stats: VM 1: total $what"
	done >"$tmp/run/console"
}

@test "demo: the log lacks the total" {
	make_run
	: >"$tmp/run/console"
	refuse "no line with the total of 9 exits" "$run/demo-summary" "$tmp/run"
}

@test "demo: what people ask first" {
	make_run
	accept "$run/demo-summary" "$tmp/run"
	says "$tmp/out" 'exited 4294967303 times'
	says "$tmp/out" 'Most frequent reasons:  npf (8), UD excp (1)'
	says "$tmp/out" 'Least frequent reasons: UD excp (1), npf (8)'
}

@test "demo: no table" {
	make_run
	sed -i '/^ /d' "$tmp/run/result"
	refuse "no table of exit reasons" "$run/demo-summary" "$tmp/run"
}

@test "build-kernel: a variant that is only configured starts from the objects of on" {
	mkdir -p "$top/build/obj-$kernel-on" "$top/build/obj-$kernel-off"
	touch "$top/build/obj-$kernel-on/vmlinux" "$top/build/obj-$kernel-off/.config"
	echo on >"$top/build/obj-$kernel-on/kvm.o"
	printf '#!/bin/sh\n' >"$run/configure"
	fake make ''
	accept with_fakes "$run/build-kernel" off
	[ "$(cat "$top/build/obj-$kernel-off/kvm.o")" = on ]
	# What has been built is kept.
	echo off >"$top/build/obj-$kernel-off/kvm.o"
	accept with_fakes "$run/build-kernel" off
	[ "$(cat "$top/build/obj-$kernel-off/kvm.o")" = off ]
}
