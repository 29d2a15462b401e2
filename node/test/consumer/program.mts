// What a user's program says to the compiler: everything here must be right.

import {
  AbortError, ApiError, Dedup, Media, Message, Recipient, ServiceWindow, ValidationError, WhatsAppClient, webhooks,
} from 'wacloud'
import type {
  AccessToken, BulkProgress, BulkResult, ClientSettings, MediaOperations, SendOptions, SentMessage, TextOptions, WebhookEvent,
} from 'wacloud'
import { Sandbox } from 'wacloud/testing'

const token: AccessToken = async () => 'EAAG'
const settings: ClientSettings = { phoneNumberId: '1', accessToken: token, rate: 20, attemptTimeoutMs: 5000 }
const wa: WhatsAppClient = new WhatsAppClient(settings).withOptions({ onUnknown: 'resend' })
const media: MediaOperations = wa.media
void media
const options: TextOptions = { previewUrl: true, tracker: false }
options.replyTo = 'wamid.A'

export async function program(signal: AbortSignal): Promise<string> {
  const { id, waId, meta }: SentMessage = await wa.sendText('+15550001234', 'Hello', { ...options, signal, priority: 'urgent' })
  await wa.sendImage(Recipient.user('US.1'), Media.link('https://example.com/a.jpg'), { caption: undefined })
  await wa.sendTemplate(Recipient.group('1'), 'promo', 'de', { body: ['Ana'] as const })
  await wa.sendTemplate('+15550001234', 'promo', 'de', { body: { name: 'Ana' }, timeoutMs: 1000 })
  await wa.sendButtons('+15550001234', 'Well?', [{ id: 'yes', title: 'Yes' }], { footer: 'Reply by 6 pm' })
  const message: Message = Message.fromPayload(Message.text('+15550001234', 'Hello').payload())
  await wa.send(message, { signal })
  for await (const result of wa.sendBulk([message], { window: 10, inOrder: true })) tell(result)
  async function* later(): AsyncGenerator<Message> {
    yield message
  }
  const progress = ({ done, total, etaMs }: BulkProgress): void => console.log(done, total ?? '?', etaMs?.toFixed())
  for await (const _ of wa.sendBulk([message], { progress })) continue
  for await (const _ of wa.sendBulk(later(), { progress: true, total: 1 })) continue
  for await (const { index, key } of wa.sendBulk(later())) console.log(index, key?.length)
  return `${id} ${waId ?? ''} ${meta.attempts.toFixed()}`
}

export async function receive(body: Uint8Array, dedup: Dedup, window: ServiceWindow): Promise<void> {
  const events: WebhookEvent[] = await dedup.fresh(webhooks.parse(body))
  await window.observe(events)
  for (const event of events) {
    await wa.markRead(event)
    await wa.reply(event, 'On it', { priority: 'urgent' })
    await wa.reply(event, Message.image(event, 'https://example.com/a.jpg'))
    await wa.react(event, '👍')
    await wa.sendText(event, `Hello, ${event.name ?? 'you'}`, { replyTo: event })
    const options: SendOptions = { window, fallback: Message.template(event, 'promo', 'de'), timeoutMs: 1000 }
    await wa.send(Message.text(event, 'Hello'), options)
    const until: number | undefined = await window.openUntil(wa.phoneNumberId, event)
    if (until === undefined && !(await window.isOpen('1', '+15550001234'))) await dedup.forget([event])
  }
}

function tell(result: BulkResult): string {
  // The outcome tells which of the two is there.
  return result.outcome === 'accepted' ? result.sent.id : result.error.message
}

export function explain(error: unknown): string {
  if (error instanceof ValidationError) return error.violations.map(({ path, rule }) => `${path}: ${rule}`).join()
  if (error instanceof ApiError) return `${error.code ?? ''} ${error.help} ${error.retryAfter?.toFixed() ?? ''}`
  if (error instanceof AbortError) return String(error.cause?.mayHaveBeenSent)
  return String(error)
}

export async function test(): Promise<void> {
  await using sandbox = await Sandbox.start({ rate: 0, pairRate: false })
  await using client = sandbox.client({ accessToken: () => sandbox.token })
  await sandbox.fault({ kind: 'graph_error', code: 130429, times: 2 })
  await client.sendText('+15550001234', 'Hello')
  console.log((await sandbox.messages())[0]?.payload)
}

// @ts-expect-error the token is missing
new WhatsAppClient({ phoneNumberId: '1' })
// @ts-expect-error names here are in camelCase
void wa.sendText('+15550001234', 'Hello', { preview_url: true })
// @ts-expect-error a list of variables is no text
void wa.sendTemplate('+15550001234', 'promo', 'de', { body: 'Ana' })
// @ts-expect-error a window is no name
void wa.send(Message.text('+15550001234', 'Hello'), { window: 'inbox.db' })
// @ts-expect-error a message takes no options of a call
Message.text('+15550001234', 'Hello', { timeoutMs: 5 })
