#!/usr/bin/env bash
# Removes what was built or installed inside the repository; system packages stay.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rm -rf "$TARGET" "$VENV" node/node_modules node/dist node/native
find . -path ./.git -prune -o -type d \( -name __pycache__ -o -name .mypy_cache -o -name .ruff_cache -o -name .pytest_cache \) \
    -exec rm -rf {} +
