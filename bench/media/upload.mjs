// Uploads the file BENCH_FILE and prints by how many KiB the process grew at most.

import { createReadStream, readFileSync } from 'node:fs'
import { WhatsAppClient } from 'wacloud'

const peak = () => Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
const { BENCH_FILE: file, BENCH_FORM: form } = process.env
const wa = WhatsAppClient.fromEnv()
const before = peak()
await wa.media.upload(form === 'stream' ? createReadStream(file) : file)
console.log(peak() - before)
