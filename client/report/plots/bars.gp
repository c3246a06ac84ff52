# An experiment's bars: beside one another with their intervals, or on one another
# as parts of a whole; what each comes to is written on it.
#	data, series, titles[], longest (of them), name_lines, x_text, y_text,
#	y_bytes, y_ratio, log_y, stacked (0, 1)

load 'common.gp'
stats data using 0 nooutput
rows = STATS_records
set ylabel y_text offset 0.5, 0
set style data histograms
set style fill solid 1.0 noborder
set errorbars small
set xtics scale 0
names_height = rows > 9 ? 95 : 14 + 17 * name_lines
if (rows > 9) { set xtics rotate by 35 right font ',11' }
entries = series
load 'legend.gp'
if (y_bytes) { set format y '%.0s %cB' }
# room for what is written on the highest
if (log_y) { set logscale y } else { set yrange [0:*]; set offsets 0, 0, graph 0.07, 0 }
set xrange [-0.6:rows - 0.4]
if (y_ratio && !stacked) { set arrow from graph 0, first 1 to graph 1, first 1 nohead linewidth 1.5 linecolor rgb '#666666' }
all_colours = stacked ? colours : lines
colour(i) = word(all_colours, (i - 1) % words(all_colours) + 1)
scaled(y) = y * 1000.0 ** -floor(log10(y > 1 ? y : 1) / 3)
figure(y) = y_bytes ? sprintf(y >= 1 && scaled(y) < 9.95 ? '%.1f' : '%.0f', scaled(y)).gprintf(' %cB', y) : \
	y >= 1000 ? sprintf('%.0f', y) : sprintf('%.3g', y)
if (stacked) {
	set style histogram rowstacked
	set boxwidth 0.72
	plot for [i = 1:series] data using 3 * i - 1:xtic(1) linecolor rgb colour(i) title titles[i], \
		data using 0:(column(3 * series + 2)):(figure(column(3 * series + 2))) \
			with labels offset 0, 0.7 notitle
} else {
	set style histogram errorbars gap 1 linewidth 1.2
	set bars front
	few = rows * series <= 30
	plot for [i = 1:series] data using 3 * i - 1:3 * i:3 * i + 1:xtic(1) linecolor rgb colour(i) title titles[i], \
		for [i = 1:few ? series : 0] data using ($0 + (i - (series + 1) / 2.0) / (series + 1.0)):3 * i + 1:(figure(column(3 * i - 1))) \
			with labels offset 0, 0.6 font ',10' notitle
}
unset output
