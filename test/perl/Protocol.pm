package Protocol;

# A connection to a server (protocol 3.0) that sends what it is told, message by
# message and if need be in parts, for what no client library lets one do.
#
#   my $session = Protocol->new($node);                 by its Unix socket, or
#   my $session = Protocol->new($node, port => PORT);   by that port of 127.0.0.1
#   $session->send(parse('', 'SELECT $1'), bind_to('', 'a'), execute(), sync());
#   my @rows = $session->answer;
#   my @rows = $session->query('SELECT 1');

use strict;
use warnings;

use DbosPayload;
use Exporter 'import';
use IO::Socket::INET;
use IO::Socket::UNIX;

our @EXPORT = qw(parse bind_to execute close_portal sync flush_output simple);

# --- messages --------------------------------------------------------------

sub message
{
	my ($type, $body) = @_;

	return $type . pack('N', 4 + length $body) . $body;
}

sub simple { return message('Q', "$_[0]\0"); }
sub parse { my ($name, $sql) = @_; return message('P', "$name\0$sql\0" . pack('n', 0)); }
sub execute { return message('E', "\0" . pack('N', 0)); }
sub close_portal { return message('C', "P\0"); }
sub sync { return message('S', ''); }
sub flush_output { return message('H', ''); }

# bind_to(STATEMENT, PARAMETER...): the unnamed portal, everything as text
sub bind_to
{
	my ($name, @values) = @_;

	return message('B', "\0$name\0" . pack('nn', 0, scalar @values) . join('', map { pack('N', length) . $_ } @values) . pack('n', 0));
}

# --- a session -------------------------------------------------------------

sub new
{
	my ($class, $node, %options) = @_;
	my $self = bless {}, $class;
	my $user = getpwuid($<);
	my $body = pack('N', 196608) . "user\0$user\0database\0postgres\0\0";

	$self->{socket} = $options{port}
	  ? IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $options{port})
	  : IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port);
	die "connect: $!" unless $self->{socket};
	$self->send(pack('N', 4 + length $body) . $body);
	$self->answer;
	return $self;
}

# send(TEXT...): in one piece
sub send
{
	my ($self, @text) = @_;
	my $text = join '', @text;

	while (length $text)
	{
		my $written = syswrite($self->{socket}, $text) // die "send: $!";
		substr($text, 0, $written) = '';
	}
	return;
}

sub take
{
	my ($self, $length) = @_;
	my $text = '';

	while (length $text < $length)
	{
		sysread($self->{socket}, $text, $length - length $text, length $text) or die "the server has closed the connection: $!";
	}
	return $text;
}

# answer([TYPE]): the rows, as references to lists of text, up to a message of that
# type, by default ReadyForQuery; dies of an error
sub answer
{
	my ($self, $until) = @_;
	my (@rows, $error);

	while (1)
	{
		my ($type, $length) = unpack 'aN', $self->take(5);
		my $body = $self->take($length - 4);

		$error //= $body =~ s/\0/ /gr if $type eq 'E';
		if ($type eq 'D')
		{
			my ($count, $rest) = unpack 'na*', $body;
			my @row;

			for (1 .. $count)
			{
				my $size = unpack 'l>', substr($rest, 0, 4, '');
				push @row, $size < 0 ? undef : substr($rest, 0, $size, '');
			}
			push @rows, \@row;
		}
		last if $type eq ($until // 'Z');
	}
	die $error if defined $error;
	return @rows;
}

sub query
{
	my ($self, $sql) = @_;

	$self->send(simple($sql));
	return $self->answer;
}

1;
