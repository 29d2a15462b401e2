import { answerToken, type AccessToken, type Connection } from './call.js'
import { aborted, errorFrom, type ErrorData, type Origin } from './errors.js'
import { Feed } from './feed.js'
import type { WhatsAppError } from './generated/errors.js'
import { bulkOptions, bulkProgress, bulkResult } from './generated/operations.js'
import type { Log, LogEvent } from './log.js'
import type { BulkOptions, BulkProgress, BulkResult as Told, SentMessage } from './generated/types.js'
import type { Bulk } from './native.js'
import { encodeOptions } from './operation.js'
import { fromCore } from './values.js'
import { Claim, ready } from './waiting.js'

/** What became of one message of a bulk: it was `sent`, or there is an `error` that says why not. */
export type BulkResult = Omit<Told, 'outcome' | 'sent' | 'error'> &
  (
    | { readonly outcome: 'accepted'; readonly sent: SentMessage; readonly error?: undefined }
    | { readonly outcome: Exclude<Told['outcome'], 'accepted'>; readonly sent?: undefined; readonly error: WhatsAppError }
  )

type Messages = Iterable<unknown> | AsyncIterable<unknown>

interface Results {
  readonly results: readonly { readonly error: ErrorData | null }[]
  readonly room: number
  /** Nothing more will be sent: the bulk stops by itself. */
  readonly stopped?: true
  readonly progress?: object
}

/** The options of a bulk: those that the core knows, and the user's function for progress if there is one. */
export interface Said {
  readonly optionsJson: string
  readonly onProgress: ((progress: BulkProgress) => unknown) | undefined
}

/** What the user says about a bulk, taken apart. */
export function said(messages: Messages, { progress, ...options }: Omit<BulkOptions, 'signal'>): Said {
  // Only where somebody wants to know.
  const total = options.total ?? (progress ? lengthOf(messages) : undefined)
  if (typeof progress !== 'function') {
    return { optionsJson: encodeOptions(bulkOptions, { ...options, progress, total }), onProgress: undefined }
  }
  const core = JSON.parse(encodeOptions(bulkOptions, { ...options, total })) as object
  return { optionsJson: JSON.stringify({ ...core, progress_callback: true }), onProgress: progress }
}

/** How long a list is, if it says so: an array, a Set, a Map. */
function lengthOf(messages: Messages): number | undefined {
  const { length, size } = messages as { length?: unknown; size?: unknown }
  return [length, size].find((said): said is number => typeof said === 'number')
}

/** What `poll` returns for a bulk. */
type Answer = { log?: LogEvent[] } & (Results | { event: { kind: 'token' } } | { error: ErrorData } | { done: true } | object)

