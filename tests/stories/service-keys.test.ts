// A trusted backend acts for people with a service key; whoever else tries gets nowhere.
import { describe, expect, test } from 'bun:test'
import { connect, lineOf } from '../support/line'
import { formOf, statusOf } from '../support/files'
import { makeKey, root } from '../support/keys'
import { call } from '../support/raw'
import { world } from '../support/world'

const acting = (userId: string) => ({ 'x-acting-user': userId })

describe('a service key', () => {
  test('acts for the person named: their chats, their messages, heard by the others', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const { key } = await makeKey(w.url, await root(w))
    const line = await bob.online()
    const opened = await call(w.url, 'POST', '/chats', {
      token: key,
      headers: acting(ann.id),
      json: { participants: ['@bob'] },
    })
    expect(opened.status).toBe(201)
    const sent = await call(w.url, 'POST', `/chats/${opened.body.id}/messages`, {
      token: key,
      headers: acting('@ann'),
      json: { content: 'Your parcel is on its way' },
    })
    expect(sent.body).toMatchObject({ sender_id: ann.id, content: 'Your parcel is on its way' })
    expect((await line.hears('message')).message.id).toBe(sent.body.id)
  })

  test('is shown once, and kept nowhere', async () => {
    await using w = await world()
    const token = await root(w)
    const { id, key } = await makeKey(w.url, token)
    const { body } = await call(w.url, 'GET', '/admin/keys', { token })
    expect(body.items).toEqual([expect.objectContaining({ id, name: 'shop backend', last_used_at: null })])
    expect(JSON.stringify(body)).not.toContain(key.slice(-20))
    expect(JSON.stringify(await w.stores.admin.keys({ limit: 10 }))).not.toContain(key.slice(-20))
  })

  test('needs a person, and one that exists', async () => {
    await using w = await world()
    const { key } = await makeKey(w.url, await root(w))
    const nobody = await call(w.url, 'GET', '/chats', { token: key })
    expect([nobody.status, nobody.body.code]).toEqual([400, 'acting_user_required'])
    const unknown = await call(w.url, 'GET', '/chats', { token: key, headers: acting('f'.repeat(24)) })
    expect(unknown.status).toBe(404)
    const odd = await call(w.url, 'GET', '/chats', { token: key, headers: acting('me') })
    expect(odd.status).toBe(404)
  })

  test('leaves a trace of each use, before it takes place', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const token = await root(w)
    const { id, key } = await makeKey(w.url, token)
    await call(w.url, 'GET', '/chats?limit=1', { token: key, headers: acting(ann.id) })
    await call(w.url, 'DELETE', `/chats/${ann.id}`, { token: key, headers: acting(bob.id) })
    const { body } = await call(w.url, 'GET', `/admin/audit?key_id=${id}`, { token })
    const seen = body.items.map((entry: Record<string, string>) => [entry.user_id, entry.action])
    expect(seen).toEqual([
      [bob.id, `DELETE /chats/${ann.id}`],
      [ann.id, 'GET /chats'],
    ])
    const ofAnn = await call(w.url, 'GET', `/admin/audit?user_id=${ann.id}`, { token })
    expect(ofAnn.body.items).toHaveLength(1)
  })

  test('opens a socket for a person, which closes when the key is revoked', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const token = await root(w)
    const { id, key } = await makeKey(w.url, token)
    const line = lineOf(
      new WebSocket(`${w.url.replace('http', 'ws')}/ws`, {
        headers: { authorization: `Bearer ${key}`, ...acting(ann.id) },
      } as never),
    )
    expect((await line.hears('hello')).user_id).toBe(ann.id)
    const { body } = await call(w.url, 'POST', '/auth/ticket', { token: key, headers: acting(ann.id) })
    const ticketed = lineOf(new WebSocket(`${w.url.replace('http', 'ws')}/ws?ticket=${body.ticket}`))
    expect((await ticketed.hears('hello')).user_id).toBe(ann.id)
    expect((await call(w.url, 'DELETE', `/admin/keys/${id}`, { token })).status).toBe(200)
    expect(await line.closed).toBe(4401)
    expect(await ticketed.closed).toBe(4401)
    const after = await call(w.url, 'GET', '/chats', { token: key, headers: acting(ann.id) })
    expect([after.status, after.body.code]).toEqual([401, 'bad_key'])
    expect((await call(w.url, 'DELETE', `/admin/keys/${id}`, { token })).status).toBe(404)
  })
})

describe('a stranger', () => {
  test('uploads and fetches for a person, also by a ticket, which ends with the key', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const admin = await root(w)
    const { id, key } = await makeKey(w.url, admin)
    const body = formOf('ten', 'ten.txt') as unknown as BodyInit
    const file = (await call(w.url, 'POST', '/files', { token: key, headers: acting(ann.id), body })).body.id
    expect([await statusOf(w, ann, file), await statusOf(w, bob, file)]).toEqual([200, 404])
    const ticketFor = async (who: string) => {
      const json = { for: 'files' }
      return (await call(w.url, 'POST', '/auth/ticket', { token: key, headers: acting(who), json })).body
        .ticket
    }
    const [anns, bobs] = [await ticketFor(ann.id), await ticketFor(bob.id)]
    const seen = () => Promise.all([anns, bobs].map(ticket => statusOf(w, null, `${file}?ticket=${ticket}`)))
    expect(await seen()).toEqual([200, 404])
    expect((await call(w.url, 'GET', '/auth/me', { token: anns })).status).toBe(401)
    expect((await call(w.url, 'DELETE', `/admin/keys/${id}`, { token: admin })).status).toBe(200)
    expect(await seen()).toEqual([401, 401])
  })

  test('makes, lists, revokes and audits nothing', async () => {
    await using w = await world()
    const mallory = await w.as('mallory')
    const { id } = await makeKey(w.url, await root(w))
    for (const [method, path, body] of [
      ['POST', '/admin/keys', { name: 'mine' }],
      ['GET', '/admin/keys', undefined],
      ['DELETE', `/admin/keys/${id}`, undefined],
      ['GET', '/admin/audit', undefined],
    ] as const) {
      const refused = await call(w.url, method, path, { token: mallory.token, json: body })
      expect([path, refused.status, refused.body.code]).toEqual([path, 403, 'administrators_only'])
      expect((await call(w.url, method, path, { json: body })).status).toBe(401)
    }
  })

  test('is nobody else by naming them', async () => {
    await using w = await world()
    const [ann, mallory] = [await w.as('ann'), await w.as('mallory')]
    const { body } = await call(w.url, 'GET', '/auth/me', { token: mallory.token, headers: acting(ann.id) })
    expect(body.id).toBe(mallory.id)
    const line = await connect(w.url, mallory.token)
    expect(line.heard[0]?.user_id).toBe(mallory.id)
    line.close()
  })

  test('gains no administrator by a key that acts for one', async () => {
    await using w = await world()
    const token = await root(w)
    const { key } = await makeKey(w.url, token)
    const refused = await call(w.url, 'POST', '/admin/keys', {
      token: key,
      headers: acting('@root'),
      json: { name: 'another' },
    })
    expect([refused.status, refused.body.code]).toEqual([403, 'not_by_key'])
  })
})
