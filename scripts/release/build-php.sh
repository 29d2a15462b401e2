#!/usr/bin/env bash
# Builds the PHP extension for the PHP that is on the PATH and packs it as PIE looks for it
# (`pre-packaged-binary`, src/Platform/PrePackagedBinaryAssetName.php in php/pie).
# usage: scripts/release/build-php.sh OUT
#
# For bash 3.2, which macOS has. Needs cargo, libclang, and PHP with php-config and its headers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mkdir -p "$1"
out=$(cd "$1" && pwd)
case $(uname -sm) in
'Linux x86_64') os=linux arch=x86_64 ;;
'Linux aarch64') os=linux arch=arm64 ;;
'Darwin arm64') os=darwin arch=arm64 ;;
'Darwin x86_64') os=darwin arch=x86_64 ;;
*)
    echo "there is no extension for $(uname -sm)" >&2
    exit 2
    ;;
esac
libc=bsdlibc
if [[ $os == linux ]]; then
    libc=glibc
    # musl's ldd fails when it is asked for its version, and says it all the same.
    if [[ $(ldd --version 2>&1 || true) == *musl* ]]; then
        libc=musl
        # PHP loads it, and the compiler of the bindings loads libclang: neither can have a C library of its own in it.
        export RUSTFLAGS='-C target-feature=-crt-static'
    fi
else
    export MACOSX_DEPLOYMENT_TARGET=11.0
fi
php=$(php -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')
safety=$(php -r 'echo PHP_ZTS ? "zts" : "nts";')
[[ $(php -r 'echo PHP_DEBUG;') == 0 ]] || {
    echo "this PHP is a debug build" >&2
    exit 2
}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
name=php_wacloud-${version}_php$php-$arch-$os-$libc-$safety.tgz

# What ext-php-rs read of another PHP must not be taken for this one's.
export CARGO_TARGET_DIR=$PWD/target/php-$libc
PHP=$(command -v php) PHP_CONFIG=$(command -v php-config)
export PHP PHP_CONFIG
cargo clean --quiet --release -p ext-php-rs -p wacloud-php 2>/dev/null || true
cargo build --release --locked -p wacloud-php

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
if [[ $os == darwin ]]; then
    cp "$CARGO_TARGET_DIR/release/libwacloud_php.dylib" "$place/wacloud.so"
else
    cp "$CARGO_TARGET_DIR/release/libwacloud_php.so" "$place/wacloud.so"
fi
cp LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES.txt "$place"
php -n -d "extension=$place/wacloud.so" -r 'exit(extension_loaded("wacloud") ? 0 : 1);'
(cd "$place" && tar -czf "$out/$name" wacloud.so LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES.txt)
ls -l "$out/$name"
