// The servers that are compared, each over a copy of the same people, chats and messages.
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { openSqlite } from '../../src/storage/sqlite/open'
import type { Job } from './jobs'
import { signToken } from './jwt'
import { signPass } from './pass'
import { startServer, type Running } from './processes'
import { chatIdsOf, personId, type World } from './world/plan'

export type Name = 'raw' | 'natter' | 'peer'

const SECRET = 'a secret of the benchmarks, long enough for anyone'

interface Kind {
  dialect: Job['dialect']
  stored(dir: string, world: World): Promise<number>
  start(dir: string, port: number, env: Record<string, string>): Promise<Running>
}

/** Natter as users run it, but for the limits on how much one person may do. */
const natterSettings = { LOG_LEVEL: 'info', RATE_LIMITS: 'off', SECRET_KEY: SECRET }

const kinds: Record<Name, Kind> = {
  raw: {
    dialect: 'native',
    stored: dir => rowsIn(join(dir, 'raw.db')),
    start: (dir, port, env) => startServer('raw.ts', [dir, SECRET, `${port}`], env, dir),
  },
  natter: {
    dialect: 'native',
    stored: heads,
    start: (dir, port, env) =>
      startServer(
        '../../src/main.ts',
        [],
        { ...natterSettings, PORT: `${port}`, DATA_DIR: dir, ...env },
        dir,
      ),
  },
  peer: {
    dialect: 'socketio',
    stored: dir => rowsIn(join(dir, 'peer.db')),
    start: (dir, port, env) => startServer('peer/server.js', [dir, SECRET, `${port}`], env, dir, 'node'),
  },
}

/** One side of a run, over its own directory. */
export interface Side {
  name: Name
  dialect: Job['dialect']
  tokenOf(person: number): string
  start(options?: { dir?: string; port?: number; env?: Record<string, string> }): Promise<Running>
  /** Messages that are stored; its server must have stopped. */
  stored(): Promise<number>
}

export function sideOf(name: Name, dir: string, world: World): Side {
  const { dialect, start, stored } = kinds[name]
  return {
    name,
    dialect,
    tokenOf: name === 'raw' ? passes(world) : person => signToken(SECRET, personId(person)),
    start: options => start(options?.dir ?? dir, options?.port ?? 0, options?.env ?? {}),
    stored: () => stored(dir, world),
  }
}

async function rowsIn(file: string): Promise<number> {
  const db = new Database(file, { readwrite: true })
  const { count = NaN } =
    db.query<{ count: number }, []>('SELECT count(*) AS count FROM messages').get() ?? {}
  db.close()
  return count
}

/** By its own port, which knows where messages are kept: places have no gap, so the newest ones count them all. */
async function heads(dir: string, { chats }: World): Promise<number> {
  const { messages, close } = await openSqlite(dir)
  const newest = await Promise.all(chats.map(({ id }) => messages.head(id)))
  await close()
  return newest.reduce((sum, { last_seq }) => sum + last_seq, 0)
}

/** The ceiling asks nobody: which chats its people listen to stands in their passes. */
function passes(world: World): (person: number) => string {
  const chats = chatIdsOf(world)
  return person => signPass(SECRET, { user_id: personId(person), chats: chats[person] ?? [] })
}
