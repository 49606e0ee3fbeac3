// Files on messages: sending, albums, captions, voice, forwarding, editing, deleting, and the gallery of a chat.
import { describe, expect, test } from 'bun:test'
import { chatOf, groupChat, history, message, people, privateChat, say } from '../support/chats'
import { FILM, statusOf, uploaded, VOICE } from '../support/files'
import { jpegOf, scene } from '../support/pictures'
import { call } from '../support/raw'
import { world, type World } from '../support/world'
import type { Person } from '../support/people'

const PICTURE = await jpegOf(scene(64, 48))

/** Ann and Bob in one chat, and a file of Ann's of each kind. */
async function annAndBob(w: World) {
  const [ann, bob, cy] = (await people(w, 'ann', 'bob', 'cy')) as [Person, Person, Person]
  const id = await privateChat(ann, bob)
  const files = {
    image: await uploaded(w, ann, PICTURE, 'cat.jpg'),
    video: await uploaded(w, ann, FILM, 'film.mp4'),
    audio: await uploaded(w, ann, VOICE, 'voice.webm'),
    file: await uploaded(w, ann, 'hello', 'notes.txt'),
  }
  return { ann, bob, cy, id, files }
}

const attach = (...ids: string[]) => ({ attachments: ids.map(file_id => ({ file_id })) })

const refusal = async (w: World, who: Person, id: string, json: object) => {
  const { status, body } = await call(w.url, 'POST', `/chats/${id}/messages`, { token: who.token, json })
  return [status, body.errors ?? body.code]
}

