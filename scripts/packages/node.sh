#!/usr/bin/env bash
# Makes the npm packages of this machine, holds them against what npm, Node and TypeScript expect, and tries them in new
# projects: CommonJS, ES modules and TypeScript.
set -euo pipefail
# shellcheck source=scripts/packages/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

out=$PACKAGES/npm
rm -rf "$out"
mkdir -p "$out"
addon=$(compgen -G 'node/native/*.node')
platform=$(basename "$addon" .node)
platform=${platform#wacloud.}
node scripts/package-npm.mjs "$out" main
node scripts/package-npm.mjs "$out" "$platform" "$addon" "$TARGET/release/wacloud"
check_native "$addon"
check_size "$out"/*.tgz

npm ci --silent --prefix scripts/npm-tools --no-audit --no-fund
tools=$ROOT/scripts/npm-tools/node_modules/.bin
for package in "$out"/wacloud-[0-9]*.tgz "$out"/wacloud-cli-[0-9]*.tgz; do
    "$tools/publint" --strict "$package"
    # Every Node that the package is for knows `exports`; TypeScript's resolution for those before is deprecated.
    "$tools/attw" --profile node16 "$package"
done

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
echo '{"name": "project", "private": true}' >package.json
# Of the platforms only that of this machine is there: the others are optional, as they are for everybody.
npm install --silent --no-audit --no-fund "$out"/*.tgz
# What a project in TypeScript for Node has anyway.
npm install --silent --no-audit --no-fund --save-dev @types/node@20
[[ $(npx --no-install wacloud --version) == wacloud* ]]

first js >first.mjs
cat >first.cjs <<'JS'
const { readdirSync } = require('node:fs')

const before = process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0
const { WhatsAppClient } = require('wacloud')
if (process.platform === 'linux' && readdirSync('/proc/self/task').length !== before) throw new Error('loading starts threads')

import('wacloud').then(async (esm) => {
  if (esm.WhatsAppClient !== WhatsAppClient) throw new Error('there are two WhatsAppClients')
  console.log((await WhatsAppClient.fromEnv().sendText('+15550001234', 'Hello from CommonJS')).id)
})
JS
cat >first.ts <<'TS'
import { ApiError, WhatsAppClient, type SentMessage } from 'wacloud'

const wa = WhatsAppClient.fromEnv()
try {
  const sent: SentMessage = await wa.sendText('+15550001234', 'Hello from TypeScript')
  console.log(sent.id)
} catch (error) {
  if (error instanceof ApiError) console.error(error.code)
  throw error
}
TS
mkdir typescript
mv first.ts typescript
echo '{"type": "module"}' >typescript/package.json
"$tools/tsc" --strict --noEmitOnError --module node16 --moduleResolution node16 --target es2022 --types node typescript/first.ts
cat >testing.mjs <<'JS'
import { Sandbox } from 'wacloud/testing'

const sandbox = await Sandbox.start()
console.log((await sandbox.client().sendText('+15550001234', 'Hello')).id)
await sandbox.close()
JS
for program in first.mjs first.cjs typescript/first.js; do
    with_sandbox node_modules/.bin/wacloud node "$program"
done
env -u WACLOUD_BIN node testing.mjs

# A signal reaches the program behind the script, and its end is told.
node_modules/.bin/wacloud sandbox --port 0 --json >ready.json &
sandbox=$!
until [[ -s ready.json ]]; do kill -0 $sandbox && sleep 0.1; done
program=$(node -p 'JSON.parse(require("fs").readFileSync("ready.json")).pid')
kill "$sandbox"
wait "$sandbox" || true
until ! kill -0 "$program" 2>/dev/null; do sleep 0.1; done
