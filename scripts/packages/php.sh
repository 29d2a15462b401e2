#!/usr/bin/env bash
# Builds the PHP extension as PIE does from its sources (phpize, configure, make), installs it and the library (with
# Composer) in an empty directory, and tries both on the command line and under php-fpm.
set -euo pipefail
# shellcheck source=scripts/packages/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

out=$PACKAGES/php
# Kept: what cargo compiled for it before.
sources=$out/sources
mkdir -p "$sources" "$out/archives"
find "$sources" -mindepth 1 -maxdepth 1 ! -name cargo-target -exec rm -rf {} +

# What Composer downloads of the extension's package, and of the library's.
git ls-files -z --cached --others --exclude-standard --deduplicate | xargs -0 cp --parents -t "$sources"
(
    cd "$sources/bindings/php"
    phpize
    ./configure --enable-wacloud
    make WACLOUD_TARGET="$sources/cargo-target"
    make install INSTALL_ROOT="$out/root"
)
extension=$(find "$out/root" -name wacloud.so)
check_native "$extension"
tar -czf "$out/wacloud.so.tgz" -C "$(dirname "$extension")" wacloud.so
check_size "$out/wacloud.so.tgz"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
python3 - "$out/archives/wacloud-$version.zip" "$version" <<'PYTHON'
import json
import subprocess
import sys
import zipfile

archive, version = sys.argv[1:]
files = subprocess.run(["git", "ls-files", "php"], check=True, capture_output=True, text=True)
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
    for file in files.stdout.splitlines():
        if file == "php/composer.json":
            with open(file, encoding="utf-8") as text:
                # Packagist takes it from the tag.
                package.writestr("composer.json", json.dumps({**json.load(text), "version": version}))
        else:
            package.write(file, file.removeprefix("php/"))
PYTHON

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
cat >composer.json <<JSON
{
    "require": {"wacloud/wacloud": "$version"},
    "repositories": [{"type": "artifact", "url": "$out/archives"}, {"packagist.org": false}]
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
    --configuration suite/phpunit.xml.dist --filter FpmTest
