# The part without C on distributed tables: its functions, purges at once, and a run.

use strict;
use warnings;

use CitusCluster;
use ClientTest;
use DbosPayload;
use Test::More;

my $cluster = CitusCluster->new(workers => 2);

$cluster->sql('DROP EXTENSION dbos_payload');
my ($exit, undef, $err) = run_bench($cluster->coordinator, 'init', '--portable');
is($exit, 0, 'init --portable') or diag($err);
$cluster->distribute;

# more calls than a session plans anew
my ($said, $errors) = $cluster->finish($cluster->begin(0, <<'END'));
SELECT dbos_payload.start_workflow('w' || i, 'test') FROM generate_series(1, 9) AS i;
SELECT dbos_payload.record_step('w' || i, 0, 'f', '\x00') FROM generate_series(1, 9) AS i;
SELECT dbos_payload.record_step('w1', 0, 'f', '\x00'), dbos_payload.record_step('w1', 0, 'f', '\x01');
SELECT outcome FROM dbos_payload.record_steps('w1', 1, '{f,f}', '{"\\x02","\\x03"}');
SELECT dbos_payload.step_output('w1', 2, 'f');
SELECT * FROM (SELECT function_id, function_name, output_bytes FROM dbos_payload.list_steps('w1')) AS s;
SELECT dbos_payload.finish_workflow('w1', 'SUCCESS'), dbos_payload.cancel_workflow('w2');
SELECT dbos_payload.record_step('w1', 9, 'f', '\x00');
SELECT pg_sleep(0.01);
CALL dbos_payload.purge('0 s', 1);
SELECT count(*), min(workflow_uuid) FROM dbos_payload.workflow_status;
SELECT count(*) FROM dbos_payload.operation_outputs;
END
is($said, 'PENDING
' x 9 . 'recorded
' x 9 . 'already_recorded|conflict
recorded
recorded
\x03
0|f|1
1|f|1
2|f|1
SUCCESS|CANCELLED

2
7|w3
7
', 'what the functions answer');
like($errors, qr/\AERROR: [^\n]*"w1"[^\n]*\n(?!.*ERROR:)/s, 'one is refused: a step after the end');

# --- purges at once -------------------------------------------------------------

$cluster->sql(<<'END');
SELECT dbos_payload.start_workflow('p' || i, 'test'), dbos_payload.record_step('p' || i, 0, 'f', '\x00'),
	dbos_payload.finish_workflow('p' || i, 'SUCCESS') FROM generate_series(1, 300) AS i;
END
my @purges = map { $cluster->begin(0, q{SELECT pg_sleep(0.01); CALL dbos_payload.purge('0 s', 20);}) } 1 .. 4;
my ($purged, $failed) = (0, '');
foreach my $purge (@purges)
{
	my ($out, $error) = $cluster->finish($purge);

	$purged += (split /\n/, $out)[-1];
	$failed .= $error;
}
is($failed, '', 'four purges at once: no error');
is($purged, 300, '... each workflow counted once');
is($cluster->sql('SELECT (SELECT count(*) FROM dbos_payload.workflow_status), (SELECT count(*) FROM dbos_payload.operation_outputs)'),
	'7|7', '... and gone with its steps');

# --- a run ----------------------------------------------------------------------

($exit, my $out, $err) = run_bench($cluster->coordinator, 'run', '--allow-unsafe', '--origin', 'client', '-n', 3, '--blocks', 2, '--sizes', '1,1000');
is($exit, 0, 'run') or diag($out, $err);
is($cluster->sql('SELECT count(*) FROM dbos_payload.workflow_status'), 7, '... leaves nothing');

done_testing();
