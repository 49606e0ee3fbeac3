// Moving in from the older services: what their databases hold is here afterwards, once, in order, and people sign in.
import { afterAll, describe, expect, test } from 'bun:test'
import { Binary, MongoClient, ObjectId } from 'mongodb'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../../src/storage/sqlite/open'
import { freshDatabase, mongoForTests } from '../support/mongo'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'

const server = await mongoForTests()
const PASSWORD = 'a long way to Tipperary'
const PASSLIB = await Bun.password.hash(PASSWORD, { algorithm: 'bcrypt', cost: 4 })
const at = (minute: number) => new Date(Date.UTC(2024, 0, 1, 0, minute))

const TOOL = join(import.meta.dir, '../../src/import/index.ts')

/** Runs the tool as the README says, to its end. */
async function moveIn(from: string, url: string, home: Record<string, string>) {
  const tool = Bun.spawn({
    cmd: [process.execPath, TOOL, '--from', from, '--mongodb-url', url],
    env: { ...process.env, ...home },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [code, said, progress] = await Promise.all([
    tool.exited,
    new Response(tool.stdout).text(),
    new Response(tool.stderr).text(),
  ])
  return { code, said, progress }
}

type Rows = Record<string, Record<string, unknown>[]>

/** An older service's database with these documents. */
async function older(rows: Rows): Promise<string> {
  const url = freshDatabase('url' in server ? server.url : '')
  const client = await new MongoClient(url).connect()
  for (const [name, documents] of Object.entries(rows)) {
    for (let i = 0; i < documents.length; i += 10_000)
      await client
        .db()
        .collection(name)
        .insertMany(documents.slice(i, i + 10_000))
  }
  await client.close()
  return url
}

const signIn = async (url: string, username: string) =>
  call(url, 'POST', '/auth/login', { json: { username, password: PASSWORD } })

const contents = (body: { items: { content: string }[] }) => body.items.map(({ content }) => content)

describe.skipIf('skip' in server)(
  'skip' in server ? `moving in (skipped: ${server.skip})` : 'moving in',
  () => {
    test('from whatsapp: people with their passwords, chats, messages with times and read marks', async () => {
      const [ann, bob, cleo] = [new ObjectId(), new ObjectId(), new ObjectId()]
      const [pair, group] = [new ObjectId(), new ObjectId()]
      const user = (_id: ObjectId, username: string) => ({
        _id,
        username,
        email: `${username}@example.com`,
        password: PASSLIB,
        full_name: `${username} Smith`,
        created_at: at(0),
        updated_at: at(0),
      })
      const said = (chat: ObjectId, sender: ObjectId, content: string, minute: number, is_read = false) => ({
        content,
        sender_id: String(sender),
        receiver_id: String(bob),
        chat_id: String(chat),
        message_type: 'text',
        is_read,
        created_at: at(minute),
        updated_at: at(minute),
      })
      const url = await older({
        users: [user(ann, 'ann'), user(bob, 'bob'), { ...user(cleo, 'cleo'), password: 'plain' }],
        chats: [
          { _id: pair, participants: [String(ann), String(bob)], chat_type: 'private', created_at: at(1) },
          {
            _id: group,
            participants: [ann, bob, cleo].map(String),
            chat_type: 'group',
            group_name: 'Walkers',
            created_at: at(1),
          },
        ],
        messages: [
          said(pair, ann, 'second', 3),
          said(pair, ann, 'first', 2, true),
          said(pair, bob, 'third', 4),
          said(group, cleo, 'to all', 5),
          said(group, new ObjectId(), 'from nobody', 6),
          said(new ObjectId(), ann, 'to nowhere', 7),
        ],
      })
      await using home = await newHome()
      const done = await moveIn('whatsapp', url, home)
      expect(done.said).toContain('Carried over: 3 people, 2 chats, 4 messages.')
      expect(done.said).toContain('1 × password that is no bcrypt hash')
      expect(done.said).toContain('1 × message of somebody unknown')
      expect(done.said).toContain('1 × message in a chat that is not there')
      expect([done.code, done.progress]).toEqual([0, expect.stringContaining('100 %')])

      const natter = await start(home)
      const { body: first } = await signIn(natter.url, 'ann')
      const { body: second } = await signIn(natter.url, 'ann@example.com')
      expect(second.user.full_name).toBe('ann Smith')
      const token = first.access_token
      const { body: chats } = await call(natter.url, 'GET', '/chats', { token })
      expect(chats.items.map(({ group_name }: { group_name: string }) => group_name)).toEqual([
        'Walkers',
        null,
      ])
      const { body: history } = await call(natter.url, 'GET', `/chats/${chats.items[1].id}/messages`, {
        token,
      })
      expect(contents(history)).toEqual(['first', 'second', 'third'])
      expect(history.items.map(({ seq }: { seq: number }) => seq)).toEqual([1, 2, 3])
      expect(history.items[0].created_at).toBe(at(2).toISOString())
      const bobs = (await signIn(natter.url, 'bob')).body.access_token
      const { body: seen } = await call(natter.url, 'GET', `/chats/${chats.items[1].id}`, { token: bobs })
      expect([seen.my.read_seq, seen.unread_count]).toEqual([1, 1])
      expect((await signIn(natter.url, 'cleo')).status).toBe(401)
      natter.process.kill()
      await natter.process.exited
    }, 60_000)

    test('from aws, chatnest, messaging and react', async () => {
      await using home = await newHome()
      const fromAws = await older({
        user: [
          { _id: 'u1', name: 'Dora', email: 'dora@example.com', profile_pic: 'u1.jpg', password: '1234567' },
          { _id: 'u2', name: 'Emil', email: 'emil@example.com', profile_pic: 'u2.jpg', password: '1234567' },
        ],
        message: [
          {
            _id: 'm2',
            sender: 'u2',
            receiver: 'u1',
            content: 'two',
            created_at: '2024-01-01 00:02:00.123456',
          },
          {
            _id: 'm1',
            sender: 'u1',
            receiver: 'u2',
            content: 'one',
            created_at: '2024-01-01 00:01:00.123456',
          },
        ],
      })
      const fromChatnest = await older({
        conversations: [{ user_ids: ['fay', 'gus'], created_at: at(0) }],
        messages: [{ user_id: 'fay', content: 'a note', timestamp: at(1) }],
      })
      const fromMessaging = await older({
        users: ['hal', 'ida', 'jon'].map(username => ({ username, password: PASSLIB })),
        rooms: [{ room_id: 'r1', username_1: 'hal', username_2: 'ida' }],
        groups: [{ room_id: 'g1', group_admin: 'ida', group_members: ['hal', 'jon'] }],
        messages: [
          { room_id: 'r1', sender: 'hal', message: 'hello Ida', timestamp: at(1) },
          { room_id: 'g1', sender: 'jon', message: 'hello all', timestamp: at(2) },
        ],
      })
      const fromReact = await older({
        users: ['kim', 'leo'].map(username => ({ username, password_hash: PASSLIB, gender: 'other' })),
        chats: [{ _id: 'kim_leo', participants: ['kim', 'leo'], created_by: 'kim', created_at: at(0) }],
        messages: [{ chat_id: 'kim_leo', sender_id: 'leo', content: 'hi Kim', timestamp: at(1) }],
      })
      for (const [from, url, wanted] of [
        ['aws', fromAws, '2 people, 1 chats, 2 messages'],
        ['chatnest', fromChatnest, '2 people, 2 chats, 1 messages'],
        ['messaging', fromMessaging, '3 people, 2 chats, 2 messages'],
        ['react', fromReact, '2 people, 1 chats, 1 messages'],
      ] as const) {
        const { said } = await moveIn(from, url, home)
        expect([from, said]).toEqual([from, expect.stringContaining(`Carried over: ${wanted}.`)])
      }
      const natter = await start(home)
      const token = (await signIn(natter.url, 'hal')).body.access_token
      const { body } = await call(natter.url, 'GET', '/compat/messaging/get_room', { token })
      void body
      const { body: chats } = await call(natter.url, 'GET', '/chats', { token })
      expect(chats.items.map((chat: any) => [chat.chat_type, chat.last_message.content])).toEqual([
        ['group', 'hello all'],
        ['private', 'hello Ida'],
      ])
      const leo = (await signIn(natter.url, 'leo')).body.access_token
      const { body: found } = await call(natter.url, 'GET', '/users?q=dora', { token: leo })
      expect(found.items[0].full_name).toBe('Dora')
      natter.process.kill()
      await natter.process.exited
    }, 60_000)

    test('100,000 messages, killed twice and run again: each is here once, in order', async () => {
      const COUNT = 100_000
      const people = ['ann', 'bob'].map(username => ({ _id: new ObjectId(), username, password: PASSLIB }))
      const chat = {
        _id: new ObjectId(),
        participants: people.map(({ _id }) => String(_id)),
        chat_type: 'private',
      }
      const url = await older({
        users: people,
        chats: [chat],
        messages: Array.from({ length: COUNT }, (_, i) => ({
          content: `Number ${i + 1}`,
          sender_id: String(people[i % 2]?._id),
          chat_id: String(chat._id),
          message_type: 'text',
          is_read: true,
          created_at: at(i),
        })),
      })
      const dir = mkdtempSync(join(tmpdir(), 'natter-moving-'))
      afterAll(() => rmSync(dir, { recursive: true }))
      for (const signal of ['SIGKILL', 'SIGINT'] as const) {
        const tool = Bun.spawn({
          cmd: [process.execPath, TOOL, '--from', 'whatsapp', '--mongodb-url', url],
          env: { ...process.env, DATA_DIR: dir },
          stdout: 'ignore',
          stderr: 'pipe',
        })
        for await (const chunk of tool.stderr) if (new TextDecoder().decode(chunk).includes(' %')) break
        tool.kill(signal)
        expect(await tool.exited).toBe(signal === 'SIGINT' ? 130 : 137)
      }
      const done = await moveIn('whatsapp', url, { DATA_DIR: dir })
      expect(done.said).toMatch(
        /Carried over: 0 people, 0 chats, \d+ messages \(\d+ more were here already\)/,
      )
      const stores = await openSqlite(dir)
      const [standing] = await stores.chats.standingsOf((await stores.users.byUsername('ann'))?.id ?? '')
      expect(standing).toMatchObject({ last_seq: COUNT, rev: COUNT })
      const all = await stores.messages.above(standing?.id ?? '', 0, COUNT + 1)
      expect(all.map(({ content }) => content)).toEqual(
        Array.from({ length: COUNT }, (_, i) => `Number ${i + 1}`),
      )
      await stores.close()
    }, 120_000)

    test('what is oddly kept comes over all the same: long texts, seconds, UUIDs', async () => {
      const uuid = (byte: number) => new Binary(Buffer.alloc(16, byte), 4)
      const [ann, bob] = [uuid(1), uuid(2)]
      const long = `${'x'.repeat(7_999)}😀${'y'.repeat(9_000)}`
      const said = (_id: unknown, content: string, created_at: unknown) => ({
        _id,
        content,
        created_at,
        chat_id: uuid(3),
        sender_id: ann,
        is_read: true,
      })
      const url = await older({
        users: [
          { _id: ann, username: 'ann', full_name: `${'a'.repeat(99)}😀`, created_at: 1_704_067_200 },
          { _id: bob, username: 'bob', created_at: new Date(8.64e15) },
        ],
        chats: [{ _id: uuid(3), participants: [ann, bob], chat_type: 'private' }],
        messages: [
          said(uuid(4), 'in seconds', 1_704_067_200),
          said(uuid(5), 'N\0UL', 1_704_067_260.5),
          said({ a: 1 }, long, '2024-01-01 00:02:00.123456'),
          said({ a: 2 }, 'with a zone', '2024-01-01T05:33:00+0530'),
          said({ a: 3 }, 'in another age', new Date(8.64e15)),
        ],
      })
      const home = { DATA_DIR: mkdtempSync(join(tmpdir(), 'natter-moving-')) }
      afterAll(() => rmSync(home.DATA_DIR, { recursive: true }))
      const report = (await moveIn('whatsapp', url, home)).said
      expect(report).toContain('Carried over: 2 people, 1 chats, 7 messages')
      expect((await moveIn('whatsapp', url, home)).said).toContain('0 messages (7 more were here already)')
      const stores = await openSqlite(home.DATA_DIR)
      const reader = await stores.users.byUsername('ann')
      expect(reader).toMatchObject({ created_at: at(0).toISOString(), full_name: `${'a'.repeat(99)}\ufffd` })
      const [standing] = await stores.chats.standingsOf(reader?.id ?? '')
      const all = await stores.messages.above(standing?.id ?? '', 0, 10)
      expect(all.map(({ created_at }) => created_at.slice(11, 19))).toEqual([
        '00:00:00',
        '00:01:00',
        '00:02:00',
        '00:02:00',
        '00:02:00',
        '00:03:00',
        '00:03:00',
      ])
      const [, nul, ...others] = all.map(({ content }) => content)
      expect(nul).toBe('NUL')
      expect(others.slice(0, 3).map(({ length }) => length)).toEqual([7_999, 8_000, 1_002])
      expect(others.slice(0, 3).join('')).toBe(long)
      await stores.close()
    }, 30_000)

    test('says what is wrong with its arguments, and what it cannot reach', async () => {
      const { code, progress } = await moveIn('elsewhere', 'mongodb://localhost', {})
      expect(code).toBe(2)
      expect(progress).toContain('bun run import --from <aws|messaging|chatnest|whatsapp|react>')
      const nowhere = await moveIn('aws', 'mongodb://joe:pa55word@127.0.0.1:1/x', { DATA_DIR: '/tmp/none' })
      expect(nowhere.code).toBe(69)
      expect(nowhere.progress).not.toContain('pa55word')
    }, 30_000)
  },
)
