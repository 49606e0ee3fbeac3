// Mallory, who is in no chat of Alice's, by every route, door and frame: for her there is nothing there.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle, type C1 } from '../support/c1'
import { groupChat, privateChat } from '../support/chats'
import { ANN, BOB, CHAT, MESSAGE, requestOf } from '../support/operations'
import type { Person } from '../support/people'
import { call } from '../support/raw'
import { operationsOf } from '../support/routes'
import { world, type World } from '../support/world'

setDefaultTimeout(60_000)

const UNKNOWN = 'f'.repeat(24)
/** A picture for any id, and what is mine alone, whatever the id is of. */
const FOR_ALL = [
  'GET /users/{id}/avatar',
  'GET /chats/{id}/avatar',
  'PUT /users/me/blocks/{id}',
  'DELETE /users/me/blocks/{id}',
  'DELETE /users/me/saved/{message_id}',
]

const isSocket = (path: string) => /(^|\/)ws(\/|$)/.test(path)

/** The ids of the document's examples as those of c1, or as ids that nobody has. */
const idsOf = ({ alice, bob, c1, message }: C1) =>
  new Map([
    [ANN, alice.id],
    [BOB, bob.id],
    [CHAT, c1],
    [MESSAGE, message],
  ])

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString()
const freely = () => world({ RATE_LIMITS: false })

/** What a refusal says, but for the id of its request. */
const said = ({ status, body }: { status: number; body: any }) => [status, { ...body, request_id: '' }]

/** Each operation that names a chat, asked with the ids of c1 and with unknown ones. */
async function probes(w: World, scene: C1) {
  const document = (await call(w.url, 'GET', '/docs/json')).body
  const named = idsOf(scene)
  const unknown = new Map([...named, [CHAT, UNKNOWN], [MESSAGE, UNKNOWN]])
  return operationsOf(document).flatMap(operation => {
    const [real, none] = [requestOf(document, operation, named), requestOf(document, operation, unknown)]
    const method = operation.method.toUpperCase()
    const isAboutChat =
      JSON.stringify(real).includes(scene.c1) || JSON.stringify(real).includes(scene.message)
    return isAboutChat && !isSocket(real.path)
      ? [{ name: `${method} ${operation.path}`, method, real, none }]
      : []
  })
}

