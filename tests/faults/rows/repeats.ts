// What clients repeat: after an ack that was lost, over another door, at the same time, with another text.
import { io, type Socket } from 'socket.io-client'
import { groupChat } from '../../support/chats'
import { connect } from '../../support/line'
import { historyOf, newLedger } from '../../support/oracle'
import type { Person } from '../../support/people'
import { proxyTo } from '../../support/proxy'
import { call } from '../../support/raw'
import { crowd, judged, must, siteOf, until, type Amount, type Outcome, type Row } from '../row'

interface Sent {
  id: string
  seq: number
}

interface Send {
  token: string
  chat_id: string
  client_id: string
  content: string
}

/** A way in: resolves with the stored message, or null when the connection broke before the answer. */
type Door = (url: string, send: Send) => Promise<Sent | null>

const byRest: Door = (url, { token, chat_id, ...json }) =>
  call(url, 'POST', `/chats/${chat_id}/messages`, { token, json }).then(
    ({ status, body }) => {
      must(status === 200 || status === 201, `REST answered ${status}`)
      return body
    },
    () => null,
  )

const bySocket: Door = async (url, { token, ...send }) => {
  const line = await connect(url, token)
  const closed = line.closed.then(() => null)
  const answer = await Promise.race([line.ask({ type: 'send', ...send }), closed])
  line.close()
  must(answer === null || answer.type === 'ack', `the socket answered ${answer?.type}`)
  return answer && answer.message
}

const bySocketIo: Door = async (url, { token, ...send }) => {
  const socket: Socket = io(url, { auth: { token }, forceNew: true, transports: ['websocket'] })
  await new Promise<void>((resolve, reject) => {
    socket.once('hello', () => resolve())
    socket.once('connect_error', reject)
  })
  const closed = new Promise<null>(resolve => socket.once('disconnect', () => resolve(null)))
  const answer = await Promise.race([socket.emitWithAck('send', send), closed]).catch(() => null)
  socket.disconnect()
  must(answer === null || answer.type === 'ack', `Socket.IO answered ${answer?.type}`)
  return answer && answer.message
}

const DOORS: Record<string, Door> = { REST: byRest, socket: bySocket, 'Socket.IO': bySocketIo }

async function lostAcks(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const [ann, bob] = (await crowd(site.url, 2)) as [Person, Person]
  const chat_id = await groupChat(ann, bob)
  await using proxy = await proxyTo(Number(new URL(site.url).port))
  const byProxy = `http://127.0.0.1:${proxy.port}`
  const listening = await bob.online()
  const ledger = newLedger()
  let count = 0

  async function once(first: Door, then: Door) {
    const client_id = `c${++count}-${crypto.randomUUID()}`
    const send = { token: ann.token, chat_id, client_id, content: client_id }
    ledger.send(client_id, client_id)
    proxy.answers = bytes => !bytes.includes(client_id)
    must((await first(byProxy, send)) === null, 'the ack was not lost')
    proxy.answers = () => true
    const isThere = async () =>
      (await historyOf(site.url, bob.token, chat_id, count - 1)).some(said => said.client_id === client_id)
    await until('the first is stored', isThere)
    const again = await then(site.url, send)
    must(again, 'no answer to the repetition')
    ledger.ack(client_id, again)
    ledger.ack(client_id, (await byRest(site.url, send)) as Sent)
  }

  const rounds = amount(2, 20)
  for (let round = 0; round < rounds; round++) {
    for (const first of Object.values(DOORS)) for (const then of Object.values(DOORS)) await once(first, then)
  }
  const verdict = await judged(site.url, ledger, [ann, bob], chat_id)
  await until('every message is heard', () => listening.of('message').length >= count)
  const heard = listening.of('message').map(({ message }) => message.seq)
  must(heard.join() === Array.from({ length: count }, (_, i) => i + 1).join(), `heard ${heard}`)
  listening.close()
  const doors = Object.keys(DOORS).join(', ')
  return { figures: `${count} lost acks, repeated from each of ${doors} over each; heard once each`, verdict }
}

const AT_ONCE = 50

async function sameClientId(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const [ann, bob] = (await crowd(site.url, 2)) as [Person, Person]
  const chat_id = await groupChat(ann, bob)
  const lines = await Promise.all(Array.from({ length: 10 }, () => ann.online()))
  const ledger = newLedger()
  const rounds = amount(5, 50)
  for (let round = 0; round < rounds; round++) {
    const client_id = `r${round}`
    ledger.send(client_id, client_id)
    const one = async (i: number) => {
      const send = { chat_id, client_id, content: `text ${i}` }
      if (i % 2) {
        const { type, status, message } = await lines[(i >> 1) % lines.length]!.ask({ type: 'send', ...send })
        return { status: type === 'ack' ? 200 : status, message, i }
      }
      const { status, body } = await call(site.url, 'POST', `/chats/${chat_id}/messages`, {
        token: ann.token,
        json: send,
      })
      return { status: status === 201 ? 200 : status, message: body, i }
    }
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => one(i)))
    const won = answers.filter(({ status }) => status === 200)
    must(won.length === 1, `${won.length} of ${AT_ONCE} different texts were acknowledged`)
    const others = answers.filter(({ status }) => status === 409)
    must(others.length === AT_ONCE - 1, `${others.length} conflicts`)
    const [{ message, i }] = won as [(typeof won)[0]]
    must(message.content === `text ${i}`, 'acknowledged with the text of another')
    ledger.ack(client_id, message)
  }
  const verdict = await judged(site.url, ledger, [ann, bob], chat_id)
  for (const line of lines) line.close()
  const figures = `${rounds} times ${AT_ONCE} at once over two doors: one stored, the others 409`
  return { figures, verdict }
}

export const repeats: Row[] = [
  { id: 'F12', does: 'An ack is lost, and the send repeated over another door', run: lostAcks },
  { id: 'F13', does: 'One client_id with different texts, 50 at once', run: sameClientId },
]
