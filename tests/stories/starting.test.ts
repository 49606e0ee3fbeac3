// A start is quick and small since it loads only what the first requests need.
import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dir, '../../src/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'starting-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Files that are loaded once the server has answered. */
async function loadedByStart(): Promise<string[]> {
  const look = join(folder, 'look.ts')
  await Bun.write(
    look,
    `const { log } = console
     console.log = async line => {
       const [url] = /http:\\S+:\\d+/.exec(line)
       await fetch(url + '/health')
       log(JSON.stringify(Object.keys(require.cache)))
       process.kill(process.pid, 'SIGTERM')
     }`,
  )
  const child = Bun.spawn([process.execPath, '--preload', look, MAIN], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'silent' },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const text = await new Response(child.stdout).text()
  expect(await child.exited).toBe(0)
  return JSON.parse(text)
}

const ALL_ELSE = [
  '@elysiajs/swagger',
  '@fastify/busboy',
  '@scalar/themes',
  '@socket.io/bun-engine',
  '@zxcvbn-ts/language-common',
  'file-type',
  'jdenticon',
  'mongodb',
  'qr',
  'socket.io',
  'web-push',
  'zod',
]

test('a start on the embedded store loads no package that waits for its first use, and no other engine', async () => {
  const files = await loadedByStart()
  const packages = new Set(
    files.flatMap(file => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
  )
  expect([...packages]).toContain('elysia')
  expect(ALL_ELSE.filter(name => packages.has(name))).toEqual([])
  const late = /\/src\/(storage\/mongo|backup|import)\/|\/src\/ops\/docs\/(reading|openapi|asyncapi|sockets)/
  expect(files.filter(file => late.test(file))).toEqual([])
}, 30_000)
