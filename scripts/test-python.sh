#!/usr/bin/env bash
# The Python suite, against the installed wheel, the tests that run every language end to end, and those of the scripts.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exec "$VENV/bin/python" -m pytest -q python/tests tests/e2e tests/crash tests/scripts
