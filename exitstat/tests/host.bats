#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# What exitstat makes of a host's debugfs, of one VM and of one vCPU. Each file
# tables/hostile-* has a test that the script "run" writes.
load helper.bash

@test "host-none" {
	mkdir "$fs"
	golden host-none cat --debugfs "$fs" --tsc-khz 2000000 --host
}
@test "host-table" {
	make_host
	golden host-table cat "${host[@]}" --host
}
@test "host-table-cycles" {
	make_host
	golden host-table-cycles cat "${host[@]}" --host -s cost
}
@test "host-live" {
	make_host
	golden host-live steady "${host[@]}" --host 0.1 2
}
@test "host-live-y" {
	make_host
	golden host-live-y steady "${host[@]}" --host -y 0.1 1
}
@test "host-json" {
	make_host
	golden host-json steady "${host[@]}" --host --json
}
@test "host-csv" {
	make_host
	golden host-csv steady "${host[@]}" --host --csv 0.1 2
}
@test "host-openmetrics" {
	make_host
	golden host-openmetrics cat "${host[@]}" --host --openmetrics
}
@test "host-reasons" {
	make_host
	golden host-reasons cat "${host[@]}" host -r all
}
@test "host-reasons-live" {
	make_host
	golden host-reasons-live steady "${host[@]}" host -y -r all 0.1 1
}
# Each VM's ISA gives the names their numbers.
@test "host-reason" {
	make_host
	golden host-reason cat "${host[@]}" host -r cpuid,1 -s cost
}
@test "host-reasons-json" {
	make_host
	# Without an exit its ISA is that of the CPU here.
	rm -r "$fs/5000003-4"
	golden host-reasons-json steady "${host[@]}" host -r cpuid --json
}
@test "host-reasons-csv" {
	make_host
	golden host-reasons-csv steady "${host[@]}" host -r cpuid,hlt --csv
}
@test "host-reasons-openmetrics" {
	make_host
	golden host-reasons-openmetrics cat "${host[@]}" host -r cpuid,hlt --openmetrics
}
@test "host-unknown-reason" {
	make_host
	golden host-unknown-reason cat "${host[@]}" host -r cpuid,nonsense
}
@test "host-unknown-reason-without-a-vm" {
	mkdir "$fs"
	refuse 2 "unknown exit reason 'nonsense'" --debugfs "$fs" --tsc-khz 1 host -r nonsense
}
@test "reasons-all" {
	exitstat --input dumps/vmx >"$tmp/expected"
	exitstat --input dumps/vmx -r ALL >"$tmp/is"
	diff -u "$tmp/expected" "$tmp/is"
}
@test "openmetrics-of-reasons-of-a-host-is-openmetrics" {
	make_host
	openmetrics "${host[@]}" host -r all
}
@test "json-of-reasons-of-a-host-is-json" {
	make_host
	json 2 "${host[@]}" host -r all 0.1 2
}
@test "openmetrics-of-a-host-is-openmetrics" {
	make_host
	openmetrics "${host[@]}" --host
}
@test "json-of-a-host-is-json" {
	make_host
	json 2 "${host[@]}" --host 0.1 2
}
@test "vm" {
	make_host
	golden vm steady "${host[@]}" --vm 5000001
}
@test "vm-by-id" {
	make_host
	golden vm-by-id steady "${host[@]}" --vm 5000002-9
}
@test "vm-json" {
	make_host
	golden vm-json steady "${host[@]}" --vm 5000002 --json
}
@test "vm-empty" {
	make_host
	golden vm-empty steady "${host[@]}" --vm 5000003
}
@test "vm-openmetrics" {
	make_host
	golden vm-openmetrics cat "${host[@]}" --vm 5000001 --openmetrics
}
@test "vcpu" {
	make_host
	golden vcpu steady "${host[@]}" --vm 5000001 --vcpu 2
}
@test "vcpu-none" {
	make_host
	golden vcpu-none cat "${host[@]}" --vm 5000001 --vcpu 3
}
@test "vm-none" {
	make_host
	golden vm-none cat "${host[@]}" --vm 500000
}
@test "vm-live" {
	make_host
	golden vm-live steady "${host[@]}" --vm 5000001 0.1 3
}

