// The contract that all languages share: tests/vectors, through the public methods.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import * as wacloud from 'wacloud'
import { camel, camelKeys, manifest, repositoryRoot, sandbox, show, showing } from './support.mjs'

const { Message } = wacloud
const folder = path.join(repositoryRoot, 'tests', 'vectors')
const known = JSON.stringify(manifest())
const operations = new Map(manifest().operations.map((operation) => [operation.name, operation]))
const members = new Set(
  'name operation params settings options faults bulk requests request_count result results error accepted'.split(' '),
)

/** An event as `webhooks.parse` gives it, where a vector has the members of one. */
function asEvent(value, number) {
  const { event, ...others } = Object(value)
  if (event === undefined || Object.keys(others).length > 0) return value
  return camelKeys(event.number_id === '{phone_number_id}' ? { ...event, number_id: number } : event)
}

/** Required parameters and an object of the others, as methods take them. */
function argumentsOf({ params: { properties, required = [] } }, given, options = {}) {
  const params = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asEvent(value, server.phoneNumberId)]))
  const first = Object.keys(properties).filter((name) => required.includes(name))
  const others = Object.entries(params).filter(([name]) => !first.includes(name))
  return [...first.map((name) => params[name]), camelKeys({ ...Object.fromEntries(others), ...options })]
}

function messageOf(name, params) {
  const operation = operations.get(name)
  // Something that is no message is told apart by the core, so it goes in as it is.
  if (operation === undefined) return params
  return Message[camel(operation.constructor)](...argumentsOf(operation, params))
}

/** Whether all that is expected is there: `*` stands for any text, null for nothing. */
function assertIncludes(actual, expected, where) {
  if (expected === '*') {
    assert.ok(typeof actual === 'string' && actual.length > 0, `${where}: ${actual}`)
  } else if (expected === null) {
    assert.equal(actual, undefined, where)
  } else if (typeof expected === 'object') {
    if (Array.isArray(expected)) assert.equal(actual?.length, expected.length, where)
    // What is Graph's own object, and what Meta said beside what is known here, keeps its names.
    const named = /\.(extra|reasons\.\d+|calling)\b/.test(where) ? (name) => name : camel
    for (const [name, value] of Object.entries(expected)) assertIncludes(actual?.[named(name)], value, `${where}.${name}`)
  } else {
    assert.deepEqual(actual, expected, where)
  }
}

const sorted = (violations) => violations.map(({ path, rule }) => `${path} ${rule}`).sort()

/** Mistakes in a call that sends no message are told by the names that its arguments have here; places in a body have Graph's. */
function namedHere(operation, violations) {
  if (!operation?.includes('.') && operation !== 'mark_read') return violations
  const ofArgument = (name) => (known.includes(`"${name}":`) ? camel(name) : name)
  return violations.map(({ path, rule }) => ({ path: path.replace(/\w+/g, ofArgument), rule }))
}

function assertError(error, { type, violations, ...others }, operation) {
  assert.ok(error instanceof wacloud[type], `${error?.stack}`)
  assert.equal(error.name, type)
  if (violations !== undefined) assert.deepEqual(sorted(error.violations), sorted(namedHere(operation, violations)))
  assertIncludes(error, others, type)
}

/** The body, less a tracker that was made up: where one was given the expected body has it. */
function bodyOf({ body }, expected) {
  if (Object(body) !== body || 'biz_opaque_callback_data' in (expected?.body ?? {})) return body
  const { biz_opaque_callback_data: _, ...others } = body
  return others
}

const server = await sandbox()

const temporary = mkdtempSync(path.join(tmpdir(), 'wacloud-vectors-'))
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))

/** The vector with the files and addresses that it names. */
function prepared(vector) {
  const values = { '{files}': path.join(folder, 'files'), '{temp}': temporary, '{base_url}': server.url }
  let text = JSON.stringify(vector)
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(name, JSON.stringify(value).slice(1, -1))
  return JSON.parse(text)
}

describe('vectors', () => {
  async function check(given) {
    const vector = prepared(given)
    for (const member of Object.keys(vector)) assert.ok(members.has(member), `unknown member ${member}`)
    await server.reset({ settings: true })
    await server.fault(...(vector.faults ?? []))
    const outcome = await attempt(vector)
    show(outcome.result, outcome.error, ...(vector.bulk ? outcome.result : []).map(({ error }) => error))
    if (vector.error) assertError(outcome.error, vector.error, vector.operation)
    else if (outcome.error) throw outcome.error
    if (vector.result) assertIncludes(outcome.result, vector.result, 'result')
    if (vector.results) assertRows(outcome.result, vector.results)
    if (vector.accepted !== undefined) assert.equal((await server.messages()).length, vector.accepted, 'accepted')
    await assertRequests(vector)
    assertPayload(vector)
  }

  async function attempt({ operation, params, settings = {}, options, bulk }) {
    try {
      // With a pace of its own: what holds back the number in one vector is nothing to the next.
      const own = { pace: 'host', paceDir: mkdtempSync(path.join(temporary, 'pace-')) }
      const client = server.client({ checkTemplates: false, ...own, ...camelKeys(settings), logger: showing })
      show(client)
      if (bulk) {
        const messages = bulk.messages.map(([name, params]) => messageOf(name, params))
        return await told(client.sendBulk(messages, camelKeys(bulk.options)))
      }
      const [method, group] = camel(operation).split('.').reverse()
      const subject = group === undefined ? client : client[group]
      return { result: await subject[method](...argumentsOf(operations.get(operation), params, options)) }
    } catch (error) {
      return { error }
    }
  }

  /** What a bulk tells before it ends, and the error that it ends with if there is one. */
  async function told(results) {
    const result = []
    try {
      for await (const row of results) result.push(row)
      return { result }
    } catch (error) {
      return { result, error }
    }
  }

  function assertRows(rows, expected) {
    assert.equal(rows.length, expected.length)
    for (const [index, { error, ...others }] of expected.entries()) {
      assertIncludes(rows[index], others, `results[${index}]`)
      if (error) assertError(rows[index].error, error)
    }
  }

  async function assertRequests({ requests, request_count: count }) {
    const received = await server.requests()
    if (count !== undefined) assert.equal(received.length, count, 'request_count')
    if (requests === undefined) return
    const expected = requests.map((request) => ({
      ...request,
      path: request.path
        .replace('{phone_number_id}', server.phoneNumberId)
        .replace('{business_account_id}', server.businessAccountId),
    }))
    const actual = received.map(({ method, path, body }, index) => ({ method, path, body: bodyOf({ body }, requests[index]) }))
    assert.deepEqual(actual, expected)
  }

  /** Building tells the same as sending. */
  function assertPayload({ operation, params, requests, error }) {
    if (!operations.get(operation)?.constructor) return
    const message = messageOf(operation, params)
    // Without `requests` it is only told where there is a client.
    if (error?.type === 'ValidationError' && requests !== undefined) {
      assert.throws(() => message.payload(), (thrown) => assertError(thrown, error) ?? true)
    } else if (requests?.length === 1) {
      assert.deepEqual(message.payload(), requests[0].body)
    }
  }

  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    for (const vector of JSON.parse(readFileSync(path.join(folder, file), 'utf8')).vectors) {
      test(`vector ${path.basename(file, '.json')}: ${vector.name}`, () => check(vector))
    }
  }
})
