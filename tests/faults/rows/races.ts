// Two things at once, of which only one may win, or both in one order.
import { groupChat } from '../../support/chats'
import { blobNames, formOf, lineTo, part, requestOf, uploadHead } from '../../support/files'
import { connect, type Line } from '../../support/line'
import { historyOf, newLedger } from '../../support/oracle'
import { arrive, PASSWORD, type Person } from '../../support/people'
import { call } from '../../support/raw'
import { crowd, judged, must, siteOf, until, type Amount, type Outcome, type Row, type Site } from '../row'
import { doIt, possible, type Done, type Roles } from '../groupmodel'

const AT_ONCE = 50

async function opening(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const people = await crowd(site.url, amount(6, 20))
  let pairs = 0
  for (const [i, ann] of people.entries()) {
    for (const bob of people.slice(i + 1)) {
      const open = (j: number) => {
        const [me, other] = j % 2 ? [ann, bob] : [bob, ann]
        return me.api.chats.post({ participants: [other.id] })
      }
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, j) => open(j)))
      const ids = new Set(answers.map(({ data }) => data?.id))
      must(ids.size === 1 && !ids.has(undefined), `${ids.size} chats of one pair`)
      pairs++
    }
  }
  for (const person of people) {
    const { body } = await call(site.url, 'GET', '/chats?limit=100', { token: person.token })
    must(body.items.length === people.length - 1, `${body.items.length} chats in a list`)
  }
  return { figures: `${pairs} pairs, ${AT_ONCE} at once from both sides: one chat each` }
}

const anyOf = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T

const DOES = ['add', 'add', 'remove', 'owner', 'admin', 'member', 'leave', 'hand over'] as const

async function doOne(people: Person[], id: string): Promise<Done> {
  const [actor, does] = [anyOf(people), anyOf(DOES)]
  const target = anyOf(does === 'hand over' ? people.filter(person => person !== actor) : people)
  const done = await doIt(id, does, actor, target)
  must([200, 403, 404, 409].includes(done.status), `${does} answered ${done.status}`)
  return done
}

async function rolesOf(site: Site, id: string, people: Person[]): Promise<Roles> {
  for (const { token } of people) {
    const { status, body } = await call(site.url, 'GET', `/chats/${id}/members?limit=100`, { token })
    if (status !== 200) continue
    const roles: Roles = new Map(body.items.map((each: any) => [each.user_id, each.role]))
    const chat = await call(site.url, 'GET', `/chats/${id}`, { token })
    must(chat.body.member_count === roles.size, `counts ${chat.body.member_count} of ${roles.size} members`)
    return roles
  }
  return new Map()
}

const BURST = 5

/** A group with two owners, two admins and two members. */
async function newGroup(people: Person[]): Promise<string> {
  const [ann, ...others] = people as [Person, ...Person[]]
  const id = await groupChat(ann, ...others)
  for (const [i, role] of (['owner', 'admin', 'admin'] as const).entries()) {
    const { status } = await ann.api.chats({ id }).members({ user_id: others[i]!.id }).patch({ role })
    must(status === 200, `promoting answered ${status}`)
  }
  return id
}

async function groupEdits(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const people = await crowd(site.url, 6)
  let id = await newGroup(people)
  const bursts = amount(30, 200)
  let changed = 0
  for (let burst = 0; burst < bursts; burst++) {
    if (burst % 5 === 0) id = await newGroup(people)
    const before = await rolesOf(site, id, people)
    const done = await Promise.all(Array.from({ length: BURST }, () => doOne(people, id)))
    const after = await rolesOf(site, id, people)
    changed += done.filter(({ status }) => status === 200).length
    must(after.size === 0 || [...after.values()].includes('owner'), 'a group without an owner')
    must(
      possible(before, done, after),
      `no order explains ${JSON.stringify({ before: [...before], done, after: [...after] })}`,
    )
    for (const { id: user, token } of people) {
      const { status } = await call(site.url, 'GET', `/chats/${id}`, { token })
      must(status === (after.has(user) ? 200 : 404), `${status} for ${after.get(user) ?? 'a stranger'}`)
    }
  }
  return {
    figures: `${bursts * BURST} edits, ${BURST} at once, ${changed} done: each burst fits one order, always an owner`,
  }
}

