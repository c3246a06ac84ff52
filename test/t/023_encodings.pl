# The regression tests in servers of other encodings and of another language; a
# payload is the same bytes in all of them.

use strict;
use warnings;

use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

# The regression tests in a server of another encoding, or language.
sub regress_in
{
	my ($name, $environment, @initdb) = @_;
	local %ENV = (%ENV, %$environment);
	my $other = new_node($name, extension => 0, extra => \@initdb, conf => $environment->{LC_ALL} ? "lc_messages = '$environment->{LC_ALL}'\n" : '');
	my ($exit, $out, $diffs) = installcheck($other, 'ISOLATION=');
	is($exit, 0, "regression tests: $name") or diag("$out$diffs");

	# all bytes of a payload, and a name in the database's own encoding
	my $result = $other->safe_psql('postgres', q{
		CREATE EXTENSION dbos_payload;
		SELECT dbos_payload.start_workflow('w', 'test') AS w \gset
		SELECT dbos_payload.record_step('w', 0, 'bytes', decode(string_agg(lpad(to_hex(i), 2, '0'), '' ORDER BY i), 'hex')) FROM generate_series(0, 255) AS i;
		SELECT encode(sha256(dbos_payload.step_output('w', 0, 'bytes')), 'hex')});
	is($result, "recorded\n40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880", "payload of all bytes: $name");
	$other->stop;
	return;
}

regress_in('SQL_ASCII', {}, '--encoding=SQL_ASCII', '--locale=C');
regress_in('LATIN1', {}, '--encoding=LATIN1', '--locale=C');
regress_in('EUC_JP', {}, '--encoding=EUC_JP', '--locale=C');
SKIP:
{
	my %german = german_locale();
	skip('localedef cannot make de_DE.UTF-8', 2) unless %german;
	regress_in('German', \%german, '--locale=de_DE.UTF-8', '--encoding=UTF8');
}

done_testing();
