# One step per size beside one batched step, by every drive and origin: means,
# stacked, and the whole on them.
#	data

load 'common.gp'
load 'stack.gp'
set xtics norotate center

set bmargin at screen 0.27
set boxwidth 0.6
stats data using MEAN_HIGH nooutput
set yrange [0:1.1 * STATS_max]
set ylabel 'mean time of the workflow, ms' offset 0.5, 0
# two bars alone would be as wide as barn doors
set xrange [(rows > 2 ? -0.6 : -1.2):(rows > 2 ? rows - 0.4 : rows + 0.2)]
# pairs stand apart
if (rows > 2) {
	do for [i = 2:rows - 1:2] {
		set arrow from i - 0.5, graph 0 to i - 0.5, graph 1 nohead linecolor rgb '#CCCCCC'
	}
}
plot for [k = 1:words(shown)] data using part_column(shown_part(k)):xtic(NAME) \
		linecolor rgb part_colour(shown_part(k)) title word(parts, shown_part(k)), \
	data using 0:MEAN:MEAN_LOW:MEAN_HIGH with yerrorbars pointtype 7 pointsize 0.9 linewidth 1.5 \
		linecolor rgb '#000000' title 'mean, 95 %', \
	data using 0:MEAN_HIGH:(whole_text(column(MEAN))) with labels offset 0, 0.9 notitle
unset output
