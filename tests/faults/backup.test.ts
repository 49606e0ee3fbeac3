// Backups in the middle of it: while many write, when processes are killed, when the disk is full.
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBackup } from '../../src/backup/checking'
import { newId } from '../../src/lib/ids'
import { openSqlite } from '../../src/storage/sqlite/open'
import { group, person, text } from '../storage/contract/samples'
import { backUp, end, historyOf, onMongo, pathsBelow, putBack, wholeIn, type Kept } from '../support/backups'
import { groupChat, say } from '../support/chats'
import { fetched, uploaded } from '../support/files'
import { connect, type Line } from '../support/line'
import { arrive, signIn, type Person } from '../support/people'
import { pngOf, scene } from '../support/pictures'
import { call } from '../support/raw'
import { newHome, runToEnd, spawn, start, type Server } from '../support/server'

const CYCLES = Number(process.env.BACKUP_CYCLES ?? 4)
const WRITERS = 10

const home = async () => Object.assign(await newHome(), { LOG_LEVEL: 'silent', RATE_LIMITS: 'off' })

/** Keeps sockets sending, one message after the other; answers what was acknowledged so far. */
async function keepWriting(server: Server, token: string, chat: string) {
  const acked = new Map<string, number>()
  let [count, stopped] = [0, false]
  const lines = await Promise.all(Array.from({ length: WRITERS }, () => connect(server.url, token)))
  const write = (line: Line) => {
    const client_id = `m${++count}`
    line.say({ type: 'send', id: client_id, chat_id: chat, content: client_id, client_id })
  }
  for (const line of lines) {
    line.socket.addEventListener('message', event => {
      const frame = JSON.parse(event.data)
      line.heard.length = 0
      if (frame.type !== 'ack') return
      acked.set(frame.id, frame.message.seq)
      if (!stopped) write(line)
    })
    write(line)
  }
  return {
    acked,
    stop() {
      stopped = true
      for (const line of lines) line.close()
    },
  }
}

/** Files that come, are shown or taken away again, and pictures that change, until stopped. */
function keepUploading(server: Server, ann: Person, chat: string) {
  const shown = new Map<string, string>()
  let stopped = false
  const working = (async () => {
    const picture = await uploaded(server, ann, await pngOf(scene(64, 64)), 'me.png')
    for (let i = 0; !stopped; i++) {
      const bytes = `file ${i} `.repeat(1000)
      const id = await uploaded(server, ann, bytes, 'a.txt')
      if (i % 3 === 0) await ann.api.files({ id }).delete()
      else await say(ann, chat, '', { content: undefined, attachments: [{ file_id: id }] })
      if (i % 3 !== 0) shown.set(id, bytes)
      await ann.api.users.me.patch({ avatar: i % 2 === 0 ? picture : null })
    }
  })()
  return {
    shown,
    async stop() {
      stopped = true
      await working
    },
  }
}

