// Sends what it is told on standard input and tells what became of it: tests/rust/chance.rs, tests/e2e/senders.py.

import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
// By its place: nothing is installed here.
import { Message, WhatsAppClient, WhatsAppError } from '../../node/dist/index.mjs'

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

function tell({ tracker }, { outcome, sent, error }) {
  if (!sent) assert.equal(error.outcome, outcome)
  console.log(JSON.stringify({ tracker, outcome, attempts: sent ? sent.meta.attempts : error.attempts }))
}

async function send(wa, text) {
  try {
    const sent = await wa.sendText(text.to, text.body, { tracker: text.tracker })
    tell(text, { outcome: 'accepted', sent })
  } catch (error) {
    if (!(error instanceof WhatsAppError)) throw error
    tell(text, { outcome: error.outcome, error })
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { settings, single, bulk } = JSON.parse(line)
  const wa = new WhatsAppClient(Object.fromEntries(Object.entries(settings).map(([name, value]) => [camel(name), value])))
  await Promise.all(single.map((text) => send(wa, text)))
  const messages = bulk.map(({ to, body, tracker }) => Message.text(to, body, { tracker }))
  for await (const result of wa.sendBulk(messages)) tell(bulk[result.index], result)
  console.log('"done"')
}
