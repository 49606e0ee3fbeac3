// The OpenAPI document says what the service does: all of it, and validly.
import { TransformKind, type TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import SwaggerParser from '@apidevtools/swagger-parser'
import { expect, test } from 'bun:test'
import { RATES } from '../../src/auth/rates'
import { CODES } from '../../src/ops/docs/codes'
import { call } from '../support/raw'
import { documented, operationsOf, templateOf, type Route } from '../support/routes'
import { world } from '../support/world'

async function openApi() {
  await using w = await world()
  return (await call(w.url, 'GET', '/docs/json')).body
}

const isSigningIn = (path: string) => /\/(register|login|token|refresh|signup)$/.test(path)
const isForm = (path: string) => /\/(login|token)$/.test(path)
const isSocket = (path: string) => /(^|\/)ws(\/|$)/.test(path)

const typesOf = (method: string, path: string): string[] => {
  if (method === 'get' && path.endsWith('/avatar')) return ['image/webp', 'image/png']
  if (path === '/metrics') return ['text/plain']
  return [path.endsWith('/export') ? 'application/zip' : 'application/json']
}

test('the document is valid OpenAPI 3.1', async () => {
  const document = await openApi()
  expect(document.openapi).toStartWith('3.1')
  await SwaggerParser.validate(structuredClone(document))
})

test('every route that is not hidden is in the document, and nothing else', async () => {
  const document = await openApi()
  const known = operationsOf(document).map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  const wanted = (await documented()).map(({ method, path }) => `${method} ${templateOf(path)}`)
  expect(known.sort()).toEqual(wanted.sort())
})

test('every operation has a summary, one known tag, and an id of its own', async () => {
  const document = await openApi()
  const tags = document.tags.map(({ name }: { name: string }) => name)
  const operations = operationsOf(document)
  for (const { summary, tags: own, operationId } of operations) {
    expect(summary, operationId).toBeString()
    expect(
      own.filter((tag: string) => tag !== 'whatsapp'),
      operationId,
    ).toHaveLength(1)
    expect(tags).toEqual(expect.arrayContaining(own))
    expect(operationId).toMatch(/^[a-z][A-Za-z]+$/)
  }
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
})

test('an operation asks for a sign-in where its route refuses strangers', async () => {
  await using w = await world()
  const document = (await call(w.url, 'GET', '/docs/json')).body
  const { schemas } = document.components
  for (const { method, path, security, requestBody, responses } of operationsOf(document)) {
    if (isSigningIn(path) || isSocket(path)) continue
    const [content] = Object.values<any>(requestBody?.content ?? {})
    const json = content && schemas[content.schema.$ref.split('/').at(-1)].examples[0]
    const answer = await call(w.url, method.toUpperCase(), path.replace(/\{\w+\}/g, '0'.repeat(24)), { json })
    const isRefused = answer.status === 401
    expect(security.length > 0, `${method} ${path}`).toBe(isRefused)
    if (isRefused) expect(Object.keys(responses)).toContain('401')
  }
})

test('an operation that refuses a key that is not good says so', async () => {
  await using w = await world()
  const document = (await call(w.url, 'GET', '/docs/json')).body
  for (const { method, path, responses } of operationsOf(document)) {
    if (isSocket(path)) continue
    const address = path.replace(/\{\w+\}/g, '0'.repeat(24))
    const { status } = await call(w.url, method.toUpperCase(), address, { token: 'natter_key_0000' })
    if (status === 401) expect(Object.keys(responses), `${method} ${path}`).toContain('401')
  }
})

test('every operation lists its errors, each a problem, or a refusal of an older API', async () => {
  const document = await openApi()
  const routes = await documented()
  for (const { method, path, responses, security, parameters } of operationsOf(document)) {
    const where = `${method} ${path}`
    const route = routes.find(
      it => it.method === method.toUpperCase() && templateOf(it.path) === path,
    ) as Route
    const wanted = Object.keys(route.hooks.response ?? {})
    if (security.length > 0) wanted.push('400', '401', '404')
    if (method !== 'get') wanted.push('400', '413', '415', '422')
    if (parameters) wanted.push('422')
    if (path !== '/health') wanted.push('500', '503')
    expect(Object.keys(responses), where).toEqual(expect.arrayContaining(wanted))
    for (const [status, { description, content }] of Object.entries<any>(responses)) {
      expect(description, where).not.toBeEmpty()
      const isOlder = path.startsWith('/compat/')
      const [type, name] = isOlder ? ['json', 'Refusal'] : ['problem+json', 'Problem']
      if (Number(status) >= 400)
        expect(content).toEqual({
          [`application/${type}`]: { schema: { $ref: `#/components/schemas/${name}` } },
        })
      else if (content) expect(Object.keys(content)).toEqual(typesOf(method, path))
    }
  }
})

test('writing lists the refusals that a block and a group of admins who write bring', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const { data: pair } = await bob.api.chats.post({ participants: ['@ann'] })
  const { data: news } = await ann.api.chats.post({
    chat_type: 'group',
    group_name: 'News',
    participants: ['@bob'],
    who_may_write: 'admins',
  })
  await bob.api.users.me.blocks({ id: ann.id }).put()
  const { paths } = await openApi()
  for (const [path, id, json] of [
    ['/chats', '', { participants: ['@ann'] }],
    ['/chats/{id}/messages', pair!.id, { content: 'Hello' }],
    ['/chats/{id}/messages', news!.id, { content: 'Hello' }],
    ['/compat/messaging/send-message-group', '', { room_id: news!.id, message: 'Hello' }],
    ['/compat/messaging/create-room', '', { username_2: 'ann' }],
  ] as const) {
    const { status } = await call(w.url, 'POST', path.replace('{id}', id), { token: bob.token, json })
    expect([path, status]).toEqual([path, 403])
    expect(Object.keys(paths[path].post.responses)).toContain('403')
  }
})