# A host that knows where all time went.
@test "times-host-table" {
	make_host_with_times
	golden times-host-table cat "${host[@]}" --host
}
@test "times-host-json" {
	make_host_with_times
	golden times-host-json steady "${host[@]}" --host --json
}
@test "times-host-csv" {
	make_host_with_times
	golden times-host-csv steady "${host[@]}" --host --csv
}
@test "times-host-openmetrics" {
	make_host_with_times
	golden times-host-openmetrics cat "${host[@]}" --host --openmetrics
}
@test "times-host-reasons" {
	make_host_with_times
	golden times-host-reasons cat "${host[@]}" host -r all
}
@test "times-host-reasons-openmetrics" {
	make_host_with_times
	openmetrics "${host[@]}" host -r all
	has "$tmp/metrics" 'kvm_exit_wait_seconds_total{vm="5000001-20",vm_name="db01",isa="vmx",reason="48",name="EPT_VIOLATION"} '
}
@test "openmetrics-of-a-host-with-times-is-openmetrics" {
	make_host_with_times
	openmetrics "${host[@]}" --host
}
@test "json-of-a-host-with-times-is-json" {
	make_host_with_times
	json 1 "${host[@]}" --host
}
@test "times-vm" {
	make_host_with_times
	golden times-vm steady "${host[@]}" --vm 5000001
}
@test "times-vm-csv" {
	make_host_with_times
	golden times-vm-csv steady "${host[@]}" --vm 5000001 --csv
}
@test "times-vm-svm" {
	make_host_with_times
	golden times-vm-svm steady "${host[@]}" --vm 5000002
}
@test "times-vcpu-never" {
	make_host_with_times
	golden times-vcpu-never steady "${host[@]}" --vm 5000001 --vcpu 0
}
@test "times-command" {
	make_host_with_times
	golden times-command steady "${host[@]}" --vm 5000001 -- \
		sh -c "cp tables/times-vmx-later $fs/5000001-20/exit_stats"
}
@test "times-command-baseline" {
	make_host_with_times
	golden times-command-baseline steady_idle "${host[@]}" --vm 5000001 --baseline 0.1 -- \
		sh -c "cp tables/times-vmx-later $fs/5000001-20/exit_stats"
}

@test "vm-several" {
	make_host
	make_vm 5000001-13 vmx
	golden vm-several cat "${host[@]}" --vm 5000001
}
@test "vm-one-of-several" {
	make_host
	make_vm 5000001-13 vmx
	golden vm-one-of-several steady "${host[@]}" --vm 5000001-13 -r 1
}

# Hosts that are not as they should be.
@test "host-hostile" {
	make_host
	local tables=(tables/hostile-*)
	make_vm 6000000-1 "${tables[-1]#tables/}"
	golden host-hostile steady "${host[@]}" --host
}
@test "host-hostile-live" {
	make_host
	make_vm 6000000-1 hostile-unnamed
	make_process 6000000 qemu qemu -name bad
	golden host-hostile-live steady "${host[@]}" --host 0.1 2
}
@test "host-hostile-json" {
	make_host
	make_vm 6000000-1 hostile-unnamed
	exitstat "${host[@]}" --host --json >"$tmp/out" 2>"$tmp/err" || true
	has "$tmp/out" '"vms_unreadable":1,'
}
@test "host-hostile-openmetrics" {
	make_host
	make_vm 6000000-1 hostile-unnamed
	exitstat "${host[@]}" --host --openmetrics >"$tmp/out" 2>"$tmp/err" || true
	has "$tmp/out" 'kvm_exit_host_vms 3'
	has "$tmp/out" 'kvm_exit_host_vms_unreadable 1'
}
# What comes right again is shown again, with what came meanwhile.
@test "host-hostile-for-a-while" {
	make_vm 6000000-1 vmx
	: >"$tmp/out"
	"${program[@]}" --debugfs "$fs" --tsc-khz 1 --host 0.5 4 \
		>"$tmp/out" 2>"$tmp/err" 3>&- &
	until_output
	cp tables/hostile-unnamed "$fs/6000000-1/exit_stats"
	until grep -q '1 cannot be read' "$tmp/out"; do sleep 0.1; done
	cp tables/vmx-later "$fs/6000000-1/exit_stats"
	status=0
	wait $! || status=$?
	pass_if "$status $(wc -l <"$tmp/err")" "1 1" "status and lines of stderr"
	awk '$1 == "6000000-1"' "$tmp/out" >"$tmp/rows"
	pass_if "$(awk '$3 > 0 { n++ } END { print n }' "$tmp/rows")" 2 "rows with exits"
}
# A table that ends in its middle because its VM does is no error.
@test "a-vm-that-ends-while-it-is-read" {
	make_host
	make_vm 6000000-1 vmx
	rm "$fs/6000000-1/exit_stats"
	mkfifo "$fs/6000000-1/exit_stats"
	{
		head -n 2 tables/vmx
		sleep 0.2
		rm -r "$fs/6000000-1"
	} >"$fs/6000000-1/exit_stats" 3>&- &
	golden host-table cat "${host[@]}" --host
}
@test "vm-stock" {
	make_host
	mkdir "$fs/6000001-1"
	golden vm-stock cat "${host[@]}" --vm 6000001
}
@test "host-some-stock" {
	make_host
	mkdir "$fs/6000001-1"
	golden host-some-stock cat "${host[@]}" --host
}
@test "host-stock" {
	mkdir -p "$tmp/stock/6000001-1"
	golden host-stock cat --debugfs "$tmp/stock" --host
}
@test "no-debugfs" { golden no-debugfs steady --debugfs "$tmp/nonexistent" --host; }
@test "no-debugfs-vm" { golden no-debugfs-vm steady --debugfs "$tmp/nonexistent" --vm 1; }

