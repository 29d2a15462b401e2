/// <reference lib="esnext.disposable" preserve="true" />

// A sandbox for tests: the Cloud API on this machine, from the `wacloud` command, that sends nothing to anybody.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { WhatsAppClient } from './client.js'
import type { ClientSettings } from './generated/types.js'

/** How a sandbox behaves. */
export interface SandboxOptions {
  /** Messages a second that it lets through, counted strictly in any one second; 0 for no limit. 80 unless given. */
  rate?: number | undefined
  /** Whether it lets one message through to a recipient every 6 seconds, with a burst of 45. It does unless told not to. */
  pairRate?: boolean | undefined
  /** Milliseconds by which every answer is late. */
  latencyMs?: number | undefined
  /** Milliseconds by which answers are late at most in addition, by chance. */
  jitterMs?: number | undefined
  /** Makes chance the same every time. */
  seed?: number | undefined
  /** Whether free-form messages need the customer to have written within 24 hours (131047). They do not unless told so. */
  window?: boolean | undefined
  /**
   * Where your server takes webhooks, `http://127.0.0.1:3000/webhook` as an example. One that is up already must pass the
   * handshake, one that is not is asked again until it answers. `webhook` subscribes later.
   */
  webhookUrl?: string | undefined
  /** What signs webhooks; the sandbox's own unless given. */
  appSecret?: string | undefined
  /** What the handshake asks with; the sandbox's own unless given. */
  verifyToken?: string | undefined
  /**
   * The `wacloud` program. Unless given it is that of `WACLOUD_BIN`, of the package `wacloud-cli` where that is installed,
   * or one on the `PATH`.
   */
  binary?: string | undefined
}

/** A message that the sandbox accepted. */
export interface AcceptedMessage {
  readonly id: string
  readonly to: string
  readonly type: string
  /** The request body. */
  readonly payload: Record<string, unknown>
  readonly [member: string]: unknown
}

/** A message that was written as a customer. */
export interface WrittenMessage {
  readonly id: string
  /** The customer's number, null if it is hidden. */
  readonly wa_id: string | null
  readonly user_id: string
  /** The message as the webhook carries it. */
  readonly message: Record<string, unknown>
  readonly [member: string]: unknown
}

/** A POST to your webhook; its repeats are the same one. */
export interface WebhookPost {
  readonly index: number
  readonly state: 'pending' | 'delivered' | 'given_up'
  /** How often it was sent. */
  readonly sent: number
  readonly attempts: readonly { readonly status: number | null; readonly signature: string; readonly [member: string]: unknown }[]
  /** The body, or its text if it is no JSON. */
  readonly payload: unknown
  readonly [member: string]: unknown
}

/** A request that reached the sandbox. */
export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly status: number | null
  readonly [member: string]: unknown
}

/**
 * Something that goes wrong: `kind`, what that kind needs, and how often. The kinds are listed by the sandbox's own page.
 *
 * @example
 * await sandbox.fault({ kind: 'graph_error', code: 131056, times: 2 })
 */
export interface Fault {
  readonly kind: string
  /** How often; once unless given, 0 for always. */
  readonly times?: number
  /** How many requests pass before. */
  readonly skip?: number
  readonly [member: string]: unknown
}

interface Ready {
  readonly url: string
  readonly phone_number_id: string
  readonly business_account_id: string
  readonly token: string
  readonly app_secret: string
  readonly verify_token: string
}

/**
 * A Cloud API on a free port of this machine. It ends with `close()`, or with this process.
 *
 * @example
 * await using sandbox = await Sandbox.start()
 * await sandbox.client().sendText('+15550001234', 'Hello')
 * console.log(await sandbox.messages())
 */
export class Sandbox {
  /** Where it listens: a client's `baseUrl`. */
  readonly url: string
  readonly phoneNumberId: string
  /** The account that its numbers belong to. */
  readonly businessAccountId: string
  readonly token: string
  /** What signs webhooks, as it was at the start. */
  readonly appSecret: string
  /** What the handshake asks with, as it was at the start. */
  readonly verifyToken: string
  readonly #process: ChildProcess
  readonly #hasPairRate: boolean

  private constructor(process: ChildProcess, ready: Ready, hasPairRate: boolean) {
    this.url = ready.url
    this.phoneNumberId = ready.phone_number_id
    this.businessAccountId = ready.business_account_id
    this.token = ready.token
    this.appSecret = ready.app_secret
    this.verifyToken = ready.verify_token
    this.#process = process
    this.#hasPairRate = hasPairRate
  }

