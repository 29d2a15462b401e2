// Sends BENCH_MESSAGES texts in bulk and prints by how many KiB the process grew at most.

import { readFileSync } from 'node:fs'
import { Message, WhatsAppClient } from 'wacloud'

const peak = () => Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])

function* messages() {
  for (let n = 0; n < Number(process.env.BENCH_MESSAGES); n++) {
    yield Message.text(`+1212${String(n).padStart(7, '0')}`, 'The shop opens at nine')
  }
}

const wa = WhatsAppClient.fromEnv({ rate: 0, pairRate: 0 })
const before = peak()
for await (const { outcome, error } of wa.sendBulk(messages())) {
  if (outcome !== 'accepted') throw error
}
console.log(peak() - before)
