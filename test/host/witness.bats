#!/usr/bin/env bats
# shellcheck disable=SC2154 # helper.bash sets them
# The witness of test/cpu: it counts nothing in an emulator that it does not know, and
# its comparison is red when a count differs.
load helper

setup_file() {
	make -s -C "$BATS_TEST_DIRNAME/.." "$BATS_TEST_DIRNAME/../../build/test/cpu-witness.so" \
		O="$BATS_TEST_DIRNAME/../../build/test"
}

library() {
	EXITSTAT_WITNESS=$tmp/cpu LD_PRELOAD=$here/build/test/cpu-witness.so "$@"
}

@test "witness: a Bochs without the functions" {
	cp /bin/true "$tmp/bin/bochs-bin"
	refuse "bochs-bin has no _Z15bx_instr_vmexitjjm: this is not the version" \
		library "$tmp/bin/bochs-bin"
}

@test "witness: a Bochs with other code" {
	cp "$(command -v bochs-bin)" "$tmp/bin/bochs-bin"
	at=$(nm -D "$tmp/bin/bochs-bin" | sed -n 's/ T _Z15bx_instr_vmexitjjm$//p')
	# In this file, code is where it is in memory.
	printf '\x90' | dd of="$tmp/bin/bochs-bin" bs=1 seek=$((0x$at)) conv=notrunc 2>/dev/null
	fails library "$tmp/bin/bochs-bin" --help
	says "$tmp/err" "expected c3 66 2e"
	says "$tmp/err" "actual 90 66 2e"
	says "$tmp/err" "has other code at _Z15bx_instr_vmexitjjm"
}

@test "witness: a QEMU with other code" {
	cp "$(command -v qemu-system-x86_64)" "$tmp/bin/qemu-system-x86_64"
	at=$(nm -D "$tmp/bin/qemu-system-x86_64" | sed -n 's/ T do_vmexit$//p')
	printf '\x90' | dd of="$tmp/bin/qemu-system-x86_64" bs=1 seek=$((0x$at)) \
		conv=notrunc 2>/dev/null
	fails library "$tmp/bin/qemu-system-x86_64" -version
	says "$tmp/err" "has other code at do_vmexit"
}

@test "witness: the emulators of this machine" {
	accept library bochs-bin --help
	accept library qemu-system-x86_64 -version
}

@test "witness: another program is left alone" {
	accept library true
	[ ! -e "$tmp/cpu.table" ]
}

# row GUEST WHAT VALUE: as the library writes it.
row() {
	perl -e 'print pack("Q<3", @ARGV)' "$@"
}

# A run in which the CPU counted for two VMCSs between the marks 1 and 2.
make_run() {
	{
		row 1 1 0; row 2 0 0; row 4096 10 5
		row 1 2 0; row 2 0 0; row 4096 10 5
		row 8192 10 23; row 8192 $((1 << 31 | 33)) 7; row 8192 33 1
		row 12288 30 2; row 16384 30 3
		row 8192 $((1 << 32)) 100; row 8192 $(((1 << 32) + 1)) 5000
		row 8192 $(((1 << 32) + 2)) 99999999
	} >"$tmp/cpu.marks"
	{
		row 2 0 0; row 4096 10 5; row 8192 10 23; row 0 0 0
		row 8192 $((1 << 31 | 33)) 7; row 8192 33 1; row 12288 30 2
		row 16384 30 3; row 8192 $((1 << 32)) 100
		row 8192 $(((1 << 32) + 1)) 5000
		row 8192 $(((1 << 32) + 2)) 99999999
	} >"$tmp/cpu.table"
	cat >"$tmp/result" <<-END
		cpu compare vmx 1 2 a
		cpu row vm 10 23
		cpu row vm 30 5
		cpu row vm 33 8
		cpu row vm total 36
		cpu row vcpu0 10 23
		cpu row vcpu0 33 8
		cpu row vcpu0 total 31
		cpu row vcpu1 30 5
		cpu row vcpu1 total 5
		cpu account vcpu0 guest 1000
		cpu account vcpu0 kernel 4000
		cpu account vcpu0 outside 500
	END
}

compare() {
	"$here/test/cpu/compare" "$tmp"
}

# red VERDICT: it fails by that.
red() {
	fails compare
	says "$tmp/out" "^not ok .*$1"
}

@test "compare: the same" {
	make_run
	accept compare
	says "$tmp/out" "cpu-agrees-on-guest-of-vcpu0: a"
	says "$tmp/out" "0x2000 (31 exits, 7 of them entries that failed)"
	says "$tmp/out" "0x3000 (2 exits), 0x4000 (3 exits)"
}

@test "compare: one exit less" {
	make_run
	sed -i 's/vcpu0 10 23/vcpu0 10 22/' "$tmp/result"
	red "cpu-agrees: a"
	says "$tmp/out" "reason 10: expected (CPU): 23, actual (debugfs): 22"
}

