// What the tests share: where things are, and sandboxes that end with the test.

import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { after } from 'node:test'
import { inspect } from 'node:util'
import { Sandbox } from 'wacloud/testing'

export const packageRoot = fileURLToPath(new URL('..', import.meta.url))
export const repositoryRoot = path.resolve(packageRoot, '..')
const target = process.env.CARGO_TARGET_DIR ?? path.join(repositoryRoot, 'target')

process.env.WACLOUD_BIN ||= path.join(target, 'release', 'wacloud')

/**
 * Writes what a program could log into a file, which `make test` searches for secrets in the end (`scripts/leaks.py`).
 */
export function show(...things) {
  const folder = path.join(target, 'logs')
  mkdirSync(folder, { recursive: true })
  const said = things.flatMap((thing) => [String(thing), inspect(thing, { depth: 9, showHidden: true }), JSON.stringify(thing)])
  appendFileSync(path.join(folder, 'debug-node.log'), `${said.join('\n')}\n`)
}

/** A logger that takes everything, for the same file. */
export const showing = { debug: show, info: show, warn: show }

/** The core's manifest: what every language must offer. */
export function manifest() {
  const file = process.env.WACLOUD_MANIFEST ?? path.join(repositoryRoot, 'target', 'manifest.json')
  if (!existsSync(file)) throw new Error(`${file} is not there: cargo run -p wacloud-codegen -- --manifest ${file}`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** A sandbox for all tests of the file that calls this at its top, without limits unless told otherwise. */
export async function sandbox(options = { rate: 0, pairRate: false }) {
  const started = await Sandbox.start(options)
  after(() => started.close())
  return started
}

/** A server for webhooks: keeps what came, and answers with the statuses that it was told, then with 200. */
export async function receiver(sandbox) {
  const came = []
  const answers = []
  const listener = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url, 'http://localhost')
    if (request.method === 'GET') {
      const right = searchParams.get('hub.verify_token') === sandbox.verifyToken
      return response.writeHead(right ? 200 : 403).end(right ? searchParams.get('hub.challenge') : 'no')
    }
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    came.push({ signature: request.headers['x-hub-signature-256'], body: Buffer.concat(chunks) })
    response.writeHead(answers.shift() ?? 200).end()
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  listener.unref()
  after(() => listener.close())
  return { came, answers, url: `http://127.0.0.1:${listener.address().port}/webhook` }
}

/** `reply_to` is `replyTo`. */
export function camel(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())
}

export function camelKeys(object) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [camel(key), value]))
}

/** Returns when the condition holds; a test that waits for ever is ended by its time limit. */
export async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

export async function collect(iterable) {
  const items = []
  for await (const item of iterable) items.push(item)
  return items
}
