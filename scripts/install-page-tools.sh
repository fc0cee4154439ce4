#!/usr/bin/env bash
# Installs what the tests of the page need: Chromium from Debian; Playwright and axe from PyPI, in a folder of the build.
# With the argument schemathesis that too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=.build/page-tools
if ! command -v chromium >/dev/null || ! python3 -c 'import ensurepip' 2>/dev/null; then
    echo "vigil: installing with apt-get: chromium python3-venv"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium python3-venv >/dev/null
fi
[ -x "$tools/bin/python" ] || python3 -m venv "$tools"
"$tools/bin/python" -c 'import playwright, axe_playwright_python' 2>/dev/null \
    || "$tools/bin/pip" install -q 'playwright>=1.40' 'axe-playwright-python>=0.1.4'
if [ "${1:-}" = schemathesis ]; then
    [ -x "$tools/bin/schemathesis" ] || "$tools/bin/pip" install -q 'schemathesis>=4,<5'
fi
