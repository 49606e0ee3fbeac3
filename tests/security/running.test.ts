// The process: what it starts with, what it writes down, and what it leaves on the disk.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { settings } from '../../src/config'
import { privateChat, say } from '../support/chats'
import { uploaded } from '../support/files'
import { connect } from '../support/line'
import { arrive, PASSWORD } from '../support/people'
import { call } from '../support/raw'
import { newHome, runToEnd, start } from '../support/server'

setDefaultTimeout(60_000)

const onMongo = process.env.TEST_STORE === 'mongodb'

describe('7: the secret that signs tokens', () => {
  test('7: shorter than 32 bytes, that of an example, or none with MongoDB: the process ends before it listens', async () => {
    await using home = await newHome()
    const { DATA_DIR = '' } = home
    const example = /SECRET_KEY=(\S+)/.exec(await Bun.file('.env.example').text())?.[1] as string
    expect(example).toBeString()
    for (const SECRET_KEY of ['x', 'x'.repeat(31), example]) {
      const { code, printed } = await runToEnd({ ...home, SECRET_KEY, PORT: '0' })
      expect([SECRET_KEY, code]).toEqual([SECRET_KEY, 78])
      expect(printed).toContain('SECRET_KEY')
      expect(printed).not.toContain('listens')
      expect(printed).not.toContain(example)
    }
    const { code } = await runToEnd({ DATA_DIR, MONGODB_URL: 'mongodb://127.0.0.1:1/x', PORT: '0' })
    expect(code).toBe(78)
  })

  test.skipIf(onMongo)(
    '7: unset, is random in every installation, kept for its owner alone, and has no default',
    async () => {
      const secrets = new Set<string>()
      for (let i = 0; i < 2; i++) {
        await using home = await newHome()
        const server = await start({ ...home, LOG_LEVEL: 'silent' })
        const file = join(home.DATA_DIR as string, 'secret.key')
        secrets.add(await Bun.file(file).text())
        expect((await stat(file)).mode & 0o777).toBe(0o600)
        server.process.kill()
        await server.process.exited
      }
      expect(secrets.size).toBe(2)
      expect(Math.min(...[...secrets].map(({ length }) => length))).toBeGreaterThan(60)
      expect(settings.SECRET_KEY.unset).toBeNull()
    },
    20_000,
  )
})

test('56: the log has no tokens, passwords, messages, emails or codes, and no line that a name has broken', async () => {
  await using home = await newHome()
  const server = await start({ ...home, LOG_LEVEL: 'debug', RATE_LIMITS: 'off' })
  const { url } = server
  const [alice, bob] = [await arrive(url, 'alice'), await arrive(url, 'bob')]
  const { token } = alice
  const chat = await privateChat(alice, bob)
  await say(alice, chat, 'a private word')
  const line = await connect(url, token)
  await line.ask({ type: 'send', chat_id: chat, content: 'a private word' })
  line.say('{"password":"hunter2"')
  await uploaded({ url }, alice, 'a private word', 'private-name.txt')
  const json = { username: 'alice', password: 'hunter2-hunter2', email: 'alice@example.com' }
  await call(url, 'POST', '/auth/login', { json })
  await call(url, 'POST', '/auth/register', { json: { ...json, username: 'a\r\n{"level":50}' } })
  await call(url, 'POST', '/auth/refresh', { json: { refresh_token: alice.refreshToken } })
  await call(url, 'PUT', '/auth/password', {
    token,
    json: { current_password: PASSWORD, new_password: 'hunter2-hunter2' },
  })
  const { data: group } = await alice.api.chats.post({
    chat_type: 'group',
    group_name: 'HQ',
    participants: [],
  })
  const { body: invite } = await call(url, 'POST', `/chats/${group!.id}/invites`, { token, json: {} })
  await call(url, 'GET', `/invites/${invite.code}`, { token: bob.token })
  await call(url, 'POST', `/invites/${invite.code}`, { token: bob.token })
  await call(url, 'GET', `/chats/${group!.id}/invites/${invite.code}/qr`, { token })
  await call(url, 'GET', '/users/search/hunter2', { token })
  await call(url, 'GET', '/messages/search?q=hunter2', { token })
  await call(url, 'GET', '/compat/aws/users/alice@example.com', { token })
  await call(url, 'GET', `/chats/x%0d%0a{"level":50}`, { token })
  await call(url, 'GET', '/nope', {
    headers: { authorization: `Bearer ${token}`, 'user-agent': 'hunter2', cookie: 'hunter2' },
  })
  line.close()
  server.process.kill()
  await server.process.exited
  for (let i = 0; i < 100 && !server.printed().includes('"stopped"'); i++) await Bun.sleep(20)
  const printed = server.printed()
  const lines = printed
    .trim()
    .split('\n')
    .filter(line => !line.startsWith('Natter '))
  expect(lines.length).toBeGreaterThan(20)
  for (const one of lines) expect(JSON.parse(one).level).not.toBe(50)
  const secrets = [token, alice.refreshToken, PASSWORD, 'hunter2', 'private', 'alice@example', invite.code]
  for (const secret of secrets) expect(printed).not.toContain(secret)
  const words = printed.replaceAll('/auth/password', '')
  expect(words).not.toMatch(/eyJ|password|Bearer /i)
})

test('58: what is on the disk is for its owner alone, also in a directory that was there and is open', async () => {
  for (const wasThere of [false, true]) {
    await using home = await newHome()
    const dir = wasThere ? (home.DATA_DIR as string) : join(home.DATA_DIR as string, 'new')
    if (wasThere) await chmod(dir, 0o755)
    const server = await start({ ...home, DATA_DIR: dir, LOG_LEVEL: 'silent' })
    const alice = await arrive(server.url, 'alice')
    await uploaded(server, alice, 'ten bytes')
    if (!wasThere && !onMongo) expect((await stat(dir)).mode & 0o777).toBe(0o700)
    const modes = await Promise.all(
      (await readdir(dir).catch(() => [])).map(async name => [
        name,
        (await stat(join(dir, name))).mode & 0o077,
      ]),
    )
    if (!onMongo) expect(modes.length).toBeGreaterThan(2)
    for (const [name, others] of modes) expect([name, others]).toEqual([name, 0])
    server.process.kill()
    await server.process.exited
  }
})
