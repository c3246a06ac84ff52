# Where the time goes: the parts' means on one another, which add up to the mean
# of the whole.  Sets, from the data:
#	rows, shown (numbers of the parts that there are)

stats data using MEAN nooutput
rows = STATS_records
shown = ''
do for [i = 1:words(parts)] {
	stats data using part_column(i) nooutput
	if (STATS_max > 0) { shown = shown.' '.i }
}
shown_part(k) = int(word(shown, k))

set style data histograms
set style histogram rowstacked
set style fill solid 1.0 noborder
set boxwidth 0.72
set errorbars small
# what a whole comes to stands on it
whole_text(y) = y >= 1000 ? sprintf('%.0f', y) : sprintf('%.3g', y)
set xtics scale 0
# names side by side overlap from ten on
if (rows > 9) { set xtics rotate by 35 right }
