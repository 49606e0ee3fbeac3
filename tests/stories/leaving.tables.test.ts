// Nothing of a person is left where it should not be: looked for in every table of the store itself.
import { expect, test } from 'bun:test'
import { setPicture } from '../support/avatars'
import { groupChat, message, privateChat, say } from '../support/chats'
import { blobNames, statusOf, uploaded } from '../support/files'
import { arrive, PASSWORD, signIn, type Person } from '../support/people'
import { jpegOf, scene } from '../support/pictures'
import { pushService } from '../support/pushservice'
import { call } from '../support/raw'
import { newHome, start, type Server } from '../support/server'
import { placesOf, rowsOf, type Found } from '../support/tables'

const isMongo = process.env.TEST_STORE === 'mongodb'

/**
 * Where the id may stay. It is the id of nobody then: the erased row, the places that keep order and receivers right
 * (sender, receiver, pair, the other member of a private chat, who created a group), and what others wrote or do
 * (whom they mention, who reacted, where a forwarded message came from).
 */
const ID_STAYS = isMongo
  ? [
      'chats.created_by',
      'chats.pair',
      'members.user_id',
      'messages.forward',
      'messages.mentioned',
      'messages.mentions',
      'messages.reactions',
      'messages.receiver_id',
      'messages.sender_id',
      // Without words: keeps out what a slower node writes late.
      'search.sender_id',
      'users._id',
      'users.email_key',
    ]
  : [
      'chats.created_by',
      'chats.pair',
      'members.user_id',
      'mentions.user_id',
      'messages.extra',
      'messages.receiver_id',
      'messages.sender_id',
      'users.id',
    ]

/** Only for 30 days; and where others wrote it. */
const NAME_STAYS = isMongo
  ? ['messages.content', 'search.terms', 'users.username_key']
  : ['messages.content', 'search_messages.terms', 'search_terms.term', 'users.username_key']

/** What others carried on is theirs. */
const FORWARDED_STAYS = isMongo
  ? ['messages.content', 'search.terms']
  : ['messages.content', 'search_messages.terms', 'search_terms.term']

const WORDS = {
  email: 'quixote@example.com',
  fullName: 'Cervantina',
  bio: 'windmills',
  status: 'galloping',
  avatar: 'rocinante.png',
  device: 'Escutcheon',
  draft: 'dulcinea',
  scheduled: 'barataria',
  noted: 'clavileno',
}
const SAID = ['alonsosaid', 'alonsoformer', 'alonsoquoted', 'alonsogroup', 'alonsoleft', 'alonsothread']
const FORWARDED = 'alonsoforwarded'
/** Names of files that go with their person; the bytes say the same with a number in it. */
const LONE = ['alonsolone', 'alonsounshown']
const ATTACHED = 'alonsoattached'
const CARRIED = 'alonsocarried'
const bytesOf = (name: string) => name.replace('alonso', 'alonso0')

/** What is shown in messages that stay: the file's name and bytes, without their person. */
const FILE_STAYS = isMongo ? ['files.name', 'messages.attachments'] : ['files.name', 'messages.extra']
const BYTES_STAY = isMongo ? ['blobs.chunks.data'] : ['blobs.bytes']
const NAME = 'mancharider'

