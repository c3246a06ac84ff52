# Every SQL function and procedure, called with arguments of the right types and
# wild values: the server lives, says nothing internal (SQLSTATE XX…), and its
# memory stays flat.
#
#   CALLS=1000000   how many calls, by default 4,000 (see make check-random)
#   SEED=N          the same calls again; the seed is printed

use strict;
use warnings;

use DbosPayload;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $calls = $ENV{CALLS} || 4000;
my $seed = $ENV{SEED} || int(rand(2**31));
my $sessions = $calls < 20000 ? 4 : $calls / 20000;	# calls of one session: up to 20,000

# The C library gives large blocks back at once, so that what is left is ours.
$ENV{MALLOC_MMAP_THRESHOLD_} = $ENV{MALLOC_TRIM_THRESHOLD_} = 65536;
my $node = new_node('random', conf => "dbos_payload.max_payload_bytes = 1MB\nmax_wal_size = 4GB\n");

srand($seed);
diag("seed $seed");

# --- values -------------------------------------------------------------

sub pick { return $_[ int(rand(@_)) ]; }

my @integers = ('NULL', 0, 1, -1, 2, 7, 8, 9, 42, 50, 99, 100, 101, 255, 1000, 9999, 10000, 10001, 100000, 100001,
	2147483646, 2147483647, -2147483647, -2147483648);
my @bigints = (@integers, 1048575, 1048576, 1048577, 268435456, 536870000, 536870001, 2147483648, 4294967295, 4294967296,
	9223372036854775807, -9223372036854775808, 9223372036854775806);
my @texts = ('NULL', "''", "' '", "'w1'", "'w2'", "'w3'", "'w4'", "'PENDING'", "'SUCCESS'", "'ERROR'", "'CANCELLED'", "'success'",
	"'size_step'", "'batch_size_step'", "'payload_step'", "'s'", "E'\\n\\t'", "'%s%n%d'", "E'o''brien\\\\'", "'\x{e4}\x{20ac}\x{1f600}'",
	"repeat('x', 1023)", "repeat('x', 1024)", "repeat('x', 1025)", "repeat('\x{e4}', 512)", "repeat('\x{e4}', 513)", "repeat('y', 100000)", "'\$1'", "U&'\\0001'");
my @byteas = ('NULL', "''", "'\\x00'", "'\\xff00'", "'\\xdeadbeef'", "decode(repeat('00', 2000), 'hex')", "dbos_payload.random_payload(1)",
	"dbos_payload.random_payload(3000)", "dbos_payload.random_payload(100000, 7)", "decode(repeat('ab', 1048576), 'hex')", "decode(repeat('ab', 1048577), 'hex')");
my @intervals = ('NULL', "'0'", "'-1 day'", "'1 day'", "'1 microsecond'", "'178000000 years'", "'-178000000 years'", "'1 mon -30 days'");
my @booleans = ('NULL', 'true', 'false');

sub small { return int(rand(12)) - 1; }
sub integer { my $x = rand() < 0.6 ? small() : pick(@integers); return "${x}::int4" if $x eq 'NULL' || $x >= 0; return "'$x'::int4"; }

sub bigint
{
	my $x = rand() < 0.4 ? small() : rand() < 0.5 ? int(exp(rand(12))) : pick(@bigints);
	return "'$x'::int8" if $x ne 'NULL';
	return 'NULL::int8';
}

sub text { return (rand() < 0.5 ? pick("'w1'", "'w2'", "'w3'", "'w4'") : pick(@texts)) . '::text'; }
sub bytea { return (rand() < 0.6 ? pick(@byteas[ 0 .. 7 ]) : pick(@byteas)) . '::bytea'; }

# arrays: of no, one, two dimensions, with bounds other than 1, NULL elements,
# too long, of one element that is too large
sub array
{
	my ($type, $element) = @_;
	my $kind = int(rand(14));
	my @elements = map { $element->() } 1 .. int(rand(5));

	return "NULL::$type\[]" if $kind == 0;
	return "'{}'::$type\[]" if $kind == 1;
	return "array_fill(" . $element->() . ", ARRAY[2, 2])" if $kind == 2;
	return "array_fill(" . $element->() . ", ARRAY[3], ARRAY[" . pick(0, -5, 7, 2147483640) . "])" if $kind == 3;
	return "array_fill(NULL::$type, ARRAY[" . pick(1, 2, 9) . "])" if $kind == 4;
	return "array_append(ARRAY[" . $element->() . ", " . $element->() . "], NULL)" if $kind == 5;
	return "(ARRAY[" . join(', ', map { $element->() } 1 .. 4) . "])[2:3]" if $kind == 6;
	return "array_fill(" . $element->() . ", ARRAY[" . pick(200, 10000, 10001) . "])" if $kind == 7 && rand() < 0.05;
	return "array_fill(" . $element->() . ", ARRAY[1, 1, 1, 1, 1, 1])" if $kind == 8;
	return @elements ? 'ARRAY[' . join(', ', @elements) . ']' : "ARRAY[]::$type\[]";
}

