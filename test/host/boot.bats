#!/usr/bin/env bats
# shellcheck disable=SC2154,SC2016 # helper.bash sets them; scripts in quotes expand them
# boot and judge: what is no good run of L1 is not taken for one.
load helper

ends='echo "exitstat-l1: end of log" >>console; echo "exitstat-status 0" >result; sleep 1'

# An image and a job that are files only; the emulator is a fake.
make_job() {
	mkdir -p "$top/build/image-$kernel-on" "$tmp/job"
	touch "$top/build/image-$kernel-on/bzImage" \
		"$top/build/image-$kernel-on/l1.cpio.lz4" "$tmp/job/run"
}

boot() {
	with_fakes "$run/boot" -0 bochs -t 3 x "$tmp/job"
}

@test "boot: no job" {
	make_job
	rm "$tmp/job/run"
	refuse "a job is a directory" "$run/boot" -0 bochs x "$tmp/job"
}

@test "boot: no image" {
	mkdir "$tmp/job"
	touch "$tmp/job/run"
	refuse "is missing: run 'make demo'" "$run/boot" -0 bochs x "$tmp/job"
}

@test "boot: no such ISA" {
	make_job
	refuse "must be vmx or svm" "$run/boot" -i arm x "$tmp/job"
}

@test "boot: an emulator without that ISA" {
	make_job
	refuse "L0=bochs has no svm" "$run/boot" -i svm -0 bochs x "$tmp/job"
}

@test "boot: a disk in an emulator that has none" {
	make_job
	touch "$tmp/disk"
	refuse "-x, -p: L0=bochs has neither" "$run/boot" -0 bochs -x "$tmp/disk" x "$tmp/job"
}

@test "boot: no disk, and no two ports" {
	make_job
	refuse "disk: no such file" "$run/boot" -0 kvm -x "$tmp/disk" x "$tmp/job"
	for ports in 1 1: :1 1:2:3 a:b; do
		refuse "-p $ports: must be PORT:PORT" "$run/boot" -0 kvm -p "$ports" x "$tmp/job"
	done
}

@test "boot: no such emulator" {
	make_job
	refuse "L0=xen: must be" "$run/boot" -0 xen x "$tmp/job"
}

@test "boot: the emulator is missing" {
	make_job
	mkdir "$tmp/few"
	ln -s /usr/bin/* "$tmp/few"
	rm -f "$tmp/few/bochs"
	refuse "bochs is missing: run 'make tools'" \
		env PATH="$tmp/few" "$run/boot" -0 bochs x "$tmp/job"
}

@test "boot: the emulator ends early" {
	make_job
	fake bochs 'exit 3'
	refuse "the emulator ended before" boot
}

@test "boot: the emulator hangs, and is killed" {
	make_job
	fake bochs "echo \$\$ >$tmp/pid; exec sleep 60"
	refuse "not done after 3 s" boot
	fails kill "$(cat "$tmp/pid")"
}

# boot_tcg SCRIPT [NAME]: in QEMU, which runs so, and counts how often it was started.
boot_tcg() {
	fake qemu-system-x86_64 "echo started >>$tmp/started; $1"
	env IDLE_SECONDS="${idle:-2}" PATH="$tmp/bin:$PATH" "$run/boot" -0 tcg -i svm -t 60 "${2:-x}" "$tmp/job"
}

qemu_ends='for file; do case $file in file:*/console) console=${file#file:} ;;
		file:*/result) result=${file#file:} ;; esac; done
	echo all well >"$console"; echo "exitstat-l1: end of log" >>"$console"
	echo "exitstat-status 0" >"$result"'

@test "boot: each QEMU of TCG has one CPU, and no other QEMU has it" {
	make_job
	cpus="grep ^Cpus_allowed_list: /proc/self/status >>$tmp/cpus; sleep 3; $qemu_ends"
	idle=60
	boot_tcg "$cpus" x 3>&- &
	sleep 1
	boot_tcg "$cpus" y
	wait
	fails grep '[-,]' "$tmp/cpus"
	[ "$(wc -l <"$tmp/cpus")" = 2 ]
	[ "$(nproc)" = 1 ] || [ "$(sort -u "$tmp/cpus" | wc -l)" = 2 ]
}

@test "boot: an emulator that stands still has three tries" {
	make_job
	fails boot_tcg 'exec sleep 60'
	says "$tmp/err" 'L1 stood still for 2 s, as TCG is at times: once more'
	says "$tmp/err" 'boot: L1 stood still for 2 s: killed'
	[ "$(wc -l <"$tmp/started")" = 3 ]
}

@test "boot: an emulator that works does not stand still" {
	make_job
	boot_tcg 'i=0; while [ $i -lt 4000000 ]; do i=$((i + 1)); done
		'"$qemu_ends"
	[ "$(wc -l <"$tmp/started")" = 1 ]
}

@test "boot: a good run" {
	make_job
	fake bochs "echo all well >console; $ends"
	accept boot
}

@test "boot: a silent console" {
	make_job
	fake bochs 'echo "exitstat-status 0" >result; sleep 1'
	refuse "L1 was silent" boot
}

@test "boot: a log that is cut short" {
	make_job
	fake bochs 'echo hello >console; echo "exitstat-status 0" >result; sleep 1'
	refuse "cut short" boot
}

# complains LINE: the kernel says it, and so the run is not good.
complains() {
	make_job
	fake bochs "echo '$1' >console; $ends"
	fails boot
	says "$tmp/err" "$1"
}

@test "boot: L1 panics" {
	complains 'Kernel panic - not syncing'
}

@test "boot: L1 warns" {
	complains 'WARNING: CPU: 0 PID: 1 at x.c:1'
}

@test "boot: L1 has an oops" {
	complains 'BUG: unable'
}

@test "boot: lockdep complains" {
	complains 'WARNING: possible circular locking dependency'
}

@test "boot: KCSAN complains of the series" {
	complains 'BUG: KCSAN: data-race in kvm_exit_stats_get / svm_handle_exit'
}

@test "boot: KCSAN complains of stock KVM only" {
	make_job
	fake bochs "echo 'BUG: KCSAN: data-race in kvm_vcpu_kick / vcpu_load' >console; $ends"
	accept boot
}

@test "boot: a command of the job does not exist" {
	make_job
	# Of busybox, and of dash.
	for place in "line 7" 7; do
		fake bochs 'echo x >console; echo "exitstat-l1: end of log" >>console
			echo "./run: '"$place"': verdict: not found" >result
			echo "exitstat-status 0" >>result; sleep 1'
		fails boot
		says "$tmp/err" "the job is broken"
	done
}

@test "boot: the job fails" {
	make_job
	fake bochs 'echo x >console; echo "exitstat-l1: end of log" >>console; echo "exitstat-status 7" >result; sleep 1'
	fails boot
	says "$tmp/err" "status 7"
}
