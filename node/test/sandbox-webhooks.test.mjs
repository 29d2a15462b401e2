// What the sandbox sends to a webhook.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { beforeEach, describe, test } from 'node:test'
import { WindowClosedError } from 'wacloud'
import { receiver, sandbox } from './support.mjs'

const to = '+15550001234'
const server = await sandbox()
const { came, answers, url } = await receiver(server)

function items(name) {
  const changes = came.flatMap(({ body }) => JSON.parse(body).entry.flatMap((entry) => entry.changes))
  return changes.flatMap((change) => change.value[name] ?? [])
}

describe('a webhook of the sandbox', () => {
  beforeEach(async () => {
    await server.reset({ settings: true })
    came.length = 0
    answers.length = 0
  })

  test('tells statuses, signed, until they are taken', async () => {
    assert.equal((await server.webhook(url, { first_retry_ms: 1 })).subscribed, true)
    answers.push(503)
    const { id } = await server.client().sendText(to, 'Hello', { tracker: 'order-1' })
    await server.flushWebhooks()
    const statuses = items('statuses')
    assert.deepEqual(new Set(statuses.map((status) => status.status)), new Set(['sent', 'delivered', 'read']))
    assert.ok(statuses.every((status) => status.id === id && status.biz_opaque_callback_data === 'order-1'))
    for (const { signature, body } of came) {
      assert.equal(signature, `sha256=${createHmac('sha256', server.appSecret).update(body).digest('hex')}`)
    }
    const [first] = await server.webhooks({ state: 'delivered' })
    assert.deepEqual(
      first.attempts.map((attempt) => attempt.status),
      [503, 200],
    )
    assert.equal((await server.messages())[0].status, 'read')
  })

  test('tells what customers write', async () => {
    await server.webhook(url, { batch: 10, hold_ms: 60_000 })
    const written = await server.customer(to, { text: 'Grüße', name: 'Ana', reply_to: 'wamid.x' })
    await server.customer('US.134912086', { button_reply: { id: 'yes', title: 'Yes' } })
    assert.deepEqual(await server.webhooks(), [], 'both are held back for one POST')
    await server.flushWebhooks()
    const [text, reply] = items('messages')
    assert.equal(came.length, 1)
    assert.deepEqual([text.id, text.from, text.text.body], [written.id, '15550001234', 'Grüße'])
    assert.deepEqual([reply.from, reply.from_user_id], [undefined, 'US.134912086'])
    assert.equal(items('contacts')[0].profile.name, 'Ana')
    await assert.rejects(server.customer(to, {}), /a content is required/)
  })

  test('carries any payload', async () => {
    await server.webhook(url)
    assert.equal(await server.postWebhook({ object: 'page' }), 0)
    assert.equal(await server.postWebhook('ä'), 1)
    assert.equal(await server.postWebhook(Uint8Array.of(255)), 2)
    await server.flushWebhooks()
    assert.deepEqual(
      came.map(({ body }) => body),
      [Buffer.from('{"object":"page"}'), Buffer.from('ä'), Buffer.of(255)],
    )
  })

  test('is refused when its server does not know the token, and says what is not taken', async () => {
    await assert.rejects(server.webhook(url, { verify_token: 'another' }), /403/)
    await assert.rejects(server.webhook('https://example.com/webhook'), /https is not spoken/)
    await server.webhook(url)
    answers.push(500, 500, 500)
    await server.customer(to, { type: 'sticker' })
    await assert.rejects(server.flushWebhooks({ timeout: 50 }), /1 webhooks/)
  })

  test('does not need the window to be kept, but it can be', async () => {
    await server.settings({ window: true })
    const client = server.client()
    await server.customer(to, { text: 'Hello?' })
    await client.sendText(to, 'Hello!')
    await server.advanceClock(24 * 3_600_000)
    await assert.rejects(client.sendText(to, 'Hello!'), WindowClosedError)
  })
})
