#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# The charts of a report, in a browser.
load helper.bash
load recording.bash

# draw RECORDING...: the page of it
draw() { exitstat report -o "$tmp/page.html" "$@" >"$tmp/out"; }

# see SCRIPT [OPTION...]: what the script is in the page, into the file seen. The page
# must have no error, nothing on the console, and ask for nothing.
see() {
	local script=$1
	shift
	./browser "$@" "$tmp/page.html" "$script" >"$tmp/seen" 2>"$tmp/err" || {
		cat "$tmp/err"
		return 1
	}
}

# Functions of JavaScript for the tests.
# lineOf(CHART, NAME): what is drawn of a line, without what is below it
# sumOf(CHART): the upper edge of a stack
# hover(CHART, X), drag(CHART, FROM, TO): as a mouse, in parts of the width
# names(CHART): what is written into a chart, [text, x, y, width, color]
js='
const chartOf = (id) => exitstat.charts.find((chart) => chart.id === id);
const valuesOf = (id) => exitstat.values().find((chart) => chart.id === id);
const lineOf = (id, name) => {
	const { lines, stacked } = valuesOf(id);
	const i = lines.findIndex((line) => line.name === name);
	return lines[i].drawn.map((value, k) => value === null || !stacked || !i ? value :
		value - lines[i - 1].drawn[k]);
};
const sumOf = (id) => valuesOf(id).lines.at(-1).drawn;
const mouse = (id, type, x) => {
	const over = chartOf(id).plot.over, box = over.getBoundingClientRect();
	over.dispatchEvent(new MouseEvent(type, { bubbles: true, view: window, movementX: 5,
		clientX: box.left + x * box.width, clientY: box.top + box.height / 2 }));
};
const settle = () => new Promise((done) => setTimeout(done, 50));
const hover = async (id, x) => {
	mouse(id, "mouseenter", x); mouse(id, "mousemove", x);
	await settle();
};
const drag = async (id, from, to) => {
	await hover(id, from); mouse(id, "mousedown", from); mouse(id, "mousemove", to);
	await settle();
	mouse(id, "mouseup", to);
	await settle();
};
const legendOf = (id) => Array.from(chartOf(id).place.querySelectorAll(".u-series"),
	(row) => [row.querySelector(".u-label").textContent,
		  row.querySelector(".u-value").textContent]);
const namesOf = (id) => {
	const ctx = chartOf(id).plot.ctx, seen = [], old = ctx.fillText;
	ctx.fillText = (text, x, y) => seen.push([text, x, y, ctx.measureText(text).width, ctx.fillStyle]);
	chartOf(id).plot.redraw();
	return settle().then(() => { delete ctx.fillText; return seen; });
};
'
# barsOf(STRIP), costAt(BOX, X): where its bars are on the screen; what a place there means
strips='
const boxOf = (element) => element.getBoundingClientRect();
const middleOf = (element) => (boxOf(element).left + boxOf(element).right) / 2;
const barsOf = (strip) => Array.from(strip.svg.querySelectorAll(".bar"), boxOf);
const costAt = (box, x) => exitstat.axis.low *
	(exitstat.axis.high / exitstat.axis.low) ** ((x - box.left) / box.width);
'
# run_js BODY: an expression for see
run_js() { printf '(async () => { %s %s })()' "$js" "$1"; }

# rates_of REASON|all RECORDING: exits per second of each step, by other means
rates_of() {
	awk -v reason="$1" '
		$1 == "own_reason" { own_reason = $2 }
		$1 == "sample" { time = $2; n = 0 }
		$1 == "own" { own = $2 }
		$1 == "row" && (reason == "all" || $2 == reason) {
			n += $3 - ($2 == own_reason ? own : 0)
		}
		$1 == "end" {
			if (last) printf "%s%.6f", any++ ? " " : "", (n - had) * 1e9 / (time - last)
			had = n
			last = time
		}' "$2"
}

