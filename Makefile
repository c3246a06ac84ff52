# dbos_payload: what a workflow's checkpoint costs, by payload size.
# "make help" says what there is to make.

PG_CONFIG ?= pg_config
export PG_CONFIG

SUBDIRS := extension client
VERSION := $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" extension/dbos_payload.control)

.DEFAULT_GOAL := all

all install uninstall installdirs:
	+@for d in $(SUBDIRS); do $(MAKE) --no-print-directory -C $$d $@ || exit; done

clean:
	+@for d in $(SUBDIRS); do $(MAKE) --no-print-directory -C $$d $@ || exit; done
	rm -rf build

.PHONY: all install uninstall installdirs clean
