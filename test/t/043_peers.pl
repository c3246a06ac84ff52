# The comparison with DBOS's SDKs: what its scripts do without a tool chain, the
# tables of a recorded folder, and the ports where they are installed.

use strict;
use warnings;
use utf8;

use ClientTest;
use DbosPayload;
use Encode qw(decode);
use File::Find;
use File::Path;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $project = project_dir();
my $peers = "$project/client/peers";
my $folder = PostgreSQL::Test::Utils::tempdir();
my ($exit, $out, $err);

sub write_file
{
	my ($path, @lines) = @_;

	open my $file, '>', $path or die "$path: $!";
	print $file map { "$_\n" } @lines;
	close $file or die "$path: $!";
	return;
}

# --- settings -----------------------------------------------------------

foreach my $case (
	[ 'a peer that there is not', { PEERS => 'python:bytes cobol:comp' }, qr/no peer "cobol:comp"/ ],
	[ 'a variant that there is not', { PEERS => 'go:buffer' }, qr/no peer "go:buffer"/ ],
	[ 'a time that is none', { RTT => 'far' }, qr/RTT is a list of times in ms .*not "far"/ ],
	[ 'a number that is none', { ROUNDS => 'six' }, qr/ROUNDS is a number from 1 on, not "six"/ ],
	[ 'too few', { N => 1 }, qr/N is a number from 2 on, not "1"/ ])
{
	my ($name, $env, $message) = @$case;

	($exit, $out, $err) = run_program({ env => $env }, "$peers/measure");
	is($exit, 1, "measure: $name: exit status");
	like($err, $message, '... it is said what is wrong');
	unlike($err, qr/Installing/, '... before anything is installed');
}

# --- tool chains --------------------------------------------------------

# a PATH of the programs that the scripts use themselves
mkdir "$folder/bin";
foreach my $program (qw(bash sh sed sort head tail cut dirname basename cat env grep id))
{
	my ($path) = grep { -x } map { "$_/$program" } split /:/, $ENV{PATH};

	symlink $path, "$folder/bin/$program" or die "$program: $!";
}
my %bare = (env => { PATH => "$folder/bin" });

($exit, $out, $err) = run_program(\%bare, "$peers/install");
is($exit, 0, 'install without a tool chain: exit status');
is($out, '', '... nothing is there');
is($err,
	"python is left out: there is no python3.\ntypescript is left out: there is no node.\n"
	  . "go is left out: there is no go.\njava is left out: there is no javac.\n",
	'... and each is left out with a sentence');

write_file("$folder/bin/go", '#!/bin/bash', 'echo go1.4.3');
write_file("$folder/bin/node", '#!/bin/bash', 'echo v20.11.1');
write_file("$folder/bin/javac", '#!/bin/bash', 'echo javac 11.0.2');
chmod 0755, map { "$folder/bin/$_" } qw(go node javac);
($exit, $out, $err) = run_program(\%bare, "$peers/install", qw(typescript go java));
is($out, '', 'old tool chains: nothing is there');
like($err, qr/^typescript is left out: there is no npm\.$/m, '... a part is missing');
like($err, qr/^go is left out: it takes Go [\d.]+ or newer, and this is 1\.4\.3\.$/m, '... too old');
like($err, qr/^java is left out: it takes Java 17 or newer, and this is 11\.0\.2\.$/m, '... likewise');

($exit, $out, $err) = run_program("$peers/install", 'cobol');
is($exit, 1, 'install: a peer that there is not');
like($err, qr/no peer "cobol"; there are python, typescript, go and java/, '... it is said which there are');

($exit, $out, $err) = run_program({ env => { PEERS_BUILD => $folder } }, "$peers/run", qw(go portable measure));
is($exit, 1, 'run: a port that is not installed');
like($err, qr{go is not installed: client/peers/install go}, '... it is said how to install it');

# --- versions -----------------------------------------------------------

