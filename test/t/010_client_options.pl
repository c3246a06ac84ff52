# The client's command line, without any server: help, bad values, what does
# not go together, result files that cannot be written, and what it says when
# there is no server.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my $secret = 'sw0rdfish';
my $nowhere = PostgreSQL::Test::Utils::tempdir_short();
my $all_output = '';
my @commands = qw(init check run experiment report compare clean);

# No test here may reach a server.
my %env = (PGHOST => $nowhere, PGPORT => 5432, PGDATABASE => undef, PGUSER => undef, PGPASSWORD => $secret);

sub bench
{
	my ($exit, $out, $err) = run_bench({ env => \%env, timeout => 10 }, @_);

	$all_output .= $out . $err;
	return ($exit, $out, $err);
}

# refused(PATTERN, NAME, ARGUMENT...): exit status 1, nothing on standard output
sub refused
{
	my ($pattern, $name, @arguments) = @_;
	my ($exit, $out, $err) = bench(@arguments);

	ok( $exit == 1 && $out eq '' && $err =~ /^dbos_payload_bench: error: [^\n]*$pattern/m
		  && $err =~ /^dbos_payload_bench: hint: /m, $name)
	  or diag("exit status $exit\n$out$err");
	return;
}

sub fits_a_screen
{
	my ($text) = @_;
	my @lines = split /\n/, $text;

	return @lines <= 40 && !grep { length > 80 } @lines;
}

# --- help and version ---------------------------------------------------

foreach my $arguments ([], map { [$_] } @commands)
{
	my ($exit, $out, $err) = bench(@$arguments, '--help');
	my $name = "@$arguments --help";

	ok($exit == 0 && $out =~ /^Usage:\s+dbos_payload_bench /m && $err eq '', "$name prints its usage");
	ok(fits_a_screen($out), "$name fits in 40 lines of 80 columns");
	is((bench(@$arguments, '-?'))[1], $out, "@$arguments -? is the same");
	is((bench('help', @$arguments))[1], $out, "help @$arguments is the same");
}

my $help = (bench('run', '--help'))[1];
foreach my $option (
	qw(-n --iterations --blocks -T --time --warmup --sizes --drive --origin --compressible --seed --think
	--no-baselines --workflow-id --against --label -M --protocol --result-format --max-tries --reconnect
	--timeout --allow-unsafe -P --progress --transcript --full --json --csv --samples --plot --assume-rtt --keep))
{
	like($help, qr/(^|\s)\Q$option\E\b/, "run --help names $option");
}

# Each option of a command is in its help, and nothing else is.
foreach my $command (@commands)
{
	my ($text) = (bench($command, '--help'))[1];
	my %named = map { $_ => 1 } $text =~ /^ +(?:-\w, )?--([\w-]+)/mg, $text =~ /, --([\w-]+)/g;

	delete $named{help};
	foreach my $option (sort keys %named)
	{
		my (undef, undef, $err) = bench($command, "--$option=", '--version');

		unlike($err, qr/unknown|does not belong/, "$command --$option is understood");
	}
}

# What is made of the tables of options is what is in the tree: else "make docs".
{
	my $page = slurp_file(project_dir() . '/docs/client.md');
	my ($made) = $page =~ /^<!-- from here on made by "make docs"[^\n]*\n\n(.*)^<!-- end of what "make docs" makes -->\n/ms;

	is($made, (bench('help', '--markdown'))[1], 'docs/client.md holds the commands and options as they are');
	is(slurp_file(project_dir() . '/client/dbos_payload_bench.1'), (bench('help', '--man'))[1],
		'so does the man page');
}

my $version = (slurp_file(project_dir() . '/extension/dbos_payload.control') =~ /default_version = '(.+)'/)[0];
foreach my $arguments ([], map { [$_] } @commands)
{
	my ($exit, $out) = bench(@$arguments, '--version');

	ok($exit == 0 && $out =~ /^dbos_payload_bench \Q$version\E \(libpq \d+\.\d+\)\n\z/,
		"@$arguments --version names the program's and libpq's");
}

