# The legend, at the foot, in as many rows as its titles take; what is drawn ends above it.
#	entries, longest (characters of a title), names_height (pixels below the axis)

legend_columns = floor(width / 10.2 / (longest + 9))
legend_columns = legend_columns < 1 ? 1 : legend_columns > entries ? entries : legend_columns
legend_rows = ceil(1.0 * entries / legend_columns)
legend_columns = ceil(1.0 * entries / legend_rows)
legend_foot = caption eq '' ? 10 : strstrt(caption, "\n") ? 66 : 44
legend_height = 20.0 * legend_rows
set key at screen 0.5, (legend_foot + legend_height / 2) / height center center horizontal \
	maxcols legend_columns maxrows legend_rows samplen 1.5 width 2 reverse Left
set bmargin at screen (legend_foot + legend_height + 12 + names_height) / height