/** A life: of everything that a person can leave behind, something. */
async function live(server: Server, service: ReturnType<typeof pushService>) {
  const ann = await arrive(server.url, NAME)
  const bob = await arrive(server.url, 'bob')
  const cleo = await arrive(server.url, 'cleo')
  const { email, fullName: full_name, bio, status } = WORDS
  const avatar = `https://example.com/${WORDS.avatar}`
  await ann.api.users.me.patch({ email, full_name, bio, status, avatar })
  await call(server.url, 'POST', '/auth/login', {
    json: { username: NAME, password: PASSWORD, device_name: WORDS.device },
  })
  await ann.api.auth.ticket.post({})
  const browser = service.browser()
  await call(server.url, 'PUT', '/push/subscriptions', {
    token: ann.token,
    json: { ...browser.subscription, endpoint: 'https://1.1.1.1/wpush', device_name: WORDS.device },
  })

  const id = await privateChat(ann, bob)
  const group = await groupChat(ann, bob, cleo)
  const left = await groupChat(cleo, ann, bob)
  const notes = await privateChat(ann, ann)
  await say(ann, notes, WORDS.noted)
  const first = await say(ann, id, 'alonsoformer')
  await message(ann, id, first.id).patch({ content: 'alonsosaid' })
  const quoted = await say(ann, id, 'alonsoquoted')
  const answer = await say(bob, id, 'an answer', { reply_to: quoted.id })
  await message(ann, id, answer.id)
    .reactions({ emoji: encodeURIComponent('👍') })
    .put()
  await say(bob, group, `for @${NAME}`)
  const carried = await say(ann, id, FORWARDED)
  await bob.api.chats({ id: group }).messages.post({ forward: { chat_id: id, message_id: carried.id } })
  const file = async (name: string) => {
    const file_id = await uploaded(server, ann, bytesOf(name), name)
    return { attachments: [{ file_id }] }
  }
  const attachment = await file(ATTACHED)
  await say(ann, group, '', attachment)
  const shown = await say(ann, id, '', await file(CARRIED))
  await bob.api.chats({ id: group }).messages.post({ forward: { chat_id: id, message_id: shown.id } })
  await file(LONE[0]!)
  const unshown = await say(ann, group, '', await file(LONE[1]!))
  await message(ann, group, unshown.id).delete()
  await say(ann, group, 'alonsogroup')
  const root = await say(bob, group, 'a thread')
  await say(ann, group, 'alonsothread', { thread_of: root.id })
  await message(ann, group, root.id).delete({}, { query: { for: 'me' } })
  await say(ann, left, 'alonsoleft')
  await ann.api.chats({ id: left }).leave.post()
  await ann.api.users.me.saved({ message_id: answer.id }).put()
  const send_at = new Date(Date.now() + 9e6).toISOString()
  await ann.api.chats({ id }).scheduled.post({ content: WORDS.scheduled, send_at })
  for (const chat of [id, group]) await ann.api.chats({ id: chat }).draft.put({ content: WORDS.draft })
  await ann.api.chats({ id }).settings.patch({ archived: true, notify: 'none' })
  await ann.api.chats({ id }).read.post({ seq: 2 })
  await search(bob, 'alonso')
  return { ann, bob, cleo, id, group, attached: attachment.attachments[0]!.file_id }
}

/** Brings the index level. */
const search = async (who: Person, q: string) =>
  (await who.api.messages.search.get({ query: { q } })).data?.items.map(({ message }) => message.content) ??
  []

async function endOf(server: Server) {
  server.process.kill()
  await server.process.exited
}

function expectNothingPrivate(rows: Found[], ann: Person, sessionIds: string[]) {
  for (const [what, word] of Object.entries(WORDS)) expect([what, placesOf(rows, word)]).toEqual([what, []])
  for (const session of sessionIds) expect(placesOf(rows, session)).toEqual([])
  expect(placesOf(rows, '1.1.1.1')).toEqual([])
  expect(placesOf(rows, '$argon2id$').filter(place => !place.startsWith('users.'))).toEqual([])
  expect(rows.find(({ row }) => (row.id ?? row._id) === ann.id)?.row.password_hash).toBeNull()
  const members = rows.filter(({ place, row }) => place === 'members' && row.user_id === ann.id)
  expect(members).toHaveLength(1)
  expect(members[0]?.row).toMatchObject({ notify: 'all', draft: null, muted_until: null, my_no: 0 })
  expect(placesOf(rows, NAME)).toEqual(NAME_STAYS)
}

