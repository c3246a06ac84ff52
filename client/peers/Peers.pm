package Peers;

# What a run of "make peers" left behind, read and reduced to figures.  Perl with its
# core modules only.
#
# A round gives one number for each cell: the mean of the middle half of its workflows
# (or steps), ordered by their time.  It is as deaf to stragglers as a median, and the
# parts of a step's time, averaged over the same half, still add up to it.  Rounds are
# what intervals are of: 95 % by Student's t, from six rounds on.

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use List::Util qw(first min max sum0 uniq);

our @EXPORT = qw(read_results estimate difference_of quotient_of name_of profile_of by_seven figure rtt_words
  @cells @parts @shown_parts %part_words %ours_words);

# sizes by their place in SIZES, and the two wholes
our @cells = (0 .. 6, 'seven', 'batch');

# of a traced step, in the order in which they are shown; they add up
our @parts = qw(application_before application_between network server trace);

# those that a run without tracing has too
our %part_words = (
	application_before => 'function, serialization',
	application_between => 'between requests',
	network => 'network',
	server => 'server');
our @shown_parts = grep { $part_words{$_} } @parts;

# of ours
our %ours_words = (calls => 'ours, calls', pipeline => 'ours, pipeline', procedure => 'ours, procedure');

# what trace's samples give beside the parts
my @volumes = qw(round_trips statements transactions bytes_up bytes_down text_bytes);

# Student's t, 95 % two-sided, by degrees of freedom
my @t = (undef, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
	2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045);

my $least_rounds = 6;

# the statement profile of a port and its variant
my %profiles = (
	'python bytes' => 'dbos-python',
	'typescript base64' => 'dbos-typescript',
	'typescript buffer' => 'dbos-typescript-buffer',
	'go bytes' => 'dbos-go',
	'go portable' => 'dbos-go-portable',
	'java bytes' => 'dbos-java');

sub profile_of { return $profiles{ $_[0] }; }

# what a row is called for people
my %languages = (python => 'Python', typescript => 'TypeScript', go => 'Go', java => 'Java');
my %variants = (
	'typescript base64' => 'base64 string',
	'typescript base64-json' => 'base64 string, plain JSON',
	'typescript buffer' => 'Buffer',
	'python bytes-noping' => 'bytes, no pre-ping',
	'python base64' => 'base64 str',
	'python portable' => 'base64 str, portable JSON',
	'go bytes' => '[]byte',
	'go gob' => '[]byte, gob',
	'go portable' => '[]byte, portable workflow',
	'java bytes' => 'byte[]',
	'java base64' => 'base64 String');

