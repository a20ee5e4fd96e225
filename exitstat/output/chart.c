// SPDX-License-Identifier: GPL-2.0-only
/* See output/chart.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/numbers.h"
#include "output/chart.h"
#include "output/findings.h"

/* More points than pixels show nothing more. */
#define MAX_POINTS	400

/* Bars of a chart by reason. */
#define MAX_BARS	12

#define CHART_WIDTH	900
#define CHART_HEIGHT	330
#define PLOT_WIDTH	790	/* between the axis and the right edge, about */
#define LETTER_WIDTH	7.5
#define NR_LEVELS	3	/* for names of phases, one above the other */
#define LEVEL_HEIGHT	0.07
#define BAR_HEIGHT	24
#define BARS_MARGIN	64

extern char **environ;

/* Told apart by the colour-blind, too (after Okabe and Ito); grey is "others". */
static const char *const colors[MAX_SERIES + 1] = {
	"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00",
	"#b8b8b8",
};

const char *chart_color(size_t series)
{
	return colors[series < MAX_SERIES ? series : MAX_SERIES];
}

void chart_choose(const struct recording *rec, struct series *series)
{
	const struct sample *change = &rec->change;

	for (series->nr = 0; series->nr < MAX_SERIES; series->nr++) {
		if (series->nr == change->nr_rows)
			break;
		series->reasons[series->nr] =
			change->rows[series->nr].reason;
	}
}

static void start_script(FILE *gp, int height)
{
	fprintf(gp, "set terminal svg size %d,%d dynamic enhanced "
		"font 'sans-serif,13' background '#ffffff'\n",
		CHART_WIDTH, height);
	fputs("set encoding utf8\n"
	      "set border 3 linecolor '#555555' linewidth 0.8\n"
	      "set tics nomirror out scale 0.6 textcolor '#222222'\n"
	      "set grid ytics linetype 1 linecolor '#dddddd' linewidth 0.6\n"
	      "unset key\n", gp);
}

static double time_of(const struct recording *rec, size_t sample)
{
	return (double)rec->samples[sample].time_ns / 1e9;
}

/*
 * A line where each phase begins, with its name.  One that would run into the
 * name before it stands higher.
 */
static void mark_phases(FILE *gp, const struct recording *rec)
{
	double letter = LETTER_WIDTH * seconds_of(&rec->change) / PLOT_WIDTH;
	double free_from[NR_LEVELS] = { 0 };
	int highest = 0;
	size_t i;

	for (i = 0; i < rec->nr_phases; i++) {
		double at = time_of(rec, rec->phases[i].first);
		const char *name = rec->phases[i].name;
		int level = 0;

		while (level < NR_LEVELS - 1 && at < free_from[level])
			level++;
		free_from[level] = at + letter * (double)(strlen(name) + 1);
		fprintf(gp, "set arrow from first %f, graph 0 to first %f, graph %g "
			"nohead front linetype 1 linecolor '#888888' "
			"linewidth 0.8 dashtype 3\n", at, at,
			1.03 + level * LEVEL_HEIGHT);
		fprintf(gp, "set label '%s' at first %f, graph %g left noenhanced "
			"font ',12' textcolor '#222222' offset character -0.3,0\n",
			name, at, 1.06 + level * LEVEL_HEIGHT);
		if (level > highest)
			highest = level;
	}
	fprintf(gp, "set tmargin %d\n", 2 + highest);
}

static void set_time_axis(FILE *gp, const struct recording *rec)
{
	fprintf(gp, "set xrange [%f:%f]\n", time_of(rec, 0),
		time_of(rec, rec->nr_samples - 1));
	fputs("set xlabel 'seconds since the VM began' textcolor '#222222'\n"
	      "set lmargin 9\nset rmargin 2.5\n"
	      "set format y '%.0s%c'\n", gp);
	mark_phases(gp, rec);
}

static double exits_of(const struct sample *change, uint32_t reason)
{
	uint32_t i;

	for (i = 0; i < change->nr_rows; i++) {
		if (change->rows[i].reason == reason)
			return (double)change->rows[i].exits;
	}
	return 0;
}

