// Signing up, signing in, staying signed in, and leaving a device.
import { describe, expect, test } from 'bun:test'
import { api, PASSWORD, signIn } from '../support/people'
import { call } from '../support/raw'
import { world } from '../support/world'

describe('signing up', () => {
  test('Ann signs up with a username and is signed in at once', async () => {
    await using w = await world()
    const ann = await w.as('Ann')
    const { data } = await ann.api.auth.me.get()
    expect(data).toMatchObject({ id: ann.id, username: 'Ann', email: null, role: 'user' })
  })

  test('a name that differs only in case is taken, and so is an email', async () => {
    await using w = await world()
    const join = (json: object) =>
      call(w.url, 'POST', '/auth/register', { json: { password: PASSWORD, ...json } })
    expect((await join({ username: 'Ann', email: 'ann@example.com' })).status).toBe(201)
    expect((await join({ username: 'aNN' })).body).toMatchObject({ status: 409, code: 'username_taken' })
    expect((await join({ username: 'ann2', email: 'ANN@Example.com' })).body).toMatchObject({
      code: 'email_taken',
    })
  })

  test('with an email alone a username is made from it', async () => {
    await using w = await world()
    const join = (email: string) =>
      call(w.url, 'POST', '/auth/register', { json: { email, password: PASSWORD } })
    expect((await join('bob.miller@example.com')).body.user).toMatchObject({
      username: 'bob_miller',
      email: 'bob.miller@example.com',
    })
    expect((await join('bob.miller@other.example')).body.user.username).toMatch(/^bob_miller_\d+$/)
    expect((await join('me@example.com')).body.user.username).toMatch(/^me_\d+$/)
  })

  test('50 people who want the same name at once: one gets it', async () => {
    await using w = await world()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        api(w.url).auth.register.post({ username: 'ann', password: PASSWORD }),
      ),
    )
    expect(answers.map(answer => answer.status).toSorted()).toEqual([201, ...Array(49).fill(409)])
  })

  test.each([
    [{ username: 'ann', password: 'short' }, 'body/password', 'too_short'],
    [{ username: 'ann', password: 'password123' }, 'body/password', 'too_common'],
    [{ username: 'ann', password: 'x'.repeat(1025) }, 'body/password', 'too_long'],
    [{ username: 'ann', password: 'ä'.repeat(600) }, 'body/password', 'too_long'],
    [{ username: 'ann-marie-x', password: 'Ann-Marie-X' }, 'body/password', 'too_common'],
    [{ username: 'a b', password: PASSWORD }, 'body/username', 'bad_username'],
    [{ username: 'me', password: PASSWORD }, 'body/username', 'reserved'],
    [{ email: 'nobody', password: PASSWORD }, 'body/email', 'bad_format'],
    [{ password: PASSWORD }, 'body/username', 'required'],
    [{ username: { $ne: null }, password: PASSWORD }, 'body/username', 'bad_type'],
  ])('%p is refused with %s %s', async (json, path, code) => {
    await using w = await world()
    const { status, body } = await call(w.url, 'POST', '/auth/register', { json })
    expect(status).toBe(422)
    expect(body.errors).toContainEqual({ path, code })
    expect(JSON.stringify(body)).not.toContain(`"${json.password}"`)
  })

  test('64 characters and spaces make a good password', async () => {
    await using w = await world()
    const password = 'correct horse battery staple and some more words to make it long'
    expect(
      (await call(w.url, 'POST', '/auth/register', { json: { username: 'ann', password } })).status,
    ).toBe(201)
  })
})

