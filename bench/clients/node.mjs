// The Node contenders of bench/clients.py: `node.mjs NAME` sends and prints what it cost.

const url = process.env.BENCH_URL
const warmUp = Number(process.env.BENCH_WARM_UP)
const messages = Number(process.env.BENCH_MESSAGES)
const phoneNumberId = '106540352242922'
const accessToken = 'EAAG' + 'bench'.repeat(18)
const text = 'The shop opens at nine'
const inFlight = 32
const window = Number(process.env.BENCH_WINDOW ?? inFlight)

const endpoint = `${url}/v25.0/${phoneNumberId}/messages`
const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
const to = (n) => `+1212${String(n).padStart(7, '0')}`
const body = (n) => JSON.stringify({ messaging_product: 'whatsapp', to: to(n), type: 'text', text: { body: text } })

/** The first and last message of the warm-up, then of what is measured; prints what the latter cost. */
function* laps() {
  yield [0, warmUp]
  const used = process.cpuUsage()
  const began = performance.now()
  yield [warmUp, warmUp + messages]
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(used)
  console.log(JSON.stringify({ cpu_us: user + system, seconds }))
}

/** As many as `width` at once that take the next message each. */
async function sendAll(width, send) {
  for (let [next, end] of laps()) {
    const worker = async () => {
      while (next < end) await send(next++)
    }
    await Promise.all(Array.from({ length: width }, worker))
  }
}

function check(id) {
  if (!id) throw new Error('there is no id')
}

async function wacloud() {
  const { Message, WhatsAppClient } = await import('wacloud')
  return { Message, wa: new WhatsAppClient({ phoneNumberId, accessToken, baseUrl: url, rate: 0, pairRate: 0 }) }
}

const contenders = {
  async 'wacloud-one'() {
    const { wa } = await wacloud()
    await sendAll(1, async (n) => check((await wa.sendText(to(n), text)).id))
  },

  async 'wacloud-many'() {
    const { wa } = await wacloud()
    await sendAll(inFlight, async (n) => check((await wa.sendText(to(n), text)).id))
  },

  async 'wacloud-bulk'() {
    const { Message, wa } = await wacloud()
    for (const [first, end] of laps()) {
      const messages = (function* () {
        for (let n = first; n < end; n++) yield Message.text(to(n), text)
      })()
      for await (const { sent, error } of wa.sendBulk(messages, { window, journal: process.env.BENCH_JOURNAL })) {
        if (error) throw error
        check(sent.id)
      }
    }
  },

  async undici() {
    const { Pool } = await import('undici')
    const pool = new Pool(url, { connections: inFlight })
    const path = new URL(endpoint).pathname
    await sendAll(inFlight, async (n) => {
      const answer = await pool.request({ method: 'POST', path, headers, body: body(n) })
      check((await answer.body.json()).messages[0].id)
    })
    await pool.close()
  },

  async fetch() {
    await sendAll(inFlight, async (n) => {
      const answer = await fetch(endpoint, { method: 'POST', headers, body: body(n) })
      check((await answer.json()).messages[0].id)
    })
  },

  async 'whatsapp-api-js'() {
    const { WhatsAppAPI } = await import('whatsapp-api-js')
    const { Text } = await import('whatsapp-api-js/messages')
    // It has no setting for the address.
    const elsewhere = (address, options) => fetch(address.replace('https://graph.facebook.com', url), options)
    const api = new WhatsAppAPI({ token: accessToken, secure: false, v: 'v25.0', ponyfill: { fetch: elsewhere } })
    await sendAll(inFlight, async (n) => {
      const answer = await api.sendMessage(phoneNumberId, { phone: to(n) }, new Text(text))
      check(answer.messages[0].id)
    })
  },
}

await contenders[process.argv[2]]()
