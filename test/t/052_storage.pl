# The experiments storage and growth: their bytes are the server's own, the parts
# are the whole, and who may not, is told.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use ExperimentTables;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main', conf => "wal_keep_size = 1GB\n");
my $dir = PostgreSQL::Test::Utils::tempdir();

# experiment(NAME, ARGUMENT...): its result, exit status, and what was said
sub experiment
{
	my ($name, @arguments) = @_;
	my ($exit, $out, $err) = run_bench($node, 'experiment', $name, '--json', "$dir/$name.json", '--allow-unsafe', @arguments);

	return (-e "$dir/$name.json" ? read_json("$dir/$name.json")->{experiments}[0] : undef, $exit, $out, $err);
}

# waldump(FROM, TO): total bytes of records, and of full-page images, by pg_waldump
sub waldump
{
	my ($from, $to) = @_;
	my (undef, $out) = run_program('pg_waldump', '--stats', '-p', $node->data_dir . '/pg_wal', '-s', $from, '-e', $to);
	my ($records, $images, $all) = $out =~ /^Total\s+\d+\s+(\d+) \[[^]]*\]\s+(\d+) \[[^]]*\]\s+(\d+)/m;

	return ($all, $images);
}

# --- storage ----------------------------------------------------------------

my ($storage, $exit, $out, $err) = experiment('storage', '--quick', '-T', 4, '--sizes', '100,10000', '--rate', 20);
my $quiet = $storage;
is($exit, 0, 'storage: exit status 0') or diag($out, $err);

my @measured = table_of($storage, 'measured');
is(scalar @measured, 2, 'every size was measured');
foreach my $row (@measured)
{
	my $kind = "$row->{payload} bytes";
	my $sum = 0;

	$sum += $row->{$_} foreach qw(heap toast index toast_index maps);
	is($sum, $row->{total}, "$kind: the files' parts are pg_total_relation_size()");
	is($node->safe_psql('postgres', "SELECT pg_wal_lsn_diff('$row->{to}', '$row->{from}')"), $row->{wal}, "$kind: WAL is the server's own difference");

	# the same rows, made by hand
	my $sizes = $node->safe_psql('postgres', qq{
		CREATE TABLE same (LIKE dbos_payload.operation_outputs INCLUDING ALL) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
		INSERT INTO same SELECT '5eed0000-0000-4000-8000-000000000001', i, 'payload_step', dbos_payload.random_payload($row->{payload}), NULL, 1764000000000, 1764000000001 FROM generate_series(1, $row->{steps}) AS i;
		SELECT pg_relation_size('same'), pg_relation_size(reltoastrelid), pg_indexes_size('same'), pg_indexes_size(reltoastrelid) FROM pg_class WHERE oid = 'same'::regclass});
	is(join('|', @{$row}{qw(heap toast index toast_index)}), $sizes, "$kind: each part is that of the same rows made by hand");
	$node->safe_psql('postgres', 'DROP TABLE same');

	# what the records take is less than what they move WAL's end by only by alignment and pages' headers
	my ($bytes, $images) = waldump($row->{from}, $row->{to});
	ok($bytes <= $row->{wal} && $bytes > 0.9 * $row->{wal}, "$kind: $row->{wal} bytes of WAL hold $bytes bytes of records");
	($bytes, $images) = waldump($row->{after_from}, $row->{after_to});
	cmp_ok($images, '>', 0, "$kind: after a checkpoint there are full-page images");
	# an image leaves out the change to its page, which is a chunk at most
	ok($images > $row->{images_bytes} - 300 && $images < $row->{images_bytes} + 3000, "$kind: of $images bytes by pg_waldump, which add $row->{images_bytes}");
	cmp_ok($row->{after_images}, '>=', 2, "$kind: of two pages at least");
	is($row->{later_images}, 0, "$kind: and later of none");
}
foreach my $row (table_of($storage, 'sizes'))
{
	my $sum = 0;

	$sum += $row->{$_} foreach qw(heap toast index toast_index maps);
	ok(abs($sum - $row->{total}) < 1e-6 * $sum, "$row->{payload} bytes: a step's parts are the whole");
	ok(abs($row->{amplification} - ($row->{total} + $row->{wal}) / $row->{payload}) < 1e-6 * $row->{amplification}, 'and what is written for each byte is of these');
}
foreach my $row (table_of($storage, 'days'))
{
	my ($size) = grep { $_->{payload} == $row->{payload} } table_of($storage, 'sizes');

	ok(abs($row->{disk_mb} - 20 * 86400 * $size->{total} / 1e6) < 1e-3 * $row->{disk_mb}, "$row->{payload} bytes: a day's disk is the rate's");
	cmp_ok($row->{full_days}, '>', 0, 'and it is known when it is full');
}

