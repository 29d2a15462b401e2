// Sends BENCH_MESSAGES texts in bulk, each to somebody else.

import { Message, WhatsAppClient } from 'wacloud'

function* messages() {
  for (let n = 0; n < Number(process.env.BENCH_MESSAGES); n++) {
    yield Message.text(`+1212555${String(n).padStart(4, '0')}`, 'The shop opens at nine')
  }
}

for await (const { outcome, error } of WhatsAppClient.fromEnv().sendBulk(messages())) {
  if (outcome !== 'accepted') throw error
}
