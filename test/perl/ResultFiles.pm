package ResultFiles;

# What every result file of a run must hold, looked at for the scripts about the
# client: an order among statistics, plain numbers, and the samples' own figures.

use strict;
use warnings;

use ClientTest;
use Exporter 'import';
use List::Util qw(min sum0);
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(ordered_summaries plain_numbers recompute);

# every summary in a part of a result file, with the way to it
sub summaries
{
	my ($value, $path) = @_;

	if (ref $value eq 'ARRAY')
	{
		return map { summaries($value->[$_], "$path\[$_\]") } 0 .. $#$value;
	}
	return () unless ref $value eq 'HASH';
	return ([ $path, $value ]) if exists $value->{p95};
	return map { summaries($value->{$_}, "$path.$_") } sort keys %$value;
}

# Is every statistic in its order, and null where there is nothing?
sub ordered_summaries
{
	my ($json, $name) = @_;
	my @objects = summaries($json, '');
	my @wrong;

	foreach my $object (@objects)
	{
		my ($path, $s) = @$object;
		my @order = map { $s->{$_} } qw(min p95 p99 max);
		my $good = 1;

		if ($s->{n} == 0)
		{
			$good = !grep { defined } @order, $s->{median}{value}, $s->{mean}{value};
		}
		else
		{
			$good &&= !grep { !defined } @order, $s->{median}{value}, $s->{mean}{value};
			$good &&= !grep { $order[ $_ - 1 ] > $order[$_] } 1 .. $#order;
			foreach my $estimate ($s->{median}, $s->{mean})
			{
				$good &&= $estimate->{value} >= $s->{min} - 1e-9 && $estimate->{value} <= $s->{max} + 1e-9;
				$good &&= defined $estimate->{low} == ($estimate->{blocks} >= 6);
				$good &&= !defined $estimate->{low}
				  || $estimate->{low} <= $estimate->{value} && $estimate->{value} <= $estimate->{high};
			}
		}
		push @wrong, $path unless $good;
	}
	ok(@objects > 0 && !@wrong, "$name: min <= p95 <= p99 <= max, intervals from six blocks on, null where there is nothing")
	  or diag(join "\n", scalar @objects, @wrong);
	return;
}

# Are sizes and counts written as integers, and no number as something else?
sub plain_numbers
{
	my ($file, $name) = @_;
	my @wrong;

	foreach my $line (split /\n/, slurp_file($file))
	{
		push @wrong, $line if $line =~ /:\s*-?(nan|inf)/i;
		push @wrong, $line if $line =~ /:\s*-?\d+,\d+,?$/;
		next unless $line =~ /"(payload_bytes|stored_bytes|n|failed|replayed|retried|function_id|wal_bytes|wal_records|wal_fpi|shared_blks_\w+|server_version_num|schema_version)": (.*?),?$/;
		push @wrong, $line unless $2 =~ /^(\d+|null|\{)$/;
	}
	ok(!@wrong, "$name: sizes and counts are integers, what is unknown is null") or diag(@wrong);
	return;
}

sub middle
{
	my @sorted = sort { $a <=> $b } @_;
	my $n = @sorted;

	return $n % 2 ? $sorted[ $n / 2 ] : ($sorted[ $n / 2 - 1 ] + $sorted[ $n / 2 ]) / 2;
}

# recompute(SAMPLES, JSON, NAME): n, extremes, percentiles and the estimates' values
# of a result file against the samples, worked out here
sub recompute
{
	my ($samples, $json, $name) = @_;
	my (%blocks, %all, @wrong);
	my $compared = 0;

	foreach my $sample (@$samples)
	{
		next if $sample->{state} ne 'measured' || $sample->{iteration} == 0;	# 0: a first call
		my $whose = join '/', map { $_ // '' } @$sample{qw(side workflow drive origin function_id)};

		foreach my $column (grep { /_ns$/ && defined $sample->{$_} } keys %$sample)
		{
			my $key = "$whose/" . ($column =~ s/_ns$//r);

			push @{ $all{$key} }, $sample->{$column} / 1e6;
			push @{ $blocks{$key}{ $sample->{block} } }, $sample->{$column} / 1e6;
		}
	}
	foreach my $workflow (@{ $json->{workflows} })
	{
		foreach my $cell (@{ $workflow->{steps} }, $workflow->{whole})
		{
			my $whose = join '/', @$workflow{qw(side workflow drive origin)}, $cell->{function_id} || '';

			foreach my $metric (sort keys %{ $cell->{times_ms} })
			{
				my $found = $cell->{times_ms}{$metric} // { n => 0 };
				my @sorted = sort { $a <=> $b } @{ $all{"$whose/$metric"} || [] };
				my @of_blocks = values %{ $blocks{"$whose/$metric"} || {} };
				my %mine = (n => scalar @sorted);

				if (@sorted)
				{
					@mine{qw(min max)} = @sorted[ 0, -1 ];
					$mine{$_} = nearest_rank($_ =~ s/p//r, @sorted) foreach ('p95', 'p99');
					$mine{median} = sum0(map { middle(@$_) } @of_blocks) / @of_blocks;
					$mine{mean} = sum0(map { sum0(@$_) / @$_ } @of_blocks) / @of_blocks;
				}
				foreach my $figure (keys %mine)
				{
					my $theirs = $figure =~ /^me/ ? $found->{$figure}{value} : $found->{$figure};

					$compared++;
					push @wrong, "$whose/$metric $figure: JSON " . ($theirs // 'null') . ", samples $mine{$figure}"
					  unless defined $theirs && abs($theirs - $mine{$figure}) <= 1e-6 + 1e-9 * abs($mine{$figure});
				}
			}
		}
	}
	ok($compared > 0 && !@wrong, "$name: the JSON holds the statistics of the samples ($compared figures)")
	  or diag(join "\n", $compared, @wrong[ 0 .. min($#wrong, 9) ]);
	return;
}

1;
