# What stands between client and server costs: a pooler against the direct way, TLS on
# against off, -M prepared through a pooler; by --against, in turn within one run.
# docs/connections.md says how a user does the same.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Measure;

my $seconds = scaled(40, 6);
my $dir = temp_dir();

theme('connections', 'a pooler against the direct way, TLS on against off, by --against');
chmod 0755, $dir;

# TLS: a certificate of the server's own
{
	my $data = $ENV{SERVER_DATA};

	Measure::run('openssl', 'req', '-new', '-x509', '-days', '2', '-nodes', '-subj', '/CN=localhost',
		'-out', "$data/server.crt", '-keyout', "$data/server.key");
	chmod 0600, "$data/server.key";
	chown((stat $data)[ 4, 5 ], "$data/server.crt", "$data/server.key");
	sql('ALTER SYSTEM SET ssl = on');
	sql('SELECT pg_reload_conf()');
	sleep 1;
}

my $direct = "host=$ENV{PGHOST} port=$ENV{PGPORT} sslmode=disable";
my $encrypted = "host=$ENV{PGHOST} port=$ENV{PGPORT} sslmode=require";

foreach my $way (qw(server client))
{
	compare("TLS off and on, origin $way", "$direct", "$encrypted", 'off', 'on', '--origin', $way);
}

SKIP:
{
	my ($pgbouncer) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin';

	if (!$pgbouncer)
	{
		note('there is no pgbouncer: nothing is said of poolers');
		last SKIP;
	}
	foreach my $mode ([ 'transaction', 'extended' ], [ 'session', 'prepared' ])
	{
		my ($pool_mode, $protocol) = @$mode;
		my ($pid, $pooled) = start_pooler($pgbouncer, $pool_mode);

		compare("direct and through pgbouncer (pool_mode = $pool_mode), -M $protocol", $direct, $pooled,
			'direct', 'pooled', '-M', $protocol);
		kill 'TERM', $pid;
	}
}

sub start_pooler
{
	my ($pgbouncer, $pool_mode) = @_;
	my ($password) = Measure::slurp($ENV{PGPASSFILE}) =~ /:([^:\s]+)\s*$/;
	my $port = 30000 + int(rand(2000));

	open(my $ini, '>', "$dir/$pool_mode.ini") or die "$!";
	print $ini <<"END";
[databases]
* = host=$ENV{PGHOST} port=$ENV{PGPORT} user=postgres password=$password
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
pool_mode = $pool_mode
pidfile = $dir/$pool_mode.pid
logfile = $dir/$pool_mode.log
END
	close $ini;
	chown((stat $ENV{SERVER_DATA})[ 4, 5 ], $dir, "$dir/$pool_mode.ini");
	Measure::run($pgbouncer, '-q', '-d', ($> == 0 ? ('-u', scalar getpwuid((stat $ENV{SERVER_DATA})[4])) : ()), "$dir/$pool_mode.ini");
	sleep 1;
	chomp(my $pid = Measure::slurp("$dir/$pool_mode.pid"));
	return ($pid, "host=127.0.0.1 port=$port sslmode=disable");
}

# the differences that the run found, as the run says them
sub compare
{
	my ($title, $first, $second, $first_label, $second_label, @options) = @_;

	progress($title);
	bench('-T', $seconds, '--blocks', 60, '--sizes', '1,100000,1000000', '--no-baselines', @options, '--label', $first_label, '--label', $second_label,
		'--json', "$dir/run.json", $first, '--against', $second);

	my $file = JSON::PP->new->decode(Measure::slurp("$dir/run.json"));
	my %of;

	push @{ $of{ $_->{metric} } }, $_
	  foreach grep { $_->{workflow} eq 'size_workflow' && $_->{step} >= 0 } @{ $file->{differences} };
	note('', $title . ": $file->{blocks} blocks, $file->{iterations} iterations; ms a step, and " . "$second_label / $first_label with its 95 % interval");
	foreach my $metric (qw(round_trip network arrival store output commit))
	{
		foreach my $difference (@{ $of{$metric} || [] })
		{
			my ($a, $b) = map {
				my $side = $_;
				my ($workflow) = grep { $_->{side} == $side && $_->{workflow} eq 'size_workflow' } @{ $file->{workflows} };
				$workflow->{steps}[ $difference->{step} ]{times_ms}{$metric}{median}{value}
			} 0, 1;

			note(sprintf '%-10s %9s  %8.3f %8.3f  %6.3f (%.3f .. %.3f)%s', $metric, "$difference->{payload_bytes} B",
				$a, $b, map({ $_ // 'nan' } @{ $difference->{ratio} }{qw(value low high)}),
				$difference->{differs} ? '' : '  no difference shown');
		}
	}
	return;
}
