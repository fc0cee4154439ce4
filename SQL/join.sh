#!/bin/sh
# Joins the files named in SQL/order, in that order, on standard output.
#   join.sh                          the body of the installation, for plain SQL
#   join.sh --extension              the same with the guard and the dump configuration that CREATE EXTENSION needs
#   join.sh --update VERSION         the update from a released version to this one, for plain SQL
#   join.sh --update-extension VERSION   the same for ALTER EXTENSION
#   join.sh --released               the released versions, oldest first
#   join.sh --swift                  all plain bodies as Swift strings, for the sidecar's `install` and `upgrade`
# SQL/updates/README.md tells how an update is made of these files.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
releases=$here/../Extension/releases
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$here/../Extension/vigil.control")

order() { sed -e '/^#/d' -e '/^$/d' "$here/order"; }
include() { # file: its text under its name
    printf -- '-- %s\n' "$1"
    sed "s/@VIGIL_VERSION@/$version/g" "$here/$1"
    printf '\n'
}
body() { order | while read -r name; do include "$name"; done; }

released() {
    for file in "$releases"/vigil--*.sql; do
        name=${file##*/vigil--}
        printf '%s\n' "${name%.sql}"
    done | sort -t. -k1,1n -k2,2n -k3,3n
}
# The steps from a released version on: the names of their folders, oldest first.
steps() { # version
    previous=
    for each in $(released) "$version"; do
        [ -z "$previous" ] || [ ! -d "$here/updates/$previous--$each" ] || printf '%s--%s\n' "$previous" "$each"
        if [ "$each" = "$1" ] || [ -n "$previous" ]; then previous=$each; fi
    done
}
step_files() { # version, file: what each step does at the place of this file
    steps "$1" | while read -r step; do
        [ ! -f "$here/updates/$step/$2" ] || include "updates/$step/$2"
    done
}
quoted() { sed "s/.*/'&'/" | paste -s -d, - | sed 's/,/, /g'; }
views() { sed -n 's/^CREATE VIEW vigil\.\([a-z_0-9]*\).*/\1/p'; }
routines() { sed -n 's/^CREATE \(FUNCTION\|PROCEDURE\) vigil\.\([a-z_0-9]*\).*/\2/p'; }
# The frame of an update: what comes before and after the files.
frame() { # begin, obsolete or end, version, route
    sed -e "s/@FROM@/$2/g" -e "s/@ROUTE@/$3/g" -e "s/@VIGIL_VERSION@/$version/g" \
        -e "s/@OLD_ROUTINES@/$(routines <"$releases/vigil--$2.sql" | sort -u | quoted)/" \
        -e "s/@GONE_VIEWS@/$(
            { views <"$releases/vigil--$2.sql"; body | views; body | views; } | sort | uniq -u | quoted
        )/" "$here/updates/$1.sql"
    printf '\n'
}
update() { # version, route: plain or extension
    old=$releases/vigil--$1.sql
    frame begin "$1" "$2"
    step_files "$1" before.sql
    order | while read -r name; do
        case $name in
        schema.sql) ;;
        types/* | tables/*)
            # New ones as they are. Those that are there keep their rows: only what the steps say changes them.
            if ! grep -qxF -- "-- $name" "$old"; then
                include "$name"
            else
                step_files "$1" "$name"
                printf -- '-- %s: comments\n' "$name"
                sed -n '/^COMMENT ON/p' "$here/$name"
                printf '\n'
            fi
            ;;
        functions/* | triggers/* | views/*)
            include "$name" | sed 's/^CREATE \(FUNCTION\|PROCEDURE\|TRIGGER\|VIEW\) /CREATE OR REPLACE \1 /'
            ;;
        roles/grants.sql)
            frame obsolete "$1" "$2"
            include "$name"
            ;;
        *) include "$name" ;;
        esac
    done
    step_files "$1" after.sql
    frame end "$1" "$2"
}
check_release() {
    [ -f "$releases/vigil--$1.sql" ] || {
        echo "join.sh: no release $1; released were: $(released | paste -s -d' ' -)" >&2
        exit 64
    }
}
membership() {
    printf -- '-- extension.sql\n'
    sed "s/@VIGIL_VERSION@/$version/g" "$here/extension.sql"
}
swift_string() { printf '##"""\n'; cat; printf '"""##'; }

case ${1:-} in
--extension)
    printf '\\echo Use "CREATE EXTENSION vigil" to load this file. \\quit\n\n'
    body
    membership
    ;;
--update)
    check_release "$2"
    update "$2" plain
    ;;
--update-extension)
    check_release "$2"
    printf '\\echo Use "ALTER EXTENSION vigil UPDATE" to load this file. \\quit\n\n'
    update "$2" extension
    membership
    ;;
--released) released ;;
--swift)
    printf '/// The version of the extension whose SQL is embedded here.\n'
    printf 'package let extensionVersion = "%s"\n\n' "$version"
    printf '/// The SQL of the whole installation, joined from SQL/ when the package is built.\n'
    printf 'package let installationScript = '
    body | swift_string
    printf '\n\n/// The SQL of the update from each released version.\n'
    printf 'package let updateScripts: [String: String] = [\n'
    for each in $(released); do
        printf '    "%s": ' "$each"
        update "$each" plain | swift_string
        printf ',\n'
    done
    printf ']\n'
    ;;
*) body ;;
esac
