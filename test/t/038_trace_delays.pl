# trace finds a delay where a clock of the program's own has it, and nowhere else: in the
# program's function, between its statements, on the way to the server, in a trigger, in
# the commit.  The program here does what an SDK does of a step (check; BEGIN, record,
# COMMIT), and times its pauses and its turns.
#
# Other work on the machine only ever adds, so the least of each is compared; but what
# the network takes is told by a median of our own session, so that is compared there,
# of a delay beside which what a busy machine adds is small.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use Instrument;
use List::Util qw(min);
use PostgreSQL::Test::Utils;
use Protocol;
use Proxy;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);

my $delay = 0.030;
my $way_delay = 0.040;
my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('main', tcp => 1, extension => 0);

# where commits flush nothing, commit_delay does not delay them
$node->append_conf('postgresql.conf', "fsync = on\nwal_sync_method = fdatasync\n");
$node->restart;
$node->safe_psql('postgres', <<"END");
CREATE SCHEMA dbos;
CREATE TABLE dbos.workflow_status (workflow_uuid text PRIMARY KEY, status text, name text);
CREATE TABLE dbos.operation_outputs (workflow_uuid text, function_id int, function_name text, output text, error text, PRIMARY KEY (workflow_uuid, function_id));
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep($delay); RETURN NEW; END';
CREATE TRIGGER slow BEFORE INSERT ON dbos.operation_outputs FOR EACH ROW WHEN (NEW.function_name = 'trigger') EXECUTE FUNCTION slow();
END

my %ways = (here => { connect => conninfo($node, host => '127.0.0.1') });
my $proxy = Proxy->new($node);
my @parts = qw(application_before application_between network server trace);
my %part_of = (function => 'application_before', between => 'application_between', way => 'network', trigger => 'server', commit => 'server');

$proxy->command('delay ' . 1000 * $way_delay / 2);
$ways{far}{connect} = conninfo($node, host => '127.0.0.1', port => $proxy->port);

attempts(
	4,
	'a delay is found where it is, to 95 %, and nowhere else',
	sub {
		my ($took, $figures) = observed();
		my @wrong;

		foreach my $name (sort keys %part_of)
		{
			my $part = $part_of{$name};
			my $statistic = $name eq 'way' ? 'median' : 'min';
			my ($with, $without) = map { $name eq 'way' ? median(@$_) : min(@$_) } $took->{$name}, $took->{plain}{$name};
			my $injected = $with - $without;
			my %moved = map { $_ => $figures->{$name}{$_}{$statistic} - $figures->{plain}{$_}{$statistic} } @parts;

			diag(sprintf '%s: %.3f ms injected, %.1f %% of it found in %s; others: %s', $name, $injected,
				100 * $moved{$part} / $injected, $part, join ' ', map { sprintf '%s %+.3f', $_, $moved{$_} } grep { $_ ne $part } @parts);
			push @wrong, "$name: only $injected ms were injected" if $injected < 950 * ($name eq 'way' ? 5 * $way_delay : $delay);
			push @wrong, "$name: $moved{$part} of $injected ms" if abs($moved{$part} / $injected - 1) > 0.05;
			push @wrong, map { "$name: $_ moved by $moved{$_} ms" } grep { $_ ne $part && abs($moved{$_}) > 0.05 * $injected } @parts;
		}
		return @wrong;
	});
$proxy->stop;
done_testing();

# Steps of every kind in turn, through a tracing straight to the server and through one
# by the slow way: what our clock says of where the delay is, in ms (of plain steps, of
# each such place), and the "time" of each kind's step in the result file.
sub observed
{
	my (%took, %figures);

	$node->safe_psql('postgres', 'TRUNCATE dbos.operation_outputs, dbos.workflow_status');
	foreach my $name (keys %ways)
	{
		my $way = $ways{$name};

		$way->{trace} = start_bench('trace', '--listen', 0, '--json', "$dir/$name.json", $way->{connect});
		wait_until { $way->{trace}{run}->pump_nb; ${ $way->{trace}{err} } =~ /\@127\.0\.0\.1:(\d+)/ } 20;
		my ($port) = ${ $way->{trace}{err} } =~ /\@127\.0\.0\.1:(\d+)/;
		$way->{session} = Protocol->new($node, port => $port);
	}

	# what tracing adds is being measured meanwhile
	sleep 5;
	foreach my $round (1 .. 24)
	{
		foreach my $kind (qw(plain function between trigger commit), $round % 2 ? 'way' : ())
		{
			my $ms = step($ways{ $kind eq 'way' ? 'far' : 'here' }{session}, "workflow $kind", $round, $kind);

			next if $round < 4;
			push @{ $took{$kind} }, $ms->{$kind} unless $kind eq 'plain';
			push @{ $took{plain}{$_} }, $ms->{$_} foreach $kind eq 'plain' ? keys %$ms : ();
		}
	}
	foreach my $name (keys %ways)
	{
		close $ways{$name}{session}{socket};
		kill 'INT', $ways{$name}{trace}{pid};
		my ($exit, $out, $err) = finish_bench($ways{$name}{trace});
		is($exit, 0, "$name: reported") or diag($err);
		$figures{ $_->{name} } = $_->{time} foreach @{ read_json("$dir/$name.json")->{steps} };
	}
	return (\%took, \%figures);
}

# ms that it takes
sub timed
{
	my ($code) = @_;
	my $began = clock_gettime(CLOCK_MONOTONIC);

	$code->();
	return 1000 * (clock_gettime(CLOCK_MONOTONIC) - $began);
}

# One step; from each place where a delay can be to what was spent there (ms): way is all
# turns together.
sub step
{
	my ($session, $workflow, $number, $kind) = @_;
	my %ms;

	# a setting just before the check belongs to the step
	$ms{set} = timed(sub { $session->query($kind eq 'commit' ? 'SET commit_delay = ' . 1e6 * $delay . '; SET commit_siblings = 0' : 'SET commit_delay = 0'); });
	$ms{check} = timed(sub {
			$session->send(parse('', 'SELECT output, error, function_name FROM dbos.operation_outputs WHERE workflow_uuid = $1 AND function_id = $2'),
				bind_to('', $workflow, $number), execute(), sync());
			$session->answer;
		});
	$ms{function} = timed(sub { sleep $delay if $kind eq 'function'; });
	$ms{begin} = timed(sub { $session->query('BEGIN'); });
	$ms{between} = timed(sub { sleep $delay if $kind eq 'between'; });
	$ms{trigger} = timed(sub {
			$session->send(parse('', 'INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, function_name, output) VALUES ($1, $2, $3, $4)'),
				bind_to('', $workflow, $number, $kind, 'x' x 100), execute(), sync());
			$session->answer;
		});
	$ms{commit} = timed(sub { $session->query('COMMIT'); });
	$ms{way} = $ms{set} + $ms{check} + $ms{begin} + $ms{trigger} + $ms{commit};
	return \%ms;
}