describe.skipIf(onMongo)('a backup while many write', () => {
  test(
    `holds all that was acknowledged before, ${CYCLES} times`,
    async () => {
      await using source = await home()
      await using parent = await home()
      const to = join(parent.DATA_DIR as string, 'backups')
      const server = await start(source)
      const [ann, bob] = [await arrive(server.url, 'ann'), await arrive(server.url, 'bob')]
      const chat = await groupChat(ann, bob)
      const writing = await keepWriting(server, ann.token, chat)
      const uploading = keepUploading(server, ann, chat)

      for (let cycle = 0; cycle < CYCLES; cycle++) {
        const before = writing.acked.size
        while (writing.acked.size < before + 300) await Bun.sleep(5)
        const [acked, shown] = [new Map(writing.acked), new Map(uploading.shown)]
        const { path } = await backUp(source, to, '--keep', '2')
        expect(wholeIn(to).length).toBe(Math.min(cycle + 1, 2))
        const { problems, manifest } = await checkBackup(path)
        expect([problems, manifest?.lost]).toEqual([[], []])

        await using fresh = await home()
        await putBack(fresh, path)
        const copy = await start(fresh)
        const again = await signIn(copy.url, bob)
        const history = await historyOf(copy, again.token, chat)
        expect(history.map(({ seq }) => seq)).toEqual(history.map((_, i) => i + 1))
        const stored = new Map(history.map(({ client_id, seq }) => [client_id, seq]))
        expect(stored.size).toBe(history.length)
        expect([...acked].filter(([client_id, seq]) => stored.get(client_id) !== seq)).toEqual([])
        for (const [id, bytes] of [...shown].slice(-40))
          expect((await fetched(copy, again, id)).bytes.toString() === bytes).toBeTrue()
        const seen = await call(copy.url, 'GET', `/chats/${chat}`, { token: again.token })
        expect(seen.body).toMatchObject({ last_seq: history.length, unread_count: history.length })
        const next = await say(again, chat, 'and on')
        expect(next.seq).toBe(history.length + 1)
        await end(copy)
      }
      writing.stop()
      await uploading.stop()
      expect(pathsBelow(to).filter(path => path.includes('.part'))).toEqual([])
      await end(server)
    },
    60_000 + CYCLES * 30_000,
  )

  test('is made once at a time in a directory, and a server may end meanwhile', async () => {
    await using source = await home()
    await using parent = await home()
    const to = join(parent.DATA_DIR as string, 'backups')
    const server = await start(source)
    await arrive(server.url, 'ann')
    const both = [runToEnd(source, 'backup', '--to', to), runToEnd(source, 'backup', '--to', to)]
    const ended = await Promise.all([...both, end(server)])
    const codes = ended.flatMap(one => (one ? [one.code] : [])).toSorted()
    // Whoever comes when the other is done may have one of its own.
    expect([
      [0, 0],
      [0, 69],
    ]).toContainEqual(codes)
    for (const name of wholeIn(to)) expect((await checkBackup(join(to, name))).problems).toEqual([])
    expect(wholeIn(to).length).toBe(codes.filter(code => code === 0).length)
  }, 60_000)
})

/** What a client keeps of a chat. */
class Cache {
  rev = 0
  readonly messages = new Map<number, Kept>()
  put(items: Kept[], rev: number) {
    for (const item of items) this.messages.set(item.seq, item)
    this.rev = rev
  }
  drop() {
    this.messages.clear()
    this.rev = 0
  }
}

/** Comes back by `sync`, and loads anew what it is told to; answers the types of frames that answered it. */
async function comeBack(server: Server, who: Person, chat: string, cache: Cache, epoch?: string) {
  const line = await connect(server.url, who.token, '/ws?sync=1')
  line.say({ type: 'sync', chats: { [chat]: cache.rev }, ...(epoch !== undefined && { epoch }) })
  const synced = await line.hears('synced')
  for (const frame of line.heard) {
    if (frame.type === 'changes') cache.put(frame.items, frame.rev)
    if (frame.type === 'reset') {
      cache.drop()
      const { body } = await call(server.url, 'GET', `/chats/${chat}/changes?since=0`, { token: who.token })
      cache.put(body.items, body.rev)
    }
  }
  line.close()
  // That somebody signed in on another device is told a moment after.
  const answers = line.heard.filter(({ type }) => type !== 'session')
  return { types: answers.map(({ type }) => type), epoch: synced.epoch as string }
}

