# shellcheck shell=sh
# For jobs in L1: load KVM, start guests (L2), wait for them, read KVM's counts.
# See README.md beside it.
# shellcheck source=../tap.sh
. /tap.sh
# For the scripts of L2, which get all of /job.
cp /tap.sh /job/tap.sh

trace=/sys/kernel/tracing
debug=/sys/kernel/debug/kvm
# What scripts/boot wants L2's kernel to be told, there with commas.
l2_append=$(sed -n 's/.*l2_append=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' ')

fail() {
	echo "job: $*" >&2
	exit 1
}

# load_kvm [PARAMETER=VALUE...]: the vendor's module, and kvm's parameters. Those of the
# vendor's are in $vendor_parameters.
vendor_parameters=
# shellcheck disable=SC2086
load_kvm() {
	modprobe kvm "$@" || fail "kvm does not load"
	if grep -qw vmx /proc/cpuinfo; then
		modprobe kvm_intel $vendor_parameters
	elif grep -qw svm /proc/cpuinfo; then
		modprobe kvm_amd $vendor_parameters
	else
		fail "this L1 has neither VMX nor SVM"
	fi || fail "the vendor's KVM module does not load"
}

# Before an entry KVM may write over the first cache: thousands of instructions, which
# the CPU's time in the guest does not have, and account "guest" has.
without_l1d_flush() {
	_file=/sys/module/kvm_intel/parameters/vmentry_l1d_flush
	[ ! -f "$_file" ] || echo never >"$_file"
}

# parameter NAME VALUE: set one of kvm, which is loaded.
parameter() {
	echo "$2" >"/sys/module/kvm/parameters/$1"
}

# l2_start NAME SCRIPT [QEMU-ARGUMENT...]: boot Linux in a VM, run /job/SCRIPT.
l2_start() {
	_name=$1 _script=$2
	shift 2
	mkfifo "/tmp/$_name.mon.in" "/tmp/$_name.mon.out" \
		"/tmp/$_name.qmp.in" "/tmp/$_name.qmp.out"
	[ -f /tmp/l2.cpio ] || {
		(cd / && find job | cpio -o -H newc 2>/dev/null) >/tmp/job.cpio
		# The kernel wants an archive that is not compressed first.
		cat /tmp/job.cpio /l2/base.cpio.gz >/tmp/l2.cpio
	}
	# For books; the jobs that look at them have vmm.
	[ ! -x /job/vmm ] || eval "mark_$_name=$(/job/vmm mark)"
	qemu-system-x86_64 -M microvm,accel=kvm,pit=on,pic=on,rtc=on \
		-cpu host -m 128 -nodefaults -no-user-config -nographic \
		-no-reboot -L /usr/share/qemu \
		-chardev "file,id=console,path=/tmp/$_name.console" \
		-device isa-serial,chardev=console \
		-chardev "file,id=out,path=/tmp/$_name.out" \
		-device isa-serial,chardev=out \
		-chardev "pipe,id=mon,path=/tmp/$_name.mon" \
		-mon chardev=mon,mode=readline \
		-chardev "pipe,id=qmp,path=/tmp/$_name.qmp" \
		-mon chardev=qmp,mode=control \
		-kernel /l2/bzImage -initrd /tmp/l2.cpio \
		-append "console=ttyS0 quiet panic=-1 $l2_append l2=$_script" \
		"$@" >"/tmp/$_name.qemu" 2>&1 </dev/null &
	eval "pid_$_name=$!"
}

l2_pid() {
	eval "echo \$pid_$1"
}

# l2_wait NAME SECONDS: until its script ended; its status is ours.
l2_wait() {
	_left=$2
	until grep -q '^exitstat-status [0-9]' "/tmp/$1.out" 2>/dev/null; do
		kill -0 "$(l2_pid "$1")" 2>/dev/null || {
			cat "/tmp/$1.qemu" "/tmp/$1.console" >&2
			fail "QEMU of L2 $1 ended early"
		}
		_left=$((_left - 1))
		[ "$_left" -gt 0 ] || {
			cat "/tmp/$1.qemu" "/tmp/$1.console" >&2
			fail "L2 $1 did not end within $2 s"
		}
		sleep 1
	done
	return "$(sed -n 's/^exitstat-status \([0-9]*\)$/\1/p' "/tmp/$1.out")"
}

# l2_output NAME: what the script printed.
l2_output() {
	grep -v '^exitstat-status [0-9]*$' "/tmp/$1.out"
}

# l2_stop NAME: no vCPU runs any more, its counts stand still.
l2_stop() {
	echo stop >"/tmp/$1.mon.in"
	_was=
	until [ -n "$_was" ] && [ "$_was" = "$(vm_file "$1" exits)" ]; do
		_was=$(vm_file "$1" exits)
		sleep 1
	done
}

l2_quit() {
	echo quit >"/tmp/$1.mon.in"
	wait "$(l2_pid "$1")" || fail "QEMU of L2 $1 failed"
}

# l2_stat NAME STAT: a binary statistic of the VM, as QEMU reads it from KVM and
# tells it through QMP's query-stats.
l2_stat() {
	exec 3<"/tmp/$1.qmp.out"
	{
		echo '{"execute": "qmp_capabilities"}'
		printf '{"execute": "query-stats", "arguments": {"target": "vm",
			"providers": [{"provider": "kvm", "names": ["%s"]}]}}\n' "$2"
	} >"/tmp/$1.qmp.in"
	while read -r _reply <&3; do
		case $_reply in
		*'"provider"'* | *'"return": []'* | *'"error": {"class": "Generic'*) break ;;
		esac
	done
	exec 3<&-
	echo "$_reply" | sed 's|[{}]|\n|g' | awk -v name="\"$2\"" '
		index($0, name) && match($0, /"value": [0-9]+/) {
			n += substr($0, RSTART + 9, RLENGTH - 9); found = 1
		}
		END { print found ? n : "none" }'
}

