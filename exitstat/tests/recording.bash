# shellcheck shell=bash disable=SC2154 # helper.bash sets tmp
# Common to the tests of record and report: recordings with known rates.

# steps RATES [START [MARKS]]: a recording with a sample a second. %d stops at
# 2^31 in mawk, and wraps there in busybox.
steps() {
	printf 'exitstat-dump 1\nisa vmx\ntsc_khz 1000000\nown_reason 10\n'
	awk -v rates="$1" -v start="${2:-1}" -v marks="${3:-}" 'BEGIN {
		nr = split(rates, rate, " ")
		split(marks, mark, " ")
		for (i = 0; i <= nr; i++) {
			exits += i ? rate[i] : 7
			if (mark[i + 1] != "" && mark[i + 1] != "-")
				print "mark " mark[i + 1]
			printf "sample %.0f\ntotal %.0f %.0f\nown 0\n", (i + start) * 1000000000, exits, exits * 3
			if (exits)
				printf "row 30 %.0f %.0f\n", exits, exits * 3
			print "end"
		}
	}'
}

# many_steps: a long recording
many_steps() {
	steps "$(awk 'BEGIN { for (i = 0; i < 3000; i++) printf "%d ", i % 7 }')"
}

# until_fifo FIFO: record has made it; a test without it sees so itself.
until_fifo() {
	local tries=50
	until [ -p "$1" ] || [ "$tries" = 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
}

# no_file PATTERN: no file has such a name.
no_file() { pass_if "$(find "$tmp" -name "$1")" "" "files left"; }

# without_space ARGUMENT...: exitstat, where files must be short
without_space() {
	(
		ulimit -f 1
		trap '' XFSZ
		exitstat "$@"
	) >"$tmp/out" 2>"$tmp/err"
}

# hostile_names: a recording of a VM, a host and a command whose names attack a page
hostile_names() {
	cat <<'EOF'
exitstat-dump 3
isa vmx
tsc_khz 1000000
own_reason 10
interface 1
exitstat </script><b>"&'
host h</script><img src=x onerror=alert(1)>
kernel ]]><!--<script>alert(1)</script>
vm 1-2 "><script>alert(1)</script>&lt;\u003c{{data}}
command x</title></style></dd><svg onload=alert(1)>
vcpus 1
EOF
	steps "100 100" 1 "+a.b_c-" | sed '1,/^own_reason/d; s/^sample .*/& 0 0/'
}

# known_tail [ISA REASON [TSC-KHZ]]: a recording of exits of known costs, a sample a
# second, where one cycle is a ns. 990 of 1000 cycles (bucket 39, 960 to 1023), 9 of
# 10,000 (bucket 65, 9216 to 10239), 1 of 1,000,000 (bucket 119, 983040 to 1048575);
# then 100 of 1000; 50 while histograms were off; a sample without histograms, in which
# there were 100 of 1000; a sample that has them again; 100 of 10,000.
known_tail() {
	printf 'exitstat-dump 4\nisa %s\ntsc_khz %s\nown_reason 10\n' "${1:-vmx}" "${3:-1000000}"
	printf 'interface 2\nexitstat 1.0\nhost h\nkernel k\nvm 1-2 web\ncommand c\nvcpus 1\n'
	awk -v reason="${2:-30}" '
		function sample(exits, cycles, words) {
			n++
			printf "sample %d000000000 0 0\nepoch 7 %d000000000\n", n, n
			printf "total %d %d 0 0\naccounts 0 %d 0 0 0 0 0 0\nown 0\n", exits, cycles, cycles
			printf "row %s %d %d 0 0\n%send\n", reason, exits, cycles, words
		}
		BEGIN {
			hist = "\nhist " reason
			sample(1, 2000, "hists all" hist " 2000 0 0\nbuckets 47 1\n")
			sample(1001, 2082000, "hists more" hist " 1000000 0 0\nbuckets 39 990 65 9 119 1\n")
			sample(1101, 2182000, "hists more" hist " 1000000 0 0\nbuckets 39 1090\n")
			sample(1151, 2232000, "hists more" hist " 1000000 0 50\n")
			sample(1251, 2332000, "")
			sample(1351, 2432000, "hists all" hist " 1000000 0 50\nbuckets 39 1290 47 1 65 9 119 1\n")
			sample(1451, 3432000, "hists more" hist " 1000000 0 50\nbuckets 65 109\n")
		}'
}
