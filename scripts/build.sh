#!/usr/bin/env bash
# Builds what a user of each language would install, and puts it where the tests and the demo look for it:
#   .venv                  has the wheel installed (not a link to the sources)
#   node/                  can be imported through the `exports` of its package.json
#   target/php.ini         makes `php -c target/php.ini` load the extension and the library
#   target/release/wacloud is the command line, and wacloud-demo beside it the demo's program in Rust
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rust_inputs=(core bindings/common Cargo.toml Cargo.lock)

binaries() {
    cargo build --release "${LOCKED[@]}" -p wacloud-cli -p wacloud-php -p wacloud-node -p wacloud-examples \
        --lib --bin wacloud --bin wacloud-demo
}

wheel() {
    notices
    rm -rf "$TARGET/wheels"
    # The wheel is installed on this machine only, so it needs no portable tag.
    (cd python && "$VENV/bin/maturin" build --release "${LOCKED[@]}" \
        --interpreter "$VENV/bin/python" --compatibility linux --out "$TARGET/wheels")
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall \
        "$TARGET"/wheels/*.whl
    # From elsewhere than the sources, so that only the installed package can answer.
    (cd / && "$VENV/bin/python" -c 'import wacloud')
}

node_package() {
    # Built with the others in one go: cargo would compile much of it again for a call of its own.
    local library
    library=$(compgen -G "$TARGET/release/*wacloud_node.*[yo]" | head -n 1)
    npm run --prefix node build:native -- "$library"
    npm run --prefix node build:ts
    (cd node && node --input-type=module --eval 'await import("wacloud")' && node --eval 'require("wacloud")')
}

# -c replaces the machine's own php.ini (its conf.d with the other extensions is still read), so ours starts with it.
php_ini() {
    local original
    original=$(php -r 'echo php_ini_loaded_file() ?: "/dev/null";')
    {
        cat "$original"
        printf '\n[wacloud]\nextension=%s\nauto_prepend_file=%s\n' \
            "$TARGET/release/libwacloud_php.so" "$ROOT/php/autoload.php"
    } >"$TARGET/php.ini"
    php -c "$TARGET/php.ini" -r 'exit(extension_loaded("wacloud") ? 0 : 1);' ||
        die "PHP does not load the extension: php -c target/php.ini -m"
}

[[ -x $TARGET/release/wacloud ]] ||
    echo "The first build takes 10 to 20 minutes on two cores. Each step has its line when it is done; its log grows in target/logs."

step "wacloud binary, PHP extension, Rust demo" binaries
php_ini

key=$(rustc --version)$(fingerprint python bindings/python "${rust_inputs[@]}" ':!python/tests')
if ! fresh wheel "$key" || ! compgen -G "$VENV/lib/python*/site-packages/wacloud/__init__.py" >/dev/null; then
    step "Python wheel, installed into .venv" wheel
    stamp wheel "$key"
fi

key=$(rustc --version)$(node --version)$(fingerprint node bindings/node "${rust_inputs[@]}" ':!node/test')
if ! fresh node "$key" || ! compgen -G 'node/native/*.node' >/dev/null; then
    step "Node package" node_package
    stamp node "$key"
fi
