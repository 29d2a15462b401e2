// Bulks with a journal: the same call again sends nothing twice, and webhooks settle what is unknown.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { ConfigError, Journal, Message, StoreError, ValidationError, webhooks } from 'wacloud'
import { receiver, sandbox } from './support.mjs'

const server = await sandbox({ rate: 0, pairRate: false })
const { came, url } = await receiver(server)
const wa = server.client({ rate: 0, pairRate: 0 })
const folder = mkdtempSync(path.join(tmpdir(), 'wacloud-journal-'))
after(() => rmSync(folder, { recursive: true }))

let made = 0
let place = ''
beforeEach(async () => {
  await server.reset({ settings: true })
  came.length = 0
  place = path.join(folder, `${(made += 1)}.db`)
})

const numbered = (count) =>
  Array.from({ length: count }, (_, n) => Message.text(`+1555${String(n).padStart(7, '0')}`, `Hello ${n}`))

async function all(items) {
  const list = []
  for await (const item of items) list.push(item)
  return list
}

/** Results in the order of the list. */
async function send(messages, options) {
  return (await all(wa.sendBulk(messages, options))).sort((a, b) => a.index - b.index)
}

const told = (results) => results.map(({ outcome, replayed }) => [outcome, replayed])

test('the same call again goes on', async () => {
  const first = await send(numbered(3), { journal: place })
  assert.deepEqual(told(first), Array(3).fill(['accepted', false]))
  let last
  const again = await send(numbered(5).reverse(), { journal: place, progress: (progress) => (last = progress) })
  assert.deepEqual(told(again), [...Array(2).fill(['accepted', false]), ...Array(3).fill(['accepted', true])])
  assert.deepEqual([last.replayed, last.newKeys], [3, 2])
  const bySent = (results) => new Map(results.map(({ key, sent }) => [key, sent]))
  for (const [key, sent] of bySent(first)) assert.deepEqual(bySent(again).get(key), sent)
  assert.equal((await server.messages()).length, 5)
})

test('keys are the caller’s', async () => {
  const [message] = numbered(1)
  const results = await send([['order 1', message], [2, message], ['order 1', message]], { journal: place })
  assert.deepEqual(results.map(({ key }) => key), ['order 1', '2', 'order 1'])
  assert.equal(results[2].outcome, 'not_sent')
  assert.ok(results[2].error instanceof ValidationError)
  assert.deepEqual([results[2].error.violations[0].path, results[2].error.violations[0].rule], ['key', 'unique'])
  const wrong = await send([[{}, message], ['', message], ['key', 'no message']], { journal: place })
  assert.ok(wrong.every(({ error }) => error instanceof ValidationError))
  const entries = new Map([['order 1', Message.text('+15550000009', 'Changed')]]).entries()
  assert.deepEqual(told(await send(entries, { journal: place })), [['accepted', true]])
  assert.equal((await server.messages()).length, 2)
})

test('a webhook settles what is unknown', async () => {
  await server.webhook(url, { statuses: ['sent', 'delivered', 'read'], status_delay_ms: 0 })
  await server.fault({ kind: 'reset_after' })
  assert.deepEqual(told(await send(numbered(1), { journal: place })), [['unknown', false]])
  assert.deepEqual(told(await send(numbered(1), { journal: place })), [['unknown', true]])
  await server.flushWebhooks()
  const events = came.flatMap(({ body }) => webhooks.parse(body))
  const journal = new Journal(place)
  const observed = await journal.observe(events)
  assert.deepEqual([observed.settled, observed.delivered, observed.read], [1, 1, 1])
  assert.equal((await journal.observe(events)).repeated, events.length)
  assert.deepEqual(told(await send(numbered(1), { journal: place })), [['accepted', true]])
  const report = await journal.report()
  assert.deepEqual([report.accepted, report.read, report.runs], [1, 1, 3])
  const [row] = await all(journal.rows())
  const [{ id }] = await server.messages()
  assert.deepEqual([row.id, row.to, row.outcome, row.message], [id, '+15550000000', 'accepted', undefined])
  assert.equal(typeof row.readAtMs, 'number')
})

test('refusals stay unless asked for', async () => {
  await server.fault({ kind: 'graph_error', code: 131026 })
  await send(numbered(1), { journal: place })
  const [result] = await send(numbered(1), { journal: place })
  assert.deepEqual([result.outcome, result.replayed, result.error.code], ['rejected', true, 131026])
  assert.deepEqual(told(await send(numbered(1), { journal: place, retryRejected: true })), [['accepted', false]])
})

test('what cannot be is told at once', async () => {
  const options = [
    [{ journal: '' }, /journal: /],
    [{ journal: 7 }, /journal/],
    [{ journal: 'ftp://host/0' }, /journal: /],
    [{ campaign: 'spring' }, /campaign: needs a journal/],
    [{ retryRejected: true }, /retryRejected: needs a journal/],
    [{ journal: place, campaign: '' }, /campaign: must have 1 to 100 characters/],
  ]
  for (const [given, message] of options) {
    await assert.rejects(send(numbered(1), given), (error) => error instanceof ConfigError && message.test(error.message))
  }
  assert.throws(() => new Journal(''), ConfigError)
  assert.deepEqual(await server.messages(), [])
})

test('a file that is none is left alone', async () => {
  const text = 'This is no journal. '.repeat(50)
  writeFileSync(place, text)
  await assert.rejects(send(numbered(2), { journal: place }), (error) => error instanceof StoreError)
  assert.equal(readFileSync(place, 'utf8'), text)
  await assert.rejects(new Journal(path.join(folder, 'nowhere.db')).report(), /does not exist/)
  assert.deepEqual(await server.messages(), [])
})

test('people are forgotten', async () => {
  await send(numbered(3), { journal: place, campaign: 'spring', journalMessages: true })
  await send(numbered(1), { journal: place, campaign: 'autumn' })
  const spring = new Journal(place, 'spring')
  assert.deepEqual(await spring.campaigns(), ['spring', 'autumn'])
  await assert.rejects(new Journal(place).report(), /must be given: .* has several \(spring, autumn\)/)
  const [row] = await all(spring.rows())
  assert.deepEqual(row.message.text, { body: 'Hello 0' })
  assert.equal(await spring.purge({ recipient: '+15550000001' }), 1)
  assert.equal(await spring.purge({ olderThan: 3_600_000 }), 0)
  assert.equal(await new Journal(place).purge({ olderThan: 0 }), 3)
  await assert.rejects(spring.purge({}), ConfigError)
})

test('a loop that is left goes on later', async () => {
  for await (const _ of wa.sendBulk(numbered(50), { journal: place, window: 4 })) break
  const results = await send(numbered(50), { journal: place })
  assert.ok(results.every(({ outcome }) => outcome === 'accepted'))
  assert.equal((await server.messages()).length, 50)
})
