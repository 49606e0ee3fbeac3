// Calls to the API, and made-up names for the try-out.

/** Letters and digits. `crypto.randomUUID` would not do: it is missing where a page comes over plain HTTP. */
export const random = length =>
  Array.from(crypto.getRandomValues(new Uint8Array(length)), byte => (byte % 36).toString(36)).join('')

/**
 * Asks the API; with `tokens` as somebody signed in, whose tokens are renewed when they have expired. What it throws has
 * the fields of the refusal, and `retry_after`: the seconds to wait, or 0.
 */
export async function call(method, path, body, tokens) {
  const bearer = tokens && { authorization: `Bearer ${tokens.access_token}` }
  const headers = { 'content-type': 'application/json', ...bearer }
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) })
  const value = await answer.json()
  if (answer.ok) return value
  const retry_after = Number(answer.headers.get('retry-after'))
  if (answer.status !== 401 || !tokens) throw Object.assign(new Error(value.detail), value, { retry_after })
  Object.assign(tokens, await call('POST', '/auth/refresh', { refresh_token: tokens.refresh_token }))
  return call(method, path, body, tokens)
}
