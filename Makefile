# dbos_payload: what a durable workflow's checkpoint costs, by payload size.
# A thin top over extension/ and client/; "make help" says what there is.

# (empty where the folders above cannot be entered, as in "sudo -u postgres")
here := $(realpath $(dir $(lastword $(MAKEFILE_LIST))))
ifneq ($(filter-out $(CURDIR),$(here)),)
$(error This is built in its own folder, not in another: make -C $(here))
endif

PG_CONFIG ?= pg_config
export PG_CONFIG

# Scripts run makes of their own: they get the variables of this one's command
# line and not its job server.
SCRIPT = MAKEFLAGS='$(if $(MAKEOVERRIDES),-- $(MAKEOVERRIDES))' MAKELEVEL=

.DEFAULT_GOAL := all

# What is missing for either half is said before anything is built or installed.
all install: needed
needed:
	@setup/install-packages build

all install uninstall installdirs:
	+@for half in extension client; do \
		$(MAKE) --no-print-directory -C $$half $@ || exit; \
	done

installcheck:
	+@setup/installcheck

experiment:
	@$(SCRIPT) setup/experiment $(ARGS)

# DBOS's SDKs beside ours: PEERS, RTT, ROUNDS and N say what of.
peers:
	@$(SCRIPT) client/peers/measure

check:
	@$(SCRIPT) setup/check $(TESTS)

# Longer checks, each by itself.
check-majors:
	@$(SCRIPT) maintain/check-majors $(MAJORS)

FROM ?= 15
TO ?= 17
check-upgrade:
	@$(SCRIPT) maintain/check-upgrade $(FROM) $(TO)

# Tables that Citus has distributed, where it is installed.
check-citus:
	@$(SCRIPT) maintain/check-citus

# What report --html writes, looked at: PAGE= instead of one made for it.
check-page:
	@$(SCRIPT) maintain/check-page $(PAGE)

check-sanitize:
	@$(SCRIPT) maintain/check-sanitize

CALLS ?= 1000000
check-random:
	@CALLS=$(CALLS) $(SCRIPT) setup/check test/t/025_random_calls.pl

ROUNDS ?= 200
check-crash:
	@CRASH_ROUNDS=$(ROUNDS) FAILOVERS=10 $(SCRIPT) setup/check test/t/028_crash.pl test/t/063_standbys.pl

check-fuzz:
	@$(SCRIPT) maintain/check-fuzz $(SECONDS)

# Figures, not tests: maintain/measure says what of.
SCALE ?= 1
measure:
	@SCALE=$(SCALE) $(SCRIPT) maintain/measure $(WHAT)

# What docs/ and the man page say of the client's options is made of its tables.
docs:
	+@$(MAKE) --no-print-directory -C client
	@maintain/docs client/dbos_payload_bench

dist:
	@maintain/dist

# Debian packages, for the major versions whose headers are installed.
deb:
	@$(SCRIPT) maintain/deb

# The same made, installed, used and purged in fresh systems.
check-deb:
	@$(SCRIPT) maintain/check-deb $(SUITES)

clean:
	+@for half in extension client; do \
		$(MAKE) --no-print-directory -C $$half $@ || exit; \
	done
	+@for tests in tools unit; do \
		$(MAKE) --no-print-directory -C test/$$tests $@ || exit; \
	done
	rm -rf build

distclean: clean
	rm -rf dist

help:
	@cat setup/help

.PHONY: all needed install uninstall installdirs installcheck experiment peers check check-majors check-upgrade check-citus check-page check-sanitize check-fuzz check-random check-crash measure docs dist deb check-deb clean distclean help
