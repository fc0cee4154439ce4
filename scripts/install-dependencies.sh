#!/usr/bin/env bash
# Installs what a fresh Debian machine with a Swift toolchain lacks, and says what it does.
# Does nothing, and asks nobody, where everything is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if ! command -v swift >/dev/null; then
    echo "vigil: no Swift toolchain on the PATH; install Swift 6.2 or later from swift.org" >&2
    exit 69
fi

lacking=()
need() { # need PACKAGE COMMAND...: PACKAGE is lacking where COMMAND fails
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || lacking+=("$package")
}
have_file() { compgen -G "$1" >/dev/null; }

need pkg-config command -v pkg-config
need make command -v make
need libpq-dev have_file '/usr/include/postgresql/libpq-fe.h'
need libgraphviz-dev have_file '/usr/include/graphviz/gvc.h'
need zlib1g-dev have_file '/usr/include/zlib.h'
need libopenblas-dev pkg-config --exists openblas
need openssl command -v openssl
need fonts-dejavu-core have_file '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'
need postgresql "$here/pg-config.sh"

if major=$("$here/pg-config.sh" 2>/dev/null); then
    major=$("$major" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
else
    major=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p')
    major=${major:-15}
fi
need "postgresql-server-dev-$major" have_file "/usr/lib/postgresql/$major/lib/pgxs/src/makefiles/pgxs.mk"
need "postgresql-$major-pgtap" have_file "/usr/share/postgresql/$major/extension/pgtap.control"

[ ${#lacking[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "vigil: please install as root: apt-get install ${lacking[*]}" >&2
        exit 77
    fi
    as_root=(sudo)
fi
if ! command -v apt-get >/dev/null; then
    echo "vigil: this machine has no apt-get; install the equivalents of: ${lacking[*]}" >&2
    exit 69
fi
echo "vigil: installing with apt-get: ${lacking[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${lacking[@]}" >/dev/null