my %values = (
	'integer' => \&integer,
	'bigint' => \&bigint,
	'text' => \&text,
	'bytea' => \&bytea,
	'boolean' => sub { return pick(@booleans) . '::bool'; },
	'interval' => sub { return pick(@intervals) . '::interval'; },
	'bigint[]' => sub { return array('int8', \&bigint); },
	'text[]' => sub { return array('text', \&text); },
	'bytea[]' => sub { return array('bytea', \&bytea); });

# --- what there is to call ----------------------------------------------

# its name, kind, whether it returns a set, the types of its arguments and how
# many of them have to be given, all from the catalogue: a new function is
# called without a word here
my @routines;
foreach my $line (split /\n/, $node->safe_psql('postgres', q{
	SELECT p.proname, p.prokind, p.pronargs - p.pronargdefaults, (SELECT string_agg(format_type(t, NULL), ',' ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, n))
	FROM pg_proc p WHERE p.pronamespace = 'dbos_payload'::regnamespace ORDER BY p.oid}))
{
	my ($name, $kind, $required, $types) = split /\|/, $line;
	my @types = split /,/, $types // '';

	push @routines, { name => $name, kind => $kind, required => $required, types => \@types };
	foreach my $type (@types)
	{
		ok(0, "$name: there are no values of type $type") unless $values{$type};
	}
}
cmp_ok(scalar(grep { $_->{kind} eq 'f' } @routines), '>=', 17, 'functions are found');
cmp_ok(scalar(grep { $_->{kind} eq 'p' } @routines), '>=', 5, 'and procedures');

# Arguments of one call.  Batches of steps are kept rare: they do much.
my %called;
my $has_contexts = $node->safe_psql('postgres', "SELECT to_regclass('pg_catalog.pg_backend_memory_contexts') IS NOT NULL") eq 't';

sub arguments
{
	my ($routine) = @_;
	my @types = @{ $routine->{types} };
	my $given = $routine->{required} + int(rand(@types - $routine->{required} + 1));

	$called{ $routine->{name} }++;
	return join ', ', map { $values{$_}->() } @types[ 0 .. $given - 1 ];
}

sub call
{
	my $routine = pick(@routines);
	my $name = "dbos_payload.$routine->{name}";
	my $arguments = arguments($routine);

	# The result is received, but not as text where it may be large.
	return "CALL $name($arguments);" if $routine->{kind} eq 'p';
	return "SELECT $name($arguments) IS NULL;" if rand() < 0.1;
	return "SELECT count(*) FROM $name($arguments) AS r;" if rand() < 0.5;
	return "SELECT octet_length((r)::text) FROM $name($arguments) AS r;";
}

# what stands around a call
sub setting
{
	my $kind = int(rand(12));

	return 'BEGIN;' if $kind < 2;
	return 'BEGIN ISOLATION LEVEL REPEATABLE READ;' if $kind == 2;
	return 'BEGIN ISOLATION LEVEL SERIALIZABLE;' if $kind == 3;
	return 'SET dbos_payload.timing = ' . pick('on', 'off') . ';' if $kind == 4;
	return 'BEGIN; SAVEPOINT s; ' . call() . ' ROLLBACK TO s; ' . call() . ' COMMIT;' if $kind == 5;
	return 'DISCARD ' . pick('PLANS', 'ALL') . ';' if $kind == 6;
	return 'START TRANSACTION READ ONLY;' if $kind == 7;
	return "SELECT dbos_payload.start_workflow('w" . pick(1 .. 4) . "', 'n');";
}

# --- sessions -----------------------------------------------------------

