#!/usr/bin/env bash
# The models beside their peers in Python, in one run; see README.md here.
#   run.sh [forest|autoencoder|stream|archive|all] [options of the family's script]
# FAMILY_peers.py gets the path of model-benchmark and the options. Packages that only one family
# needs are in requirements-FAMILY.txt. VIGIL_MODEL_BENCHMARK names a program that is built already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$here/.build-venv/bin/python

# environment FOLDER REQUIREMENTS...: a virtual environment with the packages; false where they cannot be had.
environment() {
    local folder=$here/$1 mark
    shift
    # One mark for each set of packages, as the families share a folder.
    mark=$folder/installed-$(basename "${!#}")
    cat "$@" | cmp -s - "$mark" && return
    echo "model benchmark: installing $* into $folder" >&2
    python3 -m venv "$folder" &&
        "$folder/bin/python" -m pip install --quiet $(printf -- ' -r %s' "$@") >&2 &&
        cat "$@" >"$mark"
}

family() {
    local requirements=("$here/requirements.txt") name=$1
    shift
    cd "$root"
    if [ "$name" = archive ]; then
        environment .build-venv "${requirements[@]}"
        local archive
        archive=$(mktemp -t vigil-forest.XXXXXX)
        VIGIL_ARCHIVE=$archive swift test --filter ArchiveForPython >&2
        "$python" "$here/read_archive.py" "$archive"
        rm -f "$archive"
        return
    fi
    [ -e "$here/${name}_peers.py" ] || { echo "run.sh: there is no family $name" >&2; return 64; }
    [ ! -e "$here/requirements-$name.txt" ] || requirements+=("$here/requirements-$name.txt")
    environment ".build-venv" "${requirements[@]}"
    if [ "$name" = forest ]; then
        # FastTreeSHAP needs a NumPy of its time, so it gets an environment of its own.
        environment .build-venv-fasttreeshap "$here/requirements-fasttreeshap.txt" ||
            echo "model benchmark: going on without FastTreeSHAP, which cannot be installed here" >&2
    fi
    local program=${VIGIL_MODEL_BENCHMARK:-}
    if [ -z "$program" ]; then
        swift build -c release --product model-benchmark >&2
        program=$(swift build -c release --show-bin-path)/model-benchmark
    fi
    "$python" "$here/${name}_peers.py" "$program" "$@"
}

if [ $# -eq 0 ] || [ "$1" = all ]; then
    for script in "$here"/*_peers.py; do
        name=$(basename "$script" _peers.py)
        echo "## $name"
        family "$name"
    done
    family archive
else
    family "$@"
fi
