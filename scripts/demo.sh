#!/usr/bin/env bash
# Starts a local Cloud API and sends messages to it from every language.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exec examples/demo/run "$@"
