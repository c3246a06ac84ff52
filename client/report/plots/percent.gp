# One drive and origin: the parts of a step in percent of its mean time.
#	data, whole

load 'common.gp'
load 'stack.gp'

set ylabel '% of the mean '.whole offset 0.5, 0
set xlabel 'payload' offset 0, 0.3
set yrange [0:100]
set xrange [-0.6:rows - 0.4]
plot for [k = 1:words(shown)] data using (100.0 * column(part_column(shown_part(k))) / column(MEAN)):xtic(NAME) \
	linecolor rgb part_colour(shown_part(k)) title word(parts, shown_part(k))
unset output
