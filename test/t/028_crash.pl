# A few rounds of make check-crash: backend, postmaster and client killed, and
# the acknowledgement of a commit lost.  CRASH_SEED repeats a run.

use strict;
use warnings;

use Crash;
use Test::More;

my $rounds = $ENV{CRASH_ROUNDS} // 8;
my %total = crash_rounds($rounds, $ENV{CRASH_SEED} // int(rand(1_000_000)));

is($total{rounds}, $rounds, 'every round was gone through');
cmp_ok($total{acknowledged}, '>', 0, 'steps were acknowledged');
is($total{lost}, 0, 'no acknowledged step is lost');
is($total{again}, 0, 'no recorded step was run again');
is($total{doubled}, 0, 'no step is there twice');
is($total{changed}, 0, 'no payload has changed');
is($total{rows}, 7 * $rounds, 'every workflow has its seven steps');
is($total{succeeded}, $rounds, 'every workflow ended well');
done_testing();
