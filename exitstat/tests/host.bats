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
	golden host-live cat "${host[@]}" --host 0.1 2
}
@test "host-live-y" {
	make_host
	golden host-live-y cat "${host[@]}" --host -y 0.1 1
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

# A process may have any name.
make_named_vm() {
	cp /bin/sleep "$tmp/a\"b\\c"
	"$tmp/a\"b\\c" 1000 3>&- &
	vmm=$!
	until grep -q '^a' "/proc/$vmm/comm"; do sleep 0.1; done
	make_vm "$vmm-7" vmx vcpu
	host=(--debugfs "$fs" --tsc-khz 1 --host)
}
teardown() { [ -z "${vmm:-}" ] || kill "$vmm" 2>/dev/null || true; }

@test "name-in-a-table" {
	make_named_vm
	pass_if "$(exitstat "${host[@]}" | awk -v vm="$vmm-7" '$1 == vm { print $2 }')" \
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
	has "$tmp/metrics" 'name="a\"b\\c"'
}
