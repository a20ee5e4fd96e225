#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154,SC2030,SC2031 # helper.bash sets tmp, status and others; each test its own
# exitstat export: what Prometheus gets of a host's VMs.
load helper.bash

# A host of two VMs, one of two vCPUs and with histograms.
make_export() {
	make_tail
	mkdir "$fs/5000001-20/vcpu1"
	cp tables/times-vmx "$fs/5000001-20/vcpu0/exit_stats"
	cp tables/times-never "$fs/5000001-20/vcpu1/exit_stats"
	make_vm 5000002-20 times-svm times-svm
}

# What differs between two runs.
steady_export() {
	sed -E 's/^(exitstat_scrape_duration_seconds) .*/\1 TIME/
		s/(exitstat_build_info\{version=)"[^"]*"/\1"VERSION"/'
}

# export_to FILE ARGUMENT...
export_to() {
	local file=$1
	shift
	exitstat export "${host[@]}" "$@" >"$file"
}

# sum METRIC LABELS FILE: over all series that have the labels, an expression.
sum() {
	awk -v metric="$1{" -v labels="$2" '
		index($0, metric) == 1 && $0 ~ labels { sum += $NF }
		END { printf "%.6f\n", sum }' "$3"
}

# vm_info LABEL FILE: the value of the only VM's.
vm_info() {
	sed -nE "s/^kvm_vm_info\{(.*,)?$1=\"([^\"]*)\".*/\2/p" "$2"
}

# info_of COMM CGROUP WORD...: what is said of the only VM.
info_of() {
	local comm=$1 cgroup=$2
	shift 2
	make_vm 5000001-20 times-vmx
	make_process 5000001 "$comm" "$@"
	printf '%s\n' "$cgroup" >"$proc/5000001/cgroup"
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 2000000)
	export_to "$tmp/metrics"
}

