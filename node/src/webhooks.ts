// What Meta tells by webhook, for any web framework: text and bytes in, events out.

import { errorFrom, origin, type ErrorData } from './errors.js'
import type { ApiError } from './generated/errors.js'
import { webhookEvent } from './generated/operations.js'
import type { WebhookEvent } from './generated/types.js'
import { native } from './native.js'
import { fromCore, nameOf, type Shape } from './values.js'

/** The body of a request as it arrived. */
export type WebhookBody = Uint8Array | ArrayBuffer | string

/**
 * What the core makes of a body. First the body itself, where it was not well-formed and had to be repaired. Then for each
 * event what its members hold, their names in one text, and where its item begins in the body and ends, in bytes.
 */
type Parsed = readonly [repaired: string | null, ...told: unknown[]]

/** A member of events: its name here, and how what it holds is read. */
interface Member {
  readonly name: string
  readonly shape: Shape | undefined
}

/** Which members events have, by the text that names them: most have the same ones. */
const membersOf = new Map<string, readonly Member[]>()
const MOST_TEXTS = 1000

function learn(text: string): readonly Member[] {
  const members = text.split(' ').map((name) => {
    return { name: webhookEvent.fromCore.get(name) ?? name, shape: webhookEvent.members[name] }
  })
  if (membersOf.size >= MOST_TEXTS) membersOf.clear()
  membersOf.set(text, members)
  return members
}

const nothing = new Uint8Array()

/**
 * Answers the GET with which Meta makes sure that an address is yours.
 *
 * @param query - The query of the request: its text (a whole address, such as `request.url`, will do), or its members by
 *   name, each a text or a list of them.
 * @param verifyToken - The word that you have given Meta together with the address.
 * @returns The whole body of the answer, to be sent as plain text with status 200.
 * @throws WebhookSignatureError when it is no such request (`reason` is `missing`), it has another token (`mismatch`), or
 *   `verifyToken` is empty (`secret`). Answer 403.
 */
export function challenge(
  query: string | URL | URLSearchParams | Readonly<Record<string, unknown>> | null | undefined,
  verifyToken: string,
): string {
  const given = query instanceof URL ? query.search : query instanceof URLSearchParams ? query.toString() : query
  return ask('challenge', { query: given ?? '', verify_token: verifyToken ?? null }, nothing, challenge) as string
}

/**
 * Checks that a delivery comes from Meta.
 *
 * @param appSecret - The secret of your app, or several, where one is being exchanged or several apps deliver to one
 *   address.
 * @param rawBody - The bytes of the body as they arrived (`express.raw`, not `express.json`). JSON that was read and
 *   written again has another signature.
 * @param header - The request's `X-Hub-Signature-256`, if it has one.
 * @throws WebhookSignatureError when there is no header (`reason` is `missing`), it has another form (`malformed`), it does
 *   not fit secret and body (`mismatch`), or there is no secret (`secret`). Answer 401 or 403.
 * @throws ValidationError when `rawBody` is no bytes.
 */
export function verify(
  appSecret: string | readonly string[],
  rawBody: WebhookBody,
  header: string | readonly string[] | null | undefined,
): void {
  ask('verify', { app_secrets: appSecret ?? null, header: header ?? null }, bytes(rawBody, verify), verify)
}

/**
 * Makes events of a delivery: one for every message, status, call and change in it, in their order.
 *
 * Nothing is left out. What has no name here is an event of kind `other`, a part that is not as it should be takes nothing
 * else with it, and `raw` has each item as it was received. Check the delivery first, with `verify`.
 *
 * @param rawBody - The bytes of the body as they arrived.
 * @throws ValidationError when it is no JSON, neither an object nor a list, nested more than 100 levels deep, or more than
 *   100,000 events.
 */
export function parse(rawBody: WebhookBody): WebhookEvent[] {
  const given = bytes(rawBody, parse)
  const told = ask('parse', undefined, given, parse) as Parsed
  const body = told[0] === null ? Buffer.from(given.buffer, given.byteOffset, given.byteLength) : Buffer.from(told[0])
  const events: WebhookEvent[] = []
  for (let index = 1; index < told.length; index += 4) {
    const names = told[index + 1] as string
    // Cut out at once: the buffer is the caller's, who may use it again.
    const item = body.toString('utf8', told[index + 2] as number, told[index + 3] as number)
    const event = new Event(membersOf.get(names) ?? learn(names), told[index] as unknown[], item)
    events.push(event as unknown as WebhookEvent)
  }
  return events
}

/** An event. Few ask for `raw`, which costs as much as all the rest: it is read when somebody does. */
class Event {
  #item: string | undefined
  #raw: unknown

  // The core leaves out what is empty or false.
  readonly media = []
  readonly forwarded = false
  readonly standby = false
  readonly errors: readonly ApiError[] = []

  constructor(members: readonly Member[], values: readonly unknown[], item: string) {
    const own = this as unknown as Record<string, unknown>
    for (let index = 0; index < members.length; index++) {
      const { name, shape } = members[index]!
      own[name] = shape === undefined ? values[index] : fromCore(values[index], shape)
    }
    if (this.errors.length > 0) {
      const place = origin(parse)
      this.errors = (this.errors as unknown as ErrorData[]).map((error) => errorFrom(error, place) as ApiError)
    }
    this.#item = item
  }

  get raw(): unknown {
    if (this.#item !== undefined) {
      this.#raw = JSON.parse(this.#item)
      this.#item = undefined
    }
    return this.#raw
  }

  toJSON(): object {
    return { ...this, raw: this.raw }
  }

  static {
    Object.defineProperty(this, 'name', { value: 'WebhookEvent' })
  }
}

/** Errors are told with the place where the user's program called the function. */
function ask(name: string, args: object | undefined, body: Uint8Array, called: Function): unknown {
  const told = native.webhook(name, args === undefined ? '' : JSON.stringify(args), body)
  // What `verify` answers where nothing is wrong.
  if (told === '{"ok":null}') return null
  const answer = JSON.parse(told) as
    | { ok: unknown }
    | { error: ErrorData }
  if ('error' in answer) throw errorFrom(answer.error, origin(called))
  return answer.ok
}

function bytes(body: unknown, called: Function): Uint8Array {
  if (body instanceof Uint8Array) return body
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  return ask('refuse', { got: nameOf(body) }, nothing, called) as never
}