describe('signing in', () => {
  test('by username or email, as JSON, as a form, and by the OAuth2 form', async () => {
    await using w = await world()
    await call(w.url, 'POST', '/auth/register', {
      json: { username: 'ann', email: 'ann@example.com', password: PASSWORD },
    })
    const form = (fields: Record<string, string>) => new URLSearchParams(fields)
    const ways = [
      call(w.url, 'POST', '/auth/login', { json: { username: 'ANN', password: PASSWORD } }),
      call(w.url, 'POST', '/auth/login', { json: { email: 'Ann@example.com', password: PASSWORD } }),
      call(w.url, 'POST', '/auth/login', { json: { username: 'ann@example.com', password: PASSWORD } }),
      call(w.url, 'POST', '/auth/login/', { body: form({ username: 'ann', password: PASSWORD }) }),
      call(w.url, 'POST', '/auth/token', {
        body: form({ grant_type: 'password', username: 'ann', password: PASSWORD, scope: '' }),
        headers: { authorization: 'Basic Og==' },
      }),
    ]
    for (const { status, body } of await Promise.all(ways)) {
      expect(status).toBe(200)
      expect(body).toMatchObject({ token_type: 'bearer', expires_in: 3600, user: { username: 'ann' } })
    }
  })

  test('a wrong password and an unknown name get the same answer', async () => {
    await using w = await world()
    await w.as('ann')
    const login = (username: string) =>
      call(w.url, 'POST', '/auth/login', { json: { username, password: 'not this one' } })
    const [wrong, unknown] = [await login('ann'), await login('nobody')]
    expect(wrong.status).toBe(401)
    expect({ ...wrong.body, request_id: '' }).toEqual({ ...unknown.body, request_id: '' })
  })

  test('after ten failures one has to wait, and the right password is not even looked at', async () => {
    await using w = await world({ RATE_LIMITS: true })
    const ann = await w.as('ann')
    const login = (password: string) =>
      call(w.url, 'POST', '/auth/login', { json: { username: 'ann', password } })
    for (let i = 0; i < 10; i++) expect((await login(`wrong ${i} of ten`)).status).toBe(401)
    const { status, headers } = await login(PASSWORD)
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeWithin(1, 181)
    expect((await ann.api.auth.me.get()).status).toBe(200)
  })
})

describe('refreshing', () => {
  const refresh = (url: string, refresh_token: string) =>
    call(url, 'POST', '/auth/refresh', { json: { refresh_token } })

  test('a refresh token gives a new pair, and the pair works', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { status, body } = await refresh(w.url, ann.refreshToken)
    expect(status).toBe(200)
    expect((await api(w.url, body.access_token).auth.me.get()).status).toBe(200)
    expect(body.refresh_token).not.toBe(ann.refreshToken)
  })

  test('an answer that was lost: the token before works until its successor was used', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    await refresh(w.url, ann.refreshToken)
    const again = await refresh(w.url, ann.refreshToken)
    expect(again.status).toBe(200)
    expect((await refresh(w.url, again.body.refresh_token)).status).toBe(200)
  })

  test('a token used again after its successor was used ends the session', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const second = (await refresh(w.url, ann.refreshToken)).body
    const third = (await refresh(w.url, second.refresh_token)).body
    expect((await refresh(w.url, ann.refreshToken)).body.code).toBe('refresh_token_reused')
    expect((await refresh(w.url, third.refresh_token)).status).toBe(401)
    expect((await api(w.url, third.access_token).auth.me.get()).status).toBe(401)
  })

  test('a successor that was replaced is a sign of theft too', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const lost = (await refresh(w.url, ann.refreshToken)).body
    await refresh(w.url, ann.refreshToken)
    expect((await refresh(w.url, lost.refresh_token)).status).toBe(401)
  })

  test('an access token is no refresh token, and the reverse', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    expect((await refresh(w.url, ann.token)).status).toBe(401)
    expect((await api(w.url, ann.refreshToken).auth.me.get()).status).toBe(401)
  })
})