/* Columns of rates: each series of its own, then all others. */
static void put_rates(FILE *gp, const struct sample *change,
		      const struct series *series)
{
	double time = seconds_of(change), rest = (double)change->all.exits;
	size_t i;

	for (i = 0; i < series->nr; i++) {
		double exits = exits_of(change, series->reasons[i]);

		rest -= exits;
		fprintf(gp, " %g", exits / time);
	}
	fprintf(gp, " %g\n", fmax(rest, 0) / time);
}

/* A rate holds from one sample to the next: two points that make a step. */
static int put_steps(FILE *gp, const struct recording *rec,
		     const struct series *series)
{
	size_t last = rec->nr_samples - 1, i, next;
	size_t points = last < MAX_POINTS ? last : MAX_POINTS;
	struct sample change = { 0 };

	fputs("$data << END\n", gp);
	for (i = 0; i < points; i++) {
		size_t from = i * last / points;

		next = (i + 1) * last / points;
		if (recording_change(rec, from, next, &change)) {
			sample_free(&change);
			return -1;
		}
		fprintf(gp, "%f", time_of(rec, from));
		put_rates(gp, &change, series);
		fprintf(gp, "%f", time_of(rec, next));
		put_rates(gp, &change, series);
	}
	fputs("END\n", gp);
	sample_free(&change);
	return 0;
}

/* The sum of columns 2 to @to: where the top of a layer is. */
static void put_sum(FILE *gp, size_t to)
{
	size_t i;

	fputs("(0", gp);
	for (i = 2; i <= to; i++)
		fprintf(gp, "+$%zu", i);
	fputc(')', gp);
}

/* Most exits at the bottom. */
static int script_stacked(FILE *gp, const struct recording *rec,
			  const struct series *series)
{
	size_t i;

	set_time_axis(gp, rec);
	fputs("set ylabel 'exits per second'\nset yrange [0:*]\n", gp);
	if (put_steps(gp, rec, series))
		return -1;
	fputs("plot", gp);
	for (i = 0; i <= series->nr; i++) {
		fprintf(gp, "%s $data using 1:", i ? "," : "");
		put_sum(gp, i + 1);
		fputc(':', gp);
		put_sum(gp, i + 2);
		fprintf(gp, " with filledcurves linecolor '%s' fillstyle solid 1 noborder",
			chart_color(i < series->nr ? i : MAX_SERIES));
	}
	fputc('\n', gp);
	return 0;
}

/* What is zero has no place on a log scale: it is put below its lowest line. */
static int script_lines(FILE *gp, const struct recording *rec,
			const struct series *series)
{
	size_t i;

	set_time_axis(gp, rec);
	fputs("set ylabel 'exits per second, log scale'\n"
	      "set logscale y\nset yrange [0.8:*]\n", gp);
	if (put_steps(gp, rec, series))
		return -1;
	fputs("plot", gp);
	for (i = series->nr + 1; i-- > 0;)
		fprintf(gp, " $data using 1:($%zu>0.8?$%zu:0.8) with lines "
			"linewidth 1.6 linecolor '%s'%s", i + 2, i + 2,
			chart_color(i < series->nr ? i : MAX_SERIES),
			i ? "," : "\n");
	return 0;
}

/* Beside the exits, the straight line that a stable rate would be. */
static int script_growth(FILE *gp, const struct recording *rec,
			 const struct series *series)
{
	size_t last = rec->nr_samples - 1, i;
	size_t points = last < MAX_POINTS ? last : MAX_POINTS;

	(void)series;
	set_time_axis(gp, rec);
	fputs("set ylabel 'exits so far'\nset yrange [0:*]\n$data << END\n", gp);
	for (i = 0; i <= points; i++) {
		const struct sample *s = &rec->samples[i * last / points];

		fprintf(gp, "%f %" PRIu64 "\n", (double)s->time_ns / 1e9,
			s->all.exits > s->own ? s->all.exits - s->own : 0);
	}
	fprintf(gp, "END\n$even << END\n%f %" PRIu64 "\n%f %" PRIu64 "\nEND\n",
		time_of(rec, 0), rec->start.all.exits, time_of(rec, last),
		rec->all.all.exits);
	fprintf(gp, "plot $even using 1:2 with lines linewidth 1.2 dashtype 2 "
		"linecolor '#777777', $data using 1:2 with lines linewidth 2 "
		"linecolor '%s'\n", chart_color(0));
	return 0;
}

