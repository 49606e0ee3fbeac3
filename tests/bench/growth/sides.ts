// The two servers, each as users run it on its own store, with the people who ask signed in.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { start } from '../../support/server'
import { ask } from './measure'
import { ANN, BOB, CARL, DORA, PASSWORD, seed } from './seed'
import type { Cursors } from './requests'
import type { Size } from './sizes'

export interface Side {
  size: Size
  url: string
  pid: number
  tokens: Map<string, string>
  cursors: Cursors
  stop(): Promise<void>
}

const settings = (dir: string) => ({ DATA_DIR: dir, RATE_LIMITS: 'off', LOG_LEVEL: 'warn' })

/** Seeds the store where it is not there yet. */
export async function storeOf(parent: string, size: Size): Promise<string> {
  const dir = join(parent, `${size.name}-${size.messages}`)
  if (existsSync(dir)) return dir
  await mkdir(parent, { recursive: true })
  const began = performance.now()
  await seed(dir, size)
  console.error(`seeded ${dir} in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  return dir
}

/** Milliseconds from nothing to the line that says where it listens, and the end of it. */
export async function startTime(dir: string): Promise<number> {
  const began = performance.now()
  const server = await start(settings(dir))
  const took = performance.now() - began
  server.process.kill()
  await server.process.exited
  return took
}

export async function startSide(dir: string, size: Size): Promise<Side> {
  const { url, process: child } = await start(settings(dir))
  process.on('exit', () => child.kill('SIGKILL'))
  const tokens = new Map<string, string>()
  for (const id of [ANN, BOB, CARL, DORA]) {
    const username = `person${Number.parseInt(id.slice(8), 16)}`
    const json = { username, password: PASSWORD }
    tokens.set(id, (await ask(url, '', { method: 'POST', path: '/auth/login', json })).access_token)
  }
  async function stop() {
    child.kill()
    await child.exited
  }
  return { size, url, pid: child.pid, tokens, cursors: new Map(), stop }
}
