# Whole runs of the client with a server: the report, the three result files
# and how they agree, every protocol, format, drive and origin, seeds, sizes.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use IO::Socket::UNIX;
use List::Util qw(sum0);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', durable => 1, tcp => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my @times = qw(n first min p50 p90 p95 p99 max mean stddev ci_low ci_high);
my @parts = qw(encode network parse check generate store output commit decode unattributed);
my @cpu_phases = qw(check generate store output commit);
my @sizes = map { 10**$_ } 0 .. 6;
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

	ok($exit == 0 && $err eq '', "$name: succeeds") or diag("$exit\n$err");
	return (read_json($json), $out, $json);
}

# every object of times in a part of a result file, with the way to it
sub times_objects
{
	my ($value, $path) = @_;

	if (ref $value eq 'ARRAY')
	{
		return map { times_objects($value->[$_], "$path\[$_\]") } 0 .. $#$value;
	}
	return () unless ref $value eq 'HASH';
	return ([ $path, $value ]) if exists $value->{p50};
	return map { times_objects($value->{$_}, "$path.$_") } sort keys %$value;
}

# Is every statistic in its order, and null where there is nothing?
sub ordered_times
{
	my ($json, $name) = @_;
	my @objects = times_objects($json, '');
	my @wrong;

	foreach my $object (@objects)
	{
		my ($path, $t) = @$object;
		my @order = map { $t->{$_} } qw(min p50 p90 p95 p99 max);
		my $good = join(' ', sort keys %$t) eq join(' ', sort @times);

		if ($t->{n} == 0)
		{
			$good &&= !grep { defined $t->{$_} } grep { $_ ne 'n' && $_ ne 'first' } @times;
		}
		else
		{
			$good &&= !grep { !defined } @order, $t->{mean};
			$good &&= !grep { $order[ $_ - 1 ] > $order[$_] } 1 .. $#order;
			$good &&= $t->{mean} >= $t->{min} - 1e-9 && $t->{mean} <= $t->{max} + 1e-9;
			$good &&= defined $t->{stddev} == ($t->{n} > 1);
			$good &&= defined $t->{ci_low} == ($t->{n} >= 6) && defined $t->{ci_high} == ($t->{n} >= 6);
		}
		push @wrong, $path unless $good;
	}
	ok(@objects > 0 && !@wrong, "$name: min <= p50 <= p90 <= p95 <= p99 <= max, null where there is nothing")
	  or diag(join "\n", scalar @objects, @wrong);
	return;
}