/** Sends messages from an iterable and tells what became of each. Begins when the first result is asked for. */
export async function* bulk(
  { client, accessToken, log }: Connection,
  messages: Messages,
  { optionsJson, onProgress }: Said,
  signal: AbortSignal | undefined,
  place: Origin,
): AsyncGenerator<BulkResult, void, undefined> {
  if (signal?.aborted) throw aborted(signal.reason, place)
  const run = new Run(client.bulk(log.asked(optionsJson)), accessToken, log, onProgress, place)
  const cancel = (): void => run.cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  const unstarted: BulkResult[] = []
  try {
    run.begin(messages)
    // One generator, not one in another: each would let the loop wait some turns of the queue more for every message.
    for (;;) {
      const results = await run.next()
      if (results === undefined) break
      for (const result of results) {
        // Whoever aborts wants to see what was in flight, not a line for each message that was only taken.
        if (signal?.aborted && result.error?.['reason'] === 'stopped') unstarted.push(run.read(result))
        else yield run.read(result)
      }
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    await run.end()
  }
  if (run.failure) throw run.failure.error
  if (signal?.aborted) throw aborted(signal.reason, place, undefined, unstarted)
}

class Run {
  readonly #bulk: Bulk
  readonly #accessToken: AccessToken
  readonly #log: Log
  readonly #onProgress: Said['onProgress']
  readonly #place: Origin
  readonly #feed = new Feed((items) => this.#push(items))
  readonly #claim = new Claim()
  #underWay = 0
  #isWaiting = false
  #isFinished = false
  #isCancelled = false
  #isOver = false

  constructor(bulk: Bulk, accessToken: AccessToken, log: Log, onProgress: Said['onProgress'], place: Origin) {
    this.#bulk = bulk
    this.#accessToken = accessToken
    this.#log = log
    this.#onProgress = onProgress
    this.#place = place
  }

  /** What the iterable threw, if it did. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#feed.failure
  }

  /** Takes messages from the iterable as there is room. */
  begin(messages: Messages): void {
    void this.#feed.run(messages).then(() => this.#finish())
  }

  /** The next results; undefined when everything has been told. */
  async next(): Promise<Results['results'] | undefined> {
    const answer = await this.#next()
    if (answer === undefined) return undefined
    this.#underWay -= answer.results.length
    this.#feed.makeRoom(answer.room)
    if (answer.stopped) this.#close()
    if (answer.progress) await this.#onProgress?.(fromCore(answer.progress, bulkProgress) as BulkProgress)
    return answer.results
  }

  /** Starts no further message; results go on until those in flight are told. */
  cancel(): void {
    this.#stop()
    this.#close()
  }

  /** Takes no further message. */
  #close(): void {
    // Not only when the iterable has answered: it may never.
    this.#finish()
    // What it throws while it cleans up has nobody to go to: why the bulk has ended is told instead.
    this.#feed.stop().catch(() => {})
  }

  #finish(): void {
    this.#bulk.finish()
    this.#isFinished = true
    this.#updateClaim()
  }

  // A second time would end what is in flight, too.
  #stop(): void {
    if (!this.#isCancelled && !this.#isOver) this.#bulk.cancel()
    this.#isCancelled = true
    // Not only when the iterable has answered: it may never.
    this.#finish()
  }

  /** Whatever ended the results: leaves nothing under way. */
  async end(): Promise<void> {
    const closed = this.#feed.stop()
    // The iterable may fail while it cleans up, at once; nobody would hear of it before what is in flight has ended, and Node
    // ends a process for that.
    closed.catch(() => {})
    this.#stop()
    try {
      while (!this.#isOver) await this.#next()
    } finally {
      await closed
    }
  }

  async #next(): Promise<Results | undefined> {
    for (;;) {
      const text = this.#bulk.poll()
      if (text === null) {
        await this.#ready()
        continue
      }
      const answer = JSON.parse(text) as Answer
      this.#log.tell(answer.log)
      if ('results' in answer) return answer
      if ('event' in answer) {
        void answerToken(this.#bulk, this.#accessToken)
        continue
      }
      if (!('error' in answer || 'done' in answer)) continue
      this.#isOver = true
      // The bulk could not begin, or stopped by itself.
      if ('error' in answer) throw errorFrom(answer.error, this.#place, this.#feed.failure?.error)
      return undefined
    }
  }

  async #ready(): Promise<void> {
    this.#isWaiting = true
    this.#updateClaim()
    await ready((waker, number) => this.#bulk.onReady(waker, number))
    this.#isWaiting = false
    this.#updateClaim()
  }

  #push(items: readonly string[]): number {
    const answer = JSON.parse(this.#bulk.push(`[${items.join()}]`)) as { ok: number } | { error: ErrorData }
    if ('error' in answer) throw errorFrom(answer.error, this.#place)
    this.#underWay += items.length
    this.#updateClaim()
    return answer.ok
  }

  // The process stays for results that are sure to come and that somebody waits for: neither for an iterable that may
  // never go on, nor for a bulk that was left lying.
  #updateClaim(): void {
    this.#claim.set(this.#isWaiting && (this.#underWay > 0 || this.#isFinished))
  }

  /** A result as the user sees it. */
  read(told: Results['results'][number]): BulkResult {
    const result = fromCore(told, bulkResult) as object
    return (told.error ? { ...result, error: errorFrom(told.error, this.#place) } : result) as BulkResult
  }
}