for (const messages of ['delete', 'keep'] as const) {
  test(`after a deletion with messages: ${messages}`, async () => {
    using service = pushService()
    await using home = await newHome()
    const server = await start({ ...home, LOG_LEVEL: 'debug' })
    const { ann, bob, cleo, id, group, attached } = await live(server, service)
    const sessionIds = (await ann.api.auth.sessions.get()).data!.items.map(session => session.id)
    expect(sessionIds).toHaveLength(2)

    const before = await rowsOf(home)
    const files = [...LONE, ATTACHED, CARRIED].flatMap(name => [name, bytesOf(name)])
    for (const word of [...Object.values(WORDS), ...SAID, FORWARDED, ...sessionIds, '1.1.1.1', ...files])
      expect([word, placesOf(before, word).length > 0]).toEqual([word, true])

    expect((await ann.api.users.me.delete({ password: PASSWORD, messages })).status).toBe(200)
    const isTombstone = async () => {
      const { data } = await bob.api.chats({ id: group }).messages.get({ query: {} })
      return data!.items.every(({ sender_id, deleted_at }) => sender_id !== ann.id || deleted_at !== null)
    }
    while (messages === 'delete' && !(await isTombstone())) await Bun.sleep(10)
    while ((await rowsOf(home)).some(({ place }) => place === 'departures')) await Bun.sleep(10)
    await search(bob, 'alonso')
    const shown = JSON.stringify((await bob.api.chats({ id }).messages.get({ query: {} })).data)
    expect(await statusOf(server, cleo, attached)).toBe(messages === 'keep' ? 200 : 404)
    await endOf(server)
    for (const word of [...Object.values(WORDS), NAME, 'alonso', ann.token])
      expect(server.printed()).not.toContain(word)

    const rows = await rowsOf(home)
    expectNothingPrivate(rows, ann, sessionIds)
    expect(ID_STAYS).toEqual(
      expect.arrayContaining(placesOf(rows, ann.id).filter(place => !isOfKept(place, messages))),
    )
    for (const word of LONE.flatMap(name => [name, bytesOf(name)])) expect(placesOf(rows, word)).toEqual([])
    const stay = messages === 'keep' ? [ATTACHED, CARRIED] : [CARRIED]
    for (const name of stay) {
      expect(placesOf(rows, name)).toEqual(FILE_STAYS)
      expect(placesOf(rows, bytesOf(name))).toEqual(BYTES_STAY)
    }
    if (messages === 'keep') return expect(shown).toContain('alonsosaid')
    const gone = [...SAID, ATTACHED, bytesOf(ATTACHED)]
    for (const word of gone) expect([word, placesOf(rows, word)]).toEqual([word, []])
    expect(placesOf(rows, FORWARDED)).toEqual(FORWARDED_STAYS)
    expect(placesOf(rows, ann.id)).toEqual(ID_STAYS)
    expect(shown).not.toContain('alonso')
  }, 60_000)
}

/** Messages that stay are found by their sender. */
const isOfKept = (place: string, messages: string) =>
  messages === 'keep' && ['search_terms.term', 'search_messages.terms', 'mentions.sender_id'].includes(place)

test('nothing of a picture, nor of files, is left', async () => {
  await using home = await newHome()
  const server = await start(home)
  const ann = await arrive(server.url, 'ann')
  await setPicture(server.url, ann, await jpegOf(scene(40, 40)))
  await uploaded(server, ann, await jpegOf(scene(400, 400)), 'cat.jpg')
  expect(await blobNames(home)).toHaveLength(4)
  await ann.api.users.me.delete({ password: PASSWORD })
  await endOf(server)
  expect(await blobNames(home)).toEqual([])
  const places = placesOf(await rowsOf(home), ann.id)
  expect(places).toEqual(isMongo ? ['users._id', 'users.email_key'] : ['users.id'])
}, 30_000)

test('the person signs in no more', async () => {
  await using home = await newHome()
  const server = await start(home)
  const ann = await arrive(server.url, 'ann')
  const phone = await signIn(server.url, ann)
  const line = await phone.online()
  await ann.api.users.me.delete({ password: PASSWORD })
  expect(await line.closed).toBe(4401)
  const paths = ['/auth/me', '/users/me/export', '/chats', '/push/subscriptions']
  for (const path of paths)
    expect((await call(server.url, 'GET', path, { token: phone.token })).status).toBe(401)
  const refresh = await call(server.url, 'POST', '/auth/refresh', {
    json: { refresh_token: phone.refreshToken },
  })
  expect(refresh.status).toBe(401)
  await endOf(server)
}, 30_000)
