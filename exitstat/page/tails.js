// SPDX-License-Identifier: GPL-2.0-only
/*
 * What single exits cost, a strip for each reason: bars are as high as the logarithm of
 * how many exits cost so much, so that a single one can be seen beside a million. All
 * strips have one axis, of the logarithm of the cost. output/page-tail.c says what the
 * data has.
 */
(function () {
"use strict";

const { data, costOf, costText, costMark } = window.exitstat;
const HEIGHT = 40;
const MIN_BAR = 3;
/* HTML, and SVG as the template has it: a page has no address, not even that. */
const HTML_NAMES = ["div", "span", "i"];
const SVG = document.querySelector("#tails svg")?.namespaceURI;
const SIGNS = { exact: "", at_most: "<", at_least: ">" };
const compared = data.recordings.length > 1;

/* Of all reasons and recordings, in what people read: time, or cycles. */
function stripsOf() {
	return data.tails.flatMap((tail) => tail.of.map((hist, r) => {
		const rec = data.recordings[r];

		return hist && {
			name: tail.name + (compared ? ", " + rec.label : ""),
			color: tail.color,
			exits: hist.exits,
			missed: hist.missed,
			sign: SIGNS[hist.bound],
			p50: costOf(rec, hist.p50),
			p99: costOf(rec, hist.p99),
			max: costOf(rec, hist.max),
			bars: barsOf(rec, hist),
		};
	}).filter((strip) => strip));
}

/* Nothing is below a cycle on this axis, and the last bucket ends at the maximum. */
function barsOf(rec, hist) {
	const bars = [];

	for (let i = 0; i < hist.buckets.length; i += 3) {
		const [from, to, exits] = hist.buckets.slice(i, i + 3);
		const isLast = to > 2 ** 63;

		bars.push({
			from: costOf(rec, Math.max(from, 1)),
			to: costOf(rec, isLast ? Math.max(hist.max, from * 1.0625) : to + 1),
			isLast,
			exits,
		});
	}
	return bars;
}

const strips = stripsOf();
const low = Math.min(...strips.map((strip) => strip.bars[0].from)) / 1.2;
const high = 1.2 * Math.max(...strips.map((strip) =>
	Math.max(strip.max, strip.bars.at(-1).to)));

/* In percent of the width. */
function place(cost) {
	return 100 * Math.log(Math.max(cost, low) / low) / Math.log(high / low);
}

function costAt(part) {
	return low * (high / low) ** part;
}

function addTo(parent, name, attributes, text) {
	const element = HTML_NAMES.includes(name) ? document.createElement(name) :
		document.createElementNS(SVG, name);

	for (const [key, value] of Object.entries(attributes))
		element.setAttribute(key, value);
	if (text !== undefined)
		element.textContent = text;
	parent.append(element);
	return element;
}

/* Powers of ten; of a short axis 2 and 5 times these, too. */
function marksOf() {
	const factors = high / low < 300 ? [1, 2, 5] : [1];
	const marks = [];

	for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++)
		marks.push(...factors.map((factor) => factor * 10 ** power));
	return marks.filter((mark) => mark > low && mark < high);
}

const marks = marksOf();

function drawAxis(parent) {
	const axis = addTo(parent, "div", { class: "axis", "aria-hidden": "true" });

	/* One that is cut at the end would tell another number. */
	for (const mark of marks.filter((each) => place(each) > 5 && place(each) < 95))
		addTo(axis, "span", { style: "left:" + place(mark) + "%" },
		      costMark(mark));
}

function heightOf(strip, bar) {
	const highest = Math.max(...strip.bars.map(({ exits }) => exits));

	return Math.max((HEIGHT - 4) * Math.log1p(bar.exits) / Math.log1p(highest), MIN_BAR);
}

function drawBars(svg, strip) {
	for (const bar of strip.bars) {
		const height = heightOf(strip, bar);

		bar.element = addTo(svg, "rect", {
			class: "bar", fill: strip.color, y: HEIGHT - height, height,
			x: place(bar.from) + "%",
			width: place(bar.to) - place(bar.from) + "%",
		});
	}
}

function drawMark(svg, name, cost) {
	const x = place(cost) + "%";

	addTo(svg, "line", { class: name, x1: x, x2: x, y1: 0, y2: HEIGHT });
}

/* A triangle that points at it from above. */
function drawMax(svg, strip) {
	const inner = addTo(svg, "svg", { class: "max", x: place(strip.max) + "%",
					  overflow: "visible" });

	addTo(inner, "path", { d: "M-5,0 L5,0 L0,8 Z",
			       class: strip.sign ? "open" : "known" });
}

function summary(strip) {
	const missed = strip.missed >= 0.0005 ?
		" (" + (100 * strip.missed).toFixed(1) + " % not measured)" : "";

	return "p50 " + costText(strip.p50) + "  p99 " + costText(strip.p99) + "  max " +
		strip.sign + costText(strip.max) + missed;
}

/* So many of its exits cost that, and so many cost no more. */
function describe(strip, bar) {
	const below = strip.bars.filter(({ to }) => to <= bar.to)
		.reduce((sum, { exits }) => sum + exits, 0);
	const part = 100 * below / strip.exits;
	const range = costText(bar.from) + (bar.isLast ? " or more" :
		" to " + costText(bar.to));

	return range + ": " + bar.exits.toLocaleString("en") + " exit" +
		(bar.exits === 1 ? "" : "s") + "; " +
		(below === strip.exits ? "all" : Math.min(part, 99.999).toFixed(
			part > 99.9 ? 3 : 1) + " %") + " cost no more";
}

function choose(strip, at) {
	strip.at = at;
	strip.bars.forEach(({ element }, i) => element.classList.toggle("on", i === at));
	strip.said.textContent = at === null ? summary(strip) : describe(strip, strip.bars[at]);
}

/* The bar that the pointer is at, or the nearest one. */
function nearest(strip, cost) {
	const away = ({ from, to }) => Math.max(Math.log(from / cost), Math.log(cost / to), 0);
	let best = 0;

	strip.bars.forEach((bar, i) => {
		if (away(bar) < away(strip.bars[best]))
			best = i;
	});
	return best;
}

function follow(strip, event) {
	const box = strip.svg.getBoundingClientRect();

	choose(strip, nearest(strip, costAt((event.clientX - box.left) / box.width)));
}

function step(strip, event) {
	const last = strip.bars.length - 1;
	const to = {
		ArrowLeft: strip.at === null ? last : Math.max(strip.at - 1, 0),
		ArrowRight: strip.at === null ? 0 : Math.min(strip.at + 1, last),
		Home: 0, End: last, Escape: null,
	}[event.key];

	if (to === undefined)
		return;
	event.preventDefault();
	choose(strip, to);
}

function listen(strip, row) {
	strip.svg.addEventListener("pointermove", (event) => follow(strip, event));
	strip.svg.addEventListener("pointerdown", (event) => follow(strip, event));
	row.addEventListener("pointerleave", () => choose(strip, null));
	row.addEventListener("keydown", (event) => step(strip, event));
	row.addEventListener("blur", () => choose(strip, null));
}

function drawStrip(parent, strip) {
	const row = addTo(parent, "div", { class: "strip", tabindex: 0, role: "group",
		"aria-label": strip.name + ": " + summary(strip) });
	const head = addTo(row, "div", { class: "strip-head" });
	const name = addTo(head, "span", { class: "strip-name" });

	addTo(name, "i", { class: "swatch", style: "background:" + strip.color });
	name.append(strip.name);
	strip.said = addTo(head, "span", { class: "strip-said", "aria-live": "polite" });
	strip.svg = addTo(row, "svg", { width: "100%", height: HEIGHT,
					"aria-hidden": "true" });
	for (const mark of marks)
		drawMark(strip.svg, "grid", mark);
	drawBars(strip.svg, strip);
	drawMark(strip.svg, "p50", strip.p50);
	drawMark(strip.svg, "p99", strip.p99);
	drawMax(strip.svg, strip);
	choose(strip, null);
	listen(strip, row);
}

function draw() {
	const section = document.getElementById("tails");

	if (!section)
		return;
	if (!strips.length) {
		section.remove();
		return;
	}
	const parent = section.querySelector(".strips");

	drawAxis(parent);
	strips.forEach((strip) => drawStrip(parent, strip));
	drawAxis(parent);
}

draw();

/* For tests: all there is, and the axis, whose ends are these costs. */
window.exitstat.strips = strips;
window.exitstat.axis = { low, high };
})();