# vm_file NAME FILE: a file of the VM in KVM's debugfs.
vm_file() {
	cat "$debug/$(l2_pid "$1")"-*/"$2"
}

# vm_total NAME [vcpuN/]: the exits that the row "total" of its table says.
vm_total() {
	vm_file "$1" "${2:-}exit_stats" | awk '$1 == "total" { print $2 }'
}

# vm_account NAME ACCOUNT [vcpuN/]: the ticks in it.
vm_account() {
	vm_file "$1" "${3:-}exit_stats" | awk -v account="$2" '
		$1 == "account" && $2 == account { print $3 }'
}

# books NAME [toggled]: of a VM that stands still, its accounts and rows add up, and
# the CPU has counted the same; toggled: counting was off for a while.
books() {
	# It may have been asleep for long when it was stopped.
	[ $# -gt 1 ] ||
		eval "CPU_ANY_END=yes /job/vmm claim $(l2_pid "$1") \$mark_$1 $1"
	works "$1-books-close" witness "books${2:+-$2}" "$(l2_pid "$1")"
}

# is_as_debugfs FILE ARGUMENT...: does exitstat say the same as KVM's table in
# FILE? "reason exits kernel vmm wait" of each row, and the accounts.
is_as_debugfs() {
	awk '
		$1 == "account" { if ($2 != "all") print; next }
		NR > 1 && $1 != "total" { print $1, $2, $3, $4, $5 }' "$1" |
		sort >/tmp/is
	shift
	./exitstat "$@" --csv | awk -F, '
		NR == 1 {
			for (i = 1; i <= NF; i++)
				column[$i] = i
			next
		}
		{
			print $column["reason"], $column["exits"],
				$column["kernel_cycles"], $column["vmm_cycles"],
				$column["wait_cycles"]
			for (name in column) {
				if (name !~ /^account_.*_cycles$/)
					continue
				split(name, part, "_")
				account[part[2]] = $column[name]
			}
		}
		END {
			for (name in account)
				print "account", name, account[name]
		}' | sort | diff /tmp/is -
}
