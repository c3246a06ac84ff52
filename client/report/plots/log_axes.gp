# Logarithmic axes: their range, and what they name, which is each power of ten and the
# shorter an axis the more between them.
#	log_x, log_y (0, 1), x_bytes, y_bytes; of such an axis x_least, x_most, y_least, y_most

tick(value, bytes) = bytes ? sprintf('%g', value / unit(value)).gprintf(' %cB', value) : sprintf('%g', value)
digits(span) = span < 3 ? '1 1.2 1.5 2 2.5 3 4 5 6 7 8 9' : span < 1e4 ? '1 2 5' : '1'
if (log_x) {
	set logscale x
	set xrange [x_least / 1.3:x_most * 1.3]
	set xtics ()
	do for [power = -6:12] {
		do for [digit in digits(x_most / x_least)] { set xtics add (tick(digit * 10.0 ** power, x_bytes) digit * 10.0 ** power) }
	}
}
if (log_y) {
	set logscale y
	set yrange [y_least / 1.3:y_most * 1.3]
	set ytics ()
	do for [power = -6:12] {
		do for [digit in digits(y_most / y_least)] { set ytics add (tick(digit * 10.0 ** power, y_bytes) digit * 10.0 ** power) }
	}
}
