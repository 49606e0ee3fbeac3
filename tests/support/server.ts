// Natter as its own process, started as users start it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Subprocess } from 'bun'
import { freshDatabase, mongoForTests } from './mongo'

export interface Server {
  url: string
  process: Subprocess<'ignore', 'pipe', 'pipe'>
  /** Everything printed so far. */
  printed(): string
}

const MAIN = join(import.meta.dir, '../../src/main.ts')

/** Settings for a store of its own that outlives the process: a folder, or a database. */
export async function newHome(): Promise<Record<string, string> & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'natter-'))
  const remove = () => rm(dir, { recursive: true, force: true })
  const home = { DATA_DIR: dir, ...(await storeOf()) }
  return Object.assign(home, { [Symbol.asyncDispose]: remove }) as never
}

async function storeOf(): Promise<Record<string, string>> {
  if (process.env.TEST_STORE !== 'mongodb') return {}
  const server = await mongoForTests()
  if ('skip' in server) throw new Error(server.skip)
  return {
    MONGODB_URL: freshDatabase(server.url),
    SECRET_KEY: 'a secret of the tests, long enough for anyone',
  }
}

/** Puts something around or into the command that starts Natter. */
export type Wrap = (command: string[]) => string[]

/** Runs the process to its end, or until it is killed. */
export const spawn = (settings: Record<string, string>, ...args: string[]) =>
  spawnBy(command => [...command, ...args], settings)

const setpriv = Bun.which('setpriv')

/** The command of a child that is killed when this process ends, however it ends; on Linux. */
export const mortal = (command: string[]): string[] =>
  setpriv ? [setpriv, '--pdeathsig', 'KILL', ...command] : command

function spawnBy(wrap: Wrap, settings: Record<string, string>) {
  const { PATH = '', HOME = '' } = process.env
  const child = Bun.spawn(mortal(wrap([process.execPath, '--no-env-file', MAIN])), {
    env: { PATH, HOME, NODE_ENV: 'production', ...settings },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let text = ''
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) text += new TextDecoder().decode(chunk)
  }
  const read = Promise.all([collect(child.stdout), collect(child.stderr)])
  return { process: child, printed: () => text, read }
}

/** What a start that fails says, and its exit code. */
export async function runToEnd(settings: Record<string, string>, ...args: string[]) {
  const { process, printed, read } = spawn(settings, ...args)
  const code = await process.exited
  await read
  return { code, printed: printed() }
}

/** Starts on a free port and waits until it says where it listens. */
export async function start(settings: Record<string, string>, wrap: Wrap = same => same): Promise<Server> {
  const child = spawnBy(wrap, { PORT: '0', RATE_LIMITS: 'off', ...settings })
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline && child.process.exitCode === null) {
    const url = /listens on (http:\S+)/.exec(child.printed())?.[1]
    if (url) return { url, process: child.process, printed: child.printed }
    await Bun.sleep(5)
  }
  throw new Error(`Natter did not start: ${child.printed()}`)
}
