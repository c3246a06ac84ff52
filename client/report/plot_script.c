/*
 * plot_script.c
 *	  The gnuplot scripts.
 *
 * Each script draws its picture twice, as PNG and as SVG, and names its data
 * without a folder: it is run in the folder.  All text that is not this file's
 * own stands between single quotes, where gnuplot interprets nothing, with
 * "enhanced" off.
 */
#include <math.h>
#include <string.h>

#include "report/plot_internal.h"
#include "statistics/summary.h"

/*
 * Paul Tol's "muted" colours, told apart with each kind of colour blindness;
 * neighbours in the stack differ in lightness too.
 */
static const char *const part_colours[PLOT_PARTS] = {
	[METRIC_ENCODE - FIRST_PART] = "#AA4499",
	[METRIC_NETWORK - FIRST_PART] = "#88CCEE",
	[METRIC_PARSE - FIRST_PART] = "#999933",
	[METRIC_CHECK - FIRST_PART] = "#DDCC77",
	[METRIC_GENERATE - FIRST_PART] = "#117733",
	[METRIC_STORE - FIRST_PART] = "#CC6677",
	[METRIC_OUTPUT - FIRST_PART] = "#44AA99",
	[METRIC_COMMIT - FIRST_PART] = "#332288",
	[METRIC_DECODE - FIRST_PART] = "#882255",
	[METRIC_UNATTRIBUTED - FIRST_PART] = "#BBBBBB",
};

static const char *const line_colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#000000"};

#define NLINE_COLOURS ((int) (sizeof(line_colours) / sizeof(line_colours[0])))

/* sizes within this factor of the smallest share a panel */
#define PANEL_FACTOR 4.0

/* where panels stand, as shares of the picture's width */
#define PANEL_LEFT 0.085
#define PANEL_RIGHT 0.975
#define PANEL_GAP 0.075

/* text between single quotes */
static void
put_quoted(FILE *file, const char *text)
{
	fputc('\'', file);
	for (; *text != '\0'; text++)
	{
		if (*text == '\'')
			fputc('\'', file);
		fputc((unsigned char) *text < 0x20 ? ' ' : *text, file);
	}
	fputc('\'', file);
}

static const char *
setting(const Environment *environment, const char *name)
{
	for (int i = 0; i < environment->nsettings; i++)
	{
		if (strcmp(environment->settings[i].name, name) == 0)
			return environment->settings[i].value;
	}
	return "unknown";
}

/* the conditions, in one line under the title */
static void
put_subtitle(FILE *file, const Result *result, const char *rest)
{
	const Environment *e = result->environment;
	const Options *options = result->options;
	const char *version = e->server_version ? e->server_version : "unknown";
	char		text[400];

	/* "15.20 (Debian 15.20-0+deb12u1)": the packager's part is in the result file */
	snprintf(text, sizeof(text), "PostgreSQL %.*s, %s%s, fsync %s, synchronous_commit %s, %s protocol, %s%s%s%s%s",
			 (int) strcspn(version, " "), version, e->transport ? e->transport : "unknown",
			 e->ssl ? " with TLS" : "", setting(e, "fsync"), setting(e, "synchronous_commit"),
			 protocol_names[options->protocol], options->binary ? "binary" : "text",
			 *rest ? "; " : "", rest, options->label ? "; " : "", options->label ? options->label : "");
	fputs("set label 1 ", file);
	put_quoted(file, text);
	fputs(" at screen 0.5,0.925 center noenhanced font ',12' textcolor rgb '#555555' front\n", file);
}

static void
put_title(FILE *file, const char *title)
{
	fputs("set label 2 ", file);
	put_quoted(file, title);
	fputs(" at screen 0.5,0.965 center noenhanced font ',17' front\n", file);
}

