// What the package does to the process around it: when it ends, what stays, and several threads at once.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { beforeEach, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { packageRoot, sandbox, until } from './support.mjs'

const server = await sandbox()
const settings = { phoneNumberId: server.phoneNumberId, accessToken: server.token, baseUrl: server.url, rate: 0, pairRate: 0 }

beforeEach(() => server.reset({ settings: true }))

/** Runs a program with a client `wa` to its own end; returns what it printed. */
async function run(program) {
  const source = `
    import { WhatsAppClient, Message } from 'wacloud'
    import { Sandbox } from 'wacloud/testing'
    const wa = new WhatsAppClient(${JSON.stringify(settings)})
    const message = (index) => Message.text('+1555' + String(index).padStart(7, '0'), 'Hello')
    ${program}`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', source], {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text))
  const [code, signal] = await once(child, 'close')
  assert.deepEqual([code, signal], [0, null], printed)
  return printed
}

describe('a process', () => {
  test('starts no thread and opens nothing for a client', { skip: process.platform !== 'linux' }, async () => {
    const printed = await run(`
      const { readdirSync } = await import('node:fs')
      const running = () => ['task', 'fd'].map((what) => readdirSync('/proc/self/' + what).length).join()
      const before = running()
      const clients = [wa.withOptions({ rate: 1 }), wa.withOptions({ rate: 2 })]
      console.log(running() === before || [before, running()])`)
    assert.equal(printed, 'true\n')
  })

  test('ends by itself with an idle client', async () => {
    assert.equal(await run(`console.log((await wa.sendText('+15550001234', 'Hello')).waId)`), '15550001234\n')
  })

  test('stays for a call that nobody awaits', async () => {
    await server.fault({ kind: 'delay', delay_ms: 300 })
    assert.equal(await run(`wa.sendText('+15550001234', 'Hello').then(() => console.log('done'))`), 'done\n')
  })

  test('stays for the results of a bulk', async () => {
    await server.settings({ latency_ms: 50 })
    const program = `for await (const { outcome } of wa.sendBulk([0, 1, 2].map(message), { window: 1 })) console.log(outcome)`
    assert.equal(await run(program), 'accepted\naccepted\naccepted\n')
  })

  test('does not stay for a bulk that was left lying', async () => {
    await run(`
      const bulk = wa.sendBulk((function* () { for (let i = 0; ; i++) yield message(i) })())
      await bulk.next()`)
  })

  test('does not keep calls that have ended', async () => {
    const printed = await run(`
      const kept = []
      for (let i = 0; i < 50; i++) {
        const sending = wa.send(message(i))
        kept.push(new WeakRef(sending))
        await sending
      }
      for (let i = 0; i < 10 && kept.some((ref) => ref.deref()); i++) {
        await new Promise(setImmediate)
        gc()
      }
      console.log(kept.filter((ref) => ref.deref()).length <= 1)`)
    assert.equal(printed, 'true\n')
  })

  test('ends with a sandbox that was not closed, and the sandbox with it', async () => {
    const url = (await run(`console.log((await Sandbox.start()).url)`)).trim()
    await until(() => fetch(url).then(() => false, () => true))
  })

  test('ends with a sandbox that was closed', async () => {
    const printed = await run(`
      const sandbox = await Sandbox.start()
      await sandbox.client().sendText('+15550001234', 'Hello')
      console.log((await sandbox.messages()).length)
      await sandbox.close()
      await sandbox.close()
      console.log(await fetch(sandbox.url).catch(() => 'gone'))`)
    assert.equal(printed, '1\ngone\n')
  })
})

describe('threads', () => {
  const worker = (workerData) => new Worker(path.join(packageRoot, 'test', 'fixtures', 'worker.cjs'), { workerData })

  test('use the package at the same time', async () => {
    const counts = [0, 1, 2, 3].map(async (number) => {
      const [{ accepted }] = await once(worker({ settings, first: number * 1000, count: 50 }), 'message')
      return accepted
    })
    assert.deepEqual(await Promise.all(counts), [50, 50, 50, 50])
    assert.equal((await server.messages()).length, 200)
  })

  test('may be ended with messages under way', async () => {
    await server.settings({ latency_ms: 20 })
    const endless = worker({ settings, first: 0, count: Infinity })
    await until(async () => (await server.messages()).length > 20)
    assert.equal(await endless.terminate(), 1)
    await until(async () => {
      const [requests, messages] = [await server.requests(), await server.messages()]
      return requests.length === messages.length
    })
    const [{ accepted }] = await once(worker({ settings, first: 5000, count: 5 }), 'message')
    assert.equal(accepted, 5)
  })
})

describe('a sandbox', () => {
  test('says why it cannot start', async () => {
    const { Sandbox } = await import('wacloud/testing')
    const missing = await Sandbox.start({ binary: '/nowhere/wacloud' }).catch((error) => error)
    assert.match(missing.message, /ENOENT.*WACLOUD_BIN/)
    assert.equal(inspect(missing).match(/Error: /g).length, 1, 'told once, with one stack')
    await assert.rejects(Sandbox.start({ binary: 'false' }), /ended before it listened/)
  })
})
