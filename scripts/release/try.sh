#!/usr/bin/env bash
# Installs what was built into an empty directory, as its users would, and sends a message with it to the sandbox that
# comes along. Nothing is compiled, and nothing is taken from these sources but PHP's library, which is no build product.
# usage: scripts/release/try.sh python|node|php DIRECTORY
#
# The directory is what scripts/release/build.sh wrote, of this platform; for PHP with the extension beside it (php/).
# For bash 3.2, which macOS has, and for the bash of Git on Windows.
set -euo pipefail

language=$1
built=$(cd "$2" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
unset WACLOUD_BIN
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

# says_its_version COMMAND...: whether the installed command is the one that is released.
says_its_version() {
    local said
    said=$("$@" --version | tr -d '\r')
    [[ $said == "wacloud $version" ]] || {
        echo "the command says «$said», not «wacloud $version»" >&2
        exit 1
    }
}

case $language in
python)
    python=$(command -v python3 || command -v python)
    "$python" -m venv venv
    bin=venv/bin
    [[ -d $bin ]] || bin=venv/Scripts
    "$bin/python" -m pip install --disable-pip-version-check --no-index --only-binary :all: \
        --find-links "$built/python" "wacloud==$version" "wacloud-cli==$version"
    says_its_version "$bin/wacloud"
    cat >first.py <<'PYTHON'
import asyncio
import sys

from wacloud.testing import Sandbox


async def send(sandbox):
    async with sandbox.async_client() as wa:
        return await wa.send_text("+15550001234", "Hello")


with Sandbox() as sandbox:
    with sandbox.client() as wa:
        print(sys.version, wa.send_text("+15550001234", "Hello").id)
    print(asyncio.run(send(sandbox)).id)
    assert len(sandbox.messages()) == 2
PYTHON
    "$bin/python" first.py
    ;;
node)
    platform=$(node -p '
        const { platform, arch, report } = process;
        const libc = platform === "linux" ? [report.getReport().header.glibcVersionRuntime ? "gnu" : "musl"] : [];
        [platform, arch, ...libc, ...(platform === "win32" ? ["msvc"] : [])].join("-")')
    echo '{"name": "project", "private": true}' >package.json
    npm install --no-audit --no-fund "$built/npm/wacloud-$version.tgz" "$built/npm/wacloud-cli-$version.tgz" \
        "$built/npm/wacloud-$platform-$version.tgz" "$built/npm/wacloud-cli-$platform-$version.tgz"
    says_its_version npx --no-install wacloud
    cat >first.mjs <<'JS'
import { createRequire } from 'node:module'
import { WhatsAppClient } from 'wacloud'
import { Sandbox } from 'wacloud/testing'

if (createRequire(import.meta.url)('wacloud').WhatsAppClient !== WhatsAppClient) throw new Error('there are two of them')
const sandbox = await Sandbox.start()
const { id } = await sandbox.client().sendText('+15550001234', 'Hello')
console.log(process.version, id)
await sandbox.close()
JS
    node first.mjs
    ;;
php)
    tar -xzf "$built"/archives/wacloud-*.tar.gz
    export WACLOUD_BIN
    WACLOUD_BIN=$(echo "$place"/wacloud-*/wacloud)
    says_its_version "$WACLOUD_BIN"
    name=$(php -r 'printf("_php%d.%d-*-%s.tgz", PHP_MAJOR_VERSION, PHP_MINOR_VERSION, PHP_ZTS ? "zts" : "nts");')
    # shellcheck disable=SC2086  # the star is one
    tar -xzf "$built"/php/php_wacloud-"$version"$name
    cat >first.php <<'PHP'
<?php
require $argv[1];
$sandbox = WaCloud\Testing\Sandbox::start();
$sent = $sandbox->client()->sendText('+15550001234', 'Hello');
echo PHP_VERSION, PHP_ZTS ? ' ZTS ' : ' NTS ', $sent->id, "\n";
$sandbox->stop();
PHP
    php -d "extension=$place/wacloud.so" first.php "$root/php/autoload.php"
    ;;
*)
    echo "usage: scripts/release/try.sh python|node|php DIRECTORY" >&2
    exit 2
    ;;
esac
