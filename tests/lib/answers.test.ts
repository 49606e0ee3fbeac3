// Answers are given as they are built; in tests each is held against its schema, strictly.
import { Type } from '@sinclair/typebox'
import { expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { depsOn } from '../support/world'
import { createApp } from '../../src/app'
import { answers } from '../../src/lib/answers'
import { createServices } from '../../src/services'
import { openSqlite } from '../../src/storage/sqlite/open'

const Card = Type.Object({ name: Type.String(), friends: Type.Array(Type.Object({ name: Type.String() })) })

/** The status of an answer with this in it. */
async function answering(built: unknown): Promise<number> {
  const app = new Elysia()
    .onError(() => new Response(null, { status: 500 }))
    .get('/', () => built as typeof Card.static, { response: answers({ 200: Card }, 404) })
  return (await app.handle(new Request('http://localhost/'))).status
}

const friend = { name: 'Bob' }

test('what is documented is answered', async () => {
  expect(await answering({ name: 'Ann', friends: [friend] })).toBe(200)
})

test('a field that is not documented fails every test that meets it, however deep', async () => {
  const leaks = [
    { name: 'Ann', friends: [], password_hash: 'x' },
    { name: 'Ann', friends: [friend, { ...friend, email: 'bob@example.com' }] },
    { name: 'Ann' },
    { name: 1, friends: [] },
  ]
  for (const leak of leaks) expect(await answering(leak)).toBe(500)
})

test('no route is left out of this', async () => {
  const stores = await openSqlite(null)
  const deps = depsOn(stores)
  const app = createApp(deps, createServices(deps))
  await stores.close()
  const checkedByElysia = app.routes.filter(({ hooks }) =>
    Object.values<object>(hooks.response ?? {}).some(schema => !('~standard' in schema)),
  )
  expect(checkedByElysia.map(({ method, path }) => `${method} ${path}`)).toEqual([])
})
