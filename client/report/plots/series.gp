# An experiment's lines: figures over figures, with their intervals.
#	data, series, titles[], longest (of them), x_text, y_text, x_bytes, y_bytes,
#	y_ratio, log_x, log_y (0, 1)

load 'common.gp'
set xlabel x_text offset 0, 0.3
set ylabel y_text offset 0.5, 0
set grid xtics ytics linetype 1 linecolor rgb '#E6E6E6' linewidth 1
set errorbars small
entries = series
names_height = 56
load 'legend.gp'
# nothing has no place on a logarithmic axis
shown(y) = log_y && y <= 0 ? NaN : y
end(y, otherwise) = log_y && y <= 0 ? otherwise : y
stats data using (log_x && $1 <= 0 ? NaN : $1) nooutput
x_unit = x_bytes && !log_x ? unit(STATS_max) : 1
if (x_bytes && !log_x) { set format x unit_format(STATS_max) }
x_least = STATS_min / x_unit
x_most = STATS_max / x_unit
stats data using (shown($2)) nooutput
y_unit = y_bytes && !log_y ? unit(STATS_max) : 1
if (y_bytes && !log_y) { set format y unit_format(STATS_max) }
stats data using (shown(end($3, $2))) nooutput
y_least = STATS_min
stats data using (shown($4)) nooutput
y_most = STATS_max
if (!log_x) { set xrange [x_least - 0.03 * (x_most - x_least):x_most + 0.03 * (x_most - x_least)] }
if (!log_y) { set yrange [0:*] }
load 'log_axes.gp'
# as much
if (y_ratio) { set arrow from graph 0, first 1 to graph 1, first 1 nohead linewidth 1.5 linecolor rgb '#666666' }
# intervals of the same place stand beside one another
place(i) = i - (series + 1) / 2.0
beside(i, x) = log_x ? (x > 0 ? x * (x_most / x_least) ** (0.004 * place(i)) : NaN) : x + 0.004 * (x_most - x_least) * place(i)
dash(i) = i > words(lines) ? 2 : 1
shape(i) = i % 4 == 1 ? 7 : i % 4 == 2 ? 5 : i % 4 == 3 ? 9 : 13
plot for [i = 1:series] data index i - 1 using (beside(i, $1 / x_unit)):(shown($2) / y_unit):(end($3, y_least / 1.3) / y_unit):($4 / y_unit) with yerrorlines linewidth 2 \
		pointtype shape(i) pointsize 1.1 dashtype dash(i) linecolor rgb line_colour(i) \
		title titles[i]
unset output
