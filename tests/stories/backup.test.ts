// Backups as their operator sees them: made, checked, put back, and refused where they should be.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Database } from 'bun:sqlite'
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBackup } from '../../src/backup/checking'
import { backUp, end, historyOf, onMongo, pathsBelow, putBack, wholeIn } from '../support/backups'
import { privateChat, say } from '../support/chats'
import { fetched, uploaded } from '../support/files'
import { arrive, signIn, type Person } from '../support/people'
import { pngOf, scene } from '../support/pictures'
import { call } from '../support/raw'
import { newHome, runToEnd, start } from '../support/server'

const PICTURE = await pngOf(scene(300, 200))

/** Ann writes to Bob, shows him a file, and has a picture. */
async function talk(server: { url: string }) {
  const [ann, bob] = [await arrive(server.url, 'ann'), await arrive(server.url, 'bob')]
  const chat = await privateChat(ann, bob)
  await say(ann, chat, 'one')
  const file = await uploaded(server, ann, 'the bytes of a file', 'notes.txt')
  const picture = await uploaded(server, ann, PICTURE, 'me.png')
  for (const file_id of [file, picture])
    await ann.api.chats({ id: chat }).messages.post({ attachments: [{ file_id }] })
  await ann.api.users.me.patch({ avatar: picture })
  return { ann, bob, chat, file, picture }
}

