#!/usr/bin/env bash
# Measures; the thresholds live with the benchmark.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

status=0
python3 bench/pace.py "$@" || status=1
python3 bench/memory.py "$@" || status=1
exit "$status"
