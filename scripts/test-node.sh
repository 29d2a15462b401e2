#!/usr/bin/env bash
# The Node suite, against the built package.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exec npm test --silent --prefix node
