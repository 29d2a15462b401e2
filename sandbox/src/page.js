'use strict'
// How each kind of message looks. Everything that was sent becomes text nodes: no markup is ever made of it.
const el = (tag, className, ...children) => {
  const node = document.createElement(tag)
  if (className) node.className = className
  node.append(...children.filter(child => child != null && child !== ''))
  return node
}
let templates = []

const STYLES = [[/\*([^*\n]+)\*/, 'b'], [/_([^_\n]+)_/, 'i'], [/~([^~\n]+)~/, 's'], [/```([^`]+)```/, 'code']]
function styled(text) {
  let best = null
  for (const [pattern, tag] of STYLES) {
    const match = pattern.exec(text)
    if (match && (!best || match.index < best.match.index)) best = { match, tag }
  }
  const link = /https?:\/\/[^\s]+/.exec(text)
  if (link && (!best || link.index < best.match.index)) best = { match: link, tag: 'a' }
  if (!best) return [text]
  const { match, tag } = best
  const node = el(tag, '', ...(tag === 'a' ? [match[0]] : styled(match[1])))
  if (tag === 'a') { node.href = match[0]; node.rel = 'noopener noreferrer'; node.target = '_blank' }
  return [text.slice(0, match.index), node, ...styled(text.slice(match.index + match[0].length))]
}
const text = value => value ? el('div', 'text', ...styled(String(value))) : null
const foot = value => value ? el('div', 'foot', value) : null
const lines = (...parts) => parts.flat().filter(Boolean).join('\n')
const tile = (icon, title, line) => el('div', 'tile', el('span', 'icon', icon), el('b', '', title), el('span', 'more', line || ''))
const ICONS = { image: '🖼️', video: '🎬', document: '📄', audio: '🎵', sticker: '🌟', gif: '🎞️', product: '🛍️' }
const capital = words => words[0].toUpperCase() + words.slice(1)
const product = (id, catalog) => tile('🛍️', id, catalog && 'catalog ' + catalog)
// A picture that was uploaded here is shown; what comes from elsewhere, or is gone, is named.
function shown(kind, m) {
  const named = tile(ICONS[kind], m.filename || capital(kind), m.link || 'media id ' + m.id)
  if (!m.id || (kind !== 'image' && kind !== 'sticker')) return named
  const picture = el('img', 'picture')
  picture.alt = capital(kind)
  picture.onerror = () => picture.replaceWith(named)
  picture.src = '/_sandbox/media?id=' + encodeURIComponent(m.id)
  return picture
}
const media = (kind, m = {}) => kind === 'product' ? [product(m.product_retailer_id, m.catalog_id)]
  : [m.voice ? tile('🎤', 'Voice message', m.link || 'media id ' + m.id) : shown(kind, m), text(m.caption)]
const header = h => !h ? [] : h.type === 'text' ? [el('div', 'head', h.text), foot(h.sub_text)] : media(h.type, h[h.type])
// What a customer can tap is a button, and knows what the tap writes.
const key = (label, more, tap) => Object.assign(el(tap ? 'button' : 'div', '', label, more ? el('small', '', more) : ''), { tap })
const keys = list => list.length ? el('div', 'keys', ...list) : null
const place = l => tile('📍', l.name || 'Location', lines(l.address, l.latitude + ', ' + l.longitude))
const ending = id => '…' + String(id).slice(-12)
const quote = words => el('div', 'quote', words)
const row = (left, right, className) => el('div', 'row ' + (className || ''), el('span', '', left), el('span', '', right))
const rows = (...children) => { const shown = children.flat().filter(Boolean); return shown.length ? el('div', 'rows', ...shown) : null }
const sectionRows = sections => rows((sections || []).flatMap(s => [s.title ? el('div', 'head', s.title) : null,
  ...(s.rows || s.product_items || []).map(r => r.title ? Object.assign(el('button', '', r.title, r.description ? el('i', '', ' — ' + r.description) : ''), { tap: { list_reply: r } }) : el('div', '', '🛍️ ' + r.product_retailer_id))]))
const cards = list => { const strip = el('div', 'cards', ...list.map(parts => el('div', 'card', ...parts))); strip.tabIndex = 0; return strip }

const PAYMENTS = { payment_gateway: 'payment gateway', upi_intent_link: 'UPI', payment_link: 'payment link', pix_dynamic_code: 'Pix', boleto: 'boleto', offsite_card_pay: 'card' }
function order(p) {
  const money = a => new Intl.NumberFormat([], { style: 'currency', currency: p.currency }).format(a.value / a.offset)
  const o = p.order || { items: [] }
  const line = (name, a, sign) => a && a.value ? row(name + (a.description ? ' · ' + a.description : ''), sign + money(a)) : null
  const ways = (p.payment_settings || []).map(s => PAYMENTS[s.type] || s.type)
  const items = o.items.map(i => row(i.quantity + ' × ' + i.name, el('span', '', i.sale_amount ? el('s', '', money(i.amount)) : '', ' ' + money(i.sale_amount || i.amount))))
  return [rows(el('div', 'head', '🧾 ' + p.reference_id), items, line('Shipping', o.shipping, ''), line('Tax', o.tax, ''), line('Discount', o.discount, '−'), row('Total', money(p.total_amount), 'total'),
    ways.length ? el('div', 'soft', 'by ' + ways.join(', ')) : null)]
}
const orderStatus = p => [p.order ? tile('📦', p.order.status.replace(/[-_]/g, ' '), lines(p.order.description, 'order ' + p.reference_id)) : '',
  p.payment ? tile('💳', 'payment ' + p.payment.status, p.order ? '' : 'order ' + p.reference_id) : '']
const words = name => name.replace(/^(in|sg)_/, '').replaceAll('_', ' ')
const address = p => [rows(
  Object.entries(p.values || {}).map(([name, value]) => row(words(name), String(value))),
  Object.entries(p.validation_errors || {}).map(([name, error]) => row('⚠ ' + words(name), error, 'wrong')),
  (p.saved_addresses || []).map(a => el('div', '', '⌂ ' + Object.values(a.value).filter(Boolean).join(', '))))]
const card = c => c.type === 'product' ? [product(c.action.product_retailer_id, c.action.catalog_id), keys([key('View')])]
  : [...header(c.header), text(c.body && c.body.text), keys(c.action.buttons ? c.action.buttons.map(b => key(b.quick_reply.title)) : [key('↗ ' + c.action.parameters.display_text)])]

// What an interactive message shows between its text and its buttons, and the buttons.
const ACTIONS = {
  button: a => [[], a.buttons.map(b => key(b.reply.title, '', { button_reply: b.reply }))],
  list: a => [[sectionRows(a.sections)], [key('☰ ' + a.button)]],
  cta_url: (a, p) => [[], [key('↗ ' + p.display_text, p.url)]],
  flow: (a, p) => [[], [key(p.flow_cta, 'Flow ' + (p.flow_name || p.flow_id) + (p.flow_action_payload ? ' · ' + p.flow_action_payload.screen : ''))]],
  product: a => [[product(a.product_retailer_id, a.catalog_id)], [key('View')]],
  product_list: a => [[sectionRows(a.sections)], [key('☰ View items')]],
  catalog_message: (a, p) => [[tile('🛍️', 'Catalog', p.thumbnail_product_retailer_id)], [key('View catalog')]],
  location_request_message: () => [[], [key('📍 Send location')]],
  call_permission_request: () => [[], [key('📞 Allow calls')]],
  request_contact_info: () => [[], [key('👤 Share contact info')]],
  order_details: (a, p) => [order(p), [key('Review and pay')]],
  order_status: (a, p) => [orderStatus(p), []],
  address_message: (a, p) => [address(p), [key('⌂ Provide address', p.country)]],
  voice_call: (a, p) => [[], [key('📞 ' + (p.display_text || 'Call now'), p.ttl_minutes && 'for ' + p.ttl_minutes + ' min')]],
  carousel: a => [[cards(a.cards.map(card))], []],
}

// A template with the parameters of a message in it.
function filled(known, components, title) {
  const of = kind => (components || []).find(c => c.type === kind)
  const parameters = kind => (of(kind) || {}).parameters || []
  const value = p => p.text || (p.currency || p.date_time || {}).fallback_value || ''
  const fill = (words, values) => (words || '').replace(/\{\{\s*([^}]+?)\s*\}\}/g, (whole, name) => {
    const p = values.find(p => p.parameter_name === name) || values[Number(name) - 1]
    return p ? value(p) : whole
  })
  const [first] = parameters('header')
  const head = first && first.type !== 'text' ? (first.type === 'location' ? [place(first.location)] : media(first.type, first[first.type] || {}))
    : known && known.header && known.header.text ? [el('div', 'head', fill(known.header.text, parameters('header')))] : []
  const body = known ? fill(known.body, parameters('body')) : parameters('body').map(value).join(' · ')
  const sent = (components || []).filter(c => c.type === 'button')
  const buttons = known ? known.buttons || [] : sent.map(c => ({ type: c.sub_type }))
  const labels = buttons.map((b, n) => {
    const c = sent.find(c => Number(c.index) === n) || sent.find(c => c.index === undefined && c.sub_type.toUpperCase() === b.type) || {}
    const [p = {}] = c.parameters || []
    const label = b.text || capital(b.type.toLowerCase().replaceAll('_', ' '))
    const tap = b.type.toUpperCase() === 'QUICK_REPLY' ? { button: { text: label, payload: p.payload || label } } : undefined
    return key(label, b.url ? fill(b.url, [p]) : p.coupon_code || p.text || p.payload, tap)
  })
  const actions = sent.map(c => ((c.parameters || [])[0] || {}).action || {})
  const [offer] = parameters('limited_time_offer')
  const [status] = parameters('order_status')
  const ends = offer && new Date(offer.limited_time_offer.expiration_time_ms).toLocaleString()
  const carousel = of('carousel')
  return [title, ...head, known && known.limited_time_offer ? tile('⏳', known.limited_time_offer.text, ends ? 'ends ' + ends : '') : '', text(body),
    ...(status ? orderStatus(status.order_status) : []),
    ...actions.flatMap(a => a.order_details ? order(a.order_details) : a.sections ? [sectionRows(a.sections)] : []),
    carousel ? cards(carousel.cards.map(c => filled(known && known.cards && (known.cards[c.card_index] || known.cards[0]), c.components))) : '', keys(labels)]
}

const contact = c => {
  const typed = (value, type) => value + (type ? ' · ' + type : ''), o = c.org || {}
  return tile('👤', c.name.formatted_name, lines([o.title, o.department, o.company].filter(Boolean).join(', '),
    (c.phones || []).map(p => typed(p.phone, p.type)), (c.emails || []).map(e => typed(e.email, e.type)),
    (c.addresses || []).map(a => typed([a.street, a.city, a.state, a.zip, a.country].filter(Boolean).join(', '), a.type)), (c.urls || []).map(u => u.url), c.birthday && '🎂 ' + c.birthday))
}
const SHOW = {
  text: t => [text(t.body)],
  location: l => [place(l)],
  contacts: list => list.map(contact),
  reaction: r => [quote('↩ to ' + ending(r.message_id)), r.emoji ? el('div', 'emoji', r.emoji) : el('i', '', 'reaction taken back')],
  pin: p => [tile('📌', p.type === 'pin' ? 'Pinned for ' + p.expiration_days + ' days' : 'No longer pinned', ending(p.message_id))],
  interactive: i => {
    const [content, labels] = ACTIONS[i.type](i.action, i.action.parameters || {})
    return [...header(i.header), text(i.body && i.body.text), ...content, foot(i.footer && i.footer.text), keys(labels)]
  },
  template: t => filled(templates.find(k => k.name === t.name && k.language === t.language.code), t.components, quote('template ' + t.name + ' · ' + t.language.code)),
}
// What customers write, where it is other than what businesses send.
const HEARD = {
  button: b => [text(b.text)],
  interactive: i => { const r = i[i.type] || {}; return [text(r.title || r.body || i.type.replaceAll('_', ' ')), foot(r.description || r.response_json)] },
  order: o => [tile('🛒', o.product_items.length + ' products', o.product_items.map(i => i.quantity + ' × ' + i.product_retailer_id).join('\n')), text(o.text)],
  system: s => [el('i', '', s.body)],
  request_welcome: () => [el('i', '', 'opened the chat')],
  unsupported: () => [el('i', '', 'something that is not supported')],
}
const TICKS = { accepted: '', sent: '✓', delivered: '✓✓', read: '✓✓', played: '✓✓', failed: '⚠' }
const tick = m => Object.assign(el('span', 'tick ' + m.status, TICKS[m.status] || ''), { title: m.status })
// A message that was written as a customer, in the form of those that were sent.
const heard = w => ({ ...w, incoming: true, type: w.message.type, payload: { ...w.message, context: w.message.context && w.message.context.id && { message_id: w.message.context.id } } })
function bubble(m) {
  const content = m.payload[m.type], show = m.incoming && HEARD[m.type] || SHOW[m.type]
  let parts
  try { parts = show ? show(content) : media(m.type, content) } catch { parts = [m.type] }
  const when = new Date(m.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const tag = m.tracker ? el('span', 'tag', '# ' + m.tracker) : ''
  const whole = el('details', 'json', el('summary', '', '{ }'))
  whole.addEventListener('toggle', () => whole.children.length > 1 || whole.append(el('pre', '', JSON.stringify(m.incoming ? m.message : { ...m, type: undefined }, null, 2))))
  const reply = m.payload.context ? quote('↩ in reply to ' + ending(m.payload.context.message_id)) : ''
  const [buttons] = parts.filter(part => part && part.className === 'keys')
  const failed = m.error ? el('div', 'failure', m.error.title + ' (' + m.error.code + ')') : ''
  const whoWrote = m.incoming ? el('span', 'tag', m.name) : tag
  const node = el('div', m.incoming ? 'bubble in' : 'bubble', reply, ...parts.filter(part => part !== buttons), failed, el('div', 'meta', whoWrote, el('span', '', when), m.incoming ? '' : tick(m), whole), buttons)
  for (const button of node.querySelectorAll('button')) button.onclick = () => write({ ...button.tap, reply_to: m.id }, m)
  return node
}
const SHORT = {
  contacts: list => '👤 ' + list.map(c => c.name.formatted_name).join(', '),
  reaction: r => r.emoji || 'reaction taken back',
  location: l => '📍 ' + (l.name || 'Location'),
  template: t => '📋 ' + t.name,
  interactive: i => i.body ? i.body.text : i.type.replaceAll('_', ' '),
  pin: () => '📌 pinned',
  text: t => t.body,
}
const summary = m => {
  const c = m.payload[m.type] || {}
  if (m.incoming) return '↩ ' + (c.body || c.text || c.emoji || c.caption || (c[c.type] || {}).title || m.type.replaceAll('_', ' '))
  try { return SHORT[m.type] ? SHORT[m.type](c) : ICONS[m.type] + ' ' + (c.caption || c.filename || m.type) } catch { return m.type }
}
