// A MongoDB for the tests: one's own, a `mongod` of this machine, or the stand-in; once per process.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type TestServer = { url: string } | { skip: string }

const jars = join(import.meta.dir, '../../.cache/mongo-java-server/1.47.0')
const launcher = join(import.meta.dir, 'Mongod.java')

/** What to do to have the stand-in, or null when it is there. */
export const standInMissing = !Bun.which('java')
  ? 'install java and run tests/support/fetch-mongod.sh'
  : existsSync(join(jars, 'complete'))
    ? null
    : 'run tests/support/fetch-mongod.sh'

let found: Promise<TestServer> | undefined

/** The server's url without a database name, or one line that says why there is none. */
export const mongoForTests = (): Promise<TestServer> => (found ??= findServer())

async function findServer(): Promise<TestServer> {
  const own = process.env.MONGODB_TEST_URL
  if (own) return { url: own }
  if (Bun.which('mongod')) return { url: await startMongod() }
  if (standInMissing === null) return { url: (await standIn()).url }
  const skip = `no MongoDB: set MONGODB_TEST_URL, install mongod, or ${standInMissing}`
  if (process.env.REQUIRE_MONGO === '1') throw new Error(skip)
  return { skip }
}

/** The same server with a database of its own, under a name nobody used before. */
export function freshDatabase(url: string): string {
  const [, server = '', options = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(url) ?? []
  return `${server}/natter_test_${randomBytes(6).toString('hex')}${options}`
}

/** Starts a stand-in, in memory or on disk in `file`; `stop` ends it and resolves when it is gone. */
export async function standIn(options: { port?: number; file?: string } = {}) {
  const { port = 0, file } = options
  const command = ['java', '-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, launcher, String(port)]
  const server = startChild(file ? [...command, file] : command)
  const [, listening] = await lineMatching(server.stdout, /^listening (\d+)/m)
  return {
    url: `mongodb://127.0.0.1:${listening}`,
    process: server,
    async stop() {
      server.stdin.end()
      await server.exited
    },
  }
}

async function startMongod(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'natter-mongod-'))
  const port = freePort()
  const options = ['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1']
  // mongod does not watch its stdin, so a shell does it in its place.
  const server = startChild(['sh', '-c', '"$@" & read -r line; kill $!', 'sh', 'mongod', ...options])
  process.on('exit', () => rmSync(data, { recursive: true, force: true }))
  await lineMatching(server.stdout, /Waiting for connections/)
  return `mongodb://127.0.0.1:${port}`
}

// The child ends when its stdin closes, so it goes with this process however that ends.
function startChild(command: string[]) {
  const child = Bun.spawn(command, { stdin: 'pipe', stdout: 'pipe', stderr: 'ignore' })
  child.unref()
  process.on('exit', () => child.stdin.end())
  return child
}

async function lineMatching(output: ReadableStream<Uint8Array>, pattern: RegExp): Promise<string[]> {
  let text = ''
  const decoder = new TextDecoder()
  const reader = output.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the MongoDB for the tests did not start: ${text.slice(-500)}`)
    text += decoder.decode(value, { stream: true })
    const match = pattern.exec(text)
    if (match) return drain(reader, match)
  }
}

// Read on unseen: a server whose output nobody reads stops when the pipe is full.
function drain(reader: ReadableStreamDefaultReader<Uint8Array>, match: string[]): string[] {
  const readOn = (): Promise<void> => reader.read().then(({ done }) => (done ? undefined : readOn()))
  readOn().catch(() => {})
  return match
}

function freePort(): number {
  const probe = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = probe
  probe.stop(true)
  return port
}
