#!/bin/sh
# A throw-away PostgreSQL + PostGIS server for tests, on 127.0.0.1 only, without a password.
#
#   tests/support/postgres-server.sh start DIR [PORT]   creates DIR if it is new, starts, prints the URL (port 0 or none: a free one)
#   tests/support/postgres-server.sh url DIR            prints the URL of a running server
#   tests/support/postgres-server.sh stop DIR [MODE]    stops it (fast | immediate; default fast); DIR stays
#   tests/support/postgres-server.sh kill DIR           kill -9, as a crash would
#
# Works for root (runs the server as user postgres, which must be able to reach DIR) and for any other user.
# Needs the server programs: Debian packages `postgresql` and `postgresql-15-postgis-3`, or PG_BIN=/path/to/bin.
set -eu

usage() { sed -n '2,10p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)

bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
[ -x "$bin/initdb" ] || bin=$(pg_config --bindir 2>/dev/null || true)
[ -x "$bin/initdb" ] || { echo "postgres-server: no initdb found: install the PostgreSQL server or set PG_BIN" >&2; exit 1; }

# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  chown postgres "$dir"
  as() { runuser -u postgres -- "$@"; }
else
  as() { "$@"; }
fi

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
url() { echo "postgres://postgres@127.0.0.1:$(sed -n 4p "$dir/data/postmaster.pid")/postgres"; }

case $command in
  start)
    if [ -f "$dir/data/postmaster.pid" ] && as "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then url; exit 0; fi
    if [ ! -f "$dir/data/PG_VERSION" ]; then
      as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-instructions >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; exit 1; }
      # Durability against power loss is not what tests are about; a killed process loses nothing with these settings.
      as sh -c "cat >>'$dir/data/postgresql.conf'" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 1GB
fsync = off
synchronous_commit = on
full_page_writes = on
jit = off
timezone = 'Asia/Shanghai'
CONF
    fi
    port=${3:-0}
    [ "$port" != 0 ] || port=$(free_port)
    as "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -o "-p $port" -w -t 60 start >/dev/null ||
      { tail -n 20 "$dir/data/server.log" >&2; exit 1; }
    url
    ;;
  url) url ;;
  stop) as "$bin/pg_ctl" -D "$dir/data" -m "${3:-fast}" -w stop >/dev/null ;;
  kill) pid=$(head -n 1 "$dir/data/postmaster.pid"); children=$(ps -o pid= --ppid "$pid" || true); kill -9 "$pid" $children ;;
  *) usage ;;
esac
