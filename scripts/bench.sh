#!/usr/bin/env bash
# Measures; the thresholds live with the benchmarks. `--write` keeps the tables in bench/README.md, `--quick` takes less
# than a minute and measures less well. All of them run, also after one has failed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PEERS=$TARGET/bench

python_peers() {
    python3 -m venv --clear "$PEERS/python"
    "$PEERS/python/bin/python" -m pip install --quiet --disable-pip-version-check -r bench/peers/requirements.txt
}

node_peers() {
    cp bench/peers/package.json bench/peers/package-lock.json bench/peers/.npmrc "$PEERS"
    npm ci --prefix "$PEERS" --no-audit --no-fund
}

# With the crates of `make build`, so that cargo finds their dependencies compiled as they are.
rust_programs() {
    cargo build --release "${LOCKED[@]}" -p wacloud-cli -p wacloud-php -p wacloud-node -p wacloud-examples -p wacloud-bench
}

mkdir -p "$PEERS"
scripts/system-packages.sh --bench
step "Rust programs to measure" rust_programs

key=$(python3 -c 'import sys; print(sys.version, sys.prefix)')$(fingerprint bench/peers/requirements.txt)
if ! fresh python-peers "$key" || [[ ! -x $PEERS/python/bin/python ]]; then
    step "Python clients to compare with" python_peers
    stamp python-peers "$key"
fi

key=$(node --version)$(fingerprint bench/peers/package-lock.json)
if ! fresh node-peers "$key" || [[ ! -d $PEERS/node_modules/undici ]]; then
    step "Node clients to compare with" node_peers
    stamp node-peers "$key"
fi

failed=0
for benchmark in clients start memory media pace webhooks; do
    heading "bench/$benchmark.py"
    python3 "bench/$benchmark.py" "$@" || failed=1
done
((failed == 0))
