# An experiment's bars: beside one another with their intervals, or on one another
# as parts of a whole; what each comes to is written on it.
#	data, series, titles[], longest (of them), name_lines, longest_name, x_text,
#	y_text, y_bytes, y_ratio, log_y, stacked (0, 1)

load 'common.gp'
stats data using 0 nooutput
rows = STATS_records
set ylabel y_text offset 0.5, 0
set style data histograms
set style fill solid 1.0 noborder
set errorbars small front linecolor rgb '#000000' linewidth 1.2
set xtics scale 0
names_height = rows > 9 ? 20 + 4.6 * longest_name : 14 + 17 * name_lines
if (rows > 9) { set xtics rotate by 35 right font ',11' }
entries = series
load 'legend.gp'
y_unit = 1
y_least = 1e300; most = 0
if (y_bytes || log_y) {
	do for [i = 1:series] {
		stats data using (stacked ? column(3 * series + 2) : column(3 * i + 1)) nooutput
		y_least = STATS_min > 0 && STATS_min < y_least ? STATS_min : y_least
		most = STATS_max > most ? STATS_max : most
	}
}
if (y_bytes && !log_y) {
	y_unit = unit(most)
	set format y unit_format(most)
}
# room for what is written on the highest
if (log_y) {
	# what is below the power of ten that is below them all is not drawn
	log_x = 0
	y_least = 10.0 ** floor(log10(y_least) + 1e-9)
	y_most = most
	load 'log_axes.gp'
} else {
	set yrange [0:*]
	set offsets 0, 0, graph 0.07, 0
}
set xrange [-0.6:rows - 0.4]
if (y_ratio && !stacked) { set arrow from graph 0, first 1 to graph 1, first 1 nohead linewidth 1.5 linecolor rgb '#666666' }
all_colours = stacked ? colours : lines
colour(i) = word(all_colours, (i - 1) % words(all_colours) + 1)
figure(y) = y_bytes ? sprintf(y >= 1 && y / unit(y) < 9.95 ? '%.1f' : '%.0f', y / unit(y)).gprintf(' %cB', y) : \
	y >= 1000 ? sprintf('%.0f', y) : sprintf('%.3g', y)
if (stacked) {
	set style histogram rowstacked
	set boxwidth 0.72
	plot for [i = 1:series] data using (column(3 * i - 1) / y_unit):xtic(1) linecolor rgb colour(i) title titles[i], \
		data using 0:(column(3 * series + 2) / y_unit):(figure(column(3 * series + 2))) \
			with labels offset 0, 0.7 notitle
} else {
	set style histogram errorbars gap 1
	few = rows * series <= 30
	known(i) = valid(3 * i - 1)
	plot for [i = 1:series] data using (column(3 * i - 1) / y_unit):(column(3 * i) / y_unit):(column(3 * i + 1) / y_unit):xtic(1) linecolor rgb colour(i) title titles[i], \
		for [i = 1:few ? series : 0] data using ($0 + (i - (series + 1) / 2.0) / (series + 1.0)):(known(i) ? column(3 * i + 1) / y_unit : 0):(known(i) ? figure(column(3 * i - 1)) : 'n/a') \
			with labels offset 0, 0.6 font ',10' notitle
}
unset output