sub name_of
{
	my ($peer, $variant) = split / /, $_[0], 2;

	return "$languages{$peer}, " . ($variants{ $_[0] } // $variant);
}

# --- reading ------------------------------------------------------------

sub slurp
{
	my ($path) = @_;

	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	return <$file>;
}

sub read_json
{
	my ($path) = @_;
	my $value = eval { decode_json(slurp($path)) };

	die "$path is not JSON: $@" unless $value;
	return $value;
}

# read_csv(PATH): its lines as hashes; no field of ours has a comma or a quote in it
# but for names, which are taken from their quotes
sub read_csv
{
	my ($path) = @_;
	my ($head, @lines) = split /\n/, slurp($path);
	my @names = split /,/, $head;
	my @rows;

	foreach my $line (@lines)
	{
		my (@fields, %row);

		push @fields, defined $1 ? $1 =~ s/""/"/gr : $2 while $line =~ /\G(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/gc && pos($line) <= length $line && @fields < @names;
		@row{@names} = @fields;
		push @rows, \%row;
	}
	return \@rows;
}

# middle(LIST OF HASHES WITH time): the half in the middle by time, all of fewer than four
sub middle
{
	my @sorted = sort { $a->{time} <=> $b->{time} } @_;
	my $out = @sorted < 4 ? 0 : int(@sorted / 4);

	return @sorted[ $out .. $#sorted - $out ];
}

# midmean(SAMPLES): each of their numbers' mean over the middle half
sub midmean
{
	my @half = middle(@_);

	return undef unless @half;
	return { map { my $name = $_; $name => sum0(map { $_->{$name} } @half) / @half } keys %{ $half[0] } };
}

# the round that is being read, from 0 on
my $round;

# put(INTO, CELL, SAMPLES): one round's number, for each part
sub put
{
	my ($into, $cell, @samples) = @_;
	my $found = midmean(@samples) or return;

	$into->{$_}{$cell}[$round] = $found->{$_} foreach keys %$found;
	return;
}

# add_workflows(INTO, SEVEN, BATCH): lists of workflows, each a list of steps
sub add_workflows
{
	my ($into, $seven, $batch) = @_;
	my $sum = sub {
		my ($steps) = @_;

		return { map { my $name = $_; $name => sum0(map { $_->{$name} } @$steps) } keys %{ $steps->[0] } };
	};

	foreach my $i (0 .. $#{ $seven->[0] || [] })
	{
		put($into, $i, map { $_->[$i] } @$seven);
	}
	put($into, 'seven', map { $sum->($_) } @$seven);
	put($into, 'batch', map { $sum->($_) } @$batch);
	return;
}

# a port's own line
sub add_port
{
	my ($into, $line) = @_;
	my $steps = sub { [ map { [ map { { time => $_ } } @$_ ] } @{ $_[0] } ] };

	add_workflows($into, $steps->($line->{seven_ms}), $steps->($line->{batch_ms}));
	foreach my $cell (qw(seven batch))
	{
		put($into->{call} ||= {}, $cell, map { { time => $_ } } @{ $line->{"${cell}_call_ms"} });
	}
	return;
}

# trace_workflows(PATH, WORKFLOWS): the steps that trace saw, of the last WORKFLOWS of
# each kind, which are those after the warm-up
sub trace_workflows
{
	my ($path, $keep) = @_;
	my (%steps, %order);

	foreach my $row (@{ read_csv($path) })
	{
		next unless $row->{step} =~ /^(batch_)?size_step$/ && $row->{state} eq 'recorded';
		my $kind = $1 ? 'batch' : 'seven';

		push @{ $order{$kind} }, $row->{workflow_id} unless $steps{ $row->{workflow_id} };
		my %step = map { $_ => ($row->{"${_}_ns"} || 0) / 1e6 } @parts, 'sending', 'total';

		$step{$_} = $row->{$_} foreach @volumes;
		$step{time} = delete $step{total};
		$step{function_id} = $row->{function_id};
		push @{ $steps{ $row->{workflow_id} } }, \%step;
	}
	return map {
		my @kept = @{ $order{$_} || [] };

		splice @kept, 0, max(0, @kept - $keep);
		[ map { [ sort { $a->{function_id} <=> $b->{function_id} } @{ $steps{$_} } ] } @kept ]
	} qw(seven batch);
}

# add_ours(DATA, FOLDER): ours and the profiles, from one run's samples
sub add_ours
{
	my ($data, $folder) = @_;
	my %workflows;

	foreach my $row (@{ read_csv("$folder/ours.samples.csv") })
	{
		next unless $row->{state} eq 'measured' && $row->{iteration} > 0 && $row->{workflow} ne 'baseline';
		next if $row->{round_trip_ns} eq '';
		my $kind = $row->{workflow} eq 'size_workflow' ? 'seven' : 'batch';
		my $run = $workflows{ $row->{drive} }{$kind}[ $row->{iteration} ] ||= {};
		my %sample = (time => $row->{round_trip_ns} / 1e6);

		$sample{encode} = $row->{encode_ns} / 1e6 if ($row->{encode_ns} // '') ne '';
		$sample{round_trips} = $row->{turns} if ($row->{turns} // '') ne '';
		if ($row->{step} eq 'total') { $run->{total} = \%sample; }
		else { push @{ $run->{steps} }, \%sample; }
	}
	foreach my $drive (keys %workflows)
	{
		my $into = $data->{ $drive =~ /^dbos-/ ? 'profile' : 'ours' }{$drive} ||= {};
		my %lists = map {
			my $kind = $_;
			$kind => [ map { $_->{steps} || [ $_->{total} ] } grep { defined } @{ $workflows{$drive}{$kind} } ]
		} qw(seven batch);

		# what is sent at once has only a whole
		if (@{ $lists{seven}[0] || [] } < 2)
		{
			put($into, 'seven', map { $_->[0] } @{ $lists{seven} });
			put($into, 'batch', map { $_->[0] } @{ $lists{batch} });
		}
		else { add_workflows($into, @lists{qw(seven batch)}); }
	}
	return;
}

# What a profile of processor time says of the steps of one port's run: which part of
# the steps' time the process was busy, and which part trace called the application's.
sub cpu_share
{
	my ($folder) = @_;
	my ($path) = glob "$folder/*.cpuprofile";

	return undef unless $path && -s "$folder/profiled.steps.csv" && -s "$folder/profiled.traced.json";
	my $line = read_json("$folder/profiled.traced.json");
	my $profile = read_json($path);
	my %idle = map { $_->{id} => 1 } grep { $_->{callFrame}{functionName} eq '(idle)' } @{ $profile->{nodes} };
	my @windows;
	my ($busy, $all, $now) = (0, 0, $profile->{startTime});

	foreach my $kind (qw(seven batch))
	{
		my ($times, $starts) = map { [ map { @$_ } @{ $line->{"${kind}_$_"} } ] } qw(ms start_us);

		push @windows, map { [ $starts->[$_], $starts->[$_] + $times->[$_] * 1e3 ] } 0 .. $#$times;
	}
	@windows = sort { $a->[0] <=> $b->[0] } @windows;
	$all = sum0(map { $_->[1] - $_->[0] } @windows);

	# a sample stands for the time up to the next one
	my @deltas = @{ $profile->{timeDeltas} };
	my $w = 0;

	foreach my $i (0 .. $#{ $profile->{samples} })
	{
		$now += $deltas[$i];
		my $end = $now + ($deltas[ $i + 1 ] // 0);

		next if $idle{ $profile->{samples}[$i] };
		$w++ while $w < @windows && $windows[$w][1] <= $now;
		for (my $v = $w; $v < @windows && $windows[$v][0] < $end; $v++)
		{
			$busy += max(0, min($end, $windows[$v][1]) - max($now, $windows[$v][0]));
		}
	}

	my @traced = map { @$_ } map { @$_ } trace_workflows("$folder/profiled.steps.csv", scalar @{ $line->{seven_ms} });
	my $application = sum0(map { $_->{application_before} + $_->{application_between} } @traced);
	my $total = sum0(map { $_->{time} } @traced);

	return { busy => $busy / $all, application => $application / $total, steps => scalar @traced };
}

# read_results(FOLDER): a hash of
#   sizes    of the steps
#   sdks     their names and versions
#   rtts     a list, each with rtt (its name), rounds and, by kind and name, by part and
#            cell, the rounds' numbers: {real}, {traced}, {profile}, {ours}, time being
#            the part that all have; {calls}: what a caller waits for; {cpu}; {ours_json}
sub read_results
{
	my ($folder) = @_;
	my %results = (sdks => {}, rtts => []);

	die "$folder: no such folder\n" unless -d $folder;
	foreach my $at (sort { rtt_of($a) <=> rtt_of($b) } grep { -d } glob "$folder/rtt-*")
	{
		my %data = (rtt => rtt_of($at), real => {}, traced => {}, profile => {}, ours => {}, figures => []);
		my @rounds = grep { -d } glob "$at/round-*";

		$data{rounds} = @rounds;
		foreach my $i (0 .. $#rounds)
		{
			my $at_round = $rounds[$i];

			$round = $i;
			foreach my $path (sort(glob("$at_round/*.direct.json"), glob "$at_round/*.traced.json"))
			{
				next unless -s $path;
				my $line = read_json($path);
				my $name = "$line->{peer} $line->{variant}";
				my $direct = $path =~ /\.direct\.json$/;
				my $into = $data{ $direct ? 'real' : 'through' }{$name} ||= {};

				$results{sizes} ||= $line->{sizes};
				$results{sdks}{ $line->{peer} } = $line->{sdk};
				add_port($into, $line);
				my $steps = $path =~ s/\.traced\.json$/.steps.csv/r;

				add_workflows($data{traced}{$name} ||= {}, trace_workflows($steps, scalar @{ $line->{seven_ms} }))
				  if !$direct && -s $steps;
			}
			next unless -s "$at_round/ours.samples.csv";
			add_ours(\%data, $at_round);
			push @{ $data{figures} }, read_json("$at_round/ours.json") if -s "$at_round/ours.json";
		}
		$data{cpu} = cpu_share($at);
		push @{ $results{rtts} }, \%data;
	}
	die "$folder has no measurements\n" unless @{ $results{rtts} };
	return \%results;
}

sub rtt_of { return $_[0] =~ m{/rtt-([\d.]+)ms} ? $1 : 0; }

# --- figures ------------------------------------------------------------

# estimate(NUMBERS): {value, half}: the rounds' mean and half its interval, undef where
# there are too few; undef of none
sub estimate
{
	my @numbers = grep { defined } @{ $_[0] || [] };
	my $n = @numbers or return undef;
	my $mean = sum0(@numbers) / $n;

	return { value => $mean, half => undef } if $n < $least_rounds;
	my $variance = sum0(map { ($_ - $mean)**2 } @numbers) / ($n - 1);

	return { value => $mean, half => ($t[ $n - 1 ] // 1.96) * sqrt($variance / $n) };
}

# round by round, of those that have both
sub both
{
	my ($a, $b) = @_;

	return grep { defined $a->[$_] && defined $b->[$_] } 0 .. min($#{ $a || [] }, $#{ $b || [] });
}

sub difference_of
{
	my ($a, $b) = @_;

	return estimate([ map { $a->[$_] - $b->[$_] } both($a, $b) ]);
}

sub quotient_of
{
	my ($a, $b) = @_;

	return estimate([ map { $a->[$_] / $b->[$_] } both($a, $b) ]);
}

# --- words --------------------------------------------------------------

# three digits that count
sub figure
{
	my ($x) = @_;
	my $size = abs $x;

	return sprintf $size < 0.9995 ? '%.3f' : $size < 9.995 ? '%.2f' : $size < 99.95 ? '%.1f' : '%.0f', $x;
}

# where a figure of this is, in seven's order
sub by_seven
{
	my ($of) = @_;
	my %value = map { $_ => (estimate($of->{$_}{time}{seven}) || { value => 9e99 })->{value} } keys %$of;

	return sort { $value{$a} <=> $value{$b} || $a cmp $b } keys %$of;
}

sub rtt_words { return $_[0] > 0 ? "$_[0] ms of round trip" : 'loopback'; }

1;
