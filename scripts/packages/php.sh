#!/usr/bin/env bash
# Builds the PHP extension as PIE does from its sources (phpize, configure, make), installs it and the library (with
# Composer) in an empty directory, and tries both on the command line and under php-fpm.
set -euo pipefail
# shellcheck source=scripts/packages/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

out=$PACKAGES/php
# Kept: what cargo compiled for it before.
sources=$out/sources
mkdir -p "$sources"
find "$sources" -mindepth 1 -maxdepth 1 ! -name cargo-target -exec rm -rf {} +

# What Composer downloads of the extension's package, and of the library's.
git ls-files -z --cached --others --exclude-standard --deduplicate | xargs -0 cp --parents -t "$sources"
(
    cd "$sources/bindings/php"
    phpize
    ./configure --enable-wacloud
    make WACLOUD_TARGET="$sources/cargo-target"
    make install WACLOUD_TARGET="$sources/cargo-target" INSTALL_ROOT="$out/root"
)
extension=$(find "$out/root" -name wacloud.so)
check_native "$extension"
tar -czf "$out/wacloud.so.tgz" -C "$(dirname "$extension")" wacloud.so
check_size "$out/wacloud.so.tgz"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# What Packagist offers of the library.
mkdir "$place/library"
git ls-files -z -- php | xargs -0 cp --parents -t "$place/library"
cd "$place"
# Packagist takes the version from the tag.
cat >composer.json <<JSON
{
    "require": {"wacloud/wacloud": "$version"},
    "repositories": [
        {
            "type": "path",
            "url": "library/php",
            "options": {"symlink": false, "versions": {"wacloud/wacloud": "$version"}}
        },
        {"packagist.org": false}
    ]
}
JSON
# Composer looks whether the extension is there: with the PHP that has it.
env COMPOSER_ALLOW_SUPERUSER=1 php -d "extension=$extension" "$(command -v composer)" install --quiet --no-interaction --no-dev

{
    echo '<?php'
    echo "require __DIR__ . '/vendor/autoload.php';"
    first php | tail -n +2
} >first.php
with_sandbox "$TARGET/release/wacloud" php -d "extension=$extension" first.php

# Under php-fpm: our own test of it, on nothing but what was installed.
mkdir suite
cp -R "$ROOT/php/tests" "$ROOT/php/phpunit.xml.dist" suite
echo "<?php require_once __DIR__ . '/../vendor/autoload.php';" >suite/autoload.php
cat >php.ini <<INI
extension=$extension
auto_prepend_file=$place/vendor/autoload.php
INI
WACLOUD_BIN=$TARGET/release/wacloud php -c "$place/php.ini" "$(command -v phpunit)" \
    --configuration suite/phpunit.xml.dist suite/tests/FpmTest.php
