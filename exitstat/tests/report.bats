#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# The page and the text of a report.
load helper.bash
load recording.bash

# page FILE: well-formed, self-contained, with all that its template names
page() {
	python3 - "$1" <<'EOF'
import html.parser, json, re, sys

class Page(html.parser.HTMLParser):
    VOID = {"meta", "input", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.scripts, self.words = [], [], [], []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            assert name not in ("src", "href"), "it refers to " + value
            assert not name.startswith("on"), "it has a script in " + name
            if name == "id":
                self.ids.append(value)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "%s ends nothing" % tag

    def handle_data(self, text):
        if self.open[-1:] == ["script"]:
            self.scripts[-1] += text
        elif self.open[-1:] != ["style"]:
            self.words.append(text)

text = open(sys.argv[1], encoding="utf-8").read()
page = Page()
page.feed(text)
page.close()
assert not page.open, "does not end: %s" % page.open
assert len(page.ids) == len(set(page.ids)), "an id occurs twice"
assert re.findall("https?://[^ ]*", text) == ["https://github.com/leeoniya/uPlot"], "it refers to something"
assert "url(" not in text and "@import" not in text, "it loads something"
# That of a hostile name is no word of the template.
words = "".join(page.words).replace("u003c{{data}}", "")
assert "{{" not in words, "a word of the template is left"
assert len(page.scripts) == 3, "%d scripts" % len(page.scripts)
json.loads(page.scripts[0])
assert "The MIT License" in page.scripts[1], "no license of the library"
assert page.ids == ["charts", "when", "time", "cost", "exits", "each",
                    "tail", "tails", "data"], page.ids
EOF
}

# report_of FILE: its text is in the file text, in one line.
report_of() {
	exitstat report -o "$tmp/page.html" "$1" | tr '\n' ' ' | tr -s ' ' >"$tmp/text"
	page "$tmp/page.html"
}

# says TEXT: the report does.
says() { has "$tmp/text" "$1"; }

# report_is_golden ISA
report_is_golden() {
	capture report -o "$tmp/$1.html" "recordings/$1"
	pass_if "$status $(cat "$tmp/err")" "0 " "status and stderr"
	same "recordings/$1.txt" "$tmp/out"
	pass_if "$(awk 'length > 79' "$tmp/out")" "" "lines wider than 79"
	page "$tmp/$1.html"
}
# An answer is no list of thousands.
@test "report-of-many-phases" {
	steps "$(seq -s ' ' 40)" 1 "$(seq -s ' ' 40)" >"$tmp/phases"
	exitstat report -o "$tmp/page.html" "$tmp/phases" | tr '\n' ' ' | tr -s ' ' >"$tmp/text"
	has "$tmp/text" "16 unknown; and 24 more phases. Which"
	has "$tmp/text" "25 25 (100 % IO_INSTRUCTION); and 24 more phases. How"
}
@test "report-vmx" { report_is_golden vmx; }
@test "report-svm" { report_is_golden svm; }

# What the text says, by other means: exits per second of the phase "serial".
@test "report-rate-of-a-phase" {
	exitstat report -o "$tmp/vmx.html" recordings/vmx >"$tmp/vmx.txt"
	pass_if "$(tr -d '\n,' <"$tmp/vmx.txt" | sed 's/.*serial \([0-9]*\) (8.*/\1/')" \
		"$(awk '$1 == "mark" { mark = $2 }
			$1 == "sample" { time = $2 }
			$1 == "own" { own = $2 }
			$1 == "row" && $2 == 10 { exits -= own }
			$1 == "row" { exits += $3 }
			$1 == "end" {
				if (mark == "serial") { from = time; had = exits }
				if (mark == "ipc") printf "%.0f", (exits - had) * 1e9 / (time - from)
				mark = ""
				exits = 0
			}' recordings/vmx)" "exits per second"
}

# Rates that are known: 100 exits a second, and then 300.
@test "report-of-an-even-rate" {
	steps "100 100 100 100" >"$tmp/even"
	report_of "$tmp/even"
	says "Yes: over the whole recording the rate is stable. It is 100 exits a second"
	says "is 0.00, where"
	says "7 exits and 21 cycles from the VM's first instruction to the first sample, 1.00 s"
	says "no marks to say which work ran when. The highest rate was 100"
}
# Mean 200, deviation 100.
@test "report-of-two-phases" {
	steps "100 100 300 300" 100 "slow - fast -" >"$tmp/two"
	report_of "$tmp/two"
	says "slow stable (0.00); fast stable (0.00)"
	says "is 0.50, where"
	says "fast 300 (100 % IO_INSTRUCTION), slow 100"
	says "Not in this recording: it began 100 s after the VM. The VM had exited 7 times"
}
@test "report-without-exits" {
	steps "0 0 0" >"$tmp/still"
	report_of "$tmp/still"
	says "There were no exits while this was recorded."
	says "Not enough data"
}
@test "report-large" {
	report_of dumps/large
	says "IO_INSTRUCTION (18,446,744,050,000,000,000)"
}
@test "report-empty" {
	report_of dumps/empty
	says "There were no exits."
}
@test "report-svm-without-times" {
	report_of dumps/svm
	says "SVM, TSC at"
}
# All time is known; the counts begin anew in the middle: 10266 + 390 of both VMs,
# less the reads' own.
@test "report-times" {
	report_of dumps/times
	says "IO_INSTRUCTION, with 99.8 % of the cycles (kernel 0 %, vmm 100 %, wait 0 %)"
	says "2.5 s in 4 samples, 1 phases; 10,656 exits since"
	says "began anew 1 time, as the VM was restored or migrated: all parts are added"
}
# 101 exits of the first VM, whose counting was off for a while, and 206 of the next.
@test "report-of-a-migration" {
	report_of dumps/migrated
	says "Guest guest1, Linux 6.12.95-on, 1 vCPU, from 2025-11-28T06:47:27.000000Z; VMX"
	says "3.0 s in 4 samples; 607 exits since"
	says "It is 102 exits a second on average"
}
@test "report-of-a-rebooted-guest" {
	report_of dumps/rebooted
	says "the guest had rebooted before: what ran until then is counted, too"
	says "it began 432000 s after the VM, whose kernel had started 1.80 s before it"
}
@test "report-of-a-restored-guest" {
	report_of dumps/restored
	says "was restored or migrated before: what ran until then is not counted"
	says "Not in this recording: the guest was rebooted, restored or migrated"
}
@test "report-of-a-rebooted-guest-without-age" {
	report_of dumps/rebooted-1
	says "when the counts began is not known"
	says "Not in this recording: the guest was rebooted, restored or migrated"
}
@test "report-of-counts-that-fell" {
	report_of dumps/fallen
	says "2.0 s in 3 samples; 160 exits since"
	says "It is 30 exits a second on average"
}
@test "report-counts-that-begin-anew" {
	exitstat report -o "$tmp/anew.html" dumps/times >"$tmp/out"
	sed -n 's/.*"anew":\(.*\),$/\1/p' "$tmp/anew.html" >"$tmp/is"
	pass_if "$(cat "$tmp/is")" "[1.000000]" "seconds until the last sample before"
}
# 2082 cycles of 1000 exits: 480 times as long; of all, 3,430,000 of 1450 are 2366.
@test "report-of-the-worst-exit" {
	known_tail | head -n 31 >"$tmp/tail"
	report_of "$tmp/tail"
	says "What is the worst exit? While this was recorded: one of IO_INSTRUCTION, which took 1.00ms in the kernel. Half of the exits of this reason took no more than 991ns, 99 % no more than 991ns. Their mean is 2.08us: the worst took 481 times as long, which the mean hides. Where did"
	known_tail svm 123 >"$tmp/tail"
	report_of "$tmp/tail"
	says "one of io, which took 1.00ms in the kernel"
	says "99 % no more than 9.73us. Their mean is 2.37us: the worst took 423 times as long, which the mean hides. 3.4 % of all exits were not measured. Where did"
}
# Without the frequency, in cycles.
@test "report-of-the-worst-exit-in-cycles" {
	known_tail vmx 30 0 | head -n 31 >"$tmp/tail"
	report_of "$tmp/tail"
	says "one of IO_INSTRUCTION, which took 1.00M cycles in the kernel."
	says "99 % no more than 991 cycles. Their mean is 2080 cycles: the worst"
}
# None was worse than 1023 cycles, and that is no more than the mean.
@test "report-of-a-worst-exit-that-is-not-known" {
	known_tail | sed -n '1,11p; 22,41p' >"$tmp/tail"
	sed -i 's/^hists more/hists all/' "$tmp/tail"
	report_of "$tmp/tail"
	says "which took at most 1.02us in the kernel"
	says "Their mean is 1.00us: the worst took up to 1.0 times as long. Where did"
}
@test "report-of-tails" {
	local isa
	for isa in vmx svm; do
		./tail-recording "$isa" >"$tmp/$isa"
		exitstat report -o "$tmp/page.html" "$tmp/$isa" >"$tmp/out"
		page "$tmp/page.html"
		same "golden/report-tails-$isa" "$tmp/out"
	done
}
# The mean of reads is not what the guest's exits cost.
@test "report-of-tails-of-reads-only" {
	known_tail vmx 10 | awk '$1 == "total" { own = $2 } $1 == "own" { $2 = own } { print }' >"$tmp/own"
	report_of "$tmp/own"
	says "What is the worst exit? While this was recorded, no exit was measured. Where did"
	pass_if "$(grep -c "What single exits cost</h2>" "$tmp/page.html")" 0 "tables"
}
@test "report-without-histograms" {
	report_of recordings/vmx
	pass_if "$(grep -c "worst exit\|What single exits cost</h2>" "$tmp/page.html" "$tmp/text" | paste -sd ' ')" \
		"$tmp/page.html:0 $tmp/text:0" "words on the tail"
}
@test "report-of-a-nearly-even-rate" {
	steps "100 120 140" >"$tmp/nearly"
	report_of "$tmp/nearly"
	says "Nearly: over the whole recording the rate is fairly stable"
}
@test "report-of-a-long-recording" {
	many_steps >"$tmp/many"
	report_of "$tmp/many"
	says "in 3001 samples"
	[ "$(wc -c <"$tmp/page.html")" -lt 500000 ] || {
		printf 'expected: a page below 500000 bytes\nactual: %s\n' \
			"$(wc -c <"$tmp/page.html")"
		return 1
	}
}

@test "report-beside-the-recording" {
	mkdir "$tmp/beside"
	cp recordings/vmx "$tmp/beside"
	exitstat report -o "$tmp/vmx.html" recordings/vmx >"$tmp/out"
	exitstat report "$tmp/beside/vmx" >"$tmp/out"
	cmp "$tmp/beside/vmx.html" "$tmp/vmx.html"
}
@test "report-to-standard-output" {
	exitstat report -o "$tmp/vmx.html" recordings/vmx >"$tmp/out"
	exitstat report -o - recordings/vmx >"$tmp/out"
	cmp "$tmp/out" "$tmp/vmx.html"
}

@test "report-to-a-full-disk" {
	refuse 1 "cannot write /dev/full" report -o /dev/full recordings/vmx
}
@test "report-to-no-directory" {
	refuse 1 "cannot write /nonexistent/x" report -o /nonexistent/x recordings/vmx
}
@test "report-of-no-file" {
	refuse 1 "cannot read /nonexistent" report -o "$tmp/none" /nonexistent
	no_file 'none*'
}
@test "report-of-a-cut-recording" {
	head -n 70 recordings/vmx >"$tmp/cut"
	capture report -o "$tmp/page.html" "$tmp/cut"
	pass_if "$status $(wc -l <"$tmp/err")" "0 1" "status, lines of stderr"
	has "$tmp/err" "cut was cut short: its last sample is left out"
	page "$tmp/page.html"
	head -n 10 recordings/vmx >"$tmp/cut"
	refuse 1 "cut short" report -o "$tmp/none" "$tmp/cut"
	no_file 'none*'
}
# Without its last sample: 1301 exits, of which the first had no other to compare with.
@test "report-of-a-cut-recording-of-tails" {
	known_tail | head -n -2 >"$tmp/cut"
	report_of "$tmp/cut" 2>"$tmp/err"
	has "$tmp/err" "cut was cut short: its last sample is left out"
	says "99 % no more than 991ns. Their mean is 1.80us: the worst took 556 times as long, which the mean hides. 3.7 % of all"
}
@test "report-of-one-sample" {
	steps "" >"$tmp/one"
	refuse 1 "1 samples: a report needs two" report -o "$tmp/none" "$tmp/one"
	no_file 'none*'
}
@test "refuse-report-of-nothing" { refuse 2 "one FILE, or two" report; }
@test "report-needs-no-program" {
	(PATH=$tmp; exitstat report -o "$tmp/alone.html" recordings/vmx >"$tmp/out")
	page "$tmp/alone.html"
}
@test "report-of-two" {
	steps "100 100" >"$tmp/a"
	steps "200 200" >"$tmp/b"
	(cd "$tmp" && exitstat report a b >text)
	page "$tmp/b.html"
	pass_if "$(grep -c '^  *Yes: over the whole' "$tmp/text")" 2 "answers of both"
	pass_if "$(grep -E '^[ab]:$' "$tmp/text" | paste -sd ' ')" "a: b:" "their names"
	has "$tmp/b.html" '<td>100</td><td>200</td><td class="change">+100.0&#8239;%</td>'
}
@test "report-of-two-instruction-sets" {
	refuse 1 "recordings/vmx is of VMX, recordings/svm of SVM" \
		report -o "$tmp/none" recordings/vmx recordings/svm
	no_file 'none*'
}
@test "report-of-two-where-one-is-none" {
	refuse 1 "cannot read /nonexistent" report -o "$tmp/none" recordings/vmx /nonexistent
	no_file 'none*'
}
@test "report-of-standard-input" {
	exitstat report -o "$tmp/stdin.html" - <recordings/vmx >"$tmp/out"
	page "$tmp/stdin.html"
	refuse 2 "report of standard input needs -o FILE.html" report -
}
@test "refuse-report-of-three" { refuse 2 "or two to compare" report a b c; }
# What a guest or a host chose: it must stay text.
@test "report-of-hostile-names" {
	hostile_names >"$tmp/hostile"
	report_of "$tmp/hostile"
	has "$tmp/page.html" '<dd>h&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;</dd>'
	pass_if "$(grep -c '<img' "$tmp/page.html")" 0 "elements of the host"
}
# The table of each recording has a foot.
@test "report-has-totals" {
	steps "100 100" >"$tmp/totals"
	report_of "$tmp/totals"
	pass_if "$(sed -n 's/^<tfoot>.*<td class="text">all<\/td><td>\([0-9]*\)<.*/\1/p' "$tmp/page.html")" \
		207 "exits of all reasons"
}

@test "report-without-space-leaves-no-file" {
	status=0
	without_space report -o "$tmp/none" recordings/vmx || status=$?
	pass_if "$status" 1 "status"
	no_file 'none*'
}

@test "refuse-marks-that-are-not-names" {
	for mark in "" "a b" "<b>" "a'b" "$(printf '%032d' 0)"; do
		sed "s/^mark idle\$/mark $mark/" recordings/vmx >"$tmp/bad"
		refuse 1 "no name of a phase" report -o "$tmp/none" "$tmp/bad"
	done
	no_file 'none*'
}
