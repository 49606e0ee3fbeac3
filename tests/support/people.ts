// People of the stories: each has signed up, calls through Eden, and may listen on sockets.
import { treaty } from '@elysiajs/eden'
import type { App } from 'natter'
import { connect, type Line } from './line'

export interface Person {
  id: string
  name: string
  token: string
  refreshToken: string
  password: string
  /** The API as this person, typed. */
  api: ReturnType<typeof api>
  /** A socket of this person, open and greeted. */
  online(): Promise<Line>
  /** Closes all their sockets. */
  leave(): void
}

export const api = (url: string, token?: string) =>
  treaty<App>(url, { parseDate: false, headers: token ? { authorization: `Bearer ${token}` } : {} })

export const PASSWORD = 'a long way to Tipperary'

/** Signs up somebody new. */
export async function arrive(url: string, name: string): Promise<Person> {
  const { data, error } = await api(url).auth.register.post({ username: name, password: PASSWORD })
  if (error) throw new Error(`${name} could not sign up: ${JSON.stringify(error.value)}`)
  return personOf(url, data as SignIn)
}

/** The same person on another device. */
export async function signIn(url: string, person: Pick<Person, 'name' | 'password'>): Promise<Person> {
  const { data, error } = await api(url).auth.login.post({ username: person.name, password: person.password })
  if (error) throw new Error(`${person.name} could not sign in`)
  return personOf(url, data as SignIn)
}

interface SignIn {
  user: { id: string; username: string }
  access_token: string
  refresh_token: string
}

function personOf(url: string, { user, access_token, refresh_token }: SignIn): Person {
  const lines: Line[] = []
  return {
    id: user.id,
    name: user.username,
    token: access_token,
    refreshToken: refresh_token,
    password: PASSWORD,
    api: api(url, access_token),
    async online() {
      const line = await connect(url, access_token)
      lines.push(line)
      return line
    },
    leave() {
      for (const line of lines) line.close()
    },
  }
}
