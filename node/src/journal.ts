// The journals of campaigns: what became of each message of a bulk.

import { origin, type Origin } from './errors.js'
import { journalObserved, journalReport, journalRow } from './generated/operations.js'
import type { JournalObserved, JournalReport, JournalRow, WebhookEvent } from './generated/types.js'
import { ask, openInbox } from './inbox.js'
import type { Inbox } from './native.js'
import { fromCore, toCore } from './values.js'

/** Rows that are read together. */
const PAGE = 500

/** Which messages a journal forgets: those that all members describe. */
export interface Purge {
  /** Those whose outcome was learnt longer ago than this, in milliseconds. */
  readonly olderThan?: number
  /** Those that went to this person, as `to` of a row has it. */
  readonly recipient?: string
}

/**
 * The journal of a campaign, which a bulk with the option `journal` writes.
 *
 * It is read, and told of webhooks, while that goes on, in this process or in another one.
 *
 * @example
 * const journal = new Journal('campaign.db')
 * await journal.observe(webhooks.parse(body))
 * console.log((await journal.report()).delivered)
 */
export class Journal {
  readonly #inbox: Inbox

  /**
   * Opens nothing until it is asked something.
   *
   * @param journal - Where it is, as in `sendBulk`.
   * @param campaign - Which one of several campaigns of that place. The only one unless given.
   * @throws ConfigError when one of them cannot be what it should.
   */
  constructor(journal: string, campaign?: string) {
    this.#inbox = openInbox({ journal: toCore(journal), campaign: toCore(campaign ?? null) }, origin(new.target))
  }

  /**
   * How the campaign went so far.
   *
   * @throws StoreError when the journal cannot be read.
   * @throws ConfigError when there is no such campaign.
   */
  async report(): Promise<JournalReport> {
    const report = await ask(this.#inbox, { what: 'report' }, origin(this.report))
    return fromCore(report, journalReport) as JournalReport
  }

  /**
   * Its messages, in the order in which they were first met. They are read as they are asked for, some hundred at a time.
   *
   * @throws StoreError when the journal cannot be read.
   * @throws ConfigError when there is no such campaign.
   */
  rows(): AsyncIterableIterator<JournalRow> {
    return rows(this.#inbox, origin(this.rows))
  }

  /**
   * Takes in what webhooks say, in any order and as often as they come: an unknown outcome is settled, and what was sent,
   * delivered, read or failed is written down, with what it is counted as. All campaigns of the place are looked through.
   *
   * @throws StoreError when the journal cannot be written. Answer Meta with a 500: it delivers again.
   */
  async observe(events: Iterable<WebhookEvent>): Promise<JournalObserved> {
    const observed = await ask(this.#inbox, { what: 'settle', events: Array.from(events, status) }, origin(this.observe))
    return fromCore(observed, journalObserved) as JournalObserved
  }

  /**
   * Forgets messages, with everything that is known of them, and returns how many. A list that still has them sends them
   * again: take people off the list, too. Without a campaign's name it forgets in all of them.
   *
   * @throws ConfigError when it says nothing.
   * @throws StoreError when the journal cannot be written.
   */
  async purge({ olderThan, recipient }: Purge): Promise<number> {
    const purge = { older_than_ms: toCore(olderThan ?? null), recipient: toCore(recipient ?? null) }
    return (await ask(this.#inbox, { what: 'purge', purge }, origin(this.purge))) as number
  }

  /**
   * The names of the campaigns of the place, in the order in which they began.
   *
   * @throws StoreError when the journal cannot be read.
   */
  async campaigns(): Promise<string[]> {
    return (await ask(this.#inbox, { what: 'campaigns' }, origin(this.campaigns))) as string[]
  }
}

async function* rows(inbox: Inbox, place: Origin): AsyncGenerator<JournalRow, void, undefined> {
  let after = 0
  for (;;) {
    const page = (await ask(inbox, { what: 'rows', after, limit: PAGE }, place)) as { position: number }[]
    const last = page.at(-1)
    if (last === undefined) return
    for (const row of page) yield fromCore(row, journalRow) as JournalRow
    after = last.position
  }
}

/** What a journal learns from an event. */
function status(event: WebhookEvent): object {
  const [error] = event.errors
  return {
    kind: event.kind,
    channel: event.channel,
    id: event.id,
    tracker: event.tracker,
    status: event.status,
    timestamp: event.timestamp,
    recipient: event.recipient,
    recipient_user_id: event.recipientUserId,
    category: event.pricing?.category,
    pricing_type: event.pricing?.type,
    billable: event.pricing?.billable,
    code: error?.code,
    problem: error === undefined ? undefined : (error.details ?? error.title),
  }
}