@test "compare: the VM's table is not that of its vCPUs" {
	make_run
	sed -i 's/vm 30 5/vm 30 4/' "$tmp/result"
	red "cpu-agrees: a"
	says "$tmp/out" "the VM's own table is not the sum"
}

@test "compare: exits that are nobody's" {
	make_run
	sed -i '/vm 30/d; /vcpu1/d; s/total 36/total 31/' "$tmp/result"
	red "cpu-agrees: a"
	says "$tmp/out" "the CPU counted 5 exits that no vCPU has"
	sed -i 's/^cpu row vm 10 23/cpu others\n&/' "$tmp/result"
	accept compare
}

@test "compare: a reason that the CPU does not know" {
	make_run
	sed -i 's/vcpu0 33 8/&\ncpu row vcpu0 48 1/' "$tmp/result"
	red "cpu-agrees: a"
}

@test "compare: exits of a VM that was there before" {
	make_run
	sed -i "s/vcpu0 10 23/vcpu0 10 28/" "$tmp/result"
	red "cpu-agrees: a"
}

@test "compare: a VM without exits, which the CPU has" {
	make_run
	printf 'cpu compare vmx 1 2 none\n' >"$tmp/result"
	red "cpu-agrees: none"
}

@test "compare: too little and too much time in the guest" {
	make_run
	sed -i 's/guest 1000/guest 99/' "$tmp/result"
	red "cpu-agrees-on-guest-of-vcpu0: a"
	sed -i 's/guest 99/guest 20000/' "$tmp/result"
	red "cpu-agrees-on-guest-of-vcpu0: a"
}

@test "compare: no times where they mean nothing" {
	make_run
	sed -i 's/guest 1000/guest 99000/; s/^cpu row vm 10 23/cpu no-times\n&/' "$tmp/result"
	accept compare
}

@test "compare: too little and too much time elsewhere" {
	make_run
	sed -i 's/kernel 4000/kernel 3500/' "$tmp/result"
	red "cpu-agrees-on-kernel-of-vcpu0: a"
	sed -i 's/kernel 3500/kernel 300000/' "$tmp/result"
	red "cpu-agrees-on-kernel-of-vcpu0: a"
}

# Two VMCSs with the same exits, and the vCPUs in another order than theirs.
@test "compare: two vCPUs with the same exits" {
	{
		row 2 0 0
		row 4096 10 23; row 4096 $((1 << 32)) 100; row 4096 $(((1 << 32) + 1)) 900000
		row 8192 10 23; row 8192 $((1 << 32)) 100; row 8192 $(((1 << 32) + 1)) 5000
	} >"$tmp/cpu.table"
	{ row 1 1 0; row 2 0 0; row 1 2 0; cat "$tmp/cpu.table"; } >"$tmp/cpu.marks"
	cat >"$tmp/result" <<-END
		cpu compare vmx 1 2 a
		cpu row vm 10 46
		cpu row vm total 46
		cpu row vcpu0 10 23
		cpu row vcpu0 total 23
		cpu row vcpu1 10 23
		cpu row vcpu1 total 23
		cpu account vcpu0 guest 1000
		cpu account vcpu0 kernel 4200
		cpu account vcpu1 guest 1000
		cpu account vcpu1 kernel 899200
	END
	accept compare
	sed -i 's/vcpu1 kernel 899200/vcpu1 kernel 698000/' "$tmp/result"
	red "cpu-agrees-on-kernel-of-vcpu1: a"
	sed -i 's/vcpu1 kernel 698000/vcpu1 kernel 899200/; s/vcpu0 kernel 4200/vcpu0 kernel 4000/' \
		"$tmp/result"
	red "cpu-agrees-on-kernel-of-vcpu0: a"
}

@test "compare: much time after the last exit, where that may be" {
	make_run
	sed -i 's/kernel 4000/kernel 300000/; s/^cpu row vm 10 23/cpu any-end\n&/' "$tmp/result"
	accept compare
}

@test "compare: the table has less than the last mark" {
	make_run
	row 2 0 0 >"$tmp/cpu.table"
	red "cpu: the table is whole"
}

@test "compare: the table was too small" {
	make_run
	{ row 2 0 1; tail -c +25 "$tmp/cpu.table"; } >"$tmp/table"
	mv "$tmp/table" "$tmp/cpu.table"
	red "cpu: the table was large enough"
}

@test "compare: nothing was counted" {
	make_run
	: >"$tmp/cpu.marks"
	red "cpu-counted"
}

@test "compare: no emulated CPU" {
	make_run
	echo "L0=kvm: only an emulated CPU says what it does" >"$tmp/cpu.none"
	accept compare
	says "$tmp/out" "# SKIP L0=kvm"
}

@test "compare: L1 compared nothing" {
	echo "ok 1 something" >"$tmp/result"
	accept compare
	[ ! -s "$tmp/out" ]
}