# the edges, held against the server's own storing
foreach my $kind ([ 'bytea', 'dbos_payload.random_payload(%d)' ], [ 'bytea, half of it zeros', 'dbos_payload.random_payload(%d, NULL, 50)' ])
{
	my ($edge) = map { /^\Q$kind->[0]\E: from (\d+) B/ ? $1 : () } @{ $storage->{conclusions} };
	my @changed;

	isnt($edge, undef, "$kind->[0]: there is a cliff") or next;
	foreach my $size ($edge - 1, $edge)
	{
		my $payload = sprintf $kind->[1], $size;

		push @changed, $node->safe_psql('postgres', qq{
			CREATE TABLE same (LIKE dbos_payload.operation_outputs INCLUDING ALL);
			INSERT INTO same SELECT '5eed0000-0000-4000-8000-000000000001', 1, 'payload_step', $payload, NULL, 1764000000000, 1764000000001;
			SELECT pg_relation_size(reltoastrelid) > 0 OR pg_column_size(output) < $size FROM same, pg_class WHERE oid = 'same'::regclass;
			DROP TABLE same});
	}
	is("@changed", 'f t', "$kind->[0]: a payload of " . ($edge - 1) . ' bytes is left as it is, the next is not');
}

my %churn = map { ("$_->{payload} $_->{phase}" => $_) } table_of($storage, 'churn');
is(scalar keys %churn, 16, 'replay, conflict and purge, by two sizes');
foreach my $size ('1 kB', '10 kB')
{
	is($churn{"$size recorded"}{live} . ' ' . $churn{"$size recorded"}{dead}, '100 0', "$size: what is recorded lives");
	cmp_ok($churn{"$size replayed: ON CONFLICT DO NOTHING"}{dead}, '==', 0, 'replaying it leaves nothing dead');
	cmp_ok($churn{"$size conflict: INSERT refused"}{dead}, '==', 100, 'each INSERT that was refused a row');
	cmp_ok($churn{"$size conflict: INSERT refused"}{wal}, '>', 100 * 1000, 'and it wrote its payload into WAL');
	is($churn{"$size half purged"}{live}, 50, 'half is purged');
	cmp_ok($churn{"$size half purged"}{total}, '>=', $churn{"$size conflict: DO UPDATE"}{total}, 'and takes as much on disk');
	is($churn{"$size vacuumed"}{dead}, 0, 'until it is vacuumed');
}
is((table_of($storage, 'calls'))[1]{what}, '20 in one call', 'many in one call were timed');

# WAL that others write beside two of three inserts is no step's, and is told of
$node->safe_psql('postgres', q{
	CREATE FUNCTION beside() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF NEW.function_id % 3 > 0 THEN PERFORM pg_logical_emit_message(false, 'beside', repeat('x', 5000)); END IF;
		RETURN NULL;
	END $$;
	CREATE FUNCTION write_beside() RETURNS event_trigger LANGUAGE plpgsql AS $$
	DECLARE
		made record;
	BEGIN
		FOR made IN SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_identity ~ '^dbos_bench.*[.]steps_(bytea|text)$' LOOP
			EXECUTE format('CREATE TRIGGER beside AFTER INSERT ON %s FOR EACH ROW EXECUTE FUNCTION public.beside()', made.object_identity);
		END LOOP;
	END $$;
	CREATE EVENT TRIGGER beside ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION write_beside()});
