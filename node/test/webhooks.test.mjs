// Webhooks: the vectors that every language runs, and what is this language's own.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import * as wacloud from 'wacloud'
import { camel, manifest, repositoryRoot } from './support.mjs'

const { webhooks } = wacloud

function load(name, ...members) {
  const file = path.join(repositoryRoot, 'tests', 'vectors', 'webhooks', `${name}.json`)
  const { vectors } = JSON.parse(readFileSync(file, 'utf8'))
  const known = new Set(['name', 'error', ...members])
  for (const vector of vectors) {
    for (const member of Object.keys(vector)) assert.ok(known.has(member), `${vector.name}: ${member} is not known here`)
  }
  return vectors
}

function bodyOf({ body, text, pieces, base64 }) {
  if (base64 !== undefined) return Buffer.from(base64, 'base64')
  if (pieces !== undefined) return Buffer.from(pieces.map(([piece, times]) => piece.repeat(times)).join(''))
  return Buffer.from(text ?? JSON.stringify(body))
}

/** Members that are the user's own keep their names. */
function memberOf(actual, name) {
  if (actual instanceof Error && name === 'type') return actual.name
  return name in actual ? actual[name] : actual[camel(name)]
}

function check(place, expected, actual) {
  if (expected === '*') assert.ok(typeof actual === 'string' && actual !== '', place)
  else if (expected === null) assert.equal(actual, undefined, place)
  else if (Array.isArray(expected)) {
    assert.equal(actual.length, expected.length, place)
    for (const [index, item] of expected.entries()) check(`${place}[${index}]`, item, actual[index])
  } else if (typeof expected === 'object') {
    for (const [name, value] of Object.entries(expected)) check(`${place}.${name}`, value, memberOf(actual, name))
  } else assert.deepEqual(actual, expected, place)
}

function checkError({ type, violations, ...others }, error) {
  assert.ok(error instanceof wacloud[type], error?.stack)
  const told = ({ path, rule }) => `${path} ${rule}`
  if (violations !== undefined) assert.deepEqual(error.violations.map(told), violations.map(told))
  check(type, others, error)
  return true
}

function checkParse(vector) {
  const body = bodyOf(vector)
  if (vector.error !== undefined) return assert.throws(() => webhooks.parse(body), (error) => checkError(vector.error, error))
  const events = webhooks.parse(body)
  assert.equal(events.length, vector.events.length)
  const keys = events.map(({ key }) => key)
  assert.ok(keys.every((key) => typeof key === 'string' && key !== ''), String(keys))
  assert.deepEqual(webhooks.parse(body).map(({ key }) => key), keys)
  for (const [index, { at, raw, ...expected }] of vector.events.entries()) {
    const item = at?.split('/').slice(1).reduce((value, name) => value[name], vector.body)
    // Where `at` is given the item is there, be it null.
    if (at !== undefined) assert.deepEqual(events[index].raw, item)
    if (raw !== undefined) assert.deepEqual(events[index].raw, raw)
    check(`[${index}]`, expected, events[index])
  }
}

describe('the vectors', () => {
  for (const vector of load('parse', 'body', 'text', 'pieces', 'base64', 'events')) {
    test(`vector webhooks/parse: ${vector.name}`, () => checkParse(vector))
  }
  for (const { name, app_secrets, body, header, error } of load('verify', 'app_secrets', 'body', 'header')) {
    test(`vector webhooks/verify: ${name}`, () => {
      const verify = () => webhooks.verify(app_secrets, Buffer.from(body), header)
      if (error === undefined) assert.equal(verify(), undefined)
      else assert.throws(verify, (thrown) => checkError(error, thrown))
    })
  }
  for (const { name, query, verify_token, result, error } of load('challenge', 'query', 'verify_token', 'result')) {
    test(`vector webhooks/challenge: ${name}`, () => {
      if (error === undefined) assert.equal(webhooks.challenge(query, verify_token), result)
      else assert.throws(() => webhooks.challenge(query, verify_token), (thrown) => checkError(error, thrown))
    })
  }
})

