// The README is a promise: what it says of settings and set-up is what the code does.
import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig, settings, settingsTable } from '../src/config'
import pkg from '../package.json'

const root = join(import.meta.dir, '..')
const readme = await Bun.file(join(root, 'README.md')).text()

test('the table of settings is the one that the schema makes', () => {
  const shown = /<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(readme)?.[1]
  const cells = (table = '') => table.split('\n').map(row => row.split('|').map(cell => cell.trim()))
  const isRule = (row: string[]) => row.every(cell => /^-*$/.test(cell))
  expect(cells(shown?.trim()).filter(row => !isRule(row))).toEqual(
    cells(settingsTable()).filter(row => !isRule(row)),
  )
})

test('there are exactly two set-up lines, and they pin the Bun that package.json names', () => {
  const lines = readme.split('\n').filter(line => line.startsWith('npm install'))
  const bun = pkg.packageManager
  expect(lines).toEqual([
    `npm install -g ${bun} && bun install && bun start`,
    `npm install -g ${bun} && bun install && bun test`,
  ])
})

test.each(['.', 'src', 'src/ops', 'tests/bench'])(
  'every file that %s/README.md names is there',
  async folder => {
    const text = await Bun.file(join(root, folder, 'README.md')).text()
    const named = text.matchAll(/`((?:src|tests|static|\.ci)\/[\w./-]+\.\w+|compose\.yaml|\.env\.example)`/g)
    const linked = text.matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)
    const paths = [
      ...[...named].map(([, path]) => join(root, path as string)),
      ...[...linked].map(([, path]) => join(root, folder, path as string)),
    ]
    for (const path of paths) expect([path, existsSync(path)]).toEqual([path, true])
  },
)

test('every metric that an operator is told to watch is told', async () => {
  const text = await Bun.file(join(root, 'src/ops/README.md')).text()
  const sources = [...new Bun.Glob('src/ops/metrics/*.ts').scanSync(root)]
  const told = (await Promise.all(sources.map(path => Bun.file(join(root, path)).text()))).join('\n')
  const names = [...text.matchAll(/\b(?:natter|process)_[a-z_]+\b/g)].map(([name]) =>
    name.replace(/_bucket$/, ''),
  )
  expect(names.length).toBeGreaterThan(10)
  for (const name of names) expect(told).toContain(`'${name}'`)
})

test('versions of packages are exact', () => {
  for (const version of Object.values({ ...pkg.dependencies, ...pkg.devDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})

test('without settings the defaults hold, and an empty value is none', () => {
  const unset = Object.fromEntries(Object.entries(settings).map(([name, { unset: value }]) => [name, value]))
  expect(readConfig({}) as object).toEqual(unset)
  expect(readConfig({ PORT: '', MONGODB_URL: '' }) as object).toEqual(unset)
  expect(readConfig({ MONGO_URL: 'mongodb://db/chat', SECRET_KEY: 'x'.repeat(32) }).MONGODB_URL).toBe(
    'mongodb://db/chat',
  )
})

test('a front end with Natter as a dependency has its types', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'natter-front-'))
  const modules = join(dir, 'node_modules')
  // A copy, as an install makes it: where a link leads, the checkout's own settings would hold.
  await cp(join(root, 'src'), join(modules, 'natter/src'), { recursive: true })
  await cp(join(root, 'package.json'), join(modules, 'natter/package.json'))
  for (const name of await readdir(join(root, 'node_modules')))
    if (!name.startsWith('.')) await symlink(join(root, 'node_modules', name), join(modules, name))

  const section = /## A typed front end[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1] as string
  await writeFile(join(dir, 'index.ts'), section)
  const compilerOptions = {
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  }
  const modern = { module: 'esnext', target: 'esnext', strict: true, noEmit: true }
  await writeFile(
    join(dir, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...modern } }),
  )

  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, 'check'], { cwd: dir })
  expect([exitCode, `${stdout}${stderr}`]).toEqual([0, expect.any(String)])
  await rm(dir, { recursive: true })
}, 60_000)
