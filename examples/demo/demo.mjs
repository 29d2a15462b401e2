// Sends one message of each kind. `make demo` runs it against a local Cloud API.

import { Media, WhatsAppClient } from 'wacloud'

const to = '+1 (212) 555-0101'
const wa = WhatsAppClient.fromEnv()

/** What the Cloud API keeps beside the message: here the language and the kind, for the table. */
const tracker = (kind) => `node/${kind}`

await wa.sendText(to, 'Zoë, your parcel is here 📦', { tracker: tracker('text') })
await wa.sendReaction(to, 'wamid.received', '👍', { tracker: tracker('reaction') })
await wa.sendImage(to, 'https://example.com/parcel.jpg', { caption: 'At the door', tracker: tracker('image') })
await wa.sendDocument(to, Media.link('https://example.com/1042.pdf'), {
  filename: 'invoice-1042.pdf',
  tracker: tracker('document'),
})
await wa.sendLocation(to, 48.2082, 16.3738, {
  name: 'Our shop',
  address: 'Stephansplatz 1',
  tracker: tracker('location'),
})
const buttons = [
  { id: 'yes', title: 'Yes' },
  { id: 'no', title: 'No' },
]
await wa.sendButtons(to, 'Shall we come on Friday?', buttons, { footer: 'Answer by 6 pm', tracker: tracker('buttons') })
const times = [
  { title: 'Friday', rows: [{ id: 'f9', title: '9:00', description: 'one hour' }] },
  {
    title: 'Monday',
    rows: [
      { id: 'm9', title: '9:00' },
      { id: 'm4', title: '16:00' },
    ],
  },
]
await wa.sendList(to, 'When may we come?', 'Choose a time', times, { tracker: tracker('list') })
await wa.sendTemplate(to, 'order_update', 'en_US', {
  body: ['Zoë', '#1042'],
  tracker: tracker('template, positional'),
})
await wa.sendTemplate(to, 'order_update_named', 'en_US', {
  body: { name: 'Zoë', order: '#1042' },
  tracker: tracker('template, named'),
})
await wa.sendTemplate(to, 'appointment', 'en_US', {
  header: 'Stephansplatz 1',
  body: ['Zoë', 'Friday, 4 pm'],
  tracker: tracker('template, header'),
})
await wa.sendTemplate(to, 'promo', 'en_US', {
  header: { image: 'https://example.com/promo.jpg' },
  body: ['Zoë'],
  buttons: [
    { index: 0, url: 'zoe-42' },
    { index: 1, copyCode: 'SAVE10' },
  ],
  tracker: tracker('template, buttons'),
})
await wa.markRead('wamid.received/node')
