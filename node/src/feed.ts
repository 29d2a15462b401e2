import { messageJson } from './message.js'

/** What is taken from the user's iterable in one go. */
interface Batch {
  readonly items: string[]
  readonly isLast: boolean
  readonly failure?: { readonly error: unknown }
}

/** No more messages than this are taken from a list before results have their turn. */
const LARGEST_BATCH = 64

/** Moves messages into a bulk as there is room, beside the telling of results: neither waits for the other. */
export class Feed {
  /** What the iterable threw, if it did. */
  failure: { readonly error: unknown } | undefined
  readonly #push: (items: readonly string[]) => number
  #close: (() => unknown) | undefined
  #isAsking = false
  #isStopped = false
  #room = 0
  #resume: (() => void) | undefined

  /** `push` takes messages as JSON texts and returns how many more there is room for. */
  constructor(push: (items: readonly string[]) => number) {
    this.#push = push
  }

  /** Moves messages until there are no more, or `stop`. Never throws: see `failure`. */
  async run(messages: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
    try {
      const take = this.#open(messages)
      this.#room = this.#push([])
      while (await this.#mayGoOn()) {
        const { items, isLast, failure } = await take(Math.min(this.#room, LARGEST_BATCH))
        // What came too late was never taken on, and nobody waits for its result.
        if (this.#isStopped) break
        if (items.length > 0) this.#room = this.#push(items)
        if (!isLast) continue
        this.#close = undefined
        this.failure = failure
        break
      }
    } catch (error) {
      this.failure ??= { error }
    }
  }

  /** Tells how many messages there is room for by now. */
  makeRoom(room: number): void {
    this.#room = room
    if (room > 0) this.#resume?.()
  }

  /** Takes no further message, and lets the iterable clean up as leaving a `for` loop does. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#resume?.()
    const closing = (async () => this.#close?.())()
    this.#close = undefined
    // One that is asked for its next message cleans up when it has it. The results do not wait for that beyond this turn.
    await (this.#isAsking ? Promise.race([closing, new Promise(setImmediate)]) : closing)
  }

  async #mayGoOn(): Promise<boolean> {
    while (this.#room <= 0 && !this.#isStopped) {
      await new Promise<void>((resolve) => (this.#resume = resolve))
    }
    return !this.#isStopped
  }

  #open(messages: Iterable<unknown> | AsyncIterable<unknown>): (count: number) => Promise<Batch> {
    if (Symbol.asyncIterator in messages) {
      const iterator = messages[Symbol.asyncIterator]()
      this.#close = () => iterator.return?.()
      return () => this.#takeOne(iterator)
    }
    const iterator = messages[Symbol.iterator]()
    this.#close = () => iterator.return?.()
    return async (count) => {
      await new Promise(setImmediate)
      return takeSome(iterator, count)
    }
  }

  async #takeOne(iterator: AsyncIterator<unknown>): Promise<Batch> {
    this.#isAsking = true
    try {
      const { done, value } = await iterator.next()
      return { items: done ? [] : [messageJson(value)], isLast: done === true }
    } catch (error) {
      return { items: [], isLast: true, failure: { error } }
    } finally {
      this.#isAsking = false
    }
  }
}

function takeSome(iterator: Iterator<unknown>, count: number): Batch {
  const items: string[] = []
  try {
    while (items.length < count) {
      const { done, value } = iterator.next()
      if (done) return { items, isLast: true }
      items.push(messageJson(value))
    }
    return { items, isLast: false }
  } catch (error) {
    // What came before it is sent all the same.
    return { items, isLast: true, failure: { error } }
  }
}
