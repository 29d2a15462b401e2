// What the package shows to the world, against the core's manifest: everything that is there, and nothing else.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import * as wacloud from 'wacloud'
import * as testing from 'wacloud/testing'
import { camel, manifest } from './support.mjs'

const require = createRequire(import.meta.url)
const { WhatsAppClient, Message } = wacloud
const { operations, groups, errors, settings, send_options: sendOptions, version } = manifest()
const to = '+15550001234'
const required = ({ params }) => Object.keys(params.properties).filter((name) => params.required?.includes(name))

/** The parameters that a function names, but for those with defaults and options. */
function parametersOf(method) {
  const [, parameters] = /\(([^)]*)\)/.exec(Function.prototype.toString.call(method))
  return parameters.split(',').map((name) => name.trim()).filter(Boolean)
}

function methodsOf(prototype) {
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor').sort()
}

describe('the manifest', () => {
  test('every operation is a method, and every method of that kind an operation', () => {
    const generated = Object.getPrototypeOf(WhatsAppClient.prototype)
    const alone = operations.filter(({ name }) => !name.includes('.'))
    const expected = [...alone, ...groups].map(({ name }) => camel(name))
    assert.deepEqual(methodsOf(generated), expected.sort())
    for (const operation of alone) {
      const expected = [...required(operation).map(camel), 'options']
      assert.deepEqual(parametersOf(generated[camel(operation.name)]), expected, operation.name)
    }
  })

  test('every group has its operations, and nothing else', () => {
    const client = new WhatsAppClient({ phoneNumberId: '1', accessToken: 't' })
    for (const { name } of groups) {
      const prototype = Object.getPrototypeOf(client[camel(name)])
      const own = operations.filter((operation) => operation.name.startsWith(`${name}.`))
      const method = (operation) => camel(operation.name.split('.')[1])
      const lists = own.filter(({ params }) => 'after' in params.properties)
      assert.deepEqual(methodsOf(prototype), [...own.map(method), ...lists.map((list) => `${method(list)}All`)].sort())
      for (const operation of own) {
        const expected = [...required(operation).map(camel), 'options']
        assert.deepEqual(parametersOf(prototype[method(operation)]), expected, operation.name)
      }
    }
  })

  test('a group that can be called gives the client for another number', () => {
    const client = new WhatsAppClient({ phoneNumberId: '1', accessToken: 't-secret' })
    assert.equal(client.phone('2').phoneNumberId, '2')
    assert.ok(client.phone('2') instanceof WhatsAppClient)
    assert.throws(() => client.phone('+15550001234'), { name: 'ConfigError', setting: 'phoneNumberId' })
    assert.ok(!inspect(client.phone, { depth: 9, showHidden: true }).includes('t-secret'))
  })

  test('every kind of message is a constructor, and every constructor a kind of message', () => {
    const kinds = operations.filter(({ constructor }) => constructor)
    const statics = Object.getOwnPropertyNames(Message).filter((name) => typeof Message[name] === 'function')
    assert.deepEqual(statics.sort(), kinds.map(({ constructor }) => camel(constructor)).sort())
    for (const operation of kinds) {
      const isOption = (name) => !required(operation).includes(name)
      const options = Object.keys(operation.params.properties).some(isOption) ? ['options'] : []
      const expected = [...required(operation).map(camel), ...options]
      assert.deepEqual(parametersOf(Message[camel(operation.constructor)]), expected, operation.name)
    }
  })

  test('every error is a class, under its parent, and every class of errors is in the manifest', () => {
    const isOurs = (value) => typeof value === 'function' && value.prototype instanceof wacloud.WhatsAppError
    const classes = Object.keys(wacloud).filter((name) => isOurs(wacloud[name]))
    assert.deepEqual(['WhatsAppError', ...classes].sort(), errors.map(({ name }) => name).sort())
    for (const { name, parent } of errors) {
      assert.equal(wacloud[name].prototype.name, name)
      if (parent) assert.equal(Object.getPrototypeOf(wacloud[name]), wacloud[parent])
    }
  })

  test('every setting is taken, and one that is none is refused', () => {
    const valid = {
      phone_number_id: '1', access_token: 't', api_version: 'v25.0', base_url: 'http://127.0.0.1:1', rate: 1,
      pace: 'process', max_retries: 1, on_unknown: 'raise', connect_timeout_ms: 1, attempt_timeout_ms: 1,
      total_timeout_ms: 1, max_wait_ms: 1, proxy: 'http://127.0.0.1:1', ca_bundle: undefined, http_version: '1.1',
      user_agent: 'mine', log_content: true, pair_rate: 1, business_account_id: '1', check_templates: true, pace_dir: '/tmp/wacloud',
      media_cache: '/tmp/wacloud/uploads.db',
    }
    for (const name of Object.keys(settings.properties)) {
      assert.ok(name in valid, `${name} is new: give it a value here`)
      new WhatsAppClient({ phoneNumberId: '1', accessToken: 't', [camel(name)]: valid[name] })
    }
    assert.throws(() => new WhatsAppClient({ phoneNumberId: '1', accessToken: 't', rat: 5 }), { setting: 'rat' })
  })

  test('every option of a message that is sent alone is taken, and one that is none is refused', async () => {
    const client = new WhatsAppClient({ phoneNumberId: '1', accessToken: 't' })
    const valid = { window: new wacloud.ServiceWindow(), fallback: Message.text(to, '') }
    assert.deepEqual(Object.keys(sendOptions.properties).sort(), Object.keys(valid).sort())
    // Refused for its empty text, and not for an option.
    await assert.rejects(client.send(Message.text(to, 'Hello'), valid), wacloud.ValidationError)
    await assert.rejects(client.send(Message.text(to, 'Hello'), { windows: 1 }), { setting: 'windows' })
  })

  test('what is written by hand is there', () => {
    const own = ['close', 'pace', 'react', 'reply', 'send', 'sendBulk', 'setAccessToken', 'stats', 'withOptions']
    assert.deepEqual(methodsOf(WhatsAppClient.prototype), own)
    assert.deepEqual(methodsOf(wacloud.Dedup.prototype), ['forget', 'fresh', 'isFresh'])
    assert.deepEqual(methodsOf(wacloud.ServiceWindow.prototype), ['isOpen', 'observe', 'openUntil'])
  })

  test('a slip is told with the name that was meant, as it is written here', () => {
    const mistake = (make) => {
      try {
        make()
      } catch (error) {
        return error
      }
    }
    const message = mistake(() => Message.text(to, 'Hello', { previewUrls: true }).payload())
    assert.match(message.message, /previewUrls: is not known here; did you mean previewUrl\?/)
    assert.equal(message.violations[0].message, 'is not known here; did you mean previewUrl?')
    const setting = mistake(() => new WhatsAppClient({ phoneNumberId: '1', accessToken: 't', maxWait: 5 }))
    assert.match(setting.message, /^maxWait: is not known here; did you mean maxWaitMs\? Nothing was sent\.$/)
    const other = mistake(() => new WhatsAppClient({ phoneNumberId: '1', accessToken: 't', colour: 'red' }))
    assert.match(other.message, /known are phoneNumberId, accessToken, businessAccountId, apiVersion, baseUrl,.* logContent, logger\. Nothing/)
    assert.doesNotMatch(other.message, /token_?callback/i)
  })

  test('a call knows its options beside what belongs to the message', async () => {
    const client = new WhatsAppClient({ phoneNumberId: '1', accessToken: 't' })
    await assert.rejects(client.sendText(to, 'Hello', { timeout: 5 }), /did you mean timeoutMs\?/)
    const known = /known are to, body, previewUrl, .* timeoutMs, maxWaitMs, priority, signal/
    await assert.rejects(client.sendText(to, 'Hello', { colour: 5 }), known)
    assert.throws(() => Message.text(to, 'Hello', { colour: 5 }).payload(), (error) => !/priority|signal/.test(error.message))
  })

  test('errors name settings as they are written here, also in what they say', async () => {
    const client = new WhatsAppClient({ phoneNumberId: '1', accessToken: 't' })
    for (const [name, value] of [['pairRate', -1], ['paceDir', 'here'], ['maxRetries', 11], ['attemptTimeoutMs', 0]]) {
      const error = { name: 'ConfigError', setting: name, message: new RegExp(`^${name}: `) }
      assert.throws(() => client.withOptions({ [name]: value }), error)
    }
    const inside = /leave it out, apiVersion adds it/
    assert.throws(() => client.withOptions({ baseUrl: 'http://127.0.0.1:1/v25.0' }), { setting: 'baseUrl', message: inside })
    await assert.rejects(client.sendText(to, 'Hello', { timeoutMs: 0 }), { setting: 'timeoutMs' })
  })

  test('a message shows its kind, and neither text nor number', () => {
    assert.equal(inspect(Message.text(to, 'secret')), `Message { text to …${to.slice(-2)} }`)
    assert.equal(inspect([Message.location({ user: 'US.13491208655302741918' }, 1, 2)]), '[ Message { location to …18 } ]')
    assert.equal(inspect(Message.text(5, 'secret')), 'Message { text to … }')
  })

  test('it is of this version', () => assert.equal(wacloud.VERSION, version))
})