# Each prints, in between, its own private memory (in pages) and that of its
# memory contexts.
sub session
{
	my ($ncalls) = @_;
	my $text = '';
	my $reset = "ROLLBACK; CALL dbos_payload.purge('-1 second', 100); DELETE FROM dbos_payload.operation_outputs WHERE workflow_uuid NOT IN ('w1', 'w2');\n";
	my $block = int($ncalls / 10) || 1;

	for my $i (1 .. $ncalls)
	{
		$text .= setting() . "\n" if rand() < 0.1;
		$text .= call() . "\n";
		$text .= "COMMIT;\n" if rand() < 0.35;
		$text .= $reset if $i % 500 == 0;
		if ($i % $block == 0)
		{
			# vacuumed, so that it is not the table's growth that is measured
			$text .= $reset . "VACUUM dbos_payload.operation_outputs; VACUUM dbos_payload.workflow_status;\n" if $i % ($block * 5) == 0;
			$text .= "ROLLBACK;\nSELECT 'contexts ' || sum(total_bytes) FROM pg_backend_memory_contexts;\n" if $has_contexts;
			$text .= "ROLLBACK;\nSELECT 'memory ' || pg_catalog.split_part(pg_catalog.pg_read_file('/proc/self/statm'), ' ', 2)::int8 - pg_catalog.split_part(pg_catalog.pg_read_file('/proc/self/statm'), ' ', 3)::int8;\n";
		}
	}
	return $text;
}

my (%states, %example);
my $errors = 0;
my (@internal, @growth, @context_growth);
my $died = 0;
my $done = 0;

while ($done < $calls)
{
	my $n = int($calls / $sessions);
	$n = $calls - $done if $calls - $done < $n;
	my $text = session($n);
	my ($out, $err) = ('', '');
	my %env = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres', PGCLIENTENCODING => 'UTF8',
		PGOPTIONS => '-c client_min_messages=error -c statement_timeout=60s');
	local %ENV = (%ENV, %env);

	utf8::encode($text);
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=0', '-b' ], '<', \$text, '>', \$out, '2>', \$err,
		IPC::Run::timeout(3600));
	$died++ if $? != 0 || $err =~ /server closed the connection|connection to server was lost/;

	# "ERROR:  SQLSTATE: message", then the statement
	foreach my $message (split /^(?=(?:psql:\S* )?ERROR:  [0-9A-Z]{5}:)/m, $err)
	{
		next unless $message =~ /^(?:psql:\S* )?ERROR:  ([0-9A-Z]{5}):/;
		$states{$1}++;
		$example{$1} //= substr($message, 0, 500);
		$errors++;
		push @internal, $message if $1 =~ /^XX/;
	}

	# pages: between a fifth of the calls and the end
	my @memory = $out =~ /^memory (\d+)$/mg;
	push @growth, ($memory[-1] - $memory[1]) * 4 if @memory > 5;
	my @contexts = $out =~ /^contexts (\d+)$/mg;
	push @context_growth, int(($contexts[-1] - $contexts[1]) / 1024) if @contexts > 5;
	$done += $n;
}

my $total = 0;
$total += $_ foreach values %called;
diag("$total calls, $errors errors: " . join(', ', map { "$_ $states{$_}" } sort keys %states));
note("$_: $example{$_}") foreach sort keys %example;
diag("growth of private memory in each session, kB: @growth[0 .. ($#growth < 19 ? $#growth : 19)]");
diag("of its memory contexts: @context_growth[0 .. ($#context_growth < 19 ? $#context_growth : 19)]") if $has_contexts;
cmp_ok($total, '>=', $calls, "$calls calls");
is(scalar(keys %called), scalar(@routines), 'each function and procedure is called');
is($died, 0, 'no session is lost');
is(scalar(@internal), 0, 'no internal error') or diag(join "\n", @internal[ 0 .. ($#internal < 9 ? $#internal : 9) ]);
is($node->safe_psql('postgres', 'SELECT dbos_payload.version() IS NOT NULL'), 't', 'the server is alive');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'it has not restarted');
my ($largest) = sort { $b <=> $a } @growth;
cmp_ok($largest // 0, '<', 4096, 'the memory of its processes stays flat');
SKIP:
{
	skip('this version does not show memory contexts', 1) unless $has_contexts;
	($largest) = sort { $b <=> $a } @context_growth;
	cmp_ok($largest // 0, '<', 1024, 'so do their memory contexts');
}
cmp_ok($errors, '<', 0.95 * $total, 'not all calls fail');

# all that is recorded can be read, and nothing is half-done
is($node->safe_psql('postgres', q{SELECT count(*) FROM dbos_payload.operation_outputs AS o WHERE NOT EXISTS (SELECT FROM dbos_payload.workflow_status AS s WHERE s.workflow_uuid = o.workflow_uuid)}),
	0, 'no step without its workflow');
is($node->safe_psql('postgres', q{SELECT count(*) FROM dbos_payload.operation_outputs WHERE (output IS NULL) = (error IS NULL)}), 0, 'every step has an output or an error');

$node->stop;
done_testing();
