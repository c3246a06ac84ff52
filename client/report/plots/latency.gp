# Round trip against payload, by every drive and origin whose steps have one.
#	files, titles	a word each for every line
#	markers		1: lines where TOAST begins and where Temporal warns and refuses

load 'common.gp'
p50(i) = word(titles, i).': p50, 95 % interval'
# nothing has no place on a logarithmic axis
x_least = 1e300; x_most = 0
y_least = 1e300; y_most = 0
longest = 0
do for [i = 1:words(files)] {
	stats word(files, i) using (column(BYTES) > 0 ? column(BYTES) : NaN) nooutput
	if (STATS_min < x_least) { x_least = STATS_min }
	if (STATS_max > x_most) { x_most = STATS_max }
	stats word(files, i) using (column(P50_LOW) > 0 ? column(P50_LOW) : column(P50)) nooutput
	if (STATS_min < y_least) { y_least = STATS_min }
	stats word(files, i) using (column(P95) > column(P50_HIGH) ? column(P95) : column(P50_HIGH)) nooutput
	if (STATS_max > y_most) { y_most = STATS_max }
	if (strlen(p50(i)) > longest) { longest = strlen(p50(i)) }
}
entries = 2 * words(files)
names_height = 56
load 'legend.gp'

set tmargin at screen (heading eq '' ? 0.93 : strstrt(conditions, "\n") ? 0.825 : 0.845)
set xlabel 'payload' offset 0, 0.3
set ylabel 'round trip, ms' offset 0.5, 0
set grid xtics ytics linetype 1 linecolor rgb '#E6E6E6' linewidth 1
log_x = 1; log_y = 1
x_bytes = 1; y_bytes = 0
load 'log_axes.gp'
# room for the last marker
set xrange [x_least / 1.5:(x_most >= 5e5 && x_most < 3e6 ? 3e6 : x_most * 1.5)]
if (markers) {
	array bytes[3] = [2000, 262144, 2097152]
	array what[3] = ["2 kB\nTOAST begins", "256 KiB\nTemporal warns", "2 MiB\nTemporal refuses"]
	do for [i = 1:3] {
		if (bytes[i] >= x_least && bytes[i] <= (x_most >= 5e5 ? 3e6 : x_most)) {
			set arrow from bytes[i], graph 0 to bytes[i], graph 1 nohead dashtype 2 linecolor rgb '#888888'
			set label what[i] at bytes[i], graph 1 right offset character 0.5, 1.7 font ',11' textcolor rgb '#555555'
		}
	}
}
set errorbars small
# intervals of the same size stand beside one another
beside(i) = (x_most / x_least) ** (0.004 * (i - (words(files) + 1) / 2.0))
plot for [i = 1:words(files)] word(files, i) using (column(BYTES) * beside(i)):P50:(column(P50_LOW) > 0 ? column(P50_LOW) : y_least / 1.3):P50_HIGH with yerrorlines linewidth 2.5 \
		pointtype (i % 2 ? 7 : 5) pointsize 1.1 linecolor rgb line_colour(i) \
		title p50(i), \
	for [i = 1:words(files)] word(files, i) using BYTES:P95 with lines linewidth 1.5 dashtype 2 \
		linecolor rgb line_colour(i) title word(titles, i).': p95'
unset output
