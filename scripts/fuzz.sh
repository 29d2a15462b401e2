#!/usr/bin/env bash
# Gives the readers of what others send (webhooks, signatures, request bodies) random input for SECONDS each, beginning
# with the test vectors. What it finds stays in fuzz/artifacts.
#
#   scripts/fuzz.sh SECONDS
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seconds=${1:?for how many seconds each}
# Its own: with the flags of the fuzzer everything is compiled anew.
export CARGO_TARGET_DIR=$TARGET/fuzz
# The instrumentation is of nightly compilers in name only. Without a sanitizer: there is no unsafe code of ours to watch.
export RUSTC_BOOTSTRAP=1

python3 scripts/corpus.py "$TARGET/corpus"
for target in parse verify from_payload; do
    # More than 64 KB finds nothing that less would not, and is slow; large bodies have tests of their own.
    (cd fuzz && cargo fuzz run --sanitizer none "$target" "$TARGET/corpus/$target" -- \
        -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0)
done
