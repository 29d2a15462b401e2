#!/usr/bin/env bash
# Puts the command line into packages for this machine: a wheel and a npm package, both with the program that was built, in
# target/packages.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

packages=$TARGET/packages
rm -rf "$packages"
mkdir -p "$packages/npm"

(cd cli && "$VENV/bin/maturin" build --release "${LOCKED[@]}" --compatibility linux --out "$packages")

cp -R cli/npm/. "$packages/npm"
cp LICENSE-MIT LICENSE-APACHE "$packages/npm"
cp "$TARGET/release/wacloud" "$packages/npm/bin/"
(cd "$packages/npm" && npm pack --silent --pack-destination "$packages" >/dev/null)
rm -rf "$packages/npm"
ls "$packages"
