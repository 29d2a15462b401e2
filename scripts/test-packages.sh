#!/usr/bin/env bash
# Makes the packages of every language for this machine and tries each in an empty directory, as its users would install
# it: nothing is taken from these sources, from WACLOUD_BIN or from what was installed before, but for PHP the sandbox of
# target/release and our test of php-fpm.
# usage: scripts/test-packages.sh [python] [node] [php] [rust]
#
# Not a part of `make test`: each language's own tool compiles for itself, which takes half an hour on two cores.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

heading "Packages"
(($# > 0)) || set -- python node php rust
for language in "$@"; do
    attempt "packages for $language" "scripts/packages/$language.sh"
    ((STATUS != 0)) || grep -E '^[^ ]+: [0-9]+ bytes|wamid\.' "$LOG" | sed 's/^/       /' || true
done
((${#FAILED[@]} == 0)) || exit 1
