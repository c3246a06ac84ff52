# An experiment's bars: beside one another with their intervals, or on one another
# as parts of a whole.
#	data, series, titles[], x_text, y_text, log_y, stacked (0, 1)

load 'common.gp'
stats data using 2 nooutput
rows = STATS_records + STATS_invalid
set ylabel y_text offset 0.5, 0
set style data histograms
set style fill solid 1.0 noborder
set errorbars small
set xtics scale 0
if (rows * (stacked ? 1 : series) > 9) { set xtics rotate by 35 right }
if (log_y) { set logscale y } else { set yrange [0:*] }
set xrange [-0.6:rows - 0.4]
all_colours = stacked ? colours : lines
colour(i) = word(all_colours, (i - 1) % words(all_colours) + 1)
if (stacked) {
	set style histogram rowstacked
	set boxwidth 0.72
	plot for [i = 1:series] data using 3 * i - 1:xtic(1) linecolor rgb colour(i) title titles[i]
} else {
	set style histogram errorbars gap 1 linewidth 1.2
	set bars front
	plot for [i = 1:series] data using 3 * i - 1:3 * i:3 * i + 1:xtic(1) linecolor rgb colour(i) title titles[i]
}
unset output
