package CitusCluster;

# Servers that Citus makes one of: a coordinator and its workers.
#
#   my $cluster = CitusCluster->new(workers => 2);
#   $cluster->distribute;
#   $cluster->sql(...);

use strict;
use warnings;

use DbosPayload;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

my $conf = <<'END';
shared_preload_libraries = 'citus'
wal_level = logical
max_prepared_transactions = 100
citus.node_conninfo = 'sslmode=disable'
END

# new(workers => N, conf => TEXT): all of them run, with the extension in database
# postgres, whose tables are the coordinator's own.
sub new
{
	my ($class, %options) = @_;
	my @nodes = map { new_node($_ ? "worker$_" : 'coordinator', tcp => 1, extension => 0, conf => $conf . ($options{conf} // '')) }
	  0 .. $options{workers};
	my $self = bless { nodes => \@nodes }, $class;

	$_->safe_psql('postgres', 'CREATE EXTENSION citus') foreach @nodes;
	$self->sql("SELECT citus_set_coordinator_host('127.0.0.1', " . $nodes[0]->port . ')');
	$self->sql("SELECT citus_add_node('127.0.0.1', " . $_->port . ')') foreach @nodes[ 1 .. $#nodes ];
	$self->sql('CREATE EXTENSION dbos_payload');
	return $self;
}

sub coordinator { return $_[0]{nodes}[0]; }

# node(I): 0 the coordinator, then the workers
sub node { return $_[0]{nodes}[ $_[1] ]; }

sub nodes { return @{ $_[0]{nodes} }; }

# sql(STATEMENT): on the coordinator
sub sql { return $_[0]->coordinator->safe_psql('postgres', $_[1]); }

# distribute(): both tables, with what is in them
sub distribute
{
	my ($self) = @_;

	$self->sql(<<'END');
SELECT create_distributed_table('dbos_payload.workflow_status', 'workflow_uuid');
SELECT create_distributed_table('dbos_payload.operation_outputs', 'workflow_uuid',
	colocate_with => 'dbos_payload.workflow_status');
END
	return;
}

# node_of(WORKFLOW): the number of the node that keeps it
sub node_of
{
	my ($self, $workflow) = @_;
	my $port = $self->sql(<<"END");
SELECT nodeport FROM pg_dist_shard_placement
WHERE shardid = get_shard_id_for_distribution_column('dbos_payload.operation_outputs', '$workflow')
END
	my @nodes = $self->nodes;
	my ($found) = grep { $nodes[$_]->port == $port } 0 .. $#nodes;

	return $found;
}

# begin(I, SCRIPT): a psql in the background on that node, in which errors end no
# script; see finish.
sub begin
{
	my ($self, $node, $script) = @_;
	my %session = (out => '', err => '');

	$script .= "\n";

	$session{run} = IPC::Run::start([ 'psql', '-XAtq', '-d', conninfo($self->node($node)) ], '<', \$script,
		'>', \$session{out}, '2>', \$session{err}, IPC::Run::timeout(300));
	# it works while the caller does something else
	$session{run}->pump while length $script;
	return \%session;
}

# finish(SESSION): waits for its end; what it printed, and its errors.
sub finish
{
	my ($self, $session) = @_;

	$session->{run}->finish;
	return ($session->{out}, $session->{err});
}

1;
