// Which events are news, who may be written to freely, and answering: what a customer writes goes the whole way.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { ConfigError, Dedup, Message, ServiceWindow, StoreError, ValidationError, WindowClosedError, webhooks } from 'wacloud'
import { receiver, sandbox } from './support.mjs'

const to = '+15550001234'
const folder = mkdtempSync(path.join(tmpdir(), 'wacloud-inbox-'))
after(() => rmSync(folder, { recursive: true }))
const server = await sandbox({ rate: 0, pairRate: false, window: true })
const { came, url } = await receiver(server)
const wa = server.client()
const template = (whom = to) => Message.template(whom, 'hello_world', 'en_US')

/** The events of everything that came so far, each delivery verified. */
function parsed() {
  return came.flatMap(({ body, signature }) => {
    webhooks.verify(server.appSecret, body, signature)
    return webhooks.parse(body)
  })
}

/** The event of what a customer writes. */
async function written(from, message) {
  came.length = 0
  await server.customer(from, message)
  await server.flushWebhooks()
  return parsed().find(({ kind }) => kind === 'message')
}

const sent = async () => (await server.messages()).map(({ payload }) => payload)

describe('a conversation', () => {
  beforeEach(async () => {
    await server.reset({ settings: true })
    await server.webhook(url, { statuses: [] })
    came.length = 0
  })

  test('is taken once, answered, read and reacted to', async () => {
    await server.webhook(url, { repeat: 2 })
    const [dedup, window] = [new Dedup(), new ServiceWindow()]
    await server.customer(to, { text: 'Are you open?' })
    await server.flushWebhooks()
    const events = parsed()
    assert.deepEqual(
      events.map(({ text }) => text),
      ['Are you open?', 'Are you open?'],
    )
    const [event, ...others] = await dedup.fresh(events)
    assert.deepEqual(others, [])
    assert.equal(event, events[0], 'the event itself and no copy')
    assert.equal(await dedup.isFresh(event), false)

    assert.equal(await window.isOpen(wa.phoneNumberId, to), false)
    await window.observe(events)
    assert.ok(await window.isOpen(wa.phoneNumberId, event))
    const until = await window.openUntil(wa.phoneNumberId, to)
    assert.ok(until > Date.now() / 1000 + 86_000 && until <= Date.now() / 1000 + 86_400)

    const { id } = await wa.reply(event, 'Until six.')
    await wa.reply(event, Message.location(event, 48.2, 16.4))
    await wa.markRead(event)
    await wa.react(event, '👍')
    await wa.removeReaction(event, event)
    const [text, place, reaction, removed] = await sent()
    assert.deepEqual([text.to, text.context, text.text.body], [to, { message_id: event.id }, 'Until six.'])
    assert.deepEqual([place.to, place.context], [to, { message_id: event.id }])
    assert.deepEqual([reaction.to, reaction.reaction], [to, { message_id: event.id, emoji: '👍' }])
    assert.equal(removed.reaction.emoji, '')
    assert.match(id, /^wamid\./)
    const read = (await server.requests()).find(({ body }) => body?.status === 'read')
    assert.equal(read.body.message_id, event.id)
  })

  test('goes on after an event has been through a queue', async () => {
    const event = JSON.parse(JSON.stringify(await written(to, { text: 'Hello?' })))
    await wa.reply(event, 'Hello!')
    assert.equal((await sent())[0].context.message_id, event.id)
    assert.equal(await new Dedup().isFresh(event), true)
    const window = new ServiceWindow()
    await window.observe([event])
    assert.equal(await window.isOpen(wa.phoneNumberId, event), true)
  })

  test('is with whoever wrote, not with a number', async () => {
    await assert.rejects(wa.reply(to, 'Hello'), { name: 'TypeError', message: /to write to a number use send/ })
    assert.deepEqual(await sent(), [])
  })

  test('is begun by a template where the window is closed', async () => {
    const window = new ServiceWindow()
    await wa.send(Message.text(to, 'Your parcel is here'), { window, fallback: template() })
    assert.deepEqual((await sent()).map(({ type }) => type), ['template'])
    // Not what reads the definition of a template, once in a process.
    const tried = (await server.requests()).filter(({ method }) => method === 'POST')
    assert.equal(tried.length, 1, 'the text was not tried')
  })

  test('learns from Meta that the window is closed', async () => {
    const window = new ServiceWindow()
    await window.observe([await written(to, { text: 'Hello?' })])
    const send = () => wa.send(Message.text(to, 'Your parcel is here'), { window, fallback: template() })
    await send()
    await server.advanceClock(24 * 3_600_000)
    assert.ok(await window.isOpen(wa.phoneNumberId, to), 'our clock was not moved')
    await send()
    assert.equal(await window.isOpen(wa.phoneNumberId, to), false)
    await send()
    assert.deepEqual((await sent()).map(({ type }) => type), ['text', 'template', 'template'])
    const tried = (await server.requests()).filter(({ path }) => path.endsWith('/messages'))
    assert.deepEqual(tried.map(({ status }) => status), [200, 400, 200, 200])
    await assert.rejects(wa.sendText(to, 'Your parcel is here'), WindowClosedError)
  })

  test('is refused with what is wrong in message and fallback, and nothing goes out', async () => {
    const window = new ServiceWindow()
    const message = Message.text(to, '')
    const wrong = (options) => wa.send(message, options).then(() => assert.fail('sent'), (error) => error)
    const both = await wrong({ window, fallback: Message.template(to, 'Hello World', 'en_US') })
    assert.ok(both instanceof ValidationError)
    const paths = both.violations.map(({ path }) => path)
    assert.ok(paths.includes('text.body') && paths.some((path) => path.startsWith('fallback.')), String(paths))
    const other = await wa.send(Message.text(to, 'x'), { window, fallback: template('+15550009999') }).catch((error) => error)
    assert.equal(other.violations[0].path, 'fallback.to')
    for (const [options, setting] of [
      [{ window }, 'fallback'],
      [{ fallback: template() }, 'window'],
      [{ window: 'inbox.db', fallback: template() }, 'window'],
    ]) {
      const error = await wrong(options)
      assert.ok(error instanceof ConfigError, String(error))
      assert.equal(error.setting, setting)
    }
    assert.ok((await wrong({ window, fallback: 'hello_world' })) instanceof ValidationError)
    assert.ok((await wa.reply({}, 5).catch((error) => error)) instanceof ValidationError)
    assert.deepEqual(await sent(), [])
  })

  test('is answered by the number that it came to, and only where somebody wrote', async () => {
    const event = await written(to, { text: 'Hello?' })
    const wrong = async (change) => {
      const error = await wa.reply({ ...event, ...change }, 'Hello!').catch((error) => error)
      return error.violations.map(({ rule }) => rule)
    }
    assert.deepEqual(await wrong({ numberId: '1' }), ['conflict'])
    assert.deepEqual(await wrong({ kind: 'status' }), ['type', 'type'])
    assert.deepEqual(await wrong({ channel: 'messenger' }), ['type', 'type'])
  })
})