# near EXPECTED: the numbers in the file seen, but for rounding
near() {
	python3 - "$1" "$tmp/seen" <<'EOF'
import json, math, sys
wanted = [float(x) for x in sys.argv[1].split()]
seen = json.load(open(sys.argv[2]))
seen = [x for x in seen if x is not None]
assert len(wanted) == len(seen), "expected %d: %s\nactual %d: %s" % (len(wanted), wanted, len(seen), seen)
for a, b in zip(wanted, seen):
    assert math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-5), "expected %s\nactual %s" % (wanted, seen)
EOF
}

# is TEXT: what was seen is this, as JSON
is() { pass_if "$(cat "$tmp/seen")" "$1" "what the page shows"; }

# Prime counts, one sample a second, and three cycles an exit at 1 GHz.
@test "page-of-known-rates" {
	steps "101 211 307" >"$tmp/known"
	draw "$tmp/known"
	see "$(run_js 'return [valuesOf("exits").x, lineOf("exits", "IO_INSTRUCTION"),
		lineOf("each", "IO_INSTRUCTION"),
		lineOf("cost", "IO_INSTRUCTION").slice(0, 3).map((value) => value.toFixed(7))]')"
	is '[[1, 2, 3, 4], [101, 211, 307, null], [3, 3, 3, null], ["0.0000303", "0.0000633", "0.0000921"]]'
}
@test "page-of-a-recording" {
	draw recordings/vmx
	see "$(run_js 'return [...lineOf("exits", "EPT_VIOLATION"), ...lineOf("exits", "IO_INSTRUCTION"),
		...sumOf("exits")]')"
	near "$(rates_of 48 recordings/vmx) $(rates_of 30 recordings/vmx) $(rates_of all recordings/vmx)"
}
# A line 1 pixel high near the top of the chart has the colour of the reason.
@test "page-of-a-peak" {
	steps "$(awk 'BEGIN { for (i = 0; i < 3600; i++) printf "%d ", i == 1777 ? 1000000 : 300 }')" >"$tmp/peak"
	draw "$tmp/peak"
	see "$(run_js '
		const seen = () => {
			const { plot, lines } = chartOf("exits"), { left, width } = plot.bbox;
			const y = Math.round(plot.valToPos(980000, "y", true));
			const pixels = plot.ctx.getImageData(left, y, width, 1).data;
			const [r, g, b] = lines[0].color.match(/[0-9a-f]{2}/g).map((x) => parseInt(x, 16));
			for (let i = 0; i < pixels.length; i += 4)
				if (pixels[i + 3] > 250 && Math.abs(pixels[i] - r) + Math.abs(pixels[i + 1] - g) + Math.abs(pixels[i + 2] - b) < 60)
					return true;
			return false;
		};
		await settle();
		const result = [valuesOf("exits").x.length, Math.max(...sumOf("exits")), seen()];
		document.querySelector("input[value=log]").click();
		await settle();
		return [...result, seen(), Math.max(...sumOf("exits"))]')"
	is '[3601, 1000000, true, true, 1000000]'
}
# 100,000 samples of many reasons, with a peak of one reason and a gap of another.
@test "page-of-a-very-long-recording" {
	awk 'BEGIN {
		print "exitstat-dump 1\nisa vmx\ntsc_khz 2100000\nown_reason 10"
		for (i = 0; i <= 100000; i++) {
			printf "sample %.0f\n", (i + 1) * 1000000000
			total = rows = ""; sum = 0
			for (reason = 28; reason < 42; reason++) {
				if (reason == 35 || reason == 38) continue
				if (i && !(i == 61234 && reason == 40))
					n[reason] += i == 31337 && reason == 32 ? 7777777 : 1000 + (i * reason * 7919) % 977
				if (n[reason]) rows = rows sprintf("row %d %.0f %.0f\n", reason, n[reason], n[reason] * reason * 100)
				sum += n[reason]
			}
			printf "total %.0f %.0f\nown 0\n%send\n", sum, sum * 3000, rows
		}
	}' >"$tmp/long"
	draw "$tmp/long"
	[ "$(wc -c <"$tmp/page.html")" -lt 6000000 ] ||
		{ printf 'bytes of the page: %s, not below 6000000\n' "$(wc -c <"$tmp/page.html")"; return 1; }
	see "$(run_js '
		const x = valuesOf("exits").x;
		const total = sumOf("exits").slice(0, -1).reduce((sum, rate, i) => sum + rate * (x[i + 1] - x[i]), 0);
		return [x.length > 3000 && x.length <= 8001, x.at(-1), Math.max(...lineOf("exits", "MSR_WRITE").map(Math.round)),
			Math.min(...lineOf("exits", "PAUSE_INSTRUCTION").filter((rate) => rate !== null).map(Math.round)),
			Math.round(total), document.getElementById("when").textContent.includes("more samples")]')"
	is "[true, 100001, 7777777, 0, $(awk '$1 == "total" { n = $2 } END { printf "%.0f", n }' "$tmp/long"), true]"
}
# Fourteen marks, of which some names have no room.
@test "page-of-many-marks" {
	steps "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1" 1 "a-long-name-of-a-phase b c d e another-long-name f g h i j k l m" >"$tmp/marks"
	draw "$tmp/marks"
	see "$(run_js '
		const names = (await namesOf("exits")).filter(([text, x, y]) => text && y < chartOf("exits").plot.bbox.top);
		const overlaps = names.filter(([, x, y, width], i) => names.some(([, other, row], k) =>
			k !== i && row === y && other >= x && other < x + width));
		await hover("exits", 5.5 / 15);
		return [names.length >= 12, overlaps, legendOf("exits")[0][1]]')"
	is '[true, [], "6.000 s to 7.000 s, phase another-long-name"]'
}
# Counts that began anew, with all time known: guest 1.4 of 2.1 G cycles in the first second.
@test "page-of-counts-that-begin-anew" {
	draw dumps/times
	see "$(run_js 'return [(await namesOf("time")).filter(([text]) => /anew/.test(text)).length,
		...lineOf("time", "guest"), ...lineOf("exits", "IO_INSTRUCTION")]')"
	near "1 66.6666667 47.6190476 4.7619048 23 20 30"
}
@test "page-of-hostile-names" {
	hostile_names >"$tmp/hostile"
	draw "$tmp/hostile"
	see "$(run_js 'return [document.title, document.querySelectorAll("img, svg, b").length,
		Array.from(document.querySelectorAll(".origin dd"), (e) => e.textContent).slice(2, 4),
		document.querySelectorAll(".origin dd")[5].textContent,
		lineOf("exits", "IO_INSTRUCTION"), (await namesOf("exits")).map(([text]) => text).filter((text) => text === "+a.b_c-")]')"
	python3 - "$tmp/seen" <<'EOF'
