// Text: how long, in which characters, and what is none.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { takingJson } from '../support/operations'
import { call } from '../support/raw'
import { everyRoute } from '../support/routes'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString()
const freely = () => world({ RATE_LIMITS: false })
const JSON_TYPE = { 'content-type': 'application/json' }

describe('31: text', () => {
  test('31: one character above the limit is 422 at every door where messages are written', async () => {
    await using w = await freely()
    const [alice, bob] = [await w.as('alice'), await w.as('bob')]
    const { data } = await alice.api.chats.post({ participants: [bob.id] })
    const id = data!.id
    const line = await alice.online()
    const send = (path: string, json: object, method = 'POST') =>
      call(w.url, method, path, { token: alice.token, json })
    const { body: first } = await send(`/chats/${id}/messages`, { content: 'x'.repeat(8_000) })
    expect(first.seq).toBe(1)
    for (const content of ['x'.repeat(8_001), `${'ä'.repeat(8_000)}!`, '💩'.repeat(4_001)]) {
      const statuses = [
        await send(`/chats/${id}/messages`, { content }),
        await send(`/chats/${id}/messages/${first.id}`, { content }, 'PATCH'),
        await send(`/chats/${id}/draft`, { content }, 'PUT'),
        await send(`/chats/${id}/scheduled`, { content, send_at: TOMORROW }),
        await send('/compat/aws/messages', { sender: alice.id, receiver: bob.id, content }),
        await send('/compat/messaging/send-message', { room_id: id, message: content }),
        await send('/compat/chatnest/messages', { user_id: alice.id, conversation_id: id, content }),
        await line.ask({ type: 'send', chat_id: id, content }),
      ].map(({ status }) => status)
      expect(statuses).toEqual(Array(8).fill(422))
    }
    expect((await alice.api.chats({ id }).messages.get({ query: {} })).data?.items).toHaveLength(1)
  })

  test('31: comes back as it was sent, whatever script it is in, or is refused', async () => {
    await using w = await freely()
    const [alice, bob] = [await w.as('alice'), await w.as('bob')]
    const { data } = await alice.api.chats.post({ participants: [bob.id] })
    const path = `/chats/${data!.id}/messages`
    const kept = [
      '\u202egnp.exe',
      '👩‍👩‍👧‍👦',
      'e\u0301 is not é',
      '\ufeffbom',
      'a\u2028b',
      '<script>alert(1)</script>',
      "'; DROP TABLE messages; --",
      '\u200b',
      '\u0001',
      '$where',
    ]
    for (const content of kept) {
      const { status, body } = await call(w.url, 'POST', path, { token: alice.token, json: { content } })
      if (status === 422) continue
      expect(body.content).toBe(content)
      expect((await call(w.url, 'GET', `${path}/${body.id}`, { token: bob.token })).body.content).toBe(
        content,
      )
    }
    const line = await alice.online()
    for (const bad of ['a\\u0000b', '\\ud800', '\\udc00\\ud800', 'x\\ud83d']) {
      const body = `{"content":"${bad}"}`
      expect((await call(w.url, 'POST', path, { token: alice.token, body, headers: JSON_TYPE })).status).toBe(
        422,
      )
      line.say(`{"type":"send","chat_id":"${data!.id}","content":"${bad}"}`)
    }
    await line.ask({ type: 'ping' })
    expect(line.of('error').map(({ status }) => status)).toEqual([422, 422, 422, 422])
  })

  test('31: in a username shows what it is: nothing invisible, and one person for all ways to write a name', async () => {
    await using w = await freely()
    await w.as('alice')
    const join = async (username: string) =>
      (
        await call(w.url, 'POST', '/auth/register', {
          json: { username, password: 'a long way to Tipperary' },
        })
      ).status
    for (const username of [
      '\u3164',
      'alice\u3164',
      '\u115falice',
      'al\uffa0ice',
      'alice\u200b',
      '\u202ealice',
      'ali\u00adce',
    ])
      expect([username, await join(username)]).toEqual([username, 422])
    for (const username of ['ALICE', 'ａｌｉｃｅ', '𝐚𝐥𝐢𝐜𝐞', 'Alice'])
      expect([username, await join(username)]).toEqual([username, 409])
  })

  test('31: that is not UTF-8 is 400 at every route, and not mended', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    const bytes = Buffer.concat([
      Buffer.from('{"content":"'),
      Buffer.from([0xff, 0xfe, 0xc0, 0x80]),
      Buffer.from('"}'),
    ])
    for (const { name, method, asked } of await takingJson(w)) {
      const { status } = await call(w.url, method, asked.path, {
        token,
        body: bytes as never,
        headers: JSON_TYPE,
      })
      expect([name, status]).toEqual([name, 400])
    }
  })

  test('31: has a bound wherever it is taken, and so has every list', async () => {
    const unbounded: string[] = []
    for (const { method, path, hooks } of await everyRoute()) {
      const look = (schema: any, at: string): void => {
        if (typeof schema !== 'object' || schema === null) return
        const isBounded = [schema.maxLength, schema.pattern, schema.const].some(bound => bound !== undefined)
        if (schema.type === 'string' && !isBounded) unbounded.push(`${method} ${path} ${at}`)
        if (schema.type === 'array' && schema.maxItems === undefined)
          unbounded.push(`${method} ${path} ${at}`)
        for (const [name, inner] of Object.entries(schema.properties ?? {})) look(inner, `${at}/${name}`)
        for (const inner of [schema.items, ...(schema.anyOf ?? [])]) look(inner, at)
      }
      for (const part of ['body', 'query', 'params'] as const) look(hooks[part], part)
    }
    // Of the name of a file nothing is kept, and all but 28 characters of one form is 404.
    expect(unbounded).toEqual(['GET /compat/aws/static/:file params/file'])
  })
})
