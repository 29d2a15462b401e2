#!/usr/bin/env bash
# Packs the crates as they are published, compiles what was packed, and tries it in a new project: the library, and the
# command line as `cargo install` builds it.
set -euo pipefail
# shellcheck source=scripts/packages/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

crates=(wacloud wacloud-sandbox wacloud-cli)
choice=()
for crate in "${crates[@]}"; do choice+=(-p "$crate"); done
# Not compiled here: the project below compiles them.
cargo package "${LOCKED[@]}" "${choice[@]}" --no-verify ${WACLOUD_ALLOW_DIRTY:+--allow-dirty}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
patches=()
for crate in "${crates[@]}"; do
    tar -xzf "$TARGET/package/$crate-$version.crate" -C "$place"
    patches+=(--config "patch.crates-io.$crate.path='$place/$crate-$version'")
done
# Kept: what cargo compiled for it before.
export CARGO_TARGET_DIR=$PACKAGES/rust

cargo install --debug --locked "${patches[@]}" --path "$place/wacloud-cli-$version" --root "$place"
mkdir -p "$place/project/src"
cd "$place/project"
cat >Cargo.toml <<TOML
[package]
name = "project"
version = "0.0.0"
edition = "2024"

[dependencies]
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
wacloud = "$version"
TOML
first rust >src/main.rs
with_sandbox "$place/bin/wacloud" cargo run --quiet "${patches[@]}"
