#!/usr/bin/env bash
# Writes the typed classes of every language package from the core's manifest.
#   scripts/codegen.sh           writes them
#   scripts/codegen.sh --check   writes them too, and fails if that changed, added or removed a file
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generated=(python/wacloud/_generated node/src/generated php/src/Generated)

write() {
    cargo run --quiet "${LOCKED[@]}" -p wacloud-codegen
}

# Compared by content, so that work which is generated but not yet committed passes, and a stale file never does.
check() {
    local before
    before=$(fingerprint "${generated[@]}")
    write
    [[ $(fingerprint "${generated[@]}") == "$before" ]] || {
        git status --short -- "${generated[@]}"
        git --no-pager diff --stat -- "${generated[@]}"
        die "generated files were out of date; they are written now: look at them and commit them"
    }
}

case ${1:-} in
'') step "generated classes" write ;;
--check) check ;;
*) die "usage: scripts/codegen.sh [--check]" ;;
esac
