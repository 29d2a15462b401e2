// What a logger is told, and what a client counts.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { beforeEach, describe, test } from 'node:test'
import { Message } from 'wacloud'
import { collect, packageRoot, sandbox, show, showing, until } from './support.mjs'

const server = await sandbox()
const to = '+15550001234'

/** A logger that keeps what it is told. */
function keeping(...methods) {
  const told = []
  const logger = Object.fromEntries(methods.map((method) => [method, (text, fields) => told.push({ method, text, ...fields })]))
  return { told, logger }
}

const kinds = (told) => told.map(({ kind }) => kind)

beforeEach(() => server.reset({ settings: true }))

describe('a logger', () => {
  test('is told what it has methods for', async () => {
    for (const [methods, expected] of [
      [['debug', 'info', 'warn'], ['attempt', 'outcome']],
      [['info', 'warn'], ['outcome']],
      [['warn'], []],
    ]) {
      const { told, logger } = keeping(...methods)
      const sent = await server.client({ logger }).sendText(to, 'the secret plan')
      assert.deepEqual(kinds(told), expected)
      if (expected.length === 0) continue
      const { method, text, id, tracker, attempts } = told.at(-1)
      assert.deepEqual([method, text, id, tracker, attempts], ['info', 'message accepted', sent.id, sent.tracker, 1])
      for (const kept of ['secret plan', '15550001234', server.token]) assert.ok(!JSON.stringify(told).includes(kept), kept)
    }
  })

  test('may say which levels it takes, at the time of the call', async () => {
    const { told, logger } = keeping('debug', 'info', 'warn')
    let least = 'warn'
    logger.isLevelEnabled = (level) => ['debug', 'info', 'warn'].indexOf(level) >= ['debug', 'info', 'warn'].indexOf(least)
    const client = server.client({ logger })
    await client.sendText(to, 'Hello')
    assert.deepEqual(told, [])
    least = 'info'
    await client.sendText(to, 'Hello')
    assert.deepEqual(kinds(told), ['outcome'])
  })

  test('is told the content where that is asked for', async () => {
    const { told, logger } = keeping('debug', 'info')
    await server.client({ logger, logContent: true }).sendText(to, 'Hello')
    assert.deepEqual([told[0].to, told[0].body.text.body, told[1].to], [to, 'Hello', to])
  })

  test('is told what is in the way, by the level that it has', async () => {
    await server.fault({ kind: 'reset_after' })
    const { told, logger } = keeping('info', 'warn')
    await server.client({ logger, onUnknown: 'resend' }).sendText(to, 'Hello')
    assert.deepEqual(told.map(({ method, kind }) => [method, kind]), [['warn', 'retry'], ['info', 'outcome']])
    assert.equal(told[0].may_be_twice, true)
  })

  test('is told of the messages of a bulk not later than their results', async () => {
    const { told, logger } = keeping('info')
    const messages = Array.from({ length: 301 }, (_, n) => Message.text(to, n === 300 ? '' : 'Hello'))
    let results = 0
    for await (const _ of server.client({ logger, rate: 0 }).sendBulk(messages)) assert.ok(told.length > results++)
    assert.deepEqual(kinds(told), Array(301).fill('outcome'))
    assert.equal(told.filter(({ outcome }) => outcome === 'not_sent').length, 1)
  })

  test('that throws or rejects breaks no send, and is shown once', async () => {
    const warnings = []
    const listen = (warning) => warnings.push(String(warning))
    process.on('warning', listen)
    const throws = () => {
      throw new Error('the disk is full')
    }
    const client = server.client({ logger: { debug: throws, info: async () => throws() }, rate: 0 })
    assert.ok((await client.sendText(to, 'Hello')).id)
    const results = await collect(client.sendBulk([Message.text(to, 'Hello'), Message.text(to, 'Hello')]))
    assert.deepEqual(results.map(({ outcome }) => outcome), ['accepted', 'accepted'])
    await until(() => warnings.length > 0)
    process.off('warning', listen)
    assert.deepEqual(warnings, ['WacloudWarning: The logger of a WhatsAppClient threw: Error: the disk is full'])
  })

  test('that is none is refused', () => {
    for (const [logger, got] of [['console', 'string'], [{}, 'object without'], [console.log, 'function without'], [{ info: 1 }, 'object']]) {
      const message = new RegExp(`^logger: must be an object with methods debug\\(text, fields\\), info and warn, .*, got ${got}`)
      assert.throws(() => server.client({ logger }), { name: 'ConfigError', setting: 'logger', message })
    }
  })

  test('is not needed for warnings, which come once', () => {
    const program = `
      import { WhatsAppClient } from 'wacloud'
      const settings = { phoneNumberId: '1', accessToken: 't', apiVersion: 'v13.0' }
      new WhatsAppClient(settings).withOptions({ rate: 5 })
      new WhatsAppClient({ ...settings, phoneNumberId: '2' })`
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: packageRoot, encoding: 'utf8' })
    assert.equal(status, 0)
    assert.equal(stderr.match(/WacloudWarning: Graph API v13\.0 has ended; use v25\.0\./g)?.length, 1, stderr)
  })

  test('never sees a password', async () => {
    const client = server.client({ logger: showing, proxy: 'http://user:proxy0password@127.0.0.1:9', maxRetries: 0 })
    const error = await client.sendText(to, 'Hello').catch((thrown) => thrown)
    assert.equal(error.name, 'NotSentError')
    show('proxy', client, error)
  })
})

describe('stats', () => {
  test('are counted by a client and its copies together', async () => {
    const client = server.client({ rate: 0 })
    assert.deepEqual(new Set(Object.values(client.stats())), new Set([0]))
    await client.sendText(to, 'Hello')
    await server.fault({ kind: 'graph_error', code: 131047 })
    const copy = client.withOptions({ maxRetries: 0 })
    await collect(copy.withOptions({ rate: 0 }).sendBulk(['a', 'b', ''].map((text) => Message.text(to, text))))
    const { accepted, rejected, notSent, unknown, attempts, inFlight, waiting } = client.stats()
    assert.deepEqual([accepted, rejected, notSent, unknown, attempts, inFlight, waiting], [2, 1, 1, 0, 3, 0, 0])
    assert.deepEqual(copy.stats(), client.stats())
    assert.equal(server.client({ rate: 0 }).stats().accepted, 0)
  })

  test('tell what is in flight now', async () => {
    await server.fault({ kind: 'delay', delay_ms: 300 })
    const client = server.client()
    const sending = client.sendText(to, 'Hello')
    await until(() => client.stats().inFlight === 1)
    await sending
    assert.equal(client.stats().inFlight, 0)
  })
})
