// How far a bulk is: a function that is told, and the line that stands for a bar.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { beforeEach, describe, test } from 'node:test'
import { Message } from 'wacloud'
import { collect, packageRoot, sandbox } from './support.mjs'

const server = await sandbox()
const client = server.client({ rate: 0 })
const message = (index) => Message.text(`+1555${String(index).padStart(7, '0')}`, `Hello ${index}`)
const list = (count) => Array.from({ length: count }, (_, index) => message(index))
function* lazily(count) {
  yield* list(count)
}

beforeEach(() => server.reset({ settings: true }))

describe('progress', () => {
  test('is told to a function, to the end', async () => {
    await server.settings({ latency_ms: 20 })
    await server.fault({ kind: 'graph_error', code: 131026, to: '+15550000003' }, { kind: 'reset_after', to: '+15550000005' })
    const told = []
    const rows = [...list(40), Message.text('call me', '')]
    const results = await collect(client.sendBulk(rows, { window: 4, progress: (now) => told.push(now) }))
    assert.equal(results.length, 41)
    const { rate, elapsedMs, ...last } = told.at(-1)
    assert.deepEqual(last, { done: 41, total: 41, accepted: 38, rejected: 1, notSent: 1, unknown: 1, replayed: 0, newKeys: 0, etaMs: 0 })
    assert.ok(rate > 0)
    // 40 messages, 4 at a time, each at least 20 ms: at most ten times a second, and the end.
    assert.ok(elapsedMs >= 200 && told.length <= elapsedMs / 100 + 3, `${told.length} in ${elapsedMs} ms`)
  })

  test('comes for the last time after the last result', async () => {
    const events = []
    for await (const { index } of client.sendBulk(lazily(50), { progress: ({ done }) => events.push({ done }) })) events.push(index)
    assert.deepEqual(events.at(-1), { done: 50 })
  })

  test('knows the total of what has a length, or as it is given', async () => {
    const total = async (messages, options) => {
      let found
      await collect(client.sendBulk(messages, { ...options, progress: ({ total }) => (found = total) }))
      return found
    }
    assert.equal(await total(list(3)), 3)
    assert.equal(await total(new Set(list(3))), 3)
    assert.equal(await total(lazily(3)), undefined)
    assert.equal(await total(lazily(3), { total: 7 }), 7)
    assert.equal(await total(list(3), { total: 7 }), 7)
  })

  test('may be told to an async function, which is awaited', async () => {
    let isBusy = false
    const progress = async () => {
      assert.ok(!isBusy)
      isBusy = true
      await new Promise(setImmediate)
      isBusy = false
    }
    assert.equal((await collect(client.sendBulk(list(100), { progress }))).length, 100)
  })

  test('that fails ends the bulk with its error', async () => {
    const error = new Error('mine')
    const progress = () => {
      throw error
    }
    await assert.rejects(collect(client.sendBulk(lazily(100), { progress })), (thrown) => thrown === error)
  })

  test('that is neither a function nor true or false is refused', async () => {
    await assert.rejects(collect(client.sendBulk(list(1), { progress: 'yes' })), { name: 'ConfigError', setting: 'progress' })
    await assert.rejects(collect(client.sendBulk(list(1), { total: -1 })), { name: 'ConfigError', setting: 'total' })
  })

  test('is one line at the end where stderr is no terminal', () => {
    const settings = { phoneNumberId: server.phoneNumberId, accessToken: server.token, baseUrl: server.url, rate: 0, pairRate: 0 }
    const program = `
      import { WhatsAppClient, Message } from 'wacloud'
      const wa = new WhatsAppClient(${JSON.stringify(settings)})
      const messages = Array.from({ length: 30 }, (_, n) => Message.text('+1555' + String(n).padStart(7, '0'), 'Hello'))
      for await (const _ of wa.sendBulk(messages, { progress: true })) continue`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: packageRoot,
      encoding: 'utf8',
    })
    assert.deepEqual([status, stdout], [0, ''])
    assert.match(stderr, /^wacloud: 30\/30  .*\n$/)
  })
})
