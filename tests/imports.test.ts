// Who may import whom: lib ← model ← events, store ← service ← doors ← app ← main; and no cycles.
import { describe, expect, test } from 'bun:test'
import { dirname, join, relative } from 'node:path'

const SRC = join(import.meta.dir, '../src')
const files = [...new Bun.Glob('**/*.ts').scanSync(SRC)].toSorted()

interface Import {
  from: string
  /** A file of `src`, or the name of a package. */
  to: string
}

/** Type imports count too: they say what a file knows of. */
async function importsOf(file: string): Promise<Import[]> {
  const text = await Bun.file(join(SRC, file)).text()
  const named = [...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'/gm)]
  const dynamic = [...text.matchAll(/\bimport\(\s*'([^']+)'/g)]
  return [...named, ...dynamic].map(match => ({ from: file, to: resolve(file, match[1] as string) }))
}

function resolve(file: string, path: string): string {
  if (!path.startsWith('.')) return path
  const target = relative(SRC, join(SRC, dirname(file), path))
  return files.find(known => known === `${target}.ts` || known === join(target, 'index.ts')) ?? target
}

const imports = (await Promise.all(files.map(importsOf))).flat()
const FEATURES = ['users', 'auth', 'chats', 'messages', 'files', 'admin', 'push', 'export']

/** The lower may be imported by the higher, never the reverse. */
function rankOf(file: string): number {
  const [folder = '', name = ''] = file.split('/')
  if (folder === 'lib') return 0
  if (name.endsWith('model.ts')) return 1
  if (file === 'events.ts' || name.endsWith('store.ts') || name === 'keys.ts' || file === 'files/blobs.ts')
    return 2
  if (folder === 'config.ts') return 2
  if (folder === 'storage') return 3
  const isDoor = name === 'index.ts' || name === 'guard.ts' || name.endsWith('.routes.ts')
  if (FEATURES.includes(folder) && !isDoor) return 3
  if (folder === 'services' || file === 'app.ts') return 6
  if (file === 'main.ts') return 7
  return FEATURES.includes(folder) && name === 'guard.ts' ? 4 : 5
}

const inside = imports.filter(({ to }) => files.includes(to))
const show = ({ from, to }: Import) => `${from} imports ${to}`

describe('imports', () => {
  test('are seen at all', () => {
    expect(files.length).toBeGreaterThan(40)
    expect(inside.length).toBeGreaterThan(100)
  })

  test('never point up', () => {
    expect(inside.filter(({ from, to }) => rankOf(to) > rankOf(from)).map(show)).toEqual([])
  })

  test('have no cycles', () => {
    const next = new Map(
      files.map(file => [file, inside.filter(({ from }) => from === file).map(({ to }) => to)]),
    )
    const done = new Set<string>()
    const walk = (file: string, path: string[]): string[] => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
      if (done.has(file)) return []
      for (const to of next.get(file) ?? []) {
        const cycle = walk(to, [...path, file])
        if (cycle.length > 0) return cycle
      }
      done.add(file)
      return []
    }
    expect(files.flatMap(file => walk(file, []))).toEqual([])
  })

  test('keep the engines in their folders, and the environment in config.ts', async () => {
    const outside = (name: string, home: string) =>
      imports.filter(({ from, to }) => to === name && !from.startsWith(home)).map(show)
    expect(outside('mongodb', 'storage/mongo/')).toEqual([])
    expect(outside('bun:sqlite', 'storage/sqlite/')).toEqual([])
    const texts = await Promise.all(
      files.map(async file => [file, await Bun.file(join(SRC, file)).text()] as const),
    )
    const readers = texts.filter(([, text]) => /\b(process|Bun)\.env\b/.test(text)).map(([file]) => file)
    expect(readers).toEqual(['config.ts'])
  })

  test('of services follow one order: users before auth, users before chats before files before messages before push before export', () => {
    const orders = [
      ['users', 'auth', 'admin'],
      ['users', 'auth', 'export'],
      ['users', 'chats', 'files', 'messages', 'push', 'export'],
    ]
    const isService = (file: string) => rankOf(file) === 3 && !file.startsWith('storage/')
    const folderOf = (file: string) => file.split('/')[0] as string
    const strangers = inside.filter(({ from, to }) => {
      const [a, b] = [folderOf(from), folderOf(to)]
      if (!isService(from) || !isService(to) || a === b) return false
      return !orders.some(
        order => order.includes(a) && order.includes(b) && order.indexOf(b) < order.indexOf(a),
      )
    })
    expect(strangers.map(show)).toEqual([])
  })

  test('stores know no services, services know no realtime', () => {
    const bad = inside.filter(
      ({ from, to }) =>
        (from.startsWith('storage/') && rankOf(to) === 3 && !to.startsWith('storage/')) ||
        (rankOf(from) === 3 &&
          (to.startsWith('realtime/') || to.startsWith('storage/')) &&
          !from.startsWith('storage/')),
    )
    expect(bad.map(show)).toEqual([])
  })
})
