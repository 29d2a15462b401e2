// The same package from a CommonJS program.

import { Message, WhatsAppClient } from 'wacloud'
import wacloud = require('wacloud')
import testing = require('wacloud/testing')

export async function program(wa: WhatsAppClient): Promise<testing.Sandbox> {
  const message: wacloud.Message = Message.text('+15550001234', 'Hello')
  const sent: wacloud.SentMessage = await wa.send(message)
  console.log(sent.id, wacloud.VERSION)
  return testing.Sandbox.start()
}