describe.skipIf(onMongo)('a backup', () => {
  let dir: string
  let home: Record<string, string>
  let backup: string
  let said: Awaited<ReturnType<typeof talk>>

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'natter-'))
    home = { DATA_DIR: join(dir, 'data') }
    const server = await start(home)
    said = await talk(server)
    await call(server.url, 'GET', '/push/key', { token: said.ann.token })
    backup = (await backUp(home, join(dir, 'backups'))).path
    await end(server)
  }, 60_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  let copies = 0
  /** A copy that may be spoilt. */
  function copyOf(path: string): string {
    const copy = join(dir, `copy-${++copies}`)
    cpSync(path, copy, { recursive: true })
    return copy
  }

  test('holds the database, what it shows, the secrets and their sums, for nobody else', async () => {
    const paths = pathsBelow(backup)
    const fixed = ['SHA256SUMS', 'manifest.json', 'natter.db', 'secret.key', 'vapid.json']
    expect(paths.filter(path => !path.startsWith('files/'))).toEqual(fixed)
    // The file; the picture and its thumbnail; the profile picture in two sizes.
    expect(paths.filter(path => path.startsWith('files/'))).toHaveLength(5)
    for (const path of paths) expect([path, statSync(join(backup, path)).mode & 0o777]).toEqual([path, 0o600])
    expect(statSync(backup).mode & 0o777).toBe(0o700)
    const manifest = JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({ counts: { people: 2, chats: 1, messages: 3, files: 2 }, lost: [] })
    const checked = await runToEnd(home, 'backup', '--check', backup)
    expect(checked).toEqual({ code: 0, printed: expect.stringContaining('is sound: of 20') })
    const sha256sum = Bun.which('sha256sum')
    if (!sha256sum) return
    expect(Bun.spawnSync([sha256sum, '--quiet', '-c', 'SHA256SUMS'], { cwd: backup }).exitCode).toBe(0)
  }, 60_000)

  test('comes back whole; everybody signs in anew, and clients are told to start over', async () => {
    const fresh = { DATA_DIR: join(dir, 'fresh') }
    const printed = await putBack(fresh, backup)
    expect(printed).toContain('Everybody is signed out (2 sessions).')
    const server = await start(fresh)
    const { ann, bob, chat, file, picture } = said
    expect((await call(server.url, 'GET', '/users/me', { token: ann.token })).status).toBe(401)
    const refresh = { json: { refresh_token: ann.refreshToken } }
    expect((await call(server.url, 'POST', '/auth/refresh', refresh)).status).toBe(401)
    const again = await signIn(server.url, bob)
    expect((await historyOf(server, again.token, chat)).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect((await fetched(server, again, file)).bytes.toString()).toBe('the bytes of a file')
    for (const path of [picture, `${picture}?size=thumb`])
      expect((await fetched(server, again, path)).status).toBe(200)
    const { body } = await call(server.url, 'GET', `/users/${ann.id}`, { token: again.token })
    expect((await fetch(server.url + body.avatar)).headers.get('content-type')).toBe('image/webp')
    const line = await again.online()
    const { epoch } = JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8'))
    expect(line.of('hello')[0]?.epoch).toMatch(/^[0-9a-f]{24}$/)
    expect(line.of('hello')[0]?.epoch).not.toBe(epoch)
    const stranger = await arrive(server.url, 'cleo')
    expect((await call(server.url, 'GET', `/chats/${chat}`, { token: stranger.token })).status).toBe(404)
    expect((await fetched(server, stranger, file)).status).toBe(404)
    await end(server)
    expect(pathsBelow(fresh.DATA_DIR).filter(path => !path.startsWith('files/'))).toEqual([
      'natter.db',
      'secret.key',
      'vapid.json',
    ])
    expect((await checkBackup(backup)).problems).toEqual([])
  }, 60_000)

  test('leaves sign-ins as they are where that is asked for: for moving to another machine', async () => {
    const moved = { DATA_DIR: join(dir, 'moved') }
    expect(await putBack(moved, backup, '--keep-sign-ins')).toContain('Sign-ins stand.')
    const server = await start(moved)
    expect((await call(server.url, 'GET', '/users/me', { token: said.ann.token })).status).toBe(200)
    await end(server)
  }, 60_000)

  test('is not put over a store that is there, nor under a server; with --force the old one moves aside', async () => {
    const other = { DATA_DIR: join(dir, 'other') }
    const server = await start(other)
    await arrive(server.url, 'dan')
    const underServer = await runToEnd(other, 'restore', '--from', backup, '--force')
    expect(underServer).toEqual({ code: 69, printed: expect.stringContaining('is in use by another Natter') })
    await end(server)
    const before = pathsBelow(other.DATA_DIR)
    const unforced = await runToEnd(other, 'restore', '--from', backup)
    expect(unforced).toEqual({ code: 69, printed: expect.stringContaining('--force moves it aside') })
    expect(pathsBelow(other.DATA_DIR)).toEqual(before)

    const printed = await putBack(other, backup, '--force')
    const aside = /What was there is in (\S+);/.exec(printed)?.[1] as string
    expect(pathsBelow(aside)).toEqual(before)
    const now = await start(other)
    await signIn(now.url, said.ann)
    expect((await arrive(now.url, 'dan')).id).toMatch(/^[0-9a-f]{24}$/)
    await end(now)
    const old = await start({ DATA_DIR: aside })
    await signIn(old.url, { name: 'dan', password: said.ann.password })
    await end(old)
  }, 60_000)

  test('that is not sound is refused, and says what is wrong', async () => {
    const file = pathsBelow(backup).find(path => path.startsWith('files/')) as string
    const flip = (path: string) => (copy: string) => {
      const bytes = readFileSync(join(copy, path))
      const at = bytes.length >> 1
      bytes[at] = (bytes[at] as number) ^ 1
      writeFileSync(join(copy, path), bytes)
    }
    const instead = (path: string, make: (path: string) => unknown) => (copy: string) => {
      rmSync(join(copy, path))
      make(join(copy, path))
    }
    const pipe = (path: string) => Bun.spawnSync(['mkfifo', path])
    const spoils: [(copy: string) => unknown, string][] = [
      [flip('natter.db'), 'natter.db has other bytes'],
      [flip(file), `${file} has other bytes`],
      [flip('secret.key'), 'secret.key has other bytes'],
      [flip('manifest.json'), 'manifest.json'],
      [copy => truncateSync(join(copy, 'natter.db'), 8192), 'natter.db has other bytes'],
      [copy => rmSync(join(copy, file)), `${file} is missing`],
      [copy => rmSync(join(copy, 'natter.db')), 'natter.db is missing'],
      [copy => rmSync(join(copy, 'SHA256SUMS')), 'is no backup'],
      [copy => rmSync(join(copy, 'manifest.json')), 'manifest.json is missing'],
      [copy => edit(copy, text => text.replace(/^.*files.*\n/m, '')), 'was not kept'],
      [copy => edit(copy, text => `${text}${'0'.repeat(64)}  ../../secret\n`), 'is no backup'],
      [instead(file, path => symlinkSync('/etc/hostname', path)), `${file} cannot be read`],
      [instead('manifest.json', path => symlinkSync('/dev/zero', path)), 'manifest.json is missing'],
      [instead('secret.key', pipe), 'secret.key cannot be read'],
      [instead('SHA256SUMS', pipe), 'is no backup'],
    ]
    for (const [spoil, problem] of spoils) {
      const copy = copyOf(backup)
      spoil(copy)
      expect((await checkBackup(copy)).problems.join('\n')).toContain(problem)
    }
    const copy = copyOf(backup)
    flip(file)(copy)
    const { code, printed } = await runToEnd(home, 'backup', '--check', copy)
    expect([code, printed]).toEqual([65, expect.stringContaining(`${file} has other bytes`)])
    const target = { DATA_DIR: join(dir, 'never') }
    const refused = await runToEnd(target, 'restore', '--from', copy)
    expect(refused).toEqual({ code: 65, printed: expect.stringContaining('The backup is not sound') })
    expect(pathsBelow(target.DATA_DIR)).toEqual([])
    expect((await checkBackup(join(dir, 'no such'))).problems).toEqual([
      expect.stringContaining('is no backup'),
    ])
  }, 60_000)

  test('whose bytes are as kept is still looked into: gaps, other counts, an unknown schema', async () => {
    const changes: [string, string][] = [
      ['DELETE FROM messages WHERE seq = 2', 'chats have gaps'],
      ['UPDATE chats SET last_seq = 2', 'do not know their last message'],
      [
        "INSERT INTO members SELECT 'x', user_id || 'x', role, 0, 0, 0, 0, 0, NULL, 0, 0, NULL, NULL, 0, joined_at, NULL, 'all', 0 FROM members LIMIT 1",
        'belong to nothing',
      ],
      ["DELETE FROM users WHERE username = 'bob'", 'is another one than'],
      ["UPDATE epoch SET id = 'x'", 'is another one than'],
      ['PRAGMA user_version = 99', 'of a newer Natter'],
      ['PRAGMA user_version = 3', 'of an older Natter'],
    ]
    for (const [sql, problem] of changes) {
      const copy = copyOf(backup)
      const db = new Database(join(copy, 'natter.db'))
      db.run('PRAGMA foreign_keys = OFF')
      db.run(sql)
      db.close()
      const hash = new Bun.CryptoHasher('sha256').update(readFileSync(join(copy, 'natter.db'))).digest('hex')
      edit(copy, text => text.replace(/^\w+(?= {2}natter\.db$)/m, hash))
      expect((await checkBackup(copy)).problems.join('\n')).toContain(problem)
    }
  }, 60_000)

  test('shares what did not change with the one before, drops what is gone, and --keep leaves the newest', async () => {
    const to = join(dir, 'many')
    const first = await backUp(home, to)
    const server = await start(home)
    const ann = await signIn(server.url, said.ann)
    await ann.api.users.me.patch({ avatar: null })
    await end(server)
    const second = await backUp(home, to)
    expect(second.printed).toContain('(0 new here)')
    expect(pathsBelow(first.path).length - pathsBelow(second.path).length).toBe(2)
    for (const path of pathsBelow(second.path).filter(path => path.startsWith('files/')))
      expect(statSync(join(second.path, path)).ino).toBe(statSync(join(first.path, path)).ino)
    const third = await backUp(home, to, '--keep', '2')
    expect(third.printed).toContain(`Removed ${first.path.slice(to.length + 1)}.`)
    expect(wholeIn(to).map(name => join(to, name))).toEqual([second.path, third.path])
    expect((await checkBackup(second.path)).problems).toEqual([])
  }, 60_000)

  test('on another disk has bytes of its own, copied once', async () => {
    const elsewhere = '/dev/shm'
    const isOther = process.platform === 'linux' && statSync(elsewhere).dev !== statSync(dir).dev
    if (!isOther) return
    const to = mkdtempSync(join(elsewhere, 'natter-'))
    try {
      const [first, second] = [await backUp(home, to), await backUp(home, to)]
      expect([first.printed, second.printed]).toEqual([
        expect.stringMatching(/\([1-9]\d* new here\)/),
        expect.stringContaining('(0 new here)'),
      ])
      for (const { path } of [first, second]) expect((await checkBackup(path)).problems).toEqual([])
    } finally {
      rmSync(to, { recursive: true, force: true })
    }
  }, 60_000)

  test('of a store that has lost a file says so, and is made all the same', async () => {
    const poor = { DATA_DIR: join(dir, 'poor') }
    await putBack(poor, backup)
    const lost = `files/${said.file.slice(22)}/${said.file}`
    rmSync(join(poor.DATA_DIR, lost))
    const { path, printed } = await backUp(poor, join(dir, 'of-poor'))
    expect(printed).toContain(`has lost 1 files that messages show:\n  ${lost}`)
    expect(JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')).lost).toEqual([lost])
    expect((await checkBackup(path)).problems).toEqual([])
    await putBack({ DATA_DIR: join(dir, 'still-poor') }, path)
  }, 60_000)

  test('of a damaged store is not made, so that no sound one goes for it', async () => {
    const hurt = { DATA_DIR: join(dir, 'hurt') }
    await putBack(hurt, backup)
    const db = new Database(join(hurt.DATA_DIR, 'natter.db'))
    db.run('DELETE FROM messages WHERE seq = 2')
    db.close()
    const to = join(dir, 'of-hurt')
    const { code, printed } = await runToEnd(hurt, 'backup', '--to', to, '--keep', '1')
    expect([code, printed]).toEqual([65, expect.stringContaining('The store itself is damaged')])
    expect(pathsBelow(to)).toEqual([])
  }, 60_000)

  test('is asked for in words that make sense, of a store that is there', async () => {
    const none = { DATA_DIR: join(dir, 'none') }
    expect(await runToEnd(none, 'backup')).toMatchObject({
      code: 69,
      printed: expect.stringContaining('no store'),
    })
    const unmade = await runToEnd(none, 'restore', '--epoch')
    expect(unmade).toMatchObject({ code: 69, printed: expect.stringContaining('no store') })
    const same = await runToEnd(home, 'backup', '--to', home.DATA_DIR as string)
    expect(same).toMatchObject({ code: 69, printed: expect.stringContaining('another directory') })
    const bad = [
      ['backup', '--keep', '0'],
      ['backup', '--what'],
      ['backup', '--check', 'x', '--keep', '1'],
      ['backup', 'here'],
      ['restore'],
      ['restore', '--from', 'x', '--epoch'],
      ['restore', '--epoch', '--force'],
    ]
    for (const args of bad) expect([args, (await runToEnd(home, ...args)).code]).toEqual([args, 2])
    for (const command of ['backup', 'restore'])
      expect(await runToEnd(none, command, '--help')).toMatchObject({ code: 0 })
  }, 60_000)
})

