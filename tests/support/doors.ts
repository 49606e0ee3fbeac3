// Every way in: what a token gets at each of them.
import { openingOf } from './tcp'
import { call } from './raw'

const POLLING = '/socket.io/?EIO=4&transport=polling'

/** A connection of Socket.IO by polling, not signed in. */
export async function handshake(url: string): Promise<string> {
  const { body } = await call(url, 'GET', POLLING)
  return JSON.parse((body as string).slice(1)).sid
}

export const post = (url: string, sid: string, body: BodyInit) =>
  call(url, 'POST', `${POLLING}&sid=${sid}`, { body })

export const poll = async (url: string, sid: string): Promise<string> =>
  (await call(url, 'GET', `${POLLING}&sid=${sid}`)).body as string

/** Polls until it hears this; all that it heard until then, or the last refusal of the engine. */
export async function hearing(url: string, sid: string, words: string): Promise<string> {
  let all = ''
  for (let i = 0; i < 20; i++) {
    const heard = await poll(url, sid)
    if (typeof heard !== 'string') return JSON.stringify(heard)
    all += heard
    if (heard.includes(words)) return all
  }
  throw new Error(`never heard ${words}`)
}

/** A connection by polling, signed in and greeted. */
export async function polling(url: string, token: string): Promise<string> {
  const sid = await handshake(url)
  await post(url, sid, `40${JSON.stringify({ token })}`)
  await hearing(url, sid, 'hello')
  return sid
}

/** The status with which Socket.IO takes a sign-in: 200 where it does. */
export async function socketIoStatus(url: string, auth: object): Promise<number> {
  const sid = await handshake(url)
  await post(url, sid, `40${JSON.stringify(auth)}`)
  const answer = await poll(url, sid)
  return answer.startsWith('44') ? JSON.parse(answer.slice(2)).data.status : 200
}

/** The status that a token gets at each door: 101 and 200 let in. */
export async function knock(url: string, token: string): Promise<Record<string, number>> {
  const authorization = `Authorization: Bearer ${token}`
  const get = async (path: string) => (await call(url, 'GET', path, { token })).status
  return {
    REST: await get('/auth/me'),
    aws: await get('/compat/aws/users'),
    chatnest: await get(`/compat/chatnest/messages/${'f'.repeat(24)}`),
    messaging: await get('/compat/messaging/profile'),
    react: await get('/compat/react/chats'),
    admin: await get('/admin/keys'),
    'file ticket': (await call(url, 'GET', `/files/${'f'.repeat(24)}?ticket=${token}`)).status,
    '/ws': await openingOf(url, '/ws', authorization),
    '/ws/chat': await openingOf(url, '/ws/chat', authorization),
    subprotocol: await openingOf(url, '/ws', `Sec-WebSocket-Protocol: natter.v1, bearer.${token}`),
    ticket: await openingOf(url, `/ws?ticket=${token}`),
    'react ws': await openingOf(url, `/compat/react/ws/chat?token=${token}`),
    'Socket.IO': await socketIoStatus(url, { token }),
    'Socket.IO ticket': await socketIoStatus(url, { ticket: token }),
  }
}

/** A raw upgrade of Socket.IO. */
export const socketIoOpening = (url: string, ...lines: string[]) =>
  openingOf(url, '/socket.io/?EIO=4&transport=websocket', ...lines)
