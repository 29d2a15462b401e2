#!/usr/bin/env bash
# Starts a local Cloud API, sends messages to it from every language, and shows what it acknowledged.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exec "$VENV/bin/python" scripts/demo.py
