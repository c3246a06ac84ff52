# Round trip against payload, by every drive and origin whose steps have one.
#	files, titles	a word each for every line
#	markers		1: lines where TOAST begins and where Temporal warns and refuses

load 'common.gp'
# nothing has no place on a logarithmic axis
least = 1e300; most = 0
do for [i = 1:words(files)] {
	stats word(files, i) using (column(BYTES) > 0 ? column(BYTES) : NaN) nooutput
	if (STATS_min < least) { least = STATS_min }
	if (STATS_max > most) { most = STATS_max }
}

set tmargin at screen (heading eq '' ? 0.93 : strstrt(conditions, "\n") ? 0.825 : 0.845)
set logscale xy
set xlabel 'payload' offset 0, 0.3
set ylabel 'round trip, ms' offset 0.5, 0
set grid xtics ytics linetype 1 linecolor rgb '#E6E6E6' linewidth 1
set xtics ('1 B' 1, '10 B' 10, '100 B' 100, '1 kB' 1e3, '10 kB' 1e4, '100 kB' 1e5, '1 MB' 1e6, '10 MB' 1e7, '100 MB' 1e8, '1 GB' 1e9)
set ytics ('0.01' 0.01, '0.02' 0.02, '0.05' 0.05, '0.1' 0.1, '0.2' 0.2, '0.5' 0.5, '1' 1, '2' 2, '5' 5, \
	'10' 10, '20' 20, '50' 50, '100' 100, '200' 200, '500' 500, '1000' 1000, '10000' 10000)
# room for the last marker
set xrange [least / 1.5:(most >= 5e5 && most < 3e6 ? 3e6 : most * 1.5)]
if (markers) {
	array bytes[3] = [2000, 262144, 2097152]
	array what[3] = ["2 kB\nTOAST begins", "256 KiB\nTemporal warns", "2 MiB\nTemporal refuses"]
	do for [i = 1:3] {
		if (bytes[i] >= least && bytes[i] <= (most >= 5e5 ? 3e6 : most)) {
			set arrow from bytes[i], graph 0 to bytes[i], graph 1 nohead dashtype 2 linecolor rgb '#888888'
			set label what[i] at bytes[i], graph 1 right offset character 0.5, 1.7 font ',11' textcolor rgb '#555555'
		}
	}
}
set errorbars small
plot for [i = 1:words(files)] word(files, i) using BYTES:P50:P50_LOW:P50_HIGH with yerrorlines linewidth 2.5 \
		pointtype (i % 2 ? 7 : 5) pointsize 1.1 linecolor rgb line_colour(i) \
		title word(titles, i).': p50, 95 % interval', \
	for [i = 1:words(files)] word(files, i) using BYTES:P95 with lines linewidth 1.5 dashtype 2 \
		linecolor rgb line_colour(i) title word(titles, i).': p95'
unset output
