#!/usr/bin/env bash
# The kernels beside igraph, NetworKit, rustworkx and graph-tool, in one run; see README.md here.
#   run.sh [compare] [options of run.py]      compare: values against NetworkX and igraph instead of times
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$here/.build-venv/bin/python
if ! cmp -s "$here/requirements.txt" "$here/.build-venv/installed"; then
    echo "graph benchmark: installing the peers into $here/.build-venv" >&2
    python3 -m venv "$here/.build-venv"
    "$python" -m pip install --quiet -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$here/.build-venv/installed"
fi
# graph-tool is not on PyPI: it comes with Debian, for Debian's own Python.
system=${GRAPH_TOOL_PYTHON:-/usr/bin/python3}
if ! "$system" -c 'import graph_tool' 2>/dev/null; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-graph-tool >/dev/null ||
            echo "graph benchmark: python3-graph-tool cannot be installed; going on without it" >&2
    else
        echo "graph benchmark: going on without graph-tool (apt-get install python3-graph-tool)" >&2
    fi
fi
cd "$root"
if [ "${1:-}" = compare ]; then
    shift
    swift build -c release --product vigil >&2
    exec "$python" "$here/compare.py" "$(swift build -c release --show-bin-path)/vigil" "$@"
fi
swift build -c release --product graph-benchmark >&2
mkdir -p "$here/.build-results"
result=$here/.build-results/$(date -u +%Y%m%dT%H%M%SZ).md
"$python" "$here/run.py" "$(swift build -c release --show-bin-path)/graph-benchmark" "$here/.build-graphs" "$@" | tee "$result"
echo "written to $result" >&2
