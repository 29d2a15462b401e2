// Loads the native module of this platform. It takes and gives text only; `bindings/node` has the other half.

import { existsSync } from 'node:fs'
import path from 'node:path'

import { VERSION } from './generated/version.js'

/** Wakes this thread up when something that it waits for has something to tell. */
export interface Waker {
  take(): number[]
}

/** One call under way. */
export interface Call {
  poll(): string | null
  onDone(waker: Waker, number: number): void
  answer(answerJson: string): void
  bytes(): Buffer | null
  cancel(): void
}

/** Many messages under way. */
export interface Bulk {
  push(itemsJson: string): string
  finish(): void
  cancel(): void
  poll(): string | null
  onReady(waker: Waker, number: number): void
  answer(answerJson: string): void
}

export interface Client {
  error(): string | null
  submit(operation: string, paramsJson: string, optionsJson: string): Call
  look(whatJson: string): string
  bulk(optionsJson: string): Bulk
}

/** A place where something is remembered of events. */
export interface Inbox {
  error(): string | null
  name(): string
  submit(questionJson: string): Call
}

interface Native {
  Client: new (configJson: string) => Client
  Inbox: new (configJson: string) => Inbox
  Waker: new (wakeUp: () => void) => Waker
  payload(operation: string, paramsJson: string): string
  hold(descriptionJson: string, data?: Uint8Array): string
  letGo(name: string): void
  webhook(name: string, argumentsJson: string, body: Uint8Array): string
  version(): string
}

/** What napi calls this machine, and with it the file; on Linux it may be one of two. */
function platforms(): string[] {
  const machine = `${process.platform}-${process.arch}`
  switch (process.platform) {
    case 'linux':
      return [`${machine}-gnu`, `${machine}-musl`]
    case 'win32':
      return [`${machine}-msvc`]
    default:
      return [machine]
  }
}

/** Beside us when it was built here; else a package for this platform alone brought it when wacloud was installed. */
function load(): Native {
  const candidates = platforms()
  const errors: unknown[] = []
  for (const platform of candidates) {
    const built = path.join(__dirname, '..', 'native', `wacloud.${platform}.node`)
    try {
      return require(existsSync(built) ? built : `@wacloud/${platform}`) as Native
    } catch (error) {
      errors.push(error)
    }
  }
  const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error)).split('\n', 1)[0])
  // Its causes would be pages of paths, behind which the sentence is lost.
  throw new Error(
    `wacloud has no native module that works here (${candidates.join(' or ')}, Node ${process.version}): ` +
      `${reasons.join('; ')}. Where npm left out optional packages, delete node_modules and package-lock.json and install ` +
      'again without --omit=optional.',
  )
}

export const native = load()

if (native.version() !== VERSION) {
  throw new Error(`wacloud ${VERSION} found the native module of ${native.version()}: install it again, as a whole.`)
}
