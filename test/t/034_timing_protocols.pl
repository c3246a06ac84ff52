# What is put between the messages of a step's statement, or into one of them, is
# found where it belongs, in all protocols: bytes that come late are arrival and
# never parse, deferred triggers are commit and never output, and what is not the
# step's (the client's pauses, other statements of a pipeline) is in no part.

use strict;
use warnings;

use DbosPayload;
use List::Util qw(sum0);
use Protocol;
use Test::More;
use Time::HiRes qw(sleep);

my $node = new_node('main');
my $session = Protocol->new($node);

# How long is paused, in s; what is taken for it, and what is not, in ms.  A busy
# machine may wake the server late for what came before the pause.
my $pause = 1;
my $least = 600 * $pause;
my $most = 500 * $pause;

my @phases = qw(arrival parse check generate store output commit);
my $step = q{SELECT dbos_payload.record_step('timing', $1::int, 'a', $2::bytea)};
my $call = q{CALL dbos_payload.commit_record_steps('timing', $1::int, '{a}', ARRAY[$2::bytea])};
my $payload = '\x' . 'ab' x 100_000;
my $number = 0;

# sends its arguments: numbers are seconds to wait in between
sub play
{
	foreach my $what (@_)
	{
		if ($what =~ /^[\d.]+\z/) { sleep $what; }
		else { $session->send($what); }
	}
	return;
}

# the last step's times in ms, by name
sub timing
{
	my ($row) = $session->query('SELECT total_ms, unattributed_ms, ' . join(', ', map { "${_}_ms" } @phases)
		  . ', function_id FROM dbos_payload.last_step_timing()');
	my %timing;

	@timing{ 'total', 'unattributed', @phases, 'function_id' } = @$row;
	return %timing;
}

