// A worker of a BullMQ queue. The queue hands out the work; the journal makes a job that comes twice harmless.
//
//     npm install bullmq ioredis wacloud
//     node bullmq_worker.mjs
//
//     new Queue('orders', { connection }).add('send', { key: 'order 1042', to: '+15550001234', text: '…' },
//       { attempts: 50, backoff: { type: 'fixed', delay: 5000 } })
//
// It takes WA_PHONE_ID and WA_TOKEN from the environment, and REDIS_URL (`redis://127.0.0.1:6379/0` unless set), which has the
// queue and the journal of the campaign CAMPAIGN (`orders` unless set).
//
// A job whose worker has died is stalled, and BullMQ hands it to another one. What certainly did not leave is sent there. What
// may have left is unknown, and nobody sends it again. Meanwhile the job is told that another worker has the message
// (`claimed`), fails and comes again: give it more attempts than fit into the lease of 30 seconds.

import { Worker } from 'bullmq'
import { Message, NotSentError, StoreError, WhatsAppClient } from 'wacloud'

const { REDIS_URL = 'redis://127.0.0.1:6379/0', CAMPAIGN = 'orders' } = process.env
const wa = WhatsAppClient.fromEnv()

// Sends a message once, however often its job comes; what it returns is what became of it.
async function send({ data: { key, to, text } }) {
  const messages = [[key, Message.text(to, text)]]
  for await (const { outcome, error } of wa.sendBulk(messages, { journal: REDIS_URL, campaign: CAMPAIGN })) {
    // Nothing has left from here, so the next attempt may try.
    if (error instanceof NotSentError || error instanceof StoreError) throw error
    // Accepted, rejected, with mistakes, or unknown: another try would say the same.
    return outcome
  }
}

const { hostname: host, port, username, password, pathname } = new URL(REDIS_URL)
const connection = { host, port: Number(port || 6379), username, password, db: Number(pathname.slice(1) || 0) }
new Worker('orders', send, { connection, concurrency: 16 })
