# The regression tests in databases of other encodings and of another language; a
# payload is the same bytes in all of them.

use strict;
use warnings;

use DbosPayload;
use PostgreSQL::Test::Utils;
use Test::More;

my %german = german_locale();

# one server, whose own language is German, where there is that
local %ENV = (%ENV, %german);
my $node = new_node('main', extension => 0, conf => %german ? "lc_messages = '$german{LC_ALL}'\n" : '');

# The regression tests in a database that pg_regress makes so, or finds.
sub regress_in
{
	my ($name, @how) = @_;
	my ($exit, $out, $diffs) = installcheck($node, 'ISOLATION=', @how);
	is($exit, 0, "regression tests: $name") or diag("$out$diffs");

	# all bytes of a payload, and a name in the database's own encoding
	my $result = $node->safe_psql('dbos_payload_regression', q{
		SELECT pg_encoding_to_char(encoding) || ' ' || datcollate FROM pg_database WHERE datname = current_database();
		SELECT dbos_payload.start_workflow('w', 'test') AS w \gset
		SELECT dbos_payload.record_step('w', 0, 'bytes', decode(string_agg(lpad(to_hex(i), 2, '0'), '' ORDER BY i), 'hex')) FROM generate_series(0, 255) AS i;
		SELECT encode(sha256(dbos_payload.step_output('w', 0, 'bytes')), 'hex')});
	is($result, "$name\nrecorded\n40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880", "payload of all bytes: $name");
	return;
}

regress_in("$_ C", "ENCODING=$_", 'NO_LOCALE=1') foreach qw(SQL_ASCII LATIN1 EUC_JP);
SKIP:
{
	skip('localedef cannot make de_DE.UTF-8', 2) unless %german;

	# pg_regress knows no locale but C: made for it, with the settings that it gives each
	$node->safe_psql('postgres', 'DROP DATABASE dbos_payload_regression');
	$node->safe_psql('postgres', "CREATE DATABASE dbos_payload_regression TEMPLATE template0 ENCODING 'UTF8' LOCALE '$german{LC_ALL}'");
	$node->safe_psql('dbos_payload_regression', join ';', 'CREATE EXTENSION dbos_payload',
		map { "ALTER DATABASE dbos_payload_regression SET $_" } map({ "$_ = 'C'" } qw(lc_messages lc_monetary lc_numeric lc_time)), q(bytea_output = 'hex'), q(timezone_abbreviations = 'Default'));
	regress_in("UTF8 $german{LC_ALL}", 'EXTRA_REGRESS_OPTS=--use-existing');
}

done_testing();