test('bodies are JSON, but for the forms of signing in and uploads; one that may be left out says so', async () => {
  const { paths } = await openApi()
  const form = 'application/x-www-form-urlencoded'
  for (const { path, requestBody } of operationsOf({ paths })) {
    if (!requestBody) continue
    if (path.endsWith('/avatar') || path === '/files') {
      expect(Object.keys(requestBody.content)).toEqual(['multipart/form-data'])
      continue
    }
    expect(Object.keys(requestBody.content)).toEqual(['application/json', ...(isForm(path) ? [form] : [])])
  }
  expect(paths['/users/me'].delete.requestBody.required).toBe(false)
  expect(paths['/chats'].post.requestBody.required).toBe(true)
})

test('numbers in a query are integers, with the bounds that the route keeps', async () => {
  const { paths } = await openApi()
  let found = 0
  for (const { method, path, hooks } of await documented()) {
    for (const [name, schema] of Object.entries<TSchema>(hooks.query?.properties ?? {})) {
      if (!(TransformKind in schema)) continue
      const parameter = paths[templateOf(path)][method.toLowerCase()].parameters.find(
        (it: any) => it.name === name,
      )
      const { type, minimum, maximum } = parameter.schema
      expect(type).toBe('integer')
      const accepts = (value: number) => new RegExp(schema.pattern).test(String(value))
      expect([minimum - 1, minimum, maximum, maximum + 1].map(accepts)).toEqual([false, true, true, false])
      found++
    }
  }
  expect(found).toBeGreaterThan(5)
})

test('named schemas are written once, nothing of the builder is left, and examples fit', async () => {
  const document = await openApi()
  const { '/metrics': plainText, ...paths } = document.paths
  expect(plainText).toBeDefined()
  const text = JSON.stringify({ ...document, paths })
  for (const leftover of ['$id', 'elysiaMeta', 'patternProperties', '"nullable"', 'text/plain'])
    expect(text).not.toContain(leftover)
  const { schemas } = document.components
  const withTitle = JSON.stringify(document.paths).match(/"title":/g)
  expect(withTitle).toBeNull()
  for (const { hooks } of await documented()) {
    for (const model of [hooks.body, ...Object.values(hooks.response ?? {})]) {
      if (!model?.title) continue
      const [example] = schemas[model.title].examples
      expect({ model: model.title, errors: [...Value.Errors(model, example)] }).toEqual({
        model: model.title,
        errors: [],
      })
    }
  }
})

test('every code that an error can have is told, and no other', async () => {
  const told = new Set(CODES.map(([code, { status }]) => `${status} ${code}`))
  const thrown = new Set<string>()
  for await (const path of new Bun.Glob('src/**/*.ts').scan('.')) {
    // The older APIs have words for people in place of codes.
    if (path.startsWith('src/compat/') || path.startsWith('src/ops/docs/')) continue
    const source = await Bun.file(path).text()
    for (const [, name = '', code = ''] of source.matchAll(THROWN)) thrown.add(`${STATUS_OF[name]} ${code}`)
    for (const [, status = '', code = ''] of source.matchAll(MADE)) thrown.add(`${status} ${code}`)
  }
  for (const name of Object.keys(RATES)) thrown.add(`429 too_many_${name}`)
  const byName = ['401 not_signed_in', '409 email_taken', '409 username_taken']
  expect([...told].toSorted()).toEqual([...new Set([...thrown, ...byName])].toSorted())
})

const STATUS_OF: Record<string, number> = {
  badRequest: 400,
  unauthorized: 401,
  forbidden: 403,
  conflict: 409,
  tooMany: 429,
  unavailable: 503,
}
const THROWN = /\b(badRequest|unauthorized|forbidden|conflict|tooMany|unavailable)\(\s*'(\w+)'/g
const MADE = /new AppError\(\s*(\d{3}),\s*'(\w+)'/g
