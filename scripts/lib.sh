# shellcheck shell=bash disable=SC2034  # whoever sources this uses the variables
# What the scripts here share: where things are, how they speak, when a step may be skipped.
# Sourced, never run: `. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"`.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1

# One target directory for cargo, maturin and napi: the core is compiled once for all of them.
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
case $TARGET in /*) ;; *) TARGET=$ROOT/$TARGET ;; esac
export CARGO_TARGET_DIR=$TARGET
VENV=$ROOT/.venv
# What the sandbox classes of all languages start, unless the user names another one.
export WACLOUD_BIN=${WACLOUD_BIN:-$TARGET/release/wacloud}
LOGS=$TARGET/logs
STAMPS=$TARGET/stamps
SUMMARY=$ROOT/target/test-summary
# pyo3 compiles again whenever the interpreter that it is told changes: always the same one.
export PYO3_PYTHON=$VENV/bin/python

# A run of CI must use the versions that were committed; at a desk cargo may complete the lock file.
LOCKED=()
[[ -z ${CI:-} ]] || LOCKED=(--locked)

mkdir -p "$LOGS" "$STAMPS" "$SUMMARY"

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' YELLOW=$'\e[33m' PLAIN=$'\e[0m'
else
    BOLD='' DIM='' RED='' GREEN='' YELLOW='' PLAIN=''
fi

# A line of a step's own: result mark, what, how long or why.
line() {
    printf '  %s%-4s%s %-44s %s%s%s\n' "$1" "$2" "$PLAIN" "$3" "$DIM" "${4:-}" "$PLAIN"
}

heading() {
    printf '%s%s%s\n' "$BOLD" "$*" "$PLAIN"
}

die() {
    printf '%serror:%s %s\n' "$RED" "$PLAIN" "$*" >&2
    exit 1
}

# attempt NAME COMMAND...: runs it with its output kept in a file; one line if it went well, the whole output if not.
# Leaves the command's status in STATUS and the names of what failed in FAILED; it returns 0 itself, because within
# `if attempt` or `attempt ||` bash would no longer stop a function at its first failing command.
STATUS=0
FAILED=()
attempt() {
    local name=$1 began=$SECONDS
    LOG=$LOGS/$(tr -cs '[:alnum:]\n' '-' <<<"$name").log
    shift
    [[ ! -t 1 ]] || printf '  %s..   %s%s\r' "$DIM" "$name" "$PLAIN"
    set +e
    (
        set -e
        "$@"
    ) >"$LOG" 2>&1 </dev/null
    STATUS=$?
    set -e
    if ((STATUS == 0)); then
        line "$GREEN" ok "$name" "$((SECONDS - began)) s"
    else
        line "$RED" FAIL "$name" "$((SECONDS - began)) s, exit status $STATUS"
        sed 's/^/       | /' "$LOG"
        FAILED+=("$name")
    fi
}

# skip NAME WHY: what cannot be attempted here; its name is left in SKIPPED.
SKIPPED=()
skip() {
    line "$YELLOW" skip "$1" "$2"
    SKIPPED+=("$1")
}

# conclude FAILURE SUCCESS [NEXT]: the last line of a script of attempts; it ends the script if one of them has failed.
conclude() {
    if ((${#FAILED[@]} > 0)); then
        printf '\n%s%s:%s\n' "$RED" "$1" "$PLAIN"
        printf '  %s\n' "${FAILED[@]}"
        exit 1
    fi
    printf '\n%s%s%s' "$GREEN" "$2" "$PLAIN"
    ((${#SKIPPED[@]} == 0)) || printf ', %d skipped' "${#SKIPPED[@]}"
    printf '.%s\n' "${3:+ $3}"
}

# step NAME COMMAND...: an attempt without which nothing further makes sense.
step() {
    attempt "$@"
    ((STATUS == 0)) || exit 1
}

# fingerprint PATH...: one hash over the contents and names of the files under the paths.
# What git ignores does not count, so that build products never make their own inputs look changed.
fingerprint() {
    git ls-files -z --cached --others --exclude-standard --deduplicate -- "$@" |
        while IFS= read -r -d '' file; do
            [[ -f $file ]] && printf '%s\0' "$file"
        done |
        xargs -0 -r sha256sum | sha256sum | cut -d' ' -f1
}

# fresh STAMP KEY: whether the step that left STAMP was last done with this KEY.
fresh() {
    [[ -f $STAMPS/$1 && $(<"$STAMPS/$1") == "$2" ]]
}

stamp() {
    printf '%s\n' "$2" >"$STAMPS/$1"
}

# notices: the legal texts of what is compiled in, beside those packages that say so in their pyproject.toml.
notices() {
    cp THIRD-PARTY-NOTICES.txt python/
    cp THIRD-PARTY-NOTICES.txt cli/
}