describe('the package', () => {
  test('import and require give the same', () => {
    for (const [required, imported] of [[require('wacloud'), wacloud], [require('wacloud/testing'), testing]]) {
      // Node 23 and later give the whole of a CommonJS module under its own name as well.
      const own = new Set(['__esModule', 'module.exports'])
      const names = (exported) => Object.keys(exported).filter((name) => !own.has(name)).sort()
      assert.deepEqual(names(required), names(imported))
      for (const name of names(imported)) assert.equal(required[name], imported[name])
    }
  })

  test('an error of one is an instance of the class of the other', () => {
    assert.throws(() => new (require('wacloud').WhatsAppClient)({ phoneNumberId: '+1', accessToken: 't' }), wacloud.ConfigError)
  })
})

describe('a client', () => {
  const settings = { phoneNumberId: '106540352242922', accessToken: 'EAAG-very-secret' }

  test('never shows its token', () => {
    const client = new WhatsAppClient(settings)
    for (const shown of [inspect(client, { depth: 9, showHidden: true }), JSON.stringify(client), String(client)]) {
      assert.ok(!shown.includes('very-secret'), shown)
    }
    assert.equal(inspect(client), "WhatsAppClient { phoneNumberId: '106540352242922' }")
    assert.throws(
      () => new WhatsAppClient({ ...settings, accessToken: 'very-secret\n' }),
      (error) => error.setting === 'accessToken' && !inspect(error).includes('very-secret'),
    )
  })

  test('comes from the environment', (t) => {
    const names = ['WA_PHONE_ID', 'WA_TOKEN', 'WA_BUSINESS_ACCOUNT_ID', 'WA_BASE_URL', 'WA_API_VERSION']
    const before = names.map((name) => [name, process.env[name]])
    t.after(() => before.forEach(([name, value]) => (value === undefined ? delete process.env[name] : (process.env[name] = value))))
    names.forEach((name) => delete process.env[name])

    const both = /^phoneNumberId: the environment variables WA_PHONE_ID and WA_TOKEN are not set\. .*API Setup.*`wacloud sandbox`/
    assert.throws(() => WhatsAppClient.fromEnv(), { name: 'ConfigError', setting: 'phoneNumberId', message: both })
    process.env.WA_PHONE_ID = '1'
    const token = { setting: 'accessToken', message: /^accessToken: the environment variable WA_TOKEN is not set\. / }
    assert.throws(() => WhatsAppClient.fromEnv(), token)
    process.env.WA_TOKEN = 'sandbox-token'
    const astray = /^accessToken, from WA_TOKEN: is the sandbox's.* set baseUrl \(WA_BASE_URL in the environment\)/
    assert.throws(() => WhatsAppClient.fromEnv(), { message: astray })
    process.env.WA_TOKEN = 't'
    assert.equal(WhatsAppClient.fromEnv().phoneNumberId, '1')
    assert.equal(WhatsAppClient.fromEnv({ phoneNumberId: '2' }).phoneNumberId, '2')
    process.env.WA_BASE_URL = 'ftp://nowhere'
    assert.throws(() => WhatsAppClient.fromEnv(), { setting: 'baseUrl', message: /^baseUrl, from WA_BASE_URL: / })
    assert.throws(() => WhatsAppClient.fromEnv({ baseUrl: 'ftp://here' }), { message: /^baseUrl: / })
  })

  test('is copied with other settings', () => {
    const client = new WhatsAppClient(settings)
    assert.equal(client.withOptions({ phoneNumberId: '2' }).phoneNumberId, '2')
    assert.equal(client.withOptions({ rate: 5 }).phoneNumberId, settings.phoneNumberId)
    assert.throws(() => client.withOptions({ rate: -1 }), { setting: 'rate' })
  })
})
