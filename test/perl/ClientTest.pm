package ClientTest;

# What the scripts about the client share: the client in the background, and
# its result files as other programs read them.

use strict;
use warnings;

use Cpanel::JSON::XS ();
use DbosPayload;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(start_bench finish_bench start_psql psql_says server_says jq read_json read_csv nearest_rank
  close_to wait_until like_message);

sub wait_until(&$;$);

# start_bench([NODE,] ARGUMENT...): the client in the background, with the
# arguments of run_bench; a handle for finish_bench, with its process id in
# {pid} and what it has printed so far in ${ {out} } and ${ {err} }.
sub start_bench
{
	my @arguments = @_;
	my ($node) = grep { ref && ref ne 'HASH' } @arguments;
	my ($options) = grep { ref eq 'HASH' } @arguments;
	my %env = %{ ($options || {})->{env} || {} };
	my @command = ($ENV{BENCH}, grep { !ref } @arguments);
	my ($in, $out, $err) = ('', '', '');

	# the tests' servers are told the script's name; ours is to be seen
	%env = (PGAPPNAME => undef, %env);
	%env = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres', %env) if $node;
	local %ENV = (%ENV, %env);
	delete @ENV{ grep { !defined $ENV{$_} } keys %ENV };
	note("in the background: @command");
	my $run = IPC::Run::start(\@command, '<', \$in, '>', \$out, '2>', \$err,
		IPC::Run::timeout(600));
	return { run => $run, out => \$out, err => \$err, pid => $run->{KIDS}[0]{PID} };
}

# finish_bench(HANDLE): waits for its end; what run_bench returns.
sub finish_bench
{
	my ($bench) = @_;

	$bench->{run}->finish;
	my $exit = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return ($exit, ${ $bench->{out} }, ${ $bench->{err} });
}

# start_psql(NODE): a session of its own, for psql_says; ended by ->{run}->finish.
sub start_psql
{
	my ($node) = @_;
	my ($in, $out, $err) = ('', '', '');

	return {
		in => \$in, out => \$out, err => \$err,
		run => IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
			'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(600)),
	};
}

# psql_says(SESSION, SQL): what it answers, once it has.
sub psql_says
{
	my ($session, $sql) = @_;

	${ $session->{out} } = '';
	${ $session->{in} } .= "$sql;\n\\echo answered\n";
	$session->{run}->pump until ${ $session->{out} } =~ s/^answered\n//m || !$session->{run}->pumpable;
	die "psql: ${ $session->{err} }" if ${ $session->{err} } ne '';
	return ${ $session->{out} };
}

# server_says(NODE, QUERY): does the query, in the database postgres, answer true
# in the next ten seconds?
sub server_says
{
	my ($node, $query) = @_;

	my $session = start_psql($node);
	my $true = wait_until { psql_says($session, $query) eq "t\n" } 10;

	$session->{run}->finish;
	return $true;
}

# jq(FILE, FILTER): the lines that jq answers, joined; dies where it cannot read
# the file.
sub jq
{
	my ($file, $filter) = @_;
	my ($exit, $out, $err) = run_program('jq', '-c', '-r', $filter, $file);

	die "jq: $err" if $exit != 0;
	chomp $out;
	return $out;
}

sub read_json
{
	my ($file) = @_;

	return Cpanel::JSON::XS->new->utf8->decode(slurp_file($file));
}

# read_csv(FILE): a reference to an array of hashes by the header's names;
# empty fields are undef.  Fields with line breaks are not expected.
sub read_csv
{
	my ($file) = @_;
	my ($header, @lines) = map { [ split_csv($_) ] } split /\n/, slurp_file($file);
	my @rows;

	foreach my $line (@lines)
	{
		my %row;

		die "$file: a line has " . @$line . " fields, the header " . @$header
		  if @$line != @$header;
		@row{@$header} = @$line;
		push @rows, \%row;
	}
	return \@rows;
}

sub split_csv
{
	my ($line) = @_;
	my @fields;

	return map { $_ eq '' ? undef : $_ } split /,/, $line, -1 if index($line, '"') < 0;
	while ($line =~ /\G(?:"((?:[^"]|"")*)"|([^,"]*))(,|$)/g)
	{
		my $field = defined $1 ? $1 =~ s/""/"/gr : $2;

		push @fields, $field eq '' ? undef : $field;
		last if $3 eq '';
	}
	return @fields;
}

# nearest_rank(P, SORTED...): the smallest value with at least P percent of all
# at or below it
sub nearest_rank
{
	my ($percent, @sorted) = @_;
	my $rank = int(($percent * @sorted + 99) / 100);

	return $sorted[ ($rank < 1 ? 1 : $rank) - 1 ];
}

# close_to(A, B): equal but for rounding; undef only equals undef
sub close_to
{
	my ($a, $b) = @_;

	return !defined $a && !defined $b if !defined $a || !defined $b;
	return abs($a - $b) <= 1e-9 + 1e-9 * abs($b);
}

# wait_until { CONDITION } SECONDS, [PAUSE]: does it become true in that time?
sub wait_until(&$;$)
{
	my ($condition, $seconds, $pause) = @_;
	my $end = time + $seconds;

	until ($condition->())
	{
		return 0 if time > $end;
		sleep($pause // 0.02);
	}
	return 1;
}

# like_message(STDERR, PATTERN, NAME): does the client say that, and say what
# can be done, in a hint or in the message itself?
sub like_message
{
	my ($err, $pattern, $name) = @_;

	return ok( $err =~ /^dbos_payload_bench: error: .*$pattern/sm
		  && $err =~ /^dbos_payload_bench: hint: .|^\t\w|\. (Set|Connect|Take) /m, $name)
	  || diag($err);
}

1;