function edit(copy: string, change: (text: string) => string) {
  const file = join(copy, 'SHA256SUMS')
  writeFileSync(`${file}.new`, change(readFileSync(file, 'utf8')))
  renameSync(`${file}.new`, file)
}

test('who asks wrongly is told what is wrong, and how it is used', async () => {
  const asked: [string[], string][] = [
    [['backup', '--kep', '3'], '--kep'],
    [['backup', '--keep', '0'], '--keep must be'],
    [['backup', '--check', 'x', '--keep', '3'], '--check goes alone'],
    [['restore'], 'Say which backup'],
    [['restore', '--epoch', '--from', 'x'], '--epoch goes without'],
  ]
  for (const [args, what] of asked) {
    const { code, printed } = await runToEnd({}, ...args)
    expect([code, printed.split('\n')[0]]).toEqual([2, expect.stringContaining(what)])
    expect(printed).toContain(`bun run ${args[0]} `)
  }
  await using home = await newHome()
  await mkdir(join(home.DATA_DIR as string, 'natter-20260101T000000.000Z'), { recursive: true })
  const above = await runToEnd({}, 'backup', '--check', home.DATA_DIR as string)
  expect(above).toEqual({ code: 65, printed: expect.stringMatching(/name one, such as .*natter-2026/) })
}, 60_000)

