// Pictures of people and groups in the stories: sent by one, looked at by anybody.
import type { Person } from './people'
import { call } from './raw'

export const formWith = (bytes: Uint8Array, field = 'file', name = 'me.jpg'): FormData => {
  const form = new FormData()
  form.set(field, new Blob([bytes as Uint8Array<ArrayBuffer>]), name)
  return form
}

/** Sends a picture to `/users/me/avatar` or the like. */
export const setPicture = (url: string, who: Person | null, bytes: Uint8Array, path = '/users/me/avatar') =>
  call(url, 'PUT', path, { token: who?.token, body: formWith(bytes) })

/** What a browser without a token gets at this path of the server. */
export async function look(url: string, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, { headers })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { status: response.status, headers: response.headers, bytes }
}
