// Whoever tries the examples of the document out on a fresh server gets the answers that it shows.
import { Value } from '@sinclair/typebox/value'
import { describe, expect, test } from 'bun:test'
import { root } from '../support/keys'
import { call } from '../support/raw'
import { ANN, BOB, CHAT, MESSAGE, requestOf } from '../support/operations'
import { documented, operationsOf, templateOf } from '../support/routes'
import { world } from '../support/world'

const GOOD = [200, 201]
const MALFORMED = [400, 413, 415, 422, 500, 503]

const isSocket = (path: string) => /(^|\/)ws(\/|$)/.test(path)

describe.each(['aws', 'messaging', 'chatnest', 'react'])('the examples of %s, one after the other', tag => {
  test('are answered as the document says', async () => {
    await using w = await world()
    const document = (await call(w.url, 'GET', '/docs/json')).body
    const routes = await documented()
    const real = new Map([[BOB, (await w.as('bob')).id]])
    let token: string | undefined

    /** Ann is there: she opens the chat with Bob that the examples speak of. */
    async function arrived(access_token: string) {
      token = access_token
      real.set(ANN, (await call(w.url, 'GET', '/auth/me', { token })).body.id)
      const { body } = await call(w.url, 'POST', '/chats', { token, json: { participants: ['@bob'] } })
      real.set(CHAT, body.id)
    }

    if (tag === 'chatnest') await arrived((await w.as('ann')).token)
    const operations = operationsOf(document).filter(
      ({ tags, path }) => tags.includes(tag) && !isSocket(path),
    )
    expect(operations.length).toBeGreaterThan(3)
    for (const operation of operations) {
      const { path, json } = requestOf(document, operation, real)
      const method = operation.method.toUpperCase()
      const answer = await call(w.url, method, path, { token, json })
      expect(GOOD, `${method} ${path} ${answer.status} ${JSON.stringify(answer.body)}`).toContain(
        answer.status,
      )
      const route = routes.find(it => it.method === method && templateOf(it.path) === operation.path)
      const model = route?.hooks.response?.[answer.status]
      if (model) expect([...Value.Errors(model, answer.body)]).toEqual([])
      if (token === undefined && answer.body.access_token) await arrived(answer.body.access_token)
    }
    expect(token).toBeString()
  })
})

test('no example of any operation is refused as malformed', async () => {
  await using w = await world()
  const document = (await call(w.url, 'GET', '/docs/json')).body
  const token = await root(w)
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const { data } = await ann.api.chats.post({ participants: ['@bob', 'me'] })
  const sent = await call(w.url, 'POST', `/chats/${data?.id}/messages`, {
    token: ann.token,
    json: { content: 'Hi' },
  })
  const real = new Map([
    [ANN, ann.id],
    [BOB, bob.id],
    [CHAT, data?.id as string],
    [MESSAGE, sent.body.id],
  ])
  /** Ends what the next ones need, names a time that has passed, or an address that has to exist. */
  const LEFT_OUT = [
    'DELETE /users/me',
    'POST /auth/logout',
    'DELETE /auth/sessions',
    'PUT /auth/password',
    'POST /chats/{id}/scheduled',
    'PUT /push/subscriptions',
  ]
  for (const operation of operationsOf(document)) {
    const { path, json } = requestOf(document, operation, real)
    const method = operation.method.toUpperCase()
    const isUpload = operation.requestBody && !operation.requestBody.content['application/json']
    if (isSocket(path) || isUpload || LEFT_OUT.includes(`${method} ${operation.path}`)) continue
    const asked = { token: path.startsWith('/admin') ? token : ann.token, json }
    const { status } = await call(w.url, method, path, asked)
    expect(MALFORMED, `${method} ${path} ${status}`).not.toContain(status)
  }
})
