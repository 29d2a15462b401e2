/// <reference lib="esnext.disposable" preserve="true" />

import { bulk, said, type BulkResult } from './bulk.js'
import { call, type AccessToken, type Connection } from './call.js'
import { errorFrom, notSent, origin, type ErrorData, type Origin } from './errors.js'
import { Operations } from './generated/client.js'
import { ConfigError } from './generated/errors.js'
import type { Message } from './generated/message.js'
import { callOptions, clientSettings, clientStats, paceReport, sendText, uploadProgress } from './generated/operations.js'
import type {
  BulkOptions,
  CallOptions,
  ClientSettings,
  ClientStats,
  PaceReport,
  SendOptions,
  SentMessage,
  WebhookEvent,
} from './generated/types.js'
import { ServiceWindow } from './inbox.js'
import { incoming } from './incoming.js'
import { Log, type LogEvent } from './log.js'
import { BuiltMessage, messageJson } from './message.js'
import { native, type Client } from './native.js'
import { asOptions, encode, encodeOptions, perform, type Operation } from './operation.js'
import { crossing } from './upload.js'
import { fromCore, nameOf, toCore } from './values.js'

/**
 * Sends messages from one phone number.
 *
 * Cheap to make: it connects to nothing until the first call, and the clients of one process share their connections
 * and the pace of a number.
 */
export class WhatsAppClient extends Operations {
  readonly phoneNumberId: string
  #settings: ClientSettings
  #connection: Connection
  #closed = false
  #running = 0
  #whenIdle: (() => void)[] = []

  /** @throws ConfigError if a setting is missing or cannot be. */
  constructor(settings: ClientSettings) {
    super()
    const { accessToken, logger, ...others } = asOptions(settings) as ClientSettings
    const isFunction = typeof accessToken === 'function'
    const config = JSON.parse(encodeOptions(clientSettings, isFunction ? others : { ...others, accessToken })) as object
    const own = { token_callback: isFunction || undefined, copy_of: original && look(original, 'family') }
    const client = new native.Client(JSON.stringify({ ...config, ...own }))
    const error = client.error()
    const place = origin(new.target)
    if (error !== null) throw errorFrom(JSON.parse(error) as ErrorData, place)
    this.phoneNumberId = settings.phoneNumberId
    this.#settings = { ...settings }
    const log = new Log(logger ?? undefined, place)
    this.#connection = { client, accessToken, log }
    if (log.isWanted) log.tell(look(client, 'warnings') as LogEvent[])
  }

  /**
   * A client from the environment: `WA_PHONE_ID` and `WA_TOKEN`, and `WA_BUSINESS_ACCOUNT_ID`, `WA_BASE_URL` and
   * `WA_API_VERSION` if they are set. What is given here goes before the environment.
   *
   * @throws ConfigError if one of the first two, or both, are neither set nor given; it says where to get them.
   */
  static fromEnv(settings: Partial<ClientSettings> = {}): WhatsAppClient {
    const { WA_BUSINESS_ACCOUNT_ID: businessAccountId, WA_BASE_URL: baseUrl, WA_API_VERSION: apiVersion } = process.env
    const phoneNumberId = settings.phoneNumberId ?? (process.env['WA_PHONE_ID'] || undefined)
    const accessToken = settings.accessToken ?? (process.env['WA_TOKEN'] || undefined)
    if (phoneNumberId === undefined || accessToken === undefined) {
      throw missing({ phone_number_id: phoneNumberId, access_token: accessToken })
    }
    const all = {
      ...(businessAccountId ? { businessAccountId } : {}),
      ...(baseUrl ? { baseUrl } : {}),
      ...(apiVersion ? { apiVersion } : {}),
      ...settings,
      phoneNumberId,
      accessToken,
    }
    try {
      return new this(all)
    } catch (error) {
      throw error instanceof ConfigError ? withVariable(error, settings) : error
    }
  }

