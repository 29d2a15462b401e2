// A campaign that can be killed at any moment: see campaign.py. For test_kill.py.

import { text } from 'node:stream/consumers'
// By its place: nothing is installed here.
import { Message, WhatsAppClient } from '../../node/dist/index.mjs'

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
const named = (given) => Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), value]))

const task = JSON.parse(await text(process.stdin))

function* messages() {
  for (const [to, body, key] of task.messages) {
    const message = Message.text(to, body)
    yield key === null ? message : [key, message]
  }
}

const wa = new WhatsAppClient(named(task.settings))
for await (const { index, key, outcome, replayed } of wa.sendBulk(messages(), named(task.options))) {
  console.log(JSON.stringify([index, key, outcome, replayed]))
}
console.log('"done"')
