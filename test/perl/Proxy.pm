package Proxy;

# A proxy in front of a server (test/tools/proxy.c says what it can do).
#
#   my $proxy = Proxy->new($node);                  by the server's Unix socket
#   my $proxy = Proxy->new($node, log => FILE);
#   run_bench('run', conninfo($node, host => '127.0.0.1', port => $proxy->port));
#   $proxy->command('delay 5');

use strict;
use warnings;

use DbosPayload;
use IPC::Run;

sub new
{
	my ($class, $node, %options) = @_;
	my $self = bless { in => '', out => '', timer => IPC::Run::timeout(600) }, $class;
	my @log = $options{log} ? ('-l', $options{log}) : ();

	$self->{run} = IPC::Run::start(
		[ tool('proxy'), @log, $node->host . '/.s.PGSQL.' . $node->port ],
		'<', \$self->{in}, '>', \$self->{out}, '2>&1', $self->{timer});
	$self->{port} = $1 if $self->answer =~ /^port (\d+)/;
	return $self;
}

sub port { return $_[0]{port}; }

# a line from the proxy
sub answer
{
	my ($self) = @_;

	$self->{run}->pump until $self->{out} =~ s/^(.*)\n//;
	return $1;
}

# command(LINE): the proxy's answer
sub command
{
	my ($self, $line) = @_;

	$self->{in} .= "$line\n";
	return $self->answer;
}

# what was counted since the last reset, as a hash
sub count
{
	my ($self) = @_;

	return split ' ', $self->command('count');
}

sub stop
{
	my ($self) = @_;

	$self->{in} .= "quit\n";
	$self->{run}->finish;
	return;
}

1;