($storage, $exit, $out, $err) = experiment('storage', '--quick', '-T', 2, '--sizes', 100);
$node->safe_psql('postgres', 'DROP EVENT TRIGGER beside');
is($exit, 0, 'where others write: exit status 0') or diag($out, $err);
{
	my ($beside) = table_of($storage, 'sizes');
	my ($alone) = grep { $_->{payload} == 100 } table_of($quiet, 'sizes');
	my ($whole) = table_of($storage, 'measured');

	cmp_ok($whole->{wal}, '>', 5000 * $whole->{inserts} / 2, 'what others write is in the sum');
	ok($beside->{$_} < 1.1 * $alone->{$_}, "and not in a step's $_: $beside->{$_} B, alone $alone->{$_}") foreach qw(wal wal_after);
	cmp_ok((sort { $a <=> $b } map { $_->{wal} } grep { $_->{kind} eq 'bytea' } table_of($storage, 'cliff'))[-1], '<', 5000, 'nor in one around 2 kB');
	ok((grep { /^Others wrote WAL meanwhile: in the median an insert of 100 B moved its end by \d{4} B, and by $beside->{wal} B at least/ } @{ $storage->{caveats} }), 'but it is said');
}

# a role that may not run CHECKPOINT is told so, and the rest is measured
$node->safe_psql('postgres', 'CREATE ROLE guest LOGIN; GRANT CREATE ON DATABASE postgres TO guest');
($storage, $exit, $out, $err) = experiment('storage', '--quick', '-T', 1, '--sizes', 100, 'dbname=postgres user=guest');
is($exit, 0, 'without CHECKPOINT: exit status 0') or diag($err);
ok((grep { /this role may not run CHECKPOINT/ } @{ $storage->{caveats} }), 'and it says what is missing');
is((table_of($storage, 'sizes'))[0]{wal_after}, undef, 'and has no figure for it');

# --- growth -----------------------------------------------------------------

my $growth;
($growth, $exit, $out, $err) = experiment('growth', '-T', 3, '--to', 10000);
is($exit, 0, 'growth: exit status 0') or diag($out, $err);
like($err, qr/hint: growth: it fills tables of its own with up to 10,000 steps of 100 B \(--to, --sizes\), about 12 MB on disk/, 'it says beforehand what this call fills');
my @levels = table_of($growth, 'levels');
is(join(' ', map { $_->{steps} } @levels), '0 10000 0 10000', 'an empty table and a filled one, by two ways');
is(join(' ', map { $_->{height} } @levels), '1 2 1 2', 'with the levels that their indexes have');
is((grep { !defined $_->{time} || !defined $_->{ratio} || !($_->{buffers} > 0) || !($_->{wal} > 0) } @levels), 0, 'each has its time, and what it used');
like($growth->{conclusions}[0], qr/^With 10,000 steps recorded .*\d\.\d+x/, 'which a sentence says');
foreach my $said (grep { /costs what it costs in an empty table/ } @{ $growth->{conclusions} })
{
	my ($low, $high) = $said =~ /\(([\d.]+) \.\. ([\d.]+)\)/;

	ok($low <= 1 && $high >= 1, "what is the same has an interval with 1 in it: $low .. $high");
}
my ($files) = grep { $_->{steps} == 10000 } table_of($growth, 'files');
cmp_ok($files->{total}, '>=', $files->{heap} + $files->{index}, 'the files are whole');

($growth, $exit, undef, $err) = experiment('growth', '--to', 1_000_000_000);
isnt($exit, 0, 'a disk that would fill');
like($err, qr/error: growth: it needs up to [\d.]+ GB on the server's disk, where [\d.]+ GB are free/, 'is asked for before');
is((experiment('growth', '--sizes', '1,2'))[1], 1, 'two sizes are one too many');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_namespace WHERE nspname ~ '^dbos_bench'}), 0, 'nothing is left behind');

done_testing();
