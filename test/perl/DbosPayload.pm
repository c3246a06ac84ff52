package DbosPayload;

# What the TAP scripts share: servers that find the extension as it was built,
# the client, and the reading of other programs' results.
#
#   use DbosPayload;
#   use Test::More;
#
#   my $node = new_node('main', durable => 1);
#   my ($exit, $out, $err) = run_bench($node, 'run', '-n', 3);

use strict;
use warnings;

use Cwd qw(abs_path);
use Errno;
use Exporter 'import';
use Fcntl qw(:flock);
use File::Basename;
use IO::Handle;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

our @EXPORT = qw(new_node conninfo run_bench run_program server_major all_drives german_locale installcheck project_dir pgxs_dir tool);

# new_node(NAME, OPTION => VALUE...): a running PostgreSQL::Test::Cluster.
#
#   durable => 1      fsync on (these test servers have it off)
#   tcp => 1          listens on 127.0.0.1 too; see conninfo
#   conf => TEXT      lines for postgresql.conf
#   extension => 0    without the extension in database postgres
#   start => 0        made, not started (and so without the extension)
#   extra => [...]    and whatever else: arguments of PostgreSQL::Test::Cluster::init
sub new_node
{
	my ($name, %options) = @_;
	my %ours = (durable => 0, tcp => 0, conf => '', extension => 1, start => 1);

	foreach my $option (keys %ours)
	{
		$ours{$option} = delete $options{$option} if exists $options{$option};
	}

	my $node = PostgreSQL::Test::Cluster->new($name);
	@DbosPayload::Node::ISA = (ref $node);
	bless $node, 'DbosPayload::Node';
	$node->init(%options);
	$node->append_conf('postgresql.conf', "fsync = on\n") if $ours{durable};
	$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'\n") if $ours{tcp};
	$node->append_conf('postgresql.conf', $ours{conf});
	if ($ours{start})
	{
		$node->start;
		$node->safe_psql('postgres', 'CREATE EXTENSION dbos_payload') if $ours{extension};
	}
	return $node;
}

# its safe_psql, at a third of what IPC::Run takes for it
package DbosPayload::Node
{
	sub safe_psql
	{
		my ($node, $database, $sql, %options) = @_;

		return $node->SUPER::safe_psql($database, $sql, %options) if %options;
		my ($exit, $out, $err) = DbosPayload::run_program({ stdin => $sql, timeout => 600 },
			qw(psql -XAtq -v ON_ERROR_STOP=1 -f - -d), $node->connstr($database));

		die "error running SQL: $err\nwhile running: $sql" if $exit != 0;
		Test::More::note($err) if $err ne '';
		chomp $out;
		return $out;
	}
}

# conninfo(NODE, PARAMETER => VALUE...): a connection string, by TCP for a node
# made with tcp => 1 where "host => '127.0.0.1'" is given, else by its socket.
sub conninfo
{
	my ($node, %parameters) = @_;

	%parameters = (
		host => $node->host,
		port => $node->port,
		dbname => 'postgres',
		%parameters);
	return join ' ', map { "$_='$parameters{$_}'" } sort keys %parameters;
}

# run_bench([NODE,] ARGUMENT...): runs the client, on that node by its socket
# where one is given; see run_program.  A hash reference among the arguments
# holds options of run_program.
sub run_bench
{
	my @arguments = @_;
	my ($node) = grep { ref && ref ne 'HASH' } @arguments;
	my ($options) = grep { ref eq 'HASH' } @arguments;
	my %options = %{ $options || {} };

	if ($node)
	{
		$options{env} = {
			PGHOST => $node->host,
			PGPORT => $node->port,
			PGDATABASE => 'postgres',
			%{ $options{env} || {} } };
	}
	return run_program(\%options, $ENV{BENCH}, grep { !ref } @arguments);
}

# run_program([{OPTION => VALUE...},] PROGRAM, ARGUMENT...): its exit status (128 + N
# when signal N ended it, as in a shell), standard output and standard error.
#
#   env => {...}      changes to the environment; undef takes a variable out
#   stdin => TEXT
#   timeout => S      seconds, then the test dies; by default 120
sub run_program
{
	my %options = ref $_[0] ? %{ shift() } : ();
	my @command = @_;
	my ($stdin, $timeout) = ($options{stdin} // '', $options{timeout} // 120);
	local %ENV = (%ENV, %{ $options{env} || {} });

	delete @ENV{ grep { !defined $ENV{$_} } keys %ENV };
	note("running: @command");
	my @pipes = map { pipe my $read, my $write or die "pipe: $!"; [ $read, $write ] } 0 .. 2;
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		POSIX::dup2(fileno($pipes[$_][ $_ ? 1 : 0 ]), $_) foreach 0 .. 2;
		{ no warnings 'exec'; exec { $command[0] } @command; }
		my $why = "$command[0]: $!\n";
		POSIX::write(2, $why, length $why);
		POSIX::_exit(127);
	}
	my ($to, @from) = ($pipes[0][1], $pipes[1][0], $pipes[2][0]);
	@pipes = ();
	my @said = talk($to, $stdin, \@from, time + $timeout);
	if (!@said)
	{
		kill 'KILL', $pid;
		waitpid $pid, 0;
		die "@command: not ended after $timeout s";
	}
	waitpid $pid, 0;
	my $exit = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return ($exit, @said);
}