describe('a store that was put back by other means', () => {
  test('gets another epoch by command, and everybody is signed out', async () => {
    await using home = await newHome()
    const first = await start(home)
    const ann = await arrive(first.url, 'ann')
    const epochOf = async (who: Person) => (await who.online()).of('hello')[0]?.epoch as string
    const before = await epochOf(ann)
    await end(first)

    const kept = await runToEnd(home, 'restore', '--epoch', '--keep-sign-ins')
    expect(kept).toEqual({ code: 0, printed: expect.stringContaining('Sign-ins stand.') })
    const second = await start(home)
    const line = await call(second.url, 'POST', '/auth/ticket', { token: ann.token })
    expect(line.status).toBe(200)
    const between = await epochOf(await signIn(second.url, ann))
    expect(between).not.toBe(before)
    await end(second)

    const renewed = await runToEnd(home, 'restore', '--epoch')
    expect(renewed).toEqual({ code: 0, printed: expect.stringContaining('signed out (2 sessions)') })
    const third = await start(home)
    expect((await call(third.url, 'GET', '/users/me', { token: ann.token })).status).toBe(401)
    expect([before, between]).not.toContain(await epochOf(await signIn(third.url, ann)))
    await end(third)
  }, 60_000)

  test.skipIf(!onMongo)(
    'is MongoDB’s own tool’s work there, which is said',
    async () => {
      await using home = await newHome()
      for (const args of [['backup'], ['restore', '--from', 'x']]) {
        const { code, printed } = await runToEnd(home, ...args)
        expect([code, printed]).toEqual([69, expect.stringMatching(/mongodump --oplog|mongorestore/)])
        expect(printed).not.toContain(home.MONGODB_URL as string)
      }
    },
    60_000,
  )
})
