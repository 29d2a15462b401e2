import { WhatsAppClient, Message, ConfigError, Recipient } from 'wacloud'
import { createRequire } from 'node:module'
import util from 'node:util'
const cjs = createRequire(import.meta.url)('wacloud')
console.log(cjs.WhatsAppClient === WhatsAppClient, Object.keys(cjs))
try { new WhatsAppClient({ phoneNumberId: '', accessToken: 'x' }) } catch (e) { console.log(e, e instanceof ConfigError, JSON.stringify(e)) }
const wa = new WhatsAppClient({ phoneNumberId: '1', accessToken: 'SECRET' })
console.log(util.inspect(wa, { showHidden: true, depth: 9 }))
console.log(await wa.sendText('+1', 'x', { previewUrl: true }))
console.log(Message.text('+1', 'x', { previewUrl: true, replyTo: undefined, tracker: false }).payload(), Message.text(Recipient.user('x'), Buffer.from('x'), { a: new Date(), b: NaN, c: '\ud800', d: [undefined, new Map()], e: {x_y: 10n} }).payload())
const c = new AbortController()
setTimeout(() => c.abort(), 5)
async function deep() { await wa.sendText('+1', 'x', { signal: c.signal }) }
try { await deep() } catch (e) { console.log(e) }
try { await deep() } catch (e) { console.log(e) }
try { await wa.sendText('+1', 'panic') } catch (e) { console.log(e) }
console.time('2000'); await Promise.all(Array.from({length: 2000}, () => wa.sendText('+1', 'hello'))); console.timeEnd('2000')