# talk(TO, TEXT, [FROM...], END): writes the text and reads from each till all are at
# their end; what each said, or nothing if it is past END by then.  (IPC::Run does
# the same at more than twice the cost, which thousands of programs add up to.)
sub talk
{
	my ($to, $text, $from, $end) = @_;
	my %said = map { fileno $_ => '' } @$from;
	my @open = @$from;
	local $SIG{PIPE} = 'IGNORE';

	$to->blocking(0);
	while (@open)
	{
		my ($read, $write) = ('', '');

		close $to if $text eq '' && defined fileno $to;
		vec($read, fileno $_, 1) = 1 foreach @open;
		vec($write, fileno $to, 1) = 1 if defined fileno $to;
		my $ready = select $read, $write, undef, $end - time;
		next if $ready < 0 && $!{EINTR};
		return if $ready <= 0;
		if (defined fileno $to && vec $write, fileno $to, 1)
		{
			my $written = syswrite $to, $text;

			# a program need not read it all
			substr $text, 0, $written // ($!{EAGAIN} ? 0 : length $text), '';
		}
		my @ready = grep { vec $read, fileno $_, 1 } @open;
		my %ended = map { fileno $_ => !sysread $_, $said{ fileno $_ }, 65536, length $said{ fileno $_ } } @ready;
		@open = grep { !$ended{ fileno $_ } } @open;
	}
	return map { $said{ fileno $_ } } @$from;
}

# the major version of the servers here, and of libpq
sub server_major
{
	my ($version) = `'$ENV{PG_CONFIG}' --version` =~ /(\d+)/;

	return $version;
}

# what "--drive all" means: a client that was built with libpq before 14 has no
# pipeline
sub all_drives
{
	return server_major() < 14 ? qw(calls procedure) : qw(calls pipeline procedure);
}

# german_locale(): environment variables that make German the language, with its decimal
# comma; nothing where there is no such locale.  It takes seconds to make: the first
# script that asks makes it, for all that run with it.
sub german_locale
{
	my $locales = "$ENV{TESTDIR}/locales";
	my $name = "$locales/de_DE.UTF-8";

	return unless -e '/usr/share/i18n/locales/de_DE';
	mkdir $locales;
	open my $lock, '>', "$locales/lock" or die "$locales/lock: $!";
	flock $lock, LOCK_EX or die "$locales/lock: $!";
	run_program('localedef', '-i', 'de_DE', '-f', 'UTF-8', $name) unless -d $name;
	return -d $name ? (LOCPATH => $locales, LC_ALL => 'de_DE.UTF-8', LANG => 'de_DE.UTF-8') : ();
}

# installcheck(NODE, VARIABLE=VALUE...): "make installcheck" of the extension, with
# these variables of make ("ISOLATION=" leaves out the isolation tests); its exit
# status, what it printed, and the differences it found.
sub installcheck
{
	my ($node, @variables) = @_;
	my $results = PostgreSQL::Test::Utils::tempdir();
	my ($exit, $out, $err) = run_program(
		{
			env => { PGHOST => $node->host, PGPORT => $node->port, MAKEFLAGS => undef },
			timeout => 600
		},
		'make', '-s', '-C', project_dir() . '/extension', 'installcheck', "OUTPUT=$results", @variables);
	my $diffs = "$results/regression.diffs";

	return ($exit, $out . $err, -e $diffs ? PostgreSQL::Test::Utils::slurp_file($diffs) : '');
}

# the folder of this project, and that of PGXS with pg_regress and its like
sub project_dir
{
	return abs_path(dirname(__FILE__) . '/../..');
}

sub pgxs_dir
{
	return dirname($ENV{PG_REGRESS}) . '/../../..';
}

# tool(NAME): the path of a program of test/tools, which run-tests has built
sub tool
{
	my ($name) = @_;
	my $path = project_dir() . "/test/tools/$name";

	die "$path is not there" unless -e $path;
	return $path;
}

1;
