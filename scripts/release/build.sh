#!/usr/bin/env bash
# Builds what is released for one platform, on a machine of that platform: the wheels of `wacloud` and `wacloud-cli`, the
# npm packages with the native module and with the program, and the program in an archive.
# usage: scripts/release/build.sh PLATFORM OUT
#
# For bash 3.2, which macOS has. Needs what .github/build-requirements.txt lists, Node, and cargo with the platform's target.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

platform=$1
out=$2
build=(build)
wheel=(build --release --locked)
oldest=
ending=
case $platform in
linux-x64-gnu | linux-arm64-gnu)
    # The oldest C library that Rust itself runs on, and what pip is asked for on other machines (`--platform
    # manylinux2014_x86_64`). zig has the symbols of each version.
    oldest=.2.17
    build=(zigbuild)
    wheel+=(--zig --compatibility manylinux_2_17)
    ;;
linux-x64-musl | linux-arm64-musl)
    # A library that others load cannot have a C library of its own in it.
    export RUSTFLAGS='-C target-feature=-crt-static'
    build=(zigbuild)
    wheel+=(--zig --compatibility musllinux_1_2)
    ;;
darwin-*) export MACOSX_DEPLOYMENT_TARGET=11.0 ;;
win32-x64-msvc) ending=.exe ;;
*)
    echo "there are no packages for $platform" >&2
    exit 2
    ;;
esac
case $platform in
linux-x64-gnu) target=x86_64-unknown-linux-gnu library=libwacloud_node.so ;;
linux-x64-musl) target=x86_64-unknown-linux-musl library=libwacloud_node.so ;;
linux-arm64-gnu) target=aarch64-unknown-linux-gnu library=libwacloud_node.so ;;
linux-arm64-musl) target=aarch64-unknown-linux-musl library=libwacloud_node.so ;;
darwin-x64) target=x86_64-apple-darwin library=libwacloud_node.dylib ;;
darwin-arm64) target=aarch64-apple-darwin library=libwacloud_node.dylib ;;
win32-x64-msvc) target=x86_64-pc-windows-msvc library=wacloud_node.dll ;;
esac

mkdir -p "$out/python" "$out/npm" "$out/archives"
out=$(cd "$out" && pwd)
export CARGO_TARGET_DIR=$PWD/target
built=$CARGO_TARGET_DIR/$target/release
legal=(LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES.txt)
cp THIRD-PARTY-NOTICES.txt python/
cp THIRD-PARTY-NOTICES.txt cli/
# Git on Windows makes files of links, with a path in them.
[[ -L python/LICENSE-MIT ]] || cp LICENSE-MIT LICENSE-APACHE python/

cargo "${build[@]}" --release --locked --target "$target$oldest" -p wacloud-cli -p wacloud-node
(cd python && maturin "${wheel[@]}" --target "$target" --out "$out/python")
(cd cli && maturin "${wheel[@]}" --target "$target" --out "$out/python")
node scripts/package-npm.mjs "$out/npm" "$platform" "$built/$library" "$built/wacloud$ending"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
name=wacloud-$version-$target
mkdir -p "$CARGO_TARGET_DIR/$name"
cp "$built/wacloud$ending" "${legal[@]}" "$CARGO_TARGET_DIR/$name/"
(cd "$CARGO_TARGET_DIR" && tar -czf "$out/archives/$name.tar.gz" "$name")
ls -l "$out"/*
