#!/usr/bin/env bash
# What labels and reviews are worth, beside scikit-learn on the same rows and folds; see docs/learning.md.
#   run.sh [DATA]      DATA: the folder of the labelled sets, by default ../shared/data
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${1:-$root/../shared/data}
vigil=${VIGIL:-$root/.build/release/vigil}
[ -d "$data/bitcoin-otc" ] || { echo "run.sh: $data has no bitcoin-otc: say where the sets are" >&2; exit 66; }
[ -x "$vigil" ] || swift build -c release --product vigil --package-path "$root"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ ! -x "$here/.build-venv/bin/python" ]; then
    python3 -m venv "$here/.build-venv"
    "$here/.build-venv/bin/python" -m pip install --quiet -r "$here/requirements.txt"
fi
for ratings in ratings no-ratings; do
    echo "== bitcoin-otc, --$ratings, labels in five folds"
    "$vigil" evaluate supervised "$data/bitcoin-otc" --$ratings --rows "$folder/rows.csv"
    "$here/.build-venv/bin/python" "$here/supervised_peers.py" "$folder/rows.csv"
done
for seed in 101 102 103; do
    echo "== generated, seed $seed, 50 reviews"
    "$vigil" generate "$folder/set-$seed" --seed $seed >/dev/null
    "$vigil" evaluate reviews "$folder/set-$seed"
done
