import type { Recipient as AnyRecipient } from './generated/types.js'

/** Who a message goes to: a phone number as text, or what the functions of the same name make. */
export type Recipient = AnyRecipient

export const Recipient = {
  /** A phone number with its country code: `+15550001234`, with any punctuation. */
  phone(number: string): Recipient {
    return number
  },

  /** A business-scoped user id, such as `US.13491208655302741918`, of somebody who shows no number. */
  user(id: string): Recipient {
    return { user: id }
  },

  /** A group, by its id. */
  group(id: string): Recipient {
    return { group: id }
  },
}
