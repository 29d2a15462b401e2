// Single calls: what comes back, how they are ended, how errors look, and where tokens come from.

import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import {
  AbortError, DeliveryUnknownError, Media, Message, NotSentError, Recipient, ValidationError, WhatsAppClient, WhatsAppError,
} from 'wacloud'
import { Sandbox } from 'wacloud/testing'
import { sandbox, until } from './support.mjs'

const server = await sandbox()
const to = '+15550001234'

beforeEach(() => server.reset({ settings: true }))

test('another token takes the place of one, and a copy keeps its own', async () => {
  await server.settings({ tokens: ['second'] })
  const client = server.client({ accessToken: 'first' })
  const copy = client.phone(server.phoneNumberId)
  await assert.rejects(client.phone.get(), { name: 'AuthenticationError' })
  assert.throws(() => client.setAccessToken('sec ond'), { name: 'ConfigError', setting: 'accessToken' })
  client.setAccessToken('second')
  assert.equal((await client.phone.get()).id, server.phoneNumberId)
  client.setAccessToken(async () => 'second')
  assert.equal((await client.phone(server.phoneNumberId).phone.get()).id, server.phoneNumberId)
  assert.equal(client.stats().attempts, 3)
  await assert.rejects(copy.phone.get(), { name: 'AuthenticationError' })
  await client.close()
  client.setAccessToken('second')
  await assert.rejects(client.phone.get(), { name: 'NotSentError' })
})

test('a list goes through its pages', async () => {
  const client = server.client()
  const users = Array.from({ length: 5 }, (_, index) => `+1555000000${index}`)
  await client.blocks.add(users)
  const all = []
  for await (const user of client.blocks.listAll({ limit: 2 })) all.push(`+${user.waId}`)
  assert.deepEqual(all, users)
  assert.equal((await server.requests()).length, 4)
  const page = await client.blocks.list({ limit: 2 })
  assert.equal(page.hasNext, true)
  assert.equal((await client.blocks.list({ limit: 2, after: page.after })).items[0].waId, users[2].slice(1))
})

