#!/usr/bin/env bash
# Builds the documentation site into target/site and checks what came of it. Needs Python 3.11 or later and nothing that
# `make build` makes; its generator is installed into a folder of its own below target/.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SITE_VENV=$TARGET/site-venv
SOURCES=$TARGET/site-sources

generator() {
    python3 -m venv --clear "$SITE_VENV"
    "$SITE_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r site/requirements.txt
}

tests() {
    "$SITE_VENV/bin/python" -m unittest discover --start-directory site --quiet
}

site() {
    "$SITE_VENV/bin/python" site/prepare.py "$SOURCES"
    (cd "$SOURCES" && "$SITE_VENV/bin/zensical" build --strict)
    rm -rf "$TARGET/site"
    mv "$SOURCES/site" "$TARGET/site"
}

links() {
    "$SITE_VENV/bin/python" site/check.py "$TARGET/site"
}

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "the documentation site needs Python 3.11 or later"

key=$(python3 -c 'import sys; print(sys.version, sys.prefix)')$(fingerprint site/requirements.txt)
if ! fresh site "$key" || [[ ! -x $SITE_VENV/bin/zensical ]]; then
    step "the site's generator" generator
    stamp site "$key"
fi
step "what makes its pages" tests
step "documentation site" site
step "links, anchors, answers" links
printf 'The site is in %s\n' "$TARGET/site"