static const char *color_of(const struct series *series, uint32_t reason)
{
	size_t i;

	for (i = 0; i < series->nr; i++) {
		if (series->reasons[i] == reason)
			return chart_color(i);
	}
	return chart_color(MAX_SERIES);
}

static uint32_t start_bars(FILE *gp, const struct sample *rows)
{
	uint32_t nr = rows->nr_rows < MAX_BARS ? rows->nr_rows : MAX_BARS;

	fprintf(gp, "set yrange [%" PRIu32 ".5:0.5]\n"
		"unset ytics\nunset grid\nset grid xtics linetype 1 linecolor "
		"'#dddddd' linewidth 0.6\nset border 1\nset lmargin 24\n"
		"set rmargin 3\nset tmargin 0.5\nset style fill solid 1 noborder\n",
		nr);
	return nr;
}

static void name_bar(FILE *gp, const struct recording *rec, uint32_t bar,
		     uint32_t reason)
{
	const char *name = reason_name(rec->isa, reason);
	char number[12];

	/* A reason that has no name is shown by its number. */
	if (!strcmp(name, "-"))
		name = reason_number(reason, number);
	fprintf(gp, "set label '%s' at graph 0, first %" PRIu32 " right noenhanced "
		"offset character -0.8,0 textcolor '#222222'\n", name, bar);
}

static double share_of_cycles(const struct sample *rows, uint32_t row)
{
	return 100 * share(row_cycles(&rows->rows[row]), row_cycles(&rows->all));
}

/* Not 0, which no log scale has. */
static double cost_of(const struct sample *rows, uint32_t row)
{
	return fmax(row_cost(&rows->rows[row]), 1);
}

/* A bar for each reason, those of the highest @key first. */
static int put_bars(FILE *gp, const struct recording *rec,
		    const struct series *series, enum sort_key key,
		    double (*value)(const struct sample *rows, uint32_t row))
{
	struct sample rows = { 0 };
	char text[NUMBER_SIZE];
	uint32_t i, nr;

	if (recording_change(rec, 0, rec->nr_samples - 1, &rows)) {
		sample_free(&rows);
		return -1;
	}
	sample_sort(&rows, key);
	nr = start_bars(gp, &rows);
	for (i = 0; i < nr; i++)
		name_bar(gp, rec, i + 1, rows.rows[i].reason);
	fputs("rgb(text) = int('0x'.text)\n$data << END\n", gp);
	for (i = 0; i < nr; i++)
		fprintf(gp, "%" PRIu32 " %g %s %s\n", i + 1, value(&rows, i),
			color_of(series, rows.rows[i].reason) + 1,
			grouped(text, value(&rows, i)));
	fprintf(gp, "END\nhighest = %g\nlowest = %g\n", value(&rows, 0),
		value(&rows, nr - 1));
	sample_free(&rows);
	return 0;
}

static int script_cycles(FILE *gp, const struct recording *rec,
			 const struct series *series)
{
	if (put_bars(gp, rec, series, SORT_CYCLES, share_of_cycles))
		return -1;
	fputs("set xrange [0:108]\nset xtics 0,20,100\n"
	      "set xlabel 'percent of the cycles'\n"
	      "plot $data using (0):1:(0):2:($1-0.36):($1+0.36):(rgb(strcol(3))) "
	      "with boxxyerror linecolor rgb variable, "
	      "$data using 2:1:(sprintf($2<9.95?'%.2f':'%.1f',$2)) with labels "
	      "left offset character 0.6,0 textcolor '#222222'\n", gp);
	return 0;
}

