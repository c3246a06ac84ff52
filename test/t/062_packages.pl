# What packages are made of, as far as it costs nothing to look: META.json by PGXN's
# specification (https://pgxn.org/meta/spec.txt), the completion, the packaging and the
# job for every night.  Packages themselves: "make check-deb".

use strict;
use warnings;

use DbosPayload;
use JSON::PP;
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;

my $folder = PostgreSQL::Test::Utils::tempdir();

sub file { return slurp_file(project_dir() . "/$_[0]"); }

sub write_file
{
	my ($name, $text) = @_;

	open my $handle, '>', "$folder/$name" or die "$name: $!";
	print $handle $text;
	close $handle or die "$name: $!";
	return "$folder/$name";
}

# --- META.json ----------------------------------------------------------

my $term = qr{^[^\s[:cntrl:]/\\]{2,}$};
my $version = qr/^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-?[a-zA-Z][-0-9A-Za-z]*)?$/;
my $range = qr/^(?:(?:<|<=|>|>=|==|!=) *)?(?:0|\d+\.\d+\.\d+\S*)$/;
my $url = qr{^[a-z][a-z0-9+.-]*:\S+$}i;
my %licenses = map { $_ => 1 } qw(agpl_3 apache_1_1 apache_2_0 artistic_1 artistic_2 bsd freebsd gfdl_1_2 gfdl_1_3 gpl_1
  gpl_2 gpl_3 lgpl_2_1 lgpl_3_0 mit mozilla_1_0 mozilla_1_1 openssl perl_5 postgresql qpl_1_0 ssleay sun zlib open_source
  restricted unrestricted unknown);
my %known = map { $_ => 1 } qw(name version abstract description maintainer license provides meta-spec prereqs resources
  release_status generated_by no_index tags);

# is it a text that is not empty, a list of such, or one of either?
sub is_text { return defined $_[0] && !ref $_[0] && length $_[0]; }
sub is_texts { return ref $_[0] eq 'ARRAY' && @{ $_[0] } && !grep { !is_text($_) } @{ $_[0] }; }

