// The types as users' compilers see them, and the package as bundlers and Node see it.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { packageRoot } from './support.mjs'

const compiler = path.join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc')
const strict = '--noEmit --strict --exactOptionalPropertyTypes --target es2022 --lib es2023,esnext.disposable --types node'

function compile(options, ...programs) {
  const files = programs.map((name) => path.join('test', 'consumer', name))
  // --ignoreConfig: as a project of its own, not as a part of this one.
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--ignoreConfig', ...`${strict} ${options}`.split(' '), ...files], {
    cwd: packageRoot,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout)
}

describe('the types hold', () => {
  test('as Node resolves them, for import and for require', () => {
    compile('--module node16 --moduleResolution node16', 'program.mts', 'program.cts')
  })

  test('of every message, as the documentation shows it', () => {
    const page = fs.readFileSync(path.join(packageRoot, '..', 'docs', 'messages.md'), 'utf8')
    const calls = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code)
    assert.ok(calls.length > 25, `only ${calls.length} calls are shown`)
    const head = "import { WhatsAppClient } from 'wacloud'\n\nconst wa = WhatsAppClient.fromEnv()\n"
    // Inside the package, where its own name leads to it.
    const folder = fs.mkdtempSync(path.join(packageRoot, 'test', 'consumer', 'examples-'))
    try {
      fs.writeFileSync(path.join(folder, 'messages.mts'), head + calls.join(''))
      compile('--module node16 --moduleResolution node16', path.join(path.basename(folder), 'messages.mts'))
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })

  test('as bundlers resolve them', () => compile('--module esnext --moduleResolution bundler', 'program.mts'))
})

test('publint has nothing to say about the package', async () => {
  const { publint } = await import('publint')
  const { formatMessage } = await import('publint/utils')
  const { messages, pkg } = await publint({ pkgDir: packageRoot, pack: false, strict: true })
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), [])
})
