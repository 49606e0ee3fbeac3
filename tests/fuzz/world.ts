// The people, chats and things that cases act on: made at the start, and learnt from every answer.
import { PASSWORD } from '../support/people'
import { call } from '../support/raw'
import { formOf } from '../support/files'
import type { Kind } from './refs'
import { ADMIN } from './target'

export interface Somebody {
  id: string
  username: string
  token: string
  refresh: string
}

interface KnownChat {
  id: string
  members: Set<string>
  messages: string[]
}

/** The last so many of each kind are remembered. */
const KEPT = 40
const PEOPLE = 10

export type World = Awaited<ReturnType<typeof createWorld>>

export async function createWorld(url: string) {
  const people: Somebody[] = []
  const chats: KnownChat[] = []
  const things = new Map<Kind, string[]>()
  let made = 0

  const ask = (who: { token: string }, method: string, path: string, json?: unknown) =>
    call(url, method, path, { token: who.token, json })

  function keep(kind: Kind, value: unknown) {
    if (typeof value !== 'string' || value === '') return
    const known = things.get(kind) ?? []
    things.set(kind, [...known.filter(it => it !== value), value].slice(-KEPT))
  }

  const nth = <T>(list: T[], n: number): T | undefined => list[n % Math.max(1, list.length)]
  const newName = () => `fuzzer${++made}`
  const chatAt = (focus: number) => nth(chats, focus)

  /** One of a kind, near the chat at `focus` where there is a choice; now and then one from elsewhere. */
  function find(kind: Kind, n: number, focus: number): unknown {
    const chat = n % 10 === 9 ? nth(chats, n) : chatAt(focus)
    if (kind === 'chat') return chat?.id ?? NOBODY
    if (kind === 'message') return nth(chat?.messages ?? [], n) ?? NOBODY
    if (kind === 'member') return nth([...(chat?.members ?? [])], n) ?? NOBODY
    if (kind === 'user') return nth(people, n)?.id ?? NOBODY
    if (kind === 'username') return nth(people, n)?.username ?? 'nobody'
    if (kind === 'name or id') {
      const person = nth(people, n)
      return (['me', `@${person?.username}`, person?.id, person?.id] as const)[(n >> 3) % 4] ?? NOBODY
    }
    if (kind === 'refresh') return nth(people, n)?.refresh ?? NOBODY
    if (kind === 'new name') return n % 5 ? newName() : (nth(people, n)?.username ?? newName())
    if (kind === 'new email')
      return n % 5 ? `${newName()}@example.com` : (nth(things.get('email') ?? [], n) ?? 'a@b.example')
    if (kind === 'seq') return n % 7 === 6 ? n * 1000 : n % 40
    if (kind === 'time') return new Date(Date.now() + (n - 100) * 60_000).toISOString()
    return nth(things.get(kind) ?? [], n) ?? NOBODY
  }

  /** Takes in what an answer tells of: who is there now, which chats, messages and other things there are. */
  function learn(value: unknown): void {
    if (Array.isArray(value)) return value.slice(0, KEPT).forEach(item => learn(item))
    if (typeof value !== 'object' || value === null) return
    const it = value as Record<string, any>
    if (typeof it.next === 'string') keep('cursor', it.next)
    if (it.access_token && it.user?.id) addPerson(it)
    if (it.chat_type && Array.isArray(it.participants)) addChat(it)
    if (it.client_id && it.seq && it.chat_id) addMessage(it)
    if (it.media_type && it.size !== undefined && it.id) {
      keep('file', it.id)
      if (String(it.media_type).startsWith('image/')) keep('picture', it.id)
    }
    if (it.code && it.url) keep('code', it.code)
    if (it.send_at) keep('scheduled', it.id)
    if (it.last_used_at !== undefined && it.current !== undefined) keep('session', it.id)
    if (it.endpoint_host || it.endpoint) keep('subscription', it.id)
    if (it.ticket) keep('ticket', it.ticket)
    if (it.key && it.name) keep('key', it.id)
    if (it.email) keep('email', it.email)
    for (const [key, inner] of Object.entries(it)) if (key !== 'user_ids') learn(inner)
  }

  function addPerson({ user, access_token, refresh_token }: Record<string, any>) {
    const person = { id: user.id, username: user.username, token: access_token, refresh: refresh_token }
    const known = people.findIndex(({ id }) => id === user.id)
    if (known !== -1) people[known] = person
    else people.push(person)
    if (people.length > 3 * PEOPLE) people.splice(PEOPLE, 1)
  }

  function addChat({ id, participants }: Record<string, any>) {
    const known = chats.find(chat => chat.id === id)
    if (known) known.members = new Set(participants)
    else chats.push({ id, members: new Set(participants), messages: [] })
    if (chats.length > KEPT) chats.splice(chats.length >> 1, 1)
  }

  function addMessage({ id, chat_id }: Record<string, any>) {
    const chat = chats.find(it => it.id === chat_id)
    if (chat && !chat.messages.includes(id)) chat.messages = [...chat.messages, id].slice(-KEPT)
  }

  async function newcomer(): Promise<Somebody> {
    const { body } = await call(url, 'POST', '/auth/register', {
      json: { username: newName(), email: `${newName()}@example.com`, password: PASSWORD },
    })
    learn(body)
    return people.find(({ id }) => id === body.user.id) as Somebody
  }

  /** A chat with messages, files, a link and more, so that cases reach what lies behind. */
  async function furnish(owner: Somebody, others: Somebody[], group: boolean) {
    const settings = group ? { chat_type: 'group', group_name: 'Walkers' } : {}
    const { body: chat } = await ask(owner, 'POST', '/chats', {
      ...settings,
      participants: others.map(({ id }) => id),
    })
    learn(chat)
    for (const who of [owner, ...others]) {
      const { body } = await ask(who, 'POST', `/chats/${chat.id}/messages`, {
        content: `hello tipperary ${made}`,
      })
      learn(body)
      await ask(who, 'PUT', `/chats/${chat.id}/messages/${body.id}/reactions/${encodeURIComponent('👍')}`)
    }
    const file = await call(url, 'POST', '/files', {
      token: owner.token,
      body: formOf(PICTURE, 'a.png') as unknown as BodyInit,
    })
    learn(file.body)
    learn(
      (await ask(owner, 'POST', `/chats/${chat.id}/messages`, { attachments: [{ file_id: file.body.id }] }))
        .body,
    )
    const send_at = new Date(Date.now() + 86_400_000).toISOString()
    learn((await ask(owner, 'POST', `/chats/${chat.id}/scheduled`, { content: 'later', send_at })).body)
    if (group) learn((await ask(owner, 'POST', `/chats/${chat.id}/invites`, {})).body)
  }

  /** What is dear to look at: a message with as many former texts as it may have, and a text of many different words. */
  async function weigh(owner: Somebody, chatId: string) {
    const { body } = await ask(owner, 'POST', `/chats/${chatId}/messages`, { content: 'tipperary' })
    for (let i = 0; i < 100; i++)
      await ask(owner, 'PATCH', `/chats/${chatId}/messages/${body.id}`, {
        content: dearText(i, i === 99 ? 8_000 : 7_900),
      })
    learn(body)
  }

  const admin = await call(url, 'POST', '/auth/login', { json: ADMIN }).then(({ body }) => ({
    id: body.user.id,
    token: body.access_token as string,
  }))
  const { body: serviceKey } = await ask(admin, 'POST', '/admin/keys', { name: 'fuzz' })

  /** Brings back what cases have taken away: people who are signed in, and chats that are theirs. */
  async function tend() {
    const { status } = await ask(admin, 'GET', '/auth/me')
    if (status === 401) {
      const { body } = await call(url, 'POST', '/auth/login', { json: ADMIN })
      admin.token = body.access_token
    }
    const standing = await Promise.all(
      people.map(async person => (await ask(person, 'GET', '/auth/me')).status === 200),
    )
    people.splice(0, people.length, ...people.filter((_, i) => standing[i]))
    while (people.length < PEOPLE) await newcomer()
    const found = await Promise.all(
      chats.map(async ({ id, members }) => {
        const member = people.find(person => members.has(person.id))
        return member && (await ask(member, 'GET', `/chats/${id}`))
      }),
    )
    chats.splice(0, chats.length, ...chats.filter((_, i) => found[i]?.status === 200))
    learn(found.filter(answer => answer?.status === 200).map(answer => answer?.body))
    let tries = 0
    const free = (from: number, to: number) => people.slice(from, to)
    while (chats.length < 8 && tries < 16) {
      const at = tries++ % 8
      await furnish(people[at] as Somebody, free(at + 1, at + (at % 2 ? 2 : 4)), at % 2 === 0)
    }
    learn((await ask(people[0] as Somebody, 'GET', '/auth/sessions')).body)
  }

  await tend()
  const [first] = chats as [KnownChat]
  await weigh(people[0] as Somebody, first.id)

  return {
    url,
    people,
    chats,
    admin,
    serviceKey: serviceKey.key as string,
    find,
    learn,

    /** Whoever is signed out is not asked again. */
    forget(headers: [string, string][]) {
      const token = headers.find(([name]) => name === 'authorization')?.[1].slice('Bearer '.length)
      const gone = people.findIndex(person => person.token === token)
      if (gone !== -1 && people.length > 4) people.splice(gone, 1)
    },

    tend,

    /** A member of the chat at `focus` who is known here. */
    memberOf(focus: number, n: number): Somebody {
      const members = people.filter(({ id }) => chatAt(focus)?.members.has(id))
      return (nth(members, n) ?? nth(people, n)) as Somebody
    },
    personAt: (n: number): Somebody => nth(people, n) as Somebody,
  }
}

/** Ideographs of which no two neighbours come twice. */
const dearText = (start: number, size: number): string =>
  String.fromCodePoint(...Array.from({ length: size }, (_, i) => 0x4e00 + (((i + start) * 7919) % 20_000)))

export const NOBODY = '0'.repeat(24)

/** A PNG of one pixel. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