@test "export" {
	make_export
	golden export steady_export export "${host[@]}"
}
@test "export-openmetrics" {
	make_export
	golden export-openmetrics steady_export export "${host[@]}" --openmetrics --per-vcpu
}
@test "export-none" {
	mkdir "$fs"
	golden export-none steady_export export --debugfs "$fs" --tsc-khz 2000000
}
@test "export-is-what-prometheus-reads" {
	make_export
	for options in "" --per-vcpu --tail "--reasons none" "--tail --per-vcpu"; do
		# shellcheck disable=SC2086
		export_to "$tmp/metrics" $options
		status=0
		promtool check metrics <"$tmp/metrics" >"$tmp/out" 2>&1 || status=$?
		pass_if "$status $(cat "$tmp/out")" "0 " "promtool on $options"
		# shellcheck disable=SC2086
		export_to "$tmp/metrics" --openmetrics $options
		pass_if "$(./openmetrics-check <"$tmp/metrics")" valid "openmetrics-check on $options"
	done
}
@test "export-is-the-same-in-both-formats" {
	make_export
	export_to "$tmp/text" --tail --per-vcpu
	export_to "$tmp/openmetrics" --tail --per-vcpu --openmetrics
	for file in text openmetrics; do
		grep -v -e '^#' -e duration "$tmp/$file" >"$tmp/$file.values"
	done
	diff -u "$tmp/text.values" "$tmp/openmetrics.values"
	pass_if "$(tail -n 1 "$tmp/openmetrics")" "# EOF" "the last line"
}
@test "export-sums-are-true" {
	make_export
	export_to "$tmp/metrics"
	export_to "$tmp/vcpus" --per-vcpu
	export_to "$tmp/none" --reasons none
	# The total, which KVM's table has of the whole VM.
	pass_if "$(sum kvm_vm_exits_total 'vm="db01"' "$tmp/metrics")" 13850.000000 "all exits"
	for metric in kvm_vm_exits_total kvm_vm_exit_seconds_total; do
		pass_if "$(sum $metric . "$tmp/none")" "$(sum $metric . "$tmp/metrics")" $metric
	done
	# These are in microseconds: digits are lost in a sum.
	for account in guest kernel halted; do
		labels="vm=\"db01\".*account=\"$account\""
		pass_if "$(sum kvm_vcpu_seconds_total "$labels" "$tmp/vcpus")" \
			"$(sum kvm_vcpu_seconds_total "$labels" "$tmp/metrics")" $account
	done
	pass_if "$(sum kvm_vm_exit_seconds_total 'vm="db01".*where="vmm"' "$tmp/metrics")" \
		"$(sum kvm_vcpu_seconds_total 'vm="db01".*account="vmm"' "$tmp/metrics")" vmm
}
@test "export-two-vms-of-one-name" {
	make_vm 5000001-20 times-vmx
	make_vm 5000002-20 times-vmx
	make_vm 5000003-20 times-vmx
	touch -d 2001-01-01 "$fs/5000001-20/exit_stats"
	for pid in 5000001 5000002; do
		make_process $pid qemu-system-x86 qemu -name db01
	done
	# A name that is like the PID-FD of another VM.
	make_process 5000003 qemu-system-x86 qemu -name 5000001-20
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 2000000)
	export_to "$tmp/metrics"
	sed -nE 's/^kvm_vm_info\{vm="([^"]*)",id="([^"]*)".*/\1 \2/p' "$tmp/metrics" >"$tmp/is"
	printf '%s\n' "5000001-20 5000001-20" "5000003-20 5000003-20" "db01 5000002-20" |
		diff -u - <(sort "$tmp/is")
}
@test "export-names-libvirt" {
	info_of qemu-system-x86 '0::/machine.slice/machine-qemu\x2d3\x2dweb01.scope/libvirt/emulator' \
		/usr/bin/qemu-system-x86_64 -name guest=web01,debug-threads=on -S \
		-uuid 1AF7C1A0-43b1-4e5c-8b6a-0d6f2d1c9e11
	pass_if "$(vm_info vm "$tmp/metrics") $(vm_info uuid "$tmp/metrics") $(vm_info vmm "$tmp/metrics")" \
		"web01 1af7c1a0-43b1-4e5c-8b6a-0d6f2d1c9e11 qemu-system-x86" info
	has "$tmp/metrics" 'cgroup="/machine.slice/machine-qemu\\x2d3\\x2dweb01.scope/libvirt/emulator"'
}
@test "export-names-scope" {
	info_of qemu-system-x86 '0::/machine.slice/machine-web02.scope' qemu -m 64
	pass_if "$(vm_info vm "$tmp/metrics")" web02 vm
}
@test "export-names-firecracker" {
	info_of firecracker '0::/firecracker/vm-7' /usr/bin/firecracker --id vm-7 --api-sock /run/7.sock
	pass_if "$(vm_info vm "$tmp/metrics")" vm-7 vm
	info_of firecracker '0::/' firecracker --api-sock=/x --id=vm-8
	pass_if "$(vm_info vm "$tmp/metrics")" vm-8 vm
}
@test "export-names-cloud-hypervisor" {
	info_of cloud-hyperviso '0::/user.slice' cloud-hypervisor --api-socket path=/run/ch/web03.sock
	pass_if "$(vm_info vm "$tmp/metrics")" web03 vm
	# libvirt's scope is better.
	info_of cloud-hyperviso '0::/machine.slice/machine-ch\x2d2\x2dweb04.scope' \
		cloud-hypervisor --api-socket fd=30 --api-socket /run/x.sock
	pass_if "$(vm_info vm "$tmp/metrics")" web04 vm
}
@test "export-names-kubernetes" {
	info_of qemu-system-x86 '0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b8a4c1e_2f6d_4f11_9c1e_7d1f0a2b3c4d.slice/cri-containerd-5f3e.scope' \
		qemu -name guest=default_web05
	pass_if "$(vm_info vm "$tmp/metrics") $(vm_info pod_uid "$tmp/metrics")" \
		"default_web05 0b8a4c1e-2f6d-4f11-9c1e-7d1f0a2b3c4d" systemd
	info_of cloud-hyperviso '0::/kubepods/besteffort/pod0b8a4c1e-2f6d-4f11-9c1e-7d1f0a2b3c4d/5f3e' \
		cloud-hypervisor
	pass_if "$(vm_info vm "$tmp/metrics") $(vm_info pod_uid "$tmp/metrics")" \
		"5000001-20 0b8a4c1e-2f6d-4f11-9c1e-7d1f0a2b3c4d" cgroupfs
}
# Below a control group of his own, a user may choose any name.
@test "export-names-forged" {
	info_of qemu '0::/user.slice/user-1000.slice/x/kubepods/pod0b8a4c1e-2f6d-4f11-9c1e-7d1f0a2b3c4d/machine-web01.scope' qemu
	pass_if "$(vm_info vm "$tmp/metrics"),$(vm_info pod_uid "$tmp/metrics")" "5000001-20," forged
}
@test "export-names-of-cgroups-of-version-1" {
	info_of qemu-kvm "$(printf '12:cpu:/a\n1:name=systemd:/machine.slice/machine-qemu\\x2d1\\x2dold.scope\n0::/')" qemu
	pass_if "$(vm_info vm "$tmp/metrics")" old vm
}
@test "export-names-hostile" {
	info_of qemu "$(printf '0::/x"\\\001y')" qemu -name "$(printf 'a"b\\c\001,x=y')" -uuid xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
	pass_if "$(grep -c '^kvm_vm_info{vm="a\\"b\\\\c.",' "$tmp/metrics")" 1 "a name that needs quotes"
	pass_if "$(vm_info uuid "$tmp/metrics")" "" uuid
	promtool check metrics <"$tmp/metrics"
}
@test "export-max-series" {
	make_export
	export_to "$tmp/all" --tail --per-vcpu
	for max in 250 180 130; do
		export_to "$tmp/metrics" --tail --per-vcpu --max-series $max
		[ "$(grep -vc '^#' "$tmp/metrics")" -le $max ]
		pass_if "$(sum kvm_vm_exits_total . "$tmp/metrics")" \
			"$(sum kvm_vm_exits_total . "$tmp/all")" "exits of all at $max"
		promtool check metrics <"$tmp/metrics"
	done
	has "$tmp/metrics" 'exitstat_series_left_out{detail="vms"} 0'
	pass_if "$(grep -c 'left_out{detail="histograms"} 0$' "$tmp/metrics")" 0 "none left out"
	has "$tmp/all" 'exitstat_series_left_out{detail="histograms"} 0'
}
@test "export-fewer-vms" {
	for pid in $(seq 5000001 5000030); do make_vm "$pid-1" times-vmx; done
	touch -d 1999-01-01 "$fs/5000030-1/exit_stats"
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 2000000)
	export_to "$tmp/metrics" --max-series 100
	pass_if "$(grep -c '^kvm_vm_info{' "$tmp/metrics")" 5 VMs
	[ "$(grep -vc '^#' "$tmp/metrics")" -le 100 ]
	has "$tmp/metrics" 'exitstat_vms 30'
	# The oldest stay, whatever their labels.
	has "$tmp/metrics" 'kvm_vm_info{vm="5000030-1"'
	left=$(sed -n 's/^exitstat_series_left_out{detail="vms"} //p' "$tmp/metrics")
	pass_if "$left" 375 "series of 25 VMs"
}
@test "export-into-a-file" {
	make_export
	mkdir "$tmp/textfiles"
	echo old >"$tmp/textfiles/kvm.prom"
	exitstat export "${host[@]}" -o "$tmp/textfiles/kvm.prom"
	has "$tmp/textfiles/kvm.prom" 'kvm_vm_exits_total{vm="db01",reason="CPUID"} 1000'
	pass_if "$(ls "$tmp/textfiles")" kvm.prom "what is there"
}
# An old file would be taken for what is now.
@test "export-into-a-file-without-kvm" {
	echo old >"$tmp/kvm.prom"
	refuse 4 "is kvm loaded" export --debugfs "$tmp/nothing" --tsc-khz 1 -o "$tmp/kvm.prom"
	has "$tmp/kvm.prom" 'exitstat_up 0'
	pass_if "$(grep -c 'kvm_vm.*}' "$tmp/kvm.prom")" 0 "series of VMs"
	refuse 4 "is kvm loaded" export --debugfs "$tmp/nothing" --tsc-khz 1
}
@test "export-into-a-full-disk-leaves-the-file" {
	make_export
	mkdir "$tmp/gone"
	refuse 1 "cannot write" export "${host[@]}" -o "$tmp/gone/none/kvm.prom"
	capture export "${host[@]}" -o /dev/full
	pass_if "$status $(wc -l <"$tmp/err")" "1 1" "status, lines of stderr"
}
@test "export-of-kvm-without-statistics" {
	mkdir -p "$fs/5000001-20"
	capture export --debugfs "$fs" --tsc-khz 2000000
	pass_if "$status" 4 status
	capture export --debugfs "$fs" --tsc-khz 2000000 -o "$tmp/kvm.prom"
	pass_if "$status" 4 "status with -o"
	has "$tmp/kvm.prom" 'exitstat_up 0'
}
# Measured anew it differs a little, and a counter would fall.
@test "export-frequency-is-in-whole-mhz" {
	make_export
	exitstat export --debugfs "$fs" --proc "$proc" >"$tmp/metrics"
	hertz=$(sed -n 's/^exitstat_tsc_frequency_hertz //p' "$tmp/metrics")
	pass_if "$((hertz % 1000000)) $((hertz > 100000000))" "0 1" "$hertz Hz"
}
@test "export-no-series-is-there-twice" {
	make_export
	for options in "" "--tail --per-vcpu" "--reasons none"; do
		# shellcheck disable=SC2086
		export_to "$tmp/metrics" $options
		pass_if "$(sed '/^#/d; s/ [^ ]*$//' "$tmp/metrics" | sort | uniq -d)" "" "twice"
	done
}
@test "export-once-is-without-listen" {
	make_export
	golden export steady_export export "${host[@]}" --once
	refuse 2 "--listen cannot be combined with --once" export --once --listen 127.0.0.1:1
	refuse 2 "is for export, not for host" host --once
}
@test "export-usage" {
	refuse 2 "export takes --reasons all, or none" export --reasons cpuid
	refuse 2 "unexpected argument" export 5 6
	refuse 2 "is for export, not for host" host --per-vcpu
	refuse 2 "not a number from 100" export --max-series 5
}
@test "export-unreadable-vm" {
	make_export
	cp tables/hostile-cut "$fs/5000002-20/exit_stats"
	capture export "${host[@]}"
	pass_if "$status $(wc -l <"$tmp/err")" "1 1" "status, lines of stderr"
	has "$tmp/out" 'exitstat_vms_unreadable 1'
	has "$tmp/out" 'kvm_vm_exits_total{vm="db01",reason="CPUID"} 1000'
}
