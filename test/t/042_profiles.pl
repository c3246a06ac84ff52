# run --profile: what DBOS's SDKs send, message by message, and what they leave in
# their tables, with the extension and without it.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use MIME::Base64;
use PostgreSQL::Test::Utils;
use Proxy;
use Test::More;

my @profiles = qw(dbos-python dbos-typescript dbos-typescript-buffer dbos-go dbos-go-portable dbos-java);
my $node = new_node('main', durable => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $json = "$dir/result.json";
my @quick = ('--blocks', 1, '-n', 1, '--warmup', 0);

$node->safe_psql('postgres', 'CREATE DATABASE bare TEMPLATE template0');

# the schemas that are there, in a database
sub schemas
{
	my ($database) = @_;

	return $node->safe_psql($database,
		q{SELECT coalesce(string_agg(nspname, ' ' ORDER BY nspname), '') FROM pg_namespace WHERE nspname LIKE 'dbos\_bench\_%'});
}

# all rows of the profiles of a run with a kept schema, by profile and size
sub stored
{
	my ($schema) = @_;

	return $node->safe_psql('bare', qq{SELECT w.serialization, coalesce(o.serialization, '-'), o.function_id, o.output
		FROM $schema.operation_outputs AS o JOIN $schema.workflow_status AS w USING (workflow_uuid)
		WHERE w.name = 'size_workflow' ORDER BY 1, 3});
}

# --- without the extension ---------------------------------------------------

{
	my ($exit, $out, $err) = run_bench($node, 'check', '--profile', 'all', 'dbname=bare');

	is($exit, 0, 'check: profiles need no extension') or diag($out, $err);
	like($out, qr/^warning +extension: .*?\bmeasures\s+the\s+profiles\s+alone/ms, 'check: it says that nothing of ours is beside them');

	($exit, $out) = run_bench($node, 'check', 'dbname=bare');
	is($exit, 1, 'check: without profiles it does');

	($exit, $out, $err) = run_bench($node, 'run', @quick, '--profile', 'all', '--sizes', '1,1000', '--json', $json,
		'--samples', "$dir/samples.csv", '--csv', "$dir/all.csv", 'dbname=bare');
	is($exit, 0, 'run: profiles alone') or diag($err);
	like($err, qr/warning: the extension dbos_payload is not in this database: the profiles are measured alone/, 'run: says so');
	like($out, qr/^The statements of DBOS's SDKs/m, 'run: prints their table');
	like($out, qr/There is nothing of ours beside them/, 'run: without ours');
	is(schemas('bare'), '', 'run: its schemas are dropped');

	my $result = read_json($json);
	my %named = map { $_->{drive} => 1 } @{ $result->{profiles} };
	is_deeply([ sort keys %named ], [ sort @profiles ], 'JSON: every profile');
	ok(!grep({ defined $_->{own_ms} || defined $_->{difference_ms} || defined $_->{round_trips_ms} || defined $_->{database_ms} }
			@{ $result->{profiles} }), 'JSON: nothing is said of ours');
	ok(!grep({ !defined $_->{profile_ms} || !defined $_->{network_ms} || !defined $_->{format_ms} } @{ $result->{profiles} }),
		'JSON: the rest is');

	my $again = (run_bench($node, 'report', $json))[1];
	is($again, $out, 'report: prints the same of the file');
	($exit, $out) = run_bench($node, 'report', '--full', '--plot', "$dir/plots", $json);
	is($exit, 0, 'report: in full, and with plots');
	like($out, qr/^$_: a step, ms$/m, "report: $_ step by step") for @profiles;
	unlike($out, qr/^##  drive \S+-plain/m, 'report: a plain twin is no drive of its own');

	my %drives = map { $_->{drive} => 1 } grep { $_->{drive} } @{ read_csv("$dir/samples.csv") };
	ok($drives{'dbos-java'} && $drives{'dbos-java-plain'}, 'samples: profiles and their plain twins');
	like(slurp_file("$dir/all.csv"), qr/^[^,]*,size_workflow,dbos-go,client,size_step,2,1000,0,turns,round trips,,,,8,/m, 'CSV: turns');
}

# --- what is stored ----------------------------------------------------------

my %text;
{
	my ($exit, undef, $err) = run_bench($node, 'run', @quick, '--profile', 'all', '--sizes', '1,1000000', '--seed', 7,
		'--keep', 'dbname=bare');
	is($exit, 0, 'run --keep') or diag($err);
	my ($first) = schemas('bare') =~ /(dbos_bench_kept_[0-9a-f]{16}_1)_125/;
	is(schemas('bare'), "${first}_125 ${first}_41", 'a schema for each layout is kept');
	like($err, qr/hint: kept: the schema ${first}_125/, 'and named');

	foreach my $schema ("${first}_125", "${first}_41")
	{
		foreach my $row (split /\n/, stored($schema))
		{
			my ($of, $serialization, $id, $output) = split /\|/, $row, 4;
			push @{ $text{$of}{$id} }, $output;
			is($serialization, $of eq 'java_jackson' ? '-' : $of, "$of: the step's serialization") if $id == 0;
		}
		is($node->safe_psql('bare', qq{SELECT count(*) FROM pg_indexes WHERE schemaname = '$schema' AND tablename = 'workflow_status'}),
			$schema =~ /125/ ? 16 : 14, "$schema: indexes of workflow_status");
		is($node->safe_psql('bare', qq{SELECT count(*) FROM pg_indexes WHERE schemaname = '$schema' AND tablename = 'operation_outputs'}),
			$schema =~ /125/ ? 3 : 2, "$schema: indexes of operation_outputs");
		is($node->safe_psql('bare', qq{SELECT count(*) FROM pg_attribute WHERE attrelid = '$schema.workflow_status'::regclass AND attnum > 0}),
			$schema =~ /125/ ? 39 : 35, "$schema: columns of workflow_status");
		is($node->safe_psql('bare', qq{SELECT count(*) FROM $schema.workflow_status WHERE status <> 'SUCCESS' OR completed_at IS NULL}), 0,
			"$schema: every workflow has ended");
		is($node->safe_psql('bare', qq{SELECT count(*) FROM $schema.workflow_status WHERE owner_xid IS NOT NULL}) > 0 ? 1 : 0,
			$schema =~ /125/ ? 0 : 1, "$schema: the owner is gone, in Java it stays");
	}
	is($node->safe_psql('bare', qq{SELECT count(*) FROM ${first}_125.workflow_output}),
		$node->safe_psql('bare', qq{SELECT count(*) FROM ${first}_125.workflow_status}), 'every workflow has an output');
	$node->safe_psql('bare', "DROP SCHEMA ${first}_125 CASCADE; DROP SCHEMA ${first}_41 CASCADE");
}

# the payloads, from the plainest of the texts
my ($one, $mb);
foreach my $output (@{ $text{portable_json}{0} }) { $one = decode_base64($1) if $output =~ /^"(.*)"$/; }
foreach my $output (@{ $text{portable_json}{1} }) { $mb = decode_base64($1) if $output =~ /^"(.*)"$/; }
is(length $one, 1, 'the payload of 1 byte');
is(length $mb, 1_000_000, 'the payload of 1 MB');

# has(SERIALIZATION, ID, TEXT): is it there?
sub has
{
	my ($of, $id, $wanted) = @_;

	return ok(scalar(grep { $_ eq $wanted } @{ $text{$of}{$id} }), "$of: the text of step $id, " . length($wanted) . ' characters');
}

has('py_pickle', 1, encode_base64("\x80\x04\x95" . pack('Q<', 5) . "C\x01$one\x94.", ''));
has('py_pickle', 2, encode_base64("\x80\x04B" . pack('V', 1_000_000) . "$mb\x94.", ''));
has('js_superjson', 0, '{"json":"' . encode_base64($one, '') . '","__dbos_serializer":"superjson"}');
has('js_superjson', 1, '{"json":"' . encode_base64($mb, '') . '","__dbos_serializer":"superjson"}');
has('js_superjson', $_->[0], '{"json":[' . join(',', unpack('C*', $_->[1])) . '],"meta":{"values":[["custom","Buffer"]]},"__dbos_serializer":"superjson"}')
  foreach [ 0, $one ], [ 1, $mb ];
has('DBOS_JSON', 0, encode_base64('"' . encode_base64($one, '') . '"', ''));
has('DBOS_JSON', 1, encode_base64('"' . encode_base64($mb, '') . '"', ''));
has('java_jackson', 0, '["[B","' . encode_base64($one, '') . '"]');
has('java_jackson', 1, '["[B","' . encode_base64($mb, '') . '"]');
ok(scalar(grep { length == 1_333_348 } @{ $text{py_pickle}{2} }), 'Python: 1 MB is 1,333,348 characters');
ok(scalar(grep { length == 1_333_379 } @{ $text{js_superjson}{1} }), 'TypeScript: 1,333,379');
ok(scalar(grep { abs(length($_) - 3_570_300) < 2000 } @{ $text{js_superjson}{1} }), 'TypeScript, Buffer: about 3,570,300');
ok(scalar(grep { length == 1_777_784 } @{ $text{DBOS_JSON}{1} }), 'Go: 1,777,784');
is(length $text{portable_json}{1}[0], 1_333_338, 'Go, portable: 1,333,338');
ok(scalar(grep { length == 1_333_345 } @{ $text{java_jackson}{1} }), 'Java: 1,333,345');
ok(scalar(grep { length == 1_000_000 } @{ $text{$_}{ $_ eq 'py_pickle' ? 2 : 1 } }), "$_: its plain twin") foreach qw(py_pickle js_superjson DBOS_JSON java_jackson);

# --- what is sent ------------------------------------------------------------

# of each turn: Q a simple query, P a statement with its text, B one that is prepared
my %turns = (
	'dbos-python' => [ 'QQBBQ', 'QQBBQ' . 'QQBBQ', 'QB', 188 ],
	'dbos-typescript' => [ 'QPPQ', 'PPP' . 'QPPQ', 'QPPQ', 697 ],
	'dbos-go' => [ 'QBBQ', 'QBBQ' . 'QBBQ', 'QBBQ', 219 ],
	'dbos-java' => [ 'PQBB', 'BB' . 'BB', 'B', 146 ],
);

foreach my $profile (sort keys %turns)
{
	my ($start, $step, $end, $beyond) = @{ $turns{$profile} };
	my $proxy = Proxy->new($node, log => "$dir/$profile.log");
	my ($exit, undef, $err) = run_bench($node, 'run', @quick, '--profile', $profile, '--sizes', '1,10,1000000', '--json', $json,
		conninfo($node, host => '127.0.0.1', port => $proxy->port) . ' dbname=bare');

	is($exit, 0, "$profile: through the proxy") or diag($err);
	$proxy->stop;

	# from one setting of the connection to the way back
	my (%open, @workflows);
	foreach my $line (split /\n/, slurp_file("$dir/$profile.log"))
	{
		my ($connection, $sent, undef, $label) = split / /, $line, 4;

		if ($label =~ /^P\s+RESET/) { push @workflows, delete $open{$connection}; }
		elsif ($label =~ /^P\s+SET idle_in/) { $open{$connection} = []; }
		elsif ($profile eq 'dbos-java' && $label =~ /^P\s+SET SESSION/) { $open{$connection} = [ [ 'P', $sent ] ]; }
		elsif ($open{$connection} && $label !~ /^P(?:_pg3_|stmtcache_|S_)/) { push @{ $open{$connection} }, [ substr($label, 0, 1), $sent ]; }
	}
	my $seven = $start . $step x 3 . $end;
	my $batch = $start . $step . $end;
	my @found = map { join '', map { $_->[0] } @$_ } @workflows;

	# the profile and its plain twin, at the first call and in the iteration
	is(scalar(grep { $_ eq $seven || $_ =~ /^\Q$seven\EPPP$/ } @found), 4, "$profile: its workflow of three steps, turn by turn") or diag("@found");
	is(scalar(grep { $_ eq $batch || $_ =~ /^\Q$batch\EP$/ } @found), 4, "$profile: and of one") or diag("@found");

	my $result = read_json($json);
	my ($workflow) = grep { $_->{drive} eq $profile && $_->{workflow} eq 'size_workflow' } @{ $result->{workflows} };
	my $large = $workflow->{steps}[2];
	my ($sequence) = grep { join('', map { $_->[0] } @$_) eq $seven
		  && scalar(grep { $_->[1] > 1_100_000 } @$_) } @workflows;
	my ($insert) = sort { $b <=> $a } map { $_->[1] } @$sequence;
	my @of_step = map { $_->[1] } @$sequence[ length($start) + 2 * length($step) .. length($start) + 3 * length($step) - 1 ];
	my $sum = 0;
	$sum += $_ foreach @of_step;

	is($large->{volumes}{turns}, length $step, "$profile: as many turns are counted");
	cmp_ok(abs($insert - $large->{volumes}{text_bytes} - $beyond), '<', 160, "$profile: the insert's bytes beyond the text")
	  or diag($insert - $large->{volumes}{text_bytes});
	is($large->{volumes}{wire_sent}, $sum, "$profile: a step's bytes are those on the wire");
	is($workflow->{whole}{volumes}{turns}, 3 * length $step, "$profile: turns of all steps");
}

# --- beside ours -------------------------------------------------------------

{
	my ($exit, $out, $err) = run_bench($node, 'init');
	($exit, $out, $err) = run_bench($node, 'run', '--blocks', 6, '-n', 3, '--warmup', 1, '--profile', 'dbos-python,dbos-java',
		'--drive', join(',', all_drives()), '--sizes', '1,1000', '--json', $json, '--assume-rtt', '10ms');
	is($exit, 0, 'with the extension') or diag($err);
	like($out, qr/more: against one call of ours/, 'ours stand beside the profiles');
	is(schemas('postgres'), '', 'and nothing of them is left');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status'), 0, 'nor of ours');

	my $result = read_json($json);
	my @all = @{ $result->{profiles} };
	is(scalar @all, 2 * (3 + 2), 'two profiles: two steps and the workflow, the batch and its workflow');
	foreach my $p (@all)
	{
		my $sum = $p->{round_trips_ms}{value} + $p->{format_ms}{value} + $p->{database_ms}{value};
		my $name = "$p->{drive}, $p->{workflow}, step $p->{step}";

		ok(close_to($sum, $p->{difference_ms}{value}), "$name: the parts add up to the difference");
		ok(close_to($p->{profile_ms}{value} - $p->{own_ms}{value}, $p->{difference_ms}{value}), "$name: which is that of the two");
		ok(close_to($p->{network_ms}{value} * ($p->{turns} - $p->{own_turns}) / $p->{turns}, $p->{round_trips_ms}{value}),
			"$name: round trips are as many empty queries");
		ok(defined $p->{difference_ms}{low} && defined $p->{database_ms}{high}, "$name: with intervals over the blocks");
	}
	my ($python) = grep { $_->{drive} eq 'dbos-python' && $_->{step} == -1 && $_->{workflow} eq 'size_workflow' } @all;
	is("$python->{turns} $python->{own_turns}", (5 + 2 * 10 + 2) . ' 4', 'turns of a workflow with its start and end');
	# twenty turns, each with 10 ms in place of the network's part of our own smallest step: exact however busy the machine is
	my ($calls) = grep { $_->{drive} eq 'calls' && $_->{origin} eq 'client' } @{ $result->{models} };
	my ($whole, $own) = map {
		my $drive = $_;
		grep { $_->{drive} eq $drive && $_->{origin} eq 'client' && $_->{workflow} eq 'size_workflow' } @{ $result->{workflows} }
	} qw(dbos-python calls);
	my ($smallest) = grep { $_->{payload_bytes} == 1 } @{ $own->{steps} };

	ok(close_to($calls->{assumed_ms}{'dbos-python'}{value},
			$whole->{whole}{times_ms}{round_trip}{median}{value} + 20 * (10 - $smallest->{times_ms}{network}{median}{value})),
		'--assume-rtt: each turn waits for it') or diag($calls->{assumed_ms}{'dbos-python'}{value});
	ok(defined $_->{whole}{times_ms}{workflow_start} && defined $_->{whole}{times_ms}{workflow_end},
		"$_->{drive}: start and end are timed") foreach @{ $result->{workflows} };
	ok(!grep({ defined $_->{times_ms}{server_total} || defined $_->{times_ms}{network} }
			map { @{ $_->{steps} } } grep { $_->{drive} =~ /^dbos/ } @{ $result->{workflows} }),
		'what the server does in a profile is not known, and not said');
}

# two sides on one database
{
	my ($exit, $out, $err) = run_bench($node, 'run', @quick, '--profile', 'dbos-go', '--sizes', 1, '--against', conninfo($node), conninfo($node));

	is($exit, 0, '--against: two sides do not meet') or diag($err);
	is(schemas('postgres'), '', '--against: nothing is left of either');
}

# --- who may -----------------------------------------------------------------

$node->safe_psql('bare', q{CREATE ROLE maker LOGIN; CREATE ROLE "Reader" LOGIN; GRANT CREATE ON DATABASE bare TO maker});
{
	my ($exit, undef, $err) = run_bench($node, 'run', @quick, '--profile', 'dbos-go', '--sizes', 1, 'dbname=bare user=maker');
	is($exit, 0, 'a role that may make schemas needs nothing else') or diag($err);

	($exit, undef, $err) = run_bench($node, 'run', @quick, '--profile', 'dbos-go', '--sizes', 1, 'dbname=bare user=Reader');
	is($exit, 1, 'another may not run');
	like($err, qr/may not make one in the database bare.*GRANT CREATE ON DATABASE bare TO "Reader";/s, 'and is told what to ask for');
}
{
	my ($exit, undef, $err) = run_bench($node, 'run', '--profile', 'dbos-rust', 'dbname=bare');
	is($exit, 1, 'no such profile');
	like($err, qr/error: --profile: .*dbos-python.*dbos-java/s, 'and which there are');
	foreach my $with ([ '--workflow-id', 'a' ], [ '--think', '1ms' ], [ '--max-tries', 2 ])
	{
		($exit, undef, $err) = run_bench($node, 'run', '--profile', 'dbos-go', @$with, 'dbname=bare');
		ok($exit == 1 && $err =~ /error: .*takes no --profile/, "not with $with->[0]") or diag($err);
	}
	($exit, undef, $err) = run_bench($node, 'run', '--profile', 'dbos-typescript-buffer', '--sizes', 400_000_000, 'dbname=bare');
	is($exit, 1, 'a text that no message can hold');
	like($err, qr/error: --profile dbos-typescript-buffer: .*1 GB/, 'is refused before anything is made');
}

# --- runs that are stopped, and those that meet -------------------------------

# a run without end that is measuring
sub begin
{
	my $bench = start_bench($node, 'run', '-n', 10000, '--blocks', 100, '--warmup', 0, '--sizes', 1, '--profile', 'all', '-P', 1, 'dbname=bare');

	wait_until { $bench->{run}->pump_nb; ${ $bench->{err} } =~ /^measuring/m } 20 or diag(${ $bench->{err} });
	return $bench;
}

{
	my $bench = begin();
	my $other = begin();

	is(scalar(split / /, schemas('bare')), 4, 'two runs at once have their own');
	kill 'INT', $bench->{pid};
	my ($exit, $out, $err) = finish_bench($bench);
	is($exit, 130, 'Ctrl-C: exit status 130');
	like($out, qr/PARTIAL: /, 'Ctrl-C: what there is is printed');
	is(scalar(split / /, schemas('bare')), 2, 'Ctrl-C: its schemas are dropped, and no others');

	($exit, $out) = run_bench($node, 'clean', 'dbname=bare');
	is($exit, 0, 'clean: while one is under way');
	is(scalar(split / /, schemas('bare')), 2, 'clean: leaves it alone');
	like($out, qr/^2 schemas of runs under way: left alone$/m, 'clean: and says so');

	# the names of runs, on schemas that somebody else made
	my @foreign = qw(dbos_bench_0123456789abcdef_1_125 dbos_bench_0123456789abcdef_prod);
	$node->safe_psql('bare', "CREATE SCHEMA $_") foreach @foreign;

	kill 'KILL', $other->{pid};
	eval { finish_bench($other) };
	server_says($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench'});
	is(scalar(split / /, schemas('bare')), 2 + @foreign, 'a killed run leaves its schemas');
	(undef, undef, $err) = run_bench($node, 'run', @quick, '--profile', 'dbos-go', '--sizes', 1, 'dbname=bare');
	like($err, qr/warning: dead runs left 2 schemas here.*hint: .*dbos_payload_bench clean/s, 'the next run says so');
	($exit, $out) = run_bench($node, 'clean', 'dbname=bare');
	is($exit, 0, 'clean: without the extension');
	is(schemas('bare'), "@foreign", 'clean: drops what the killed run left, and nothing that no run made');
	like($out, qr/^schema dbos_bench_[0-9a-f]{16}_1_125: dropped$/m, 'clean: and names it');
	$node->safe_psql('bare', "DROP SCHEMA $_") foreach @foreign;
}

# a step that fails leaves no transaction open, and the run goes on to its end
{
	my ($exit, $out, $err) = run_bench($node, 'run', @quick, '--profile', 'dbos-python', '--sizes', 1,
		"dbname=bare options='-c default_transaction_read_only=off -c statement_timeout=1ms'");

	isnt($exit, 0, 'a statement that fails is a failure');
	is(schemas('bare'), '', 'and nothing is left then');
}

done_testing();
