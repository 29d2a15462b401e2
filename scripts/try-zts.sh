#!/usr/bin/env bash
# Tries the extension with a thread-safe PHP (ZTS), which Debian does not package: builds one from Debian's source, the
# extension for it, and a program with PHP in several threads; then runs the PHP suite with all three. `make build`
# comes first, for the `wacloud` command. Takes ten minutes the first time, on Debian and its kin only. Further arguments go
# to PHPUnit.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PLACE=$TARGET/zts
PREFIX=$PLACE/php

php_from_source() {
    local name
    name=php$(php -r 'echo PHP_MAJOR_VERSION . "." . PHP_MINOR_VERSION;')
    rm -rf "$PLACE/source"
    "$ROOT/scripts/debian.sh" source "$name" "$PLACE/source"
    cd "$PLACE/source"
    # What PHPUnit and our tests need, and a library for programs with threads.
    CFLAGS=-O1 ./configure --prefix="$PREFIX" --with-config-file-path="$PREFIX" \
        --enable-zts --disable-all --disable-cgi --disable-phpdbg --disable-opcache \
        --enable-cli --enable-fpm --enable-embed=shared \
        --enable-ctype --enable-dom --enable-filter --enable-mbstring --disable-mbregex --enable-pcntl --enable-posix \
        --enable-tokenizer --enable-xml --enable-xmlwriter --with-libxml
    make -j "$(nproc)"
    make install
}

extension() {
    # A folder of its own: the extension for the machine's own PHP stays what it is.
    PHP=$PREFIX/bin/php PHP_CONFIG=$PREFIX/bin/php-config CARGO_TARGET_DIR=$PLACE/cargo cargo build "${LOCKED[@]}" -p wacloud-php
}

host() {
    local flags
    read -ra flags < <("$PREFIX/bin/php-config" --includes)
    cc -O1 -Wall "${flags[@]}" -o "$PLACE/host" php/tests/threads/host.c -L "$PREFIX/lib" -Wl,-rpath,"$PREFIX/lib" -lphp -pthread
}

manifest() {
    cargo run --quiet "${LOCKED[@]}" -p wacloud-codegen -- --manifest "$ROOT/target/manifest.json"
}

# PHPUnit is Debian's; traces without arguments as in PHP's own file for production, since what PHPUnit passes on is large.
ini() {
    cat <<EOF
extension=$PLACE/cargo/debug/libwacloud_php.so
auto_prepend_file=$ROOT/php/autoload.php
include_path=.:/usr/share/php
memory_limit=-1
zend.exception_ignore_args=On
EOF
}

for package in gcc make pkg-config libxml2-dev; do
    dpkg --status "$package" >/dev/null 2>&1 || die "missing: apt-get install gcc make pkg-config libxml2-dev"
done
[[ -x $WACLOUD_BIN ]] || die "missing: $WACLOUD_BIN (make build)"
mkdir -p "$PLACE"
[[ -x $PREFIX/bin/php && -e $PREFIX/lib/libphp.so ]] || step "thread-safe PHP from Debian's source" php_from_source
step "extension for it" extension
step "program with PHP in several threads" host
[[ -e $ROOT/target/manifest.json ]] || step "manifest, which the suite reads" manifest
ini >"$PLACE/php.ini"

"$PREFIX/bin/php" -c "$PLACE/php.ini" -r 'printf("PHP %s, %s\n", PHP_VERSION, PHP_ZTS ? "thread-safe" : "not thread-safe");'
exec env WACLOUD_PHP_HOST="$PLACE/host" PATH="$PREFIX/bin:$PREFIX/sbin:$PATH" \
    "$PREFIX/bin/php" -c "$PLACE/php.ini" "$(command -v phpunit)" --configuration php/phpunit.xml.dist "$@"
