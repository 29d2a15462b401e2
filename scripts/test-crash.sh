#!/usr/bin/env bash
# Kills campaigns at random moments, so often in each language: nothing may be sent twice or lost.
# usage: scripts/test-crash.sh TIMES
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cargo build --quiet "${LOCKED[@]}" -p wacloud-tests --example killed_campaign
export WACLOUD_BIN=$TARGET/release/wacloud WACLOUD_KILLS=$1
exec "$VENV/bin/python" -m pytest -q -s tests/crash
