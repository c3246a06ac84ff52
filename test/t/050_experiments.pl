# Experiments: each answers, saves what report prints again, draws, and leaves
# nothing behind, whatever happens to it; its bytes are the server's own.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use ExperimentTables;
use File::Basename;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $node = new_node('main', durable => 1);
my $dir = PostgreSQL::Test::Utils::tempdir();
my $source = project_dir();
my @names = slurp_file("$source/client/experiment/registry.c") =~ /&experiment_(\w+)/g;

# schemas(): those that experiments have made, one a line
sub schemas
{
	return $node->safe_psql('postgres', q{SELECT nspname FROM pg_namespace WHERE nspname ~ '^dbos_bench'});
}

# others(): everything in the database that is not of an experiment's schema, with its rows
sub others
{
	return $node->safe_psql('postgres', q{
		SELECT count(*), sum(c.oid::bigint), (SELECT count(*) FROM dbos_payload.workflow_status), (SELECT count(*) FROM dbos_payload.operation_outputs)
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname !~ '^dbos_bench' AND n.nspname !~ '^pg_toast'});
}

# experiment(NAME, ARGUMENT...): makes one; its result, exit status, and what was said
sub experiment
{
	my ($name, @arguments) = @_;
	my $json = "$dir/$name.json";

	unlink $json;
	my ($exit, $out, $err) = run_bench($node, 'experiment', $name, '--json', $json, @arguments);
	my $file = -e $json ? read_json($json) : undef;
	return ($file ? $file->{experiments}[0] : undef, $exit, $out, $err);
}

# --- what there is --------------------------------------------------------

