// Backups in a test: made by the command, as users make them.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'bun:test'
import { runToEnd, type Server } from './server'
import { call } from './raw'

type Home = Record<string, string>

export const onMongo = process.env.TEST_STORE === 'mongodb'

/** Makes a backup in `to`, which must succeed; answers its path and what was said. */
export async function backUp(home: Home, to: string, ...options: string[]) {
  const { code, printed } = await runToEnd(home, 'backup', '--to', to, ...options)
  expect([code, printed]).toEqual([0, expect.stringMatching(/^Copied to /)])
  return { path: /^Copied to (\S+):/.exec(printed)?.[1] as string, printed }
}

/** The names of whole backups in a directory, oldest first. */
export const wholeIn = (dir: string): string[] =>
  readdirSync(dir)
    .filter(name => /^natter-[\w.]+Z$/.test(name))
    .toSorted()

/** Puts a backup back, which must succeed; answers what was said. */
export async function putBack(home: Home, from: string, ...options: string[]): Promise<string> {
  const { code, printed } = await runToEnd(home, 'restore', '--from', from, ...options)
  expect([code, printed]).toEqual([0, expect.stringMatching(/^Put back into /)])
  return printed
}

export interface Kept {
  id: string
  seq: number
  rev: number
  client_id: string
  content: string
}

/** All messages of a chat, oldest first. */
export async function historyOf(server: Server, token: string, chat: string): Promise<Kept[]> {
  const messages: Kept[] = []
  for (let after: number | null = 0; after !== null;) {
    const path = `/chats/${chat}/messages?limit=100&after=${after}`
    const { body }: { body: { items: Kept[]; after: number | null } } = await call(server.url, 'GET', path, {
      token,
    })
    messages.push(...body.items)
    after = body.after
  }
  return messages
}

export async function end(server: Server, signal: NodeJS.Signals = 'SIGTERM') {
  server.process.kill(signal)
  await server.process.exited
}

/** Paths below a directory, but for the locks. */
export const pathsBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name !== 'lock.db')
    .map(({ parentPath, name }) => join(parentPath, name).slice(dir.length + 1))
    .toSorted()