const message = { from: '15550001234', id: 'wamid.A', type: 'text', text: { body: 'Grüße 😀' } }
const change = { field: 'messages', value: { messages: [message] } }
const json = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [change] }] })

describe('webhooks', () => {
  test('bodies come as Buffer, as any bytes and as text', () => {
    const header = `sha256=${createHmac('sha256', 'secret').update(json).digest('hex')}`
    const buffer = Buffer.from(json)
    // A view into something larger.
    const larger = Buffer.concat([Buffer.from('xx'), buffer, Buffer.from('yy')])
    const view = new Uint8Array(larger.buffer, larger.byteOffset + 2, buffer.length)
    for (const body of [json, buffer, new Uint8Array(buffer), view, new Uint8Array(buffer).buffer]) {
      const [event] = webhooks.parse(body)
      assert.equal(event.text, 'Grüße 😀')
      assert.deepEqual(event.raw, message)
      webhooks.verify('secret', body, header)
      webhooks.verify(['old', 'secret'], body, [header])
    }
  })

  test('a decoded body is refused with what to give instead', () => {
    for (const [body, kind] of [[JSON.parse(json), 'object'], [[1], 'array'], [undefined, 'undefined'], [null, 'null']]) {
      for (const call of [() => webhooks.parse(body), () => webhooks.verify('secret', body, 'sha256=')]) {
        assert.throws(call, ({ name, message, violations: [{ path, rule }] }) => {
          assert.deepEqual([name, path, rule], ['ValidationError', 'body', 'type'])
          return message.endsWith(`got ${kind}`)
        })
      }
    }
  })

  test('queries come in every form', () => {
    const query = 'hub.mode=subscribe&hub.verify_token=t&hub.challenge=1'
    for (const given of [query, new URLSearchParams(query), new URL(`https://example.com/?${query}`), `/hook?${query}`]) {
      assert.equal(webhooks.challenge(given, 't'), '1')
    }
    assert.throws(() => webhooks.challenge(query, 'x'), { name: 'WebhookSignatureError', reason: 'mismatch' })
    for (const nothing of [undefined, null, '', {}]) {
      assert.throws(() => webhooks.challenge(nothing, 't'), { name: 'WebhookSignatureError', reason: 'missing' })
    }
    assert.throws(() => webhooks.challenge(query), { name: 'WebhookSignatureError', reason: 'secret' })
  })

  test('the stack of an error leads to the caller', () => {
    assert.throws(() => webhooks.parse('x'), ({ stack }) => stack.split('\n')[1].includes('webhooks.test.mjs'))
    const [{ errors: [error] }] = webhooks.parse(json.replace('"type"', '"errors":[{"code":131026}],"type"'))
    assert.ok(error instanceof wacloud.RecipientError)
    assert.equal(error.status, undefined)
  })

  test('an event stays as it was when the buffer is used again', () => {
    const buffer = Buffer.from(json)
    const [event] = webhooks.parse(buffer)
    buffer.fill(0)
    assert.deepEqual(event.raw, message)
    assert.deepEqual(JSON.parse(JSON.stringify(event)).raw, message)
    assert.ok(inspect(event).startsWith('WebhookEvent {'))
  })

  test('events have no member that the manifest does not name', () => {
    const known = new Set(Object.keys(manifest().webhooks.WebhookEvent.properties).map(camel))
    for (const vector of load('parse', 'body', 'text', 'pieces', 'base64', 'events')) {
      if (vector.error !== undefined) continue
      for (const event of webhooks.parse(bodyOf(vector))) {
        for (const name of Object.keys(event)) assert.ok(known.has(name), name)
      }
    }
  })

  test('both faces of the package have it', () => {
    assert.equal(createRequire(import.meta.url)('wacloud').webhooks.parse, webhooks.parse)
  })
})