{
	my (undef, $help) = run_bench('experiment', '--help');
	my $paper = slurp_file("$source/docs/experiments.md");

	cmp_ok(scalar @names, '>=', 2, 'there are experiments');
	like($help, qr/^  \Q$_\E +\S/m, "--help has $_") foreach @names;
	like($paper, qr/^## \u$_$/m, "docs/experiments.md has a section on $_") foreach @names;
}
like((run_bench('experiment'))[2], qr/error: experiment needs a name: .*compression.* or all\n/, 'without a name');
like((run_bench('experiment', 'compresion'))[2], qr/error: there is no experiment of that name.*compression/, 'with another name');

like((run_bench('experiment', 'serialization', '--payload', 'x'))[2], qr/error: --payload does nothing in the experiment serialization/, 'an option that it does not heed');

# where a text stands in a picture, in pixels from its top
sub height_of
{
	my ($svg, $text) = @_;
	my ($y) = $svg =~ m{translate\([\d.]+,([\d.]+)\)"[^>]*>\s*<text>\s*(?:<tspan[^>]*>)?\Q$text\E\s*</};

	return $y;
}

# --- each: an answer, a file, pictures, and nothing left behind -----------

$node->safe_psql('postgres', q{SELECT dbos_payload.start_workflow('mine', 'mine')});
my $before = others();
my %quick = (compression => [ '--sizes', '100,3000' ], serialization => [ '--sizes', '0,300' ],
	concurrency => [ '--sizes', '1', '--clients', '2' ], storage => [ '--sizes', 100 ], growth => [ '--to', 10000 ],
	streaming => [ '--sizes', '1MB' ],
	budget => [ '--drive', 'calls', '--sizes', '20000', '--budget', '1s' ], memory => [ '--drive', 'calls', '--sizes', '100kB,1MB' ]);

foreach my $name (grep { $quick{$_} } @names)
{
	my ($result, $exit, $out, $err) = experiment($name, '--quick', '-T', 2, '--plot', "$dir/$name", @{ $quick{$name} });

	is($exit, 0, "$name: exit status 0") or diag($out, $err);
	like($err, qr/hint: everything is written into the schema dbos_bench_[0-9a-f]{16}_lab, which is dropped at the end/, "$name: says beforehand what it does");
	ok(!$result->{partial} && @{ $result->{conclusions} } && @{ $result->{tables} }, "$name: there is a conclusion and a table");
	is((run_bench('report', "$dir/$name.json"))[1], $out, "$name: report prints the same");
	my (undef, $full) = run_bench('report', '--full', "$dir/$name.json");
	like($full, qr/\Q$_->{title}\E\n=+\n/, "$name: report --full has the table $_->{name}") foreach @{ $result->{tables} };
	cmp_ok((sort { $b <=> $a } map { length } split /\n/, $out)[0], '<=', 100, "$name: it fits 100 columns");
	my @drawn = glob "$dir/$name/$name-*.png";
	is(scalar @drawn, scalar @{ $result->{plots} }, "$name: every plot is drawn");
	unlike($err, qr/^(?!dbos_payload_bench: )/m, "$name: gnuplot has nothing to warn of");
	foreach my $lines (grep { slurp_file($_) =~ /'series\.gp'/ } glob "$dir/$name/$name-*.gnuplot")
	{
		my ($axis, $legend) = map { slurp_file($lines) =~ /^\Q$_\E = '(.*)'$/m; $1 =~ s/''/'/gr } 'x_text', 'titles[1]';
		my $svg = slurp_file($lines =~ s/gnuplot$/svg/r);

		# a line of text takes 17 pixels
		cmp_ok(height_of($svg, $legend) - height_of($svg, $axis), '>', 17, basename($lines) . ': its legend is below the axis\'s title');
	}
	is(schemas(), '', "$name: its schema is gone");
	is(others(), $before, "$name: and nothing else has changed");
}

# --- compression: bytes are the server's, parts are the whole -------------

{
	my $payload = join '', map { sprintf '{"order":%d,"state":"paid","total":%d.50},', $_, $_ * 37 % 1000 } 1 .. 200;

	append_to_file("$dir/payload", $payload);
	my ($result, $exit, undef, $err) = experiment('compression', '-T', 2, '--sizes', 3000, '--payload', "$dir/payload");
	is($exit, 0, 'compression of a file: exit status 0') or diag($err);
	my %file = map { ($_->{who} => $_) } grep { $_->{case} =~ /^the file/ } table_of($result, 'cells');

	# the same rows, made by hand
	my %columns = (EXTERNAL => ['EXTERNAL'], pglz => [ 'EXTENDED', 'pglz' ], 'TOAST lz4' => [ 'EXTENDED', 'lz4' ]);
	foreach my $who (sort grep { $file{$_} } keys %columns)
	{
		my ($storage, $compression) = @{ $columns{$who} };
		my $set = !defined $compression || server_major() < 14 ? '' : "ALTER TABLE same ALTER output SET COMPRESSION $compression;";
		my $sizes = $node->safe_psql('postgres', qq{
			CREATE TABLE same (workflow_uuid text, function_id int4, function_name text, output bytea, PRIMARY KEY (workflow_uuid, function_id));
			ALTER TABLE same ALTER output SET STORAGE $storage; $set
			INSERT INTO same SELECT 'workflow', i, 'step', pg_read_binary_file('$dir/payload') FROM generate_series(1, 3) AS i;
			SELECT pg_column_size(output), pg_relation_size('same'), (SELECT pg_total_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'same'::regclass) FROM same LIMIT 1});

		is("$file{$who}{stored}|$file{$who}{heap}|$file{$who}{toast}", $sizes, "$who: stored bytes and relations are those of the same rows made by hand");
		$node->safe_psql('postgres', 'DROP TABLE same');
	}
	cmp_ok($file{pglz}{stored}, '<', length($payload) / 2, 'text gets smaller');
	cmp_ok($file{'client zstd'}{wire}, '<', $file{EXTERNAL}{wire} / 2, 'and what the client compresses, on the wire too');
	cmp_ok($file{pglz}{wire}, '==', $file{EXTERNAL}{wire}, 'while TOAST changes nothing there');
	cmp_ok($file{EXTERNAL}{wal}, '>', length $payload, 'WAL has all of what is not compressed');
	cmp_ok($file{'client zstd'}{wal}, '<', $file{EXTERNAL}{wal}, 'and less of what is');
	foreach my $row (table_of($result, 'cells'))
	{
		my $sum = $row->{compress} + $row->{send} + $row->{store} + $row->{rest};

		ok(abs($row->{write} - $sum) < 1e-6 * $sum && abs($row->{read} - $row->{fetch} - $row->{decompress}) < 1e-6 * $row->{read},
			"$row->{case}, $row->{who}: the parts are the whole");
	}
	is((grep { $_->{compress_speed} } values %file), 2, 'two compressors have a speed');
}
{
	open my $large, '>', "$dir/large" or die;
	truncate $large, 100_000_001;
	close $large;
	append_to_file("$dir/empty", '');
	foreach my $bad ([ "$dir/none", 'could not open it' ], [ "$dir/empty", 'it is empty' ], [ "$dir/large", 'more than 100000000 bytes' ], [ $dir, 'could not read it' ])
	{
		my ($result, $exit, undef, $err) = experiment('compression', '--payload', $bad->[0]);

		is($exit, 1, "--payload $bad->[0]: exit status 1");
		like($err, qr/error: --payload "\Q$bad->[0]\E": .*$bad->[1]/, 'and why');
		ok(!$result, 'and no file');
	}
	is((experiment('compression', '--sizes', 0))[1], 1, 'nothing cannot be compressed');
	is(schemas(), '', 'nothing is left of these');
}

# --- serialization: lengths are those of the formats ----------------------

{
	my ($result) = experiment('serialization', '--quick', '-T', 3, '--sizes', '0,1,2,3,1000');
	my %bytes;

	$bytes{"$_->{content} $_->{size} $_->{format} $_->{column}"} = $_ foreach table_of($result, 'bytes');
	is(scalar keys %bytes, 3 * 5 * 11, 'every content and size is there in every way');
	is((grep { !defined $_->{stored} } values %bytes), 0, 'and was verified and measured');
	foreach my $size (0, 1, 2, 3, 1000)
	{
		foreach my $column ('text', 'bytea')
		{
			is($bytes{"random $size hex $column"}{length}, 2 * $size, "$size bytes, hex in $column: twice as long");
			is($bytes{"random $size base64 $column"}{length}, 4 * int(($size + 2) / 3), "$size bytes, base64 in $column: four for three");
		}
		is($bytes{"random $size raw bytea"}{length}, $size, "$size bytes, raw: as they are");
	}
	is($bytes{"all 0xFF 1000 JSON numbers text"}{length} - $bytes{"all zero 1000 JSON numbers text"}{length}, 2000, 'numbers of three digits for those of one');
	cmp_ok((grep { $_->{name} eq 'verified' } @{ $result->{conditions} })[0]{value}, '>=', 165, 'as many came back as were written');
	foreach my $row (grep { defined $_->{write} } table_of($result, 'cells'))
	{
		my $sum = $row->{encode} + $row->{send} + $row->{store} + $row->{rest};

		ok(abs($row->{write} - $sum) < 1e-6 * $sum && abs($row->{read} - $row->{fetch} - $row->{decode}) < 1e-6 * $row->{read},
			"$row->{case}, $row->{way}: the parts are the whole");
	}
}

# --- all, stopped early ----------------------------------------------------

{
	my $bench = start_bench($node, 'experiment', 'all', '--quick', '--json', "$dir/all.json", '--progress', 1);

	server_says($node, q{SELECT count(*) = 1 FROM pg_namespace AS n JOIN pg_class AS c ON c.relnamespace = n.oid WHERE nspname ~ '^dbos_bench' AND relname = 'way_1'});
	sleep 4;
	kill 'INT', $bench->{pid};
	my ($exit, $out, $err) = finish_bench($bench);
	my $file = read_json("$dir/all.json");

	is($exit, 130, 'interrupted: exit status 130');
	like($err, qr/compression, 1 of (\d+): (?:bytes|warm-up|measuring), \d+ %, (\d+) s left of all\n/, 'it told how far it was');
	my ($of, @left) = $err =~ /compression, 1 of (\d+): .* (\d+) s left of all\n/;

	cmp_ok($left[0], '>', 10 * ($of - 1), '... and the time that is left is of all that are to come');
	like($err, qr/warning: interrupted/, 'and that it was interrupted');
	is(scalar @{ $file->{experiments} }, 1, 'what there is was saved');
	ok($file->{experiments}[0]{partial}, 'marked as partial');
	like($out, qr/stopped before its end/, 'and printed as such');
	is(schemas(), '', 'its schema is gone');
}

# --- stopped before it has compared anything, in the middle of a statement ---------

{
	my $bench = start_bench($node, 'experiment', 'compression', '--quick');

	server_says($node, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench' AND state = 'active' AND query ~ 'INSERT|SELECT output|CHECKPOINT'});
	kill 'INT', $bench->{pid};
	my ($exit, undef, $err) = finish_bench($bench);

	is($exit, 130, 'interrupted while it counts bytes: exit status 130') or diag($err);
	is(schemas(), '', '... and its schema is gone');
}

# --- stopped early, whichever it is: no verdict without figures --------------------

foreach my $name (grep { $quick{$_} } @names)
{
	foreach my $seconds (0, 0.3, 1)
	{
		my $json = "$dir/stopped.json";
		unlink $json;
		my $bench = start_bench($node, 'experiment', $name, '--quick', '--json', $json);

		server_says($node, q{SELECT count(*) > 0 FROM pg_namespace WHERE nspname ~ '^dbos_bench'});
		sleep $seconds;
		kill 'INT', $bench->{pid};
		my ($exit, $out, $err) = finish_bench($bench);
		my $when = "$name, stopped after $seconds s";
		my ($result) = @{ read_json($json)->{experiments} };

		is($exit, 130, "$when: exit status 130") or diag($err);
		unlike($out . slurp_file($json), qr/\b(?:nan|inf)\b/i, "$when: no figure that is none");
		unlike("@{ $result->{conclusions} }", qr{\bn/a\b}, "$when: nor a verdict on one");
		is((grep { !($_->{total} > 0) } map { @{ $_->{rows} } ? table_of($result, $_->{name}) : () } grep { $name eq 'storage' && $_->{name} eq 'sizes' } @{ $result->{tables} }), 0, "$when: nor files of no bytes");
		ok(@{ $result->{conclusions} } > 0, "$when: it says what it found, or that it is nothing");
		like("@{ $result->{conclusions} }", qr/^Nothing was measured: it was stopped before\.$/, "$when: where there is no table, that nothing was measured")
		  if !grep { @{ $_->{rows} } } @{ $result->{tables} };
	}
}
is(schemas(), '', 'stopped early they leave nothing behind');

# --- killed: clean takes away what it left --------------------------------

{
	my $bench = start_bench($node, 'experiment', 'serialization');

	server_says($node, q{SELECT count(*) > 0 FROM pg_namespace WHERE nspname ~ '^dbos_bench'});
	run_bench($node, 'clean');
	isnt(schemas(), '', 'clean leaves what is under way alone');
	kill 'KILL', $bench->{pid};
	eval { finish_bench($bench) };
	server_says($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'dbos_payload_bench'});
	isnt(schemas(), '', 'a killed experiment leaves its schema');
	is((run_bench($node, 'clean'))[0], 0, 'clean');
	is(schemas(), '', 'takes it away');
}

# --- who may not, and where it cannot be ----------------------------------

{
	$node->safe_psql('postgres', 'CREATE ROLE guest LOGIN');
	my ($exit, undef, $err) = run_bench($node, 'experiment', 'compression', 'dbname=postgres user=guest');

	is($exit, 1, 'without CREATE: exit status 1');
	like($err, qr/hint: GRANT CREATE ON DATABASE postgres TO guest/, 'and what to do');
	$node->safe_psql('postgres', 'GRANT CREATE ON DATABASE postgres TO guest');
	($exit, undef, $err) = run_bench($node, 'experiment', 'serialization', '-T', 1, '--sizes', 10, 'dbname=postgres user=guest');
	is($exit, 0, 'and with it, without any other privilege, it works') or diag($err);
	$node->safe_psql('postgres', 'CREATE DATABASE empty');
	($exit, undef, $err) = run_bench($node, 'experiment', 'serialization', '-T', 1, '--sizes', 10, 'empty');
	is($exit, 0, 'as it does where the extension is not') or diag($err);
	($exit, undef, $err) = run_bench($node, 'experiment', 'serialization', '-T', 1, '--sizes', 10, '--protocol', 'prepared');
	is($exit, 0, 'and by the protocol prepared') or diag($err);
	($exit, undef, $err) = run_bench($node, 'experiment', 'serialization', '--protocol', 'simple');
	is($exit, 1, 'but not by the protocol simple');
	like($err, qr/error: experiments send payloads as binary/, 'which it says');
}

done_testing();