describe('sending files', () => {
  test('shows them in the order given, with what the server knows of them and what the sender tells', async () => {
    await using w = await world()
    const { ann, bob, id, files } = await annAndBob(w)
    const line = await bob.online()
    const sent = await say(ann, id, 'Look', {
      attachments: [
        { file_id: files.image, caption: 'A cat', duration: 3 },
        { file_id: files.audio, duration: 4.2, waveform: [0, 50, 100] },
        { file_id: files.file },
      ],
    })
    expect(sent).toMatchObject({ content: 'Look', message_type: 'image' })
    expect(sent.attachments).toEqual([
      {
        id: files.image,
        name: 'cat.jpg',
        size: expect.any(Number),
        media_type: 'image/jpeg',
        kind: 'image',
        width: 64,
        height: 48,
        placeholder: expect.stringMatching(/^data:image\/png;base64,/),
        caption: 'A cat',
      },
      {
        id: files.audio,
        name: 'voice.webm',
        size: VOICE.length,
        media_type: 'audio/webm',
        kind: 'audio',
        duration: 4.2,
        waveform: [0, 50, 100],
      },
      { id: files.file, name: 'notes.txt', size: 5, media_type: 'application/octet-stream', kind: 'file' },
    ] as never)
    expect((await line.hears('message')).message.attachments).toEqual(sent.attachments)
    expect((await history(bob, id))[0]?.attachments).toEqual(sent.attachments)
    const { data } = await bob.api.chats({ id }).changes.get({ query: { since: 0 } })
    expect(data?.items[0]?.attachments).toEqual(sent.attachments)
  })

  test('needs no words, over the socket as well', async () => {
    await using w = await world()
    const { ann, bob, id, files } = await annAndBob(w)
    const line = await ann.online()
    const first = await say(ann, id, '  ', attach(files.image))
    const { message: second } = await line.ask({ type: 'send', chat_id: id, ...attach(files.video) })
    expect([first.content, second.content, second.message_type]).toEqual(['', '', 'video'])
    expect((await chatOf(bob, id)).last_message).toMatchObject({ content: 'film.mp4', message_type: 'video' })
    await say(ann, id, '', { attachments: [{ file_id: files.file, caption: 'My notes' }] })
    expect((await chatOf(bob, id)).last_message?.content).toBe('My notes')
    await say(ann, id, 'Words', attach(files.file))
    expect((await chatOf(bob, id)).last_message?.content).toBe('Words')
    expect((await chatOf(bob, id)).unread_count).toBe(4)
  })

  test('makes the message what the first file is, or what fits', async () => {
    await using w = await world()
    const { ann, id, files } = await annAndBob(w)
    const typeOf = async (json: object) => (await say(ann, id, '', json)).message_type as string
    expect(await typeOf(attach(files.audio))).toBe('audio')
    expect(await typeOf(attach(files.image, files.video))).toBe('image')
    expect(await typeOf(attach(files.video, files.image))).toBe('video')
    expect(await typeOf({ ...attach(files.image), message_type: 'file' })).toBe('file')
    expect(await typeOf({ ...attach(files.image), message_type: 'image' })).toBe('image')
    for (const message_type of ['text', 'video', 'audio']) {
      expect(await refusal(w, ann, id, { ...attach(files.image), message_type })).toEqual([
        422,
        [{ path: 'body/message_type', code: 'does_not_fit' }],
      ])
    }
  })

  test('is refused for files that are not mine, not there, too many, or told twice', async () => {
    await using w = await world()
    const { ann, bob, id, files } = await annAndBob(w)
    const unknown = (i: number) => [422, [{ path: `body/attachments/${i}/file_id`, code: 'unknown_file' }]]
    expect(await refusal(w, bob, id, attach(files.image))).toEqual(unknown(0))
    expect(await refusal(w, ann, id, attach(files.file, '0'.repeat(24)))).toEqual(unknown(1))
    await ann.api.files({ id: files.video }).delete()
    expect(await refusal(w, ann, id, attach(files.video))).toEqual(unknown(0))
    expect(await refusal(w, ann, id, attach(files.file, files.file))).toEqual([
      422,
      [{ path: 'body/attachments/1/file_id', code: 'repeated' }],
    ])
    const many = Array.from({ length: 11 }, () => files.file)
    expect(await refusal(w, ann, id, attach(...many))).toEqual([
      422,
      [{ path: 'body/attachments', code: 'too_many' }],
    ])
    expect(await history(bob, id)).toEqual([])
  })

  test.each([
    [{ file_id: 'x' }, 'file_id', 'bad_format'],
    [{}, 'file_id', 'required'],
    [{ caption: 'x'.repeat(1_001) }, 'caption', 'too_long'],
    [{ duration: -1 }, 'duration', 'too_small'],
    [{ duration: 86_401 }, 'duration', 'too_large'],
    [{ duration: 'long' }, 'duration', 'bad_type'],
    [{ waveform: Array(101).fill(1) }, 'waveform', 'too_many'],
    [{ waveform: [101] }, 'waveform/0', 'too_large'],
  ])('%p is refused', async (wrong, field, code) => {
    await using w = await world()
    const { ann, id, files } = await annAndBob(w)
    const whole = field === 'file_id' ? wrong : { file_id: files.audio, ...wrong }
    expect(await refusal(w, ann, id, { attachments: [whole] })).toEqual([
      422,
      [{ path: `body/attachments/0/${field}`, code }],
    ])
  })

  test('an empty list of files is none: then a message says something', async () => {
    await using w = await world()
    const { ann, id } = await annAndBob(w)
    expect(await refusal(w, ann, id, { attachments: [] })).toEqual([
      422,
      [{ path: 'body/content', code: 'required' }],
    ])
    expect((await say(ann, id, 'Hi', { attachments: [] })).attachments).toEqual([])
  })

  test('again with the same client_id is the same message; with other files it is refused', async () => {
    await using w = await world()
    const { ann, bob, id, files } = await annAndBob(w)
    const line = await bob.online()
    const once = { content: 'Look', client_id: 'a1', ...attach(files.image, files.file) }
    const send = (json: object) => call(w.url, 'POST', `/chats/${id}/messages`, { token: ann.token, json })
    const [first, again] = [await send(once), await send(once)]
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toEqual(first.body)
    for (const other of [
      attach(files.image),
      attach(files.file, files.image),
      { attachments: [] },
      { attachments: [{ file_id: files.image, caption: 'x' }, { file_id: files.file }] },
    ]) {
      expect((await send({ ...once, ...other })).body).toMatchObject({
        status: 409,
        code: 'client_id_reused',
      })
    }
    await message(ann, id, first.body.id).delete()
    expect((await send(once)).status).toBe(200)
    expect(line.of('message').map(frame => frame.message.seq)).toEqual([1, 1])
  })
})