describe('a call', () => {
  test('returns the message as it was accepted', async () => {
    const sent = await server.client().sendText(to, 'Grüße 🐴', { replyTo: 'wamid.A', tracker: 'order-7' })
    const [accepted] = await server.messages()
    assert.equal(sent.id, accepted.id)
    assert.deepEqual([sent.to, sent.waId, sent.tracker, sent.meta.attempts], [to, '15550001234', 'order-7', 1])
    assert.equal(accepted.payload.text.body, 'Grüße 🐴')
    assert.equal(accepted.payload.context.message_id, 'wamid.A')
    assert.ok(!('userId' in sent), 'what is not there is left out')
  })

  test('takes what the helpers make, and URLs', async () => {
    const client = server.client()
    await client.sendText(Recipient.user('US.13491208655302741918'), 'Hello')
    await client.sendImage(Recipient.phone(to), Media.link(new URL('https://example.com/a.jpg')))
    await client.sendDocument(to, new URL('https://example.com/a.pdf'), { filename: 'a.pdf' })
    await client.sendImage(to, Media.id('1234567890'))
    const payloads = (await server.messages()).map(({ payload }) => payload)
    assert.equal(payloads[0].recipient, 'US.13491208655302741918')
    assert.equal(payloads[1].image.link, 'https://example.com/a.jpg')
    assert.equal(payloads[2].document.link, 'https://example.com/a.pdf')
    assert.equal(payloads[3].image.id, '1234567890')
  })

  test('leaves the keys of template variables as they are', async () => {
    const body = { first_name: 'Ana', orderId: '#1042' }
    const message = Message.template(to, 'order_update', 'en_US', { body })
    const [{ parameters }] = message.payload().template.components
    assert.deepEqual(parameters.map((parameter) => parameter.parameter_name), ['first_name', 'orderId'])
  })

  test('is refused with every mistake at once, before the network', async () => {
    const refused = server.client().sendButtons('call me', '', [{ id: 'a', title: 'x'.repeat(21) }])
    const error = await refused.then(assert.fail, (thrown) => thrown)
    assert.ok(error instanceof ValidationError && error instanceof WhatsAppError && error instanceof Error)
    assert.deepEqual(error.violations.map(({ path }) => path).sort(), [
      'interactive.action.buttons[0].reply.title', 'interactive.body.text', 'to',
    ])
    assert.deepEqual(await server.requests(), [])
  })

  test('refuses values that JSON cannot carry at their place', async () => {
    const circular = {}
    circular.self = circular
    for (const [value, word] of [
      [Buffer.from('x'), 'Buffer'], [new Date(), 'Date'], [NaN, 'NaN'], [10n, 'bigint'], [() => 'x', 'function'],
      [new Map(), 'Map'], [Symbol('x'), 'symbol'], ['half \ud83d', 'surrogate'],
    ]) {
      assert.throws(() => Message.text(to, value).payload(), (error) => {
        assert.equal(error.name, 'ValidationError')
        assert.equal(error.violations[0].path, 'text.body')
        assert.match(error.violations[0].message, new RegExp(word))
        return true
      })
    }
    assert.throws(() => Message.text(to, circular).payload(), ValidationError)
    assert.throws(() => Message.template(to, 'a', 'en', { body: ['x', undefined] }).payload(), ValidationError)
  })

  test('does not take an option that it does not know', async () => {
    await assert.rejects(server.client().sendText(to, 'Hello', { previewURL: true }), { name: 'ValidationError' })
    await assert.rejects(server.client().sendText(to, 'Hello', { timeoutMs: 'soon' }), { name: 'ConfigError', setting: 'timeoutMs' })
  })

  test('lets no option take the place of an argument, nor the core\'s spelling that of an option', async () => {
    const row = { to: '+15550009999', body: 'for somebody else' }
    const refused = await server.client().sendText(to, 'Hello', row).then(assert.fail, (error) => error)
    assert.equal(refused.name, 'ValidationError')
    assert.deepEqual(refused.violations.map(({ rule }) => rule), ['unknown', 'unknown'])
    assert.throws(() => Message.text(to, 'Hello', { preview_url: true }).payload(), /preview_url \(write previewUrl\)/)
    const { url: baseUrl, phoneNumberId, token } = server
    assert.throws(() => new WhatsAppClient({ baseUrl, phone_number_id: phoneNumberId, accessToken: token }), { name: 'ConfigError' })
    assert.throws(() => new WhatsAppClient(), { name: 'ConfigError' })
    await assert.rejects(server.client().sendImage(to, 'https://example.com/a.jpg', 'a caption'), /options: must be an object, got string; known are to, image, caption,/)
    for (const wrong of ['x', ['x']]) {
      assert.throws(() => new WhatsAppClient(wrong), { name: 'ConfigError', setting: 'options', message: /must be an object, got/ })
      assert.throws(() => server.client().withOptions(wrong), { setting: 'options' })
      await assert.rejects(server.client().sendBulk([], wrong).next(), { setting: 'options' })
      const list = server.client().templates.list(wrong)
      await assert.rejects(list, ({ violations: [only] }) => only.path === 'options' && only.rule === 'type')
    }
    assert.throws(() => server.client().sendBulk(() => []), /must be iterable/)
    assert.deepEqual(await server.requests(), [])
  })

  test('sends a message that was built before, and nothing else', async () => {
    const message = Message.text(to, 'Hello', { tracker: 'mine' })
    const client = server.client()
    const [first, second] = [await client.send(message), await client.send(message, { timeoutMs: 5000 })]
    assert.notEqual(first.id, second.id)
    await assert.rejects(client.send({ to, body: 'Hello' }), { name: 'ValidationError', message: /message.*object/ })
  })

  test('keeps a message as it was when it was built', () => {
    const buttons = [{ id: 'yes', title: 'Yes' }]
    const message = Message.buttons(to, 'Well?', buttons)
    buttons[0].title = 'No'
    assert.equal(message.payload().interactive.action.buttons[0].reply.title, 'Yes')
    assert.deepEqual(Message.fromPayload(message.payload()).payload(), message.payload())
  })
})

