#!/usr/bin/env bash
# The Rust suite: all crates but the three that only a host language can load; those are tested through it.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
cargo test --workspace --exclude wacloud-python --exclude wacloud-node --exclude wacloud-php \
    --no-fail-fast "${LOCKED[@]}" 2>&1 | tee "$output" || status=$?

# The vectors count themselves (tests/rust/vectors.rs); of the tests around them cargo tells in lines like
# test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
vectors=$(sed -n 's/.*"vectors": *\([0-9]*\).*/\1/p' "$SUMMARY/rust.json" || true)
awk -v vectors="${vectors:-0}" '
    /^test result:/ { passed += $4; failed += $6; skipped += $8 }
    END {
        printf "{\"suite\": \"rust\", \"vectors\": %d, \"passed\": %d, \"failed\": %d, \"skipped\": %d}\n",
            vectors, passed, failed, skipped
    }' "$output" >"$SUMMARY/rust.json"
exit "$status"
