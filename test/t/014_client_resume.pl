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
	is(join(' ', $result->{iterations}, map { $result->{workflows}[0]{$_} } qw(workflow failed)), '1 size_workflow 0', 'a new workflow: its kind');
	is(join(' ', map { $_->{replayed} } @{ $result->{workflows}[0]{steps} }), '0 0 0 0 0 0 0', 'a new workflow: nothing is counted as replayed');
	is(join(' ', map { $_->{times_ms}{round_trip}{n} } @{ $result->{workflows}[0]{steps} }), '1 1 1 1 1 1 1',
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
	is(join(' ', map { $_->{replayed} } @$steps), '1 1 1 0 0 0 0', "$id: the result file says it too");
	is(join(' ', map { $_->{times_ms}{server_total}{n} // 0 } @$steps), '0 0 0 1 1 1 1', "$id: replayed steps are not measured");
	is_deeply([ $steps->[0]{volumes}{wal_bytes}, $steps->[0]{stored_bytes} ], [ undef, undef ], "$id: nor is what they write");
	is($steps->[0]{times_ms}{round_trip}{max}, undef, "$id: they have no times");
	is($workflow->{whole}{times_ms}{round_trip}{n} // 0, 0, "$id: nor is the workflow as a whole");
	is(recorded($id), '7 1111111 SUCCESS 1', "$id: and it is over");
}

# --- one that is over ---------------------------------------------------

{
	my $before = digest('new', 7);
	my ($exit, $out, $err) = resume('new');

	is($exit, 1, 'a finished workflow: nothing is begun');
	like($err, qr/error: workflow "new" has ended: its status is SUCCESS/, 'a finished workflow: says that it is over');
	unlike($out, qr/replayed/, 'a finished workflow: and not that it will be replayed');
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
	is($exit, 1, "$id: no success");
	like($err, qr/$status/, "$id: says so");
	is(recorded($id), "0 0 $status 0", "$id: nothing is added");
}

# --- another workflow's, and other sizes --------------------------------

{
	$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('theirs', 'order')});
	my ($exit, undef, $err) = resume('theirs');
	is($exit, 1, 'an id of another workflow: no success');
	like($err, qr/order.*size_workflow|size_workflow.*order/s, 'an id of another workflow: both are named');
	is(recorded('theirs'), '0 0 PENDING 0', 'an id of another workflow: nothing is changed');
}
$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('other name', 'size_workflow')});
$node->safe_psql('postgres', q{SELECT dbos_payload.record_step('other name', 1, 'charge_card', 'x')});
$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('three steps', 'size_workflow')});
$node->safe_psql('postgres', "SELECT dbos_payload.size_step('three steps', $_ + 1, $_)") foreach 0 .. 2;
foreach my $case (
	[ 'other name', '1,10', 'step 1 .*"charge_card", not "size_step"', '1 1 PENDING 0' ],
	[ 'three steps', '1,10', 'step 3 is recorded, and --sizes asks for 2 steps', '3 111 PENDING 0' ],
	[ 'three steps', '1,20,100,1000', 'step 2 was recorded with 10 bytes, and --sizes asks for 20', '3 111 PENDING 0' ])
{
	my ($id, $sizes, $message, $left) = @$case;
	my ($exit, undef, $err) = resume($id, '--sizes', $sizes);

	is($exit, 1, "$id, sizes $sizes: refused");
	like($err, qr/error: $message/, "$id, sizes $sizes: says what does not fit");
	is(recorded($id), $left, "$id, sizes $sizes: before anything was written");
}
{
	my ($exit) = resume('three steps', '--sizes', '1,10,100,1000');

	is("$exit " . recorded('three steps'), '0 4 1111 SUCCESS 1', 'the sizes that it was started with: resumed');
}

# --- somebody else is faster --------------------------------------------

# Other bytes are recorded at step 3 while the run is at step 2: whoever comes
# second stops, and records nothing after it.
foreach my $drive (all_drives())
{
	my $id = "a race, $drive";

	$node->safe_psql('postgres', q{
		CREATE FUNCTION win() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF new.function_id = 2 AND octet_length(new.output) = 10 THEN
				INSERT INTO dbos_payload.operation_outputs VALUES (new.workflow_uuid, 3, 'size_step', 'theirs', NULL, 1, 1);
			END IF;
			RETURN new;
		END $$;
		CREATE TRIGGER win BEFORE INSERT ON dbos_payload.operation_outputs FOR EACH ROW EXECUTE FUNCTION win()});
	my ($exit, $out, $err) = resume($id, '--origin', 'client', '--drive', $drive);
	$node->safe_psql('postgres', 'DROP FUNCTION win() CASCADE');
	is($exit, 2, "$id: exit status 2");
	like($err, qr/step 3 failed: .*(somebody else runs this workflow too|recorded with another output)/, "$id: says so");
	is(recorded($id), '3 17 PENDING 0', "$id: stops at the first conflict");
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
	ok($exits[1] == 0 || grep({ $_->[0] == $exits[1] && $_->[2] =~ /error: .*(SUCCESS|ended)/s } @ends),
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
