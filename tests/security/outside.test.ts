// Requests that come twice, and addresses that the server itself would call.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { say } from '../support/chats'
import { pushService } from '../support/pushservice'
import { call } from '../support/raw'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

test('54: a repeated send is one message, by its client_id in place of an Idempotency-Key: another body is 409', async () => {
  await using w = await freely()
  const { alice, bob, c1 } = await settle(w)
  const path = `/chats/${c1}/messages`
  const send = (token: string, content: string) =>
    call(w.url, 'POST', path, { token, json: { content, client_id: 'one' } })
  const atOnce = await Promise.all(Array.from({ length: 20 }, () => send(alice.token, 'Hello')))
  expect(new Set(atOnce.map(({ body }) => body.id)).size).toBe(1)
  expect(atOnce.map(({ status }) => status).toSorted()).toEqual([...Array(19).fill(200), 201])
  expect((await send(alice.token, 'Hello')).body).toEqual(atOnce[0]?.body)
  expect((await send(alice.token, 'Something else')).body).toMatchObject({
    status: 409,
    code: 'client_id_reused',
  })
  // The same words by somebody else are theirs: nobody learns of, or takes, another's.
  expect((await send(bob.token, 'Something else')).status).toBe(201)
})

describe('57: addresses that the server would call', () => {
  const elsewhere = [
    'http://127.0.0.1/x',
    'https://127.0.0.1/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[::ffff:7f00:1]/x',
    'https://169.254.169.254/x',
    'https://localhost/x',
    'https://0/x',
    'https://127.1/x',
    'https://[::]/x',
    'https://metadata.google.internal/x',
    'file:///etc/passwd',
    'https://192.0.0.192/x',
    'https://[fec0::1]/x',
    'https://127.0.0.1.nip.io:1@127.0.0.1/x',
  ]

  test('57: are those of push services alone, and none of our own network, however it is written', async () => {
    using service = pushService()
    await using w = await freely()
    const { alice } = await settle(w)
    const { keys } = service.browser().subscription
    for (const endpoint of elsewhere) {
      const { status } = await call(w.url, 'PUT', '/push/subscriptions', {
        token: alice.token,
        json: { endpoint, keys },
      })
      expect([endpoint, status]).toEqual([endpoint, 422])
    }
  })

  test('57: are in no message, picture or profile: links are not looked at', async () => {
    let asked = 0
    using trap = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: { open: () => void asked++, data() {} },
    })
    await using w = await freely()
    const { alice, c1 } = await settle(w)
    const address = `http://127.0.0.1:${trap.port}/x.png`
    await say(alice, c1, address, { message_type: 'image' })
    await say(alice, c1, `look: ${address}`)
    for (const avatar of [address, address.replace('http:', 'https:')])
      await call(w.url, 'PATCH', '/users/me', { token: alice.token, json: { avatar, bio: address } })
    await call(w.url, 'PATCH', `/chats/${c1}`, {
      token: alice.token,
      json: { group_avatar: address.replace('http:', 'https:') },
    })
    await call(w.url, 'GET', `/users/${alice.id}/avatar`)
    await call(w.url, 'GET', `/chats/${c1}/avatar`)
    expect((await call(w.url, 'GET', '/users/me/export', { token: alice.token })).status).toBe(200)
    expect(asked).toBe(0)
  })
})
