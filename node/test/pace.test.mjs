// The promise of the rate limit, against a server that counts strictly in any window of one second.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Message } from 'wacloud'
import { collect, sandbox } from './support.mjs'

const server = await sandbox({ rate: 80 })

test('2,000 messages at the default rate: hardly a refusal, and none is lost', async () => {
  function* messages() {
    for (let index = 0; index < 2000; index++) yield Message.text(`+1555${String(index).padStart(7, '0')}`, 'Hello')
  }
  const results = await collect(server.client().sendBulk(messages()))
  assert.equal(results.filter(({ outcome }) => outcome === 'accepted').length, 2000)
  assert.equal((await server.messages()).length, 2000)
  const refused = (await server.requests()).filter(({ status }) => status !== 200)
  assert.ok(refused.length <= 2, `${refused.length} refused`)
})