describe('an error', () => {
  test('has a stack that leads to the caller', async () => {
    async function whereItIsCalled() {
      const pending = server.client().sendText(to, '')
      await assert.rejects(pending, (error) => {
        assert.match(error.stack, /^ValidationError: /)
        assert.match(error.stack, /whereItIsCalled \(file:.*calls\.test\.mjs/)
        return true
      })
    }
    await whereItIsCalled()
    assert.throws(() => Message.text(to, '').payload(), (error) => /calls\.test\.mjs/.test(error.stack.split('\n')[1]))
  })

  test('tells everything but the token as JSON', async () => {
    await server.fault({ kind: 'graph_error', code: 131047 })
    const error = await server.client().sendText(to, 'Hello').then(assert.fail, (thrown) => thrown)
    const told = JSON.parse(JSON.stringify(error))
    assert.equal(told.name, 'WindowClosedError')
    assert.equal(told.code, 131047)
    assert.equal(told.outcome, 'rejected')
    assert.equal(told.mayHaveBeenSent, false)
    assert.ok(told.message && told.help && told.fbtraceId)
    assert.ok(!JSON.stringify(error).includes(server.token))
  })
})

describe('a signal', () => {
  test('that was aborted before sends nothing', async () => {
    await assert.rejects(server.client().sendText(to, 'Hello', { signal: AbortSignal.abort() }), (error) => {
      assert.ok(error instanceof AbortError)
      assert.deepEqual([error.name, error.code], ['AbortError', 'ABORT_ERR'])
      assert.ok(error.cause instanceof NotSentError)
      assert.equal(error.cause.reason, 'cancelled')
      return true
    })
    assert.deepEqual(await server.requests(), [])
  })

  test('that is aborted while the message waits for its slot sends nothing', async (t) => {
    const slow = await Sandbox.start({ rate: 0, pairRate: false })
    t.after(() => slow.close())
    const client = slow.client({ rate: 0.01 })
    await client.sendText(to, 'first')
    const controller = new AbortController()
    const waiting = client.sendText(to, 'second', { signal: controller.signal, maxWaitMs: 600_000 })
    const reason = new Error('the user left')
    setImmediate(() => controller.abort(reason))
    await assert.rejects(waiting, (error) => {
      assert.equal(error.reason, reason)
      assert.equal(error.message, 'the user left')
      assert.ok(error.cause instanceof NotSentError)
      assert.equal(error.cause.outcome, 'not_sent')
      return true
    })
    assert.equal((await slow.requests()).length, 1)
  })

  test('that is aborted after the write leaves an unknown with its tracker', async () => {
    await server.fault({ kind: 'delay', delay_ms: 60_000 })
    const controller = new AbortController()
    const sending = server.client().sendText(to, 'Hello', { signal: controller.signal })
    const outcome = sending.then(assert.fail, (thrown) => thrown)
    await until(async () => (await server.messages()).length === 1)
    controller.abort()
    const error = await outcome
    assert.ok(error instanceof AbortError)
    assert.ok(error.cause instanceof DeliveryUnknownError)
    assert.equal(error.cause.mayHaveBeenSent, true)
    assert.equal(error.cause.tracker, (await server.messages())[0].tracker)
  })

  test('of a time-out says so in the name', async () => {
    await server.fault({ kind: 'delay', delay_ms: 60_000 })
    const sending = server.client().sendText(to, 'Hello', { signal: AbortSignal.timeout(50) })
    await assert.rejects(sending, { name: 'TimeoutError', code: 'ABORT_ERR' })
  })

  test('is left alone when the call has ended', async () => {
    const { signal } = new AbortController()
    const listeners = new Set()
    signal.addEventListener = (_, listener) => listeners.add(listener)
    signal.removeEventListener = (_, listener) => listeners.delete(listener)
    await server.client().sendText(to, 'Hello', { signal })
    assert.equal(listeners.size, 0)
  })
})

describe('a token function', () => {
  test('is called for a token when one is needed', async () => {
    let calls = 0
    const client = server.client({ accessToken: async () => (calls++, server.token) })
    assert.equal(calls, 0)
    await client.sendText(to, 'Hello')
    assert.ok(calls > 0)
    await server.client({ accessToken: () => server.token }).sendText(to, 'Hello')
  })

  test('that throws is the cause of a message that was not sent', async () => {
    const thrown = new Error('the vault is sealed')
    const client = server.client({ accessToken: () => Promise.reject(thrown) })
    await assert.rejects(client.sendText(to, 'Hello'), (error) => {
      assert.ok(error instanceof NotSentError)
      assert.deepEqual([error.reason, error.cause], ['token', thrown])
      return true
    })
    assert.deepEqual(await server.requests(), [])
  })

  test('that returns no text is told', async () => {
    const client = server.client({ accessToken: () => 7 })
    await assert.rejects(client.sendText(to, 'Hello'), { name: 'NotSentError', reason: 'token' })
  })

  test('that never answers does not hold an aborted call', async () => {
    const client = server.client({ accessToken: () => new Promise(() => {}) })
    const sending = client.sendText(to, 'Hello', { signal: AbortSignal.timeout(20) })
    await assert.rejects(sending, (error) => error.cause instanceof NotSentError)
  })
})

describe('closing', () => {
  test('waits for the calls under way and refuses later ones', async () => {
    await server.fault({ kind: 'delay', delay_ms: 100 })
    const client = server.client()
    let ended = false
    const sending = client.sendText(to, 'Hello').then(() => (ended = true))
    await client.close()
    await new Promise(setImmediate)
    assert.ok(ended)
    await sending
    await assert.rejects(client.sendText(to, 'Hello'), { name: 'NotSentError', reason: 'closed' })
    await client.close()
  })

  test('happens at the end of a block', async () => {
    const client = server.client()
    await client[Symbol.asyncDispose]()
    await assert.rejects(client.send(Message.text(to, 'Hello')), { reason: 'closed' })
    const other = server.client()
    other[Symbol.dispose]()
    assert.throws(() => other.sendBulk([]), { reason: 'closed' })
  })
})
