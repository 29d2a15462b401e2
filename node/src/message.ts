import { errorFrom, origin, type ErrorData } from './errors.js'
import { keeping, type LocalMedia } from './held.js'
import { native } from './native.js'
import { encode, type Operation } from './operation.js'
import { nameOf, toCore } from './values.js'

interface Parts {
  readonly operation: Operation<unknown>
  readonly paramsJson: string
  readonly files: readonly LocalMedia[]
}

/** What all messages can do; how each kind is built is generated. */
export abstract class BuiltMessage {
  readonly #operation: Operation<unknown>
  readonly #paramsJson: string
  /** They are kept for as long as the message is. */
  readonly #files: readonly LocalMedia[]

  protected constructor(operation: Operation<unknown>, required: readonly unknown[], options?: object) {
    this.#operation = operation
    // At once, so that what the caller does with the objects afterwards does not change the message.
    ;[this.#paramsJson, this.#files] = keeping(() => encode(operation, required, options))
  }

  /** The operation that sends it, by the name that all languages share, such as `send_text`. */
  get operation(): string {
    return this.#operation.name
  }

  /**
   * The request body that would go out, validated; nothing is sent.
   *
   * @throws ValidationError with everything that is wrong with the message.
   */
  payload(): Record<string, unknown> {
    const answer = JSON.parse(native.payload(this.operation, this.#paramsJson)) as
      | { ok: Record<string, unknown> }
      | { error: ErrorData }
    if ('error' in answer) throw errorFrom(answer.error, origin(this.payload))
    return answer.ok
  }

  /** How it looks in logs: its kind and the end of who it goes to; neither text nor number, which are personal. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const params = JSON.parse(this.#paramsJson) as Params
    const graph = typeof params.payload === 'object' && params.payload !== null ? params.payload : {}
    const kind = typeof graph.type === 'string' ? graph.type : this.operation.replace('send_', '')
    return `Message { ${kind} to ${redacted(params.to ?? graph.to ?? graph.recipient)} }`
  }

  /** @internal */
  static partsOf(message: BuiltMessage): Parts {
    return { operation: message.#operation, paramsJson: message.#paramsJson, files: message.#files }
  }
}

/** A message, or a key and a message, as the core takes it: operation, parameters and key, or what was found instead. */
export function messageJson(value: unknown): string {
  const [key, message] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : [undefined, value]
  if (message instanceof BuiltMessage) {
    const { operation, paramsJson } = BuiltMessage.partsOf(message)
    const end = key === undefined ? '' : `,${JSON.stringify(toCore(key) ?? null)}`
    return `["${operation.name}",${paramsJson}${end}]`
  }
  return JSON.stringify(['', { got: nameOf(value) }])
}

interface Params {
  readonly to?: unknown
  readonly payload?: null | { readonly type?: unknown; readonly to?: unknown; readonly recipient?: unknown }
}

/** The end of a phone number or of an id. */
function redacted(to: unknown): string {
  const id = typeof to === 'object' && to !== null ? Object.values(to)[0] : to
  return typeof id === 'string' && id.length > 4 ? `…${id.slice(-2)}` : '…'
}