# found(NAME, PART...): the last step's timing holds the pause in these parts and
# not in any other ("PART=NULL": that is NULL); they add up with the rest to the
# total, which holds the pause if any part does
sub found
{
	my ($name, @wanted) = @_;
	my %timing = timing();
	my %null = map { /(.*)=NULL/ ? ($1 => 1) : () } @wanted;
	my %holds = map { $_ => 1 } grep { !/=/ } @wanted;
	my @wrong;

	is($timing{function_id}, $number, "$name: it is this step's");
	foreach my $part (@phases, 'unattributed', 'total')
	{
		my $time = $timing{$part};
		my $holds = $holds{$part} || ($part eq 'total' && %holds);

		next if !defined $time && ($null{$part} || ($part eq 'generate' && !$holds));
		push @wrong, "$part " . ($time // 'NULL')
		  if !defined $time || $null{$part} || ($holds ? $time < $least : $time > $most || $time < -0.01);
	}
	ok(!@wrong, "$name: the pause is in " . (join(' and ', sort keys %holds) || 'no part'))
	  or diag(join(', ', map { "$_ " . ($timing{$_} // 'NULL') } 'total', @phases, 'unattributed'), "\nwrong: @wrong");
	ok(abs($timing{total} - sum0(map { $timing{$_} // 0 } 'unattributed', @phases)) < 1e-6, "$name: the parts add up");
	return;
}

# bound(STATEMENT, [AFTER]): Bind's message of the next step, in two parts
sub bound
{
	my ($statement, @value) = @_;
	my $bind = bind_to($statement, ++$number, @value ? @value : $payload);
	my $half = int(length($bind) / 2);

	return (substr($bind, 0, $half), substr($bind, $half));
}

$session->query(q{SELECT dbos_payload.start_workflow('timing', 'test')});

# the session's first: nothing has been stamped before its function
my ($first, $second) = bound('');
play(parse('', $step), $first, $pause, $second . execute() . sync());
$session->answer;
found('first of a session', 'unattributed', 'arrival=NULL', 'parse=NULL');

# A statement that is parsed with the step
($first, $second) = bound('');
play(parse('', $step) . $first, $pause, $second . execute() . sync());
$session->answer;
found('extended, a slow Bind', 'arrival');

($first, $second) = bound('', '\x01');
play(parse('', $step), $pause, $first . $second . execute() . sync());
$session->answer;
found('extended, a late Bind', 'arrival');

play(parse('', $step) . join('', bound('')), $pause, execute() . sync());
$session->answer;
found('extended, a late Execute', 'arrival');

my $whole = parse('', $step);
play(substr($whole, 0, 20), $pause, substr($whole, 20) . join('', bound('')) . execute() . sync());
$session->answer;
found('extended, a slow Parse is the network\'s');

# One that has been: what arrives before the whole Bind is there is the network's
$session->send(parse('step', $step), sync());
$session->answer;
foreach my $plan (qw(force_custom_plan force_generic_plan))
{
	$session->query("SET plan_cache_mode = $plan");
	($first, $second) = bound('step');
	play($first, $pause, $second . execute() . sync());
	$session->answer;
	found("prepared, $plan, a slow Bind is the network's");

	play(join('', bound('step')), $pause, execute() . sync());
	$session->answer;
	found("prepared, $plan, a late Execute", 'arrival');
}
$session->query('DISCARD PLANS');
($first, $second) = bound('step');
play($first, $pause, $second . execute() . sync());
$session->answer;
found('prepared, analysed again');

# in a block, with a pause between Parse and Bind that is the client's own
$session->query('BEGIN');
play(parse('block', $step) . sync(), $pause, join('', bound('block')) . execute() . sync());
$session->answer for 1, 2;
$session->query('COMMIT');
found('prepared in a block', 'commit=NULL');

# All in one text
$number++;
$whole = simple("SELECT dbos_payload.record_step('timing', $number, 'a', '$payload')");
play(substr($whole, 0, 1000), $pause, substr($whole, 1000));
$session->answer;
found('simple, a slow Query is the network\'s', 'arrival=NULL');

# Procedures, which no planner sees
($first, $second) = bound('');
play(parse('', $call) . $first, $pause, $second . execute() . sync());
$session->answer;
found('procedure, a slow Bind', 'arrival', 'output=NULL');

$session->send(parse('call', $call), sync());
$session->answer;
($first, $second) = bound('call');
play($first, $pause, $second . execute() . sync());
$session->answer;
found('procedure, prepared, a slow Bind is the network\'s', 'output=NULL');
play(join('', bound('call')), $pause, execute() . sync());
$session->answer;
found('procedure, prepared, a late Execute', 'arrival', 'output=NULL');

# A pipeline without a Sync after the step
my $other = parse('', "SELECT pg_sleep($pause)") . bind_to('') . execute();

play(parse('', $step) . join('', bound('')) . execute(), $pause, sync());
$session->answer;
found('a late Sync is nobody\'s');

play(parse('', $step) . join('', bound('')) . execute() . flush_output(), $pause, sync());
$session->answer;
found('a late Sync after a Flush is nobody\'s');

play(parse('', $step) . join('', bound('')) . execute() . close_portal() . flush_output(), $pause, sync());
$session->answer;
found('nor where the statement is closed before');

# A commit begins with the end of its statement, whether it comes by itself or at once: here
# the executor waits at its end for a program that has nothing more to say.
$session->query(<<"END");
CREATE EXTENSION file_fdw;
CREATE SERVER programs FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE slow_to_end (n int) SERVER programs OPTIONS (program 'echo 1; exec >&-; sleep $pause')
END
my $slow_to_end = parse('', "$step FROM slow_to_end");

play($slow_to_end . join('', bound('')) . execute() . sync());
$session->answer;
found('the end of a statement that commits at once', 'commit');

play($slow_to_end . join('', bound('')) . execute() . flush_output());
$session->answer('C');
play(sync());
$session->answer;
found('the end of a statement whose commit comes by itself', 'commit');

play(parse('', $step) . join('', bound('')) . execute() . $other . sync());
$session->answer;
found('another statement before the Sync is not the step\'s', 'commit=NULL');

$session->send(parse('other', "SELECT pg_sleep($pause)"), sync());
$session->answer;
play(join('', bound('step')) . execute() . bind_to('other') . execute() . sync());
$session->answer;
found('nor is a prepared one', 'commit=NULL');

play($other . parse('', $step) . join('', bound('')) . execute() . sync());
$session->answer;
my %timing = timing();
ok($timing{total} < $most, 'nor is one before the step') or diag(explain(\%timing));

# Statements that functions run before the step
$session->query(<<"END");
CREATE FUNCTION pg_temp.slow_step(n int) RETURNS text LANGUAGE plpgsql AS \$\$ BEGIN
	PERFORM pg_sleep($pause);
	RETURN dbos_payload.record_step('timing', n, 'a', '\\x01');
END \$\$
END
$number++;
$session->query("SELECT pg_temp.slow_step($number)");
found('a function\'s own statements are not the step\'s', 'arrival=NULL', 'parse=NULL');

# Triggers that run when the statement has its rows: what one does before the step
# is nobody's, and the next one is still the statement, not its commit
$session->query(<<"END");
CREATE TABLE watched (n int);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
	IF TG_ARGV[0] = 'record' THEN
		PERFORM dbos_payload.record_step('timing', NEW.n, 'a', '\\x01');
	ELSE
		PERFORM pg_sleep($pause);
	END IF;
	RETURN NULL;
END \$\$;
CREATE TRIGGER a AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION watch('pause');
CREATE TRIGGER b AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION watch('record')
END
$number++;
play(parse('', "INSERT INTO watched VALUES ($number)") . bind_to('') . execute() . sync());
$session->answer;
found('a trigger before that of the step, extended', 'arrival=NULL', 'parse=NULL');
$session->query('DROP TRIGGER a ON watched');
$session->query(q{CREATE TRIGGER c AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION watch('pause')});
$number++;
$session->query("INSERT INTO watched VALUES ($number)");
found('a trigger after that of the step, simple', 'output', 'arrival=NULL', 'parse=NULL');

# Deferred triggers
$session->query(<<"END");
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
	PERFORM pg_sleep($pause);
	RETURN NULL;
END \$\$;
CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON dbos_payload.operation_outputs DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION dawdle()
END
play(parse('', $step) . join('', bound('', '\x01')) . execute() . sync());
$session->answer;
found('a deferred trigger, extended', 'commit');
play(join('', bound('step', '\x01')) . execute() . sync());
$session->answer;
found('a deferred trigger, prepared', 'commit');
$number++;
$session->query("SELECT dbos_payload.record_step('timing', $number, 'a', '\\x01')");
found('a deferred trigger, simple', 'commit', 'arrival=NULL');
play(parse('', $call) . join('', bound('', '\x01')) . execute() . sync());
$session->answer;
found('a deferred trigger, procedure', 'commit', 'output=NULL');

done_testing();
