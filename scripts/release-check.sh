#!/usr/bin/env bash
# Whether what is here can be released as the version that it says: to be run on the commit that is to be tagged.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What the last release had in its manifest, and whoever prepares one writes anew.
RELEASED=bindings/codegen/released.json
CRATES=(wacloud wacloud-sandbox wacloud-cli)

git_is_clean() {
    local changed
    changed=$(git status --porcelain)
    [[ -z $changed ]] || {
        printf 'Not committed:\n%s\n' "$changed"
        return 1
    }
}

# The tag is made after this check, but it may have been made before.
tag_is_free_or_here() {
    local tagged
    tagged=$(git rev-parse --quiet --verify "refs/tags/$1^{commit}" || true)
    [[ -z $tagged || $tagged == $(git rev-parse HEAD) ]] || {
        printf '%s is another commit already: %s\n' "$1" "$tagged"
        return 1
    }
}

manifest() {
    cargo run --quiet "${LOCKED[@]}" -p wacloud-codegen -- --manifest "$ROOT/target/manifest.json"
}

released_manifest_is_written() {
    cmp "$ROOT/target/manifest.json" "$RELEASED" || {
        printf 'Write it: cargo run -p wacloud-codegen -- --manifest %s\n' "$RELEASED"
        return 1
    }
}

manifest_since() {
    git show "$1:$RELEASED" >"$ROOT/target/manifest-$1.json"
    python3 scripts/manifest_diff.py "$ROOT/target/manifest-$1.json" "$ROOT/target/manifest.json"
}

# The libraries of the sandbox and of the command are no surface for others: see docs/versions.md.
rust_since() {
    cargo semver-checks --package wacloud --baseline-rev "$1"
}

# Each crate as crates.io would get it, and compiled from that.
crates() {
    local crate packages=()
    for crate in "${CRATES[@]}"; do
        packages+=(--package "$crate")
    done
    cargo package "${LOCKED[@]}" "${packages[@]}"
}

advisories() {
    PATH=$VENV/bin:$PATH cargo deny "${LOCKED[@]}" check advisories
}

heading "Release check"
version=$(python3 scripts/versions.py) || die "more than one version: $version"
tag=v$version
last=$(git describe --tags --abbrev=0 --match 'v[0-9]*' --exclude "$tag" 2>/dev/null || true)

attempt "$version everywhere, and in the changelog" python3 scripts/versions.py --tag "$tag"
attempt "everything is committed" git_is_clean
attempt "$tag is free, or here" tag_is_free_or_here "$tag"
attempt "generated files are up to date" scripts/codegen.sh --check
attempt "notices of third parties are up to date" python3 scripts/notices.py --check
attempt "manifest" manifest
attempt "the manifest is kept for the next release" released_manifest_is_written
if [[ -z $last ]]; then
    skip "what changed for Python, Node and PHP" "the first release: there is nothing to compare with"
    skip "what changed for Rust" "the first release"
else
    attempt "what changed for Python, Node and PHP since $last" manifest_since "$last"
    ((STATUS != 0)) || sed 's/^/       /' "$LOG"
    if cargo semver-checks --version >/dev/null 2>&1; then
        attempt "what changed for Rust since $last" rust_since "$last"
    else
        skip "what changed for Rust since $last" "cargo install --locked cargo-semver-checks"
    fi
fi
attempt "crates as they are published" crates
# The list of advisories is on GitHub.
if git ls-remote --quiet --exit-code https://github.com/RustSec/advisory-db HEAD >/dev/null 2>&1; then
    attempt "advisories (cargo deny)" advisories
else
    skip "advisories (cargo deny)" "github.com cannot be reached"
fi

conclude "Not ready as $version" "Ready as $version" "Next: git tag -s $tag && git push origin $tag"