describe.skipIf(onMongo)('clients that had seen more than the copy', () => {
  test('are told to start over, be they ahead or by chance not, and end with what all see', async () => {
    await using source = await home()
    await using parent = await home()
    let server = await start(source)
    const [ann, bob] = [await arrive(server.url, 'ann'), await arrive(server.url, 'bob')]
    const chat = await groupChat(ann, bob)
    for (let i = 0; i < 5; i++) await say(ann, chat, `kept ${i}`)
    const { path } = await backUp(source, join(parent.DATA_DIR as string, 'backups'))
    for (let i = 0; i < 20; i++) await say(ann, chat, `lost ${i}`)
    const cache = new Cache()
    const { epoch } = await comeBack(server, bob, chat, cache)
    expect(cache.messages.size).toBe(25)
    const { body: lost } = await call(server.url, 'POST', `/chats/${chat}/messages`, {
      token: ann.token,
      json: { content: 'of unknown outcome', client_id: 'unanswered' },
    })
    expect(lost.seq).toBe(26)
    await end(server)

    await putBack(source, path, '--force')
    server = await start(source)
    const [annAgain, bobAgain] = [await signIn(server.url, ann), await signIn(server.url, bob)]
    const isLevel = async (told: Cache) =>
      expect([...told.messages.values()].map(({ seq, content }) => [seq, content])).toEqual(
        (await historyOf(server, bobAgain.token, chat)).map(({ seq, content }) => [seq, content]),
      )
    const ahead = copyOf(cache)
    expect((await comeBack(server, bobAgain, chat, ahead, epoch)).types).toEqual(['hello', 'reset', 'synced'])
    await isLevel(ahead)

    // A message that the copy does not hold is stored when it is repeated, at another place.
    const repeated = await call(server.url, 'POST', `/chats/${chat}/messages`, {
      token: annAgain.token,
      json: { content: 'of unknown outcome', client_id: 'unanswered' },
    })
    expect([repeated.status, repeated.body.seq]).toEqual([201, 6])

    // Other messages come under the numbers that the client knows: no number tells any more.
    for (let i = 0; i < 30; i++) await say(annAgain, chat, `other ${i}`)
    const fooled = copyOf(cache)
    await comeBack(server, bobAgain, chat, fooled)
    expect(fooled.messages.get(10)?.content).toBe('lost 4')
    const behind = copyOf(cache)
    const back = await comeBack(server, bobAgain, chat, behind, epoch)
    expect(back.types).toEqual(['hello', 'reset', 'synced'])
    expect(behind.messages.size).toBe(36)
    await isLevel(behind)
    expect((await comeBack(server, bobAgain, chat, behind, back.epoch)).types).toEqual(['hello', 'synced'])
    await end(server)
  }, 60_000)
})

function copyOf({ messages, rev }: Cache): Cache {
  const copy = new Cache()
  copy.put([...messages.values()], rev)
  return copy
}

/** A store with some weight, and how many messages it has. */
async function fill(dir: string, name: string, messages: number, files: number) {
  const stores = await openSqlite(dir)
  const ann = person(name)
  await stores.users.insert(ann)
  const { id } = await stores.chats.createGroup(...group([ann.id]))
  await Promise.all(
    Array.from({ length: messages }, (_, i) => stores.messages.append(text(id, ann.id, `${i} `.repeat(50)))),
  )
  for (let i = 0; i < files; i++) {
    const file = newId()
    const bytes = new TextEncoder().encode(`${name} ${i} `.repeat(5000))
    await stores.blobs.write(
      file,
      (async function* () {
        yield bytes
      })(),
      1e9,
    )
    const facts = { name: 'a', size: bytes.length, media_type: 'text/plain', kind: 'file' as const }
    const none = { width: null, height: null, placeholder: null, thumbnail_size: null }
    await stores.files.insert(
      { id: file, user_id: ann.id, ...facts, ...none, created_at: ann.created_at },
      1e12,
    )
  }
  writeFileSync(join(dir, 'secret.key'), `the secret of ${name}, which is long enough\n`, { mode: 0o600 })
  await stores.close()
}

