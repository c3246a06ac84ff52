# shellcheck shell=bash
# What the scripts here and in maintain/ share; sourced, not run.
#
# top      the project's folder
# tmp      the folder that make_temp_dir made

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PG_CONFIG=${PG_CONFIG:-pg_config}
export PG_CONFIG

alive=
running=

say() { printf '%s\n' "$*" >&2; }

# mb_free DIR: on its disk, for an ordinary user
mb_free() { df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

# Says so where something failed and a disk that is written to is full.
say_if_full()
{
	local dir free

	for dir in "$top" "${tmp:-}"; do
		free=$([ -z "$dir" ] || mb_free "$dir")
		if [ -n "$free" ] && [ "$free" -lt 16 ]; then
			say "The disk of $dir is full: $free MB are free.  Make room there, or set TMPDIR to a folder on another disk."
			return
		fi
	done
}
trap '[ $? -eq 0 ] || say_if_full' EXIT
die() { say "$(basename "$0"): $*"; exit 1; }

# pg bindir: what pg_config answers.
pg() { "$PG_CONFIG" "--$1"; }

# suite_of MAJOR: the Debian release whose own PostgreSQL this is, or for one that
# is no release's yet, those that have it together.
suite_of()
{
	case $1 in
		13) echo bullseye ;;
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo sid ;;
		19) echo sid+experimental ;;
		*) die "no Debian release is known here for PostgreSQL $1; there are 13, 15, 17, 18 and 19" ;;
	esac
}

# pgtap_dir MAJOR: the folder with pgTAP for this major version.  pgTAP is SQL, so
# where a version has none yet, that of an older one does.
pgtap_dir()
{
	local n

	for ((n = $1; n >= 13; n--)); do
		if [ -e "/usr/share/postgresql/$n/extension/pgtap.control" ]; then
			echo "/usr/share/postgresql/$n/extension"
			return
		fi
	done
	return 1
}

# PostgreSQL refuses to run as root: root's servers belong to the user that
# Debian's packages made for it.  (setpriv and not runuser, which would stay in
# between and answer signals in its own way.)
server_user=()
if [ "$(id -u)" -eq 0 ]; then
	server_user=(setpriv --pdeathsig TERM --reuid=postgres --regid=postgres --init-groups --)
fi
as_server_user() { "${server_user[@]}" "$@"; }

# copy_project DIR: the project's files as they are now, into a folder that is
# there; what was built, measured or kept here stays behind.
copy_project()
{
	tar -C "$top" -cf - --exclude-vcs --anchored --exclude=./build --exclude=./dist --exclude=./results \
		--exclude=./client/dbos_payload_bench --exclude=./client/dbos_payload_bench.bash --no-anchored --exclude='*.o' --exclude='*.bc' \
		--exclude='*.so' --exclude=.built-for --exclude=tmp_check . | tar -C "$1" -xf - --no-same-owner
	chmod -R u+rwX,go+rX "$1"
}

# A folder for a server must be one that the server's user can enter, where
# libraries may be loaded from, and on a disk: on tmpfs fsync costs nothing and
# means nothing.  The name must leave room for a socket's.
fit_for_server()
{
	[ -d "$1" ] && [ -w "$1" ] && [ ${#1} -le 60 ] || return 1
	as_server_user test -x "$1" || return 1
	case ",$(findmnt -nT "$1" -o FSTYPE,OPTIONS | tr -s ' ' ,)," in
		*,tmpfs,*|*,ramfs,*|*,noexec,*) return 1 ;;
	esac
}

# make_temp_dir [MB]: sets tmp to a new folder where so much is free, owned by the
# server's user.  When this script ends, however that comes about, the guard stops
# the servers in that folder and removes it: it runs in a session of its own, where
# no signal to this one's terminal or group reaches it, and waits for a pipe to be
# closed that only this script holds.
make_temp_dir()
{
	local dir free parent= needed=${1:-300} full=

	if [ ${#server_user[@]} -gt 0 ] && ! id postgres >/dev/null 2>&1; then
		die "PostgreSQL does not run as root, and there is no user \"postgres\" to run it: run this as an ordinary user"
	fi
	for dir in "${TMPDIR:-}" /var/tmp "$top/build" /tmp; do
		[ -n "$dir" ] && { [ "$dir" = /tmp ] || fit_for_server "$dir"; } || continue
		free=$(mb_free "$dir")
		if [ "${free:-$needed}" -ge "$needed" ]; then
			parent=$dir
			break
		fi
		full+="${full:+, }$dir has $free"
	done
	[ -n "$parent" ] ||
		die "no folder for temporary files has $needed MB free, which servers need: $full; make room, or set TMPDIR to a folder on another disk"
	fit_for_server "$parent" ||
		say "no folder for temporary files is on a disk with room; using $parent, where the cost of a durable commit cannot be measured (set TMPDIR to one that is)"

	tmp=$(mktemp -d "$parent/dbos_payload.XXXXXX")
	mkfifo "$tmp/alive"
	setsid "$top/setup/guard" "$tmp" <"$tmp/alive" >/dev/null 2>&1 &
	guard=$!
	exec {alive}>"$tmp/alive"
	trap '[ -n "$running" ] || finish 130' INT
	if [ ${#server_user[@]} -gt 0 ]; then
		chown postgres: "$tmp"
	fi
}

# finish STATUS: ends this script when the temporary folder is gone.
finish()
{
	[ "$1" -eq 0 ] || say_if_full
	trap - EXIT
	trap '' INT
	exec {alive}>&-
	wait "$guard" || true
	exit "$1"
}

# Runs a command in the foreground and returns its exit status.  The terminal
# sends Ctrl-C to the command too, which may have something to print before it
# ends, so this script must wait for it ("trap : INT").  Any other deadly signal
# ends this script at once, if it has no trap for that, and then the command.
run()
{
	local status=0

	running=yes
	([ -z "$alive" ] || exec {alive}>&-
	exec setpriv --pdeathsig TERM "$@") || status=$?
	running=
	return "$status"
}

# stage DIR: installs what is built, built first where it is out of date, under
# DIR.  Two of these in one clone wait for each other.
stage()
{
	local jobs

	jobs=$(nproc)
	flock "$top" make --no-print-directory -s -j "$jobs" -C "$top" \
		install DESTDIR="$1" bindir=/usr/local/bin >&2 || die "the build failed"
	chmod -R a+rX "$1"
}

# The caller's own server and how it is reached must not shine through.
forget_callers_server()
{
	local name

	for name in $(compgen -e PG); do
		[ "$name" = PG_CONFIG ] || unset "$name"
	done
}

# stage_settings DIR: prints the settings by which a server finds what was
# staged in DIR.
stage_settings()
{
	local known

	known=$("$(pg bindir)/postgres" --describe-config | cut -f 1)
	# from 18 on; before that it is Debian's own
	if grep -qx extension_control_path <<<"$known"; then
		printf "extension_control_path = '%s:\$system'\n" "$1$(pg sharedir)"
	elif grep -qx extension_destdir <<<"$known"; then
		printf "extension_destdir = '%s'\n" "$1"
	else
		die "$(pg version) cannot load an extension that is not installed: use \"sudo make install\", then \"make installcheck\" and dbos_payload_bench against a server of yours"
	fi
	printf "dynamic_library_path = '%s:\$libdir'\n" "$1$(pg pkglibdir)"
}
