// Files in messages, uploads from whatever Node has, and downloads.

import assert from 'node:assert/strict'
import { createReadStream, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { beforeEach, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { Media, Message, NotSentError, ValidationError } from 'wacloud'
import { sandbox } from './support.mjs'

const TO = '+15550001234'
const server = await sandbox()
const folder = mkdtempSync(path.join(tmpdir(), 'media-test-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

// Ids are kept by content, in this process: each test has a content of its own.
let number = 0
let bytes
let file

beforeEach(async () => {
  await server.reset({ settings: true })
  bytes = Buffer.from(`%PDF-1.7\ninvoice ${++number}\n`)
  file = path.join(folder, 'invoice.pdf')
  writeFileSync(file, bytes)
})

const uploads = async () => (await server.requests()).filter(({ path }) => path.endsWith('/media')).length

describe('media', () => {
  test('a file is uploaded once however it is given', async () => {
    const wa = server.client()
    for (const document of [Media.file(file), Media.file(pathToFileURL(file)), Media.bytes(bytes, { filename: 'invoice.pdf' })]) {
      await wa.sendDocument(TO, document)
    }
    assert.equal(await uploads(), 1)
    const sent = (await server.messages()).map(({ payload }) => payload.document)
    assert.equal(sent[0].filename, 'invoice.pdf')
    for (const one of sent) assert.deepEqual(one, sent[0])
  })

  test('what is no media is told with what to write', async () => {
    const wa = server.client()
    for (const [wrong, told] of [
      [bytes, /got Buffer: write Media\.bytes\(data\)/],
      [new Uint8Array(bytes), /got Uint8Array: write Media\.bytes\(data\)/],
      [new Blob([bytes]), /got Blob: write Media\.bytes\(await blob\.arrayBuffer\(\)\)/],
      [createReadStream(file), /got ReadStream: write Media\.file\(path\)/],
      [Readable.from([bytes]), /got Readable: write Media\.bytes\(data\)/],
      ['invoice.pdf', /write Media\.file\(path\)/],
      [Media.file(undefined), /Media\.file needs the path of a file, got nothing/],
      [Media.file(''), /must not be empty: the path of a file/],
      [Media.bytes('text'), /Media\.bytes needs bytes, got string/],
      [Media.id(undefined), /id must be the id of an upload as text, got nothing/],
    ]) {
      await assert.rejects(wa.sendDocument(TO, wrong), (error) => error instanceof ValidationError && told.test(error.message))
    }
    await assert.rejects(wa.media.upload(file, { progress: 5 }), /progress: must be a function, got the number 5/)
    assert.deepEqual(await server.requests(), [])
  })

  test('what an upload answered stands for its id', async () => {
    const wa = server.client()
    const uploaded = await wa.media.upload(file)
    await wa.sendDocument(TO, uploaded)
    assert.equal((await server.messages())[0].payload.document.id, uploaded.id)
    const copy = path.join(folder, 'a copy.pdf')
    assert.equal((await wa.media.download(uploaded.id, { path: pathToFileURL(copy) })).path, copy)
    assert.deepEqual(readFileSync(copy), bytes)
    const elsewhere = wa.media.download(uploaded.id, { path: new URL('https://example.com/a.pdf') })
    await assert.rejects(elsewhere, /path: must be the path of a file of this machine, got an address/)
  })

  test('mistakes in a call are told by the names that its arguments have here', async () => {
    const wa = server.client()
    const paths = (error) => error.violations.map(({ path }) => path)
    await assert.rejects(wa.media.get('abc'), (error) => /mediaId: is not a media id/.test(error.message) && paths(error)[0] === 'mediaId')
    await assert.rejects(wa.qrCodes.create('Hi', { generateQrImage: 'GIF' }), (error) => paths(error)[0] === 'generateQrImage')
    const body = { type: 'BODY', text: 'Hi {{1}}, "body_text" it is.' }
    await assert.rejects(wa.templates.create('a', 'en', 'UTILITY', [body]), (error) => paths(error)[0] === 'components[0].example.bodyText')
    // Of a message it is the place in Graph's body.
    await assert.rejects(wa.sendCtaUrl(TO, 'Hi', '', 'https://example.com'), /interactive\.action\.parameters\.display_text/)
  })

  test('a bulk of files, of which nobody else keeps hold', async () => {
    const wa = server.client()
    async function* messages() {
      for (let n = 0; n < 200; n++) {
        const message = Message.document(`+1555${String(n).padStart(7, '0')}`, Media.bytes(Buffer.concat([bytes, Buffer.from(`${n % 3}`)])))
        if (n % 50 === 0) {
          globalThis.gc?.()
          await new Promise(setImmediate)
        }
        yield message
      }
    }
    for await (const { outcome } of wa.sendBulk(messages())) assert.equal(outcome, 'accepted')
    assert.equal(await uploads(), 3)
  })

  test('a message keeps the bytes that it was made of', async () => {
    const message = Message.document(TO, Media.bytes(bytes))
    for (let n = 0; n < 3; n++) {
      globalThis.gc?.()
      await new Promise(setImmediate)
    }
    assert.ok((await server.client().send(message)).id)
  })

  test('text never reads a file', async () => {
    const wa = server.client()
    for (const wrong of [file, { file }, { path: file }, { upload: '0'.repeat(32) }]) {
      await assert.rejects(wa.sendDocument(TO, wrong), ValidationError)
    }
    const shown = Message.document(TO, Media.file(file)).payload()
    assert.deepEqual(shown.document, { file })
    assert.throws(() => Message.fromPayload(shown).payload(), ValidationError)
    assert.equal((await server.requests()).length, 0)
  })

  test('what is wrong with a file is told before anything leaves', async () => {
    const wa = server.client()
    await assert.rejects(wa.sendImage(TO, Media.file(path.join(folder, 'missing.png'))), /there is no file/)
    await assert.rejects(wa.sendImage(TO, Media.file(folder)), /is a directory/)
    await assert.rejects(wa.sendImage(TO, Media.bytes(bytes)), /cannot be sent as image/)
    assert.equal((await server.requests()).length, 0)
  })

  test('uploads from everything that has bytes', async (t) => {
    const wa = server.client()
    // A place of its own: in the machine's, other programs come and go.
    const [place, before] = [mkdtempSync(path.join(folder, 'temporary-')), process.env.TMPDIR]
    process.env.TMPDIR = place
    t.after(() => (before === undefined ? delete process.env.TMPDIR : (process.env.TMPDIR = before)))
    assert.equal(tmpdir(), place)
    function* pieces() {
      yield bytes.subarray(0, 5)
      yield bytes.subarray(5)
    }
    async function* asyncPieces() {
      yield* pieces()
    }
    const sources = [file, pathToFileURL(file), bytes, new Uint8Array(bytes), new Blob([bytes]), pieces(), asyncPieces(), createReadStream(file)]
    for (const source of sources) assert.ok((await wa.media.upload(source)).id)
    const told = (await server.requests()).map(({ body }) => body.file)
    assert.ok(told.every((one) => one.bytes === bytes.length))
    assert.equal(told.at(-1).filename, 'invoice.pdf')
    for (const wrong of [5, null, {}, [bytes], (function* () { yield 'text' })()]) {
      await assert.rejects(wa.media.upload(wrong), (error) => error instanceof ValidationError && error.violations[0].path === 'file')
    }
    await assert.rejects(wa.media.upload(createReadStream(path.join(folder, 'missing.pdf'))), /there is no file/)
    assert.deepEqual(readdirSync(place), [])
  })

  test('handles for everything that has bytes', async () => {
    const wa = server.client()
    const told = []
    for (const source of [file, bytes, new Blob([bytes]), createReadStream(file)]) {
      const { handle } = await wa.media.uploadHandle(source, { progress: (now) => told.push(now.sentBytes) })
      assert.match(handle, /^4:/)
    }
    assert.equal(told.at(-1), bytes.length)
    const sent = (await server.requests()).filter((request) => request.path.includes('/upload:'))
    assert.deepEqual(sent.map(({ body }) => body.bytes), Array(4).fill(bytes.length))
  })

  test('progress is told, and what it throws ends the upload', async () => {
    const long = Buffer.concat([bytes, Buffer.alloc(3_000_000, 'x')])
    const told = []
    await server.client().media.upload(long, { progress: (now) => told.push(now.sentBytes) })
    assert.deepEqual(told, [...told].sort((a, b) => a - b))
    assert.equal(told.at(-1), long.length)
    const enough = new Error('enough')
    await assert.rejects(server.client().media.upload(long, { progress: () => { throw enough } }), enough)
  })

  test('what was uploaded comes back', async () => {
    const wa = server.client()
    const { id } = await wa.media.upload(bytes)
    const info = await wa.media.get(id)
    assert.deepEqual([info.mimeType, info.fileSize], ['application/pdf', bytes.length])
    const { data, sha256 } = await wa.media.download(id)
    assert.deepEqual([data, sha256], [bytes, info.sha256])
    const target = path.join(folder, 'copy.pdf')
    const downloaded = await wa.media.download(id, { path: target })
    assert.deepEqual([downloaded.data, readFileSync(target)], [undefined, bytes])
    assert.equal((await wa.media.delete(id)).success, true)
  })

  test('a failed upload leaves its message unsent', async () => {
    const wa = server.client({ maxRetries: 0 })
    await server.fault({ kind: 'reset_after', path: '/media' })
    await assert.rejects(wa.sendDocument(TO, Media.bytes(bytes)), (error) => error instanceof NotSentError && /could not be uploaded/.test(error.message))
    assert.equal((await server.messages()).length, 0)
  })

  test('what is shown of media are no bytes', () => {
    assert.equal(inspect(Media.bytes(bytes)), `Media { bytes (${bytes.length}) }`)
    assert.equal(inspect(Media.file('a.pdf')), "Media { file 'a.pdf' }")
  })
})
