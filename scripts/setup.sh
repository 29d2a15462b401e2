#!/usr/bin/env bash
# Everything that building and checking needs: system packages, Python tools in .venv, Node tools in node/node_modules.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

python_tools() {
    python3 -m venv --clear "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r scripts/requirements.txt
}

node_tools() {
    npm ci --prefix node --no-audit --no-fund
}

scripts/system-packages.sh

key=$(python3 -c 'import sys; print(sys.version, sys.prefix)')$(fingerprint scripts/requirements.txt)
if ! fresh venv "$key" || [[ ! -x $VENV/bin/maturin ]]; then
    step "Python tools into .venv" python_tools
    # The wheel that was installed went with the old environment.
    rm -f "$STAMPS/wheel"
    stamp venv "$key"
fi

key=$(node --version)$(fingerprint node/package.json node/package-lock.json)
if ! fresh npm "$key" || [[ ! -d node/node_modules ]]; then
    step "Node tools into node/node_modules" node_tools
    stamp npm "$key"
fi