import json, sys
seen = json.load(open(sys.argv[1]))
wanted = ['VM exits of 1-2 "><script>alert(1)</script>&lt;\\u003c{{data}}', 0,
          ["h</script><img src=x onerror=alert(1)>", "]]><!--<script>alert(1)</script>"],
          "x</title></style></dd><svg onload=alert(1)>", [100, 100, None], ["+a.b_c-"]]
assert seen == wanted, "expected %s\nactual %s" % (wanted, seen)
EOF
}
# The first reason is at the bottom of the stack: without it all others come down.
@test "page-legend-hides-a-line" {
	draw recordings/vmx
	see "$(run_js '
		const click = () => Array.from(chartOf("exits").place.querySelectorAll(".u-label"))
			.find((label) => label.textContent === "EPT_VIOLATION").click();
		const before = sumOf("exits").slice(), ept = lineOf("exits", "EPT_VIOLATION").slice();
		click();
		await settle();
		const without = sumOf("exits").slice(), shown = valuesOf("exits").lines.map((line) => line.shown);
		click();
		await settle();
		const differ = (a, b) => a.some((value, i) => value !== null && Math.abs(value - b[i]) > 1e-6);
		return [shown.filter((is) => !is).length,
			differ(without, before.map((value, i) => value - ept[i])), differ(before, sumOf("exits"))]')"
	is '[1, false, false]'
}
@test "page-zooms-all-charts" {
	draw recordings/vmx
	see "$(run_js '
		const range = () => exitstat.charts.map(({ plot }) => plot.scales.x.min + " " + plot.scales.x.max);
		const all = range();
		await drag("exits", 0.25, 0.5);
		const zoomed = range();
		mouse("cost", "dblclick", 0.5);
		await settle();
		const x = valuesOf("exits").x, part = (at) => (at - x[0]) / (x.at(-1) - x[0]);
		return [new Set(zoomed).size, zoomed[0].split(" ").map((at) => part(at).toFixed(2)),
			range().join() === all.join()]')"
	is '[1, ["0.25", "0.50"], true]'
}
# All charts tell their values at the time that the pointer is at in one.
@test "page-hover-tells-values" {
	steps "101 211 307" >"$tmp/known"
	draw "$tmp/known"
	see "$(run_js 'await hover("cost", 0.6); return [legendOf("exits"), legendOf("each")]')"
	is '[[["Seconds", "2.000 s to 3.000 s"], ["IO_INSTRUCTION", "211"]], [["Seconds", "2.000 s to 3.000 s"], ["IO_INSTRUCTION", "3.00"]]]'
}
# 2001-09-09 01:46:40 UTC is a second after 10^9.
@test "page-tells-the-time-of-day" {
	{
		printf 'exitstat-dump 3\nisa vmx\ntsc_khz 1000000\nown_reason 10\ninterface 1\nexitstat 1.0\nhost h\nkernel k\nvm -\ncommand c\nvcpus 2\n'
		steps "101 211 307" | sed '1,/^own_reason/d' |
			awk '$1 == "sample" { $3 = 0; $4 = sprintf("%.0f", 1000000000 + n++) "000000000" } { print }'
	} >"$tmp/clock"
	draw "$tmp/clock"
	TZ=Asia/Tokyo see "$(run_js 'await hover("exits", 0.5); return [legendOf("exits")[0],
		document.getElementById("when").textContent, document.querySelectorAll(".origin dd")[3].textContent]')"
	is '[["Time", "10:46:41.000 to 10:46:42.000"], "Times are those of this computer'"'"'s time zone, Asia/Tokyo.", "2001-09-09 01:46:40 UTC to 2001-09-09 01:46:43 UTC"]'
}
# B has samples at other times: each line is of its own.
@test "page-of-two-recordings" {
	steps "101 211 307" >"$tmp/a"
	steps "50 60 70" | awk '$1 == "sample" { $2 = sprintf("%.0f", $2 * 1.5) } { print }' >"$tmp/b"
	draw "$tmp/a" "$tmp/b"
	see "$(run_js 'return [valuesOf("exits").stacked, valuesOf("exits").x, lineOf("exits", "IO_INSTRUCTION, A"),
		lineOf("exits", "IO_INSTRUCTION, B").map((rate) => rate && Math.round(rate * 3)),
		valuesOf("exits").lines.map((line) => line.color),
		chartOf("exits").plot.series.slice(1).map((series) => series.dash.length)]')"
	is '[false, [0, 1, 1.5, 2, 3, 4.5], [101, 211, 211, 307, null, null], [100, 100, 120, 120, 140, null], ["#d9770a", "#d9770a"], [2, 0]]'
}
# In each step p50, p99 and maximum; nothing where nothing was measured. Of the second step
# it is only known that no exit cost more than 1023.
@test "page-of-known-tails" {
	known_tail >"$tmp/tail"
	draw "$tmp/tail"
	see "$(run_js '
		const seen = [];
		for (const kind of ["p50", "p99", "max"]) {
			document.querySelector("input[value=" + kind + "]").click();
			await settle();
			seen.push(lineOf("tail", "IO_INSTRUCTION"));
		}
		await hover("tail", 0.1);
		return [...seen, legendOf("tail")[0], legendOf("tail")[1]]')"
	is '[[991, 991, null, null, null, 9727, null], [991, 991, null, null, null, 9727, null], [1000000, 1023, null, null, null, 10239, null], ["Seconds", "1.000 s to 2.000 s"], ["IO_INSTRUCTION", "1.00ms"]]'
}
@test "page-of-tails-has-what-the-recording-has" {
	local isa
	for isa in vmx svm; do
		./tail-recording "$isa" >"$tmp/tail"
		draw "$tmp/tail"
		exitstat reasons | ./tail-check "$tmp/tail" "$tmp/page.html" >"$tmp/seen"
		[ "$(cat "$tmp/seen")" -gt 1000 ] || { cat "$tmp/seen"; return 1; }
	done
}
# Where a bar is in the picture, as costs: of 1290 exits from 960 to 1023, and so on.
@test "page-of-known-strips" {
	local way
	for way in "vmx 30" "svm 123"; do
		# shellcheck disable=SC2086
		known_tail $way >"$tmp/tail"
		draw "$tmp/tail"
		see "$(run_js "$strips"'
			const [strip] = exitstat.strips, box = boxOf(strip.svg);
			const bars = barsOf(strip);
			return [exitstat.strips.length,
				bars.map(({ left, right }) => [costAt(box, left), costAt(box, right)]).flat(),
				bars.map(({ top, bottom }) => Math.abs(bottom - box.top - 40) < 0.1 && box.top <= top),
				bars.map(({ height }) => height),
				["p50", "p99"].map((name) => costAt(box, middleOf(strip.svg.querySelector("line." + name)))),
				costAt(box, middleOf(strip.svg.querySelector("path.known"))),
				strip.said.textContent]')"
		python3 - "$tmp/seen" <<'EOF'
import json, math, sys
number, ends, inside, heights, percentiles, most, text = json.load(open(sys.argv[1]))
assert (number, inside) == (1, [True] * 3), (number, inside)
for seen, wanted in zip(ends + percentiles + [most],
                        [960, 1024, 9216, 10240, 983040, 1048576, 991, 9727, 1000000]):
    assert math.isclose(seen, wanted, rel_tol=2e-3), "expected %d\nactual %d" % (wanted, seen)
# The last is a single exit.
for seen, exits in zip(heights, (1290, 109, 1)):
    wanted = 36 * math.log(1 + exits) / math.log(1 + 1290)
    assert math.isclose(seen, wanted, rel_tol=1e-3), "expected %f\nactual %f" % (wanted, seen)
assert text == "p50 991ns  p99 9.73us  max 1.00ms (3.4 % not measured)", text
EOF
	done
}
@test "page-tells-what-a-bar-is" {
	known_tail >"$tmp/tail"
	draw "$tmp/tail"
	see "$(run_js "$strips"'
		const [strip] = exitstat.strips, row = strip.svg.parentElement, box = boxOf(strip.svg), seen = [];
		const point = (type, x) => strip.svg.dispatchEvent(new PointerEvent(type, { bubbles: true, clientX: x, clientY: box.top + 5 }));
		const press = (key) => row.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
		const note = () => seen.push(strip.said.textContent, row.querySelectorAll(".bar.on").length);
		point("pointermove", middleOf(strip.bars[1].element) + 15); note();
		row.dispatchEvent(new PointerEvent("pointerleave")); note();
		for (const key of ["ArrowRight", "End", "ArrowLeft", "Escape"]) { press(key); note(); }
		return [row.tabIndex, ...seen]')"
	is '[0, "9.22us to 10.2us: 109 exits; 99.929 % cost no more", 1, "p50 991ns  p99 9.73us  max 1.00ms (3.4 % not measured)", 0, "960ns to 1.02us: 1,290 exits; 92.1 % cost no more", 1, "983us to 1.05ms: 1 exit; all cost no more", 1, "9.22us to 10.2us: 109 exits; 99.929 % cost no more", 1, "p50 991ns  p99 9.73us  max 1.00ms (3.4 % not measured)", 0]'
}
# B is at half the frequency: the same cycles took twice as long. Its maximum is a bound.
@test "page-of-strips-of-two" {
	known_tail >"$tmp/a"
	known_tail vmx 30 500000 | sed -n '1,11p; 22,41p' | sed 's/^hists more/hists all/' >"$tmp/b"
	sed -i '0,/^hists all/! s/^hists all/hists more/' "$tmp/b"
	draw "$tmp/a" "$tmp/b"
	see 'exitstat.strips.map((strip) => [strip.name, strip.said.textContent, strip.svg.querySelectorAll("path.open").length])'
	is '[["IO_INSTRUCTION, A", "p50 991ns  p99 9.73us  max 1.00ms (3.4 % not measured)", 0], ["IO_INSTRUCTION, B", "p50 1.98us  p99 1.98us  max <2.05us", 1]]'
}
@test "page-of-tails-in-cycles" {
	known_tail vmx 30 0 >"$tmp/tail"
	draw "$tmp/tail"
	see '[exitstat.strips[0].said.textContent, Array.from(document.querySelectorAll(".cost-unit"), (e) => e.textContent)]'
	is '["p50 991 cycles  p99 9,727 cycles  max 1,000,000 cycles (3.4 % not measured)", ["cycles of the host'"'"'s TSC", "cycles of the host'"'"'s TSC"]]'
}
# A VM that moved: the second part has histograms, too, but not in its last sample.
@test "page-of-tails-that-begin-anew" {
	draw dumps/tail-migrated
	see "$(run_js 'return [lineOf("tail", "IO_INSTRUCTION"), exitstat.strips[0].said.textContent]')"
	is '[[1343.5, 607.5, null, null], "p50 1.34us  p99 1.34us  max >503ms (67.1 % not measured)"]'
	awk '{ print } $1 == "end" && ++n == 3 { exit }' dumps/tail-migrated >"$tmp/both"
	draw "$tmp/both"
	see 'exitstat.strips[0].said.textContent + exitstat.strips[0].exits'
	is '"p50 608ns  p99 1.34us  max >503ms204"'
}
# Counts and costs as large as can be, and names that attack.
@test "page-of-hostile-tails" {
	{
		hostile_names | sed -n '1s/3/4/; 1,11p'
		printf 'sample 1 0 0\ntotal 1 1\nown 0\nrow 9999 1 1\nhists all\nhist 9999 0 0 0\nbuckets 0 1\nend\n'
		printf 'sample 2 0 0\ntotal 9 9\nown 0\nrow 9999 9 9\nhists more\nhist 9999 >18446744073709551615 - 18446744073709551615\nbuckets 0 18446744073709551615 199 18446744073709551615\nend\n'
	} >"$tmp/hostile"
	draw "$tmp/hostile"
	see '[exitstat.strips.map((strip) => [strip.name, strip.bars.length]),
		Array.from(document.querySelectorAll("#tails rect"), (e) => ["x", "width", "y", "height"].every((name) => parseFloat(e.getAttribute(name)) >= 0))]'
	is '[[["reason 9999", 2]], [true, true]]'
}
@test "page-without-histograms-has-no-tails" {
	draw recordings/svm
	see '[document.getElementById("tail"), document.getElementById("tails"), exitstat.strips.length]'
	is '[null, null, 0]'
}
# Some exits of a guest are those that read these numbers.
@test "page-says-whose-tail-has-its-reads" {
	known_tail vmx 10 | sed 's/^own 0/own 1/; 0,/^own 1/s//own 0/' >"$tmp/own"
	draw "$tmp/own"
	see 'document.querySelector("#tails").textContent.includes("but are in what is said here of CPUID.")'
	is true
	known_tail vmx 10 >"$tmp/own"
	draw "$tmp/own"
	see 'document.body.textContent.includes("but are in what is said here")'
	is false
}
@test "page-of-tails-fits-dark-paper-and-a-phone" {
	local way
	./tail-recording vmx >"$tmp/tail"
	draw "$tmp/tail"
	for way in "--width 1000" "--dark" "--print" "--width 400"; do
		# shellcheck disable=SC2086
		see "$(run_js "$strips"'
			const probe = document.createElement("i");
			document.body.append(probe);
			const inks = exitstat.strips.map((strip) => getComputedStyle(strip.svg.querySelector("line.p50")).stroke);
			const wide = (element) => boxOf(element).right > document.documentElement.clientWidth + 0.5;
			return [inks.every((ink) => ink === getComputedStyle(probe).color),
				document.documentElement.scrollWidth <= document.documentElement.clientWidth,
				Array.from(document.querySelectorAll("#tails *")).filter(wide).length]')" $way
		is '[true, true, 0]'
	done
}
# 100,000 samples with one slow exit.
@test "page-of-a-very-long-recording-of-tails" {
	awk 'BEGIN {
		print "exitstat-dump 4\nisa vmx\ntsc_khz 2100000\nown_reason 10"
		print "interface 2\nexitstat 1.0\nhost h\nkernel k\nvm 1-2 web\ncommand c\nvcpus 1"
		for (i = 0; i <= 100000; i++) {
			rows = ""; hists = i ? "hists more\n" : "hists all\n"; total = 0
			for (reason = 28; reason < 42; reason++) {
				if (reason == 35 || reason == 38) continue
				r = (i * reason * 7919) % 977
				low = reason - 20 + r % 5; high = reason + 20 + r % 11
				slow = i == 31337 && reason == 32
				n[reason] += 1000 + r + r % 17 + slow
				c[reason, low] += 1000 + r; c[reason, high] += r % 17
				total += n[reason]
				rows = rows sprintf("row %d %.0f %.0f 0 0\n", reason, n[reason], n[reason] * reason * 100)
				hists = hists sprintf("hist %d %d 0 0\nbuckets %d %.0f %d %.0f%s\n", reason,
					30000 + (i >= 31337 && reason == 32 ? 50000000 : 0),
					low, c[reason, low], high, c[reason, high], slow ? " 164 1" : "")
			}
			printf "sample %d000000000 0 0\nepoch 7 %d000000000\ntotal %.0f %.0f 0 0\n", i + 1, i + 1, total, total * 3000
			printf "accounts %d 1 1 1 1 1 1 1\nown 0\n%s%send\n", i, rows, hists
		}
	}' >"$tmp/long"
	draw "$tmp/long"
	[ "$(wc -c <"$tmp/page.html")" -lt 6000000 ] ||
		{ printf 'bytes of the page: %s, not below 6000000\n' "$(wc -c <"$tmp/page.html")"; return 1; }
	exitstat reasons | ./tail-check "$tmp/long" "$tmp/page.html" >"$tmp/out"
	see "$(run_js '
		document.querySelector("input[value=max]").click();
		await settle();
		const seen = lineOf("tail", "MSR_WRITE"), most = Math.max(...seen);
		return [seen.length > 3000, Math.round(most), valuesOf("tail").x[seen.indexOf(most)]]')"
	is '[true, 23823810, 31337]'
}
# No exits, and counts that began anew in no time: nothing breaks.
@test "page-of-nothing" {
	steps "0 0 0" | sed 's/^total .*/total 0 0/; /^row/d' >"$tmp/nothing"
	draw "$tmp/nothing"
	see 'exitstat.values().length'
	is 0
	sed 's/^sample 500000000$/sample 0/; s/^epoch 42 1050000000/epoch 42 0/' dumps/times >"$tmp/no-time"
	draw "$tmp/no-time"
	see "$(run_js 'return lineOf("exits", "IO_INSTRUCTION")')"
	is '[23, 20, 20, null]'
}
# Percent of a CPU cannot be told then.
@test "page-without-the-tsc-frequency" {
	steps "101 211 307" | sed 's/^tsc_khz .*/tsc_khz 0/' >"$tmp/unknown"
	draw "$tmp/unknown"
	see "$(run_js 'return [lineOf("cost", "IO_INSTRUCTION"),
		document.querySelector("#cost .unit").textContent.slice(0, 17)]')"
	is '[[303, 633, 921, null], "cycles per second"]'
}
# WCAG asks for 3:1 of graphics and 4.5:1 of text.
@test "page-is-readable-in-light-dark-and-print" {
	local way
	draw recordings/vmx
	for way in "" --dark --print; do
		# shellcheck disable=SC2086
		see "$(run_js '
			const part = (x) => (x /= 255) <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
			const light = (rgb) => 0.2126 * part(rgb[0]) + 0.7152 * part(rgb[1]) + 0.0722 * part(rgb[2]);
			const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
			const rgbOf = (text) => text[0] === "#" ? text.match(/[0-9a-f]{2}/g).map((x) => parseInt(x, 16)) :
				text.match(/\d+/g).map(Number);
			const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
			const ground = rgbOf(getComputedStyle(document.body).backgroundColor);
			const swatches = Array.from(document.querySelectorAll(".swatch"), (e) => e.style.backgroundColor);
			const graphics = [...swatches, ...chartOf("exits").lines.map((line) => line.color)];
			return [graphics.filter((c) => contrast(rgbOf(c), ground) < 3),
				["--ink", "--soft"].filter((name) => contrast(rgbOf(style(name)), ground) < 4.5),
				light(ground) > 0.5]')" $way
		if [ "$way" = --dark ]; then is '[[], [], false]'; else is '[[], [], true]'; fi
	done
}
# Dark on white, and of its width; then as before.
@test "page-on-paper" {
	draw recordings/vmx
	see "$(run_js '
		const way = async () => [(await namesOf("exits"))[0][4], chartOf("exits").plot.width];
		const seen = [];
		for (const event of ["beforeprint", "afterprint"]) {
			window.dispatchEvent(new Event(event));
			await settle();
			seen.push(await way());
		}
		return seen')" --dark
	is '[["#54565c", 670], ["#a4a7ae", 940]]'
}
@test "page-fits-a-phone" {
	draw recordings/vmx
	see "$(run_js 'return [document.documentElement.scrollWidth,
		exitstat.charts.every(({ plot }) => plot.width <= 400),
		getComputedStyle(document.querySelector(".wide")).overflowX]')" --width 400
	is '[400, true, "auto"]'
}
@test "page-without-scripts" {
	known_tail >"$tmp/tail"
	draw "$tmp/tail"
	see 'document.body.innerText' --no-script
	has "$tmp/seen" 'maximum\n30\tIO_INSTRUCTION\t1\u202f400\t96.6\t2.37us\t991ns\t9.73us\t9.73us\t1.00ms'
	draw dumps/times
	see 'document.body.innerText' --no-script
	for words in "which is turned off here" "What costs most?" "By phase" "By exit reason" \
		"the CPU ran the guest"; do
		has "$tmp/seen" "$words"
	done
	pass_if "$(grep -c "Where the vCPUs' time went, over time" "$tmp/seen")" 0 "empty charts"
}
# What is in the tree is what the lock file says.
@test "page-library-is-that-of-the-lock-file" {
	command -v npm >/dev/null || skip "npm is not here"
	cp ../page/package.json ../page/package-lock.json "$tmp"
	pass_if "$(grep -c '"resolved"' "$tmp/package-lock.json")" 0 "addresses in the lock file"
	(cd "$tmp" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) || {
		! grep -qE 'EINTEGRITY|EUSAGE' "$tmp/npm.log" || { cat "$tmp/npm.log"; return 1; }
		skip "npm reaches no registry"
	}
	cmp ../page/uPlot.iife.min.js "$tmp/node_modules/uplot/dist/uPlot.iife.min.js"
	cmp ../page/uPlot.min.css "$tmp/node_modules/uplot/dist/uPlot.min.css"
	cmp ../page/uPlot.LICENSE "$tmp/node_modules/uplot/LICENSE"
}
