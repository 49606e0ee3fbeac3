// Finding people, looking after one's profile, and leaving for good.
import { describe, expect, test } from 'bun:test'
import { api, PASSWORD } from '../support/people'
import { call } from '../support/raw'
import { world } from '../support/world'

describe('finding people', () => {
  test('by id, @username or me; email and role are told to oneself only', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const bob = await w.as('Bob')
    await bob.api.users.me.patch({ email: 'bob@example.com', full_name: 'Bob Miller', bio: 'Fishing' })
    for (const id of [bob.id, '@bob', '@BOB']) {
      const { data } = await ann.api.users({ id }).get()
      expect(data).toMatchObject({ id: bob.id, username: 'Bob', full_name: 'Bob Miller', bio: 'Fishing' })
      expect(Object.keys(data ?? {}).toSorted()).toEqual(
        'avatar bio created_at full_name id last_seen presence status status_expires_at updated_at username'.split(
          ' ',
        ),
      )
    }
    expect((await ann.api.users({ id: 'me' }).get()).data?.id).toBe(ann.id)
    expect((await bob.api.auth.me.get()).data).toMatchObject({ email: 'bob@example.com', role: 'user' })
    for (const id of ['@nobody', '0'.repeat(24), 'nobody', '%00', '..%2f..%2fetc']) {
      expect((await call(w.url, 'GET', `/users/${id}`, { token: ann.token })).status).toBeOneOf([404, 422])
    }
  })

  test('by the beginnings of words, without case and accents; by whole emails only', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const eric = await w.as('eric')
    await eric.api.users.me.put({ full_name: 'Éric Lefèvre', email: 'eric@example.com' })
    const find = async (q: string) =>
      (await ann.api.users.get({ query: { q } })).data?.items.map(user => user.username)
    for (const q of ['eri', 'ÉRI', 'lefe', 'LEFÈ', 'lef er', 'eric@example.com', 'Eric@Example.com'])
      expect(await find(q)).toEqual(['eric'])
    for (const q of [
      'ric',
      'efevre',
      'lef zz',
      'eric@example',
      'example.com',
      '.*',
      '$where',
      '%',
      '',
      '  ',
    ]) {
      expect([q, await find(q)]).toEqual([q, []])
    }
    const { data } = await ann.api.users.search({ query: 'lef' }).get()
    expect(data?.items.map(user => user.id)).toEqual([eric.id])
  })

  test('everybody, a page at a time, each once', async () => {
    await using w = await world()
    const names = ['ann', 'bob', 'Cleo', 'dan', 'eve', 'Fay', 'gus']
    for (const name of names) await w.as(name)
    const ann = await w.as('zoe')
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const { data } = await ann.api.users.get({ query: { limit: 3, ...(cursor && { cursor }) } })
      seen.push(...(data?.items ?? []).map(user => user.username))
      cursor = data?.next ?? undefined
    } while (cursor)
    expect(seen).toEqual([...names, 'zoe'])
  })
})

describe('my profile', () => {
  test('I change what is mine, and nothing else', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const bob = await w.as('bob')
    const change = (json: object) => call(w.url, 'PATCH', '/users/me', { token: ann.token, json })
    expect(
      (await change({ full_name: 'Ann', role: 'admin', password_hash: 'x', id: bob.id })).body,
    ).toMatchObject({
      id: ann.id,
      full_name: 'Ann',
      role: 'user',
    })
    expect((await change({ full_name: null })).body.full_name).toBeNull()
    expect((await change({ username: 'BOB' })).status).toBe(409)
    expect((await change({ username: 'Ann' })).body.username).toBe('Ann')
    expect((await change({ avatar: 'javascript:alert(1)' })).status).toBe(422)
    expect((await change({ avatar: 'https://example.com/ann.png' })).status).toBe(200)
    expect((await change({ bio: 'x'.repeat(501) })).body.errors).toEqual([
      { path: 'body/bio', code: 'too_long' },
    ])
  })

  test('my status stays as set', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const bob = await w.as('bob')
    await ann.api.users.me.status.put({ status: 'at the lake' })
    expect((await bob.api.users({ id: ann.id }).get()).data?.status).toBe('at the lake')
  })
})

describe('deleting my account', () => {
  test('sign-ins end, messages stay as those of a deleted user, the name is not free', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const bob = await w.as('bob')
    await ann.api.users.me.patch({ email: 'ann@example.com', full_name: 'Ann Smith', bio: 'secret' })
    const { data: chat } = await ann.api.chats.post({ participants: [bob.id] })
    await ann.api.chats({ id: chat!.id }).messages.post({ content: 'Goodbye' })
    const line = await ann.online()

    expect((await ann.api.users.me.delete({ password: 'not mine' })).status).toBe(403)
    expect((await ann.api.users.me.delete({ password: PASSWORD })).status).toBe(200)

    expect(await line.closed).toBe(4401)
    expect((await ann.api.auth.me.get()).status).toBe(401)
    expect((await api(w.url).auth.login.post({ username: 'ann', password: PASSWORD })).status).toBe(401)
    expect((await api(w.url).auth.login.post({ email: 'ann@example.com', password: PASSWORD })).status).toBe(
      401,
    )
    const { data: gone } = await bob.api.users({ id: ann.id }).get()
    expect(gone).toMatchObject({ username: 'deleted_user', full_name: 'Deleted user', bio: null })
    expect((await bob.api.users.get({ query: { q: 'smith' } })).data?.items).toEqual([])
    expect((await bob.api.users({ id: '@ann' }).get()).status).toBe(404)
    const { data: page } = await bob.api.chats({ id: chat!.id }).messages.get({ query: {} })
    expect(page?.items).toMatchObject([{ content: 'Goodbye', sender_id: ann.id }])
    expect((await api(w.url).auth.register.post({ username: 'Ann', password: PASSWORD })).status).toBe(409)
  })

  test('right after signing in no password is asked for', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    expect((await call(w.url, 'DELETE', '/users/me', { token: ann.token })).status).toBe(200)
    expect((await call(w.url, 'GET', '/auth/me', { token: ann.token })).status).toBe(401)
  })

  test('a group of mine passes to the longest-serving admin, and one of mine alone goes', async () => {
    await using w = await world()
    const [ann, bob, cleo] = [await w.as('ann'), await w.as('bob'), await w.as('cleo')]
    const { data: group } = await ann.api.chats.post({
      chat_type: 'group',
      group_name: 'HQ',
      participants: [bob.id, cleo.id],
    })
    const { data: alone } = await ann.api.chats.post({
      chat_type: 'group',
      group_name: 'Mine',
      participants: [],
    })
    await ann.api.chats({ id: group!.id }).members({ user_id: cleo.id }).patch({ role: 'admin' })
    await ann.api.users.me.delete({ password: PASSWORD })
    const { data: left } = await cleo.api.chats({ id: group!.id }).get()
    expect(left).toMatchObject({
      participants: [bob.id, cleo.id].toSorted(),
      member_count: 2,
      my: { role: 'owner' },
    })
    expect((await bob.api.chats({ id: group!.id }).get()).data?.my.role).toBe('member')
    expect((await bob.api.chats({ id: alone!.id }).get()).status).toBe(404)
  })
})
