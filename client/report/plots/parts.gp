# One drive and origin: the parts of a step by its payload, in ms.  Sizes that
# would be flat beside the largest have a panel, and a scale, of their own.
#	data, whole ('round trip', 'time in the server')

load 'common.gp'
load 'stack.gp'

# rows of the left panel: those within four times the first
small = 0
do for [i = 0:rows - 1] {
	stats data using MEAN every ::i::i nooutput
	if (i == 0) { least = STATS_max }
	if (small == i && STATS_max <= 4 * least) { small = i + 1 }
}
two = small < rows

# room for the intervals; asked before any range is set, which stats would heed
stats data using MEAN_HIGH every ::0::small - 1 nooutput
highest = STATS_max
if (two) {
	stats data using MEAN_HIGH every ::small::rows - 1 nooutput
	highest_right = STATS_max
}

left = 0.075; right = 0.975; gap = two ? 0.07 : 0
bar = (right - left - gap) / rows

set multiplot
unset key
set ylabel 'mean '.whole.', ms' offset 0.5, 0
set xlabel 'payload' offset 0, 0.3
set yrange [0:1.1 * highest]
set rmargin at screen left + bar * small
set xrange [-0.6:small - 0.4]
plot for [k = 1:words(shown)] data every ::0::small - 1 using part_column(shown_part(k)):xtic(NAME) \
		linecolor rgb part_colour(shown_part(k)) notitle, \
	data every ::0::small - 1 using 0:MEAN:MEAN_LOW:MEAN_HIGH with yerrorbars \
		pointtype 7 pointsize 0.7 linewidth 1.5 linecolor rgb '#000000' notitle, \
	data every ::0::small - 1 using 0:MEAN_HIGH:(whole_text(column(MEAN))) with labels offset 0, 0.8 notitle

if (two) {
	unset label 1; unset label 2; unset label 3; unset ylabel
	set label 4 'another scale' at graph 0, 1.025 left textcolor rgb '#555555' font ',11'
	set yrange [0:1.1 * highest_right]
	set lmargin at screen left + bar * small + gap
	set rmargin at screen right
	set xrange [-0.6:rows - small - 0.4]
	plot for [k = 1:words(shown)] data every ::small::rows - 1 using part_column(shown_part(k)):xtic(NAME) \
			linecolor rgb part_colour(shown_part(k)) notitle, \
		data every ::small::rows - 1 using 0:MEAN:MEAN_LOW:MEAN_HIGH with yerrorbars \
			pointtype 7 pointsize 0.7 linewidth 1.5 linecolor rgb '#000000' notitle, \
		data every ::small::rows - 1 using 0:MEAN_HIGH:(whole_text(column(MEAN))) with labels offset 0, 0.8 notitle
}

# the legend alone, as wide as the picture: a panel's own would be as narrow as the panel
unset label 1; unset label 2; unset label 3; unset label 4
unset border; unset xtics; unset ytics; unset grid; unset xlabel; unset ylabel
set lmargin at screen 0.05
set rmargin at screen 0.95
set key
set xrange [0:1]
set yrange [0:1]
plot for [k = 1:words(shown)] NaN with boxes linecolor rgb part_colour(shown_part(k)) title word(parts, shown_part(k)), \
	NaN with points pointtype 7 pointsize 0.7 linecolor rgb '#000000' title 'mean, 95 %'
unset multiplot
unset output
