#!/usr/bin/env bash
# Runs for long and watches memory, descriptors and pace.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exec bench/soak "$@"
