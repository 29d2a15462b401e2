// A webhook's event where it stands for whoever wrote it, or for what they wrote.

import type { WebhookEvent } from './generated/types.js'
import { struct, type Shape } from './values.js'

/** A recipient or the id of a message: an event crosses as the members by which it is answered. */
export const incoming: Shape = {
  ...struct({}),
  instead: (value) => (isEvent(value) ? answered(value) : value),
}

/** Events may have been through a queue: they are known by what they have, not by their class. */
function isEvent(value: object): value is WebhookEvent {
  const { kind, channel } = value as Partial<WebhookEvent>
  return typeof kind === 'string' && typeof channel === 'string'
}

function answered({ kind, channel, numberId, id, sender, senderUserId, groupId }: WebhookEvent): object {
  const event = { kind, channel, number_id: numberId, id, sender, sender_user_id: senderUserId, group_id: groupId }
  return { event }
}