  /** A client with some settings changed; this one stays as it is. */
  override withOptions(settings: Partial<ClientSettings>): WhatsAppClient {
    original = this.#connection.client
    try {
      return new WhatsAppClient({ ...this.#settings, ...asOptions(settings) })
    } finally {
      original = undefined
    }
  }

  /**
   * Uses another access token from now on; calls and bulks under way end with the old one. Copies that were made before
   * (`withOptions`, `phone`) keep theirs: where many are to follow, give them a function.
   *
   * @param accessToken - The new token, or a function that returns it.
   * @throws ConfigError if it is no token; the old one stays.
   */
  setAccessToken(accessToken: AccessToken): void {
    const copy = this.withOptions({ accessToken })
    this.#settings = copy.#settings
    this.#connection = copy.#connection
  }

  /**
   * What this client has done since it was made, together with its copies (`withOptions`). Asks nobody and waits for
   * nothing.
   */
  stats(): ClientStats {
    return fromCore(look(this.#connection.client, 'stats'), clientStats) as ClientStats
  }

  /**
   * What is going on with the pace of the number: how fast it goes, how many wait, and whether Meta has refused. Asks
   * nobody and waits for nothing: of a Redis server it tells what that said last.
   */
  pace(): PaceReport {
    return fromCore(look(this.#connection.client, 'pace'), paceReport) as PaceReport
  }

  /**
   * Sends a message that was built before; it may be sent again, as another message.
   *
   * @example
   * await wa.send(Message.text(to, 'It is here'), { window, fallback: Message.template(to, 'parcel', 'en_US') })
   */
  async send(message: Message, options?: SendOptions): Promise<SentMessage> {
    const place = origin(this.send)
    const { operation, paramsJson } = partsOf(message, place)
    const { window, fallback, ...others } = asOptions(options) as SendOptions
    const within = {
      ...(window === undefined || window === null ? {} : { window: ServiceWindow.nameOf(window) }),
      ...(fallback === undefined || fallback === null ? {} : { fallback: JSON.parse(messageJson(fallback)) as unknown }),
    }
    return operation.read(await this.#call(operation.name, paramsJson, others, place, within)) as SentMessage
  }

  /**
   * Answers a message: the answer is shown with what it answers quoted above.
   *
   * @param event - The message that came in, as `webhooks.parse` gives it.
   * @param message - A text, or any message. Whom that goes to is its own `to`, which may be the event as well:
   *   `Message.image(event, 'https://…')`.
   * @throws ValidationError when the event is no message of WhatsApp's, or came to another number than this client's.
   */
  async reply(event: WebhookEvent, message: Message | string, options?: CallOptions): Promise<SentMessage> {
    const place = origin(this.reply)
    if (typeof event === 'string') {
      // It would do for a recipient as well as for the id of a message, and is only one of them.
      throw new TypeError('reply takes an event of webhooks.parse, got a string: to write to a number use send')
    }
    if (typeof message === 'string') {
      const paramsJson = encode(sendText, [event, message], { replyTo: event })
      return sendText.read(await this.#call(sendText.name, paramsJson, options, place))
    }
    const { operation, paramsJson } = partsOf(message, place)
    const params = { ...(JSON.parse(paramsJson) as object), reply_to: toCore(event, incoming) }
    return operation.read(await this.#call(operation.name, JSON.stringify(params), options, place)) as SentMessage
  }

  /**
   * Puts an emoji on the message of an event.
   *
   * @param event - The message that came in.
   * @param emoji - One emoji. `removeReaction(event, event)` takes it off again.
   * @throws ValidationError as `reply`.
   */
  async react(event: WebhookEvent, emoji: string, options?: CallOptions): Promise<SentMessage> {
    return this.sendReaction(event, event, emoji, options)
  }

  /**
   * Sends many messages, a window of them at a time, and tells what became of each.
   *
   * `messages` may be endless: it is asked for more only as there is room. Leaving the loop starts no further message
   * and waits for those in flight. What `messages` throws comes out after the results of what it gave before. When every
   * further message would be refused, too (a dead token, a wrong number id, a locked account, the spam limit), nothing more
   * is taken or sent, and after the last result the `ApiError` that stopped the bulk is thrown.
   *
   * With the option `journal` the same call goes on after an interruption. A message may come as a pair with a key then,
   * such as the number of an order; `Map.entries()` has that form.
   *
   * @example
   * for await (const { index, outcome, sent, error } of wa.sendBulk(messages)) {
   *   console.log(index, outcome, sent?.id ?? error?.message)
   * }
   */
  sendBulk(
    messages: Iterable<Message | readonly [string, Message]> | AsyncIterable<Message | readonly [string, Message]>,
    options: BulkOptions = {},
  ): AsyncIterableIterator<BulkResult> {
    const place = origin(this.sendBulk)
    const { signal, ...others } = asOptions(options) as BulkOptions
    this.#refuseIfClosed(place)
    if (!isIterable(messages)) {
      throw new TypeError(`messages must be iterable, a list or a generator, got ${nameOf(messages)}. Nothing was sent.`)
    }
    return bulk(this.#connection, messages, said(messages, others), signal, place)
  }

  /** Ends with the calls under way; later ones are refused. A client that is merely dropped loses nothing either. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  [Symbol.dispose](): void {
    this.#closed = true
  }

  /** @internal */
  override async [perform]<Output>(
    operation: Operation<Output>,
    required: readonly unknown[],
    options?: object,
  ): Promise<Output> {
    const place = origin(this[perform])
    const ofCall: Record<string, unknown> = {}
    const ofMessage: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(asOptions(options))) {
      const isOfCall = key === 'signal' || callOptions.toCore.has(key)
      ;(isOfCall ? ofCall : ofMessage)[key] = value
    }
    if (uploads.has(operation.name)) return this.#upload(operation, required, ofMessage, ofCall, place)
    return operation.read(await this.#call(operation.name, encode(operation, required, ofMessage), ofCall, place))
  }

  async #upload<Output>(
    operation: Operation<Output>,
    [file]: readonly unknown[],
    { progress, ...others }: Record<string, unknown>,
    ofCall: CallOptions,
    place: Origin,
  ): Promise<Output> {
    const given = await crossing(file)
    try {
      const options = { ...(given.filename !== undefined && { filename: given.filename }), ...others }
      const isFunction = typeof progress === 'function'
      const paramsJson = encode(operation, [given.file], isFunction ? options : { ...options, progress })
      const tell = isFunction ? (told: unknown) => (progress as Function)(fromCore(told, uploadProgress)) : undefined
      return operation.read(await this.#call(operation.name, paramsJson, ofCall, place, isFunction ? { progress: true } : {}, tell))
    } finally {
      await given.remove()
    }
  }

  async #call(
    operation: string,
    paramsJson: string,
    { signal, ...options }: CallOptions = {},
    place: Origin,
    within: object = {},
    progress?: (told: unknown) => unknown,
  ): Promise<unknown> {
    this.#refuseIfClosed(place)
    this.#running++
    try {
      const optionsJson = encodeOptions(callOptions, options, within)
      return await call(this.#connection, operation, paramsJson, optionsJson, signal, place, progress)
    } finally {
      if (--this.#running === 0) for (const resolve of this.#whenIdle.splice(0)) resolve()
    }
  }

  #refuseIfClosed(place: Origin): void {
    if (this.#closed) throw notSent('closed', 'Nothing was sent: the client has been closed. Make a new one.', place)
  }
}

/** The calls whose file may be anything that bytes come from. */
const uploads: ReadonlySet<string> = new Set(['media.upload', 'media.upload_handle'])

/** What the next client is a copy of: not an argument of the constructor, which is everybody's. */
let original: Client | undefined

/** The core's answer to a local question. */
function look(client: Client, what: string): unknown {
  const told = JSON.parse(client.look(JSON.stringify({ what }))) as { ok: unknown } | { error: ErrorData }
  if ('error' in told) throw errorFrom(told.error, origin(look))
  return told.ok
}

function isIterable(value: unknown): boolean {
  return Object(value) === value && (Symbol.iterator in (value as object) || Symbol.asyncIterator in (value as object))
}

function partsOf(message: unknown, place: Origin): ReturnType<typeof BuiltMessage.partsOf> {
  if (!(message instanceof BuiltMessage)) throw notAMessage(message, place)
  return BuiltMessage.partsOf(message)
}

/** The core's error about something else where a message belongs: the same as in a bulk. */
function notAMessage(value: unknown, place: Origin): Error {
  const { error } = JSON.parse(native.payload('', JSON.stringify({ got: nameOf(value) }))) as { error: ErrorData }
  return errorFrom(error, place)
}

/** The settings that `fromEnv` reads, and where. */
const variables: Readonly<Record<string, string>> = {
  phoneNumberId: 'WA_PHONE_ID',
  accessToken: 'WA_TOKEN',
  businessAccountId: 'WA_BUSINESS_ACCOUNT_ID',
  baseUrl: 'WA_BASE_URL',
  apiVersion: 'WA_API_VERSION',
}

/** Names the variable that is wrong, unless what is wrong was given. */
function withVariable(error: ConfigError, given: Partial<ClientSettings>): ConfigError {
  const variable = variables[error.setting]
  if (variable === undefined || given[error.setting as keyof ClientSettings] !== undefined) return error
  const name = `${error.setting}:`
  const about = `${error.setting}, from ${variable}:`
  error.message = error.message.replace(name, about)
  if (error.stack !== undefined) error.stack = error.stack.replace(name, about)
  return error
}

/** The core's error about those that are undefined: they are neither given nor in the environment. */
function missing(settings: Record<string, unknown>): Error {
  const names = Object.keys(settings).filter((name) => settings[name] === undefined)
  const error = new native.Client(JSON.stringify({ missing: names })).error()
  return errorFrom(JSON.parse(error ?? '') as ErrorData, origin(WhatsAppClient.fromEnv))
}
