# trace: what stands between a program and its server hands on every byte as it is,
# holds nothing, and goes on whatever connects to it; TLS towards the server is as
# libpq has it.

use strict;
use warnings;

use ClientTest;
use DbosPayload;
use Digest::MD5;
use Errno;
use IO::Select;
use IO::Socket::INET;
use IPC::Run;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Protocol;
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('main', durable => 1, tcp => 1);

# start_trace([{OPTIONS of start_bench},] CONNINFO, OPTION...): a tracing of that server, with its {port}
sub start_trace
{
	my $options = ref $_[0] ? shift : {};
	my ($conninfo, @options) = @_;
	my $trace = start_bench($options, 'trace', '--listen', 0, @options, $conninfo);

	wait_until { $trace->{run}->pump_nb; ${ $trace->{err} } =~ /\@127\.0\.0\.1:(\d+)/ || !$trace->{run}->pumpable } 20;
	($trace->{port}) = ${ $trace->{err} } =~ /\@127\.0\.0\.1:(\d+)/;
	return $trace;
}

# stop_trace(TRACE): what finish_bench returns
sub stop_trace
{
	my ($trace) = @_;

	kill 'INT', $trace->{pid};
	return finish_bench($trace);
}

# through(TRACE, PARAMETER => VALUE...): a connection string that leads through it
sub through
{
	my ($trace, %parameters) = @_;

	return conninfo($node, host => '127.0.0.1', port => $trace->{port}, %parameters);
}

# psql(CONNINFO, COMMAND...): exit status, output, messages
sub psql
{
	my ($conninfo, @commands) = @_;

	return run_program('psql', qw(-XAtq -v ON_ERROR_STOP=1), map({ ('-c', $_) } @commands), $conninfo);
}

