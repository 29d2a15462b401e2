// What the core tells of its work, handed to the user's logger on the user's thread.

import { badSetting, type Origin } from './errors.js'
import { nameOf } from './values.js'

/** What a log event says beside its text, by the core's names, so that one search finds the programs of all languages. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Is told what a client does. A method that is missing is not told, and its events are not even made; nor are those of a
 * level of which `isLevelEnabled` says no. What a method throws is shown once as a warning of the process, and changes
 * nothing about the send.
 */
export interface Logger {
  /** Every step: requests, and in a bulk also waiting. */
  debug?(message: string, fields: LogFields): unknown
  /** What became of each call, and what was in its way. */
  info?(message: string, fields: LogFields): unknown
  /** Something to be changed or known, which nobody else tells. */
  warn?(message: string, fields: LogFields): unknown
  isLevelEnabled?(level: 'debug' | 'info' | 'warn'): boolean
}

export interface LogEvent {
  readonly level: 'debug' | 'info' | 'warning'
  readonly message: string
  readonly fields: LogFields
}

const methods = { debug: 'debug', info: 'info', warning: 'warn' } as const
const levels = Object.keys(methods) as LogEvent['level'][]

const byProcess: Logger = {
  warn: (message) => process.emitWarning(message, 'WacloudWarning'),
}

/** What was given, which has none of the methods. */
function withoutMethods(logger: unknown): string {
  return Object(logger) === logger ? `${nameOf(logger)} without any of them` : nameOf(logger)
}

/** The logger of a client. */
export class Log {
  readonly #logger: Logger
  #hasThrown = false

  constructor(logger: Logger = byProcess, place: Origin) {
    const isLogger = Object(logger) === logger && Object.values(methods).some((name) => typeof logger[name] === 'function')
    if (!isLogger) {
      const needed = 'must be an object with methods debug(text, fields), info and warn, or some of them, as console has'
      throw badSetting('logger', `${needed}, got ${withoutMethods(logger)}`, place)
    }
    this.#logger = logger
  }

  /** Whether it takes any event now. */
  get isWanted(): boolean {
    return this.#least() !== undefined
  }

  /** The options, which ask for as many events as the logger takes now. */
  asked(optionsJson: string): string {
    const log = this.#least()
    if (log === undefined) return optionsJson
    return `{"log":"${log}"${optionsJson === '{}' ? '' : ','}${optionsJson.slice(1)}`
  }

  tell(events: readonly LogEvent[] | undefined): void {
    for (const { level, message, fields } of events ?? []) {
      try {
        // It may log later what it is told, and fail then: that is nobody's send either.
        const told: unknown = this.#logger[methods[level]]?.(message, fields)
        if (told instanceof Promise) told.catch((error: unknown) => this.#threw(error))
      } catch (error) {
        this.#threw(error)
      }
    }
  }

  #least(): LogEvent['level'] | undefined {
    try {
      return levels.find((level) => {
        const method = methods[level]
        return typeof this.#logger[method] === 'function' && this.#logger.isLevelEnabled?.(method) !== false
      })
    } catch (error) {
      this.#threw(error)
      return undefined
    }
  }

  #threw(error: unknown): void {
    if (this.#hasThrown) return
    this.#hasThrown = true
    process.emitWarning(`The logger of a WhatsAppClient threw: ${String(error)}`, 'WacloudWarning')
  }
}
