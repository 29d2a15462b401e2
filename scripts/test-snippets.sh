#!/usr/bin/env bash
# Runs what README.md and docs/ show, in every language, against a local Cloud API.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The same choice of packages as in scripts/test-rust.sh, so that nothing is compiled again.
cargo build --quiet --workspace --exclude wacloud-python --exclude wacloud-node --exclude wacloud-php \
    --examples "${LOCKED[@]}"

PATH=$TARGET/release:$PATH exec "$VENV/bin/python" scripts/snippets.py "$SUMMARY/snippets.json" README.md docs/*.md
