# What the two makefiles share.  Include it before PGXS, with "here" set to
# the folder of the makefile that includes it.

# (empty where the folders above cannot be entered)
ifneq ($(filter-out $(CURDIR),$(realpath $(here))),)
$(error This is built in its own folder, not in another: make -C $(realpath $(here)))
endif

PG_CONFIG ?= pg_config

# asked once; empty where there is no such program
PG_VERSION := $(shell $(PG_CONFIG) --version 2>/dev/null)
ifeq ($(PG_VERSION),)
ifneq ($(filter-out clean distclean,$(or $(MAKECMDGOALS),all)),)
$(error $(PG_CONFIG) cannot be run: "make experiment" and "make check" install what is missing; or install postgresql-server-dev-N, libpq-dev, libjansson-dev, libssl-dev, liblz4-dev and libzstd-dev by hand, or set PG_CONFIG)
endif
endif

# One version for both halves, from the control file.
DBOS_PAYLOAD_VERSION := $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" $(here)../extension/dbos_payload.control)
VERSION_DEFINE := -DDBOS_PAYLOAD_VERSION=\"$(DBOS_PAYLOAD_VERSION)\"

# Warnings are shown always; "make WERROR=1" makes them errors.  "CC=clang" gets
# from PGXS the options of the gcc that the server was built by.
WARNINGS = -Wall -Wextra $(if $(filter-out 0,$(WERROR)),-Werror) \
	$(if $(findstring clang,$(CC)),-Wno-unknown-warning-option -Wno-ignored-optimization-argument)

# Objects depend on this file, which changes when the server's version, the
# compiler or its options change: objects made for one major version are never
# linked into a module for another.
BUILT_FOR = $(PG_VERSION), $(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS)
.built-for: FORCE
	@printf '%s\n' '$(BUILT_FOR)' | cmp -s - $@ || printf '%s\n' '$(BUILT_FOR)' >$@
.PHONY: FORCE
FORCE:

.DEFAULT_GOAL := all
