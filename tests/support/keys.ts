// An administrator, and the service keys they make.
import { expect } from 'bun:test'
import { PASSWORD } from './people'
import { call } from './raw'
import type { World } from './world'

/** The administrator of the settings, signed in: their token. */
export async function root({ url, services }: World): Promise<string> {
  const named = { username: 'root', password: PASSWORD, email: null, gender: null, timezone: null }
  await services.ensureAdministrator(named)
  const { body } = await call(url, 'POST', '/auth/login', { json: { username: 'root', password: PASSWORD } })
  return body.access_token
}

export async function makeKey(url: string, token: string, name = 'shop backend') {
  const made = await call(url, 'POST', '/admin/keys', { token, json: { name } })
  expect(made.status).toBe(201)
  return made.body as { id: string; key: string }
}
