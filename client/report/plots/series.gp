# An experiment's lines: figures over figures, with their intervals.
#	data, series, titles[], x_text, y_text, x_bytes, log_x, log_y (0, 1)

load 'common.gp'
set xlabel x_text offset 0, 0.3
set ylabel y_text offset 0.5, 0
set grid xtics ytics linetype 1 linecolor rgb '#E6E6E6' linewidth 1
set errorbars small
if (log_x) {
	stats data using ($1 > 0 ? $1 : NaN) nooutput
	set xrange [STATS_min / 1.3:STATS_max * 1.3]
	set logscale x
	if (x_bytes) {
		set xtics ('1 B' 1, '10 B' 10, '100 B' 100, '1 kB' 1e3, '10 kB' 1e4, '100 kB' 1e5, '1 MB' 1e6, '10 MB' 1e7, '100 MB' 1e8, '1 GB' 1e9)
	}
}
if (log_y) { set logscale y } else { set yrange [0:*] }
# nothing has no place on a logarithmic axis
shown(x, y) = (log_x && x <= 0) || (log_y && y <= 0) ? NaN : y
end(y, otherwise) = log_y && y <= 0 ? otherwise : y
dash(i) = i > words(lines) ? 2 : 1
shape(i) = i % 4 == 1 ? 7 : i % 4 == 2 ? 5 : i % 4 == 3 ? 9 : 13
plot for [i = 1:series] data index i - 1 using 1:(shown($1, $2)):(end($3, $2)):4 with yerrorlines linewidth 2.5 \
		pointtype shape(i) pointsize 1.1 dashtype dash(i) linecolor rgb line_colour(i) \
		title titles[i]
unset output
