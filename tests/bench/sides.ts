// The two servers that are compared, each with the same people, chats and room.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { newId } from '../../src/lib/ids'
import { signPass } from './pass'
import { startServer, type Running } from './processes'
import { PAIRS, ROOM_LISTENERS, ROOM_SENDERS, type Side } from './scenarios'
import { seedNatter } from './seed'

export type RunningSide = Side & Running

const SECRET = 'a secret of the benchmarks, long enough for anyone'

function directoryFor(parent: string, name: string): string {
  const dir = join(parent, name)
  mkdirSync(dir)
  return dir
}

export async function startRaw(parent: string): Promise<RunningSide> {
  const dir = directoryFor(parent, 'raw')
  const running = await startServer('raw.ts', [dir, SECRET], {}, dir)
  const tokenFor = (chatId: string) => signPass(SECRET, { user_id: newId(), chats: [chatId] })
  const seatIn = (chat_id: string) => ({ token: tokenFor(chat_id), chat_id })
  const room = newId()
  return {
    ...running,
    pairs: Array.from({ length: PAIRS }, () => seatIn(newId())),
    room: {
      senders: Array.from({ length: ROOM_SENDERS }, () => seatIn(room)),
      listeners: Array.from({ length: ROOM_LISTENERS }, () => tokenFor(room)),
    },
  }
}

/** As users run it, but for the limits on how much one person may do. */
export async function startNatter(parent: string): Promise<RunningSide> {
  const dir = directoryFor(parent, 'natter')
  const DATA_DIR = join(dir, 'data')
  const seeded = await seedNatter(DATA_DIR, SECRET)
  const settings = { LOG_LEVEL: 'info', RATE_LIMITS: 'off', PORT: '0', SECRET_KEY: SECRET, DATA_DIR }
  const running = await startServer('../../src/main.ts', [], settings, dir)
  return { ...running, ...seeded }
}