# says(TRACE, PATTERN, [FROM]): does it say that on standard error, behind so many bytes?
sub says
{
	my ($trace, $pattern, $from) = @_;

	return wait_until { $trace->{run}->pump_nb; substr(${ $trace->{err} }, $from // 0) =~ $pattern } 5;
}

# the bytes that a peer of our own gets for what it sends, until the end
sub answer_to
{
	my ($port, $bytes) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "connect: $!";
	my $answer = '';

	syswrite($socket, $bytes);
	while (IO::Select->new($socket)->can_read(10))
	{
		sysread($socket, $answer, 65536, length $answer) or return $answer;
	}
	return "$answer (and no end)";
}

# --- every byte, as it is -----------------------------------------------

# A server of our own, which is no PostgreSQL: it notes what it gets, and says what it
# likes, in pieces of odd sizes.  So nobody can log in there, and programs are forwarded
# all the same.
{
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 10) or die "listen: $!";
	my $seed = 'no randomness: the same bytes each time';
	my $startup = pack('NN', 8 + 7 + 3, 196608) . "user\0me\0\0" . "\0";
	my $size = 2_000_000;
	my ($up, $down) = map { my $salt = $_; substr(join('', map { Digest::MD5::md5("$seed $salt $_") } 1 .. $size / 16), 0, $size) } 1, 2;
	my $server = fork() // die "fork: $!";

	$startup = pack('N', 4 + length(substr($startup, 4))) . substr($startup, 4);
	if ($server == 0)
	{
		local $SIG{PIPE} = 'IGNORE';
		# newer majors' modules have a handler, by which the child would stop our server
		local $SIG{TERM} = 'DEFAULT';
		while (my $program = $listener->accept)
		{
			my ($got, $left, $piece) = (Digest::MD5->new, $down, 1);
			my $select = IO::Select->new($program);

			$program->blocking(0);
			while (1)
			{
				my ($read, $written, $bytes) = (0, 0, '');

				IO::Select->select($select, length $left ? $select : undef, undef, 10);
				$written = syswrite($program, $left, $piece) // 0 if length $left;
				substr($left, 0, $written) = '';
				$piece = 1 + ($piece * 7919) % 30011;
				$read = sysread($program, $bytes, $piece);
				$got->add($bytes) if $read;
				last if defined $read ? $read == 0 : !$!{EAGAIN};
			}
			# what it got, at the very end
			$program->blocking(1);
			syswrite($program, $got->hexdigest);
			close $program;
		}
		POSIX::_exit(0);
	}

	my $conninfo = "host=127.0.0.1 port=" . $listener->sockport . ' dbname=postgres user=me sslmode=disable connect_timeout=2';
	my $trace = start_trace($conninfo);

	foreach my $way ([ 'directly', $listener->sockport ], [ 'through trace', $trace->{port} ])
	{
		my ($name, $port) = @$way;
		my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "connect: $!";
		my ($left, $got, $piece, $last) = ($startup . $up, Digest::MD5->new, 1, '');
		my $nreceived = 0;

		$socket->blocking(0);
		while (1)
		{
			my $bytes = '';
			my $select = IO::Select->new($socket);

			my @ready = IO::Select->select($select, length $left ? $select : undef, undef, 10);
			last unless @ready;
			if (length $left)
			{
				my $written = syswrite($socket, $left, $nreceived == 0 && $piece > 20 ? 20 : $piece) // 0;
				substr($left, 0, $written) = '';
				shutdown($socket, 1) unless length $left;
				$piece = 1 + ($piece * 104729) % 50021;
			}
			my $read = sysread($socket, $bytes, $piece);
			last if defined $read && $read == 0;
			next unless $read;
			$nreceived += $read;
			$last = substr($last . $bytes, -32);
			$got->add($bytes);
		}
		is($nreceived, $size + 32, "$name: all has come that the server sent, and after the program had said its last");
		is($got->hexdigest, Digest::MD5::md5_hex($down . Digest::MD5::md5_hex($startup . $up)), "$name: both ways every byte as it was sent");
	}
	my ($exit, $out, $err) = stop_trace($trace);
	is($exit, 0, 'trace of a server that nobody can log in to: exit status 0');
	like($err, qr/warning: could not log in with this CONNINFO:.*hint: programs are forwarded all the same/s, '... it says so, and what is missing then');
	kill 'TERM', $server;
	waitpid $server, 0;
}

# --- many, large, cancelled, notified -----------------------------------

{
	my $trace = start_trace(conninfo($node));
	my $port = $trace->{port};

	like(${ $trace->{err} }, qr{postgresql://\S+\@127\.0\.0\.1:$port/postgres\?sslmode=disable}, 'it says what the program\'s URL must be');
	like(${ $trace->{err} }, qr/no TLS between the program and this/, '... and that there is no TLS on it');

	my @sessions = map { Protocol->new($node, port => $port) } 1 .. 64;
	$_->send(simple('SELECT 7, pg_backend_pid()')) foreach @sessions;
	my %pids = map { my ($row) = $_->answer; ($row->[1] => $row->[0]) } @sessions;
	is(scalar(keys %pids) . ' ' . join('', values %pids), '64 ' . '7' x 64, '64 connections at once, each with its own server');

	# one message of 100 MB each way, and nothing of it held
	{
		my $session = $sessions[0];
		my $mega = 'x' x 1_000_000;
		my $length = 0;

		$session->send(parse('', 'SELECT pg_catalog.length($1)'), 'B', pack('N', 4 + 2 + 4 + 4 + 100_000_000 + 2), "\0\0", pack('nnN', 0, 1, 100_000_000));
		$session->send($mega) foreach 1 .. 100;
		$session->send(pack('n', 0), execute(), sync());
		is(($session->answer)[0][0], 100_000_000, 'a parameter of 100 MB in one message has arrived');

		$session->send(simple(q{SELECT pg_catalog.repeat('x', 100000000)}));
		while ($length < 100_000_000)
		{
			$length += sysread($session->{socket}, my $bytes, 1_000_000) || die "read: $!";
		}
		cmp_ok($length, '>=', 100_000_000, 'a row of 100 MB has come back');
		my ($peak) = slurp_file("/proc/$trace->{pid}/status") =~ /VmHWM:\s+(\d+)/;
		cmp_ok($peak, '<', 40_000, "... in a process of $peak kB at its largest");
		close $session->{socket};
	}

	# COPY both ways, in one session
	append_to_file("$dir/copied", join('', map { "$_\n" } 1 .. 5000));
	my ($exit, $out, $err) = psql(through($trace), 'CREATE TABLE copied (i int)', "\\copy copied FROM '$dir/copied'", 'SELECT sum(i) FROM copied', '\copy copied TO STDOUT');
	is($out, "12502500\n" . slurp_file("$dir/copied"), 'COPY in and out') or diag($err);

	# a notification comes unasked
	$sessions[1]->query('LISTEN heard');
	$sessions[2]->query(q{NOTIFY heard, 'over there'});
	like($sessions[1]->take(1), qr/A/, 'a notification comes to who listens, unasked');
	is(substr($sessions[1]->take(unpack('N', $sessions[1]->take(4)) - 4), 4), "heard\0over there\0", '... with its payload');

	# cancelled
	{
		my ($in, $answer) = ('', '');
		my $program = IPC::Run::start([ 'psql', '-XAtq', '-c', 'SELECT pg_sleep(60)', through($trace, application_name => 'sleeper') ], '<', \$in, '>&', \$answer, IPC::Run::timeout(60));

		ok(server_says($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'sleeper' AND state = 'active'}), 'a call is under way');
		$program->signal('INT');
		$program->finish;
		like($answer, qr/canceling statement due to user request/, 'a cancel request is passed on');
	}

	# our own run is a program like any other
	($exit, $out, $err) = run_bench('run', '--blocks', 1, '-n', 3, '--sizes', '1,100000', '--drive', 'all', '--origin', 'all', through($trace));
	is($exit, 0, 'a run through it') or diag($err);

	# --- who should not have come, while others work ---

	my $busy = $sessions[3];
	my $cases = 0;

	foreach my $case (
		[ 'HTTP', "GET / HTTP/1.1\r\nHost: here\r\n\r\n", qr/speaks HTTP/, qr/^E.*SFATAL\0.*C08P01\0/s ],
		[ 'garbage', "\xFF" x 40, qr/does not speak PostgreSQL's protocol/, qr/^E.*C08P01\0/s ],
		[ 'TLS at once', "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", qr/began with TLS.*put sslmode=disable/s, qr/^E.*C08P01\0.*sslmode=disable/s ],
		[ 'protocol 2', pack('NN', 8, 131072), qr/version of PostgreSQL's protocol that is not 3/, qr/^E.*C0A000\0/s ],
		[ 'a start-up packet of 10 MB', pack('NN', 10_000_000, 196608), qr/does not speak/, qr/^E/ ],
		[ 'asking for encryption for ever', pack('NN', 8, 80877103) x 9, qr/does not speak/, qr/^NNNNE/ ])
	{
		my ($name, $bytes, $said, $answer) = @$case;
		my $before = length ${ $trace->{err} };

		like(answer_to($port, $bytes), $answer, "$name: answered so that it may be understood");
		ok(says($trace, $said, $before), "$name: said") or diag(substr ${ $trace->{err} }, $before);
		is(($busy->query('SELECT 1'))[0][0], 1, "$name: the others go on");
	}
	($exit, $out, $err) = psql(through($trace, sslmode => 'require'), 'SELECT 1');
	isnt($exit, 0, 'a program that insists on TLS goes away');
	ok(says($trace, qr/hung up when it was told that there is no TLS here; .*sslmode=disable/), '... and it is said what to do');
	($exit, $out, $err) = psql(through($trace, gssencmode => 'prefer', sslmode => 'prefer'), 'SELECT 1');
	is("$exit $out", "0 1\n", 'one that would like some goes on without');
	($exit, $out, $err) = psql(through($trace, dbname => 'none_such'), 'SELECT 1');
	like($err, qr/database "none_such" does not exist/, 'what the server says at the start is passed on');

	# --- the server goes away, and comes back ---

	$node->stop('fast');
	my ($type, $length) = unpack 'aN', $busy->take(5);
	like("$type " . $busy->take($length - 4), qr/^E .*terminating connection due to administrator command/s, 'the server\'s last words are passed on');
	is(sysread($busy->{socket}, my $rest, 1), 0, '... and that it has gone');
	($exit, $out, $err) = psql(through($trace), 'SELECT 1');
	like($err, qr/dbos_payload_bench trace could not connect to the server/, 'no server: the program is told');
	$node->start;
	($exit, $out, $err) = psql(through($trace), 'SELECT 1');
	is("$exit $out", "0 1\n", 'when it is back, so is the way there');

	($exit, $out, $err) = stop_trace($trace);
	is($exit, 0, 'Ctrl-C ends it with its report: exit status 0') or diag($err);
	like($err, qr/could not connect to the server for a program/, 'it had said that there was no server');
	like($err, qr/Forwarded: \d+ connections, [\d,]+ bytes up and [\d,]+ down, 1 cancel request\./, 'it says how much it was');
}

# --- what does not start, and limits ------------------------------------

{
	my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "listen: $!";
	my $free = PostgreSQL::Test::Cluster::get_free_port();

	foreach my $case (
		[ 'the port is taken', $taken->sockport, conninfo($node), qr/error: could not listen on "\d+": Address already in use.*hint: .*take another one/s ],
		[ 'no server', 0, "host=127.0.0.1 port=$free", qr/error: could not connect to the server: host "127\.0\.0\.1", port $free: Connection refused/ ],
		[ 'no socket', 0, "host=$dir", qr/error: could not connect to the server: socket "\Q$dir\E.*No such file/ ],
		[ 'no such port', 'db.example', conninfo($node), qr/error: --listen: the port in "db\.example"/ ],
		[ 'a port too large', 65536, conninfo($node), qr/65,?535/ ],
		[ 'an address without brackets', '::1:5433', conninfo($node), qr/in brackets/ ],
		[ 'an address of another host', '192.0.2.1:0', conninfo($node), qr/could not listen.*hint/s ])
	{
		my ($name, $listen, $conninfo, $said) = @$case;
		my ($exit, $out, $err) = run_bench('trace', '--listen', $listen, $conninfo);

		is($exit, 1, "$name: exit status 1");
		like($err, $said, "$name: said");
	}
	my ($exit, $out, $err) = run_bench($node, 'trace');
	like_message($err, 'needs --listen', 'no --listen: said');

	# few descriptors
	my $trace;
	append_to_file("$dir/few", "#!/bin/sh\nulimit -n 60\nexec '$ENV{BENCH}' \"\$@\"\n");
	chmod 0755, "$dir/few";
	{
		local %ENV = (%ENV, BENCH => "$dir/few");
		$trace = start_trace(conninfo($node), '-T', 30);
	}
	like(${ $trace->{err} }, qr/by the limit of open files \(ulimit -n\) 10 connections can be forwarded/, 'few descriptors: said at the start');
	my @sessions = map { Protocol->new($node, port => $trace->{port}) } 1 .. 10;
	($exit, $out, $err) = psql(through($trace), 'SELECT 1');
	like($err, qr/forwards 10 connections at once and no more/, 'one too many is refused, and told why');
	is(($_->query('SELECT 1'))[0][0], 1, 'another goes on') foreach @sessions[0, 9];
	close $sessions[0]{socket};
	my $again = wait_until { (psql(through($trace), 'SELECT 1'))[1] eq "1\n" } 5;
	ok($again, 'when one has gone there is room again');
	($exit, $out, $err) = stop_trace($trace);
	is($exit, 0, 'few descriptors: they do for the report');
}

# --- ways to the server -------------------------------------------------

{
	my $trace = start_trace(conninfo($node, host => '127.0.0.1,127.0.0.1', port => '1,' . $node->port), '-T', 2);
	my ($exit, $out, $err) = psql(through($trace), 'SELECT inet_server_port()');

	is($out, $node->port . "\n", 'several hosts: one that is there');
	($exit, $out, $err) = finish_bench($trace);
	is($exit, 0, '-T ends it with its report');
}

# Certificates: an authority, a server of two names, a client, and an authority that has
# nothing to do with them.
sub openssl
{
	my ($exit, $out, $err) = run_program('openssl', @_);

	die "openssl @_: $err" if $exit != 0;
	return;
}

{
	my @key = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes');

	# the system's own settings may have the extension too, and twice is once too often
	append_to_file("$dir/ca.cnf", "[req]\ndistinguished_name = name\nx509_extensions = ca\n[name]\n[ca]\nbasicConstraints = critical,CA:TRUE\n");
	foreach my $ca ('ca', 'other')
	{
		openssl('req', '-x509', @key, '-config', "$dir/ca.cnf", '-keyout', "$dir/$ca.key", '-out', "$dir/$ca.crt", '-days', 30, '-subj', "/CN=$ca");
	}
	foreach my $one ([ 'server', 'db.example', "subjectAltName=DNS:db.example" ], [ 'client', 'presenter', 'basicConstraints=CA:FALSE' ])
	{
		my ($name, $subject, $extension) = @$one;

		append_to_file("$dir/$name.ext", $extension);
		openssl('req', '-new', @key, '-keyout', "$dir/$name.key", '-out', "$dir/$name.csr", '-subj', "/CN=$subject");
		openssl('x509', '-req', '-in', "$dir/$name.csr", '-CA', "$dir/ca.crt", '-CAkey', "$dir/ca.key", '-CAcreateserial', '-days', 30, '-extfile', "$dir/$name.ext", '-out', "$dir/$name.crt");
		chmod 0600, "$dir/$name.key";
	}
	my $hba = $node->data_dir . '/pg_hba.conf';
	my $before = slurp_file($hba);

	$node->safe_psql('postgres', q{SET password_encryption = 'scram-sha-256'; CREATE ROLE secretive LOGIN PASSWORD 'it is a secret'; CREATE ROLE presenter LOGIN});
	$node->append_conf('postgresql.conf', "ssl = on\nssl_cert_file = '$dir/server.crt'\nssl_key_file = '$dir/server.key'\nssl_ca_file = '$dir/ca.crt'\n");
	unlink $hba;
	append_to_file($hba, "local all secretive scram-sha-256\nhost all secretive 127.0.0.1/32 scram-sha-256\nhostssl all presenter 127.0.0.1/32 cert\nhostnossl all presenter 127.0.0.1/32 reject\n$before");
	$node->restart;
}
my %tls = (host => 'db.example', hostaddr => '127.0.0.1', sslrootcert => "$dir/ca.crt", sslmode => 'verify-full');
my $secured = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';

{
	my $trace = start_trace(conninfo($node, %tls));
	like(${ $trace->{err} }, qr/host "db\.example", port \d+, by TLS/, 'TLS to the server: said');
	my ($exit, $out, $err) = psql(through($trace), $secured);
	is("$exit $out", "0 t\n", 'verify-full: by TLS, though the program has none') or diag($err);
	{
		local %ENV = (%ENV, PGPASSWORD => 'it is a secret');
		($exit, $out, $err) = psql(through($trace, user => 'secretive'), $secured, 'SELECT current_user');
		is("$exit $out", "0 t\nsecretive\n", 'a SCRAM password passes through, without the binding to TLS that the program does not have') or diag($err);
		$ENV{PGPASSWORD} = 'wrong';
		($exit, $out, $err) = psql(through($trace, user => 'secretive'), 'SELECT 1');
		like($err, qr/password authentication failed/, '... and a wrong one does not');
	}
	my $session = Protocol->new($node, port => $trace->{port});
	is(length(($session->query(q{SELECT pg_catalog.repeat('x', 20000000)}))[0][0]), 20_000_000, 'TLS: 20 MB down');
	$session->send(parse('', 'SELECT pg_catalog.length($1)'), bind_to('', 'y' x 20_000_000), execute(), sync());
	is(($session->answer)[0][0], 20_000_000, 'TLS: 20 MB up');
	{
		my ($in, $answer) = ('', '');
		my $program = IPC::Run::start([ 'psql', '-XAtq', '-c', 'SELECT pg_sleep(60)', through($trace, application_name => 'sleeper') ], '<', \$in, '>&', \$answer, IPC::Run::timeout(60));

		server_says($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'sleeper' AND state = 'active'});
		$program->signal('INT');
		$program->finish;
		like($answer, qr/canceling statement due to user request/, 'TLS: a cancel request is passed on');
	}
	($exit, $out, $err) = stop_trace($trace);
	is($exit, 0, 'TLS: exit status 0');
	unlike($out . $err, qr/could not (log in|be measured)/, 'TLS: our own sessions came about');
}

foreach my $case (
	[ 'verify-full, another name', { host => 'other.example' }, qr/certificate.*other\.example/ ],
	[ 'verify-full, an address that it is not of', { host => '127.0.0.1' }, qr/certificate.*127\.0\.0\.1/ ],
	[ 'verify-full, another authority', { sslrootcert => "$dir/other.crt" }, qr/certificate.*(cannot be trusted|verify failed)/ ],
	[ 'verify-ca, another authority', { sslmode => 'verify-ca', sslrootcert => "$dir/other.crt" }, qr/certificate.*(cannot be trusted|verify failed)/ ],
	[ 'require, with another authority to trust', { sslmode => 'require', sslrootcert => "$dir/other.crt" }, qr/certificate.*(cannot be trusted|verify failed)/ ],
	[ 'no such file', { sslrootcert => "$dir/none_such.crt" }, qr/none_such\.crt/ ])
{
	my ($name, $parameters, $said) = @$case;
	my ($exit, $out, $err) = run_bench('trace', '--listen', 0, conninfo($node, %tls, %$parameters));

	is($exit, 1, "$name: refused");
	like($err, $said, "$name: said");
}
foreach my $case (
	[ 'verify-ca, another name', { sslmode => 'verify-ca', host => 'other.example' }, 't' ],
	[ 'require, no authority', { sslmode => 'require', sslrootcert => '' }, 't' ],
	[ 'prefer', { sslmode => 'prefer', sslrootcert => '' }, 't' ],
	[ 'allow', { sslmode => 'allow' }, 'f' ],
	[ 'disable', { sslmode => 'disable' }, 'f' ],
	[ 'a certificate of one\'s own', { user => 'presenter', sslcert => "$dir/client.crt", sslkey => "$dir/client.key" }, 't', { user => 'presenter' } ],
	[ 'a Unix socket, where there is no TLS', { host => $node->host, hostaddr => '', sslmode => 'require' }, 'f' ])
{
	my ($name, $parameters, $has_tls, $program) = @$case;
	my $trace = start_trace(conninfo($node, %tls, %$parameters));
	my ($exit, $out, $err) = psql(through($trace, %{ $program || {} }), $secured);

	is("$exit $out", "0 $has_tls\n", "$name: " . ($has_tls eq 't' ? 'by TLS' : 'plain')) or diag($err, ${ $trace->{err} });
	kill 'KILL', $trace->{pid};
	finish_bench($trace);
}

# --- a server that has gone silent when the tracing ends ---------------------

{
	my $trace = start_trace(conninfo($node, host => '127.0.0.1'));

	# the process that measures is silent: it stands for the server
	my ($measuring) = split ' ', `ps -o pid= --ppid $trace->{pid}`;
	kill 'STOP', $measuring;
	my ($exit, $out, $err) = stop_trace($trace);
	is($exit, 0, 'what cannot be measured at the end does not cost the report') or diag($err);
	like($err, qr/warning: what tracing adds was not measured at the end/, '... and is said');
}

done_testing();
