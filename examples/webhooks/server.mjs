// A webhook server that answers everybody who writes, with nothing but Node's own modules.
//
//     node examples/webhooks/server.mjs 8080
//
// It takes WA_PHONE_ID, WA_TOKEN, WA_APP_SECRET and WA_VERIFY_TOKEN from the environment, and remembers in INBOX
// (`inbox.db` unless set) what it has worked on.
//
// Events are worked on before Meta gets its 200. What could not be sent is forgotten and answered with a 500, so Meta
// delivers it again; everything else in that delivery is known by then.

import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Dedup, NotSentError, WebhookSignatureError, WhatsAppClient, WhatsAppError, webhooks } from 'wacloud'

const { INBOX = 'inbox.db', WA_APP_SECRET, WA_VERIFY_TOKEN } = process.env
const wa = WhatsAppClient.fromEnv()
const dedup = new Dedup(INBOX)

async function work(event) {
  if (event.kind === 'message' && !event.standby) {
    await wa.markRead(event)
    if (event.type === 'text') await wa.reply(event, `You wrote: ${event.text}`, { maxWaitMs: 3000 })
    else if (event.type !== 'reaction') await wa.react(event, '👍', { maxWaitMs: 3000 })
  } else if (event.status === 'failed') {
    console.log(event.id, ...event.errors)
  }
}

async function receive(request) {
  if (request.method === 'GET') return [200, webhooks.challenge(request.url, WA_VERIFY_TOKEN)]
  const body = await buffer(request)
  webhooks.verify(WA_APP_SECRET, body, request.headers['x-hub-signature-256'])
  let status = 200
  for (const event of await dedup.fresh(webhooks.parse(body))) {
    try {
      await work(event)
    } catch (error) {
      if (!(error instanceof WhatsAppError)) throw error
      console.error(error.message)
      if (error instanceof NotSentError) {
        await dedup.forget([event])
        status = 500
      }
    }
  }
  return [status, '']
}

const server = createServer((request, response) => {
  receive(request).then(
    ([status, text]) => response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text),
    (error) => {
      console.error(error.message)
      response.writeHead(error instanceof WebhookSignatureError ? 403 : 500).end()
    },
  )
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`)
})
