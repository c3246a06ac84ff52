# Two sides: each cell's ratio with its interval.  1 is no difference.
#	data: name, ratio, low, high, differs (0, 1), a row each

reset
stats data using 2 nooutput
rows = STATS_records
height = 330 + 34 * rows
load 'common.gp'

foot = 150.0 / height
set label 1 heading at screen 0.5, 1 - 28.0 / height center noenhanced font ',17' front
set label 2 conditions at screen 0.5, 1 - 58.0 / height center noenhanced font ',11' textcolor rgb '#555555' front
set label 3 caption at screen 0.5, 22.0 / height center noenhanced font ',11' textcolor rgb '#555555' front
set lmargin at screen 0.28
set tmargin at screen 1 - 90.0 / height
set bmargin at screen foot
set key at screen 0.5, 55.0 / height
set grid xtics noytics linetype 1 linecolor rgb '#DDDDDD' linewidth 1
set yrange [rows - 0.5:-0.5]
set ytics scale 0
set xlabel axis_text
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 1.5 linecolor rgb '#666666'
plot data using ($5 == 0 ? $2 : NaN):0:3:4:ytic(NAME) with xerrorbars pointtype 6 pointsize 1.1 linewidth 1.8 \
		linecolor rgb '#777777' title 'no difference shown, 95 % interval', \
	data using ($5 == 1 ? $2 : NaN):0:3:4 with xerrorbars pointtype 7 pointsize 1.1 linewidth 2 \
		linecolor rgb '#D55E00' title 'differs (all cells together, 5 %)'
unset output
