#!/usr/bin/env bash
# Runs the suite of every language, also after one has failed, and ends with a table of what ran.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The lines with which a suite's own runner says what it counted.
closing_lines() {
    case $1 in
    rust) grep '^test result:' | grep -v ' 0 passed; 0 failed;' ;;
    node) grep -E '^(#|ℹ) (tests|pass|fail|cancelled|skipped) ' ;;
    *) grep -v '^$' | tail -n 1 ;;
    esac <"$LOG" | sed 's/^/       /' || true
}

suite() {
    attempt "$1 tests" "scripts/test-$1.sh"
    # Of a failed suite the whole log has been shown.
    ((STATUS != 0)) || closing_lines "$1"
}

scripts/system-packages.sh --tests

rm -f "$LOGS"/debug-*.log

rm -rf "$SUMMARY"
mkdir -p "$SUMMARY"

manifest() {
    cargo run --quiet "${LOCKED[@]}" -p wacloud-codegen -- --manifest "$ROOT/target/manifest.json"
}

heading "Tests"
step "manifest, for the parity tests" manifest
suite rust
# These send with a token that can be told from any other text, with letters that URLs and JSON write in another way. What
# they write is searched for it in the end; the Rust suite looks itself (`secrets.rs`).
token='EAAG|wac/sui+te=Zq7secret'
export WACLOUD_SANDBOX_TOKEN=$token
suite python
suite node
suite php
unset WACLOUD_SANDBOX_TOKEN
suite snippets
attempt "no secret in what the tests wrote" env WACLOUD_SANDBOX_TOKEN="$token" python3 scripts/leaks.py "$LOGS"

printf '\n'
python3 scripts/summary.py "$SUMMARY" rust python node php snippets || FAILED+=("summary")
if ((${#FAILED[@]} > 0)); then
    printf '\n%sFailed:%s %s\n' "$RED" "$PLAIN" "$(printf '%s, ' "${FAILED[@]}" | sed 's/, $//')"
    exit 1
fi
printf '\n%sAll tests passed%s in %d min %d s.\n' "$GREEN" "$PLAIN" "$((SECONDS / 60))" "$((SECONDS % 60))"
