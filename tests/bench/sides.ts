// The servers that are compared, each over a copy of the same people, chats and messages.
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { Job } from './jobs'
import { signToken } from './jwt'
import { signPass } from './pass'
import { startServer, type Running } from './processes'
import { chatIdsOf, personId, type World } from './world/plan'

export type Name = 'raw' | 'natter' | 'peer'

const SECRET = 'a secret of the benchmarks, long enough for anyone'

interface Kind {
  dialect: Job['dialect']
  /** Where the database lies in its directory. */
  file: string
  start(dir: string, port: number, env: Record<string, string>): Promise<Running>
}

/** Natter as users run it, but for the limits on how much one person may do. */
const natterSettings = { LOG_LEVEL: 'info', RATE_LIMITS: 'off', SECRET_KEY: SECRET }

const kinds: Record<Name, Kind> = {
  raw: {
    dialect: 'native',
    file: 'raw.db',
    start: (dir, port, env) => startServer('raw.ts', [dir, SECRET, `${port}`], env, dir),
  },
  natter: {
    dialect: 'native',
    file: 'natter.db',
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
    file: 'peer.db',
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
  stored(): number
}

export function sideOf(name: Name, dir: string, world: World): Side {
  const { dialect, file, start } = kinds[name]
  return {
    name,
    dialect,
    tokenOf: name === 'raw' ? passes(world) : person => signToken(SECRET, personId(person)),
    start: options => start(options?.dir ?? dir, options?.port ?? 0, options?.env ?? {}),
    stored() {
      const db = new Database(join(dir, file), { readwrite: true })
      const { count = NaN } =
        db.query<{ count: number }, []>('SELECT count(*) AS count FROM messages').get() ?? {}
      db.close()
      return count
    },
  }
}

/** The ceiling asks nobody: which chats its people listen to stands in their passes. */
function passes(world: World): (person: number) => string {
  const chats = chatIdsOf(world)
  return person => signPass(SECRET, { user_id: personId(person), chats: chats[person] ?? [] })
}