/* everything up to the title, within the loop over the terminals */
static void
put_beginning(FILE *file, const char *name, int width, int height)
{
	fprintf(file, "# run in this folder: gnuplot %s.gnuplot\n"
			"do for [picture in 'png svg'] {\n"
			"reset\n"
			"if (picture eq 'png') {\n"
			"set terminal pngcairo size %d,%d font 'DejaVu Sans,13' noenhanced background rgb 'white'\n"
			"} else {\n"
			"set terminal svg size %d,%d dynamic font 'DejaVu Sans,13' noenhanced background rgb 'white'\n"
			"}\n"
			"set output '%s.'.picture\n"
			"set encoding utf8\n"
			"set decimalsign '.'\n"
			"set border 3 linecolor rgb '#666666'\n"
			"set tics nomirror out textcolor rgb '#222222'\n"
			"set grid ytics linetype 1 linecolor rgb '#DDDDDD' linewidth 1\n",
			name, width, height, width, height, name);
}

static void
put_end(FILE *file)
{
	fputs("unset output\n}\n", file);
}

static void
put_key(FILE *file)
{
	fputs("set key at screen 0.5,0.085 center center horizontal maxrows 2 samplen 1.5 width 2 reverse Left\n", file);
}

/* the stack of parts that the rows have; first, last: rows of the data file */
static void
put_stack(FILE *file, const char *name, const PlotRow *rows, int nrows, int first, int last, bool titles)
{
	bool		begun = false;

	for (int p = 0; p < PLOT_PARTS; p++)
	{
		if (!plot_has_part(rows, nrows, p))
			continue;
		fprintf(file, "%s '%s.dat' every ::%d::%d using %d", begun ? ", \\\n" : "plot", name,
				first, last, COLUMN_PARTS + p);
		if (!begun)
			fprintf(file, ":xtic(%d)", COLUMN_NAME);
		fprintf(file, " linecolor rgb '%s' ", part_colours[p]);
		if (titles)
			fprintf(file, "title '%s'", metric_names[FIRST_PART + p]);
		else
			fputs("notitle", file);
		begun = true;
	}
}

/* the legend alone, as wide as the picture: a panel's own would be as narrow as the panel */
static void
put_legend_plot(FILE *file, const PlotRow *rows, int nrows)
{
	bool		begun = false;

	put_key(file);
	fputs("set lmargin at screen 0.05\nset rmargin at screen 0.95\n"
		  "unset border\nunset xtics\nunset ytics\nunset grid\nunset xlabel\nunset ylabel\nunset label 3\n"
		  "set xrange [0:1]\nset yrange [0:1]\nset style data boxes\n", file);
	for (int p = 0; p < PLOT_PARTS; p++)
	{
		if (!plot_has_part(rows, nrows, p))
			continue;
		fprintf(file, "%s NaN with boxes linecolor rgb '%s' title '%s'", begun ? ", \\\n" : "plot",
				part_colours[p], metric_names[FIRST_PART + p]);
		begun = true;
	}
	fputc('\n', file);
}

static bool
is_whole(const PlotRow *rows)
{
	return series_has_step_round_trips(rows[0].series);
}