describe('sessions', () => {
  test('Ann sees her devices and signs one of them out; Bob cannot', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const bob = await w.as('bob')
    const phone = await signIn(w.url, ann)
    const { data } = await ann.api.auth.sessions.get()
    expect(data?.items.map(session => session.current)).toEqual([true, false])
    const id = data?.items[1]?.id as string
    expect((await bob.api.auth.sessions({ id }).delete()).status).toBe(404)
    expect((await phone.api.auth.me.get()).status).toBe(200)
    expect((await ann.api.auth.sessions({ id }).delete()).status).toBe(200)
    expect((await phone.api.auth.me.get()).status).toBe(401)
    expect((await ann.api.auth.me.get()).status).toBe(200)
  })

  test('signing out ends token, refresh token and sockets', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const line = await ann.online()
    expect((await ann.api.auth.logout.post()).status).toBe(200)
    expect(await line.closed).toBe(4401)
    expect(line.of('bye')[0]).toMatchObject({ code: 4401, retry: false })
    expect((await ann.api.auth.me.get()).status).toBe(401)
    expect((await api(w.url).auth.refresh.post({ refresh_token: ann.refreshToken })).status).toBe(401)
  })

  test('a new password signs all other devices out, and needs the old one', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const phone = await signIn(w.url, ann)
    const change = (current_password: string) =>
      ann.api.auth.password.put({ current_password, new_password: 'quite another one' })
    expect((await change('not it at all')).status).toBe(403)
    const without = { new_password: 'quite another one' }
    expect((await call(w.url, 'PUT', '/auth/password', { token: ann.token, json: without })).status).toBe(422)
    expect((await phone.api.auth.me.get()).status).toBe(200)
    expect((await change(PASSWORD)).status).toBe(200)
    expect((await phone.api.auth.me.get()).status).toBe(401)
    expect((await ann.api.auth.me.get()).status).toBe(200)
    expect((await api(w.url).auth.login.post({ username: 'ann', password: PASSWORD })).status).toBe(401)
    expect(
      (await api(w.url).auth.login.post({ username: 'ann', password: 'quite another one' })).status,
    ).toBe(200)
  })

  test('a ticket opens one socket, once', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { data } = await ann.api.auth.ticket.post()
    const open = () => {
      const socket = new WebSocket(`${w.url.replace('http', 'ws')}/ws?ticket=${data?.ticket}`)
      return new Promise<boolean>(resolve => {
        socket.onmessage = () => (resolve(true), socket.close())
        socket.onerror = () => resolve(false)
      })
    }
    expect(await open()).toBe(true)
    expect(await open()).toBe(false)
  })
})

describe('a password from an older service', () => {
  test.each([PASSWORD, `${'long '.repeat(20)}enough to be cut`])(
    'keeps working, and is hashed anew at the first sign-in',
    async password => {
      await using w = await world()
      const old = await w.as('old')
      const cut = Buffer.from(password).subarray(0, 72)
      const bcrypt = await Bun.password.hash(cut, { algorithm: 'bcrypt', cost: 4 })
      await w.stores.users.update(old.id, { password_hash: bcrypt, updated_at: new Date().toISOString() })
      const signIn = (attempt: string) =>
        call(w.url, 'POST', '/auth/login', { json: { username: 'old', password: attempt } })
      expect((await signIn(`${password.slice(0, 60)}!`)).status).toBe(401)
      expect((await w.stores.users.byId(old.id))?.password_hash).toBe(bcrypt)
      const both = await Promise.all([signIn(password), signIn(password)])
      expect(both.map(({ status }) => status)).toEqual([200, 200])
      expect((await w.stores.users.byId(old.id))?.password_hash).toStartWith('$argon2id$')
      expect((await signIn(password)).status).toBe(200)
    },
  )

  test('lets in a second device, too, that was looked up before the hash was replaced', async () => {
    await using w = await world()
    const old = await w.as('old')
    const bcrypt = await Bun.password.hash(PASSWORD, { algorithm: 'bcrypt', cost: 4 })
    const { users } = w.stores
    await users.update(old.id, { password_hash: bcrypt, updated_at: new Date().toISOString() })
    const byUsername = users.byUsername.bind(users)
    const first = Promise.withResolvers<void>()
    let lookups = 0
    users.byUsername = async name => {
      const user = await byUsername(name)
      if (++lookups === 2) await first.promise
      return user
    }
    const json = { username: 'old', password: PASSWORD }
    const both = [1, 2].map(() => call(w.url, 'POST', '/auth/login', { json }))
    expect((await Promise.race(both)).status).toBe(200)
    first.resolve()
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200])
  })
})
