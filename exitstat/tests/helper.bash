# shellcheck shell=bash
# Common to all bats files here. The script "run" gives them EXITSTAT: the words
# of the program that is tested, quoted for a shell.

tests=$BATS_TEST_DIRNAME
[ -d "$tests/golden" ] || tests=$EXITSTAT_TESTS
cd "$tests" || exit 1
tmp=$BATS_TEST_TMPDIR
fs=$tmp/kvm proc=$tmp/proc
program=()
eval "program=(${EXITSTAT:-})"

exitstat() { "${program[@]}" "$@"; }

# pass_if ACTUAL EXPECTED WHAT
pass_if() {
	[ "$1" = "$2" ] || {
		printf '%s\nexpected: %s\nactual: %s\n' "$3" "$2" "$1"
		return 1
	}
}

# has FILE TEXT: a line of the file has this text.
has() {
	grep -qF -- "$2" "$1" || {
		printf 'expected: a line with %s\nactual: %s\n' "$2" "$(cat "$1")"
		return 1
	}
}

# capture ARGUMENT...: sets status, and fills the files out and err.
capture() {
	status=0
	exitstat "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
}

# refuse STATUS PHRASE ARGUMENT...: fails with one line, which has PHRASE.
refuse() {
	local wanted=$1 phrase=$2
	shift 2
	capture "$@"
	pass_if "$status $(wc -c <"$tmp/out") $(wc -l <"$tmp/err")" "$wanted 0 1" \
		"status, bytes of stdout, lines of stderr: $*"
	has "$tmp/err" "$phrase"
}

# The time that passes differs between runs, and so do the rates.
steady() {
	sed -E "s|$tmp|TMP|g"'
		s/^(in|since the VM.s start) [0-9]+\.[0-9]+ s:/\1 TIME s:/
		/^ {1,5}(-|-?[0-9]+) /s/^(.{35}) .{7} /\1    RATE /
		s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+\.[0-9]{6}Z/CLOCK/
		s/^([0-9]+,[a-z]+,)[0-9.]+,/\1TIME,/
		s/^([0-9]+,[a-z]+,TIME,[^,]*,[^,]*,[0-9]+,)[0-9.]+,/\1RATE,/
		s/"elapsed_seconds":[0-9.e+-]+/"elapsed_seconds":TIME/g
		s/("exits_per_second":|"idle_per_second":)[0-9.e+-]+/\1RATE/g'
}

# A table with a baseline and all times has its columns in other places.
steady_idle() {
	sed -E '/^ {1,5}(-|-?[0-9]+) /s/^(.{31}) .{6} .{5} /\1   RATE  IDLE /
		s/^in [0-9.]+ s:/in TIME s:/'
}

# same EXPECTED-FILE ACTUAL-FILE: UPDATE=1 writes the expected one anew.
same() {
	[ -z "${UPDATE:-}" ] || cp "$2" "$1"
	diff -u "$1" "$2" || {
		echo "see exitstat/tests/$1"
		return 1
	}
}

# golden NAME FILTER ARGUMENT...: the filter is cat, steady or steady_idle.
golden() {
	local name=$1 filter=$2
	shift 2
	capture "$@"
	{
		"$filter" <"$tmp/out"
		"$filter" <"$tmp/err" | sed 's/^/stderr: /'
		echo "status $status"
	} >"$tmp/is"
	same "golden/$name" "$tmp/is"
}

# json OBJECTS ARGUMENT...
json() {
	local objects=$1
	shift
	exitstat "$@" --json >"$tmp/json"
	"$JSON_CHECK" <"$tmp/json" >"$tmp/out" 2>&1 || cat "$tmp/out"
	pass_if "$(cat "$tmp/out")" "$objects objects" "what json-check says"
}

# Prometheus' checker knows only the older format, which has no UNIT and no EOF,
# and has the whole name of a counter in its TYPE and HELP.
promtool_check() {
	awk '
		$2 == "HELP" { help = $0; next }
		$2 == "UNIT" || $2 == "EOF" { next }
		$2 == "TYPE" && $4 == "counter" {
			sub($3, $3 "_total", help)
			$3 = $3 "_total"
		}
		$2 == "TYPE" { print help }
		{ print }' | promtool check metrics
}

# openmetrics ARGUMENT...: both promtool and Prometheus' Python client take it.
openmetrics() {
	exitstat --openmetrics "$@" >"$tmp/metrics"
	status=0
	promtool_check <"$tmp/metrics" >"$tmp/out" 2>&1 || status=$?
	pass_if "$status $(cat "$tmp/out")" "0 " "status and words of promtool"
	status=0
	./openmetrics-check <"$tmp/metrics" >"$tmp/out" 2>&1 || status=$?
	pass_if "$status $(tail -n 1 "$tmp/out")" "0 valid" "status and words of openmetrics-check"
}

# make_vm PID-FD TABLE VCPU-TABLE...
make_vm() {
	local vm=$fs/$1 vcpu=0 table
	mkdir -p "$vm"
	cp "tables/$2" "$vm/exit_stats"
	shift 2
	for table in "$@"; do
		mkdir -p "$vm/vcpu$vcpu"
		cp "tables/$table" "$vm/vcpu$vcpu/exit_stats"
		vcpu=$((vcpu + 1))
	done
	find "$vm" -name exit_stats -exec touch -d 2000-01-01 {} +
}

# make_process PID COMM [WORD...]: what /proc has of a process
make_process() {
	local process=$proc/$1
	mkdir -p "$process"
	printf '%s\n' "$2" >"$process/comm"
	shift 2
	: >"$process/cmdline"
	[ $# = 0 ] || printf '%s\0' "$@" >"$process/cmdline"
}

# A host with three VMs, and a file that is no VM. One has a name, of one there is
# only that of its process, of one there is no process.
make_host() {
	make_vm 5000001-12 vmx vcpu vcpu vcpu
	make_vm 5000002-9 svm svm
	make_vm 5000003-4 empty
	touch "$fs/exits"
	make_process 5000001 qemu-system-x86 qemu -name guest=web01,debug-threads=on -S
	make_process 5000002 kvm kvm -m 64
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 2000000)
}

# A host that knows where all time went.
make_host_with_times() {
	make_vm 5000001-20 times-vmx times-never
	make_vm 5000002-20 times-svm
	touch "$fs/exits"
	make_process 5000001 qemu-system-x86 qemu -name db01
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 2000000)
}

# make_hists FILE TABLE: what a VM or a vCPU has beside its table, PID-FD[/vcpuN]
make_hists() { cp "hists/$2" "$fs/$1/exit_hist"; }

# A VM whose exits have histograms, and how it becomes one that goes on.
make_tail() {
	make_vm 5000001-20 times-vmx times-never
	make_hists 5000001-20 vmx
	make_process 5000001 qemu-system-x86 qemu -name db01
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 2000000)
	go_on="cp tables/times-vmx-later $fs/5000001-20/exit_stats; cp hists/vmx-later $fs/5000001-20/exit_hist"
}
