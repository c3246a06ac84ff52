package Chromium;

# A headless Chromium that shows a page of ours: what it measures of it, and pictures.
# It is spoken to by its debugging protocol, through two pipes: JSON, each message
# ended by a zero byte.  Perl with its core modules only.

use strict;
use warnings;

use Compress::Zlib;
use Fcntl;
use IO::Select;
use JSON::PP;
use MIME::Base64;
use POSIX ();
use Time::HiRes qw(time);

# how long an answer may take
my $patience_s = 120;

# pictures are cut off below so many pixels
my $most_height = 16000;

# the program, or undef where there is none
sub program
{
	foreach my $name (qw(chromium chromium-browser google-chrome))
	{
		my ($path) = grep { -x } map { "$_/$name" } split /:/, $ENV{PATH};

		return $path if $path;
	}
	return undef;
}

# Chromium->start(FOLDER): an empty tab; the folder, which must be there, is for its profile
sub start
{
	my ($class, $folder) = @_;
	my $self = bless { next_id => 1, buffer => '', requests => [] }, $class;

	pipe(my $from_us, $self->{to}) && pipe($self->{from}, my $to_us) or die "pipe: $!";
	$self->{pid} = fork // die "fork: $!";
	if ($self->{pid} == 0)
	{
		# where it looks for them, whatever numbers they have now
		my @high = map { fcntl($_, F_DUPFD, 20) } $from_us, $to_us;

		POSIX::dup2($high[0], 3);
		POSIX::dup2($high[1], 4);
		open STDOUT, '>', "$folder/chromium.log";
		open STDERR, '>&', \*STDOUT;
		$ENV{HOME} = $folder;
		{ no warnings 'exec'; exec program(), qw(--headless=new --remote-debugging-pipe --no-sandbox --disable-gpu --disable-dev-shm-usage
		  --no-first-run --disable-extensions --disable-background-networking --disable-sync --hide-scrollbars),
		  "--user-data-dir=$folder/profile", 'about:blank'; }
		POSIX::_exit(127);
	}
	close $from_us;
	close $to_us;
	$self->{to}->autoflush(1);
	my ($tab) = grep { $_->{type} eq 'page' } @{ $self->command('Target.getTargets')->{targetInfos} };

	$self->{session} = $self->command('Target.attachToTarget', targetId => $tab->{targetId}, flatten => JSON::PP::true)->{sessionId};
	$self->command("$_.enable") foreach qw(Page Network Runtime);
	return $self;
}