SKIP:
{
	skip('there is no /dev/full here', 2) unless -c '/dev/full';
	foreach my $option ('--help', '--version')
	{
		my ($exit, $out, $err) = run_program('sh', '-c', "exec '$ENV{BENCH}' $option >/dev/full");

		ok($exit == 1 && $err =~ /could not write to standard output/,
			"$option fails where standard output is full");
	}
}

# --- commands and options that are none ---------------------------------

refused('no command given; it is one of init, check, run, experiment, report, compare, clean, trace and inspect', 'no command');
refused('there is no help on "walk"', 'help on what is none', 'help', 'walk');
refused('unknown command "walk"', 'an unknown command', 'walk');
refused('the command comes first', 'an option before the command', '--sizes', '1', 'run');
refused('the command comes first', 'a connection string for a command', "password=$secret");
refused('unknown or ambiguous option "--size-list"', 'an unknown option', 'run', '--size-list', '1');
refused('unknown option "-x"', 'an unknown letter', 'run', '-x');
refused('needs a value', 'an option without its value', 'run', '--sizes');
refused('--reconnect takes no value', 'a value where there is none', 'run', '--reconnect=yes');
refused('does not belong to the command "init"', 'another command\'s option', 'init', '--sizes', '1');
refused('does not belong to the command "check"', 'another command\'s option', 'check', '--json', 'x');
refused('does not belong to the command "report"', 'another command\'s option', 'report', '--seed', '1');
refused('unknown or ambiguous option "--no-arms"', 'an option of old', 'run', '--no-arms');
refused('more than one connection string', 'two connection strings', 'run', 'host=a', 'user=b');
refused('too many arguments: "b"', 'two database names', 'run', 'a', 'b');
refused('the connection string cannot be read', 'a broken connection string', 'run', "password='$secret");
refused('the connection URI cannot be read', 'a password not encoded in a URI',
	'run', "postgresql://me:a/$secret\@localhost/db");

refused('"pasword" is no connection option', 'a keyword that is none', 'run', 'dbname=db pasword=x');
refused('"ssl" is no connection option', 'one in a URI', 'run', 'postgresql://localhost/db?ssl=1');
foreach my $spaced ("dbname=db password=$secret $secret=x", "postgresql://me:a?$secret=x\@localhost/db?ssl=1")
{
	refused('cannot be read', 'what may be a part of a password is not named', 'run', $spaced);
}

# --- values -------------------------------------------------------------

my $limit = '0 to 536,870,000';
my @bad_sizes = (
	[ '-1', "entry 1: \"-1\" is negative.*$limit", 'negative' ],
	[ '1,-1', "entry 2: \"-1\" is negative.*$limit", 'negative, the second' ],
	[ '536870001', "too large.*$limit", 'one above the limit' ],
	[ '512MiB', "too large.*$limit", 'above the limit by its unit' ],
	[ '18446744073709551617', "too large.*$limit", '2^64 + 1' ],
	[ '99999999999999999999999999', "too large.*$limit", 'of 26 digits' ],
	[ '536870000,1', 'add up to 536,870,001 bytes', 'whose sum is above the limit' ],
	[ '', 'the list is empty; give 1 to 100', 'none' ],
	[ '   ', 'the list is empty', 'of spaces' ],
	[ '1,', "entry 2: nothing there.*$limit", 'with a comma at the end' ],
	[ ',1', 'entry 1: nothing there', 'with a comma at the beginning' ],
	[ '1,,2', 'entry 2: nothing there', 'with nothing between' ],
	[ 'abc', "\"abc\" is not a size.*kB, MB, KiB or MiB", 'that is a word' ],
	[ '1.5', 'is not a size', 'with a fraction' ],
	[ '1e3', 'is not a size', 'with an exponent' ],
	[ '0x10', 'is not a size', 'in hexadecimal' ],
	[ '1 2', 'is not a size', 'with a space in it' ],
	[ '1gb', 'is not a size', 'with an unknown unit' ],
	[ '1KB', 'is not a size', 'with a unit that could mean two' ],
	[ '+1', 'is not a size', 'with a plus sign' ],
	[ join(',', (1) x 101), 'more than 100 sizes; a list holds 1 to 100', 'of 101 entries' ]);
