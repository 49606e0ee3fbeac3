// People, chats and a room for Natter, put into its store before it starts.
import { createServices, type Services } from '../../src/services'
import { newMembers } from '../../src/chats/opening'
import { settings, type Config } from '../../src/config'
import { newId } from '../../src/lib/ids'
import { nowIso } from '../../src/lib/schema'
import { createLog } from '../../src/ops/log'
import { openSqlite } from '../../src/storage/sqlite/open'
import type { Stores } from '../../src/storage/stores'
import { PAIRS, ROOM_LISTENERS, ROOM_SENDERS, type Seat, type Side } from './scenarios'

interface Person {
  id: string
  token: string
}

const defaults = Object.fromEntries(
  Object.entries(settings).map(([name, { unset }]) => [name, unset]),
) as Config

export async function seedNatter(dir: string, secret: string): Promise<Pick<Side, 'pairs' | 'room'>> {
  const stores = await openSqlite(dir)
  const services = createServices({
    stores,
    secret,
    log: createLog('silent'),
    version: '0.0.0',
    settings: { ...defaults, ACCESS_TOKEN_MINUTES: 1440 },
  })
  const seeded = { pairs: await makePairs(stores, services), room: await makeRoom(stores, services) }
  services.hub.drain()
  await stores.close()
  return seeded
}

async function makePairs(stores: Stores, services: Services): Promise<Seat[]> {
  const [here, offline] = [await arrive(stores, services, PAIRS), await arrive(stores, services, PAIRS)]
  return Promise.all(
    here.map(async ({ id, token }, i) => {
      const participants = [(offline[i] as Person).id]
      const { chat } = await services.opening.create(id, { chat_type: 'private', participants })
      return { token, chat_id: chat.id }
    }),
  )
}

async function makeRoom(stores: Stores, services: Services): Promise<Side['room']> {
  const people = await arrive(stores, services, ROOM_SENDERS + ROOM_LISTENERS)
  const ids = people.map(person => person.id)
  const [owner = ''] = ids
  const chat = { id: newId(), chat_type: 'group' as const, created_by: owner, created_at: nowIso() }
  const named = { ...chat, group_name: 'Everybody', group_avatar: null }
  await stores.chats.createGroup(named, [
    ...newMembers([owner], 'owner'),
    ...newMembers(ids.slice(1), 'member'),
  ])
  const senders = people.slice(0, ROOM_SENDERS).map(({ token }) => ({ token, chat_id: chat.id }))
  return { senders, listeners: people.slice(ROOM_SENDERS).map(person => person.token) }
}

const nothing = {
  email: null,
  full_name: null,
  avatar: null,
  bio: null,
  status: null,
  status_expires_at: null,
  last_seen: null,
  invisible: false,
  hide_last_seen: false,
  password_hash: null,
  gender: null,
  timezone: null,
  deleted_at: null,
}

/** So many people who have no password and are signed in. */
const arrive = (stores: Stores, { sessions }: Services, count: number): Promise<Person[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const [id, now] = [newId(), nowIso()]
      const times = { created_at: now, updated_at: now }
      await stores.users.insert({ ...nothing, ...times, id, username: `bench${id}`, role: 'user' })
      return { id, token: (await sessions.begin(id)).access_token }
    }),
  )