{
	my @lines = grep { !/^\s*#/ } split /\n/, slurp_file("$peers/python/requirements.txt");
	my $lock = decode_json(slurp_file("$peers/typescript/package-lock.json"));
	my $pom = slurp_file("$peers/java/pom.xml");

	is_deeply([ grep { !/^[\w.-]+==[\w.]+$/ } @lines ], [], 'Python: one version each');
	is_deeply([ grep { !/^$/ && !$lock->{packages}{$_}{integrity} } keys %{ $lock->{packages} } ], [], 'npm: each by its hash');
	is_deeply([ grep { exists $lock->{packages}{$_}{resolved} } keys %{ $lock->{packages} } ], [], '... and no address');
	is(() = $pom =~ /<(?:dependency|plugin)>/g, () = $pom =~ /<\/artifactId><version>[\w.-]+<\/version><\/(?:dependency|plugin)>/g,
		'Maven: one version each');

	my @addresses;
	find({ no_chdir => 1, wanted => sub {
		return unless -f;
		push @addresses, slurp_file($_) =~ m{(https?://[^\s"]*(?:registry|proxy|repo|\.tgz|\.whl|\.jar|\.zip)[^\s"]*)}g;
	} }, map { "$peers/$_" } qw(python typescript go java));
	is_deeply(\@addresses, [], 'no file names an address to download from');
}

# --- the tables of a recorded folder ------------------------------------

my @sizes = map { 10**$_ } 0 .. 6;
my $recorded = "$folder/recorded";

# a step of size I takes I + 1 ms; of which these are parts, in ms
my %part = (application_before => 0.1, application_between => 0.2, network => 0.3);

# record(RTT, ROUND, REAL): a round; REAL times the step is what the port measured
# without tracing.  A straggler in each must not be seen.
sub record
{
	my ($rtt, $round, $real) = @_;
	my $at = "$recorded/rtt-${rtt}ms/round-$round";
	my %line = (peer => 'python', sdk => 'dbos 1.2.3', variant => 'bytes', sizes => \@sizes);
	my @steps = map { $_ * $real } 1 .. 7;
	my @csv = 'step,workflow_id,function_id,engine,workflow,serialization,text_bytes,state,attempts,ended_ms,total_ns,'
	  . 'application_before_ns,application_between_ns,waiting_ns,sending_ns,trace_ns,network_ns,server_ns,check_ns,record_ns,'
	  . 'round_trips,statements,transactions,bytes_up,bytes_down';
	my $step = sub {
		my ($name, $workflow, $function, $ms) = @_;
		my %ns = map { $_ => 1e6 * $part{$_} } keys %part;

		$ns{trace} = 2e6;
		$ns{server} = 1e6 * $ms - $ns{application_before} - $ns{application_between} - $ns{network};
		push @csv, join ',', $name, $workflow, $function, 'DBOS', '"a ""named"", workflow"', 'py_pickle', 100, 'recorded', 0, 1,
		  1e6 * $ms + $ns{trace}, @ns{qw(application_before application_between)}, $ns{network} + $ns{server}, 0,
		  @ns{qw(trace network server)}, 0, 0, 10, 12, 3, 1000, 50;
	};

	mkpath($at);
	$line{seven_ms} = [ map { my $times = $_ == 5 ? 100 : 1; [ map { $_ * $times } @steps ] } 1 .. 5 ];
	$line{batch_ms} = [ map { [ $_ == 5 ? 800 : 8 * $real ] } 1 .. 5 ];
	$line{seven_call_ms} = [ (40) x 5 ];
	$line{batch_call_ms} = [ (10) x 5 ];
	write_file("$at/python-bytes.direct.json", encode_json(\%line));
	$line{seven_ms} = [ map { [ map { $_ + 2 } 1 .. 7 ] } 1 .. 5 ];
	$line{batch_ms} = [ ([10]) x 5 ];
	write_file("$at/python-bytes.traced.json", encode_json(\%line));

	# two of warm-up, which are not among the port's own
	foreach my $w (1 .. 7)
	{
		$step->('size_step', "seven-$w", $_, $w < 3 || $w == 5 ? 500 : $_) foreach reverse 1 .. 7;
		$step->('batch_size_step', "batch-$w", 1, $w < 3 ? 500 : 8);
	}
	write_file("$at/python-bytes.steps.csv", @csv);

	@csv = 'side,workflow,drive,origin,step,function_id,payload_bytes,block,iteration,state,round_trip_ns,encode_ns,turns';
	foreach my $i (0 .. 5)
	{
		my $state = $i == 3 ? 'failed' : 'measured';
		my $row = sub { push @csv, join ',', 1, @_[ 0, 1 ], 'client', @_[ 2 .. 4 ], 1, $i, $state, 1e6 * $_[5], 0, $_[6] };

		foreach my $k (0 .. 6)
		{
			$row->('size_workflow', 'calls', 'size_step', $k, $sizes[$k], ($k + 1) / 4, 1);
			$row->('size_workflow', 'dbos-python', 'size_step', $k, $sizes[$k], ($k + 1) * 0.75, 10);
		}
		$row->('size_workflow', $_, 'total', '', '', $_ eq 'pipeline' ? 1.25 : 7, 1) foreach qw(calls pipeline);
		$row->('batch_size_workflow', $_, 'batch_size_step', 0, 1111111, $_ eq 'calls' ? 2 : 6, 1) foreach qw(calls dbos-python);
	}
	write_file("$at/ours.samples.csv", @csv);

	# a quarter of what lies between the profile and ours is for round trips, half for the format
	write_file("$at/ours.json", encode_json({ profiles => [
		(map { { drive => 'dbos-python', workflow => 'size_workflow', step => $_,
			round_trips_ms => { value => ($_ + 1) / 8 }, format_ms => { value => ($_ + 1) / 4 } } } 0 .. 6),
		{ drive => 'dbos-python', workflow => 'batch_size_workflow', step => 0, round_trips_ms => { value => 1 }, format_ms => { value => 2 } } ] }));
	return;
}

sub table_of
{
	my @arguments = @_;

	($exit, $out, $err) = run_program("$peers/table.pl", @arguments);
	is($exit, 0, "table.pl @arguments[0 .. $#arguments - 1]: exit status") or diag($err);
	is($err, '', '... without a complaint');
	return decode('UTF-8', $out);
}

record(0, $_, $_ % 2 ? 0.99 : 1.01) foreach 1 .. 6;
record(10, $_, 2) foreach 1 .. 2;

my $text = table_of($recorded);

like($text, qr/^Python, bytes +1\.00 ± 0\.01 .* 28\.0 ± 0\.3 +8\.00 ± 0\.09$/m, 'what a step takes, with intervals of six rounds');
like($text, qr/^  its statements from C +0\.750 ± 0\.000 .* 21\.0 ± 0\.0 +6\.00 ± 0\.00$/m, '... its statements');
like($text, qr/^ours, calls +0\.250 ± 0\.000 .* 7\.00 ± 0\.00 +2\.00 ± 0\.00$/m, '... and ours');
like($text, qr/^ours, pipeline +– .* 1\.25 ± 0\.00 +–$/m, '... of which one has only a whole');
like($text, qr/^seven\n.*\n-.*\nPython, bytes +0\.700 ± 0\.000 +1\.40 ± 0\.00 +2\.10 ± 0\.00 +23\.8 ± 0\.0 +28\.0 ± 0\.0 +14\.0 ± 0\.0 +0\.000 ± 0\.000 +28\.0 ± 0\.3 +70 +7000$/m,
	'where it goes adds up, without what tracing adds, stragglers and the warm-up');
like($text, qr/ours, calls against Python, bytes, seven: 4\.00 ± 0\.0\d times \(at least 2\.5\): holds/, 'a promise that holds');
like($text, qr/^10 ms of round trip\n.*^Python, bytes +2\.00 .* 56\.0 +16\.0$/ms, 'another round-trip time, of too few rounds for intervals');
like($text, qr/ours, pipeline against Python, bytes, seven: 44\.8 times \(at least 20\): holds/, '... where sending at once counts');
like($text, qr/^seven\n.*\n-.*\nPython, bytes +28\.0 ± 0\.3 +7\.00 ± 0\.32 +2\.10 ± 0\.00 +21\.0 ± 0\.0 +3\.50 ± 0\.00 +7\.00 ± 0\.00 +3\.50 ± 0\.00 +7\.00 ± 0\.00$/m,
	'from a real SDK to ours adds up');
like($text, qr/^  Python, bytes: application \+ waiting \+ tracing = what it measured itself.*: 9 of 9$/m, 'a split that fits');
like($text, qr/^  Python, bytes: application \+ waiting = what it takes alone.*: 9 of 9$/m, '... likewise');
like($text, qr/^  Python, bytes: application \+ waiting = what it takes alone.*: 0 of 9; off at 1 B by -50\.0 %, /m, '... and one that does not is said');
like($text, qr/^SDKs: dbos 1\.2\.3\.$/m, 'versions');

my $page = table_of('--markdown', $recorded);

like($page, qr/^## Loopback$/m, 'for the documentation: headings');
like($page, qr/^\| Python, bytes +\| +1\.00 ± 0\.01 \|/m, '... and tables');

# the same figures as JSON, for a page
($exit, $out, $err) = run_program("$peers/json.pl", $recorded);
is($exit, 0, 'json.pl: exit status') or diag($err);
{
	my $json = decode_json($out);
	my ($near, $far) = @{ $json->{rtts} };
	my ($python, $statements, $calls) = @{ $near->{rows} };
	my ($seven) = grep { $json->{cells}[$_]{name} eq 'seven steps' } 0 .. $#{ $json->{cells} };
	my $parts = $python->{cells}[$seven]{parts};

	is_deeply([ map { $_->{kind} } @{ $near->{rows} } ], [qw(sdk statements ours ours)], '... rows of each kind');
	is(scalar @{ $_->{cells} }, scalar @{ $json->{cells} }, '... each with all cells') foreach @{ $near->{rows} };
	ok(close_to($python->{cells}[$seven]{time}{value}, 28) && $python->{cells}[$seven]{time}{low} < 28, '... what the seven take, with an interval');
	ok(close_to($statements->{cells}[$seven]{time}{value}, 21), '... their statements');
	ok(close_to($calls->{cells}[$seven]{time}{value}, 7), '... and ours');
	ok(close_to($parts->{application_before}{value} + $parts->{application_between}{value} + $parts->{network}{value} + $parts->{server}{value}, 28),
		'... and the parts add up');
	is($far->{rows}[0]{cells}[0]{time}{low}, undef, '... and no interval of two rounds');
	is_deeply($json->{sdks}, [ { language => 'Python', version => 'dbos 1.2.3' } ], '... and versions');
	write_file("$folder/peers.json", $out);
	($exit, undef, $err) = run_bench('report', "$folder/peers.json");
	is($exit, 1, 'report does not print it');
	like($err, qr/is the file of DBOS's SDKs beside ours, which stands on a page alone$/m, '... and says where it stands');
}

($exit, $out, $err) = run_program("$peers/table.pl", "$folder/nowhere");
isnt($exit, 0, 'a folder that is not there');
like($err, qr{nowhere: no such folder}, '... is said');

# the page is written between its marks, with its picture
SKIP:
{
	skip 'no gnuplot', 5 unless grep { -x "$_/gnuplot" } split /:/, $ENV{PATH};
	my $before = slurp_file("$project/docs/peers.md");
	my $without = sub { $_[0] =~ s/(<!-- from here on[^\n]*\n).*(<!-- end of)/$1$2/sr };

	mkpath("$folder/docs/img");
	write_file("$folder/docs/peers.md", $before =~ s/\n\z//r);
	($exit, $out, $err) = run_program("$peers/docs", $recorded, "$folder/docs");
	is($exit, 0, 'docs: exit status') or diag($err);
	like(decode('UTF-8', $out), qr/^\| ours, calls +\| +7\.00 ± 0\.00 \| +2\.00 ± 0\.00 \| +7\.00 \| +2\.00 \|$/m, '... the shortest form');
	my $after = slurp_file("$folder/docs/peers.md");

	is($without->($after), $without->($before), '... nothing else is changed');
	like($after, qr/^\| Python, bytes/m, '... and the tables are there');
	like(slurp_file("$folder/docs/img/peers-seven.png"), qr/^\x89PNG/, '... and the picture');
}

# --- the ports ----------------------------------------------------------

SKIP:
{
	my @installed = grep { -r "$ENV{PEERS_BUILD}/$_/installed" } $ENV{PEERS_BUILD} ? qw(python typescript go java) : ();

	skip 'DBOS\'s SDKs are not installed: "client/peers/install" does', 1 unless @installed;
	# a Python of root's own is not for the user that tests run as
	@installed = grep { $_ ne 'python' || -x "$ENV{PEERS_BUILD}/python/venv/bin/python" } @installed;

	my $node = new_node('peers', tcp => 1, extension => 0);
	my %variant = (python => 'bytes', typescript => 'base64', go => 'portable', java => 'bytes');

	foreach my $peer (@installed)
	{
		$node->safe_psql('postgres', "CREATE DATABASE peers_$peer");
		my %env = (PGHOST => '127.0.0.1', PGPORT => $node->port, PGUSER => $node->safe_psql('postgres', 'SELECT current_user'),
			PGDATABASE => "peers_$peer", PGPASSWORD => 'none', N => 2, WARMUP => 1, SIZES => '1,1000');

		($exit, $out, $err) = run_program({ env => \%env, timeout => 300 }, "$peers/run", $peer, $variant{$peer}, 'measure');
		is($exit, 0, "$peer: exit status") or diag($err);
		my ($line) = map { decode_json($_) } grep { /^\{/ } split /\n/, $out;

		is_deeply([ map { scalar @$_ } @{ $line->{seven_ms} } ], [ 2, 2 ], '... times of two workflows of two steps');
		is_deeply($line->{sizes}, [ 1, 1000 ], '... of the sizes that were asked for');
		is($node->safe_psql("peers_$peer", 'SELECT count(*) FROM dbos.operation_outputs'), 9, '... and the warm-up\'s are recorded too');

		# a thousand steps and more through trace, which misses none of them
		$node->safe_psql("peers_$peer", 'TRUNCATE dbos.workflow_status, dbos.operation_outputs CASCADE');
		my $samples = "$folder/$peer.csv";
		my $trace = start_bench('trace', '--listen', 0, '--samples', $samples, conninfo($node, host => '127.0.0.1', dbname => "peers_$peer"));

		wait_until { $trace->{run}->pump_nb; ${ $trace->{err} } =~ /\@127\.0\.0\.1:\d+/ || !$trace->{run}->pumpable } 20;
		my ($port) = ${ $trace->{err} } =~ /\@127\.0\.0\.1:(\d+)/;

		($exit, $out, $err) = run_program({ env => { %env, PGPORT => $port, N => 124, SIZES => '1,10,100,1000,1,10,100' }, timeout => 300 },
			"$peers/run", $peer, $variant{$peer}, 'measure');
		is($exit, 0, "$peer through trace: exit status") or diag($err);
		kill 'INT', $trace->{pid};
		finish_bench($trace);
		my @stored = split /\n/, $node->safe_psql("peers_$peer",
			q{SELECT workflow_uuid || ' ' || function_id || ' ' || octet_length(output) FROM dbos.operation_outputs ORDER BY 1});

		is(scalar @stored, 1000, '... so many steps');
		is(join("\n", sort map { "$_->{workflow_id} $_->{function_id} $_->{text_bytes}" } grep { $_->{state} eq 'recorded' } @{ read_csv($samples) }),
			join("\n", sort @stored), '... each seen, with its text');
		$node->safe_psql("peers_$peer", 'TRUNCATE dbos.workflow_status, dbos.operation_outputs CASCADE');

		($exit, $out, $err) = run_program({ env => { %env, N => 30 }, timeout => 300 }, "$peers/run", $peer, $variant{$peer}, 'fill');
		is($exit, 0, "$peer fills a database: exit status") or diag($err);
		is($node->safe_psql("peers_$peer", 'SELECT status, count(*) FROM dbos.workflow_status WHERE name = \'order\' GROUP BY 1 ORDER BY 1'),
			"ERROR|1\nSUCCESS|29", '... with workflows that failed');
		is($node->safe_psql("peers_$peer", 'SELECT count(*) FROM dbos.operation_outputs WHERE error IS NOT NULL'), 3, '... steps that did');
		is($node->safe_psql("peers_$peer", 'SELECT count(*) FROM dbos.workflow_status WHERE parent_workflow_id IS NOT NULL'), 3, '... and children');
	}
}

done_testing();
