// Values between this language and the core: members are renamed as the generated shapes say, and what JSON cannot
// carry is named instead of being changed silently (NaN to null, a Buffer to numbers), so that the core can refuse it
// at its place together with everything else that is wrong.

import { LocalMedia } from './held.js'

/** How the members of a value are renamed. What a shape does not mention stays: keys that are the user's own do. */
export interface Shape {
  /** From the name here to the name in the core, of members that have two. */
  readonly toCore: ReadonlyMap<string, string>
  readonly fromCore: ReadonlyMap<string, string>
  /** The shapes of members, by the core's name. */
  readonly members: Readonly<Record<string, Shape>>
  /** The shape of each item, if the value is a list. */
  readonly items?: Shape
  /** The shape of each value, if the keys are the user's. */
  readonly values?: Shape
  /** What crosses in place of an object. */
  readonly instead?: (value: object) => object
}

/** An object with known members: the names that differ, and the members that have such members themselves. */
export function struct(names: Readonly<Record<string, string>>, members: Readonly<Record<string, Shape>> = {}): Shape {
  const pairs = Object.entries(names)
  return { toCore: new Map(pairs), fromCore: new Map(pairs.map(([here, core]) => [core, here])), members }
}

export function listOf(items: Shape): Shape {
  return { ...struct({}), items }
}

/** An object whose keys are the user's. */
export function mapOf(values: Shape): Shape {
  return { ...struct({}), values }
}

/** A value of one of several shapes. */
export function either(...shapes: readonly Shape[]): Shape {
  return {
    ...Object.assign({}, ...shapes),
    toCore: new Map(shapes.flatMap((shape) => [...shape.toCore])),
    fromCore: new Map(shapes.flatMap((shape) => [...shape.fromCore])),
    members: Object.assign({}, ...shapes.map((shape) => shape.members)),
  }
}

/** What kind of value it is, in this language's own words: for messages about values that are none of the right kind. */
export function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : String(value)
  if (typeof value !== 'object') return typeof value
  if (Buffer.isBuffer(value)) return 'Buffer'
  // Date, Map, Promise and their like have tags of their own; plain objects and users' classes do not.
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return tag === 'Object' || tag === 'Array' ? tag.toLowerCase() : tag
}

const unsupported = (what: string, instead?: string): object => ({ $unsupported: what, ...(instead && { $instead: instead }) })

/** How media are made of what is none, as a program writes it. */
function mediaOf(value: object): string | undefined {
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return 'Media.bytes(data)'
  if (value instanceof Blob) return 'Media.bytes(await blob.arrayBuffer())'
  if (!isStream(value)) return undefined
  const isOfAPath = 'path' in value && typeof value.path === 'string'
  return isOfAPath ? 'Media.file(path)' : 'Media.bytes(data)'
}

/** What is read piece by piece; nothing of such an object can be sent. */
function isStream(value: object): boolean {
  return Symbol.asyncIterator in value || ('pipe' in value && typeof value.pipe === 'function')
}

/** A copy of the value as the core expects it. */
export function toCore(value: unknown, shape?: Shape, within: readonly object[] = []): unknown {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : unsupported('a string with half a surrogate pair')
    case 'number':
      return Number.isFinite(value) ? value : unsupported(nameOf(value))
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : objectToCore(value, shape, within)
    default:
      return unsupported(nameOf(value))
  }
}

function objectToCore(value: object, shape: Shape | undefined, within: readonly object[]): unknown {
  if (within.includes(value)) return unsupported('an object that contains itself')
  const deeper = [...within, value]
  if (Array.isArray(value)) return Array.from(value, (item) => toCore(item, shape?.items, deeper))
  if (value instanceof URL) return value.href
  if (value instanceof LocalMedia) return LocalMedia.toCore(value)
  const kind = nameOf(value)
  if (kind !== 'object') return unsupported(kind, mediaOf(value))
  if (isStream(value)) return unsupported(value.constructor?.name ?? 'a stream', mediaOf(value))
  const members: [string, unknown][] = []
  for (const [key, member] of Object.entries(shape?.instead?.(value) ?? value)) {
    if (member === undefined) continue
    const name = shape?.toCore.get(key) ?? key
    members.push([name, toCore(member, shape?.members[name] ?? shape?.values, deeper)])
  }
  // Not by assignment: `__proto__` is a key like any other.
  return Object.fromEntries(members)
}

/** What the core told, by the names here. Members that are null are left out. */
export function fromCore(value: unknown, shape: Shape | undefined): unknown {
  if (shape === undefined || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => fromCore(item, shape.items))
  const told: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name]
    if (member === null) continue
    const here = shape.fromCore.get(name) ?? name
    const read = fromCore(member, shape.members[name] ?? shape.values)
    // `__proto__` is a key like any other; to assign it would not be.
    if (here === '__proto__') Object.defineProperty(told, here, { ...ordinary, value: read })
    else told[here] = read
  }
  return told
}

const ordinary = { configurable: true, enumerable: true, writable: true }