# Root without the capability to read what others may not.
drop_privilege() {
	mkdir -m 0 "$tmp/forbidden"
	[ "$(id -u)" != 0 ] ||
		program=(setpriv --bounding-set '-dac_override,-dac_read_search' "${program[@]}")
}
@test "no-permission-of-a-host" {
	drop_privilege
	golden no-permission steady --debugfs "$tmp/forbidden" --host
}
@test "no-permission-of-a-vm" {
	drop_privilege
	golden no-permission steady --debugfs "$tmp/forbidden" --vm 1
}

@test "no-permission-of-one-vm" {
	make_host
	drop_privilege
	make_vm 6000000-1 vmx
	chmod 0 "$fs/6000000-1/exit_stats"
	golden host-no-permission cat "${host[@]}" --host
	refuse 1 "cannot read VM 6000000-1: Permission denied: only root can" \
		"${host[@]}" --vm 6000000
	chmod 0 "$fs/6000000-1"
	refuse 1 "cannot read VM 6000000-1: Permission denied: only root can" \
		"${host[@]}" --vm 6000000
	refuse 1 "cannot read VM 6000000-1: Permission denied: only root can" \
		"${host[@]}" --vm 6000000 --vcpu 0
}

# until_output: the program in the background has written its first line.
until_output() { until [ -s "$tmp/out" ]; do sleep 0.1; done; }

@test "a-vm-that-is-removed-while-watched" {
	make_vm 6000000-1 vmx
	: >"$tmp/out"
	"${program[@]}" --debugfs "$fs" --tsc-khz 1 --vm 6000000 0.1 100 \
		>"$tmp/out" 2>"$tmp/err" 3>&- &
	until_output
	rm -r "$fs/6000000-1"
	# A later VM with this name is another VM.
	make_vm 6000000-1 svm
	status=0
	wait $! || status=$?
	pass_if "$status $(cat "$tmp/err")" "1 exitstat: VM 6000000-1 is gone" \
		"status and stderr"
}

# The other VM, which takes the first one's name, had fewer exits.
@test "a-vm-that-takes-the-place-of-another" {
	make_vm 6000000-1 vmx
	mkdir "$tmp/other"
	: >"$tmp/out"
	"${program[@]}" --debugfs "$fs" --tsc-khz 1 --host --csv 2 2 >"$tmp/out" 3>&- &
	until_output
	mv "$fs/6000000-1" "$tmp/other"
	make_vm 6000000-1 svm
	wait $!
	pass_if "$(awk -F, '$4 == "6000000-1" { print $1, $8, $10 }' "$tmp/out" |
		paste -sd ' ')" "0 5001557 6000077173 1 107 800320" \
		"sample, exits, cycles; twice"
}

# Whoever starts a VMM chooses its name.
make_named_vm() {
	make_vm 6000000-7 vmx vcpu
	make_process 6000000 'a"b\c'
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 1 --host)
}

@test "name-in-a-table" {
	make_named_vm
	pass_if "$(exitstat "${host[@]}" | awk '$1 == "6000000-7" { print $8 }')" \
		'a"b\c' "the VM's name"
}
@test "name-in-csv" {
	make_named_vm
	exitstat "${host[@]}" --csv >"$tmp/out"
	has "$tmp/out" ',"a""b\c",1,'
}
@test "name-in-json" {
	make_named_vm
	json 1 "${host[@]}"
	has "$tmp/json" '"name":"a\"b\\c"'
}
@test "name-in-openmetrics" {
	make_named_vm
	openmetrics "${host[@]}"
	has "$tmp/metrics" 'vm_name="a\"b\\c"'
}

