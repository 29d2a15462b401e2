// Many messages: how they are taken, told and stopped.

import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { AbortError, ApiError, AuthenticationError, Message, NotSentError, PolicyError, ValidationError } from 'wacloud'
import { collect, sandbox, until } from './support.mjs'

const server = await sandbox()
const client = server.client({ rate: 0 })
const message = (index) => Message.text(`+1555${String(index).padStart(7, '0')}`, `Hello ${index}`)
const list = (count) => Array.from({ length: count }, (_, index) => message(index))

beforeEach(() => server.reset({ settings: true }))

describe('a bulk', () => {
  test('tells every message once, with its place', async () => {
    const results = await collect(client.sendBulk(list(500)))
    const indices = results.map(({ index }) => index).sort((a, b) => a - b)
    assert.deepEqual(indices, Array.from({ length: 500 }, (_, index) => index))
    assert.ok(results.every(({ outcome, sent, error }) => outcome === 'accepted' && sent.id && error === undefined))
    assert.equal((await server.messages()).length, 500)
  })

  test('tells in the order of the messages on request', async () => {
    await server.settings({ jitter_ms: 20 })
    const results = await collect(client.sendBulk(list(100), { inOrder: true }))
    assert.deepEqual(results.map(({ index }) => index), [...results.keys()])
  })

  test('tells bad rows apart, with the reason', async () => {
    await server.fault({ kind: 'graph_error', code: 131026, to: '+15550000003' })
    const rows = [message(0), Message.text('call me', 'Hello'), 'no message', message(3), null, message(5)]
    const results = await collect(client.sendBulk(rows, { inOrder: true }))
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['accepted', 'not_sent', 'not_sent', 'rejected', 'not_sent', 'accepted'],
    )
    assert.ok(results[1].error instanceof ValidationError)
    assert.match(results[2].error.message, /string/)
    assert.ok(results[3].error instanceof ApiError)
    assert.equal(results[3].error.code, 131026)
    assert.match(results[3].error.stack, /bulk\.test\.mjs/)
  })

  test('refuses options that cannot be', async () => {
    await assert.rejects(collect(client.sendBulk(list(1), { window: 0 })), { name: 'ConfigError', setting: 'window' })
    assert.throws(() => client.sendBulk(5), TypeError)
  })

  test('of nothing is nothing', async () => {
    assert.deepEqual(await collect(client.sendBulk([])), [])
  })

  test('asks its token function', async () => {
    const client = server.client({ rate: 0, accessToken: async () => server.token })
    assert.ok((await collect(client.sendBulk(list(20)))).every(({ outcome }) => outcome === 'accepted'))
  })
})

describe('the messages of a bulk', () => {
  test('are taken as there is room', async () => {
    const window = 8
    // Results that are there already but wait for the loop: two chunks of 256 at most.
    const untold = 512
    let [taken, told] = [0, 0]
    function* endless() {
      for (;;) {
        assert.ok(taken - told <= window + untold, `${taken} taken, ${told} told`)
        yield message(taken++)
      }
    }
    for await (const _ of client.sendBulk(endless(), { window })) if (++told === 3000) break
  })

  test('are not taken before the first result is asked for', async () => {
    let taken = 0
    const bulk = client.sendBulk((function* () {
      taken += 1
      yield message(0)
    })())
    await new Promise(setImmediate)
    assert.equal(taken, 0)
    assert.equal((await bulk.next()).value.outcome, 'accepted')
    assert.equal((await bulk.next()).done, true)
  })

  test('may come late without delaying results', async () => {
    let release
    const told = new Promise((resolve) => (release = resolve))
    async function* slow() {
      yield message(0)
      yield message(1)
      // Comes only after the results of the first two are there.
      await told
      yield message(2)
    }
    let count = 0
    for await (const { outcome } of client.sendBulk(slow())) {
      assert.equal(outcome, 'accepted')
      if (++count === 2) release()
    }
    assert.equal(count, 3)
  })

  for (const [kind, make] of [
    ['an iterable', function* (error) {
      yield* list(5)
      throw error
    }],
    ['an async iterable', async function* (error) {
      yield* list(5)
      throw error
    }],
  ]) {
    test(`may end in an error of ${kind}, which comes out after their results`, async () => {
      const error = new Error('the database has gone away')
      const results = []
      await assert.rejects(async () => {
        for await (const result of client.sendBulk(make(error))) results.push(result)
      }, (thrown) => thrown === error)
      assert.deepEqual(results.map(({ outcome }) => outcome), Array(5).fill('accepted'))
    })
  }
})

