// Signing out, changing the password, losing a refresh token: what ends, and where.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { hearing, polling } from '../support/doors'
import { connect, lineOf } from '../support/line'
import { api, signIn, type Person } from '../support/people'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

setDefaultTimeout(60_000)

const REACT = '/compat/react/ws/chat'

const refresh = (w: World, refresh_token: string) =>
  call(w.url, 'POST', '/auth/refresh', { json: { refresh_token } })

const isSignedIn = async (who: Person) => (await who.api.auth.me.get()).status === 200

/** Signed in over every kind of socket. */
async function everywhere(w: World, { token }: Person) {
  const react = lineOf(new WebSocket(`${w.url.replace('http', 'ws')}${REACT}?token=${token}`))
  await new Promise(opened => (react.socket.onopen = opened))
  const sid = await polling(w.url, token)
  return { native: await connect(w.url, token), older: await connect(w.url, token, '/ws/chat'), react, sid }
}

/** All of them are closed, each in its words. */
async function areClosed(w: World, { native, older, react, sid }: Awaited<ReturnType<typeof everywhere>>) {
  expect([await native.closed, await older.closed, await react.closed]).toEqual([4401, 4401, 4401])
  expect(native.of('bye')).toMatchObject([{ code: 4401, retry: false }])
  expect(await hearing(w.url, sid, '"type":"bye","code":4401')).toMatch(/4401|Session ID unknown/)
}

describe('8: signing out', () => {
  test('8: ends the token at once, and closes sockets of every kind with 4401', async () => {
    await using w = await world()
    const alice = await w.as('alice')
    const lines = await everywhere(w, alice)
    expect((await alice.api.auth.logout.post()).status).toBe(200)
    expect(await isSignedIn(alice)).toBeFalse()
    await areClosed(w, lines)
    expect((await refresh(w, alice.refreshToken)).status).toBe(401)
  })

  test('8: ends tickets that were got before', async () => {
    await using w = await world()
    const alice = await w.as('alice')
    const ticket = async (json?: object) =>
      (await call(w.url, 'POST', '/auth/ticket', { token: alice.token, json })).body.ticket
    const [forSocket, forFiles] = [await ticket(), await ticket({ for: 'files' })]
    await alice.api.auth.logout.post()
    const line = new WebSocket(`${w.url.replace('http', 'ws')}/ws?ticket=${forSocket}`)
    expect(
      await new Promise(told => ((line.onopen = () => told('open')), (line.onerror = () => told('no')))),
    ).toBe('no')
    expect((await call(w.url, 'GET', `/files/${'f'.repeat(24)}?ticket=${forFiles}`)).status).toBe(401)
  })
})

describe('9: a new password', () => {
  test('9: needs the old one, and signs out every other device with its sockets', async () => {
    await using w = await world()
    const alice = await w.as('alice')
    const phone = await signIn(w.url, alice)
    const lines = await everywhere(w, phone)
    const own = await alice.online()
    const change = (current_password?: string) =>
      call(w.url, 'PUT', '/auth/password', {
        token: alice.token,
        json: { current_password, new_password: 'a new one, quite different' },
      })
    expect((await change('not the right one')).status).toBe(403)
    expect((await change()).status).toBe(422)
    expect(await isSignedIn(phone)).toBeTrue()
    expect((await change(alice.password)).status).toBe(200)
    expect(await isSignedIn(phone)).toBeFalse()
    await areClosed(w, lines)
    expect((await refresh(w, phone.refreshToken)).status).toBe(401)
    expect((await own.ask({ type: 'ping' })).type).toBe('pong')
  })

  test('9: cannot be set by profile, nor for somebody else', async () => {
    await using w = await world()
    const [alice, mallory] = [await w.as('alice'), await w.as('mallory')]
    for (const path of ['/users/me', `/users/${alice.id}`])
      await call(w.url, 'PATCH', path, { token: mallory.token, json: { password: 'mine now, is it not?' } })
    const headers = { 'x-acting-user': alice.id }
    const json = { current_password: mallory.password, new_password: 'mine now, is it not?' }
    await call(w.url, 'PUT', '/auth/password', { token: mallory.token, headers, json })
    expect(await isSignedIn(await signIn(w.url, alice))).toBeTrue()
  })
})

describe('10: a refresh token', () => {
  test('10: used again after its successor was used is 401, and ends the whole family', async () => {
    await using w = await world()
    const alice = await w.as('alice')
    const line = await alice.online()
    const second = (await refresh(w, alice.refreshToken)).body
    const third = (await refresh(w, second.refresh_token)).body
    expect((await refresh(w, alice.refreshToken)).body).toMatchObject({
      status: 401,
      code: 'refresh_token_reused',
    })
    expect((await refresh(w, third.refresh_token)).status).toBe(401)
    for (const { access_token } of [second, third])
      expect((await api(w.url, access_token).auth.me.get()).status).toBe(401)
    expect(await line.closed).toBe(4401)
  })

  test('10: used again while its successor was not is taken for a lost answer, once: the successor is then a theft', async () => {
    await using w = await world()
    const alice = await w.as('alice')
    const lost = (await refresh(w, alice.refreshToken)).body
    const again = (await refresh(w, alice.refreshToken)).body
    expect((await refresh(w, lost.refresh_token)).body.code).toBe('refresh_token_reused')
    expect((await refresh(w, again.refresh_token)).status).toBe(401)
  })

  test('10: used ten times at once leaves at most one family of tokens that is good', async () => {
    await using w = await world()
    const alice = await w.as('alice')
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(w, alice.refreshToken)))
    const good = answers.filter(({ status }) => status === 200)
    expect(answers.every(({ status }) => status === 200 || status === 401)).toBeTrue()
    const next = await Promise.all(good.map(({ body }) => refresh(w, body.refresh_token)))
    expect(next.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
  })
})