# Are sizes and counts written as integers, and no number as something else?
sub plain_numbers
{
	my ($file, $name) = @_;
	my @wrong;

	foreach my $line (split /\n/, slurp_file($file))
	{
		push @wrong, $line if $line =~ /:\s*-?(nan|inf)/i;
		push @wrong, $line if $line =~ /:\s*-?\d+,\d+,?$/;
		next unless $line =~ /"(\w*_bytes|sent|received|n|failed|replayed|retried|iterations|function_id|wal_bytes|wal_records|wal_fpi|shared_blks_\w+|server_version_num|schema_version)": (.*?),?$/;
		push @wrong, $line unless $2 =~ /^(\d+|null|\{)$/;
	}
	ok(!@wrong, "$name: sizes and counts are integers, what is unknown is null") or diag(@wrong);
	return;
}

# recompute(SAMPLES, JSON, NAME): the statistics of a result file against the
# samples, worked out here
sub recompute
{
	my ($samples, $json, $csv, $name) = @_;
	my %values;
	my ($compared, @wrong) = (0);
	my %by_csv = map {
		(join('/', map { $_ // '' } @$_{qw(workflow drive origin step payload_bytes metric)}), $_)
	} @$csv;

	foreach my $sample (@$samples)
	{
		my $whose = join '/', map { $_ // '' } @$sample{qw(workflow drive origin step payload_bytes)};

		next if $sample->{failed} || $sample->{replayed} || $sample->{retried};
		foreach my $column (grep { /_ns$/ } keys %$sample)
		{
			my $metric = $column =~ s/_ns$//r;

			next unless defined $sample->{$column};
			if ($sample->{first}) { $values{"$whose/$metric"}{first} = $sample->{$column} }
			else { push @{ $values{"$whose/$metric"}{rest} }, $sample->{$column} }
		}
	}

	foreach my $workflow (@{ $json->{workflows} })
	{
		my $whose = "$workflow->{workflow}/$workflow->{drive}/$workflow->{origin}";
		my @all = (
			[ "$whose/total/", $workflow, $workflow->{total_ms} ],
			map { [ "$whose/$_->{step}/$_->{payload_bytes}", $_, $_->{round_trip_ms} ] }
			  @{ $workflow->{steps} });

		foreach my $one (@all)
		{
			my ($key, $object, $round_trip) = @$one;
			my %found = (round_trip => $round_trip, server_total => $object->{server_total_ms});

			$found{$_} = $object->{parts_ms}{$_} foreach @parts;
			$found{"${_}_cpu"} = $object->{server_cpu_ms}{$_} foreach @cpu_phases;
			foreach my $metric (sort keys %found)
			{
				my $mine = statistics($values{"$key/$metric"});
				my $csv_row = $by_csv{"$key/$metric"};

				foreach my $figure (keys %$mine)
				{
					$compared++;
					push @wrong, "$key/$metric $figure: JSON " . ($found{$metric}{$figure} // 'null')
					  . ', CSV ' . ($csv_row->{$figure} // 'empty') . ', samples ' . ($mine->{$figure} // 'none')
					  unless close_to($found{$metric}{$figure}, $mine->{$figure})
					  && close_to($csv_row->{$figure}, $mine->{$figure});
				}
			}
		}
	}
	ok($compared > 0 && !@wrong, "$name: JSON and CSV are the statistics of the samples ($compared figures)")
	  or diag(join "\n", $compared, @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ]);
	return;
}

sub statistics
{
	my ($values) = @_;
	my @sorted = sort { $a <=> $b } @{ $values->{rest} || [] };
	my $n = @sorted;
	my %result = map { ($_ => undef) } qw(first min p50 p90 p95 p99 max mean stddev);

	$result{n} = $n;
	$result{first} = $values->{first} / 1e6 if defined $values->{first};
	return \%result if $n == 0;
	@result{qw(min max mean)} = ($sorted[0] / 1e6, $sorted[-1] / 1e6, sum0(@sorted) / $n / 1e6);
	$result{"p$_"} = nearest_rank($_, @sorted) / 1e6 foreach (50, 90, 95, 99);
	$result{stddev} = sqrt(sum0(map { ($_ / 1e6 - $result{mean})**2 } @sorted) / ($n - 1)) if $n > 1;
	return \%result;
}

# --- the report, and a result file with everything in it ----------------

my $label = 'a "label", with a comma; é';
my ($exit, $out, $err, $json_file, $csv_file, $samples_file) =
  run('-n', 8, '--warmup', 1, '--seed', 42, '--label', $label);
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
	\@lines, 'one pair of workflows in the experiment\'s own lines, once');
is(() = $out =~ /^Workflow: Starting$/mg, 2, 'and no other one');

my $at = -1;
foreach my $heading (
	[ qr/^PostgreSQL|^Server|^Environment/m, 'the environment' ],
	[ qr/^Workflow: Starting$/m, 'the experiment\'s lines' ],
	[ qr/^Main: Workflow output: True$/m, 'their end' ],
	[ qr/^Round trip per step \(ms\): drive calls, origin server$/m, 'the table per size' ],
	[ qr/^Where the time goes: drive calls, origin server$/m, 'the split' ],
	[ qr/^The two approaches \(ms\): drive calls, origin server$/m, 'the two approaches' ])
{
	my ($pattern, $name) = @$heading;
	my $found = $out =~ $pattern ? $-[0] : -1;

	ok($found > $at, "the report goes on with $name");
	$at = $found;
}
like($out, qr/^\s*$_ .*\d/m, "the table has a line for $_") foreach ('1 B', '1 kB', '1 MB');
like($out, qr/What batching should have saved: \(7 - 1\) x floor [\d.]+ ms = [\d.]+ ms; what it did save: -?[\d.]+ ms/,
	'what batching should have saved, and what it did');
like($out, qr/^Ratio multiple \/ batched: [\d.]+ \(95 %: [\d.]+ to [\d.]+\): /m, 'the ratio with its interval');
like($out, qr/^1 kB is 1,000 bytes;/m, 'that sizes are decimal');
like($out, qr/iterations, after 1 of warm-up/, 'how many runs of warm-up there were');
like($out, qr/\bdelta\b/, 'the deltas from size to size');
unlike($out, qr/\bnan\b|\binf\b/i, 'no "nan" in the report');

is(jq($json_file, 'keys_unsorted|join(" ")') =~
	  /^schema_version tool started_at command environment parameters .*workflows comparison/ ? 1 : 0,
	1, 'JSON, read by jq: the fixed keys are there');
is(jq($json_file, '[.schema_version, .tool.name, (.tool.version|type), (.command|type)]|join(" ")'),
	'1 dbos_payload_bench string array', 'JSON: schema version, tool and command');
is(jq($json_file, '.environment|[.server_version_num, .extension_version, .libpq_version, .transport, .ssl, .rtt_ms, .settings, .host, .warnings]|map(type)|join(" ")'),
	'number string number string boolean number object object array', 'JSON: the environment\'s keys and their types');
is(jq($json_file, '.environment.settings|[has("fsync", "synchronous_commit", "wal_level", "shared_buffers", "block_size")]|all'),
	'true', 'JSON: the settings that matter');
is(jq($json_file, '[.environment.transport, .environment.ssl]|join(" ")'), 'unix false', 'JSON: transport and TLS');
is(jq($json_file, '.parameters|[.iterations, .warmup, .seed, .sizes[6], .protocol, .result_format]|join(" ")'),
	'8 1 42 1000000 extended binary', 'JSON: the options in effect');
is(jq($json_file, '.parameters.label'), $label, 'JSON: the label as it was given');
is(jq($json_file, '.started_at') =~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ ? 1 : 0, 1, 'JSON: when it started');
is(jq($json_file, '[.workflows[]|[.workflow, .drive, .origin, .iterations, .failed, .partial, (.steps|length)]|join(" ")]|join("\n")'),
	"size_workflow calls server 8 0 false 7\nbatch_size_workflow calls server 8 0 false 1", 'JSON: the two workflows');
is(jq($json_file, '[.workflows[].steps[]|[.step, .function_id, .payload_bytes, .failed]|join(" ")]|join("\n")'),
	join("\n", (map { 'size_step ' . ($_ + 1) . " $sizes[$_] 0" } 0 .. 6), 'batch_size_step 1 1111111 0'),
	'JSON: their steps');
is(jq($json_file, '[.workflows[].steps[].parts_ms|keys_unsorted|join(" ")]|unique|join("\n")'), "@parts", 'JSON: each step\'s parts');
is(jq($json_file, '[.workflows[].steps[].server_cpu_ms|keys_unsorted|join(" ")]|unique|join("\n")'), "@cpu_phases",
	'JSON: each step\'s CPU times');
is(jq($json_file, '[.workflows[].steps[]|.payload_bytes as $p|.wire_bytes.received > $p and .wire_bytes.sent > 50 and .wal_bytes > $p and .stored_bytes > $p]|all'),
	'true', 'JSON: more bytes on the wire, in the WAL and on disk than in the payload');
is(jq($json_file, '.comparison|[.multiple_ms, .batched_ms, .ratio, .ratio_ci[0], .ratio_ci[1], .predicted_ratio]|map(type)|unique|join(" ")'),
	'number', 'JSON: the comparison');
is(jq($json_file, '.comparison|(.ratio_ci[0] <= .ratio and .ratio <= .ratio_ci[1])'), 'true', 'JSON: the ratio lies in its interval');
is(jq($json_file, '.comparison|.multiple_ms / .batched_ms - .ratio|fabs < 1e-9'), 'true', 'JSON: the ratio is that of the medians');

my $json = read_json($json_file);
my $csv = read_csv($csv_file);
my $samples = read_csv($samples_file);
ordered_times($json, 'a whole run');
plain_numbers($json_file, 'a whole run');
recompute($samples, $json, $csv, 'a whole run');
is(scalar(grep { $_->{first} && $_->{workflow} ne 'arm' } @$samples), 10, 'samples: the first call of each step and workflow');
is(scalar(grep { !$_->{first} && $_->{workflow} ne 'arm' } @$samples), 8 * 10, 'samples: all measured calls');
is(join("\n", map { "$_->{metric} " . ($_->{unit} // '') } grep { ($_->{unit} // '') !~ /^(ms|bytes|blocks|records|images)$/ } @$csv), '', 'CSV: every line has its unit');
{
	my @volumes = grep { $_->{metric} eq 'wal_bytes' && $_->{step} eq 'size_step' } @$csv;

	is_deeply([ map { $_->{p50} } @volumes ], [ map { $_->{wal_bytes} } @{ $json->{workflows}[0]{steps} } ],
		'CSV: the same WAL bytes as in the JSON');
}

# The parts of one call are all of it.
{
	my @wrong;

	foreach my $sample (grep { $_->{step} =~ /size_step/ && !$_->{first} } @$samples)
	{
		my $sum = sum0(map { $sample->{"${_}_ns"} // 0 } @parts);

		push @wrong, "$sample->{payload_bytes}: $sum of $sample->{round_trip_ns}"
		  if $sum != $sample->{round_trip_ns} && abs($sum - $sample->{round_trip_ns}) > 20;
	}
	ok(!@wrong, 'samples: the parts of each call add up to its round trip') or diag(join "\n", @wrong);
}

is($node->safe_psql('postgres', 'SELECT count(*) FROM dbos_payload.workflow_status'), '0',
	'a run takes its own rows away');

# --- few iterations, and warm-up ----------------------------------------

foreach my $n (1, 2, 3)
{
	my ($result, $report, $file) = ran("$n iterations", '-n', $n, '--warmup', $n - 1, '--sizes', '1,100', '--no-arms');

	ordered_times($result, "$n iterations");
	plain_numbers($file, "$n iterations");
	is(join(' ', map { $_->{total_ms}{n} } @{ $result->{workflows} }), "$n $n", "$n iterations: n");
	is_deeply($result->{comparison}{ratio_ci}, [ undef, undef ], "$n iterations: no interval of the ratio");
	unlike($report, qr/\bnan\b|\binf\b/i, "$n iterations: no \"nan\" in the report");
	like($report, qr/too few iterations to say more/, "$n iterations: the report says that they are too few");
}
{
	my ($result) = ran('-T 1', '-T', 1, '--sizes', '1', '--warmup', 0, '--no-arms');
	my $n = $result->{workflows}[0]{iterations};

	ok($n > 1 && $n == $result->{workflows}[1]{iterations} && !$result->{workflows}[0]{partial},
		"-T ends a run after its time, and it is whole ($n iterations)");
}
{
	my (undef, undef, $err) = run('-n', 100000, '-T', 2, '-P', 1, '--sizes', 1, '--no-arms');

	like($err, qr{^measuring: iteration \d+/100000, \d+ s left$}m, '-P prints a line with the time left');
}

# --- sizes --------------------------------------------------------------

{
	my ($result, $report) = ran('--sizes 0', '-n', 2, '--sizes', '0', '--no-arms');

	is(jq("$dir/$files.json", '[.workflows[].steps[]|[.step, .payload_bytes]|join(" ")]|join("\n")'),
		"size_step 0\nbatch_size_step 0", '--sizes 0: empty payloads');
	like($report, qr/^Step: Size step with payload size 0 bytes$/m, '--sizes 0: the experiment\'s line');
	ordered_times($result, '--sizes 0');
}
{
	my ($result) = ran('odd sizes', '-n', 2, '--sizes', '7,0,1 kB,1KiB,1999,65537,7', '--origin', 'all');

	is_deeply([ map { $_->{payload_bytes} } @{ $result->{workflows}[0]{steps} } ],
		[ 7, 0, 1000, 1024, 1999, 65537, 7 ], 'odd sizes: in the order given, decimal and binary units apart');
	is($result->{workflows}[1]{steps}[0]{payload_bytes}, 69574, 'odd sizes: the batch is their sum');
	is_deeply([ map { $_->{step} } @{ $result->{workflows}[0]{steps} } ],
		[ ('size_step') x 7 ],
		'odd sizes: the steps have one name');
}

# --- every protocol with every format, every drive with every origin ----

foreach my $how (
	[ 'simple', 'text', 'calls,procedure' ],
	[ 'extended', 'text', 'all' ],
	[ 'extended', 'binary', 'all' ],
	[ 'prepared', 'text', 'all' ],
	[ 'prepared', 'binary', 'all' ])
{
	my ($protocol, $format, $drives) = @$how;
	my $name = "$protocol, $format";
	my ($result, $report, $file) = ran($name, '-n', 2, '--warmup', 1, '--seed', 7, '--sizes', '0,1,10,5000,100000',
		'-M', $protocol, '--result-format', $format, '--drive', $drives, '--origin', 'all', '--no-arms');
	my @drives = $drives eq 'all' ? all_drives() : split /,/, $drives;

	is_deeply(
		[ map { "$_->{workflow} $_->{drive} $_->{origin} $_->{iterations} $_->{failed}" } @{ $result->{workflows} } ],
		[ map { my $drive = $_; map { my $origin = $_; map { "$_ $drive $origin 2 0" } qw(size_workflow batch_size_workflow) } qw(server client) } @drives ],
		"$name: both workflows by every drive and origin");
	ordered_times($result, $name);
	plain_numbers($file, $name);
	recompute(read_csv("$dir/$files.samples.csv"), $result, read_csv("$dir/$files.csv"), $name);

	# a payload that the server sends back as hex is twice as long
	my ($step) = grep { $_->{payload_bytes} == 100000 } @{ $result->{workflows}[0]{steps} };
	my ($client) = grep { $_->{drive} eq 'calls' && $_->{origin} eq 'client' } @{ $result->{workflows} };
	my $factor = $format eq 'text' ? 2 : 1;
	ok(abs($step->{wire_bytes}{received} - 100000 * $factor) < 1000, "$name: bytes received");
	ok(abs($client->{steps}[4]{wire_bytes}{sent} - 100000 * $factor) < 1000, "$name: bytes sent");
}

# --- seeds --------------------------------------------------------------

# Kept under an id, so that the rows stay to be looked at.
foreach my $origin ('server', 'client')
{
	foreach my $drive (all_drives())
	{
		my $id = "seeded by $origin, $drive";

		ran($id, '--workflow-id', $id, '--seed', -5, '--compressible', 30, '--origin', $origin,
			'--drive', $drive, '--sizes', '1,1000,0,100001');
		is($node->safe_psql('postgres',
				'SELECT string_agg((o.output = dbos_payload.random_payload(octet_length(o.output), -5 + o.function_id - 1, 30))::text, \' \')'
				. " FROM dbos_payload.operation_outputs AS o WHERE o.workflow_uuid = '$id'"),
			'true true true true', "$id: step i holds the bytes of random_payload with seed + i - 1");
	}
}
is($node->safe_psql('postgres', 'SELECT count(DISTINCT output) FROM dbos_payload.operation_outputs'), '4',
	'the same bytes whoever made them');
is($node->safe_psql('postgres', 'SELECT count(DISTINCT status) || max(status) FROM dbos_payload.workflow_status'), '1SUCCESS',
	'and the workflows have succeeded');
$node->safe_psql('postgres', 'DELETE FROM dbos_payload.operation_outputs; DELETE FROM dbos_payload.workflow_status');

# --- a locale with a decimal comma --------------------------------------

SKIP:
{
	my $locales = "$dir/locales";
	my ($status) = do {
		mkdir $locales;
		run_program('localedef', '-i', 'de_DE', '-f', 'UTF-8', "$locales/de_DE.UTF-8");
	};
	skip('localedef cannot make de_DE.UTF-8', 4) unless -d "$locales/de_DE.UTF-8";

	my %german = (LOCPATH => $locales, LC_ALL => 'de_DE.UTF-8', LANG => 'de_DE.UTF-8');
	my ($comma) = (run_program({ env => \%german }, 'printf', '%.1f', '1,5'))[1];
	is($comma, '1,5', 'the German locale is in effect');

	my @result_files = map { "$dir/german.$_" } qw(json csv samples.csv);
	my ($exit, $out, $err) = run_bench($node, { env => \%german }, 'run', '-n', 3, '--sizes', '1,1000',
		'--assume-rtt', '0.5ms', '--json', $result_files[0], '--csv', $result_files[1], '--samples', $result_files[2]);
	is($exit, 0, 'German locale: the run succeeds, 0.5ms is read') or diag($err);
	is(jq($result_files[0], '[.parameters.assume_rtt_ms, (.workflows[0].total_ms.p50|type)]|join(" ")'), '0.5 number',
		'German locale: the JSON has decimal points');
	my $result = read_json($result_files[0]);
	recompute(read_csv($result_files[2]), $result, read_csv($result_files[1]), 'German locale');
	unlike($out, qr/\d,\d+ ms/, 'German locale: decimal points in the report too');
}

# --- a clock that is set, or runs wrong ---------------------------------

SKIP:
{
	my $wrong = (run_program({ env => { FAKETIME => '-1h x1000' } }, 'faketime', '-f', '-1h x1000', 'date', '+%s'))[1];
	skip('there is no faketime that works here', 2)
	  unless $wrong =~ /^\d+$/ && $wrong < time - 1800;

	my ($exit, $out, $err) = run_program(
		{ env => { FAKETIME_DONT_FAKE_MONOTONIC => 1, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres' } },
		'faketime', '-f', '-1h x1000', $ENV{BENCH}, 'run', '-n', 3, '--sizes', '1,1000', '--no-arms', '--json', "$dir/clock.json");
	is($exit, 0, 'a wall clock an hour behind that runs a thousand times too fast: the run succeeds') or diag($err);
	is(jq("$dir/clock.json", '[.workflows[].steps[]|.round_trip_ms.p50 < 100 * .server_total_ms.p50 and .round_trip_ms.min > 0]|all'),
		'true', 'a wall clock that runs too fast: no time is taken from it');
}

# --- a result on standard output, and by TCP ----------------------------

{
	my ($exit, $out, $err) = run_bench($node, 'run', '-n', 1, '--sizes', 1, '--no-arms', '--csv', '/dev/stdout',
		conninfo($node, host => '127.0.0.1'));

	ok($exit == 0 && $out =~ /^workflow,drive,origin,step,.*^size_workflow,calls,server,total,/ms,
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

	$bench = start_bench($node, 'run', '-n', 10);
	my $peak = peak_kb($bench, sub { !$bench->{run}->pumpable });
	my ($exit) = finish_bench($bench);
	ok($exit == 0 && $start > 0 && $peak > $start && $peak - $start <= 15625,
		"the default sizes need less than 16 MB above the client's start ($peak kB, $start kB at its start)");
}

done_testing();