  /** Starts one and waits until it listens. */
  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const binary = options.binary ?? (process.env['WACLOUD_BIN'] || installed())
    // Its standard input is how it learns that this process has ended, however that happens.
    const child = spawn(binary, ['sandbox', '--port=0', '--json', '--exit-with-parent', ...flags(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ready = await firstLine(child, binary)
    // From now on it keeps nobody from ending.
    child.unref()
    for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref()
    return new Sandbox(child, JSON.parse(ready) as Ready, options.pairRate ?? true)
  }

  /**
   * A client that sends to it, and keeps to one recipient's limit where the sandbox has it. Its pace is its process's own
   * unless `pace` says otherwise: ports come again, and another sandbox on the same one must not find what was sent to
   * this one.
   */
  client(settings: Partial<ClientSettings> = {}): WhatsAppClient {
    const { phoneNumberId, businessAccountId, token: accessToken, url: baseUrl } = this
    const limits = this.#hasPairRate ? {} : { pairRate: 0 }
    const own = { phoneNumberId, businessAccountId, accessToken, baseUrl, pace: 'process', ...limits }
    return new WhatsAppClient({ ...own, ...settings })
  }

  /** What it accepted, oldest first. */
  async messages(): Promise<AcceptedMessage[]> {
    const { messages } = await this.#control<{ messages: AcceptedMessage[] }>('GET', 'messages')
    return messages
  }

  /** Every request to the API that reached it, oldest first. */
  async requests(): Promise<ReceivedRequest[]> {
    const { requests } = await this.#control<{ requests: ReceivedRequest[] }>('GET', 'requests')
    return requests
  }

  /** Makes something go wrong with the next requests. */
  async fault(...faults: Fault[]): Promise<void> {
    await this.#control('POST', 'faults', faults)
  }

  /** Takes back the faults that have not happened yet. */
  async clearFaults(): Promise<void> {
    await this.#control('DELETE', 'faults')
  }

  /**
   * Subscribes your server to webhooks, which makes the handshake with it. It rejects, and changes nothing, if the handshake
   * fails or a setting makes no sense.
   *
   * @param url Where your server takes webhooks; plain `http` only.
   * @param settings How they are sent, by the sandbox's own names: `app_secret`, `verify_token`, `statuses` (`['sent',
   *   'delivered', 'read']` unless given), `status_delay_ms`, `first_retry_ms`, `batch`, `repeat`, `shuffle`,
   *   `wrong_signature` …
   */
  webhook(url: string, settings: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.#control('PUT', 'webhook', { url, ...settings })
  }

  /**
   * Writes a message as a customer: your webhook is told, and the customer's service window opens.
   *
   * @param from The customer's number, or user id (`US.13491208655302741918`) if the number is hidden.
   * @param message The content by its kind, `{ text: 'Hello' }`, `{ image: {} }`, `{ button_reply: 'yes' }` …, or
   *   `{ type: 'sticker' }` for one as the sandbox makes it; and as far as wanted `name`, `username`, `reply_to` (a message
   *   id), `context`, `referral`.
   */
  customer(from: string, message: Record<string, unknown>): Promise<WrittenMessage> {
    return this.#control('POST', 'customer', { from, ...message })
  }

  /** Signs any payload and sends it to your webhook: text and bytes as they are, an object as JSON. */
  async postWebhook(payload: string | Uint8Array | Record<string, unknown>): Promise<number> {
    const { index } = await this.#control<{ index: number }>('POST', 'webhooks', payload)
    return index
  }

  /** The POSTs to your webhook, oldest first. */
  async webhooks(only: { state?: WebhookPost['state'] } = {}): Promise<WebhookPost[]> {
    const query = only.state === undefined ? '' : `?state=${only.state}`
    const { webhooks } = await this.#control<{ webhooks: WebhookPost[] }>('GET', `webhooks${query}`)
    return webhooks
  }

  /**
   * Has everything sent that waits (statuses that would come later, held batches, repeats), and waits until your server has
   * answered all with 200. It rejects if that takes longer than `timeout` milliseconds, 10,000 unless given.
   */
  async flushWebhooks({ timeout = 10_000 }: { timeout?: number } = {}): Promise<void> {
    const { pending } = await this.#control<{ pending: number }>('POST', 'webhooks/flush', { timeout_ms: timeout })
    if (pending > 0) throw new Error(`${pending} webhooks were not answered with 200 within ${timeout} ms`)
  }

  /** Moves its clock forward by so many milliseconds: windows close, limits recover, what waits becomes due. */
  async advanceClock(milliseconds: number): Promise<void> {
    await this.#control('POST', 'clock', { advance_ms: milliseconds })
  }

  /** Its settings by its own names, after changing those that are given. */
  settings(changes?: Record<string, unknown>): Promise<Record<string, unknown>> {
    return changes === undefined ? this.#control('GET', 'settings') : this.#control('PUT', 'settings', changes)
  }

  /** Forgets messages, requests, faults and webhooks, and with `{ settings: true }` changed settings too. */
  async reset(what: { settings?: boolean } = {}): Promise<void> {
    await this.#control('POST', 'reset', what)
  }

  /** Ends it. */
  async close(): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    const exited = once(child, 'exit')
    child.kill()
    await exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #control<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: bodyOf(body), headers: { 'content-type': 'application/json' } }),
    })
    if (!response.ok) throw new Error(`The sandbox refused ${method} ${path}: ${await response.text()}`)
    return (await response.json()) as T
  }
}

/** What `fetch` takes: text and bytes as they are. */
function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body)
}

function flags(options: SandboxOptions): string[] {
  const onOff = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'on' : 'off')
  const values = {
    rate: options.rate,
    'pair-rate': onOff(options.pairRate),
    'latency-ms': options.latencyMs,
    'jitter-ms': options.jitterMs,
    seed: options.seed,
    window: onOff(options.window),
    'webhook-url': options.webhookUrl,
    'app-secret': options.appSecret,
    'verify-token': options.verifyToken,
  }
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
}

/** The program of the package `wacloud-cli`, where the program that runs, or this package, finds it. */
function installed(): string {
  let found: string
  try {
    found = require.resolve('wacloud-cli', { paths: [process.cwd(), __dirname] })
  } catch {
    return 'wacloud'
  }
  // What it throws says why it has none for this machine.
  return (require(found) as { program(): string }).program()
}

/** The line that says that it listens; an error if there is none. */
function firstLine(child: ChildProcess, binary: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', ({ message }) => {
      // Without it as the cause: its stack is printed as well, and tells no more than its message.
      const help = 'Its program comes with `npm install wacloud-cli`; WACLOUD_BIN can say where another one is.'
      reject(new Error(`The sandbox could not be started: ${binary}: ${message}. ${help}`))
    })
    child.once('exit', (code, signal) => {
      reject(new Error(`The sandbox ended before it listened (${signal ?? `exit status ${code}`}): ${binary}`))
    })
    if (child.stdout) createInterface(child.stdout).once('line', resolve)
  })
}
