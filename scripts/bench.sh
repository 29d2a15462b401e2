#!/usr/bin/env bash
# Measures; the thresholds live with the benchmark.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exec python3 bench/pace.py "$@"
