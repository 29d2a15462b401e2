// What the generated classes and the hand-written ones have in common: how an operation is called.

import { fromCore, nameOf, toCore, type Shape } from './values.js'

/** A call of the API, as the generated tables describe it. */
export interface Operation<Output> {
  readonly name: string
  /** The parameters that come first, by the core's names. */
  readonly required: readonly string[]
  /** The members that all parameters have together. */
  readonly params: Shape
  /** How to read what comes out. */
  readonly read: (output: unknown) => Output
}

/** The key of the method by which generated methods reach the client; not a string, so that nobody's subclass has it. */
export const perform = Symbol('perform')

/** The parameters of a call as JSON text. What is not given is left out; what is not known is not, to be refused. */
export function encode(operation: Operation<unknown>, required: readonly unknown[], options?: object): string {
  const { toCore: names, members } = operation.params
  const params: Record<string, unknown> = {}
  const add = (name: string, value: unknown): void => {
    if (value !== undefined && value !== null) params[name] = toCore(value, members[name])
  }
  // Without lists of pairs: in a bulk they would be most of what a message leaves to the garbage collector.
  for (let index = 0; index < operation.required.length; index++) add(operation.required[index]!, required[index])
  if (options !== undefined && options !== null) {
    for (const [key, value] of Object.entries(asOptions(options))) add(nameInCore(names, key, operation.required), value)
  }
  return JSON.stringify(params)
}

/** Settings or the options of a call as JSON text, with members that are as the core expects them already. */
export function encodeOptions({ toCore: names }: Shape, options: object, ready: object = {}): string {
  const given = Object.entries(asOptions(options)).filter(([, value]) => value !== undefined && value !== null)
  const core = Object.fromEntries(given.map(([key, value]) => [nameInCore(names, key), toCore(value)]))
  return JSON.stringify({ ...core, ...ready })
}

/** Something else where options belong is left for the core to refuse, together with everything else that is wrong. */
export function asOptions(options: unknown): object {
  if (options === undefined || options === null) return {}
  if (typeof options === 'object' && !Array.isArray(options)) return options
  return { [`${NOT_OPTIONS}${nameOf(options)}`]: options }
}

/** Names what is no object of options: nobody's option is called so. */
const NOT_OPTIONS = 'options, got '

/** Such a name with what the core says of it. */
export const notOptions = /options, got (\w+)(?:: is not known here)?/

/**
 * The core's name of an option. Each has one name here: one in the core's spelling, or one of an argument that stands
 * before the options, must not take its place silently, so it goes out under a name that the core refuses.
 */
function nameInCore(names: ReadonlyMap<string, string>, key: string, positional: readonly string[] = []): string {
  if (key.includes('_')) return `${key} (write ${key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())})`
  const name = names.get(key) ?? key
  return positional.includes(name) ? `${key} (it is given already)` : name
}

/** Reads an output of that shape. */
export function reader<Output>(shape: Shape): (output: unknown) => Output {
  return (output) => fromCore(output, shape) as Output
}