describe('17: a stranger', () => {
  test('17: gets of c1, its messages and members what an unknown chat gives, by every operation', async () => {
    await using w = await freely()
    const scene = await settle(w)
    const { mallory, alice } = scene
    const before = await call(w.url, 'GET', `/chats/${scene.c1}/messages`, { token: alice.token })
    const asked = await probes(w, scene)
    expect(asked.length).toBeGreaterThan(35)
    for (const { name, method, real, none } of asked) {
      const ask = ({ path, json }: typeof real) => call(w.url, method, path, { token: mallory.token, json })
      const [answer, other] = [await ask(real), await ask(none)]
      expect([name, answer.status]).toEqual([name, other.status])
      if (FOR_ALL.includes(name)) continue
      expect([name, ...said(answer)]).toEqual([name, ...said(other)])
      expect(answer.status, name).toBeOneOf(/\/(admin|compat)\//.test(name) ? [403, 404, 422] : [404, 422])
    }
    const after = await call(w.url, 'GET', `/chats/${scene.c1}/messages`, { token: alice.token })
    expect(after.body).toEqual(before.body)
  })

  test('17: gets no further by a body that is complete, or by a file', async () => {
    await using w = await freely()
    const { mallory, c1, message, file, bob } = await settle(w)
    const ask = async (method: string, path: string, json?: object) =>
      (await call(w.url, method, path, { token: mallory.token, json })).status
    const c = `/chats/${c1}`
    const answers = {
      send: await ask('POST', `${c}/messages`, { content: 'Boo' }),
      reply: await ask('POST', `${c}/messages`, { content: 'Boo', reply_to: message }),
      schedule: await ask('POST', `${c}/scheduled`, { content: 'Boo', send_at: TOMORROW }),
      draft: await ask('PUT', `${c}/draft`, { content: 'Boo' }),
      mute: await ask('PATCH', `${c}/settings`, { pinned: true }),
      rename: await ask('PATCH', c, { group_name: 'Mine' }),
      'add myself': await ask('POST', `${c}/members`, { participants: [mallory.id] }),
      promote: await ask('PATCH', `${c}/members/${bob.id}`, { role: 'owner' }),
      remove: await ask('DELETE', `${c}/members/${bob.id}`),
      'hand over': await ask('POST', `${c}/owner`, { user_id: mallory.id }),
      invite: await ask('POST', `${c}/invites`, {}),
      edit: await ask('PATCH', `${c}/messages/${message}`, { content: 'Boo' }),
      react: await ask('PUT', `${c}/messages/${message}/reactions/👍`),
      save: await ask('PUT', `/users/me/saved/${message}`),
      'delete all': await ask('DELETE', `${c}?for=everyone`),
      fetch: await ask('GET', `/files/${file}`),
      'delete file': await ask('DELETE', `/files/${file}`),
    }
    expect(new Set(Object.values(answers)), JSON.stringify(answers)).toEqual(new Set([404]))
  })

  test('17: takes nothing of it along: forwarding, quoting, attaching, picturing', async () => {
    await using w = await freely()
    const { alice, mallory, c1, message, file } = await settle(w)
    const own = await privateChat(mallory, mallory)
    const send = (json: object) =>
      call(w.url, 'POST', `/chats/${own}/messages`, { token: mallory.token, json })
    for (const json of [
      { content: 'x', reply_to: message },
      { forward: { chat_id: c1, message_id: message } },
      { content: 'x', attachments: [{ file_id: file }] },
      { content: 'x', thread_of: message },
    ]) {
      const { status, body } = await send(json)
      expect([404, 422]).toContain(status)
      expect(JSON.stringify(body)).not.toContain('a secret')
    }
    for (const json of [{ avatar: file }, { avatar: alice.id }])
      expect((await call(w.url, 'PATCH', '/users/me', { token: mallory.token, json })).status).toBeOneOf([
        404, 422,
      ])
    expect((await call(w.url, 'GET', `/files/${file}`, { token: mallory.token })).status).toBe(404)
  })

  test('17: reaches nothing that is somebody’s own by its id, nor through a chat of their own', async () => {
    await using w = await freely()
    const { alice, bob, mallory, c1 } = await settle(w)
    const own = await groupChat(mallory)
    const ask = (who: Person, method: string, path: string, json?: object) =>
      call(w.url, method, path, { token: who.token, json })
    const later = { content: 'later', send_at: TOMORROW }
    const { id } = (await ask(alice, 'POST', `/chats/${c1}/scheduled`, later)).body
    const { code } = (await ask(alice, 'POST', `/chats/${c1}/invites`, { needs_approval: true })).body
    await ask(await w.as('eve'), 'POST', `/invites/${code}`)
    const eve = (await ask(alice, 'GET', `/chats/${c1}/join-requests`)).body.items[0]
    const session = (await alice.api.auth.sessions.get()).data!.items[0]!.id
    const person = eve.user_id ?? eve.from ?? eve.user.id
    const answers = [
      await ask(mallory, 'PATCH', `/users/me/scheduled/${id}`, { content: 'Boo' }),
      await ask(mallory, 'DELETE', `/users/me/scheduled/${id}`),
      await ask(mallory, 'DELETE', `/auth/sessions/${session}`),
      await ask(mallory, 'DELETE', `/chats/${own}/invites/${code}`),
      await ask(mallory, 'GET', `/chats/${own}/invites/${code}/qr`),
      await ask(mallory, 'POST', `/chats/${own}/join-requests/${person}/approve`),
      await ask(mallory, 'DELETE', `/chats/${own}/join-requests/${person}`),
      await ask(mallory, 'DELETE', `/chats/${own}/members/${bob.id}`),
      await ask(mallory, 'PATCH', `/chats/${own}/members/${bob.id}`, { role: 'admin' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(404))
    expect((await ask(alice, 'GET', '/users/me/scheduled')).body.items).toMatchObject([
      { id, content: 'later' },
    ])
    expect((await ask(alice, 'GET', `/chats/${c1}/join-requests`)).body.items).toHaveLength(1)
    expect((await alice.api.auth.me.get()).status).toBe(200)
  })
})