refused("--sizes: [^\\n]*$_->[1]", "--sizes $_->[2]", 'run', '--sizes', $_->[0]) foreach @bad_sizes;

my @bad_values = (
	[ 'iterations', '0', '0 is outside the range, 1 to 10,000' ],
	[ 'iterations', '-1', 'outside the range, 1 to 10,000' ],
	[ 'iterations', '10001', 'outside the range, 1 to 10,000' ],
	[ 'iterations', 'many', '"many" is not a whole number from 1 to 10,000' ],
	[ 'iterations', '', 'is not a whole number' ],
	[ 'iterations', '1,000', 'is not a whole number' ],
	[ 'iterations', '3.0', 'is not a whole number' ],
	[ 'iterations', '99999999999999999999', 'outside the range' ],
	[ 'time', '0', 'outside the range, 1 to' ],
	[ 'time', '-5', 'outside the range, 1 to' ],
	[ 'warmup', '-1', 'outside the range, 0 to 10,000' ],
	[ 'blocks', '0', 'outside the range, 1 to 100,000' ],
	[ 'blocks', '100001', 'outside the range, 1 to 100,000' ],
	[ 'drive', 'walk', '"walk" is not one of calls, pipeline or procedure; .*all' ],
	[ 'drive', '', 'is not one of calls' ],
	[ 'drive', 'calls,', 'is not one of calls' ],
	[ 'origin', 'moon', '"moon" is not one of server or client' ],
	[ 'result-format', 'hex', '"hex" is not one of text or binary' ],
	[ 'protocol', 'http', '"http" is not one of simple, extended or prepared' ],
	[ 'seed', '9223372036854775808', 'outside the range, -9,223,372,036,854,775,808 to' ],
	[ 'seed', 'x', 'is not a whole number' ],
	[ 'compressible', '101', 'percent from 0 to 100' ],
	[ 'compressible', '-1', 'percent from 0 to 100' ],
	[ 'compressible', 'half', 'percent from 0 to 100' ],
	[ 'max-tries', '0', 'outside the range, 1 to 1,000' ],
	[ 'timeout', '-1', 'outside the range, 0 to' ],
	[ 'progress', '0', 'outside the range, 1 to' ],
	[ 'think', '5', '"5" is not a length of time' ],
	[ 'think', 'exp:', '"" is not a length of time' ],
	[ 'think', 'ms', 'is not a length of time' ],
	[ 'think', 'exp:-5ms', 'is not a length of time' ],
	[ 'think', 'Exp:5ms', 'is not a length of time' ],
	[ 'assume-rtt', '5', '"5" is not a length of time; write it with its unit' ],
	[ 'assume-rtt', '-5ms', 'is not a length of time' ],
	[ 'assume-rtt', '2h', 'is not a length of time' ],
	[ 'assume-rtt', '3601s', 'longer than an hour' ],
	[ 'assume-rtt', '0,5ms', 'is not a length of time' ],
	[ 'workflow-id', '', 'needs a value that is not empty' ],
	[ 'workflow-id', 'x' x 1025, '1025 bytes are too long; an id has 1 to 1,024 bytes' ],
	[ 'label', '', 'needs a value that is not empty' ],
	[ 'label', 'x' x 201, 'longer than 200 bytes' ],
	[ 'label', "two\nlines", 'has a control character .* at byte 4' ],
	[ 'label', "\tx", 'has a control character .* at byte 1' ],
	[ 'label', "x\x7f", 'has a control character .* at byte 2' ],
	[ 'against', '', 'needs a value that is not empty' ],
	[ 'json', '', 'needs a value that is not empty' ]);
