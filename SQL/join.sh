#!/bin/sh
# Joins the files named in SQL/order, in that order, on standard output.
#   join.sh             the body of the installation, for plain SQL
#   join.sh --extension the same with the guard and the dump configuration that CREATE EXTENSION needs
#   join.sh --swift     the plain body as a Swift string, for the sidecar's `install`
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$here/../Extension/vigil.control")
body() {
    while read -r name; do
        case $name in '' | '#'*) continue ;; esac
        printf -- '-- %s\n' "$name"
        sed "s/@VIGIL_VERSION@/$version/g" "$here/$name"
        printf '\n'
    done <"$here/order"
}
case ${1:-} in
--extension)
    printf '\\echo Use "CREATE EXTENSION vigil" to load this file. \\quit\n\n'
    body
    sed "s/@VIGIL_VERSION@/$version/g" "$here/extension.sql"
    ;;
--swift)
    printf '/// The version of the extension whose SQL is embedded here.\n'
    printf 'package let extensionVersion = "%s"\n\n' "$version"
    printf '/// The SQL of the whole installation, joined from SQL/ when the package is built.\n'
    printf 'package let installationScript = ##"""\n'
    body
    printf '"""##\n'
    ;;
*) body ;;
esac
