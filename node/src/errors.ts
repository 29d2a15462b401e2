// Errors come from the core as data; they are made here, where they can have a stack that leads to the caller.

import type { BulkResult } from './bulk.js'
import { ConfigError, InternalError, NotSentError, type WhatsAppError } from './generated/errors.js'
import * as operations from './generated/operations.js'
import { notOptions } from './operation.js'
import { fromCore, type Shape } from './values.js'

/** An error as the core tells it. */
export interface ErrorData {
  readonly type: string
  readonly message: string
  readonly [field: string]: unknown
}

/** Where a call was made. When it fails, the stack is the event loop's and leads nowhere. */
export interface Origin {
  readonly stack?: string
}

/** The place from which `method` was called. */
export function origin(method: Function): Origin {
  const place: { stack?: string } = {}
  Error.captureStackTrace(place, method)
  return place
}

function madeAt<E extends Error>(place: Origin, error: E): E {
  const frames = place.stack?.indexOf('\n    at ') ?? -1
  if (place.stack !== undefined && frames >= 0) {
    error.stack = `${error.name}: ${error.message}${place.stack.slice(frames)}`
  }
  return error
}

/** What an error tells, in the names that there are here. */
interface Told {
  violations?: { path: string; rule: string; message: string }[]
  setting?: string
  help?: string
}

/** The error that the data tells of, with the stack of the place. */
export function errorFrom(data: ErrorData, place: Origin, cause?: unknown, operation = ''): WhatsAppError {
  const { type, message, ...fields } = data
  const Class = operations.errorClasses[type] ?? InternalError
  const options = cause === undefined ? undefined : { cause }
  const told = fromCore(fields, operations.errorFields) as Told
  // Mistakes in a message have their place in Graph's body, those in any other call in what was given to it.
  const here = isOfMessage(operation) ? knownHere : (text: string) => argumentsHere(knownHere(text))
  for (const violation of told.violations ?? []) {
    violation.message = here(violation.message)
    if (notOptions.test(violation.path)) {
      const whole = optionsHere(`${violation.path}: ${violation.message}`)
      Object.assign(violation, { path: placeOfOptions, rule: 'type', message: whole.slice(`${placeOfOptions}: `.length) })
    } else if (!isOfMessage(operation)) {
      violation.path = argumentsHere(violation.path)
    }
  }
  let text = optionsHere(here(message))
  // With a code, or where values of a message are told of, the words are Meta's or the user's.
  if (typeof fields['code'] !== 'number' && told.violations === undefined) {
    text = settingsHere(text)
    if (told.setting !== undefined && notOptions.test(told.setting)) told.setting = placeOfOptions
    if (told.setting !== undefined) told.setting = operations.settingNames[told.setting] ?? told.setting
    if (told.help !== undefined) told.help = settingsHere(told.help)
  }
  return madeAt(place, new Class(text, told, options))
}

/** Whether a call sends a message: those that do not stand in groups, but for one. */
function isOfMessage(operation: string): boolean {
  return !operation.includes('.') && operation !== 'mark_read'
}

/** A text of the core about the arguments of a call, with the names that they have here; what is quoted is the user's. */
function argumentsHere(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|(?<![\w{])[a-z]+(?:_[a-z]+)+(?![\w}]| \(write)/g, (name) => namesHere().get(name) ?? name)
}

/** What stands for the place of options in errors. */
const placeOfOptions = 'options'

/** A text about something else where options belong, with what belongs there. */
function optionsHere(text: string): string {
  return text.replace(notOptions, (_, got) => `${placeOfOptions}: must be an object, got ${got}`)
}

/** A text of the core about settings, with the names that they have here. */
function settingsHere(text: string): string {
  // What was given by the core's name is told as it was given.
  return text.replace(/[a-z]+(?:_[a-z]+)+(?! \(write)/g, (name) => operations.settingNames[name] ?? name)
}

/** What may be given in the same place and never reaches the core, by what shows that this is the place. */
const besides = { log_content: 'logger', priority: 'signal' }

/** A message that says which names are known, with the names that they have here. */
function knownHere(message: string): string {
  return message.replace(/(?<=is not known here; (did you mean|known are) )\w+(?:, \w+)*/g, (names, which) => {
    const known = names.split(', ')
    const besideThem = Object.entries(besides).filter(([name]) => which === 'known are' && known.includes(name))
    return (
      known
        // Said for the user when the token is a function.
        .filter((name) => name !== 'token_callback')
        .map((name) => namesHere().get(name) ?? name)
        .concat(besideThem.map(([, own]) => own))
        .join(', ')
    )
  })
}

let known: Map<string, string> | undefined

/** The names here of all members that the core calls otherwise. Only gathered when something was wrong. */
function namesHere(): Map<string, string> {
  const shapes = Object.values<object>(operations).map((item) => ('params' in item ? item.params : item) as Partial<Shape>)
  return (known ??= new Map(shapes.flatMap(({ fromCore }) => [...(fromCore ?? [])])))
}

/** A mistake in the settings that is found on this side, told as the core tells those that it finds. */
export function badSetting(setting: string, problem: string, place: Origin): ConfigError {
  const fields = { outcome: 'not_sent', mayHaveBeenSent: false, attempts: 0, setting }
  return madeAt(place, new ConfigError(`${setting}: ${problem}. Nothing was sent.`, fields))
}

/** The error of a call that ended before the core had it. */
export function notSent(reason: string, message: string, place: Origin): NotSentError {
  const fields = { outcome: 'not_sent', mayHaveBeenSent: false, attempts: 0, reason }
  return madeAt(place, new NotSentError(message, fields))
}

/**
 * A call or bulk was ended by its `signal`. What became of the message is in `cause`: a `NotSentError`, or a
 * `DeliveryUnknownError` with the tracker by which a later status webhook can tell.
 *
 * Its `name` is that of the signal's reason where other APIs let it through: `TimeoutError` after
 * `AbortSignal.timeout()`, else `AbortError`.
 */
export class AbortError extends Error {
  readonly code = 'ABORT_ERR'
  /** What was given to `controller.abort()`. */
  readonly reason: unknown
  /** The outcome of the one message; a bulk has told those of its messages that were in flight before. */
  declare readonly cause?: WhatsAppError
  /** Of a bulk: messages that had been taken and never started. They were not sent. */
  declare readonly unstarted?: readonly BulkResult[]

  static {
    this.prototype.name = 'AbortError'
  }

  constructor(reason: unknown, cause?: WhatsAppError, unstarted?: readonly BulkResult[]) {
    const named = reason instanceof Error ? reason : undefined
    super(named?.message ?? 'The operation was aborted', cause === undefined ? undefined : { cause })
    if (named?.name === 'TimeoutError') this.name = named.name
    this.reason = reason
    // Not enumerable: an error that nobody catches is printed with all that is, and these may be thousands.
    if (unstarted !== undefined) Object.defineProperty(this, 'unstarted', { value: unstarted })
  }
}

/** The error of a call that its signal ended. */
export function aborted(
  reason: unknown,
  place: Origin,
  cause?: WhatsAppError,
  unstarted?: readonly BulkResult[],
): AbortError {
  return madeAt(place, new AbortError(reason, cause, unstarted))
}