describe('what becomes of them', () => {
  test('an edit changes the words and keeps the files; words may go', async () => {
    await using w = await world()
    const { ann, id, files } = await annAndBob(w)
    const { id: mid, attachments } = await say(ann, id, 'Look', attach(files.image))
    const edit = (content: string) => message(ann, id, mid).patch({ content })
    expect((await edit('See')).data).toMatchObject({ content: 'See', attachments } as never)
    expect((await edit(' ')).data).toMatchObject({ content: '', attachments } as never)
    const { id: plain } = await say(ann, id, 'Words')
    expect((await message(ann, id, plain).patch({ content: '' })).status).toBe(422)
  })

  test('deleting for everyone takes them out of the message, for everybody, in every place', async () => {
    await using w = await world()
    const { ann, bob, id, files } = await annAndBob(w)
    const line = await bob.online()
    const { id: mid } = await say(ann, id, 'Look', attach(files.image))
    await message(ann, id, mid).delete()
    const told = await line.hears('message', frame => frame.message.deleted_at !== null)
    expect(told.message).toMatchObject({ content: '', attachments: [] })
    expect((await history(bob, id))[0]).toMatchObject({ attachments: [], content: '' })
    expect((await bob.api.chats({ id }).files.get({ query: {} })).data?.items).toEqual([])
    expect((await chatOf(bob, id)).last_message?.content).toBe('')
  })

  test('forwarding carries them, and lets those who get it see them; the first sender stays the owner', async () => {
    await using w = await world()
    const { ann, bob, cy, id, files } = await annAndBob(w)
    const sent = await say(ann, id, 'Look', { attachments: [{ file_id: files.image, caption: 'A cat' }] })
    const other = await privateChat(bob, cy)
    const { data } = await bob.api
      .chats({ id: other })
      .messages.post({ forward: { chat_id: id, message_id: sent.id } })
    expect(data).toMatchObject({ content: 'Look', message_type: 'image', attachments: sent.attachments })
    expect(await statusOf(w, cy, files.image)).toBe(200)
    await message(ann, id, sent.id).delete()
    expect([await statusOf(w, bob, files.image), await statusOf(w, cy, files.image)]).toEqual([200, 200])
    await message(bob, other, data!.id).delete()
    expect([await statusOf(w, bob, files.image), await statusOf(w, cy, files.image)]).toEqual([404, 404])
    const deleted = { chat_id: id, message_id: sent.id }
    expect((await bob.api.chats({ id: other }).messages.post({ forward: deleted })).status).toBe(422)
  })

  test('who was shown a file may show it on, as long as it is shown', async () => {
    await using w = await world()
    const { ann, bob, cy, id, files } = await annAndBob(w)
    const { id: mid } = await say(ann, id, '', attach(files.file))
    const other = await privateChat(bob, cy)
    await message(ann, id, mid).delete()
    expect((await refusal(w, bob, other, attach(files.file)))[0]).toBe(422)
    await say(ann, id, '', attach(files.file))
    expect((await say(bob, other, '', attach(files.file))).attachments).toHaveLength(1)
    expect(await statusOf(w, cy, files.file)).toBe(200)
  })

  test('a quote of a message without words says what it shows', async () => {
    await using w = await world()
    const { ann, bob, id, files } = await annAndBob(w)
    const { id: mid } = await say(ann, id, '', attach(files.image))
    const reply = await say(bob, id, 'Nice', { reply_to: mid })
    expect(reply.quote).toMatchObject({ content: 'cat.jpg', message_type: 'image' })
  })

  test('mentions in the words beside a file are mentions', async () => {
    await using w = await world()
    const { ann, bob, files } = await annAndBob(w)
    const id = await groupChat(ann, bob)
    await say(ann, id, 'For @bob', attach(files.file))
    expect((await bob.api.users.me.mentions.get({ query: {} })).data?.items).toHaveLength(1)
  })
})

