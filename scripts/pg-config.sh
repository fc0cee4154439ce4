#!/bin/sh
# Prints the pg_config of the newest installed PostgreSQL server, 15 or later.
# Debian keeps each version's in its own folder; the one on the PATH may be the client's.
set -eu
for candidate in $(ls -d /usr/lib/postgresql/*/bin/pg_config 2>/dev/null | sort -t/ -k5 -rn) pg_config; do
    version=$("$candidate" --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/') || continue
    if [ "${version:-0}" -ge 15 ] && [ -x "$("$candidate" --bindir)/postgres" ]; then
        command -v "$candidate"
        exit 0
    fi
done
exit 1
