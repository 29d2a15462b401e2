// The promise of the rate limit, against a server that counts strictly in any window of one second.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { Message } from 'wacloud'
import { camel, collect, sandbox } from './support.mjs'

const server = await sandbox({ rate: 80 })

test('2,000 messages at the default rate: hardly a refusal, and none is lost', async () => {
  function* messages() {
    for (let index = 0; index < 2000; index++) yield Message.text(`+1555${String(index).padStart(7, '0')}`, 'Hello')
  }
  // Tried anew where the machine stalls: what it has held up arrives at once then, and counts in one second. A pace that is
  // too fast is so every time.
  const refused = []
  do {
    assert.ok(refused.length < 3, `${refused} refused`)
    await server.reset()
    const results = await collect(server.client().sendBulk(messages()))
    assert.equal(results.filter(({ outcome }) => outcome === 'accepted').length, 2000)
    assert.equal((await server.messages()).length, 2000)
    refused.push((await server.requests()).filter(({ status }) => status !== 200).length)
  } while (refused.at(-1) > 2)
})

test('what is going on', async (t) => {
  const paceDir = await mkdtemp(path.join(tmpdir(), 'wacloud-'))
  t.after(() => rm(paceDir, { recursive: true }))
  const client = server.client({ pace: 'host', paceDir })
  await server.fault({ kind: 'graph_error', code: 130429 })
  await client.sendText('+15550001234', 'Hello')
  const { store, rate, currentRate, waiting, refused, lastCode } = client.pace()
  assert.deepEqual({ store, rate, waiting, refused, lastCode }, {
    store: 'host', rate: 80, waiting: 0, refused: 1, lastCode: 130429,
  })
  assert.ok(currentRate < 0.97 * rate)
  assert.equal(server.client({ pace: 'host', paceDir, maxRetries: 1 }).pace().refused, 1)
})

test('who is held back learns for how long', async () => {
  for (const code of [131056, 131057]) {
    await server.reset({ settings: true })
    const to = `+1555000${code}`
    const client = server.client({ maxWaitMs: 1000 })
    await server.fault({ kind: 'graph_error', code, retry_after_s: 60 })
    await assert.rejects(client.sendText(to, 'Hello'), { name: 'RateLimitError', retryAfter: 60 })
    await assert.rejects(client.sendText(to, 'Hello'), (error) => {
      assert.equal(error.name, 'NotSentError')
      assert.equal(error.reason, 'max_wait')
      assert.ok(error.retryAfter >= 40 && error.retryAfter <= 60, String(error.retryAfter))
      return true
    })
  }
})

test('mistakes in settings of the pace', () => {
  const wrong = { rate: 'fast', pairRate: -1, pace: 'nowhere', paceDir: 'relative' }
  for (const [setting, value] of Object.entries(wrong)) {
    assert.throws(() => server.client({ [setting]: value }), { name: 'ConfigError', setting })
  }
})
