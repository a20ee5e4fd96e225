#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# What exitstat makes of a recording, in each format. The table of each file in
# dumps/ has a test that the script "run" writes.
load helper.bash

@test "last-vmx" { golden last-vmx cat --input dumps/vmx; }
@test "json-vmx" { golden json-vmx cat --input dumps/vmx --json 1; }
@test "csv-vmx" { golden csv-vmx cat --input dumps/vmx --csv 1; }
@test "openmetrics-vmx" { golden openmetrics-vmx cat --input dumps/vmx --openmetrics; }
@test "json-of-vmx-is-json" {
	json "$(grep -c '^sample' dumps/vmx)" --input dumps/vmx 1
}
@test "openmetrics-of-vmx-is-openmetrics" { openmetrics --input dumps/vmx; }

@test "last-large" { golden last-large cat --input dumps/large; }
@test "json-large" { golden json-large cat --input dumps/large --json 1; }
@test "csv-large" { golden csv-large cat --input dumps/large --csv 1; }
@test "openmetrics-large" { golden openmetrics-large cat --input dumps/large --openmetrics; }
@test "json-of-large-is-json" {
	json "$(grep -c '^sample' dumps/large)" --input dumps/large 1
}
@test "openmetrics-of-large-is-openmetrics" { openmetrics --input dumps/large; }

@test "last-empty" { golden last-empty cat --input dumps/empty; }
@test "json-empty" { golden json-empty cat --input dumps/empty --json 1; }
@test "csv-empty" { golden csv-empty cat --input dumps/empty --csv 1; }
@test "openmetrics-empty" { golden openmetrics-empty cat --input dumps/empty --openmetrics; }
@test "json-of-empty-is-json" {
	json "$(grep -c '^sample' dumps/empty)" --input dumps/empty 1
}
@test "openmetrics-of-empty-is-openmetrics" { openmetrics --input dumps/empty; }

@test "last-svm" { golden last-svm cat --input dumps/svm; }
@test "json-svm" { golden json-svm cat --input dumps/svm --json 1; }
@test "csv-svm" { golden csv-svm cat --input dumps/svm --csv 1; }
@test "openmetrics-svm" { golden openmetrics-svm cat --input dumps/svm --openmetrics; }
@test "json-of-svm-is-json" {
	json "$(grep -c '^sample' dumps/svm)" --input dumps/svm 1
}
@test "openmetrics-of-svm-is-openmetrics" { openmetrics --input dumps/svm; }

@test "last-times" { golden last-times cat --input dumps/times; }
@test "json-times" { golden json-times cat --input dumps/times --json 1; }
@test "csv-times" { golden csv-times cat --input dumps/times --csv 1; }
@test "openmetrics-times" { golden openmetrics-times cat --input dumps/times --openmetrics; }
@test "json-of-times-is-json" {
	json "$(grep -c '^sample' dumps/times)" --input dumps/times 1
}
@test "openmetrics-of-times-is-openmetrics" { openmetrics --input dumps/times; }

@test "last-times-svm" { golden last-times-svm cat --input dumps/times-svm; }
@test "json-times-svm" { golden json-times-svm cat --input dumps/times-svm --json 1; }
@test "csv-times-svm" { golden csv-times-svm cat --input dumps/times-svm --csv 1; }
@test "openmetrics-times-svm" { golden openmetrics-times-svm cat --input dumps/times-svm --openmetrics; }
@test "json-of-times-svm-is-json" {
	json "$(grep -c '^sample' dumps/times-svm)" --input dumps/times-svm 1
}
@test "openmetrics-of-times-svm-is-openmetrics" { openmetrics --input dumps/times-svm; }

@test "count" { golden count cat --input dumps/vmx 1 2; }
@test "no-first" { golden no-first cat --input dumps/vmx -y 1; }
@test "no-first-count" { golden no-first-count cat --input dumps/vmx -y 1 1; }
@test "sort-cycles" { golden sort-cycles cat --input dumps/vmx -s cycles; }
@test "sort-exits" { golden sort-exits cat --input dumps/times -s exits 1 2; }
@test "sort-cost" { golden sort-cost cat --input dumps/vmx -s cost; }
@test "restrict" { golden restrict cat --input dumps/vmx -r 48,io_instruction,0x1 1; }
@test "restrict-names" { golden restrict-names cat --input dumps/svm -r UD_excp,-1,NPF,other; }
@test "restrict-json" { golden restrict-json cat --input dumps/vmx -r 29 --json; }
@test "cut-json" { golden cut-json cat --input dumps/cut-sample --json 1; }
@test "cut-openmetrics" { golden cut-openmetrics cat --input dumps/cut-row --openmetrics; }
@test "no-file" { golden no-file cat --input dumps/nonexistent; }
@test "directory" { golden directory cat --input dumps; }
@test "zeros" { golden zeros cat --input /dev/zero; }
@test "restrict-to-the-beginning-of-a-name" {
	exitstat --input dumps/vmx -r 48,30 1 >"$tmp/numbers"
	exitstat --input dumps/vmx -r ept_v,IO 1 >"$tmp/names"
	cmp "$tmp/numbers" "$tmp/names"
	refuse 2 "'ept' may be any of 2" --input dumps/vmx -r ept 1
}
@test "standard-input" {
	exitstat --input dumps/vmx 1 >"$tmp/file"
	exitstat --input - 1 <dumps/vmx >"$tmp/out"
	cmp "$tmp/file" "$tmp/out"
	status=0
	exitstat --input - 1 </dev/null 2>"$tmp/err" || status=$?
	pass_if "$status $(cat "$tmp/err")" "1 exitstat: standard input is empty: no dump of exitstat" "status, stderr"
}
@test "unknown-reason" { golden unknown-reason cat --input dumps/vmx -r 48,npf; }
@test "unknown-number" { golden unknown-number cat --input dumps/vmx -r 65536; }
@test "empty-reason" { golden empty-reason cat --input dumps/vmx -r ,; }

@test "too-many-rows" {
	{
		head -n 7 dumps/vmx
		seq 65535 | sed 's/.*/row & 1 1/'
		seq 70000 70003 | sed 's/.*/row & 1 1/'
		echo end
	} >"$tmp/rows"
	golden too-many-rows steady --input "$tmp/rows"
}

@test "tables-are-less-than-80-columns-wide" {
	pass_if "$(awk '!/^stderr: / && length > 79' golden/table-* \
		golden/last-* golden/host-[tl]* golden/vm golden/vcpu \
		golden/times-host-table golden/times-vm golden/times-vcpu-never \
		golden/times-command*)" "" "wider lines"
}
