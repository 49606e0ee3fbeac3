// Fetching files: by whom, until when, and which part.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { fetched, statusOf, uploaded } from '../support/files'
import { call } from '../support/raw'
import { claimsOf, forge } from '../support/tokens'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

describe('50: a file', () => {
  test('50: of a chat is 404 for who is not in it, by token and by ticket, whatever part or tag they ask for', async () => {
    await using w = await freely()
    const { alice, mallory, file } = await settle(w)
    const json = { for: 'files' }
    const { ticket } = (await call(w.url, 'POST', '/auth/ticket', { token: mallory.token, json })).body
    const etag = (await fetched(w, alice, file)).headers.get('etag') as string
    const ways: Record<string, string>[] = [
      {},
      { range: 'bytes=0-0' },
      { 'if-none-match': etag },
      { 'if-none-match': '*' },
      { range: 'bytes=999999-' },
    ]
    for (const headers of ways)
      for (const method of ['GET', 'HEAD']) {
        expect((await fetched(w, mallory, file, headers, method)).status).toBe(404)
        expect((await fetched(w, null, `${file}?ticket=${ticket}`, headers, method)).status).toBe(404)
        expect((await fetched(w, null, file, headers, method)).status).toBe(401)
      }
    expect(await statusOf(w, mallory, `${file}?size=thumb`)).toBe(404)
  })

  test('50: is not to be had by a ticket that has ended or was altered: 401, as for any sign-in that is over', async () => {
    await using w = await freely()
    const { alice, bob, mallory, file } = await settle(w)
    const json = { for: 'files' }
    const { ticket } = (await call(w.url, 'POST', '/auth/ticket', { token: alice.token, json })).body
    expect(await statusOf(w, null, `${file}?ticket=${ticket}`)).toBe(200)
    const claims = claimsOf(ticket)
    const forged = [
      forge({ alg: 'HS256' }, { ...claims, exp: Math.floor(Date.now() / 1000) - 1 }),
      forge({ alg: 'HS256' }, { ...claims, sub: bob.id }),
      forge({ alg: 'HS256' }, { ...claims, sub: mallory.id }),
      forge({ alg: 'none' }, claims),
      `${ticket}x`,
      '',
    ]
    for (const bad of forged) expect(await statusOf(w, null, `${file}?ticket=${bad}`)).toBe(401)
    // A ticket that is not good is not made good by a token beside it.
    expect(await statusOf(w, alice, `${file}?ticket=x`)).toBe(401)
  })

  test('50: is answered in parts, with its tag, and whole where too many parts are asked for', async () => {
    await using w = await freely()
    const alice = await w.as('alice')
    const file = await uploaded(w, alice, '0123456789')
    const ask = (headers: Record<string, string>) => fetched(w, alice, file, headers)
    const part = await ask({ range: 'bytes=0-0' })
    expect([part.status, part.bytes.toString(), part.headers.get('content-range')]).toEqual([
      206,
      '0',
      'bytes 0-0/10',
    ])
    expect((await ask({ range: 'bytes=999999-' })).status).toBe(416)
    const many = Array.from({ length: 1_000 }, (_, i) => `${i % 10}-${i % 10}`).join(',')
    expect((await ask({ range: `bytes=${many}` })).status).toBe(200)
    for (const odd of [
      'bytes=-',
      'bytes=5-2',
      'bytes=0-,0-',
      'lines=1-2',
      `bytes=0-${'9'.repeat(400)}`,
      `bytes=${'9'.repeat(400)}-`,
    ])
      expect([200, 206, 416]).toContain((await ask({ range: odd })).status)
    const etag = part.headers.get('etag') as string
    const known = await ask({ 'if-none-match': etag })
    expect([known.status, known.bytes.length]).toEqual([304, 0])
  })
})
