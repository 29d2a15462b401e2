// Sends BENCH_MESSAGES texts in bulk at BENCH_RATE, each to somebody else.

import { Message, WhatsAppClient } from 'wacloud'

const { BENCH_MESSAGES, BENCH_RATE, BENCH_AREA, BENCH_PACE_DIR } = process.env

function* messages() {
  for (let n = 0; n < Number(BENCH_MESSAGES); n++) {
    yield Message.text(`+1${BENCH_AREA}555${String(n).padStart(4, '0')}`, 'The shop opens at nine')
  }
}

const wa = WhatsAppClient.fromEnv({ rate: Number(BENCH_RATE), paceDir: BENCH_PACE_DIR })
for await (const { outcome, error } of wa.sendBulk(messages())) {
  if (outcome !== 'accepted') throw error
}
