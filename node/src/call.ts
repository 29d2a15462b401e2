import { aborted, errorFrom, notSent, type ErrorData, type Origin } from './errors.js'
import type { Log, LogEvent } from './log.js'
import type { Call, Client } from './native.js'
import { Claim, ready } from './waiting.js'

/** A token, or a function that is called whenever one is needed. */
export type AccessToken = string | (() => string | Promise<string>)

/** What `poll` returns for a call. */
type Told = { log?: LogEvent[]; progress?: unknown; bytes?: true } & ({ ok: unknown } | { error: ErrorData } | { event: { kind: 'token' } } | object)

/** What a call or bulk needs of its client. */
export interface Connection {
  readonly client: Client
  readonly accessToken: AccessToken
  readonly log: Log
}

/** Asks the user's function for a token and hands it on; returns what the function threw. */
export async function answerToken(to: { answer(answerJson: string): void }, accessToken: AccessToken): Promise<unknown> {
  try {
    const token = typeof accessToken === 'function' ? await accessToken() : accessToken
    to.answer(JSON.stringify({ token }))
    return undefined
  } catch (error) {
    to.answer(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
    return error
  }
}

/** Sends parameters on their way and returns the output. The process stays alive until then. */
export async function call(
  { client, accessToken, log }: Connection,
  operation: string,
  paramsJson: string,
  optionsJson: string,
  signal: AbortSignal | undefined,
  place: Origin,
  progress?: (told: unknown) => unknown,
): Promise<unknown> {
  if (signal?.aborted) {
    const outcome = notSent('cancelled', 'Nothing was sent: the signal had been aborted before the call.', place)
    throw aborted(signal.reason, place, outcome)
  }
  let running: Call | undefined
  const cancel = (): void => running?.cancel()
  // Before anything is sent: what is no signal throws here.
  signal?.addEventListener('abort', cancel, { once: true })
  const claim = new Claim()
  claim.set(true)
  try {
    running = client.submit(operation, paramsJson, log.asked(optionsJson))
    return await outcome(running, operation, accessToken, log, signal, place, progress)
  } finally {
    claim.set(false)
    signal?.removeEventListener('abort', cancel)
  }
}

async function outcome(
  running: Call,
  operation: string,
  accessToken: AccessToken,
  log: Log,
  signal: AbortSignal | undefined,
  place: Origin,
  progress: ((told: unknown) => unknown) | undefined,
): Promise<unknown> {
  let tokenError: unknown
  for (;;) {
    await ready((waker, number) => running.onDone(waker, number))
    const text = running.poll()
    if (text === null) continue
    const told = JSON.parse(text) as Told
    log.tell(told.log)
    // What the function throws ends the waiting, and the call with it.
    if (told.progress !== undefined) {
      try {
        await progress?.(told.progress)
      } catch (error) {
        running.cancel()
        throw error
      }
    }
    // Bytes cross beside the JSON.
    if ('ok' in told) return told.bytes === true ? { ...(told.ok as object), data: running.bytes() } : told.ok
    if ('error' in told) {
      const error = errorFrom(told.error, place, tokenError, operation)
      // A message that was accepted or refused before the signal could stop it has a better answer than the abort.
      throw signal?.aborted && told.error['reason'] === 'cancelled' ? aborted(signal.reason, place, error) : error
    }
    if (!('event' in told)) continue
    // Not awaited: a time limit or the signal ends the call even while the function has not answered.
    void answerToken(running, accessToken).then((error) => (tokenError = error))
  }
}
