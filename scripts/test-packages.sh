#!/usr/bin/env bash
# Installs the packages of the command line beside those of Python and Node, in an empty directory for each, and sends a
# message to the sandbox that comes with them: nothing is taken from the sources, the PATH or WACLOUD_BIN.
#
# Not a part of `make test`: maturin compiles the program for itself, which takes ten minutes on two cores.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

unset WACLOUD_BIN
scripts/package-cli.sh
packages=$TARGET/packages
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# pip: the environment is not active, and finds the program all the same.
"$VENV/bin/python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index \
    "$TARGET"/wheels/wacloud-*.whl "$packages"/wacloud_cli-*.whl
"$place/venv/bin/wacloud" --version
cat >"$place/first.py" <<'EOF'
from wacloud.testing import Sandbox

with Sandbox() as sandbox:
    print("Python:", sandbox.client().send_text("+15550001234", "Hello"))
EOF
(cd "$place" && venv/bin/python first.py)

# npm: `npx wacloud`, and the sandbox of a program.
(cd node && npm pack --silent --pack-destination "$place" >/dev/null)
mkdir "$place/project"
cd "$place/project"
echo '{"name": "project", "private": true}' >package.json
npm install --silent --offline --no-audit --no-fund "$place"/wacloud-[0-9]*.tgz "$packages"/wacloud-cli-*.tgz
npx --no-install wacloud --version
cat >first.mjs <<'EOF'
import { Sandbox } from 'wacloud/testing'

const sandbox = await Sandbox.start()
const { id } = await sandbox.client().sendText('+15550001234', 'Hello')
console.log('Node:', id)
await sandbox.close()
EOF
node first.mjs
# A signal reaches the program behind the script, and its end is told.
node_modules/.bin/wacloud sandbox --port 0 --json >ready.json &
sandbox=$!
until [[ -s ready.json ]]; do kill -0 $sandbox && sleep 0.1; done
program=$(node -p 'JSON.parse(require("fs").readFileSync("ready.json")).pid')
kill "$sandbox"
wait "$sandbox" || true
until ! kill -0 "$program" 2>/dev/null; do sleep 0.1; done
