// Files to upload: whatever a caller has, as something that the core can read. A stream is read into a temporary file
// first, a piece at a time: the core needs to know how long a file is, may have to send it twice, and must not hold it in
// memory.

import { ReadStream } from 'node:fs'
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { LocalMedia } from './held.js'
import { pathOf } from './media.js'
import { nameOf } from './values.js'

/** Nothing longer can be uploaded; the core says so when it sees the file. */
const MOST_BYTES = 100 * 1024 * 1024

/** What crosses for a file, and what goes away with it. */
export interface Crossing {
  readonly file: unknown
  /** The name of what has none of its own. */
  readonly filename?: string
  remove(): Promise<void>
}

const nothing = async (): Promise<void> => {}

/** Makes a file something that crosses. */
export async function crossing(given: unknown): Promise<Crossing> {
  if (given instanceof URL) return { file: pathOf(given), remove: nothing }
  if (given instanceof ArrayBuffer) return crossing(new Uint8Array(given))
  if (given instanceof Uint8Array) return { file: new LocalMedia(undefined, given), remove: nothing }
  const whole = untouched(given)
  if (whole !== undefined) return { file: whole, remove: nothing }
  const source = given instanceof Blob ? given.stream() : given
  if (!isStream(source)) return { file: given, remove: nothing }
  const folder = await mkdtemp(path.join(tmpdir(), 'wacloud-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const place = path.join(folder, 'file')
    const file = await open(place, 'wx', 0o600)
    try {
      const wrong = await copy(source, file)
      // The core refuses it where it stands.
      if (wrong !== undefined) return { file: { $unsupported: `a stream of ${wrong}` }, remove }
    } finally {
      await file.close()
    }
    return { file: new LocalMedia(place, undefined), filename: ownName(given), remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** The path of a stream that nobody has read from, if it is that of a whole file: then the core can read that itself. */
function untouched(given: unknown): string | undefined {
  if (!(given instanceof ReadStream) || typeof given.path !== 'string' || given.bytesRead > 0) return undefined
  const { start, end, fd } = given as unknown as { start?: number; end?: number; fd?: number | null }
  if (start !== undefined || (end !== undefined && end !== Infinity) || typeof fd === 'number') return undefined
  // What it cannot open, the core cannot either, and says so.
  given.on('error', () => {})
  given.destroy()
  return given.path
}

function isStream(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Symbol.asyncIterator in value || Symbol.iterator in value
}

/** What a stream of a file says of it, or nobody. */
function ownName(given: unknown): string {
  const { name, path: from } = given as { name?: unknown; path?: unknown }
  const known = [name, from].find((one) => typeof one === 'string' && one !== '') as string | undefined
  return known === undefined ? 'file' : path.basename(known)
}

/** Copies all pieces; returns what kind of value one is that has no bytes. */
async function copy(source: Iterable<unknown> | AsyncIterable<unknown>, file: FileHandle): Promise<string | undefined> {
  let length = 0
  for await (const piece of source) {
    if (!(piece instanceof Uint8Array)) return nameOf(piece)
    await file.write(piece)
    length += piece.length
    if (length > MOST_BYTES) return undefined
  }
  return undefined
}
