#!/usr/bin/env bash
# Writes the typed classes of every language package from the core's manifest.
#   scripts/codegen.sh           writes what has changed
#   scripts/codegen.sh --check   writes nothing; fails if a file would be changed, added or removed
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exec cargo run --quiet "${LOCKED[@]}" -p wacloud-codegen -- "$@"
