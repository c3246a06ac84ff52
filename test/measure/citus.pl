# What a step costs on tables that Citus has distributed, against the same server's own
# tables, in turn within one run; and steps a second with one, two and four workers.
# CITUS_WORKERS: the ports of four workers, on this machine.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Measure;

my @workers = split ' ', $ENV{CITUS_WORKERS};
my $seconds = scaled(45, 6);	# for ten blocks, which an interval takes
my $clients = 8;
my $rounds = scaled(6, 3);
my $dir = temp_dir();

theme('citus', 'tables distributed over nodes that are all on this machine');

# at(PORT, DATABASE, STATEMENT...)
sub at
{
	my ($port, $database, @statements) = @_;
	local @ENV{qw(PGPORT PGDATABASE)} = ($port, $database);

	return sql(@statements);
}

# spread(DATABASE, WORKER...): that database, with its steps on these workers
sub spread
{
	my ($database, @ports) = @_;

	foreach my $port ($ENV{PGPORT}, @ports)
	{
		at($port, 'postgres', "CREATE DATABASE $database");
		at($port, $database, 'CREATE EXTENSION citus');
	}
	at($ENV{PGPORT}, $database,
		"SELECT citus_set_coordinator_host('127.0.0.1', $ENV{PGPORT})",
		(map { "SELECT citus_add_node('127.0.0.1', $_)" } @ports),
		'CREATE EXTENSION dbos_payload',
		"SELECT create_distributed_table('dbos_payload.workflow_status', 'workflow_uuid')",
		"SELECT create_distributed_table('dbos_payload.operation_outputs', 'workflow_uuid', colocate_with => 'dbos_payload.workflow_status')");
	return;
}

my %functions = (
	record_step => 'text, int4, text, bytea, text',
	payload_step => 'text, int4, int8, int8, int4, text');

progress('making the databases');
spread('through', @workers[ 0, 1 ]);
spread('delegated', @workers[ 0, 1 ]);
at($ENV{PGPORT}, 'delegated', map { "SELECT create_distributed_function('dbos_payload.$_($functions{$_})', 'workflow_id', colocate_with => 'dbos_payload.operation_outputs')" } sort keys %functions);

# --- what a step costs ---------------------------------------------------------

my %way = (
	'through the coordinator' => "port=$ENV{PGPORT} dbname=through",
	'delegated' => "port=$ENV{PGPORT} dbname=delegated",
	'directly on a worker' => "port=$workers[0] dbname=through");

note('', "p50 of a step's round trip, ms, -M prepared: undistributed, distributed over two workers, ratio with its 95 % interval");
foreach my $origin (qw(client server))
{
	foreach my $way ('through the coordinator', 'delegated', 'directly on a worker')
	{
		progress("payloads made by the $origin, $way");
		bench('-T', $seconds, '--blocks', 40, '--sizes', '1,1000000', '--no-baselines', '--origin', $origin, '-M', 'prepared',
			'--label', 'undistributed', '--label', 'distributed', '--json', "$dir/run.json",
			"port=$ENV{PGPORT} dbname=postgres", '--against', $way{$way});

		my $file = JSON::PP->new->decode(Measure::slurp("$dir/run.json"));

		foreach my $difference (grep { $_->{metric} eq 'round_trip' && $_->{workflow} eq 'size_workflow' && $_->{step} >= 0 } @{ $file->{differences} })
		{
			my ($a, $b) = map {
				my $side = $_;
				my ($workflow) = grep { $_->{side} == $side && $_->{workflow} eq 'size_workflow' } @{ $file->{workflows} };
				$workflow->{steps}[ $difference->{step} ]{times_ms}{round_trip}{median}{value}
			} 0, 1;

			my ($ratio, $low, $high) = @{ $difference->{ratio} }{qw(value low high)};

			note(sprintf '%-6s  %-24s %9s  %8.3f %8.3f  %6.3f %s', $origin, $way, "$difference->{payload_bytes} B",
				$a, $b, $ratio, defined $low ? sprintf('(%.3f .. %.3f)', $low, $high) : '(too few blocks for an interval)');
		}
	}
}

# --- how many a second ---------------------------------------------------------

my %rate;
my $script = <<'END';
\set n :n + 1
SELECT dbos_payload.record_step('bench ' || :client_id, :n, 'f', '\x61')
END

spread("workers$_", @workers[ 0 .. $_ - 1 ]) foreach 1, 2, 4;
in_turn($rounds, map {
	my $n = $_;

	sub {
		local $ENV{PGDATABASE} = "workers$n";
		progress("$n workers, round $_[0] of $rounds");
		sql('TRUNCATE dbos_payload.operation_outputs, dbos_payload.workflow_status',
			"SELECT count(dbos_payload.start_workflow('bench ' || i, 'bench')) FROM generate_series(0, $clients - 1) AS i");
		my $report = pgbench($script, '-M', 'prepared', '-c', $clients, '-j', 1, '-T', scaled(5, 2), '-D', 'n=0')->{report};
		push @{ $rate{$n} }, $report =~ /^tps = ([\d.]+) \(without/m;
	}
} 1, 2, 4);
foreach my $n (2, 4)
{
	my $against = compare_rounds($rate{$n}, $rate{1});

	figure("steps a second by $clients clients through the coordinator, $n workers against one",
		sprintf('%.0f against %.0f: %.3f times (%d %%: %.3f .. %.3f)', @$against{qw(a b ratio confidence low high)}));
}
note('', 'All nodes share these processors and one disk: this shows what more nodes cost, not what more machines give.');
