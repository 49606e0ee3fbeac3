// What opens a socket where no header can be sent: tickets, and nothing else in an address.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { socketIoStatus } from '../support/doors'
import { arrive } from '../support/people'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'
import { openingOf } from '../support/tcp'
import { claimsOf } from '../support/tokens'
import { world, type World } from '../support/world'

setDefaultTimeout(60_000)

const SOCKETS = ['/ws', '/ws/chat', '/compat/react/ws/chat']
const freely = () => world({ RATE_LIMITS: false })
const bearer = (token: string) => `Authorization: Bearer ${token}`

const ticketOf = async (w: Pick<World, 'url'>, token: string): Promise<string> =>
  (await call(w.url, 'POST', '/auth/ticket', { token })).body.ticket

describe('40: tickets', () => {
  test('40: a token in the address opens nothing but the older socket that knows no other way', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    for (const query of [`token=${token}`, `access_token=${token}`, `ticket=${token}`, `bearer=${token}`])
      for (const path of ['/ws', '/ws/chat'])
        expect([query.slice(0, 6), await openingOf(w.url, `${path}?${query}`)]).toEqual([
          query.slice(0, 6),
          401,
        ])
    expect((await call(w.url, 'GET', `/auth/me?token=${token}&access_token=${token}`)).status).toBe(401)
    expect(await openingOf(w.url, `/compat/react/ws/chat?token=${token}`)).toBe(101)
  })

  test('40: one opens one socket, however many try at once and at whichever door', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    const ticket = await ticketOf(w, token)
    const tries = Array.from({ length: 20 }, (_, i) => openingOf(w.url, `${SOCKETS[i % 3]}?ticket=${ticket}`))
    const statuses = await Promise.all(tries)
    expect(statuses.toSorted()).toEqual([101, ...Array(19).fill(401)])
    expect(await socketIoStatus(w.url, { ticket })).toBe(401)
    const other = await ticketOf(w, token)
    expect(await socketIoStatus(w.url, { ticket: other })).toBe(200)
    expect(await openingOf(w.url, `/ws?ticket=${other}`)).toBe(401)
  })

  test('40: one is good for 30 seconds, is kept as a hash, and is had by a sign-in only', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    expect((await call(w.url, 'POST', '/auth/ticket')).status).toBe(401)
    const { body } = await call(w.url, 'POST', '/auth/ticket', { token })
    expect(body).toMatchObject({ expires_in: 30 })
    expect(await w.stores.auth.takeTicket(body.ticket)).toBeNull()
    const { sub: user_id, sid: session_id } = claimsOf(token)
    const late = { user_id, session_id, signed_in_until: 4e12 }
    const hash = new Bun.CryptoHasher('sha256').update('an old one').digest('hex')
    await w.stores.auth.insertTicket({
      ...late,
      id: hash,
      expires_at: new Date(Date.now() - 1).toISOString(),
    })
    expect(await openingOf(w.url, '/ws?ticket=an%20old%20one')).toBe(401)
  })

  test('40: neither tickets nor tokens are in the log', async () => {
    await using home = await newHome()
    const server = await start({ ...home, LOG_LEVEL: 'debug' })
    const { token } = await arrive(server.url, 'alice')
    const ticket = await ticketOf(server, token)
    for (const path of [`/ws?ticket=${ticket}`, `/compat/react/ws/chat?token=${token}`, `/ws?token=${token}`])
      await openingOf(server.url, path)
    await openingOf(server.url, '/ws', `Sec-WebSocket-Protocol: natter.v1, bearer.${token}`)
    await openingOf(server.url, '/ws', `Referer: http://x/?token=${token}`, bearer('eyJnonsense'))
    server.process.kill()
    await server.process.exited
    for (let i = 0; i < 100 && !server.printed().includes('"stopped"'); i++) await Bun.sleep(20)
    expect(server.printed()).toContain('"path":"/ws"')
    for (const secret of [ticket, token, 'eyJ']) expect(server.printed()).not.toContain(secret)
  })
})