describe('the files of a chat', () => {
  const gallery = async (who: Person, id: string, query: object = {}) =>
    (await who.api.chats({ id }).files.get({ query })).data!
  const namesIn = async (who: Person, id: string, query: object = {}) =>
    (await gallery(who, id, query)).items.map(({ file }) => file.name)

  test('are listed newest message first, its files in order, of one kind or of all, a page at a time', async () => {
    await using w = await world()
    const { ann, bob, id } = await annAndBob(w)
    const named: string[][] = [['a.jpg', 'b.txt'], ['c.txt'], ['d.jpg', 'e.jpg', 'f.txt'], ['g.jpg']]
    for (const names of named) {
      const ids: string[] = []
      for (const name of names) ids.push(await uploaded(w, ann, name.endsWith('jpg') ? PICTURE : name, name))
      await say(ann, id, '', attach(...ids))
      await say(bob, id, 'Nice')
    }
    const all = ['g.jpg', 'd.jpg', 'e.jpg', 'f.txt', 'c.txt', 'a.jpg', 'b.txt']
    const pictures = ['g.jpg', 'd.jpg', 'e.jpg', 'a.jpg']
    expect(await namesIn(bob, id)).toEqual(all)
    expect(await namesIn(bob, id, { kind: 'image' })).toEqual(pictures)
    expect(await namesIn(bob, id, { kind: 'video' })).toEqual([])
    for (const [kind, wanted] of [
      [undefined, all],
      ['image', pictures],
    ] as const) {
      for (const limit of [1, 2, 3, 7]) {
        const paged: string[] = []
        for (let cursor: string | undefined; ;) {
          const page = await gallery(bob, id, { limit, kind, cursor })
          expect(page.items.length).toBeLessThanOrEqual(limit)
          paged.push(...page.items.map(({ file }) => file.name))
          if (page.next === null) break
          cursor = page.next
        }
        expect(paged).toEqual([...wanted])
      }
    }
    const [first] = (await gallery(bob, id)).items
    expect(first).toMatchObject({
      seq: 7,
      sender_id: ann.id,
      file: { name: 'g.jpg', kind: 'image', width: 64 },
    })
    expect((await bob.api.chats({ id }).messages({ mid: first!.message_id }).get()).status).toBe(200)
  })

  test('are those that I may see: not what I deleted for me or cleared, and nothing for strangers', async () => {
    await using w = await world()
    const { ann, bob, cy, id, files } = await annAndBob(w)
    const sent = []
    for (const file of [files.image, files.video, files.file]) sent.push(await say(ann, id, '', attach(file)))
    await message(bob, id, sent[1]!.id).delete(undefined, { query: { for: 'me' } })
    expect(await namesIn(bob, id, { limit: 1 })).toEqual(['notes.txt'])
    expect(await namesIn(bob, id)).toEqual(['notes.txt', 'cat.jpg'])
    expect(await namesIn(ann, id)).toEqual(['notes.txt', 'film.mp4', 'cat.jpg'])
    await bob.api.chats({ id }).delete()
    await say(ann, id, '', attach(files.audio))
    expect(await namesIn(bob, id)).toEqual(['voice.webm'])
    expect((await cy.api.chats({ id }).files.get({ query: {} })).status).toBe(404)
    for (const query of ['kind=text', 'limit=0'])
      expect((await call(w.url, 'GET', `/chats/${id}/files?${query}`, { token: ann.token })).status).toBe(422)
    expect((await call(w.url, 'GET', `/chats/${id}/files?cursor=x`, { token: ann.token })).status).toBe(400)
  })
})

test('what a file may be is told in hello, as this server is set', async () => {
  await using w = await world({ MAX_UPLOAD_MB: 3 })
  const ann = await w.as('ann')
  const { limits } = await (await ann.online()).hears('hello')
  expect(limits).toMatchObject({
    attachments: 10,
    caption_length: 1_000,
    upload_bytes: 3 * 1024 * 1024,
    file_name_length: 255,
  })
  expect((await call(w.url, 'GET', '/docs/sockets')).body).toContain('3,145,728')
})
