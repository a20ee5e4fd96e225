// SPDX-License-Identifier: GPL-2.0-only
/*
 * The charts of the page of "exitstat report". Their data is in the element "data";
 * output/page-data.c says what it has. A value of a step holds from the step's
 * begin to the next one's: lines are stairs.
 */
(function () {
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const recs = data.recordings;
const compared = recs.length > 1;
const hasClock = !compared && recs[0].start > 0;
const knowsTsc = recs.every((rec) => rec.tsc_khz > 0);
const DASHES = [[], [9, 3], [3, 3], [9, 3, 2, 3]];
const NAMES_HEIGHT = 34;
const PAPER_WIDTH = 670;
const charts = [];

/* Numbers and times as people read them. */

function short(value) {
	const units = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
	const unit = units.find(([size]) => Math.abs(value) >= size) || [1, ""];

	return Number((value / unit[0]).toPrecision(4)) + unit[1];
}

function long(value) {
	const digits = value >= 100 || value === 0 ? 0 : value >= 10 ? 1 : 2;

	return value.toLocaleString("en", { minimumFractionDigits: digits,
					    maximumFractionDigits: digits });
}

/* What single exits cost: in ns, or in cycles where that is all that is known. */
function costOf(rec, cycles) {
	return knowsTsc ? cycles * 1e6 / rec.tsc_khz : cycles;
}

/* As "12.3us", by @digits of a number and the limit of its unit. */
function costIn(ns, digits) {
	const units = [[1e9, "s"], [1e6, "ms"], [1e3, "us"]];
	const unit = units.find(([size]) => ns >= 0.9995 * size) || [1, "ns"];

	return digits(ns / unit[0], unit[1]) + unit[1];
}

function costText(cost) {
	if (!knowsTsc)
		return long(cost) + " cycles";
	return costIn(cost, (value, unit) => value.toFixed(unit === "ns" || value >= 99.95 ?
		0 : value >= 9.995 ? 1 : 2));
}

function costMark(cost) {
	return knowsTsc ? costIn(cost, (value) => Number(value.toPrecision(3))) : short(cost);
}

function clock(seconds, precision) {
	const date = new Date(seconds * 1000);
	const pad = (number, width = 2) => String(number).padStart(width, "0");
	let text = pad(date.getHours()) + ":" + pad(date.getMinutes());

	if (precision < 60)
		text += ":" + pad(date.getSeconds());
	if (precision < 1)
		text += "." + pad(date.getMilliseconds(), 3);
	return text;
}

function day(seconds) {
	return new Date(seconds * 1000).toLocaleDateString("sv");
}

function when(seconds) {
	return hasClock ? clock(seconds, 0) : seconds.toFixed(3) + " s";
}

/* Under the first mark of a day, the day. */
function clockMarks(u, splits, axis, space, step) {
	return splits.map((at, i) => {
		const isNewDay = !i || day(at) !== day(splits[i - 1]);

		return clock(at, step) + (isNewDay ? "\n" + day(at) : "");
	});
}

/* Where steps begin, and where the last one ends. */
function edgesOf(rec) {
	const first = compared ? 0 : hasClock ? rec.start : rec.age;
	const edges = [first];
	let passed = 0;

	for (const ns of rec.time) {
		passed += ns / 1e9;
		edges.push(first + passed);
	}
	return edges;
}

/* All edges of all recordings, ascending. */
function mergeEdges(all) {
	return Array.from(new Set(all.flat())).sort((a, b) => a - b);
}

/*
 * For each of @grid the step of these edges that it is in, or -1. None is in a step that
 * took no time, as the first of counts that began anew may.
 */
function stepsAt(grid, edges) {
	let step = -1;

	return grid.map((at) => {
		while (step + 1 < edges.length && edges[step + 1] <= at)
			step++;
		return step < edges.length - 1 ? step : -1;
	});
}

const edges = recs.map(edgesOf);
const grid = compared ? mergeEdges(edges) : edges[0];
const steps = edges.map((some) => stepsAt(grid, some));

/* What a chart shows of a step, by columns of the data. */

function perSecond(rec, column, step) {
	return column[step] * 1e9 / rec.time[step];
}

function percentOfCpu(rec, column, step) {
	if (!knowsTsc)
		return perSecond(rec, column, step);
	/* Of ns and of ticks in a millisecond. */
	return 100 * column[step] * 1e6 / (rec.time[step] * rec.tsc_khz);
}

let tail = "p99";

const kinds = [
	{ id: "time", looks: data.accounts, columns: (rec) => rec.accounts,
	  value: percentOfCpu, unit: knowsTsc ? " %" : "", stacked: true,
	  label: "vCPU time by account" },
	{ id: "cost", looks: data.series, columns: (rec) => rec.cycles,
	  value: percentOfCpu, unit: knowsTsc ? " %" : "", stacked: true,
	  label: "cost of exits by reason" },
	{ id: "exits", looks: data.series, columns: (rec) => rec.exits,
	  value: perSecond, unit: "", stacked: true,
	  label: "exits per second by reason" },
	{ id: "each", looks: data.series, columns: (rec) => rec.cycles,
	  value: (rec, column, step, row) =>
		rec.exits[row][step] ? column[step] / rec.exits[row][step] : null,
	  unit: "", stacked: false, log: true,
	  label: "cycles per exit by reason" },
	{ id: "tail", looks: data.series, columns: (rec) => rec[tail],
	  value: (rec, column, step) =>
		column[step] ? costOf(rec, column[step]) : null,
	  text: costText, mark: costMark, stacked: false, log: true,
	  label: "what the slowest exits cost by reason" },
];

/* The lines of a chart: the first is at the bottom of a stack. */
function linesOf(kind) {
	const lines = [];

	kind.looks.forEach((look, row) => {
		recs.forEach((rec, r) => {
			const column = kind.columns(rec)[row];

			if (!column)
				return;
			lines.push({
				name: look.name + (compared ? ", " + rec.label : ""),
				color: look.color,
				dash: compared ? DASHES[r ? 1 : 0] : DASHES[look.dash],
				shown: true,
				values: steps[r].map((step) => step < 0 ? null :
					kind.value(rec, column, step, row)),
			});
		});
	});
	/* What is 0 all the time has no line. */
	return lines.filter((line) => line.values.some((value) => value > 0));
}

/* As the library wants it: the first is drawn first, and covered by the others. */
function dataOf(chart) {
	const columns = [];
	let sum = grid.map(() => 0);

	for (const line of chart.lines) {
		if (chart.stacked && line.shown)
			sum = sum.map((below, i) => line.values[i] === null ? null :
				below + line.values[i]);
		columns.unshift(chart.stacked ? sum :
			chart.log ? line.values.map((value) => value || null) :
			line.values);
	}
	return [grid, ...columns];
}

function pixel(u, at) {
	return Math.round(u.valToPos(at, "x", true));
}

/* Stairs. A step has the width of a pixel at least, so that no peak is lost. */
function stairs(u, series, first, last) {
	const xs = u.data[0], ys = u.data[series];
	const stroke = new Path2D(), fill = new Path2D();
	const floor = u.bbox.top + u.bbox.height;
	let before = false;

	for (let i = Math.max(first - 1, 0); i <= last && i < xs.length - 1; i++) {
		if (ys[i] === null) {
			before = false;
			continue;
		}
		const left = pixel(u, xs[i]);
		const right = Math.max(pixel(u, xs[i + 1]), left + 1);
		const top = u.valToPos(ys[i], "y", true);

		if (before)
			stroke.lineTo(left, top);
		else
			stroke.moveTo(left, top);
		stroke.lineTo(right, top);
		fill.rect(left, top, right - left, floor - top);
		before = true;
	}
	return { stroke, fill, clip: null, flags: 3 };
}

/* The highest of all that is to be seen, the step that begins left of it included. */
function linearRange(u, low, high) {
	const before = u.series[0].idxs[0] - 1;

	for (let i = 1; i < u.series.length; i++) {
		if (u.series[i].show && before >= 0)
			high = Math.max(high, u.data[i][before]);
	}
	return [0, high > 0 ? high * 1.05 : 1];
}

function logRange(u, low, high) {
	if (!(low > 0))
		return [1, 10];
	const from = Math.floor(Math.log10(low));

	return [10 ** from, 10 ** Math.max(Math.ceil(Math.log10(high)), from + 1)];
}

/* The colours are those of the style, which depend on dark and light. */
function color(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name);
}

/* Phases of all recordings: [{name, from, to, row}]; two rows of names. */
function phasesOf() {
	return recs.flatMap((rec, r) => rec.phases.map((phase, i) => ({
		name: (compared ? rec.label + ": " : "") + phase.name,
		from: edges[r][0] + phase.from,
		to: edges[r][0] + phase.to,
		row: compared ? r : i % 2,
		odd: i % 2 === 1,
	})));
}

const phases = phasesOf();

function phaseAt(seconds) {
	const names = phases.filter((phase) =>
		phase.from <= seconds && seconds < phase.to).map((phase) => phase.name);

	return names.length ? ", phase " + names.join(", ") : "";
}

function drawBands(u) {
	const { left, top, width, height } = u.bbox;

	u.ctx.save();
	u.ctx.beginPath();
	u.ctx.rect(left, top, width, height);
	u.ctx.clip();
	u.ctx.fillStyle = color("--band");
	for (const phase of phases.filter((each) => each.odd && !compared)) {
		const from = u.valToPos(phase.from, "x", true);

		u.ctx.fillRect(from, top, u.valToPos(phase.to, "x", true) - from, height);
	}
	u.ctx.restore();
}

function drawLine(u, at, dash) {
	const ctx = u.ctx, x = Math.round(u.valToPos(at, "x", true)) + 0.5;

	if (x < u.bbox.left || x > u.bbox.left + u.bbox.width)
		return false;
	ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
	ctx.beginPath();
	ctx.moveTo(x, u.bbox.top);
	ctx.lineTo(x, u.bbox.top + u.bbox.height);
	ctx.stroke();
	return true;
}

/* As much of @text as has room, or nothing. */
function fit(ctx, text, room) {
	if (ctx.measureText(text).width <= room)
		return text;
	while (text.length > 2 && ctx.measureText(text + "\u2026").width > room)
		text = text.slice(0, -1);
	return text.length > 2 ? text + "\u2026" : "";
}

/* A name has room until the next one in its row begins. */
function drawNames(u) {
	const ctx = u.ctx, ratio = devicePixelRatio;
	const end = u.bbox.left + u.bbox.width;

	phases.forEach((phase, i) => {
		const next = phases.slice(i + 1).find((each) => each.row === phase.row);
		const from = Math.max(u.valToPos(phase.from, "x", true), u.bbox.left);
		const to = Math.min(next ? u.valToPos(next.from, "x", true) : end, end);

		if (u.valToPos(phase.to, "x", true) <= u.bbox.left || from >= end)
			return;
		ctx.fillText(fit(ctx, phase.name, to - from - 6 * ratio), from + 2 * ratio,
			u.bbox.top - (5 + 15 * (1 - phase.row)) * ratio);
	});
}

/* Where phases begin. Those of very many would hide the chart. */
function drawBorders(u) {
	let last = -Infinity;

	u.ctx.globalAlpha = 0.5;
	for (const phase of phases) {
		const x = u.valToPos(phase.from, "x");

		if (x - last < 8 && !compared)
			continue;
		drawLine(u, phase.from, [2, 3]);
		last = x;
	}
	u.ctx.globalAlpha = 1;
}

function drawMarks(u) {
	const ctx = u.ctx, ratio = devicePixelRatio;

	ctx.save();
	ctx.font = 12 * ratio + "px system-ui, sans-serif";
	ctx.fillStyle = ctx.strokeStyle = color("--ink");
	ctx.lineWidth = ratio;
	ctx.textAlign = "left";
	ctx.textBaseline = "alphabetic";
	drawNames(u);
	drawBorders(u);
	recs.forEach((rec, r) => {
		for (const at of rec.anew) {
			if (drawLine(u, edges[r][0] + at, []))
				drawWord(u, edges[r][0] + at, "counts began anew");
		}
	});
	ctx.restore();
}

/* Beside its line, on a ground of its own. */
function drawWord(u, at, word) {
	const ctx = u.ctx, ratio = devicePixelRatio;
	const width = ctx.measureText(word).width + 8 * ratio;
	const end = u.bbox.left + u.bbox.width;
	let x = u.valToPos(at, "x", true) + ratio;

	if (x + width > end)
		x -= width + 2 * ratio;
	ctx.globalAlpha = 0.85;
	ctx.fillStyle = color("--ground");
	ctx.fillRect(x, u.bbox.top, width, 18 * ratio);
	ctx.globalAlpha = 1;
	ctx.fillStyle = color("--ink");
	ctx.fillText(word, x + 4 * ratio, u.bbox.top + 13 * ratio);
}

/* Zoom all charts alike. */
function followZoom(u, scale) {
	if (scale !== "x")
		return;
	for (const { plot } of charts) {
		const { min, max } = plot.scales.x;

		if (plot !== u && (min !== u.scales.x.min || max !== u.scales.x.max))
			plot.setScale("x", { min: u.scales.x.min, max: u.scales.x.max });
	}
}

/* What is above a layer that is hidden comes down. */
function restack(chart, index, options) {
	const line = chart.lines[chart.lines.length - index];
	const { min, max } = chart.plot.scales.x;

	if (options.show === undefined || !line)
		return;
	line.shown = options.show;
	if (!chart.stacked)
		return;
	chart.plot.batch(() => {
		chart.plot.setData(dataOf(chart), false);
		chart.plot.setScale("x", { min, max });
	});
}

function textOf(chart, value) {
	return chart.text ? chart.text(value) : long(value) + chart.unit;
}

function markOf(chart, value) {
	return chart.mark ? chart.mark(value) : short(value) + chart.unit;
}

function seriesOf(chart) {
	const time = {
		label: hasClock ? "Time" : "Seconds",
		value: (u, at, series, i) => at === null || at === undefined ? "" :
			when(at) + (i + 1 < grid.length ? " to " + when(grid[i + 1]) : "") +
			phaseAt(at),
	};

	return [time, ...chart.lines.map((line) => ({
		label: line.name,
		stroke: line.color,
		fill: chart.stacked ? line.color : undefined,
		dash: chart.stacked ? undefined : line.dash,
		width: chart.stacked ? 0 : 1.75,
		paths: stairs,
		points: { show: false },
		value: (u, shown, series, i) => {
			const value = i === null ? null : line.values[i];

			return value === null ? "" : textOf(chart, value);
		},
	})).reverse()];
}

function axesOf(chart) {
	const common = {
		stroke: () => color("--soft"),
		grid: { stroke: () => color("--line"), width: 1 },
		ticks: { stroke: () => color("--line"), width: 1, size: 5 },
		font: "12px system-ui, sans-serif",
	};

	return [
		{ ...common, space: 80, size: hasClock ? 44 : 30,
		  values: hasClock ? clockMarks :
			(u, marks) => marks.map((mark) => mark + " s") },
		{ ...common, size: 62,
		  values: (u, marks) => marks.map((mark) => mark === null ? "" :
			markOf(chart, mark)) },
	];
}

function optionsOf(chart) {
	return {
		width: chart.place.clientWidth,
		height: heightOf(chart.place),
		padding: [phases.length ? NAMES_HEIGHT : 10, 18, 0, 0],
		series: seriesOf(chart),
		axes: axesOf(chart),
		scales: {
			x: { time: hasClock, range: (u, min, max) => [min, max] },
			y: { distr: chart.log ? 3 : 1,
			     range: chart.log ? logRange : linearRange },
		},
		cursor: {
			y: false,
			points: { show: false },
			drag: { x: true, y: false },
			sync: { key: "exitstat", setSeries: false },
			/* The step that the pointer is in, not the nearest begin. */
			dataIdx: (u, series, nearest, at) =>
				nearest > 0 && grid[nearest] > at ? nearest - 1 : nearest,
		},
		legend: { markers: { width: 0, fill: (u, i) => markerOf(chart, i) } },
		hooks: {
			drawClear: [drawBands],
			draw: [drawMarks],
			setScale: [followZoom],
			setSeries: [(u, i, options) => restack(chart, i, options)],
		},
	};
}

/* In the legend a line looks as in the chart. */
function markerOf(chart, i) {
	const line = chart.lines[chart.lines.length - i];
	const stops = [];
	let at = 0;

	if (!line)
		return "none";
	if (chart.stacked || !line.dash.length)
		return line.color;
	line.dash.forEach((length, k) => {
		stops.push((k % 2 ? "transparent " : line.color + " ") + at + "px " +
			(at + length) + "px");
		at += length;
	});
	return "repeating-linear-gradient(to right, " + stops.join(", ") + ")";
}

function heightOf(place) {
	return (place.clientWidth < 500 ? 230 : 290) + (phases.length ? 20 : 0);
}

/* The legend has the first line first, and can be used without a mouse. */
function arrangeLegend(plot) {
	const rows = plot.root.querySelectorAll(".u-legend .u-series");

	rows.forEach((row, i) => {
		const name = row.querySelector("th");

		row.style.order = i ? rows.length - i : 0;
		if (!i)
			return;
		name.tabIndex = 0;
		name.setAttribute("role", "button");
		name.addEventListener("keydown", (event) => {
			if (event.key !== "Enter" && event.key !== " ")
				return;
			event.preventDefault();
			name.click();
		});
	});
}

function draw(chart) {
	const zoom = charts.length && charts[0].plot ? charts[0].plot.scales.x : null;
	const old = chart.plot;

	chart.plot = new uPlot(optionsOf(chart), dataOf(chart), chart.place);
	if (old)
		old.destroy();
	arrangeLegend(chart.plot);
	const canvas = chart.plot.root.querySelector("canvas");

	canvas.setAttribute("role", "img");
	canvas.setAttribute("aria-label", chart.label);
	if (zoom)
		chart.plot.setScale("x", { min: zoom.min, max: zoom.max });
}

function addChart(kind) {
	const section = document.getElementById(kind.id);
	const lines = linesOf(kind);

	if (!lines.length) {
		section.remove();
		return;
	}
	const chart = { ...kind, lines, place: section.querySelector(".chart") };

	chart.stacked = kind.stacked && !compared;
	draw(chart);
	charts.push(chart);
}

function setLog(log) {
	const chart = charts.find(({ id }) => id === "exits");

	for (const line of chart.lines)
		line.shown = true;
	chart.log = log;
	chart.stacked = !log && !compared;
	draw(chart);
}

function setTail(value) {
	const chart = charts.find(({ id }) => id === "tail");

	tail = value;
	chart.lines = linesOf(chart);
	draw(chart);
}

function resize(width) {
	for (const { plot, place } of charts)
		plot.setSize({ width: width || place.clientWidth, height: heightOf(place) });
}

/* A page of A4 between its margins is PAPER_WIDTH wide. */
function setPaper(paper) {
	document.documentElement.classList.toggle("paper", paper);
	resize(paper ? PAPER_WIDTH : 0);
}

function redraw() {
	for (const { plot } of charts)
		plot.redraw(false, true);
}

function say() {
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const parts = [];
	const merged = recs.some((rec) => rec.time.length < rec.samples - 1);

	if (compared)
		parts.push("Time counts from the begin of each recording. A is a solid line, B a dashed one; a reason has the same colour in both.");
	else if (hasClock)
		parts.push("Times are those of this computer's time zone, " + zone + ".");
	else
		parts.push("Times are seconds since the VM's start, as the recording does not know the time of day.");
	if (merged)
		parts.push("There are more samples than a page keeps: the highest and the lowest values are kept, those between are averages.");
	if (grid.length > PAPER_WIDTH)
		parts.push("Zoom in to tell apart what is narrower than a pixel: each layer and line is drawn to its highest.");
	document.getElementById("when").textContent = parts.join(" ");
	if (knowsTsc)
		return;
	for (const unit of document.querySelectorAll(".unit"))
		unit.textContent = "cycles per second, as the recording does not know the TSC's frequency";
	for (const unit of document.querySelectorAll(".cost-unit"))
		unit.textContent = "cycles of the host's TSC";
}

document.getElementById("charts").hidden = false;
document.body.classList.toggle("compared", compared);
say();
kinds.forEach(addChart);
if (!charts.length)
	document.getElementById("charts").remove();

for (const input of document.querySelectorAll("input[name=scale]"))
	input.addEventListener("change", () => setLog(input.value === "log"));
for (const input of document.querySelectorAll("input[name=tail]"))
	input.addEventListener("change", () => setTail(input.value));
window.addEventListener("resize", () => resize());
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
window.matchMedia("print").addEventListener("change", redraw);
window.addEventListener("beforeprint", () => setPaper(true));
window.addEventListener("afterprint", () => setPaper(false));

/* For tails.js; and for tests what is drawn, as the library has it. */
window.exitstat = {
	data, costOf, costText, costMark,
	charts,
	values: () => charts.map(({ id, stacked, lines, plot }) => ({
		id,
		stacked,
		x: plot.data[0],
		lines: lines.map((line, i) => ({
			name: line.name,
			color: line.color,
			shown: plot.series[lines.length - i].show,
			drawn: plot.data[lines.length - i],
		})),
	})),
};
})();
