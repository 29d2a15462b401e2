import { errorFrom, origin, type ErrorData } from './errors.js'
import { native } from './native.js'
import { encode, type Operation } from './operation.js'

/** What all messages can do; how each kind is built is generated. */
export abstract class BuiltMessage {
  readonly #operation: Operation<unknown>
  readonly #paramsJson: string

  protected constructor(operation: Operation<unknown>, required: readonly unknown[], options?: object) {
    this.#operation = operation
    // At once, so that what the caller does with the objects afterwards does not change the message.
    this.#paramsJson = encode(operation, required, options)
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

  /** @internal */
  static partsOf(message: BuiltMessage): { operation: Operation<unknown>; paramsJson: string } {
    return { operation: message.#operation, paramsJson: message.#paramsJson }
  }
}