# named NAME: the one VM of this host has it.
named() {
	pass_if "$(exitstat --debugfs "$fs" --proc "$proc" --tsc-khz 1 host --csv |
		awk -F'"' 'NR > 1 { print $2 }')" "$1" "the VM's name"
}
# name_of WORD...: of a VM with this command line
name_of() {
	make_vm 6000000-7 empty
	make_process 6000000 qemu "$@"
}
@test "name-of-guest" {
	name_of qemu -m 64 -name guest=web01,debug-threads=on -S
	named web01
}
@test "name-alone" {
	name_of qemu --name web01,process=x
	named web01
}
@test "name-behind-others" {
	name_of qemu -name debug-threads=on,guest=web01
	named web01
}
@test "name-with-commas" {
	name_of qemu -name 'guest=a,,b,process=x'
	named a,b
}
@test "name-without-guest" {
	name_of qemu -name process=x
	named qemu
}
@test "name-without-value" {
	name_of qemu -name
	named qemu
}
@test "name-of-200-characters" {
	local name
	name=$(printf 'x%.0s' $(seq 200))
	name_of qemu -name "$name"
	named "$name"
}
@test "name-that-is-too-long" {
	name_of qemu -name "$(printf 'x%.0s' $(seq 5000))"
	named "$(printf 'x%.0s' $(seq 255))"
}
@test "name-with-escapes" {
	name_of qemu -name "$(printf 'a\033[2Jb\nc\303\244')"
	named 'a.[2Jb.c..'
}
@test "name-of-endless-words" {
	make_vm 6000000-7 empty
	make_process 6000000 qemu
	head -c 1000000 /dev/zero | tr '\0' x >"$proc/6000000/cmdline"
	named qemu
}
@test "name-of-a-scope" {
	name_of qemu -m 64
	printf '%s\n' '0::/machine.slice/machine-qemu\x2d3\x2dweb01.scope/libvirt/emulator' \
		>"$proc/6000000/cgroup"
	named web01
}
@test "name-of-a-scope-of-version-1" {
	name_of qemu -m 64
	printf '%s\n' '12:cpuset:/' '3:cpu,cpuacct:/machine.slice/machine-qemu\x2d12\x2da\x2db.scope' \
		>"$proc/6000000/cgroup"
	named a-b
}
@test "name-of-a-scope-with-escapes" {
	name_of qemu -m 64
	printf '%s\n' '0::/machine.slice/machine-a\x1b\x00b\xzz.scope' >"$proc/6000000/cgroup"
	named 'a..b\xzz'
}
@test "name-of-a-scope-and-an-option" {
	name_of qemu -name web01
	printf '%s\n' '0::/machine.slice/machine-qemu\x2d3\x2dother.scope' >"$proc/6000000/cgroup"
	named web01
}
@test "name-of-no-scope" {
	name_of qemu -m 64
	printf '%s\n' '0::/machine-x/y.scope' '0::/user.slice' >"$proc/6000000/cgroup"
	named qemu
}
@test "name-of-no-process" {
	make_vm 6000000-7 empty
	named -
}
@test "name-where-the-kernel-has-it" {
	sleep 1000 3>&- &
	make_vm "$!-7" empty
	status=0
	exitstat --debugfs "$fs" --tsc-khz 1 host --csv >"$tmp/out" || status=$?
	kill $!
	has "$tmp/out" '"sleep",'
}

# Two VMs of one name, and one whose name is a number.
make_names() {
	make_host
	make_vm 5000004-1 vmx
	make_process 5000004 qemu qemu -name web02
	make_vm 5000005-1 svm
	make_process 5000005 qemu qemu -name web02
	make_vm 5000006-1 empty
	make_process 5000006 qemu qemu -name 5000001
	make_vm 5000007-1 empty
	make_process 5000007 qemu qemu -name 42
}
@test "vm-by-name" {
	make_names
	golden vm steady "${host[@]}" vm web01
}
@test "vm-by-the-beginning-of-its-name" {
	make_names
	exitstat "${host[@]}" --vm 4 -r 1
	golden vm steady "${host[@]}" --vm web01
	refuse 1 "the names of several VMs begin with web: say --vm 5000001-12, --vm 5000004-1 or --vm 5000005-1" \
		"${host[@]}" --vm web
}
@test "vm-of-several-by-name" {
	make_names
	refuse 1 "several VMs are called web02: say --vm 5000004-1 or --vm 5000005-1" \
		"${host[@]}" --vm web02
}
@test "vm-by-pid-before-name" {
	make_names
	golden vm steady "${host[@]}" --vm 5000001
}
@test "vm-by-no-name" {
	make_names
	refuse 1 "there is no VM -: see" "${host[@]}" --vm -
	refuse 1 "there is no VM db: see" "${host[@]}" --vm db
}
# What a table shows for it is taken, and so is the name itself.
@test "vm-by-a-name-of-other-letters" {
	make_host
	local name
	name=$(printf 'm\303\274nchen')
	make_process 5000001 qemu qemu -name "$name"
	golden vm steady "${host[@]}" --vm m..nchen
	golden vm steady "${host[@]}" --vm "$name"
}
@test "vm-of-many" {
	local i
	for i in $(seq 10 19); do
		make_vm "6000000-$i" empty
	done
	refuse 1 "process 6000000 has several VMs: say --vm 6000000-10, " \
		--debugfs "$fs" --tsc-khz 1 --vm 6000000
	has "$tmp/err" "--vm 6000000-1"
	has "$tmp/err" " ..."
}
