#!/usr/bin/env perl
# json.pl RESULTS: the figures of a folder that "make peers" left behind, as one JSON
# object, which a page of "dbos_payload_bench report --html" shows; docs/peers.md says
# what is in it.  The same figures as table.pl's.

use strict;
use warnings;
use utf8;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Peers;

@ARGV == 1 or die "usage: json.pl RESULTS\n";
my $results = read_results($ARGV[0]);
my @sizes = @{ $results->{sizes} || [] };
my ($first) = map { $_->{figures}[0] || () } @{ $results->{rtts} };
my %languages = (python => 'Python', typescript => 'TypeScript', go => 'Go', java => 'Java');

sub size_words
{
	my ($bytes) = @_;

	return $bytes >= 1e6 ? $bytes / 1e6 . ' MB' : $bytes >= 1e3 ? $bytes / 1e3 . ' kB' : "$bytes B";
}

# an estimate as result files have it; of rounds
sub estimate_of
{
	my ($numbers) = @_;
	my $estimate = estimate($numbers) or return undef;
	my ($value, $half) = @$estimate{qw(value half)};

	return {
		value => $value + 0,
		low => defined $half ? $value - $half : undef,
		high => defined $half ? $value + $half : undef,
		blocks => scalar grep { defined } @$numbers };
}

sub mean_of
{
	my $estimate = estimate($_[0]) or return undef;

	return $estimate->{value} + 0;
}

# row(NAME, KIND, OF, TRACED): its cells, and what trace saw of them
sub row
{
	my ($name, $kind, $of, $traced) = @_;

	return {
		name => $name,
		kind => $kind,
		cells => [ map {
			my $cell = $_;
			{
				time => estimate_of($of->{time}{$cell}),
				parts => { map { $_ => estimate_of($traced->{$_}{$cell}) } @parts },
				round_trips => mean_of($traced->{round_trips}{$cell} || $of->{round_trips}{$cell}),
				bytes_up => mean_of($traced->{bytes_up}{$cell})
			}
		} @cells ] };
}

sub rows
{
	my ($data) = @_;
	my @rows;

	foreach my $name (by_seven($data->{real}))
	{
		my $profile = $data->{profile}{ profile_of($name) // '' };

		push @rows, row(name_of($name), 'sdk', $data->{real}{$name}, $data->{traced}{$name});
		push @rows, row(name_of($name), 'statements', $profile) if $profile;
	}
	push @rows, map { row($ours_words{$_}, 'ours', $data->{ours}{$_}) } grep { $data->{ours}{$_} } qw(calls pipeline procedure);
	return \@rows;
}

print JSON::PP->new->utf8->canonical->indent->indent_length(1)->encode({
	kind => 'peers',
	schema_version => 1,
	program_version => $first->{tool_version},
	started_at => $first->{started_at},
	server_version => $first->{environment}{server_version},
	sdks => [ map { { language => $languages{$_}, version => $results->{sdks}{$_} } } sort keys %{ $results->{sdks} } ],
	cells => [
		map { { name => $_ eq 'seven' ? 'seven steps' : $_ eq 'batch' ? 'one batched' : size_words($sizes[$_]), bytes => /\d/ ? $sizes[$_] : undef } }
		  @cells ],
	rtts => [ map { { rtt_ms => $_->{rtt} + 0, rounds => $_->{rounds}, rows => rows($_) } } @{ $results->{rtts} } ] });
