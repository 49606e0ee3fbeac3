// How often a whole request goes to the server and back, one trip after the other; however much there is.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { groupChat, privateChat } from '../../support/chats'
import { serveOn } from '../../support/onstore'
import { arrive, type Person } from '../../support/people'
import { call } from '../../support/raw'
import { openCounted, type Counted } from './trips'

interface Scene {
  url: string
  ann: Person
  chat: string
  message: string
  tripsOf: Counted['tripsOf']
  end(): Promise<void>
}

/** Ann and Bob with a long chat, and many more. */
async function play(freshUrl: string): Promise<Scene> {
  const { stores, tripsOf } = await openCounted(`${freshUrl}?monitorCommands=true`)
  const { url, end } = await serveOn(stores)
  const [ann, bob] = [await arrive(url, 'ann'), await arrive(url, 'bob')]
  const chat = await privateChat(ann, bob)
  const say = (content: string) => ann.api.chats({ id: chat }).messages.post({ content })
  const { data } = await say('Hello @bob')
  await Promise.all(Array.from({ length: 120 }, (_, i) => say(`More ${i}`)))
  const saved = await Promise.all(Array.from({ length: 20 }, () => say('Keep this')))
  const save = (id = '') => call(url, 'PUT', `/users/me/saved/${id}`, { token: ann.token })
  await Promise.all(saved.map(({ data: kept }) => save(kept?.id)))
  await Promise.all(Array.from({ length: 30 }, () => groupChat(ann, bob)))
  return { url, ann, chat, message: data?.id ?? '', tripsOf, end }
}

type Asked = (scene: Scene) => [method: string, path: string, json?: object]
const inChat =
  (rest: string): Asked =>
  ({ chat }) => ['GET', `/chats/${chat}${rest}`]
const get =
  (path: string): Asked =>
  () => ['GET', path]

const REQUESTS: [name: string, trips: number, ask: Asked][] = [
  ['a send', 2, ({ chat }) => ['POST', `/chats/${chat}/messages`, { content: 'Once more' }]],
  ['a page of history', 1, inChat('/messages?limit=50')],
  ['a page of history, before a place', 1, inChat('/messages?limit=50&before=100')],
  ['what changed', 1, inChat('/changes?since=10&limit=50')],
  ['the chat list', 2, get('/chats?limit=20')],
  ['a chat', 2, inChat('')],
  ['members', 1, inChat('/members?limit=20')],
  ['one message', 2, ({ chat, message }) => ['GET', `/chats/${chat}/messages/${message}`]],
  ['files of a chat', 2, inChat('/files?limit=20')],
  ['mentions', 2, get('/users/me/mentions?limit=20')],
  ['saved messages', 3, get('/users/me/saved?limit=20')],
  ['people', 4, get('/users?limit=20')],
  ['a search', 5, get('/messages/search?q=more&limit=20')],
]

export function mongoRequests(freshUrl: () => string) {
  describe('round trips of a request', () => {
    let scene: Scene
    beforeAll(async () => {
      scene = await play(freshUrl())
    }, 60_000)
    afterAll(() => scene.end())

    test.each(REQUESTS)('%s: at most %d, one after the other', async (_, trips, ask) => {
      const { url, ann, tripsOf } = scene
      const once = async () => {
        const [method, path, json] = ask(scene)
        expect((await call(url, method, path, { token: ann.token, json })).status).toBeLessThan(300)
      }
      await once()
      const { inSequence } = await tripsOf(once)
      expect(inSequence).toBeLessThanOrEqual(trips)
    })
  })
}