# what of a META.json is against the specification, 1.0.0
sub meta_mistakes
{
	my ($meta) = @_;
	my @wrong;
	# a match that fails is an empty list
	my $need = sub { my $what = pop; push @wrong, $what unless $_[0]; };

	return ('no object') if ref $meta ne 'HASH';
	$need->(exists $meta->{$_}, "$_ is missing") foreach qw(name version abstract maintainer license provides meta-spec);
	$need->($known{$_} || /^x_/i, "$_ is no key") foreach keys %$meta;
	return @wrong if @wrong;

	$need->(is_text($meta->{name}) && $meta->{name} =~ $term, 'name');
	$need->(is_text($meta->{version}) && $meta->{version} =~ $version, 'version');
	$need->(is_text($meta->{abstract}), 'abstract');
	$need->(is_text($meta->{maintainer}) || is_texts($meta->{maintainer}), 'maintainer');
	my $license = $meta->{license};

	if (ref $license eq 'HASH') { $need->(%$license && !(grep { $_ !~ $url } values %$license), 'license'); }
	else { $need->(!(grep { !$licenses{$_} } ref $license eq 'ARRAY' ? @$license : $license), 'license'); }

	$need->(ref $meta->{provides} eq 'HASH' && %{ $meta->{provides} }, 'provides');
	foreach my $name (ref $meta->{provides} eq 'HASH' ? keys %{ $meta->{provides} } : ())
	{
		my $provided = $meta->{provides}{$name};

		$need->($name =~ $term, "provides: $name");
		$need->(ref $provided eq 'HASH' && is_text($provided->{file}) && is_text($provided->{version})
			  && $provided->{version} =~ $version, "provides.$name: file and version");
		next if ref $provided ne 'HASH';
		$need->(/^(?:file|version|abstract|docfile|x_.*)$/i, "provides.$name.$_ is no key") foreach keys %$provided;
		$need->(is_text($provided->{$_}), "provides.$name.$_") foreach keys %$provided;
		$need->(-e project_dir() . "/$provided->{$_}", "provides.$name.$_ is not there")
		  foreach grep { is_text($provided->{$_}) } qw(file docfile);
	}

	my $spec = $meta->{'meta-spec'};

	$need->(ref $spec eq 'HASH' && ($spec->{version} // '') =~ /^1\.0\.\d+$/, 'meta-spec.version');
	$need->(ref $spec eq 'HASH' && ($spec->{url} // 'http:x') =~ $url, 'meta-spec.url');

	foreach my $phase (keys %{ $meta->{prereqs} || {} })
	{
		$need->($phase =~ /^(?:configure|build|test|runtime|develop|x_.*)$/i, "prereqs.$phase");
		foreach my $relation (keys %{ $meta->{prereqs}{$phase} })
		{
			my $needed = $meta->{prereqs}{$phase}{$relation};

			$need->($relation =~ /^(?:requires|recommends|suggests|conflicts|x_.*)$/i, "prereqs.$phase.$relation");
			$need->($_ =~ $term && !(grep { $_ !~ $range } split / *, */, $needed->{$_}), "prereqs.$phase.$relation.$_")
			  foreach keys %$needed;
		}
	}
	$need->($meta->{release_status} =~ /^(?:stable|testing|unstable)$/, 'release_status') if exists $meta->{release_status};
	$need->(is_texts($meta->{tags}) && !(grep { length > 255 || m{[/\\[:cntrl:]]} } @{ $meta->{tags} }), 'tags')
	  if exists $meta->{tags};
	$need->(is_text($meta->{$_}), $_) foreach grep { exists $meta->{$_} } qw(description generated_by);
	foreach my $key (keys %{ $meta->{resources} || {} })
	{
		my $resource = $meta->{resources}{$key};

		$need->($key =~ /^(?:homepage|bugtracker|repository|x_.*)$/i, "resources.$key");
		$need->((ref $resource ? $resource->{url} // $resource->{web} // '' : $resource) =~ $url, "resources.$key: a URL");
	}
	return @wrong;
}

my $meta = JSON::PP->new->utf8->decode(file('META.json'));

is(join('; ', meta_mistakes($meta)), '', 'META.json is as PGXN\'s specification has it');
foreach my $case (
	[ license => 'beer' ], [ version => '1.0' ], [ name => 'a b' ], [ provides => {} ], [ maintainer => [] ],
	[ 'meta-spec' => { version => '2.0.0' } ], [ tags => 'one' ], [ sbom => 1 ], [ abstract => '' ],
	[ release_status => 'good' ], [ prereqs => { runtime => { requires => { PostgreSQL => '13' } } } ],
	[ provides => { dbos_payload => { file => 'nowhere.sql', version => '1.0.0' } } ])
{
	my ($key, $value) = @$case;

	isnt(join('', meta_mistakes({ %$meta, $key => $value })), '', "found: another $key");
}
isnt(join('', meta_mistakes({ map { $_ => $meta->{$_} } grep { $_ ne 'license' } keys %$meta })), '', 'found: no license');

# --- completion ---------------------------------------------------------

my ($exit, $script, $err) = run_program($ENV{BENCH}, 'help', '--bash');
is($exit, 0, 'help --bash') or diag($err);
write_file('completion', $script);

# completed(WORD...): what the last word is completed to, as bash would; it takes
# --option=value for three words
sub completed
{
	my @words = ('dbos_payload_bench', @_);
	my ($status, $out, $complaint) = run_program('bash', '-c', <<'SCRIPT', $folder, @words);
		cd "$0" && . ./completion && complete -p dbos_payload_bench >/dev/null || exit 1
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_dbos_payload_bench
		printf '%s\n' "${COMPREPLY[@]}"
SCRIPT
	diag($complaint) if $complaint ne '';
	chomp $out;
	return $status == 0 && $complaint eq '' ? join ' ', sort split /\n/, $out : "exit status $status";
}

write_file('a result.json', '{}');
mkdir "$folder/a folder";
is(completed('comp'), 'compare', 'a command');
is(completed('run', '--ori'), '--origin=', 'an option that takes a value');
is(completed('run', '--recon'), '--reconnect', 'one that takes none');
is(completed('report', '--ori'), '', 'no other command\'s option');
is(completed('run', '--origin', ''), 'all client server', 'what an option chooses from');
is(completed('run', '--origin', '=', 'c'), 'client', '... behind its sign');
is(completed('run', '--drive', '=', 'calls,p'), 'calls,pipeline calls,procedure', '... the last of a list');
is(completed('run', '-M', 'p'), 'prepared', '... of an option\'s letter');
is(completed('run', '--sizes', ''), '', 'a value that is no choice');
is(completed('run', '--json', 'a'), 'a folder a result.json', 'a file, with a blank in its name');
is(completed('run', '--plot', 'a'), 'a folder', 'a folder');
is(completed('run', '--against', 'a'), '', 'run --against: a connection');
is(completed('compare', 'a result.json', '--against', 'a r'), 'a result.json', 'compare --against: a file');
is(completed('report', 'a r'), 'a result.json', 'a file as argument');
is(completed('experiment', 'stor'), 'storage', 'an experiment');
is(completed('help', 'rep'), 'report', 'help on a command');

# whatever it offers, the program takes
foreach my $option (qw(--drive --profile --origin --protocol --result-format))
{
	foreach my $value (split / /, completed('run', $option, ''))
	{
		my (undef, undef, $said) = run_program({ env => { PGHOST => '/nonexistent' } }, $ENV{BENCH}, 'run', $option, $value,
			$value eq 'simple' ? qw(--result-format text) : ());

		like($said, qr{/nonexistent}, "$option $value is taken");
	}
}

# --- the packaging ------------------------------------------------------

my ($own) = file('extension/dbos_payload.control') =~ /^default_version *= *'(.*)'/m;
my $control = file('debian/control.in');

is(join(' ', $control =~ /^Package: (\S+)$/mg), 'postgresql-PGVERSION-dbos-payload dbos-payload-bench', 'the packages');
like(file('debian/copyright'), qr/^Copyright: 2026, dbos_payload authors\nLicense: PostgreSQL$/m, 'whose they are');
my ($license) = file('debian/copyright') =~ /^License: PostgreSQL\n( .*)\z/ms;
is($license =~ s/^ \.?//mgr, file('LICENSE') =~ s/\A(?:.*\n){4}//r, 'by the license in LICENSE');

# every library that the client is linked with has its headers named
{
	my ($libraries) = file('client/Makefile') =~ /^LIBS = (.*)$/m;
	my %headers = ('-lpq' => 'libpq-dev', OPENSSL_LIBS => 'libssl-dev', JANSSON_LIBS => 'libjansson-dev',
		'-llz4' => 'liblz4-dev', '-lzstd' => 'libzstd-dev', '-lm' => 'debhelper');

	foreach my $library ($libraries =~ /(-l\w+|\w+_LIBS)/g)
	{
		my $package = $headers{$library} // 'none that this test knows';

		like($control, qr/^ \Q$package\E\b/m, "debian/control.in: $library is in $package");
	}
}

# --- the job for every night --------------------------------------------

# with a program in the place of ours that says what it was called with, writes its
# file, and has compare's status from the file "status"
{
	my ($job) = file('docs/nightly.md') =~ /^```bash\n(#!.*?)^```$/ms;
	my $calls = "$folder/calls";

	mkdir "$folder/bin";
	write_file('job', $job);
	write_file('bin/dbos_payload_bench', <<'SCRIPT');
#!/bin/bash
echo "$*" >>calls
case $1 in
	run) echo "$RANDOM$RANDOM" >"$5" ;;
	compare) exit "$(cat status)" ;;
esac
SCRIPT
	chmod 0755, "$folder/bin/dbos_payload_bench";
	my $night = sub {
		my ($status) = @_;

		write_file('status', $status);
		unlink $calls;
		my ($code) = run_program({ env => { PATH => "$folder/bin:$ENV{PATH}", STATE_DIRECTORY => $folder, PROM => 'x.prom' } },
			'bash', "$folder/job", 'dbname=x');
		return ($code, map { -e "$folder/$_" ? slurp_file("$folder/$_") : '' } qw(calls first.json last-good.json new.json));
	};
	my ($code, $said, $first, $good, $new) = $night->(3);

	is($code, 0, 'the first night is good');
	is($said, "run --time 120 --json new.json --prometheus x.prom dbname=x\n", '... and compared with nothing');
	is($good, $first, '... and kept');
	my $second;

	($code, $said, undef, $second) = $night->(0);
	is($code, 0, 'a night that is not slower is good');
	is($said =~ s/^run.*\n//r, "compare --fail-if-slower 20 last-good.json --against new.json\n"
		  . "compare --fail-if-slower 20 first.json --against new.json\n", '... compared with the last good one and the first');
	isnt($second, $good, '... and kept');
	foreach my $status (3, 1)
	{
		($code, $said, my $kept, $good, $new) = $night->($status);
		is($code, $status, "status $status of compare is the job's");
		is("$kept$good", "$first$second", '... and the good files stay');
		isnt($new, '', '... with the new one beside them');
	}
}

done_testing();