/* A bar would have to begin at zero, which a log scale has not: points. */
static int script_cost(FILE *gp, const struct recording *rec,
		       const struct series *series)
{
	if (put_bars(gp, rec, series, SORT_COST, cost_of))
		return -1;
	fputs("set logscale x\nset format x '%.0s%c'\n"
	      "set xrange [10**floor(log10(lowest)):highest*3]\n"
	      "set xlabel 'cycles per exit, log scale'\n"
	      "plot $data using 2:1:(rgb(strcol(3))) with points pointtype 7 "
	      "pointsize 0.9 linecolor rgb variable, "
	      "$data using 2:1:4 with labels left "
	      "offset character 1,0 textcolor '#222222'\n", gp);
	return 0;
}

typedef int script_fn(FILE *gp, const struct recording *rec,
		      const struct series *series);

static const struct {
	const char *title;
	script_fn *script;
	bool bars;
} charts[NR_CHARTS] = {
	[CHART_GROWTH]	= { "Exits so far, over time", script_growth, false },
	[CHART_STACKED]	= { "Exits per second by reason, over time",
			    script_stacked, false },
	[CHART_LINES]	= { "Exits per second by reason, over time, log scale",
			    script_lines, false },
	[CHART_CYCLES]	= { "Share of the cycles by reason", script_cycles, true },
	[CHART_COST]	= { "Cycles per exit by reason, log scale", script_cost,
			    true },
};

static int get_height(enum chart chart, const struct recording *rec)
{
	uint32_t nr = rec->change.nr_rows;

	if (!charts[chart].bars)
		return CHART_HEIGHT;
	return BARS_MARGIN + BAR_HEIGHT * (int)(nr < MAX_BARS ? nr : MAX_BARS);
}

/* Without the user's own settings (-d).  0, or -1 after a line on stderr. */
static int run_gnuplot(FILE *script, FILE *svg)
{
	static char *const arguments[] = { "gnuplot", "-d", NULL };
	posix_spawn_file_actions_t actions;
	int error, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(script), 0);
	posix_spawn_file_actions_adddup2(&actions, fileno(svg), 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, "gnuplot", &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return complain("cannot run gnuplot, which draws the charts: %s",
				strerror(error));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status ? complain("gnuplot failed") : 0;
}

/* Where @text refers to an element, or names one: behind that, or NULL. */
static const char *find_id(const char *text)
{
	static const char *const starts[] = {
		"id='", "id=\"", "href='#", "href=\"#", "url(#",
	};
	const char *first = NULL, *found;
	size_t i;

	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		found = strstr(text, starts[i]);
		if (found && (!first || found + strlen(starts[i]) < first))
			first = found + strlen(starts[i]);
	}
	return first;
}

/* All charts of a page share one space of names. */
static void put_line(FILE *out, const char *line, enum chart chart)
{
	const char *id;

	while ((id = find_id(line))) {
		fprintf(out, "%.*schart%d-", (int)(id - line), line, chart);
		line = id;
	}
	fputs(line, out);
}

/* Only the element: what is before it belongs to a file of its own. */
static int put_svg(FILE *out, FILE *svg, enum chart chart)
{
	bool inside = false;
	char *line = NULL;
	size_t size = 0;

	rewind(svg);
	while (getline(&line, &size, svg) > 0) {
		if (!strncmp(line, "<svg", 4)) {
			fputs("<svg role=\"img\"", out);
			put_line(out, line + 4, chart);
			inside = true;
		} else if (!strncmp(line, "<title>", 7)) {
			fprintf(out, "<title>%s</title>\n", charts[chart].title);
		} else if (inside && strncmp(line, "<desc>", 6)) {
			put_line(out, line, chart);
		}
	}
	free(line);
	return inside ? 0 : complain("gnuplot drew nothing");
}

int chart_draw(FILE *out, enum chart chart, const struct recording *rec,
	       const struct series *series)
{
	FILE *script = tmpfile(), *svg = tmpfile();
	int status = -1;

	if (!script || !svg) {
		complain("cannot make a temporary file: %s", strerror(errno));
	} else {
		start_script(script, get_height(chart, rec));
		status = charts[chart].script(script, rec, series);
		rewind(script);
		if (!status)
			status = run_gnuplot(script, svg);
		if (!status)
			status = put_svg(out, svg, chart);
	}
	if (script)
		fclose(script);
	if (svg)
		fclose(svg);
	return status;
}