foreach my $bad (@bad_values)
{
	my ($option, $value, $pattern) = @$bad;
	my $shown = length $value > 40 ? length($value) . ' bytes' : '"' . $value =~ s/[^ -~]/?/gr . '"';

	refused("--$option\\b[^\\n]*$pattern", "--$option $shown", 'run', "--$option=$value");
}

# --- what does not go together ------------------------------------------

refused('--protocol simple has no binary results; add --result-format text',
	'simple protocol with binary results', 'run', '-M', 'simple');
refused('the simple protocol has no pipeline',
	'simple protocol with a pipeline', 'run', '-M', 'simple', '--result-format', 'text', '--drive', 'pipeline');
refused('the simple protocol has no pipeline',
	'simple protocol with every drive', 'run', '-M', 'simple', '--result-format', 'text', '--drive', 'all') if grep { $_ eq 'pipeline' } all_drives();
refused('one --drive and one --origin', '--workflow-id with two drives', 'run', '--workflow-id', 'w', '--drive', 'all');
refused('no other --iterations or --blocks than 1', '--workflow-id repeated', 'run', '--workflow-id', 'w', '-n', '2');
refused('no --time', '--workflow-id for a time', 'run', '--workflow-id', 'w', '-T', '2');
refused('no other --iterations or --blocks than 1', '--workflow-id in blocks', 'run', '--workflow-id', 'w', '--blocks', '2');
refused('no --warmup', '--workflow-id with a warm-up', 'run', '--workflow-id', 'w', '--warmup', '3');
refused('it takes no --against', '--workflow-id on two sides', 'run', '--workflow-id', 'w', '--against', 'b');
refused('the run has one side', 'two labels for one side', 'run', '--label', 'a', '--label', 'b');
refused('give it once for each', 'one label for two sides', 'run', '--against', 'b', '--label', 'a');
refused('--label was given 3 times', 'three labels', 'run', '--against', 'b', map { ('--label', $_) } 1 .. 3);
refused('--against was given twice', 'three sides', 'run', '--against', 'b', '--against', 'c');
refused('--against: the connection string cannot be read', 'a broken second side', 'run', '--against', "password='$secret");
refused('--think .*it takes --drive calls alone', '--think with every drive', 'run', '--think', '5ms', '--drive', 'all');
refused('--max-tries .*it takes --drive calls alone', '--max-tries with a procedure', 'run', '--max-tries', '3', '--drive', 'procedure');
refused('report needs a result file', 'report of nothing', 'report');
refused('one result file at a time', 'one table of two reports', 'report', '--csv', 'x', 'a.json', 'b.json');
refused('two result files have the same name', 'two results on standard output', 'run', '--json', '-', '--csv', '-');
refused('two result files have the same name', 'one file for two results', 'run', '--json', 'x', '--csv', 'x');
refused('compare needs two sides', 'compare with one side', 'compare', 'a.json');
refused('before and after --against', 'compare with nothing on the other side', 'compare', 'a.json', '--against');
refused('--against was given twice', 'compare with three sides', 'compare', 'a', '--against', 'b', '--against', 'c');

# --- what is allowed gets as far as the connection ----------------------

