#!/usr/bin/env bash
# Makes the wheels and source distributions of `wacloud` and `wacloud-cli`, and tries them in new environments: the wheel,
# and one that pip builds from the source distribution without these sources.
set -euo pipefail
# shellcheck source=scripts/packages/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

out=$PACKAGES/python
rm -rf "$out"
mkdir -p "$out"
notices
# With maturin's own look at what the library needs, which names the oldest system that it runs on.
(cd python && "$VENV/bin/maturin" build --release "${LOCKED[@]}" --interpreter "$VENV/bin/python" --out "$out" --sdist)
(cd cli && "$VENV/bin/maturin" build --release "${LOCKED[@]}" --out "$out" --sdist)
check_size "$out"/*

tools=$TARGET/packages-tools
[[ -x $tools/bin/twine ]] || python3 -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check -r scripts/packages/requirements.txt
"$tools/bin/twine" check --strict "$out"/*
"$tools/bin/abi3audit" --strict "$out"/wacloud-*.whl

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
pip=(-m pip --quiet --disable-pip-version-check install)

# try_in VENV: the program of README.md, in an empty directory, with the sandbox of the installed command.
try_in() {
    mkdir "$1/empty"
    first python >"$1/empty/first.py"
    (
        cd "$1/empty"
        "$1/bin/wacloud" --version
        with_sandbox "$1/bin/wacloud" "$1/bin/python" first.py
        # The class of tests finds the program beside its Python, with nothing said.
        env -u PATH "$1/bin/python" - <<'PYTHON'
import importlib.metadata
import os

import wacloud
from wacloud.testing import Sandbox

assert len(os.listdir("/proc/self/task")) == 1, "loading wacloud starts threads"
assert importlib.metadata.requires("wacloud") is None, "wacloud has dependencies"
files = {os.path.basename(file) for file in importlib.metadata.files("wacloud")}
for name in ("LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-NOTICES.txt", "py.typed"):
    assert name in files, f"the package lacks {name}"
with Sandbox() as sandbox:
    print("tests:", sandbox.client().send_text("+15550001234", "Hello").id)
PYTHON
    )
}

python3 -m venv "$place/wheel"
"$place/wheel/bin/python" "${pip[@]}" --no-index --find-links "$out" --only-binary :all: wacloud wacloud-cli
check_native "$(find "$place/wheel" -name '_native*.so')"
try_in "$place/wheel"

# Not optimised: what is tried is that the sources are all there.
python3 -m venv "$place/sdist"
env -u CARGO_TARGET_DIR MATURIN_PEP517_ARGS="--profile dev" \
    "$place/sdist/bin/python" "${pip[@]}" --no-binary wacloud "$out"/wacloud-[0-9]*.tar.gz
"$place/sdist/bin/python" "${pip[@]}" --no-index --find-links "$out" --only-binary :all: wacloud-cli
try_in "$place/sdist"
