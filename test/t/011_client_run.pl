# Whole runs of the client with a server: blocks and the order within them, the
# result files and how they agree, two sides, baselines, sizes.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use JSON::PP;
use IO::Socket::UNIX;
use List::Util qw(sum0 uniq);
use PostgreSQL::Test::Utils;
use ResultFiles;
use Test::More;

my $node = new_node('main', durable => 1, tcp => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my @parts = qw(encode network arrival parse check generate store output commit decode unattributed);
my @small = ('-n', 2, '--blocks', 2, '--warmup', 0);
my @quick = (@small, '--no-baselines');
my $files = 0;

# run(ARGUMENT...): a run with result files of its own; exit status, output,
# messages, and the three files' names
sub run
{
	my @arguments = @_;
	my $base = "$dir/" . ++$files;
	my ($exit, $out, $err) = run_bench($node, 'run', '--json', "$base.json",
		'--csv', "$base.csv", '--samples', "$base.samples.csv", @arguments);

	return ($exit, $out, $err, "$base.json", "$base.csv", "$base.samples.csv");
}

# ran(NAME, ARGUMENT...): a run that must succeed; its JSON and its output
sub ran
{
	my ($name, @arguments) = @_;
	my ($exit, $out, $err, $json) = run(@arguments);

	# a busy machine takes longer than it was given
	$err =~ s/^dbos_payload_bench: hint: -T 1 was too short for all that is compared\N*\n//;
	ok($exit == 0 && $err eq '', "$name: succeeds") or diag("$exit\n$err");
	return (read_json($json), $out, $json);
}

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

sub no_rows
{
	my ($name) = @_;

	is(sql('SELECT (SELECT count(*) FROM dbos_payload.workflow_status) + (SELECT count(*) FROM dbos_payload.operation_outputs)'),
		'0', "$name: no row is left");
	return;
}

sub delete_rows
{
	sql('DELETE FROM dbos_payload.operation_outputs; DELETE FROM dbos_payload.workflow_status');
	return;
}

# --- a whole run: what it prints and what it saves ----------------------

my $label = 'a "label", with a comma; e';
my ($exit, $out, $err, $json_file, $csv_file, $samples_file) =
  run('-n', 3, '--blocks', 6, '--warmup', 1, '--seed', 42, '--label', $label, '--transcript');
is($exit, 0, 'a whole run: exit status 0');
is($err, '', 'and no messages, nor any progress where there is no terminal');

my @iterations = map {
	("Workflow: Iteration $_/7",
		'Step: Size step with payload size ' . 10**($_ - 1) . ' bytes',
		'Workflow: Payload size is ' . 10**($_ - 1) . ' bytes, took T ms')
} 1 .. 7;
my @lines = (
	'Workflow: Starting', @iterations,
	'Workflow: Completed successfully in T ms',
	'-' x 52,
	'Workflow: Starting',
	(map { "Step: Batch size step iteration $_/7" } 1 .. 7),
	'Workflow: Payload size is 1111111 bytes, took T ms',
	'Main: Workflow output: True');
my ($shown) = $out =~ /^(Workflow: Starting\n.*?^Main: [^\n]*)$/ms;
is_deeply([ split /\n/, ($shown // '') =~ s/took \K\d+\.\d\d(?= ms)|in \K\d+\.\d\d(?= ms)/T/gr ],
	\@lines, '--transcript: one pair of workflows in the experiment\'s own lines, once');
is(() = $out =~ /^Workflow: Starting$/mg, 2, 'and no other one');
like($out, qr/^Server +PostgreSQL/m, 'the report is there');
like($out, qr/^\s*$_ .*\d/m, "the table has a line for $_") foreach ('1 B', '1 kB', '1 MB');
unlike($out, qr/\bnan\b|\binf\b/i, 'no "nan" in the report');

my $json = read_json($json_file);
is(join(' ', @{ $json->{parameters} }{qw(iterations blocks warmup seed)}), '3 6 1 42', 'JSON: the options in effect');
is($json->{sides}[0]{label}, $label, 'JSON: the label as it was given');
like($json->{started_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'JSON: when it started');
is(join(' ', @$json{qw(blocks iterations stopped_by)}), '6 18 blocks', 'JSON: blocks, all iterations, and what stopped it');
is(join("\n", map { join ' ', @$_{qw(workflow drive origin failed)}, scalar @{ $_->{steps} } } @{ $json->{workflows} }),
	"size_workflow calls server 0 7\nbatch_size_workflow calls server 0 1", 'JSON: the two workflows');
is(join(' ', map { $_->{payload_bytes} } @{ $json->{workflows}[0]{steps} }), join(' ', map { 10**$_ } 0 .. 6), 'JSON: their sizes');
is(join(' ', uniq map { join '', sort keys %{ $_->{times_ms} } } map { @{ $_->{steps} } } @{ $json->{workflows} }),
	join('', sort @parts, qw(round_trip wait sending first_byte transfer flush standby commit_wait client_commit server_total workflow_start workflow_end)), 'JSON: every step has every time');
ordered_summaries($json, 'a whole run');
plain_numbers($json_file, 'a whole run');

my $samples = read_csv($samples_file);
recompute($samples, $json, 'a whole run');
{
	my @wrong;

	foreach my $step (map { @{ $_->{steps} } } @{ $json->{workflows} })
	{
		my $volumes = $step->{volumes};

		push @wrong, $step->{payload_bytes}
		  unless $volumes->{wire_received} > $step->{payload_bytes} && $volumes->{wire_sent} > 50
		  && $volumes->{wal_bytes} > $step->{payload_bytes} && $step->{stored_bytes} > $step->{payload_bytes};
	}
	ok(!@wrong, 'JSON: more bytes on the wire, in the WAL and on disk than in the payload') or diag("@wrong");

	@wrong = ();
	foreach my $sample (grep { $_->{workflow} =~ /size_workflow/ && $_->{step} =~ /size_step/ } @$samples)
	{
		my $sum = sum0(map { $sample->{"${_}_ns"} // 0 } @parts);

		push @wrong, "$sample->{payload_bytes}: $sum of $sample->{round_trip_ns}"
		  if abs($sum - $sample->{round_trip_ns}) > 20;
	}
	ok(!@wrong, 'samples: the parts of each call add up to its round trip') or diag(join "\n", @wrong);

	my ($sent) = grep { $_->{payload_bytes} == 1 } @{ $json->{workflows}[0]{steps} };
	cmp_ok($sent->{times_ms}{sending}{min}, '>', 0, 'the last byte sent has a stamp after the first one');
	cmp_ok($sent->{times_ms}{sending}{max}, '<=', $sent->{times_ms}{wait}{max}, 'and before the answer is there');
	ok(!$json->{sends_unseen}, 'libpq\'s sends are seen');
}

# Processor times come from iterations of their own, and the waiting of the backends
# from their own account.
{
	my $step = $json->{workflows}[0]{steps}[6];
	my $commit = $step->{cpu}{commit};

	is("$commit->{n} $step->{times_ms}{commit}{n}", '6 18', 'processor times: of one iteration a block, which is in no other figure');
	cmp_ok($step->{cpu}{store}{cpu_ms}, '>', 0, 'processor times: of 1 MB stored');
	cmp_ok($step->{cpu}{store}{cpu_ms}, '<=', 1.05 * $step->{cpu}{store}{wall_ms} + 0.1, 'processor times: no more than the time of the same iterations');
	my $backend = $json->{sides}[0]{backend};
	ok($backend->{cpu_share}{value} > 0 && $backend->{cpu_share}{value} <= 1, 'the backend\'s share of a processor');
	is($backend->{cpu_share}{blocks}, 6, 'in each block');
}
no_rows('a whole run');

# --- blocks, and the order within them ----------------------------------

# Every backend that records something leaves its process number, in the order of
# the calls.
sql(q{
	CREATE TABLE seen (call bigserial, pid int, workflow text, name text, bytes int);
	CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO seen (pid, workflow, name, bytes)
			VALUES (pg_backend_pid(), new.workflow_uuid, new.function_name, octet_length(new.output));
		RETURN new;
	END $$;
	CREATE TRIGGER see BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION see()});

# the names of the steps in the order of their calls
sub order_of
{
	my @arguments = @_;

	sql('TRUNCATE seen RESTART IDENTITY');
	ran("order of @arguments", '-n', 6, '--blocks', 3, '--warmup', 1, '--no-baselines', '--sizes', '1', @arguments);
	return sql('SELECT string_agg(left(name, 1), \'\' ORDER BY call) FROM seen');
}
{
	my ($first, $second, $other) = (order_of('--seed', 1), order_of('--seed', 1), order_of('--seed', 2));

	is(length $first, 2 * 3 * (1 + 1 + 6 + 1), 'a block: first calls, warm-up, iterations, one for processor times');
	is($first, $second, '--seed: the same order again');
	isnt($first, $other, 'another seed: another order');
	my %pairs = map { $_ => 1 } $first =~ /(..)/g;
	is(join(' ', sort keys %pairs), 'bs sb', 'each iteration does both once, in one order or the other');
	is(sql('SELECT count(DISTINCT pid) FROM seen'), 3 * (1 + 2), 'each block has a connection of its own, and so has each first call');
	is(sql(q{SELECT count(DISTINCT split_part(workflow, ':', 2)) || ' ' || count(DISTINCT workflow) FROM seen
		WHERE workflow ~ '^dbos_payload_bench:[0-9a-f-]{36}:[0-9]+$'}), '1 54', 'workflows are named for their run and numbered');
}
{
	sql('TRUNCATE seen RESTART IDENTITY');
	my ($result) = ran('baselines', '-n', 12, '--blocks', 2, '--warmup', 0, '--sizes', '1,1000,20000');
	my %n = map { ("$_->{baseline} $_->{payload_bytes}", $_->{times_ms}{round_trip}{n}) } @{ $result->{baselines} };

	is(join(' ', map { $n{$_} } 'no_op 0', 'idle 1'), '24 24', 'baselines: no_op and idle in each iteration');
	foreach my $kind (qw(receive send send_hex replay insert))
	{
		is(sum0(map { $n{"$kind $_"} } 1, 1000, 20000, 21001), 24, "baselines: $kind of one size in each iteration");
	}
	my ($idle) = grep { $_->{baseline} eq 'idle' } @{ $result->{baselines} };
	cmp_ok($idle->{times_ms}{server_total}{n}, '==', 24, 'baselines: an idle step is a step, with the server\'s parts');
	is(sql(q{SELECT count(*) FROM seen WHERE name = 'bare_insert'}), '24', 'baselines: bare INSERTs are');
}
sql('DROP FUNCTION see() CASCADE; DROP TABLE seen');

# what is replayed is like the steps: as compressible, with the same seed
{
	ran('compressible', '-n', 1, '--blocks', 1, '--warmup', 0, '--sizes', '100000', '--compressible', 90, '--seed', 3, '--keep');
	is(sql(q{SELECT count(DISTINCT output) || ' ' || count(DISTINCT function_name) FROM dbos_payload.operation_outputs
		WHERE function_name <> 'bare_insert'}), '1 3', 'baselines: what is replayed holds the step\'s bytes');
	is(sql(q{SELECT bool_and(pg_column_size(output) < 50000) FROM dbos_payload.operation_outputs}), 't',
		'baselines: and is as compressible');
	delete_rows();
}
{
	my ($result) = ran('sizes whose sum is over the limit', @small, '--sizes', '10,1000,1000',
		"options='-c dbos_payload.max_payload_bytes=2050B'");

	is(scalar(grep { $_->{baseline} eq 'replay' && $_->{times_ms}{round_trip}{n} > 0 } @{ $result->{baselines} }) > 0 ? 1 : 0, 1,
		'baselines: there are some where all sizes together are over max_payload_bytes');
}

# --- how long -----------------------------------------------------------

foreach my $n (1, 2)
{
	my ($result, $report, $file) = ran("$n iterations", '-n', $n, '--blocks', $n, '--warmup', $n - 1, '--sizes', '1,100', '--no-baselines');

	ordered_summaries($result, "$n iterations");
	plain_numbers($file, "$n iterations");
	is(join(' ', map { $_->{whole}{times_ms}{round_trip}{n} } @{ $result->{workflows} }), join(' ', ($n * $n) x 2), "$n iterations: n");
	is($result->{approaches}[0]{ratio}{low}, undef, "$n blocks: no interval of the ratio");
	unlike($report, qr/\bnan\b|\binf\b/i, "$n iterations: no \"nan\" in the report");
}
{
	my ($result) = ran('-T 1', '-T', 1, '--sizes', '1', '--warmup', 0, '--no-baselines');

	is($result->{stopped_by}, 'time', '-T ends a run after its time');
	cmp_ok($result->{measured_s}, '<', 10, 'and soon');
	cmp_ok($result->{iterations}, '>', 0, 'with iterations');
}

# A block counts as much as any other, however little time it had: where -T leaves no
# time for enough of one it is not begun.  Each iteration thinks for 0.2 s: after the
# first block there is time for 3 or fewer.
{
	my ($result) = ran('-T 3 and little time left', '-T', 3, '-n', 10, '--sizes', '1', '--warmup', 0, '--no-baselines', '--think', '100ms');
	my $last = read_csv("$dir/$files.samples.csv")->[-1];

	is(join(' ', @$result{qw(blocks stopped_by)}), '1 time', '-T: a block is not begun where there is time for but a few iterations');
	is("$last->{block} $last->{iteration}", '1 ' . $result->{iterations}, '-T: nor is it in the samples');
}
{
	my (undef, undef, $err) = run('-n', 10000, '-T', 3, '-P', 1, '--sizes', 1, '--no-baselines');

	like($err, qr{^measuring: block 1, iteration \d+ of 10000, \d+ s left$}m, '-P prints a line with the time left');
	unlike($err, qr/-\d+ s left/, '-P: which is never below zero');
}

# --- sizes --------------------------------------------------------------

{
	my ($result) = ran('--sizes 0', @quick, '--sizes', '0');

	is(jq("$dir/$files.json", '[.workflows[].steps[]|[.name, .payload_bytes]|map(tostring)|join(" ")]|join("\n")'),
		"size_step 0\nbatch_size_step 0", '--sizes 0: empty payloads');
	ordered_summaries($result, '--sizes 0');
}
{
	my ($result) = ran('odd sizes', @small, '--sizes', '7,0,1 kB,1KiB,1999,65537,7', '--origin', 'all');

	is_deeply([ map { $_->{payload_bytes} } @{ $result->{workflows}[0]{steps} } ],
		[ 7, 0, 1000, 1024, 1999, 65537, 7 ], 'odd sizes: in the order given, decimal and binary units apart');
	is($result->{workflows}[1]{steps}[0]{payload_bytes}, 69574, 'odd sizes: the batch is their sum');
}

# --- a libpq whose sends are not seen -----------------------------------

# The client with its own send() under another name: libpq finds the C library's.
SKIP:
{
	skip('the client is built with a sanitizer', 4) if (run_program('ldd', $ENV{BENCH}))[1] =~ /lib[atu]\w*san/;

	my $client = project_dir() . '/client';
	my ($libdir, $include) = map { `'$ENV{PG_CONFIG}' --$_` =~ s/\n//r } qw(libdir includedir);
	my ($status, undef, $messages) = run_program('sh', '-c', "cd '$client' && cc -std=gnu11 -Dsend=unseen -I. -I'$include' -c pg/first_send.c -o '$dir/first_send.o'"
		. " && cc \$(ls *.c */*.c | grep -v first_send | sed 's/c\$/o/') '$dir/first_send.o' -L'$libdir' -Wl,-rpath,'$libdir' -lpq -lssl -lcrypto -ljansson -llz4 -lzstd -lm -o '$dir/unseen'");
	is($status, 0, 'unseen sends: the client is built') or diag($messages);

	local %ENV = (%ENV, BENCH => "$dir/unseen");
	my ($result, $report) = ran('unseen sends', @quick, '--sizes', '1,100000', '--origin', 'client');
	my @encode = map { $_->{times_ms}{encode}{min} } @{ $result->{workflows}[0]{steps} };
	ok($result->{sends_unseen} && $encode[0] >= 0 && $encode[1] < 1000, "unseen sends: encode ends where the message is handed over (@encode ms)");
	like($report =~ s/\s+/ /gr, qr/sends are not seen/, 'unseen sends: the report says so');
}

# --- thinking -----------------------------------------------------------

{
	my ($result) = ran('--think', '-n', 5, '--blocks', 1, '--warmup', 0, '--no-baselines', '--sizes', '1,1,1', '--think', '100ms');
	my ($multiple) = @{ $result->{workflows} };
	my $between = $multiple->{whole}{times_ms}{round_trip}{min} - sum0(map { $_->{times_ms}{round_trip}{min} } @{ $multiple->{steps} });

	# 5 iterations, one for processor times and the first calls, of 3 steps and the batch
	cmp_ok($result->{measured_s}, '>', 7 * 0.4, '--think: the run takes its time before each step, the first and the batch too');
	cmp_ok($between, '<', 100, '--think: which is not the workflow\'s');
	cmp_ok($_->{times_ms}{round_trip}{min}, '<', 100, '--think: nor is it the step\'s') foreach map { @{ $_->{steps} } } @{ $result->{workflows} };
	# no_op, receive, send, send_hex, replay and insert of the one size: six beside two steps, and idle's own 5 ms
	($result) = ran('--think and baselines', '-n', 2, '--blocks', 1, '--warmup', 0, '--sizes', '1', '--think', '100ms');
	cmp_ok($result->{measured_s}, '>', 2 * 0.8 + 0.4, '--think: nor do the baselines come at once that steps are compared with');
	cmp_ok($_->{times_ms}{round_trip}{min}, '<', 100, "--think: nor is it the baseline's, $_->{baseline}") foreach @{ $result->{baselines} };
	($result) = ran('--think=exp', @quick, '--sizes', '1,1', '--think', 'exp:1ms');
	is($result->{parameters}{think_exponential}, JSON::PP::true, '--think=exp: of random length');
}

# --- two sides ----------------------------------------------------------

{
	sql('CREATE DATABASE other');
	$node->safe_psql('other', 'CREATE EXTENSION dbos_payload');
	my ($result) = ran('two sides', '-n', 3, '--blocks', 6, '--warmup', 0, '--sizes', '1,1000', '--drive', 'calls,procedure',
		'--against', 'dbname=other', '--label', 'here', '--label', 'there');

	is(join(' ', map { $_->{label} } @{ $result->{sides} }), 'here there', 'two sides: their labels');
	is(join(' ', map { "$_->{side}$_->{drive}$_->{whole}{times_ms}{round_trip}{n}" } @{ $result->{workflows} }),
		'0calls18 0calls18 0procedure18 0procedure18 1calls18 1calls18 1procedure18 1procedure18', 'two sides: the same on both');
	cmp_ok(scalar @{ $result->{differences} }, '>', 0, 'two sides: they are compared');
	is($node->safe_psql('other', 'SELECT count(*) FROM dbos_payload.workflow_status'), '0', 'two sides: no row is left on the other one');
	no_rows('two sides');
	($result) = ran('two equal sides', @small, '--sizes', '1', '--against', conninfo($node));
	is(scalar @{ $result->{sides} }, 2, 'two equal sides: run');
	no_rows('two equal sides');
}

# --- a locale with a decimal comma --------------------------------------

SKIP:
{
	my %german = german_locale();
	skip('localedef cannot make de_DE.UTF-8', 4) unless %german;

	my ($comma) = (run_program({ env => \%german }, 'printf', '%.1f', '1,5'))[1];
	is($comma, '1,5', 'the German locale is in effect');

	my @result_files = map { "$dir/german.$_" } qw(json csv samples.csv);
	my ($exit, $out, $err) = run_bench($node, { env => \%german }, 'run', @small, '--sizes', '1,1000',
		'--assume-rtt', '0.5ms', '--json', $result_files[0], '--csv', $result_files[1], '--samples', $result_files[2]);
	is($exit, 0, 'German locale: the run succeeds, 0.5ms is read') or diag($err);
	is(jq($result_files[0], '[.assume_rtt_ms, (.workflows[0].whole.times_ms.round_trip.min|type)]|map(tostring)|join(" ")'), '0.5 number',
		'German locale: the JSON has decimal points');
	my $result = read_json($result_files[0]);
	recompute(read_csv($result_files[2]), $result, 'German locale');
	unlike($out, qr/\d,\d+ ms/, 'German locale: decimal points in the report too');
}

# --- a clock that is set, or runs wrong ---------------------------------

SKIP:
{
	my $wrong = (run_program({ env => { FAKETIME => '-1h x1000' } }, 'faketime', '-f', '-1h x1000', 'date', '+%s'))[1];
	skip('there is no faketime that works here', 2)
	  unless $wrong =~ /^\d+$/ && $wrong < time - 1800;

	# libpq's limit of connecting is by the wall clock: no limit
	my ($exit, $out, $err) = run_program(
		{ env => { FAKETIME_DONT_FAKE_MONOTONIC => 1, PGCONNECT_TIMEOUT => 0, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres' } },
		'faketime', '-f', '-1h x1000', $ENV{BENCH}, 'run', @quick, '--sizes', '1,1000', '--json', "$dir/clock.json");
	is($exit, 0, 'a wall clock an hour behind that runs a thousand times too fast: the run succeeds') or diag($err);
	is(jq("$dir/clock.json", '[.workflows[].steps[].times_ms|.round_trip.median.value < 100 * .server_total.median.value and .round_trip.min > 0]|all'),
		'true', 'a wall clock that runs too fast: no time is taken from it');
}

# --- a result on standard output, and by TCP ----------------------------

{
	my ($exit, $out, $err) = run_bench($node, 'run', @quick, '--sizes', 1, '--csv', '/dev/stdout',
		conninfo($node, host => '127.0.0.1'));

	ok($exit == 0 && $out =~ /^(\w+),workflow,drive,origin,step,.*^[^,\n]*,size_workflow,calls,server,total,/ms,
		'a result file may be standard output') or diag($err);
	like($out, qr/loopback/, 'the report says that the way was the loopback interface');
}

# --- memory -------------------------------------------------------------

# peak_kb(HANDLE, END): the most memory that a client has used when END->() is
# true, as the kernel counts it
sub peak_kb
{
	my ($bench, $end) = @_;
	my $peak = 0;

	wait_until
	{
		$bench->{run}->pump_nb;
		my $status = eval { slurp_file("/proc/$bench->{pid}/status") } // '';

		$peak = $1 if $status =~ /^VmHWM:\s+(\d+) kB/m && $1 > $peak;
		return $end->();
	}
	30;
	return $peak;
}

# The default sizes' peak against that of a client which has only begun to
# connect.  Built with a sanitizer it needs more.
SKIP:
{
	skip('no VmHWM in /proc here', 1) unless (eval { slurp_file("/proc/$$/status") } // '') =~ /^VmHWM/m;
	skip('the client is built with a sanitizer', 1) if (run_program('ldd', $ENV{BENCH}))[1] =~ /lib[atu]\w*san/;

	my $silent = PostgreSQL::Test::Utils::tempdir_short();
	my $listener = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => "$silent/.s.PGSQL.5432", Listen => 1);
	my $bench = start_bench({ env => { PGHOST => $silent, PGPORT => 5432 } }, 'run');
	my $connection = $listener->accept;
	my $start = peak_kb($bench, sub { 1 });
	kill 'INT', $bench->{pid};
	finish_bench($bench);

	$bench = start_bench($node, 'run', '-n', 10, '--blocks', 1);
	my $peak = peak_kb($bench, sub { !$bench->{run}->pumpable });
	my ($exit) = finish_bench($bench);
	ok($exit == 0 && $start > 0 && $peak > $start && $peak - $start <= 15625,
		"the default sizes need less than 16 MB above the client's start ($peak kB, $start kB at its start)");
}

done_testing();
