package ExperimentTables;

# The tables in an experiment's result file.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(table_of);

# table_of(RESULT, NAME): the rows of a table, as hashes by the names of its columns:
# texts of labels, values of figures.
sub table_of
{
	my ($result, $name) = @_;
	my ($table) = grep { $_->{name} eq $name } @{ $result->{tables} };
	my @columns = map { $_->{name} } @{ $table->{columns} };

	return map {
		my $cells = $_->{cells};
		+{ map { ($columns[$_] => $cells->[$_]{text} // ($cells->[$_]{estimate} || {})->{value}) } 0 .. $#columns };
	} @{ $table->{rows} };
}

1;