void
plot_script_parts(FILE *file, const Result *result, const char *name,
				  const PlotRow *rows, int nrows, bool percent)
{
	int			small = 1;
	char		title[200];
	char		rest[100];
	double		width;			/* of one bar with its space, as a share of the picture */
	bool		two;

	while (small < nrows && rows[small].sum <= PANEL_FACTOR * rows[0].sum)
		small++;
	two = !percent && small < nrows;
	width = (PANEL_RIGHT - PANEL_LEFT - PANEL_GAP) / nrows;
	snprintf(title, sizeof(title), "Where the time of a step goes%s: drive %s, origin %s",
			 is_whole(rows) ? "" : ", in the server", drive_names[rows[0].series->drive],
			 origin_names[rows[0].series->origin]);
	snprintf(rest, sizeof(rest), "medians of %d", rows[0].n);

	put_beginning(file, name, 1300, 760);
	fputs("set style data histograms\n"
		  "set style histogram rowstacked\n"
		  "set style fill solid 1.0 noborder\n"
		  "set boxwidth 0.72\n"
		  "set xtics nomirror scale 0\n"
		  "set tmargin at screen 0.88\n"
		  "set bmargin at screen 0.23\n", file);
	put_title(file, title);
	put_subtitle(file, result, rest);
	fprintf(file, "set lmargin at screen %.3f\n", PANEL_LEFT);
	if (two)
		fprintf(file, "unset key\nset multiplot\nset rmargin at screen %.3f\nset xrange [-0.6:%.1f]\n",
				PANEL_LEFT + width * small, small - 0.4);
	else
	{
		put_key(file);
		fprintf(file, "set rmargin at screen %.3f\nset xrange [-0.6:%.1f]\n", PANEL_RIGHT, nrows - 0.4);
	}
	if (percent)
		fprintf(file, "set ylabel '%% of the %s' offset 0.5,0\nset yrange [0:100]\n",
				is_whole(rows) ? "round trip" : "time in the server");
	else
		fprintf(file, "set ylabel '%s, ms' offset 0.5,0\nset yrange [0:*]\n",
				is_whole(rows) ? "round trip" : "time in the server");
	fputs("set xlabel 'payload' offset 0,0.3\n", file);
	put_stack(file, name, rows, nrows, 0, two ? small - 1 : nrows - 1, true);
	fputc('\n', file);
	if (two)
	{
		fprintf(file, "unset label 1\nunset label 2\nunset ylabel\n"
				"set label 3 'another scale' at graph 0,1.025 left textcolor rgb '#555555' font ',11'\n"
				"set lmargin at screen %.3f\nset rmargin at screen %.3f\nset xrange [-0.6:%.1f]\n",
				PANEL_LEFT + width * small + PANEL_GAP, PANEL_RIGHT, nrows - small - 0.4);
		put_stack(file, name, rows, nrows, small, nrows - 1, false);
		fputc('\n', file);
		put_legend_plot(file, rows, nrows);
		fputs("unset multiplot\n", file);
	}
	put_end(file);
}

/* tics at the powers of ten, by name */
static void
put_size_tics(FILE *file)
{
	fputs("set xtics ('1 B' 1, '10 B' 10, '100 B' 100, '1 kB' 1e3, '10 kB' 1e4, '100 kB' 1e5, "
		  "'1 MB' 1e6, '10 MB' 1e7, '100 MB' 1e8, '1 GB' 1e9)\n", file);
}

/* where TOAST begins, and what other engines refuse */
static void
put_markers(FILE *file, double least, double largest)
{
	static const struct
	{
		double		bytes;
		const char *text;
	}			markers[] = {
		{2000, "2 kB\\nTOAST begins"},
		{262144, "256 KiB\\nTemporal warns"},
		{2097152, "2 MiB\\nTemporal fails"}
	};

	for (int i = 0; i < (int) (sizeof(markers) / sizeof(markers[0])); i++)
	{
		if (markers[i].bytes < least || markers[i].bytes > largest)
			continue;
		fprintf(file, "set arrow %d from %g, graph 0 to %g, graph 1 nohead dashtype 2 linecolor rgb '#888888'\n"
				"set label %d \"%s\" at %g, graph 1 center offset character 0,1.7 "
				"font ',11' textcolor rgb '#555555'\n",
				10 + i, markers[i].bytes, markers[i].bytes, 10 + i, markers[i].text, markers[i].bytes);
	}
}

