# --workflow-id: a workflow that was cut off goes on from its last checkpoint;
# what is replayed is said and never measured.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $json = "$dir/result.json";

# the SQL literal of a text
sub literal
{
	my ($text) = @_;

	return "'" . ($text =~ s/'/''/gr) . "'";
}

# "7 1111111 SUCCESS 0": rows, their bytes, the workflow's status and how often
# it was recovered
sub recorded
{
	my ($id) = @_;

	return $node->safe_psql('postgres', 'SELECT (SELECT count(*) || \' \' || coalesce(sum(octet_length(output)), 0)'
		. ' FROM dbos_payload.operation_outputs WHERE workflow_uuid = s.workflow_uuid)'
		. " || ' ' || status || ' ' || recovery_attempts"
		. ' FROM dbos_payload.workflow_status AS s WHERE workflow_uuid = ' . literal($id)) =~ s/\n//gr;
}

sub digest
{
	my ($id, $steps) = @_;

	return $node->safe_psql('postgres', 'SELECT string_agg(md5(output), \' \' ORDER BY function_id) FROM dbos_payload.operation_outputs'
		. " WHERE function_id <= $steps AND workflow_uuid = " . literal($id));
}

# resume(ID, ARGUMENT...): exit status, output, messages and JSON of one run
sub resume
{
	my ($id, @arguments) = @_;

	unlink $json;
	my ($exit, $out, $err) = run_bench($node, 'run', '--json', $json, '--workflow-id', $id, @arguments);
	return ($exit, $out, $err, -e $json ? read_json($json) : undef);
}

# --- a new one ----------------------------------------------------------

{
	my ($exit, $out, $err, $result) = resume('new');

	is("$exit $err", '0 ', 'a new workflow: runs');
	is(recorded('new'), '7 1111111 SUCCESS 0', 'a new workflow: seven rows, which stay');
	unlike($out, qr/Resuming/, 'a new workflow: nothing is said of replaying');
	is(scalar @{ $result->{workflows} }, 1, 'a new workflow: once, and no batched one');
	is(join(' ', map { $result->{workflows}[0]{$_} } qw(workflow iterations replayed failed)), 'size_workflow 1 0 0',
		'a new workflow: nothing is counted as replayed');
	is(join(' ', map { $_->{round_trip_ms}{n} } @{ $result->{workflows}[0]{steps} }), '1 1 1 1 1 1 1',
		'a new workflow: every step is measured');
	is($result->{parameters}{workflow_id}, 'new', 'a new workflow: its id is in the result file');
}

# --- one that was cut off after three steps -----------------------------

foreach my $how (map { my $drive = $_; map { [ $drive, $_ ] } qw(server client) } all_drives())
{
	my ($drive, $origin) = @$how;
	my $id = "cut off, $drive, $origin";

	$node->safe_psql('postgres', 'SELECT dbos_payload.start_workflow(' . literal($id) . ", 'size_workflow')");

	foreach my $step (1 .. 3)
	{
		$node->safe_psql('postgres', "SELECT dbos_payload.size_step(" . literal($id) . ", $step, $step - 1, 5 + $step - 1)");
	}
	my $before = digest($id, 3);
	my ($exit, $out, $err, $result) = resume($id, '--drive', $drive, '--origin', $origin, '--seed', 5);
	my $workflow = $result->{workflows}[0];
	my $steps = $workflow->{steps};

	is("$exit $err", '0 ', "$id: goes on");
	is(recorded($id), '7 1111111 SUCCESS 1', "$id: seven rows, one recovery");
	is(digest($id, 3), $before, "$id: what was recorded stays as it was");
	like($out, qr/^Resuming workflow "\Q$id\E": 3 of 7 steps are recorded and will be replayed/m, "$id: says how many are replayed");
	is($workflow->{replayed}, 3, "$id: the result file says it too");
	is(join(' ', map { $_->{server_total_ms}{n} } @$steps), '0 0 0 1 1 1 1', "$id: replayed steps are not measured");
	is_deeply([ map { $steps->[0]{$_} } qw(wal_bytes stored_bytes) ], [ undef, undef ], "$id: nor is what they write");
	is_deeply([ @{ $steps->[0]{round_trip_ms} }{qw(p50 mean max first)} ], [ undef, undef, undef, undef ], "$id: their times are null");
	is($workflow->{total_ms}{n}, 0, "$id: nor is the workflow as a whole");
	is(recorded($id), '7 1111111 SUCCESS 1', "$id: and it is over");
}

# --- one that is over ---------------------------------------------------

{
	my $before = digest('new', 7);
	my ($exit, $out, $err) = resume('new');

	isnt($exit, 130, 'a finished workflow: an exit status of its own');
	like("$out$err", qr/SUCCESS|7 of 7 steps/, 'a finished workflow: says that it is over');
	is(digest('new', 7), $before, 'a finished workflow: nothing is changed');
	is(recorded('new'), '7 1111111 SUCCESS 0', 'a finished workflow: nothing is added');
}
foreach my $status ('CANCELLED', 'ERROR')
{
	my $id = "ended as $status";

	$node->safe_psql('postgres', 'SELECT dbos_payload.start_workflow(' . literal($id) . ", 'size_workflow')");
	$node->safe_psql('postgres', $status eq 'CANCELLED' ? 'SELECT dbos_payload.cancel_workflow(' . literal($id) . ')' :
		'SELECT dbos_payload.finish_workflow(' . literal($id) . ", 'ERROR')");
	my ($exit, $out, $err) = resume($id);
	isnt($exit, 0, "$id: no success");
	like($err, qr/$status/, "$id: says so");
	is(recorded($id), "0 0 $status 0", "$id: nothing is added");
}

# --- another workflow's, and other sizes --------------------------------

{
	$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('theirs', 'order')});
	my ($exit, undef, $err) = resume('theirs');
	isnt($exit, 0, 'an id of another workflow: no success');
	like($err, qr/order.*size_workflow|size_workflow.*order/s, 'an id of another workflow: both are named');
	is(recorded('theirs'), '0 0 PENDING 0', 'an id of another workflow: nothing is changed');
}
{
	$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('other name', 'size_workflow')});
	$node->safe_psql('postgres', q{SELECT dbos_payload.record_step('other name', 1, 'charge_card', 'x')});
	my ($exit, undef, $err) = resume('other name', '--sizes', '1,10');
	is($exit, 2, 'a step of another name: a failed step');
	like($err, qr/step 1 failed: .*(charge_card.*size_step|size_step.*charge_card)/s, 'a step of another name: both are named');
	is(recorded('other name'), '1 1 PENDING 1', 'a step of another name: what is there stays');
}
{
	$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('other sizes', 'size_workflow')});
	$node->safe_psql('postgres', q{SELECT dbos_payload.payload_step('other sizes', 1, 1000, function_name => 'size_step')});
	my ($exit, undef, $err, $result) = resume('other sizes', '--sizes', '10,20');
	is($exit, 0, 'other sizes than recorded: goes on with what is recorded');
	like($err, qr/1000 bytes.*10 were asked for/, 'other sizes than recorded: the server\'s warning is shown');
	is(recorded('other sizes'), '2 1020 SUCCESS 1', 'other sizes than recorded: what is there stays');
	is(join(' ', map { $_->{round_trip_ms}{n} } @{ $result->{workflows}[0]{steps} }), '0 1', 'other sizes than recorded: the new step is measured');
}