describe.skipIf(onMongo)('kill -9', () => {
  test('in the middle of a backup leaves none that looks whole, and the next one goes well', async () => {
    await using source = await home()
    await using parent = await home()
    const to = join(parent.DATA_DIR as string, 'backups')
    await fill(source.DATA_DIR as string, 'ann', 20_000, 200)
    const took = performance.now()
    await backUp(source, to)
    const whole = performance.now() - took
    let cut = 0
    for (let i = 0; i < 8; i++) {
      const child = spawn(source, 'backup', '--to', to)
      await Bun.sleep((whole * (i + 2)) / 10)
      child.process.kill('SIGKILL')
      await child.process.exited
      if (readdirSync(to).some(name => name.endsWith('.partial'))) cut++
      for (const name of wholeIn(to)) expect((await checkBackup(join(to, name))).problems).toEqual([])
    }
    expect(cut).toBeGreaterThan(0)
    await backUp(source, to)
    expect(readdirSync(to).filter(name => name.endsWith('.partial'))).toEqual([])
    const stores = await openSqlite(source.DATA_DIR as string)
    await stores.close()
  }, 120_000)

  test('in the middle of a restore, at every change of a name, leaves the old store or the new one', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'natter-'))
    try {
      const [source, to] = [join(parent, 'source'), join(parent, 'backups')]
      await fill(source, 'ann', 50, 3)
      const { path } = await backUp({ DATA_DIR: source }, to)
      const outcomes: string[] = []
      for (let n = 1; n < 100; n++) {
        const dir = join(parent, `data-${n}`)
        await fill(dir, 'dan', 20, 2)
        // As a server leaves it that was killed: the log of the old database must never meet the new one.
        const reader = await openSqlite(dir)
        await reader.users.insert(person('eve'))
        const log = readFileSync(join(dir, 'natter.db-wal'))
        await reader.close()
        writeFileSync(join(dir, 'natter.db-wal'), log, { mode: 0o600 })

        const child = Bun.spawn([
          process.execPath,
          join(import.meta.dir, '../support/cut.ts'),
          `${n}`,
          dir,
          path,
        ])
        const code = await child.exited
        outcomes.push(await whoIsIn(dir))
        const aside = readdirSync(dir).find(name => name.startsWith('before-restore-'))
        if (outcomes.at(-1) === 'ann') expect(await whoIsIn(join(dir, aside as string))).toBe('dan')
        else expect(aside).toBeUndefined()
        if (code === 0) break
      }
      expect(outcomes.length).toBeGreaterThan(8)
      expect(outcomes.toSorted((a, b) => b.localeCompare(a))).toEqual(outcomes)
      expect(new Set(outcomes).size).toBe(2)
      expect(
        readdirSync(join(parent, `data-${outcomes.length}`)).filter(name => name.startsWith('restore-')),
      ).toEqual([])
    } finally {
      rmSync(parent, { recursive: true, force: true })
    }
  }, 120_000)
})

/** Whose store it is, as the next start finds it: database, files and secret are of one person. */
async function whoIsIn(dir: string): Promise<string> {
  const stores = await openSqlite(dir)
  try {
    const found = await Promise.all(['ann', 'dan'].map(name => stores.users.byUsername(name)))
    const [user] = found.filter(one => one !== null)
    expect(found.filter(one => one !== null)).toHaveLength(1)
    const name = user?.username as string
    const files = await stores.files.list(user?.id as string, { limit: 10 })
    expect(files).toHaveLength(name === 'ann' ? 3 : 2)
    for (const { id, size } of files)
      expect((await new Response(await stores.blobs.read(id)).arrayBuffer()).byteLength).toBe(size)
    expect(readFileSync(join(dir, 'secret.key'), 'utf8')).toContain(`of ${name},`)
    if (name === 'ann') expect(await stores.users.byUsername('eve')).toBeNull()
    return name
  } finally {
    await stores.close()
  }
}

/** A file system of its own, of so many bytes; null where that may not be made. */
function smallDisk(size: string): { path: string; [Symbol.dispose](): void } | null {
  const path = mkdtempSync(join(tmpdir(), 'natter-'))
  const mounted = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]).exitCode === 0
  if (!mounted) rmSync(path, { recursive: true })
  const remove = () => {
    Bun.spawnSync(['umount', path])
    rmSync(path, { recursive: true, force: true })
  }
  return mounted ? { path, [Symbol.dispose]: remove } : null
}

const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && Boolean(Bun.which('mount'))

describe.skipIf(onMongo || !mayMount)('a disk that is full', () => {
  test('ends a backup and a restore with one clear line, and nothing is broken', async () => {
    using disk = smallDisk('2m')
    if (!disk) return
    await using source = await home()
    await using parent = await home()
    await fill(source.DATA_DIR as string, 'ann', 5_000, 60)
    const full = {
      code: 74,
      printed: expect.stringMatching(/^There is not enough room in \S+; nothing of this was kept\.\n$/),
    }
    const to = join(disk.path, 'backups')
    expect(await runToEnd(source, 'backup', '--to', to)).toEqual(full)
    expect(pathsBelow(to)).toEqual([])

    const { path } = await backUp(source, join(parent.DATA_DIR as string, 'backups'))
    const small = join(disk.path, 'data')
    mkdirSync(small)
    await fill(small, 'dan', 20, 2)
    expect(await runToEnd({ DATA_DIR: small }, 'restore', '--from', path, '--force')).toEqual(full)
    expect(readdirSync(small).filter(name => name.includes('restore'))).toEqual([])
    expect(await whoIsIn(small)).toBe('dan')
    expect(existsSync(path)).toBeTrue()
  }, 60_000)
})