describe('a store', () => {
  test('is shared by those that name the same file', async () => {
    await server.webhook(url, { statuses: [] })
    const store = path.join(folder, 'inbox.db')
    const event = await written(to, { text: 'Hello?' })
    const [first, second, window] = [new Dedup(store), new Dedup(store), new ServiceWindow(store)]
    const news = await Promise.all([first.fresh([event, event]), second.fresh([event])])
    assert.equal(news.flat().length, 1)
    await second.forget([event])
    assert.equal(await first.isFresh(event), true)
    await window.observe([event])
    assert.equal(await new ServiceWindow(store).isOpen(wa.phoneNumberId, event), true)
    assert.equal(readFileSync(store).includes('15550001234'), false, 'hashes, no numbers')
  })

  test('in memory belongs to one', async () => {
    const event = await written(to, { text: 'Hello?' })
    assert.equal(await new Dedup().isFresh(event), true)
    assert.equal(await new Dedup().isFresh(event), true)
  })

  test('that cannot be used is told', async () => {
    const event = await written(to, { text: 'Hello?' })
    const place = path.join(folder, 'no-database')
    writeFileSync(place, 'this is no database, and long enough to be seen as none: '.repeat(20))
    const error = await new Dedup(place).fresh([event]).catch((error) => error)
    assert.ok(error instanceof StoreError, String(error))
    assert.ok(error.place.includes('no-database') && error.problem.length > 0)
    assert.match(error.stack, /inbox\.test\.mjs/)
    const window = new ServiceWindow('redis://127.0.0.1:1')
    await assert.rejects(window.observe([event]), StoreError)
    await assert.rejects(wa.send(Message.text(to, 'x'), { window, fallback: template() }), StoreError)
    for (const store of ['', 'mysql://localhost', 5]) assert.throws(() => new Dedup(store), ConfigError)
    const secret = inspect(new Dedup('redis://:hidden@127.0.0.1:1'), { depth: 9, showHidden: true })
    assert.equal(secret.includes('hidden'), false)
  })

  test('takes nothing but events', async () => {
    for (const given of [Buffer.from('{}'), ['wamid.A'], [undefined], [{ id: 'wamid.A' }]]) {
      const refusal = { name: 'TypeError', message: /An event that webhooks\.parse made belongs here, got/ }
      await assert.rejects(new Dedup().fresh(given), refusal)
      await assert.rejects(new ServiceWindow().observe(given), refusal)
    }
  })

  test('is asked without holding up anything else', async () => {
    const event = await written(to, { text: 'Hello?' })
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    const dedup = new Dedup(path.join(folder, 'many.db'))
    for (let index = 0; index < 50; index++) await dedup.fresh([{ ...event, key: `message:${index}` }])
    clearInterval(timer)
    assert.ok(ticks > 0)
  })
})