void
plot_script_latency(FILE *file, const Result *result, const char *name,
					const char *const *data, const Series *const *series, int nseries)
{
	double		least = INFINITY;
	double		largest = 0.0;
	char		rest[100];

	for (int i = 0; i < nseries; i++)
	{
		for (int s = 0; s < series[i]->nsteps; s++)
		{
			if (series[i]->steps[s].payload_bytes == 0)
				continue;
			least = fmin(least, (double) series[i]->steps[s].payload_bytes);
			largest = fmax(largest, (double) series[i]->steps[s].payload_bytes);
		}
	}
	snprintf(rest, sizeof(rest), "%d iterations", series[0]->niterations);
	put_beginning(file, name, 1300, 760);
	put_title(file, "Round trip of a step against the size of its payload");
	put_subtitle(file, result, rest);
	put_key(file);
	fputs("set lmargin at screen 0.085\nset rmargin at screen 0.965\n"
		  "set tmargin at screen 0.845\nset bmargin at screen 0.23\n"
		  "set logscale xy\n"
		  "set ytics ('0.01' 0.01, '0.02' 0.02, '0.05' 0.05, '0.1' 0.1, '0.2' 0.2, '0.5' 0.5, '1' 1, '2' 2, "
		  "'5' 5, '10' 10, '20' 20, '50' 50, '100' 100, '200' 200, '500' 500, '1000' 1000, '10000' 10000)\n"
		  "set style fill transparent solid 0.22 noborder\n"
		  "set xlabel 'payload' offset 0,0.3\n"
		  "set ylabel 'round trip, ms' offset 0.5,0\n", file);
	put_size_tics(file);
	/* room for the last marker */
	fprintf(file, "set xrange [%g:%g]\n", least / 1.5,
			largest >= 500000.0 && largest < 3000000.0 ? 3000000.0 : largest * 1.5);
	put_markers(file, least, largest >= 500000.0 ? fmax(largest, 3000000.0) : largest);
	for (int i = 0; i < nseries; i++)
	{
		const char *colour = line_colours[i % NLINE_COLOURS];

		fprintf(file, "%s '%s.dat' using %d:%d:%d with filledcurves linecolor rgb '%s' title '%s, %s: p5 to p95', \\\n"
				" '' using %d:%d with linespoints linewidth 2.5 pointtype %d pointsize 1.1 linecolor rgb '%s' title '%s, %s: p50'",
				i == 0 ? "plot" : ", \\\n", data[i], COLUMN_BYTES, COLUMN_LOW, COLUMN_HIGH, colour,
				drive_names[series[i]->drive], origin_names[series[i]->origin],
				COLUMN_BYTES, COLUMN_P50, i % 2 == 0 ? 7 : 5, colour,
				drive_names[series[i]->drive], origin_names[series[i]->origin]);
	}
	fputc('\n', file);
	put_end(file);
}

void
plot_script_approaches(FILE *file, const Result *result, const char *name,
					   const PlotRow *rows, int nrows)
{
	char		title[200];
	char		rest[100];
	int			width = 340 + 110 * nrows;

	snprintf(title, sizeof(title), "%d steps against one batched step",
			 result->nseries > 0 ? result->series[0]->nsteps : 0);
	snprintf(rest, sizeof(rest), "medians of %d", rows[0].n);
	put_beginning(file, name, width < 1200 ? 1200 : width, 760);
	put_title(file, title);
	put_subtitle(file, result, rest);
	put_key(file);
	fputs("set lmargin at screen 0.075\nset rmargin at screen 0.975\n"
		  "set tmargin at screen 0.88\nset bmargin at screen 0.27\n"
		  "set style data histograms\n"
		  "set style histogram rowstacked\n"
		  "set style fill solid 1.0 noborder\n"
		  "set boxwidth 0.6\n"
		  "set xtics nomirror scale 0\n"
		  "set yrange [0:*]\n"
		  "set ylabel 'workflow, ms' offset 0.5,0\n"
		  "set errorbars small\n", file);
	/* two bars alone would be as wide as barn doors */
	fprintf(file, "set xrange [%g:%g]\n", nrows > 2 ? -0.6 : -1.2, nrows > 2 ? nrows - 0.4 : nrows + 0.2);
	/* pairs stand apart */
	for (int i = 1; i < nrows; i++)
	{
		if (rows[i].series->drive != rows[i - 1].series->drive ||
			rows[i].series->origin != rows[i - 1].series->origin)
			fprintf(file, "set arrow %d from %g, graph 0 to %g, graph 1 nohead linecolor rgb '#CCCCCC'\n",
					100 + i, i - 0.5, i - 0.5);
	}
	put_stack(file, name, rows, nrows, 0, nrows - 1, true);
	fprintf(file, ", \\\n '' using 0:%d:%d:%d with yerrorbars pointtype 7 pointsize 0.9 linewidth 1.5 "
			"linecolor rgb '#000000' title 'whole: median, 95 %% interval'\n", COLUMN_P50, COLUMN_LOW, COLUMN_HIGH);
	put_end(file);
}
