# What the pictures share.  A picture's own file sets these names and loads the
# program of its kind twice, with picture = 'png' and 'svg':
#	name		of the picture and of its data file, without the ending
#	heading, conditions, caption	texts
# It is run in the folder where the files are: gnuplot NAME.gnuplot

reset
set encoding utf8
set decimalsign '.'
if (!exists("width")) width = 1300
if (!exists("height")) height = 760
if (picture eq 'png') {
	set terminal pngcairo size width, height font 'DejaVu Sans,13' noenhanced background rgb 'white'
} else {
	set terminal svg size width, height dynamic font 'DejaVu Sans,13' noenhanced background rgb 'white'
}
set output name.'.'.picture

# title, conditions under it, caption at the foot
set label 1 heading at screen 0.5, 0.968 center noenhanced font ',17' front
set label 2 conditions at screen 0.5, 0.928 center noenhanced font ',11' textcolor rgb '#555555' front
# a second line goes below the first
set label 3 caption at screen 0.5, (strstrt(caption, "\n") ? 0.045 : 0.022) center noenhanced font ',11' textcolor rgb '#555555' front
set lmargin at screen 0.075
set rmargin at screen 0.975
set tmargin at screen (heading eq '' ? 0.97 : 0.88)
set bmargin at screen 0.235
if (heading eq '') { set lmargin at screen 0.095 }
set border 3 linecolor rgb '#666666'
set tics nomirror out textcolor rgb '#222222'
set grid ytics linetype 1 linecolor rgb '#DDDDDD' linewidth 1
set key at screen 0.5, 0.088 center center horizontal maxrows 2 samplen 1.5 width 2 reverse Left

# columns of every data file
NAME = 1; BYTES = 2; COUNT = 3
P50 = 4; P50_LOW = 5; P50_HIGH = 6; P95 = 7
MEAN = 8; MEAN_LOW = 9; MEAN_HIGH = 10
FIRST_PART = 11

# parts in the order in which they happen: colours that can be told apart with
# each kind of colour blindness, neighbours different in lightness too
parts = 'encode network arrival parse check generate store output commit decode unattributed'
colours = '#AA4499 #88CCEE #4477AA #999933 #DDCC77 #117733 #CC6677 #44AA99 #332288 #882255 #BBBBBB'
lines = '#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #000000'

part_column(i) = FIRST_PART + i - 1
part_colour(i) = word(colours, i)
line_colour(i) = word(lines, (i - 1) % words(lines) + 1)

# bytes as people write them: the unit for as many, and how an axis names it
# (log10 of a million is a little less than 6 here)
unit(most) = 1000.0 ** floor(log10(most > 1 ? most : 1) / 3 + 1e-9)
unit_format(most) = '%g'.gprintf(' %cB', most)
