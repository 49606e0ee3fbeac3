// A client of the older "chatnest" API, written from its README; and strangers who try it.
import { describe, expect, test } from 'bun:test'
import { makeKey, root } from '../support/keys'
import { call } from '../support/raw'
import { world } from '../support/world'

const BASE = '/compat/chatnest'

const asking = (url: string, token?: string) => ({
  get: (path: string) => call(url, 'GET', BASE + path, { token }),
  post: (path: string, json: object) => call(url, 'POST', BASE + path, { token, json }),
})

const contentsOf = (messages: { content: string }[]) => messages.map(({ content }) => content)

describe('the chatnest API', () => {
  test('a conversation, from its opening to its history', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const [asAnn, asBob] = [asking(w.url, ann.token), asking(w.url, bob.token)]
    const opened = await asAnn.post('/conversations/', {
      user_ids: [ann.id, bob.id],
      created_at: '2020-01-01',
    })
    expect([opened.status, opened.body]).toEqual([
      200,
      {
        id: expect.any(String),
        _id: opened.body.id,
        user_ids: [ann.id, bob.id].toSorted(),
        messages: [],
        created_at: expect.any(String),
      },
    ])
    const conversation_id = opened.body.id
    const whole = {
      id: 'mine',
      _id: null,
      timestamp: '1999-01-01',
      user_id: ann.id,
      content: 'Hi',
      conversation_id,
    }
    const sent = await asAnn.post('/messages/', whole)
    expect([sent.status, sent.body]).toEqual([
      200,
      {
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        _id: sent.body.id,
        user_id: ann.id,
        content: 'Hi',
        timestamp: expect.stringMatching(/^20[2-9]/),
        conversation_id,
      },
    ])
    expect((await asBob.get(`/messages/${conversation_id}`)).body).toEqual([sent.body])
    const again = await asBob.post('/conversations/', { user_ids: [bob.id, ann.id] })
    expect(again.body).toEqual({ ...opened.body, messages: [sent.body] })
    expect((await asBob.get(`/conversations/${bob.id}`)).body).toEqual([again.body])
  })

  test('three people are a group; the histories of a list are whole', async () => {
    await using w = await world()
    const [ann, bob, cleo] = [await w.as('ann'), await w.as('bob'), await w.as('cleo')]
    const { get, post } = asking(w.url, ann.token)
    const { body: group } = await post('/conversations/', {
      user_ids: [ann.id, bob.id, cleo.id],
      messages: [],
    })
    expect(group.user_ids).toEqual([ann.id, bob.id, cleo.id].toSorted())
    const { body: other } = await post('/conversations/', { user_ids: [ann.id, cleo.id] })
    const numbers = Array.from({ length: 130 }, (_, i) => `Number ${i}`)
    for (const content of numbers)
      await post('/messages/', { user_id: ann.id, content, conversation_id: group.id })
    const { body } = await get(`/conversations/${ann.id}`)
    expect(body.map(({ id }: { id: string }) => id)).toEqual([group.id, other.id])
    expect(contentsOf(body[0].messages)).toEqual(numbers)
    expect(contentsOf((await get(`/messages/${group.id}`)).body)).toEqual(numbers)
    const { data } = await ann.api.chats({ id: group.id }).get()
    expect(data?.group_name).toBe('ann, bob, cleo')
  }, 60_000)

  test('without a conversation a message goes to one’s own notes', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { get, post } = asking(w.url, ann.token)
    const [one, two] = [
      await post('/messages/', { user_id: ann.id, content: 'Milk' }),
      await post('/messages/', { user_id: ann.id, content: 'Bread', conversation_id: null }),
    ]
    expect(two.body.conversation_id).toBe(one.body.conversation_id)
    expect((await get(`/messages/${one.body.conversation_id}`)).body).toEqual([one.body, two.body])
    const { body } = await get(`/conversations/${ann.id}`)
    expect(body).toMatchObject([{ user_ids: [ann.id], messages: [one.body, two.body] }])
  })

  test('answers members, and those whose token it is', async () => {
    await using w = await world()
    const [ann, bob, mallory] = [await w.as('ann'), await w.as('bob'), await w.as('mallory')]
    const [asAnn, evil, nobody] = [asking(w.url, ann.token), asking(w.url, mallory.token), asking(w.url)]
    const { body } = await asAnn.post('/conversations/', { user_ids: [ann.id, bob.id] })
    const message = { user_id: ann.id, content: 'Boo', conversation_id: body.id }
    expect((await nobody.post('/messages/', message)).status).toBe(401)
    expect((await nobody.get(`/messages/${body.id}`)).status).toBe(401)
    expect((await nobody.get(`/conversations/${ann.id}`)).status).toBe(401)
    expect((await evil.post('/messages/', message)).status).toBe(403)
    expect((await evil.post('/messages/', { ...message, user_id: mallory.id })).status).toBe(404)
    expect((await evil.get(`/messages/${body.id}`)).status).toBe(404)
    expect((await evil.get(`/conversations/${ann.id}`)).status).toBe(403)
    expect((await evil.post('/conversations/', { user_ids: [ann.id, bob.id] })).status).toBe(403)
    expect((await evil.post('/conversations/', { user_ids: [mallory.id, 'f'.repeat(24)] })).status).toBe(404)
    expect((await evil.get(`/conversations/${mallory.id}`)).body).toEqual([])
    expect((await asAnn.get(`/messages/${body.id}`)).body).toEqual([])
    const blank = await asAnn.post('/messages/', { user_id: ann.id, content: ' ' })
    expect([blank.status, blank.body.detail[0].loc]).toEqual([422, ['body', 'content']])
    expect((await asAnn.get(`/conversations/${ann.id}`)).body).toHaveLength(1)
  })

  test('a service key acts for anyone', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const { key } = await makeKey(w.url, await root(w))
    const { get, post } = asking(w.url, key)
    const { body } = await post('/conversations/', { user_ids: [ann.id, bob.id] })
    const sent = await post('/messages/', { user_id: bob.id, content: 'Hi', conversation_id: body.id })
    expect(sent.body.user_id).toBe(bob.id)
    expect((await get(`/messages/${body.id}`)).body).toEqual([sent.body])
    expect((await get(`/conversations/${bob.id}`)).body).toHaveLength(1)
    expect((await get(`/messages/${'f'.repeat(24)}`)).status).toBe(404)
  })
})