describe('a bulk that can only be refused', () => {
  async function told(bulk) {
    const results = []
    try {
      for await (const result of bulk) results.push(result)
    } catch (error) {
      return { results, error }
    }
    assert.fail('it ended as if all had been sent')
  }

  test('takes nothing more, and throws after what was taken has been told', async () => {
    await server.fault({ kind: 'graph_error', code: 190, times: 0 })
    let [taken, isClosed] = [0, false]
    function* endless() {
      try {
        for (;;) yield message(taken++)
      } finally {
        isClosed = true
      }
    }
    const { results, error } = await told(client.sendBulk(endless(), { window: 8 }))
    assert.ok(error instanceof AuthenticationError)
    assert.equal(error.code, 190)
    assert.match(error.message, /^The bulk stopped by itself/)
    assert.match(error.stack, /bulk\.test\.mjs/)
    assert.ok(isClosed)
    assert.equal(results.length, taken)
    assert.ok(taken <= 16, `${taken}`)
    assert.ok(results.every(({ outcome }) => outcome === 'rejected' || outcome === 'not_sent'))
  })

  test('says of what waited that it was not sent, and why', async () => {
    await server.fault({ kind: 'graph_error', code: 131031, to: '+15550000001' })
    const { results, error } = await told(server.client({ rate: 2 }).sendBulk(list(20), { inOrder: true }))
    assert.ok(error instanceof PolicyError)
    const outcomes = results.map(({ outcome }) => outcome)
    assert.deepEqual(outcomes, ['accepted', 'rejected', ...Array(18).fill('not_sent')])
    assert.ok(results.slice(2).every(({ error }) => error.reason === 'stopped' && error.message.includes('131031')))
  })

  test('waits for no iterable', async () => {
    await server.fault({ kind: 'graph_error', code: 131048, times: 0 })
    async function* hanging() {
      yield message(0)
      await new Promise(() => {})
    }
    const { results, error } = await told(client.sendBulk(hanging()))
    assert.deepEqual(results.map(({ outcome }) => outcome), ['rejected'])
    assert.equal(error.code, 131048)
  })

  test('has what the iterable threw as its cause', async () => {
    await server.fault({ kind: 'graph_error', code: 190, times: 0 })
    const failure = new Error('row 2')
    function* failing() {
      yield message(0)
      throw failure
    }
    const { error } = await told(client.sendBulk(failing()))
    assert.ok(error instanceof AuthenticationError)
    assert.equal(error.cause, failure)
  })

  test('does not stop when the token function has a better one', async () => {
    await server.settings({ tokens: ['second'] })
    let asked = 0
    const renewing = server.client({ rate: 0, accessToken: () => (asked++ === 0 ? 'first' : 'second') })
    const results = await collect(renewing.sendBulk(list(50), { window: 8 }))
    assert.ok(results.every(({ outcome }) => outcome === 'accepted'))
  })
})

describe('leaving a bulk', () => {
  test('starts nothing more, waits for what is in flight, and closes the iterable', async () => {
    await server.settings({ latency_ms: 20 })
    let isClosed = false
    function* endless() {
      try {
        for (let index = 0; ; index++) yield message(index)
      } finally {
        isClosed = true
      }
    }
    for await (const _ of client.sendBulk(endless(), { window: 16 })) break
    assert.ok(isClosed)
    const requests = (await server.requests()).length
    assert.equal((await server.messages()).length, requests, 'all in flight have their answers')
    assert.ok(requests <= 32, `${requests}`)
    await client.sendText('+15550001234', 'afterwards')
    assert.equal((await server.requests()).length, requests + 1, 'none was started since')
  })

  test('does not wait for an async iterable that hangs, which closes when it goes on', async () => {
    let goOn
    let isClosed = false
    async function* hanging() {
      try {
        yield message(0)
        await new Promise((resolve) => (goOn = resolve))
        yield message(1)
      } finally {
        isClosed = true
      }
    }
    for await (const _ of client.sendBulk(hanging())) break
    assert.ok(!isClosed)
    goOn()
    await until(() => isClosed)
    assert.equal((await server.messages()).length, 1)
  })

  for (const kind of ['an iterable', 'an async iterable']) {
    test(`throws what ${kind} throws while it cleans up, when what was in flight has ended`, async () => {
      await server.fault({ kind: 'delay', delay_ms: 200, times: 0 })
      const broken = new Error('cursor: connection is closed')
      function* rows() {
        try {
          for (let index = 0; ; index++) yield message(index)
        } finally {
          throw broken
        }
      }
      async function* asyncRows() {
        yield* rows()
      }
      const leave = async () => {
        for await (const _ of client.sendBulk(kind === 'an iterable' ? rows() : asyncRows(), { window: 8 })) break
      }
      await assert.rejects(leave, broken)
      const requests = (await server.requests()).length
      assert.equal((await server.messages()).length, requests)
      const loop = async () => {
        for await (const _ of client.sendBulk(rows(), { window: 8 })) throw new RangeError('the loop')
      }
      await assert.rejects(loop, RangeError)
    })
  }

  test('by an error of the loop closes it too', async () => {
    const error = new Error('mine')
    await assert.rejects(async () => {
      for await (const _ of client.sendBulk(list(100), { window: 4 })) throw error
    }, (thrown) => thrown === error)
    const { length } = await server.messages()
    assert.ok(length < 100, `${length}`)
  })

  test('by a signal tells what was in flight before the abort', async () => {
    await server.settings({ latency_ms: 10 })
    const controller = new AbortController()
    const results = []
    let aborted
    await assert.rejects(async () => {
      for await (const result of client.sendBulk(list(5000), { signal: controller.signal, window: 20 })) {
        results.push(result)
        if (results.length === 50) controller.abort()
      }
    }, (error) => (aborted = error) instanceof AbortError && error.name === 'AbortError')
    const accepted = results.filter(({ outcome }) => outcome === 'accepted').length
    assert.equal((await server.messages()).length, accepted)
    assert.ok(accepted < 200, `${accepted}`)
    assert.ok(results.every(({ error }) => error?.reason !== 'stopped'), 'what was only taken is not told')
    // It is kept, so that every message that was taken has an outcome, but out of what an uncaught error prints.
    assert.ok(aborted.unstarted.every(({ error }) => error instanceof NotSentError))
    const told = [...results, ...aborted.unstarted].map(({ index }) => index).sort((a, b) => a - b)
    assert.deepEqual(told, [...told.keys()])
    assert.doesNotMatch(inspect(aborted), /stopped/)
  })

  test('by a signal that was aborted before begins nothing', async () => {
    await assert.rejects(collect(client.sendBulk(list(5), { signal: AbortSignal.abort() })), AbortError)
    assert.deepEqual(await server.requests(), [])
  })
})
