// What a request asks of the embedded store stays the same when the store grows: counted in statements and rows, not
// in time. The requests are those of `bun run growth`.
import { Database, type SQLQueryBindings, type Statement } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../../src/storage/sqlite/open'
import { ask } from '../bench/growth/measure'
import { requests, type Cursors, type Request } from '../bench/growth/requests'
import { ANN, BOB, CARL, PASSWORD, seed } from '../bench/growth/seed'
import { SMALL, type Size } from '../bench/growth/sizes'
import { serveOn } from '../support/onstore'

const SMALLER: Size = { ...SMALL, users: 400, members: 250, items: 100 }
const LARGER: Size = { ...SMALL, users: 800, messages: 6_000, members: 600, chats: 90, items: 500, others: 1 }

/** These read more than they show, up to so many rows. */
const MOST_ROWS = new Map([
  ['search, a word in one of a thousand', 30],
  ['search, a word in one of a hundred', 150],
  ['search, a rare word', 30],
  ['search, a common word and a sender', 150],
  ['search in many chats, a common word', 150],
  ['search in many chats, a rare word', 150],
])

/** Statements run, and rows that they gave. */
interface Asked {
  statements: number
  rows: number
}

const asked: Asked = { statements: 0, rows: 0 }

/** Counts what every statement that is prepared from now on is run for. */
function watchStatements() {
  const prepare = Database.prototype.prepare
  return spyOn(Database.prototype, 'prepare').mockImplementation(function (this: Database, ...args) {
    const statement = prepare.apply(this, args as [string]) as Statement<unknown, SQLQueryBindings[]>
    const { all, get, run } = statement
    const counted = <R>(rowsIn: (given: R) => number, given: R): R => {
      asked.statements++
      asked.rows += rowsIn(given)
      return given
    }
    return Object.assign(statement, {
      all: (...given: SQLQueryBindings[]) => counted(rows => rows.length, all.apply(statement, given)),
      get: (...given: SQLQueryBindings[]) =>
        counted(row => Number(row !== null), get.apply(statement, given)),
      run: (...given: SQLQueryBindings[]) => counted(() => 0, run.apply(statement, given)),
    }) as never
  })
}

async function serve(size: Size) {
  const dir = await mkdtemp(join(tmpdir(), 'natter-growth-'))
  await seed(dir, size)
  const { url, end } = await serveOn(await openSqlite(dir))
  const tokens = new Map<string, string>()
  for (const [id, username] of [
    [ANN, 'person1'],
    [BOB, 'person2'],
    [CARL, 'person3'],
  ] as const) {
    const login = { method: 'POST', path: '/auth/login', json: { username, password: PASSWORD } }
    tokens.set(id, (await ask(url, '', login)).access_token)
  }
  const cursors: Cursors = new Map()

  return {
    /** What the third request of this kind asks; those before it load what is kept in memory. */
    async asks({ as, into, ask: request }: Request): Promise<Asked> {
      const token = tokens.get(as) as string
      if (into) cursors.set(into(size), (await ask(url, token, { path: into(size) })).next)
      for (let nth = 0; nth < 2; nth++) await ask(url, token, request(size, nth, cursors))
      const before = { ...asked }
      await ask(url, token, request(size, 2, cursors))
      return { statements: asked.statements - before.statements, rows: asked.rows - before.rows }
    },

    async end() {
      await end()
      await rm(dir, { recursive: true })
    },
  }
}

describe('what the store is asked does not grow', () => {
  let sides: Awaited<ReturnType<typeof serve>>[] = []

  beforeAll(async () => {
    const watch = watchStatements()
    sides = [await serve(SMALLER), await serve(LARGER)]
    watch.mockRestore()
  }, 60_000)
  afterAll(async () => {
    for (const side of sides) await side.end()
  })

  test.each(requests.map(one => [one.name, one] as const))('%s', async (_, request) => {
    const [small, larger] = [await sides[0]?.asks(request), await sides[1]?.asks(request)]
    expect(small?.statements).toBeGreaterThan(0)
    const most = MOST_ROWS.get(request.name)
    if (most === undefined) expect(larger).toEqual(small as Asked)
    else expect(Math.max(larger?.rows ?? Infinity, larger?.statements ?? Infinity)).toBeLessThan(most)
  })
})