async function removedWhileSending(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const [ann, bob, cleo] = (await crowd(site.url, 3)) as [Person, Person, Person]
  const chatId = await groupChat(ann, bob, cleo)
  const ledger = newLedger()
  const line = await bob.online()
  const races = amount(100, 1_000)
  let late = 0
  for (let race = 0; race < races; race++) {
    line.heard.length = 0
    const send = async (i: number) => {
      const client_id = `r${race}-${i}`
      ledger.send(client_id, client_id)
      const frame = { chat_id: chatId, content: client_id, client_id }
      const answer = await line.ask({ type: 'send', ...frame })
      if (answer.type === 'ack') ledger.ack(client_id, answer.message)
      else must(answer.status === 404, `a send answered ${answer.status}`)
      return answer.type === 'ack'
    }
    const sends = Array.from({ length: 6 }, (_, i) => send(i))
    const removing = ann.api.chats({ id: chatId }).members({ user_id: bob.id }).delete()
    must((await removing).status === 200, 'the removal was refused')
    const secret = `after ${race}`
    const { data: after } = await ann.api.chats({ id: chatId }).messages.post({ content: secret })
    const acks = await Promise.all(sends)
    const acked = acks.flatMap((isAcked, i) => (isAcked ? [ledger.acked.get(`r${race}-${i}`)!.seq] : []))
    must(
      acked.every(seq => seq < after!.seq),
      'a send of one who was removed comes after it',
    )
    if (acked.length < 6) late++
    // What is asked now is answered after all that was on its way.
    must((await line.ask({ type: 'ping' })).type === 'pong', 'no pong')
    const heard = line.of('message').map(({ message }) => message.content)
    must(!heard.includes(secret), 'heard what was said after the removal')
    const again = await ann.api.chats({ id: chatId }).members.post({ participants: [bob.id] })
    must(again.status === 200, `adding again answered ${again.status}`)
    await line.hears('chat', ({ chat }) => chat.id === chatId)
  }
  line.close()
  const verdict = await judged(site.url, ledger, [ann, bob, cleo], chatId)
  return {
    figures: `${races} races, in ${late} of them some sends came too late: 404, nothing heard afterwards`,
    verdict,
  }
}

/** Somebody who sends, uploads and leaves at once. */
async function leaveInTheMiddle(site: Site, ann: Person, chatId: string, i: number) {
  const bob = await arrive(site.url, `leaver${i}`)
  must(
    (await ann.api.chats({ id: chatId }).members.post({ participants: [bob.id] })).status === 200,
    'not added',
  )
  const line = await connect(site.url, bob.token)
  const sent = new Map<string, number>()
  const sending = sendOn(line, chatId, `l${i}`, sent)
  const upload = await lineTo(site)
  upload.resume()
  upload.write(
    requestOf(site, uploadHead(bob, 3_000_000), part('name="file"; filename="a"', Buffer.alloc(500_000))),
  )
  const whole = fetch(`${site.url}/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bob.token}` },
    body: formOf(Buffer.alloc(200_000, i), 'b.bin'),
  }).catch(() => null)
  await until('a first ack', () => sent.size > 0)
  const json = { password: PASSWORD }
  const { status } = await call(site.url, 'DELETE', '/users/me', { token: bob.token, json })
  must(status === 200, `leaving answered ${status}`)
  const count = (await historyOf(site.url, ann.token, chatId)).length
  must((await line.closed) === 4401, 'a socket outlived its person')
  await sending
  await whole
  const late = await call(site.url, 'POST', `/chats/${chatId}/messages`, {
    token: bob.token,
    json: { content: 'x' },
  })
  must(late.status === 401, `a send afterwards answered ${late.status}`)
  const history = await historyOf(site.url, ann.token, chatId)
  must(history.length === count, `${history.length - count} messages after the account was gone`)
  const seqOf = new Map(history.map(({ client_id, seq }) => [client_id, seq]))
  for (const [client_id, seq] of sent) must(seqOf.get(client_id) === seq, `lost ${client_id}`)
  upload.destroy()
}

/** Until the socket is closed. */
async function sendOn(line: Line, chatId: string, name: string, sent: Map<string, number>) {
  const closed = line.closed.then(() => null)
  for (let i = 0; ; i++) {
    const client_id = `${name}-${i}`
    const send = { type: 'send', chat_id: chatId, content: client_id, client_id }
    const asked = line.ask(send).catch(() => null)
    const answer = await Promise.race([asked, closed])
    if (answer === null) return
    if (answer.type === 'ack') sent.set(client_id, answer.message.seq)
    else must([401, 404].includes(answer.status), `a send answered ${answer.status}`)
  }
}

async function leaving(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const [ann] = (await crowd(site.url, 1)) as [Person]
  const chatId = await groupChat(ann)
  const leavers = amount(5, 50)
  for (let i = 0; i < leavers; i++) await leaveInTheMiddle(site, ann, chatId, i)
  await until('no file is left', async () => (await blobNames(site.home)).length === 0, 60)
  const { body } = await call(site.url, 'GET', `/chats/${chatId}`, { token: ann.token })
  must(body.member_count === 1, `${body.member_count} members are left`)
  const history = await historyOf(site.url, ann.token, chatId)
  history.forEach(({ seq }, i) => must(seq === i + 1, `seq ${seq} at ${i + 1}`))
  return {
    figures: `${leavers} accounts deleted while they sent and uploaded: nothing of theirs comes later, no file is left`,
  }
}

export const races: Row[] = [
  { id: 'F26', does: 'Both sides open their private chat at once', run: opening },
  { id: 'F27', does: 'Concurrent edits of a group, against a model', run: groupEdits },
  { id: 'F28', does: 'A member is removed while sending', run: removedWhileSending },
  { id: 'F29', does: 'An account is deleted while it sends and uploads', run: leaving },
]
