// Receives webhooks again and again, checks and reads each. usage: node.mjs wacloud | whatsapp-api-js
//
// Environment: BENCH_PAYLOADS (a JSON list of body and signature), BENCH_WARM_UP, BENCH_ROUNDS.
// Prints {"cpu_us": …, "told": …}: the process's CPU time of all rounds, and how many events came out.

import { readFileSync } from 'node:fs'

const secret = 'app secret'
let told = 0

const receivers = {
  async wacloud() {
    const { webhooks } = await import('wacloud')
    return (body, signature) => {
      webhooks.verify(secret, body, signature)
      for (const event of webhooks.parse(body)) {
        if ((event.kind === 'message' || event.kind === 'status') && event.id) told += 1
      }
    }
  },

  async 'whatsapp-api-js'() {
    const { WhatsAppAPI } = await import('whatsapp-api-js')
    const wa = new WhatsAppAPI({ token: 'token', appSecret: secret, v: 'v25.0' })
    wa.on.message = ({ message }) => {
      if (message.id) told += 1
    }
    wa.on.status = ({ id }) => {
      if (id) told += 1
    }
    return (body, signature) => {
      // It wants the body as text, and as what that says.
      const text = body.toString()
      return wa.post(JSON.parse(text), text, signature)
    }
  },
}

const receive = await receivers[process.argv[2]]()
const payloads = JSON.parse(readFileSync(process.env.BENCH_PAYLOADS, 'utf8'))
const bodies = payloads.map(([body, signature]) => [Buffer.from(body), signature])

async function run(rounds) {
  for (let round = 0; round < rounds; round++) {
    for (const [body, signature] of bodies) {
      const waiting = receive(body, signature)
      if (waiting !== undefined) await waiting
    }
  }
}

await run(Number(process.env.BENCH_WARM_UP))
const before = told
const begun = process.cpuUsage()
await run(Number(process.env.BENCH_ROUNDS))
const { user, system } = process.cpuUsage(begun)
console.log(JSON.stringify({ cpu_us: user + system, told: told - before }))
