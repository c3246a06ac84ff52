# dbos_payload: what a durable workflow's checkpoint costs, by payload size.
# A thin top over extension/ and client/; "make help" says what there is.

PG_CONFIG ?= pg_config
export PG_CONFIG

VERSION := $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" extension/dbos_payload.control)

# Scripts run makes of their own: they get the variables of this one's command
# line and not its job server.
SCRIPT = MAKEFLAGS='$(if $(MAKEOVERRIDES),-- $(MAKEOVERRIDES))' MAKELEVEL= setup

.DEFAULT_GOAL := all

all install uninstall installdirs:
	+@for half in extension client; do \
		$(MAKE) --no-print-directory -C $$half $@ || exit; \
	done

# Every kind of test runs, also when one before it failed.
installcheck:
	+@status=0; \
	$(MAKE) --no-print-directory -C extension installcheck || status=1; \
	setup/pgtap || status=1; \
	exit $$status

experiment:
	@$(SCRIPT)/experiment $(ARGS)

check:
	@$(SCRIPT)/check $(TESTS)

# Longer checks, each by itself.
check-majors:
	@$(SCRIPT)/check-majors $(MAJORS)

FROM ?= 15
TO ?= 17
check-upgrade:
	@$(SCRIPT)/check-upgrade $(FROM) $(TO)

check-sanitize:
	@$(SCRIPT)/check-sanitize

CALLS ?= 1000000
check-random:
	@CALLS=$(CALLS) $(SCRIPT)/check test/t/025_random_calls.pl

ROUNDS ?= 200
check-crash:
	@CRASH_ROUNDS=$(ROUNDS) $(SCRIPT)/check test/t/028_crash.pl

check-fuzz:
	@$(SCRIPT)/check-fuzz $(SECONDS)

# Figures, not tests: setup/measure says what of.
SCALE ?= 1
measure:
	@SCALE=$(SCALE) $(SCRIPT)/measure $(WHAT)

# What docs/ and the man page say of the client's options is made of its tables.
docs:
	+@$(MAKE) --no-print-directory -C client
	@maintain/docs client/dbos_payload_bench

dist:
	@setup/dist $(VERSION)

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

.PHONY: all install uninstall installdirs installcheck experiment check check-majors check-upgrade check-sanitize check-fuzz check-random check-crash measure docs dist clean distclean help