# the next message, with what is asked for on the way remembered
sub message
{
	my ($self, $until) = @_;

	while (index($self->{buffer}, "\0") < 0)
	{
		IO::Select->new($self->{from})->can_read(0 > $until - time ? 0 : $until - time) or die "chromium says nothing\n";
		sysread($self->{from}, $self->{buffer}, 1 << 20, length $self->{buffer}) or die "chromium has gone\n";
	}
	my $message = decode_json(substr $self->{buffer}, 0, index($self->{buffer}, "\0"));

	substr($self->{buffer}, 0, 1 + index($self->{buffer}, "\0"), '');
	push @{ $self->{requests} }, $message->{params}{request}{url} if ($message->{method} // '') eq 'Network.requestWillBeSent';
	return $message;
}

# command(METHOD, PARAMETERS): what it answers
sub command
{
	my ($self, $method, %parameters) = @_;
	my $id = $self->{next_id}++;
	my $until = time + $patience_s;

	print { $self->{to} } encode_json({ id => $id, method => $method, params => \%parameters,
		$self->{session} ? (sessionId => $self->{session}) : () }), "\0";
	while (my $message = $self->message($until))
	{
		next unless ($message->{id} // 0) == $id;
		die "$method: $message->{error}{message}\n" if $message->{error};
		return $message->{result};
	}
	return;
}

# show(FILE, width => PIXELS, dark => BOOL): seconds until it was loaded
sub show
{
	my ($self, $file, %how) = @_;
	my $until = time + $patience_s;
	my $began = time;

	$self->command('Emulation.setDeviceMetricsOverride', width => $how{width} + 0, height => 900, deviceScaleFactor => 1, mobile => JSON::PP::false);
	$self->command('Emulation.setEmulatedMedia', media => '', features => [ { name => 'prefers-color-scheme', value => $how{dark} ? 'dark' : 'light' } ]);
	$self->{requests} = [];
	$self->command('Page.navigate', url => "file://$file");
	while (my $message = $self->message($until))
	{
		last if ($message->{method} // '') eq 'Page.loadEventFired';
	}
	return time - $began;
}

# opening(FILE, width => PIXELS, times => N): medians of the milliseconds from going there to
# the first thing that is painted, and to the end of the load event, by the page's own clock
sub opening
{
	my ($self, $file, %how) = @_;
	my (@paints, @loads);

	foreach (1 .. $how{times})
	{
		my ($paint, $load);

		$self->show($file, %how);
		for (my $until = time + $patience_s; !$load && time < $until; select undef, undef, undef, 0.05)
		{
			($paint, $load) = @{ $self->evaluate(q{[performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0] || 0,
				performance.getEntriesByType('navigation')[0].loadEventEnd]}) };
			$load = 0 unless $paint;
		}
		die "$file: nothing was painted\n" unless $load;
		push @paints, $paint;
		push @loads, $load;
	}
	return map { (sort { $a <=> $b } @$_)[ $#$_ / 2 ] } \@paints, \@loads;
}

# the addresses that the page asked for, its own among them
sub requests { return @{ $_[0]{requests} }; }

# evaluate(EXPRESSION): its value in the page
sub evaluate
{
	my ($self, $expression) = @_;
	my $answer = $self->command('Runtime.evaluate', expression => $expression, returnByValue => JSON::PP::true);

	die "$expression: $answer->{exceptionDetails}{exception}{description}\n" if $answer->{exceptionDetails};
	return $answer->{result}{value};
}

# picture(PATH, [HEIGHT]): all of the page, or so much of it from above, a PNG; returns the path
sub picture
{
	my ($self, $path, $height) = @_;
	my $size = $self->command('Page.getLayoutMetrics')->{cssContentSize};

	$height ||= $size->{height} > $most_height ? $most_height : $size->{height};
	return $self->picture_of($path, 0, 0, $size->{width}, $height);
}

# picture_of(PATH, X, Y, WIDTH, HEIGHT): a part of the page, a PNG; returns the path
sub picture_of
{
	my ($self, $path, $x, $y, $width, $height) = @_;

	return save($path, decode_base64($self->command('Page.captureScreenshot', format => 'png', captureBeyondViewport => JSON::PP::true,
		clip => { x => $x, y => $y, width => $width, height => $height, scale => 1 })->{data}));
}

# print_to(PATH): a PDF on A4, in its own colours
sub print_to
{
	my ($self, $path) = @_;

	return save($path, decode_base64($self->command('Page.printToPDF', paperWidth => 8.27, paperHeight => 11.69,
		printBackground => JSON::PP::false, preferCSSPageSize => JSON::PP::true)->{data}));
}

sub save
{
	my ($path, $bytes) = @_;

	open my $file, '>:raw', $path or die "$path: $!";
	print $file $bytes;
	close $file or die "$path: $!";
	return $path;
}

# stop(): its end, waited for
sub stop
{
	my ($self) = @_;

	delete $self->{session};
	eval { $self->command('Browser.close') };
	close $self->{to};
	kill 'TERM', $self->{pid} if !waited($self->{pid}, 10);
	waitpid $self->{pid}, 0;
	return;
}

sub waited
{
	my ($pid, $seconds) = @_;
	my $until = time + $seconds;

	while (time < $until)
	{
		return 1 if waitpid($pid, POSIX::WNOHANG()) != 0;
		select undef, undef, undef, 0.05;
	}
	return 0;
}

# png_pixels(PATH): width, height, and a function of x and y that gives red, green, blue
sub png_pixels
{
	my ($path) = @_;

	open my $file, '<:raw', $path or die "$path: $!";
	my $bytes = do { local $/; <$file> };
	my ($width, $height, $depth, $type, undef, undef, $interlaced) = unpack 'NNC5', substr $bytes, 16, 13;
	my $data = '';

	die "$path: no PNG of 8 bits a colour\n" if $bytes !~ /\A\x89PNG/ || $depth != 8 || $interlaced || ($type != 2 && $type != 6);
	for (my $at = 8; $at < length $bytes;)
	{
		my ($length, $name) = unpack 'Na4', substr $bytes, $at, 8;

		$data .= substr $bytes, $at + 8, $length if $name eq 'IDAT';
		$at += 12 + $length;
	}
	$data = uncompress($data) // die "$path: cannot be unpacked\n";
	my $step = $type == 2 ? 3 : 4;
	my @rows;
	my @above = (0) x ($width * $step);

	foreach my $y (0 .. $height - 1)
	{
		my ($filter, @row) = unpack 'C*', substr $data, $y * ($width * $step + 1), $width * $step + 1;

		if ($filter)
		{
			foreach my $i (0 .. $#row)
			{
				my ($left, $corner) = $i >= $step ? ($row[ $i - $step ], $above[ $i - $step ]) : (0, 0);
				my $up = $above[$i];
				my $guess = $filter == 1 ? $left : $filter == 2 ? $up : $filter == 3 ? ($left + $up) >> 1 : paeth($left, $up, $corner);

				$row[$i] = ($row[$i] + $guess) & 255;
			}
		}
		push @rows, pack 'C*', @row;
		@above = @row;
	}
	return ($width, $height, sub { return unpack 'C3', substr $rows[ $_[1] ], $_[0] * $step, 3; });
}

sub paeth
{
	my ($left, $up, $corner) = @_;
	my @off = map { abs($left + $up - $corner - $_) } $left, $up, $corner;

	return $off[0] <= $off[1] && $off[0] <= $off[2] ? $left : $off[1] <= $off[2] ? $up : $corner;
}

1;