foreach my $good (
	[ '--sizes', '0' ],
	[ '--sizes', '0,0,0' ],
	[ '--sizes', '536870000' ],
	[ '--sizes', ' 1 , 10B, 1kB, 4KiB, 1 MB' ],
	[ '--sizes', join(',', (1) x 100) ],
	[ '--seed', '-9223372036854775808' ],
	[ '--compressible', '50%' ],
	[ '--assume-rtt', '0.5ms' ],
	[ '--timeout', '0' ],
	[ '--warmup', '0' ],
	[ '--blocks', '100000', '-n', '10000', '-T', '2592000' ],
	[ '--think', '0.5ms' ],
	[ '--think', 'exp:5ms' ],
	[ '--against', 'other', '--label', 'a', '--label', "\xc3\xa9t\xc3\xa9" ],
	[ '--max-tries', '3', '--think', '1ms', '--drive', 'calls' ],
	[ '--drive', join(',', reverse all_drives()), '--origin', 'all' ],
	[ '-n1', '-Mprepared', '-P', '5' ],
	[ '-M', 'simple', '--result-format', 'text', '--drive', 'calls,procedure' ],
	[ '--label', 'x' x 200 ],
	[ '--json', '-' ],
	[ '--workflow-id', 'w', '-n', '1', '--blocks', '1', '--warmup', '0' ],
	[ '--workflow-id', 'x' x 1024 ])
{
	my ($exit, $out, $err) = bench('run', @$good);

	ok($exit == 1 && $err =~ /error: could not connect: /,
		'run ' . join(' ', map { length > 60 ? substr($_, 0, 30) . '...' : $_ } @$good) . ' is understood')
	  or diag("$exit $err");
}

# --- result files that cannot be written: said before connecting --------

my $dir = PostgreSQL::Test::Utils::tempdir();
foreach my $option (qw(--json --csv --samples))
{
	foreach my $bad (
		[ "$dir/none/x", 'could not create "[^"]*/none/x": No such file or directory', 'in a folder that is not there' ],
		[ $dir, 'could not write to "[^"]*": Is a directory', 'that is a folder' ],
		[ "$dir/locked/x", 'could not create .*Permission denied', 'in a folder that may not be written' ])
	{
		my ($file, $pattern, $name) = @$bad;

	  SKIP:
		{
			if ($file =~ m{/locked/})
			{
				mkdir "$dir/locked", 0555;
				skip('root may write everywhere', 1) if $> == 0;
			}
			my ($exit, $out, $err) = bench('run', $option, $file);

			ok( $exit == 1 && $out eq '' && $err =~ /error: $pattern/ && $err !~ /connect/,
				"$option $name is refused before connecting")
			  or diag("$exit $out$err");
		}
	}
}
{
	my $file = "$dir/kept.json";

	append_to_file($file, 'what was here before');
	my ($exit, $out, $err) = bench('run', '--json', $file, '--csv', "$dir/new.csv");

	ok($exit == 1 && $err =~ /could not connect/, 'files that can be written are no obstacle');
	is(slurp_file($file), 'what was here before', 'a run that cannot start leaves an existing file alone');
	ok(!-e "$dir/new.csv", 'and no new one behind');
	is(join(' ', sort map { s{.*/}{}r } glob("$dir/*")), 'kept.json locked', 'nor a temporary one');
}

# --- no server ----------------------------------------------------------

foreach my $command (qw(run init check clean))
{
	my ($exit, $out, $err) = bench($command);

	is($exit, 1, "$command without a server: exit status 1");
	like($err, qr/error: could not connect: .*No such file or directory/s, "$command says why");
	like($err, qr/hint: is the server running, and is its socket in that directory\?/, "$command gives a hint");
}
foreach my $case (
	[ "host=127.0.0.1 port=1 password=$secret", 'Connection refused', 'is the server running, and does it listen' ],
	[ "postgresql://me:$secret\@127.0.0.1:1/db?connect_timeout=3", 'Connection refused', 'is the server running' ],
	[ "host=no-such-host.invalid password=$secret", 'could not translate host name', 'check the host' ],
	[ "service=no_such_service password=$secret", 'definition of service', 'PGSERVICE' ])
{
	my ($conninfo, $pattern, $hint) = @$case;
	my ($exit, $out, $err) = bench('run', $conninfo);

	ok($exit == 1 && $err =~ /error: could not connect: .*$pattern/s && $err =~ /hint: .*$hint/,
		"no connection: $pattern") or diag("$exit $err");
}

like((bench('run', '--json', '-'))[2], qr/could not connect/, 'standard output as a result file');
ok(!-e '-', 'makes no file of that name');

unlike($all_output, qr/\Q$secret\E/, 'no output shows a password');

done_testing();
