// What joins receiving and sending: which events are news, and who may be written to freely.

import { errorFrom, origin, type ErrorData, type Origin } from './errors.js'
import type { Recipient, WebhookEvent } from './generated/types.js'
import { incoming } from './incoming.js'
import { native, type Inbox } from './native.js'
import { nameOf, toCore } from './values.js'
import { Claim, ready } from './waiting.js'

/**
 * Tells events that are news from those that are not: repeated ones, and statuses that come after a later one of the
 * same message (`delivered` after `read`).
 *
 * Meta repeats a delivery until it is answered with 200, and it can come twice even so. Who has several processes needs a
 * store that they share. It holds hashes, no ids and no numbers; they are kept for eight days, in memory the last 200,000.
 *
 * @example
 * const dedup = new Dedup('inbox.db')
 * for (const event of await dedup.fresh(webhooks.parse(body))) console.log(event.kind)
 */
export class Dedup {
  readonly #inbox: Inbox

  /**
   * Opens nothing until it is asked something.
   *
   * @param store - The path of a SQLite file, which the processes of this machine may share, or the address of a Redis or
   *   Valkey server (`redis://…`, `rediss://…`). This process's memory unless given.
   * @throws ConfigError when `store` is neither.
   */
  constructor(store?: string) {
    this.#inbox = open(store, origin(new.target))
  }

  /**
   * Those of the events that are news, in their order. From then on they are known.
   *
   * @throws StoreError when the store cannot be used. Answer Meta with a 500: it delivers again.
   */
  async fresh(events: Iterable<WebhookEvent>): Promise<WebhookEvent[]> {
    const place = origin(this.fresh)
    const given = [...events]
    const areFresh = (await ask(this.#inbox, { what: 'fresh', keys: keys(given) }, place)) as boolean[]
    return given.filter((_, index) => areFresh[index])
  }

  /**
   * Whether an event is news. From then on it is known.
   *
   * @throws StoreError when the store cannot be used.
   */
  async isFresh(event: WebhookEvent): Promise<boolean> {
    const [isFresh] = (await ask(this.#inbox, { what: 'fresh', keys: keys([event]) }, origin(this.isFresh))) as boolean[]
    return isFresh === true
  }

  /**
   * Takes events for unknown again: where working on them failed, and Meta's repetition shall be taken.
   *
   * @throws StoreError when the store cannot be used.
   */
  async forget(events: Iterable<WebhookEvent>): Promise<void> {
    await ask(this.#inbox, { what: 'forget', keys: keys(events) }, origin(this.forget))
  }
}

/**
 * Knows from events who may be sent anything: whoever wrote in the last 24 hours, or 72 after a click on an ad that leads
 * to WhatsApp. To everybody else only templates go out.
 *
 * Each of your numbers has a window of its own with each person; phone number and user id of a person are the same. Groups
 * have none. A person who never wrote since this store is there has a closed one.
 *
 * @example
 * await window.observe(webhooks.parse(body))
 * await wa.send(message, { window, fallback: Message.template(to, 'order_update', 'en_US') })
 */
export class ServiceWindow {
  readonly #inbox: Inbox

  /**
   * Opens nothing until it is asked something.
   *
   * @param store - Where it remembers, as with `Dedup`: the two may share a place.
   * @throws ConfigError when `store` is neither a path nor the address of a server.
   */
  constructor(store?: string) {
    this.#inbox = open(store, origin(new.target))
  }

  /**
   * Learns from events, in any order and as often as they come: a message opens the window, a status with 131047 closes it.
   * All others say nothing about it.
   *
   * @throws StoreError when the store cannot be used. Answer Meta with a 500: it delivers again.
   */
  async observe(events: Iterable<WebhookEvent>): Promise<void> {
    await ask(this.#inbox, { what: 'observe', events: Array.from(events, news) }, origin(this.observe))
  }

  /**
   * Until when the window of a person with your number is open, in seconds since 1970; `undefined` where it is closed.
   *
   * @param numberId - The id of your number: `phoneNumberId`.
   * @param to - The person.
   * @throws StoreError when the store cannot be used.
   * @throws ValidationError when `to` is no recipient.
   */
  async openUntil(numberId: string, to: Recipient): Promise<number | undefined> {
    return openUntil(this.#inbox, numberId, to, origin(this.openUntil))
  }

  /**
   * Whether a person may be sent anything now by the number with this id.
   *
   * @throws StoreError when the store cannot be used.
   * @throws ValidationError when `to` is no recipient.
   */
  async isOpen(numberId: string, to: Recipient): Promise<boolean> {
    return (await openUntil(this.#inbox, numberId, to, origin(this.isOpen))) !== undefined
  }

  /** @internal What names it in the options of a call; of anything else what the core refuses. */
  static nameOf(window: unknown): unknown {
    return Object(window) === window && #inbox in (window as object) ? (window as ServiceWindow).#inbox.name() : toCore(window)
  }
}

function open(store: unknown, place: Origin): Inbox {
  return openInbox({ store: toCore(store ?? null) }, place)
}

/** @internal A place where the core remembers. */
export function openInbox(config: object, place: Origin): Inbox {
  const inbox = new native.Inbox(JSON.stringify(config))
  const error = inbox.error()
  if (error !== null) throw errorFrom(JSON.parse(error) as ErrorData, place)
  return inbox
}

/** @internal The answer to a question. The process stays alive until then. */
export async function ask(inbox: Inbox, question: object, place: Origin): Promise<unknown> {
  const claim = new Claim()
  claim.set(true)
  try {
    const asked = inbox.submit(JSON.stringify(question))
    let text: string | null = null
    while (text === null) {
      await ready((waker, number) => asked.onDone(waker, number))
      text = asked.poll()
    }
    const told = JSON.parse(text) as { ok: unknown } | { error: ErrorData }
    if ('error' in told) throw errorFrom(told.error, place)
    return told.ok
  } finally {
    claim.set(false)
  }
}

async function openUntil(inbox: Inbox, numberId: string, to: Recipient, place: Origin): Promise<number | undefined> {
  const question = { what: 'open_until', number_id: toCore(numberId), to: toCore(to, incoming) ?? null }
  return ((await ask(inbox, question, place)) as number | null) ?? undefined
}

function keys(events: Iterable<WebhookEvent>): string[] {
  return Array.from(events, (event) => known(event, 'key').key)
}

/** Events may have been through a queue: they are known by what they have. */
function known(event: WebhookEvent, by: 'key' | 'kind'): WebhookEvent {
  if (typeof (event as Partial<WebhookEvent> | null)?.[by] === 'string') return event
  throw new TypeError(`An event that webhooks.parse made belongs here, got ${nameOf(event)}.`)
}

/** What a service window learns from an event. */
function news(event: WebhookEvent): object {
  known(event, 'kind')
  return {
    kind: event.kind,
    channel: event.channel,
    number_id: event.numberId,
    timestamp: event.timestamp,
    sender: event.sender,
    sender_user_id: event.senderUserId,
    recipient: event.recipient,
    recipient_user_id: event.recipientUserId,
    by_ad: event.referral?.sourceType === 'ad',
    codes: event.errors.map(({ code }) => code).filter((code) => code !== undefined),
  }
}
