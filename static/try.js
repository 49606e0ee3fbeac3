// The two-person try-out: each panel signs in, opens the private chat with the other, and talks over its own socket.

import { call, random } from './call.js'

/** Closed for too many frames that came too fast. */
const TOO_FAST = 4429

function panel(me, other) {
  const root = document.getElementById('panel').content.cloneNode(true).firstElementChild
  const part = selector => root.querySelector(selector)
  const [title, line, door, log, say] = ['h3', '.line', '.door', '.log', '.say'].map(part)
  const entries = new Map()
  const unsent = new Map()
  let account, tokens, chat, epoch, socket, quiet, hush
  let turn = Promise.resolve()
  let [known, readByOther, toldTyping] = [0, 0, 0]

  const ask = (method, path, body) => call(method, path, body, tokens)
  const send = frame => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame))

  function show(error) {
    part('.alert').hidden = !error
    part('.alert').textContent = error?.message ?? ''
  }

  const startAnew = error => (show(error), socket.close())

  /** Also again, where the sign-in has ended, or a store put back from a copy knows nothing of it. */
  async function enter() {
    tokens = await call('POST', '/auth/register', account).catch(error => {
      if (error.status === 409) return call('POST', '/auth/login', account)
      throw error
    })
    me.id = tokens.user.id
  }

  async function signIn(given) {
    account = given
    await enter()
    title.textContent = `${me.name} · ${tokens.user.username}`
    door.hidden = true
    line.textContent = `waiting for ${other.name}`
    me.ready.resolve()
    await other.ready.promise
    log.hidden = say.hidden = part('.cut').hidden = false
    await connect()
  }

  async function connect() {
    try {
      if (!tokens) await enter()
      chat = (await ask('POST', '/chats', { participants: [other.id] })).id
      const { ticket } = await ask('POST', '/auth/ticket')
      socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws?ticket=${ticket}`)
      socket.onmessage = event => (turn = turn.then(() => hear(JSON.parse(event.data))).catch(startAnew))
      socket.onclose = ({ code }) => reconnect(code === TOO_FAST ? 5 : 0)
    } catch (error) {
      if (error.status === 401) tokens = null
      reconnect(error.retry_after)
    }
  }

  /** After the seconds that were asked for and a random wait, so that a restart is not followed by everybody at once. */
  function reconnect(seconds = 0) {
    line.textContent = 'reconnecting'
    setTimeout(connect, seconds * 1000 + 500 + Math.random() * 2000)
  }

  async function hear(frame) {
    if (frame.type === 'hello') await greet(frame)
    else if (frame.type === 'error') giveUp(frame)
    else if (frame.message) put(frame.message)
    else if (frame.user_id !== other.id || frame.chat_id !== chat) return
    else if (frame.type === 'read') tick(frame.seq)
    else if (frame.type === 'typing') showTyping(frame.on)
  }

  /** With another epoch the store was put back from a copy: what is shown may never have been. */
  async function greet(hello) {
    if (hello.epoch !== epoch) startOver()
    epoch = hello.epoch
    await catchUp()
  }

  function startOver() {
    log.replaceChildren()
    entries.clear()
    known = readByOther = 0
    for (const frame of unsent.values()) frame.chat_id = chat
  }

  /** What came too fast goes out again by itself, when it may. */
  function giveUp({ id, status, detail, retry_after }) {
    show(new Error(detail))
    if (status === 429) setTimeout(sendAgain, retry_after * 1000, id)
    else if (status < 500) unsent.delete(id)
  }

  function sendAgain(id) {
    show()
    if (unsent.has(id)) send(unsent.get(id))
  }

  /** What was said while away; then what got no answer, with the same client_id. Frames wait meanwhile. */
  async function catchUp() {
    line.textContent = 'online'
    for (let after = known; after !== null;) {
      const page = await ask('GET', `/chats/${chat}/messages?after=${after}&limit=100`)
      page.items.forEach(put)
      after = page.after
    }
    const { items } = await ask('GET', `/chats/${chat}/members`)
    tick(items.find(member => member.user_id === other.id).read_seq)
    unsent.forEach(send)
  }

  function put({ chat_id, client_id, sender_id, seq, content }) {
    if (chat_id !== chat) return
    unsent.delete(client_id)
    const [entry, text, facts] = ['li', 'span', 'small'].map(tag => document.createElement(tag))
    const isOwn = sender_id === me.id
    entry.className = isOwn ? 'own' : 'others'
    text.textContent = content
    facts.textContent = `#${seq}`
    entry.append(text, facts)
    if (entries.has(seq)) entries.get(seq).replaceWith(entry)
    else log.append(entry)
    entries.set(seq, entry)
    known = Math.max(known, seq)
    log.scrollTop = log.scrollHeight
    if (isOwn) return tick(readByOther)
    showTyping(false)
    send({ type: 'read', chat_id: chat, seq: known })
  }

  /** One tick: stored. Two: read by the other. */
  function tick(seq) {
    readByOther = seq
    for (const [number, { className, lastChild }] of entries)
      if (className === 'own') lastChild.textContent = `#${number} ${number <= seq ? '✓✓' : '✓'}`
  }

  function showTyping(on) {
    clearTimeout(hush)
    part('.typing').textContent = on ? `${other.name} is typing …` : ''
    if (on) hush = setTimeout(showTyping, 4000, false)
  }

  /** Told again every few seconds while it goes on, and once when nothing was typed for two seconds. */
  function type(on) {
    if (on ? Date.now() - toldTyping > 2500 : toldTyping > 0) {
      send({ type: 'typing', chat_id: chat, on })
      toldTyping = on ? Date.now() : 0
    }
    clearTimeout(quiet)
    if (on) quiet = setTimeout(type, 2000, false)
  }

  function write(content) {
    const client_id = random(20)
    unsent.set(client_id, { type: 'send', id: client_id, chat_id: chat, content, client_id })
    send(unsent.get(client_id))
    type(false)
  }

  const submitted = (form, act) =>
    form.addEventListener('submit', event => (event.preventDefault(), show(), act()))
  submitted(door, () => signIn(Object.fromEntries(new FormData(door))).catch(show))
  submitted(say, () => (write(say.content.value), say.reset()))
  say.addEventListener('input', () => type(true))
  part('.cut').addEventListener('click', () => socket.close())

  title.textContent = me.name
  root.setAttribute('aria-label', me.name)
  door.username.value = `${me.name.toLowerCase()}_${random(5)}`
  door.password.value = random(12)
  document.getElementById('pair').append(root)
}

const [ann, bob] = ['Ann', 'Bob'].map(name => ({ name, ready: Promise.withResolvers() }))
panel(ann, bob)
panel(bob, ann)