# --- killed, then resumed -----------------------------------------------

{
	$node->safe_psql('postgres', q{
		CREATE FUNCTION wait_long() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF new.function_id = 4 THEN PERFORM pg_sleep(60); END IF;
			RETURN new;
		END $$;
		CREATE TRIGGER wait_long BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION wait_long()});
	foreach my $signal ('KILL', 'INT')
	{
		my $id = "ended by SIG$signal";
		my $bench = start_bench($node, 'run', '--workflow-id', $id);

		server_says($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
		kill $signal, $bench->{pid};
		my ($exit, $out) = finish_bench($bench);
		is($exit, $signal eq 'INT' ? 130 : 137, "$id: its exit status");
		$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
		server_says($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench'});
		is(recorded($id), '3 111 PENDING 0', "$id: three checkpoints, and it can go on");
	}
	$node->safe_psql('postgres', 'DROP FUNCTION wait_long() CASCADE');
	foreach my $signal ('KILL', 'INT')
	{
		my ($exit, $out) = resume("ended by SIG$signal");

		ok($exit == 0 && $out =~ /: 3 of 7 steps are recorded/, "ended by SIG$signal: resumed");
		is(recorded("ended by SIG$signal"), '7 1111111 SUCCESS 1', "ended by SIG$signal: whole");
	}
}

# --- two at once --------------------------------------------------------

foreach my $round (1 .. 2)
{
	my $id = "two at once, $round";
	my @both = map { start_bench($node, 'run', '--workflow-id', $id) } 1 .. 2;
	my @ends = map { [ finish_bench($_) ] } @both;
	my @exits = sort map { $_->[0] } @ends;

	is(recorded($id) =~ s/ \d+$//r, '7 1111111 SUCCESS', "$id: seven rows");
	is($exits[0], 0, "$id: one succeeds");
	ok($exits[1] == 0 || grep({ $_->[0] == $exits[1] && $_->[2] =~ /error: .*SUCCESS/s } @ends),
		"$id: the other replays, or says that it came too late") or diag(map { $_->[2] } @ends);
}

# --- ids ----------------------------------------------------------------

# What can stand on a command line; the bytes come back as they are.
my @odd = ("o'brien", 'a"b', '\'; DROP TABLE dbos_payload.workflow_status; --', '%s%n %I', 'a$$b$1', '-n', "two\nlines",
	'{a,b}', "\\x00 \\ \\'", ' ', "\xf0\x9f\x92\xbe \xc3\xa9", 'x' x 1024, "\t", 'NULL');
my @protocols = qw(extended simple prepared);
my @failed;

foreach my $i (0 .. $#odd)
{
	my ($id, $protocol) = ($odd[$i], $protocols[ $i % 3 ]);
	my ($exit, $out, $err) = run_bench($node, 'run', "--workflow-id=$id", '--sizes', '1,10', '-M', $protocol,
		'--result-format', 'text', '--drive', $i % 2 ? 'calls' : 'procedure', '--json', $json);
	my $found = $node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.operation_outputs'
		. " WHERE convert_to(workflow_uuid, 'UTF8') = '\\x" . unpack('H*', $id) . "'");

	push @failed, "$id: $exit $err $found" if $exit != 0 || $found ne '2';
	utf8::decode(my $text = $id);
	push @failed, "$id in the JSON" if read_json($json)->{parameters}{workflow_id} ne $text;
}
ok(!@failed, 'odd ids: stored as given') or diag(join "\n", @failed);
{
	my ($exit, undef, $err) = run_bench($node, 'run', "--workflow-id=\xff\xfe", '--sizes', '1');

	isnt($exit, 0, 'an id that is not UTF-8: no success');
	like($err, qr/invalid byte sequence/, 'an id that is not UTF-8: the server\'s message is shown');
}

done_testing();
