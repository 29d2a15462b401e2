# shellcheck shell=bash disable=SC2034  # whoever sources this uses the variables
# What the trials of the packages share. Sourced, never run.
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

PACKAGES=$TARGET/packages
# Nothing is to be found but what was installed.
unset WACLOUD_BIN

# The most that a package may weigh, as it is downloaded.
MOST_BYTES=$((5 * 1000 * 1000))

# check_size FILE...
check_size() {
    local file size
    for file in "$@"; do
        size=$(stat -c %s "$file")
        # The command is another matter: it has the sandbox in it.
        [[ $file == *cli* ]] || ((size < MOST_BYTES)) || die "$file has $size bytes, at most $MOST_BYTES are promised"
        echo "$(basename "$file"): $size bytes"
    done
}

# check_native FILE: bound to nothing but the C library.
check_native() {
    local others
    others=$(ldd "$1" | grep -vE 'linux-vdso|libc\.so|libm\.so|libpthread\.so|libdl\.so|ld-linux|ld-musl|statically linked' || true)
    [[ -z $others ]] || die "$1 needs more than the C library:
$others"
    echo "$(basename "$1"): $(stat -c %s "$1") bytes unpacked, needs the C library only"
}

# first LANGUAGE: the first program of README.md in that language, on standard output.
first() {
    "$VENV/bin/python" "$ROOT/scripts/snippets.py" --first "$1" README.md
}

# with_sandbox WACLOUD COMMAND...: runs the command with a sandbox of that program, and what leads to it in the environment.
with_sandbox() {
    local wacloud=$1 ready sandbox status=0
    shift
    ready=$(mktemp)
    "$wacloud" sandbox --port 0 --json >"$ready" &
    sandbox=$!
    until [[ -s $ready ]]; do kill -0 "$sandbox" && sleep 0.1; done
    (
        eval "$(python3 - "$ready" <<'PYTHON'
import json, shlex, sys

with open(sys.argv[1]) as file:
    said = json.load(file)
for name, member in {"WA_BASE_URL": "url", "WA_PHONE_ID": "phone_number_id", "WA_TOKEN": "token"}.items():
    print(f"export {name}={shlex.quote(said[member])}")
PYTHON
        )"
        "$@"
    ) || status=$?
    kill "$sandbox"
    wait "$sandbox" || true
    rm -f "$ready"
    return "$status"
}
