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
  /** The `wacloud` program; that of `WACLOUD_BIN`, or on the `PATH`, unless given. */
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
  readonly token: string
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
  readonly token: string
  readonly #process: ChildProcess
  readonly #hasPairRate: boolean

  private constructor(process: ChildProcess, ready: Ready, hasPairRate: boolean) {
    this.url = ready.url
    this.phoneNumberId = ready.phone_number_id
    this.token = ready.token
    this.#process = process
    this.#hasPairRate = hasPairRate
  }

  /** Starts one and waits until it listens. */
  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const binary = options.binary ?? (process.env['WACLOUD_BIN'] || 'wacloud')
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
    const { phoneNumberId, token: accessToken, url: baseUrl } = this
    const limits = this.#hasPairRate ? {} : { pairRate: 0 }
    return new WhatsAppClient({ phoneNumberId, accessToken, baseUrl, pace: 'process', ...limits, ...settings })
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

  /** Its settings by its own names, after changing those that are given. */
  settings(changes?: Record<string, unknown>): Promise<Record<string, unknown>> {
    return changes === undefined ? this.#control('GET', 'settings') : this.#control('PUT', 'settings', changes)
  }

  /** Forgets messages, requests and faults, and with `{ settings: true }` changed settings too. */
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
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    if (!response.ok) throw new Error(`The sandbox refused ${method} ${path}: ${await response.text()}`)
    return (await response.json()) as T
  }
}

function flags({ rate, pairRate, latencyMs, jitterMs, seed }: SandboxOptions): string[] {
  const values = {
    rate,
    'pair-rate': pairRate === undefined ? undefined : pairRate ? 'on' : 'off',
    'latency-ms': latencyMs,
    'jitter-ms': jitterMs,
    seed,
  }
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
}

/** The line that says that it listens; an error if there is none. */
function firstLine(child: ChildProcess, binary: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      const help = 'Set WACLOUD_BIN to the wacloud program, or have it on the PATH.'
      reject(new Error(`The sandbox could not be started: ${binary}: ${cause.message}. ${help}`, { cause }))
    })
    child.once('exit', (code, signal) => {
      reject(new Error(`The sandbox ended before it listened (${signal ?? `exit status ${code}`}): ${binary}`))
    })
    if (child.stdout) createInterface(child.stdout).once('line', resolve)
  })
}
