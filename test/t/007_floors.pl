# The client's folders are floors: none includes from one above it, and every
# header is included by its path from the one include root.  Some calls are one folder's.

use strict;
use warnings;

use DbosPayload;
use File::Find;
use PostgreSQL::Test::Utils;
use Test::More;

# from the bottom to the top; main.c stands on the roof
my @floors = qw(util pg sample statistics environment engine figures drive report trace inspect experiment page command);
my %height = (map({ $floors[$_] => $_ } 0 .. $#floors), '' => scalar @floors);
my $client = project_dir() . '/client';

# problems_of(FILE, TEXT, KNOWN): what is wrong with the includes of a file, and
# with its calls of libpq; KNOWN: does a header of that path exist?
sub problems_of
{
	my ($file, $text, $known) = @_;
	my $folder = $file =~ m{^(.*)/} ? $1 : '';
	my @problems;

	return ("$file is in a folder that is no floor") unless exists $height{$folder};
	while ($text =~ /^\s*#\s*include\s+"([^"]+)"/mg)
	{
		my $header = $1;
		my $from = $header =~ m{^(.*)/} ? $1 : '';

		if ($from eq '') { push @problems, "$file includes \"$header\" without its folder"; }
		elsif (!$known->($header)) { push @problems, "$file includes \"$header\", which is not there"; }
		elsif ($height{$from} > $height{$folder}) { push @problems, "$file includes \"$header\" from above"; }
	}

	# who sends and receives is one folder's business
	push @problems, "$file calls $1" if $folder ne 'pg'
	  && $text =~ /\b(PQsend\w+|PQexec\w*|PQgetResult|PQconnect\w*|PQputCopy\w+|PQgetCopy\w+|PQflush|PQconsumeInput)\s*\(/;

	# the memory of what experiments start is measured
	push @problems, "$file calls fork instead of memory_fork" if $folder eq 'experiment' && $text =~ /\bfork\s*\(/;
	return @problems;
}

# --- the rules find what they are for -----------------------------------

{
	my $any = sub { 1 };

	is_deeply([ problems_of('report/a.c', qq{#include "util/memory.h"\n#include "report/text.h"\n#include <stdio.h>\n}, $any) ],
		[], 'from below, and from its own floor, is allowed');
	is_deeply([ problems_of('util/a.c', qq{#include "sample/sample.h"\n}, $any) ],
		['util/a.c includes "sample/sample.h" from above'], 'from above is found');
	is_deeply([ problems_of('drive/a.c', qq{#include "drive.h"\n}, $any) ],
		['drive/a.c includes "drive.h" without its folder'], 'a header without its folder is found');
	is_deeply([ problems_of('drive/a.c', qq{\tPQexec(conn, "x");\n}, $any) ], ['drive/a.c calls PQexec'], 'a call of libpq is found');
	is_deeply([ problems_of('experiment/a.c', qq{\tpid = fork();\n\tpid = memory_fork();\n}, $any) ],
		['experiment/a.c calls fork instead of memory_fork'], 'so is fork, where memory is measured');
	is_deeply([ problems_of('attic/a.c', '', $any) ], ['attic/a.c is in a folder that is no floor'], 'another folder is found');
}

# --- the client ---------------------------------------------------------

my @files;

find(sub { push @files, $File::Find::name =~ s{^\Q$client\E/}{}r if /\.[ch]$/ }, $client);
cmp_ok(scalar @files, '>', 50, 'the client has files');

my @problems = map { problems_of($_, slurp_file("$client/$_"), sub { -e "$client/$_[0]" }) } sort @files;

is(join("\n", @problems), q{}, 'no file includes from a floor above its own');

done_testing();
