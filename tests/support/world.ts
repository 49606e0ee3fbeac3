// A fresh world per test: an empty store, the whole app listening on a free port, and its people.
import { createApp } from '../../src/app'
import { createServices, type Deps, type Services } from '../../src/services'
import { settings, type Config } from '../../src/config'
import { createLog } from '../../src/ops/log'
import { openSqlite } from '../../src/storage/sqlite/open'
import type { Stores } from '../../src/storage/stores'
import { cheapHashing } from './hashing'
import { freshDatabase, mongoForTests } from './mongo'
import { arrive, type Person } from './people'

export const SECRET = 'a secret of the tests, long enough for anyone'

export interface World extends AsyncDisposable {
  url: string
  stores: Stores
  services: Services
  /** A person who has just signed up, by a name unique in this world. */
  as(name: string): Promise<Person>
}

/** `TEST_STORE=mongodb` runs every story on MongoDB instead of the embedded store. */
const openStore = async (): Promise<Stores> => {
  if (process.env.TEST_STORE !== 'mongodb') return openSqlite(null)
  const server = await mongoForTests()
  if ('skip' in server) throw new Error(server.skip)
  const { openMongo } = await import('../../src/storage/mongo/open')
  return openMongo(freshDatabase(server.url))
}

const defaults = Object.fromEntries(
  Object.entries(settings).map(([name, { unset }]) => [name, unset]),
) as Config

/** What the app is made of, on these stores, with these settings and else the ones that nobody set. */
export const depsOn = (stores: Stores, changed: Partial<Config> = {}): Deps => ({
  stores,
  secret: SECRET,
  log: createLog(process.env.TEST_LOG === undefined ? 'silent' : 'info'),
  version: '0.0.0',
  settings: { ...defaults, ...changed },
})

/** Hashing is cheap here and nobody is too fast, unless a test asks for it; all else is as users run it. */
export async function world(
  changed: Partial<Config> = {},
  more: Pick<Deps, 'outside' | 'stallMs' | 'times' | 'now' | 'hashing'> = {},
): Promise<World> {
  const stores = await openStore()
  const deps = {
    ...depsOn(stores, { RATE_LIMITS: false, ...changed }),
    hashing: cheapHashing,
    ...more,
  }
  const services = createServices(deps)
  const app = createApp(deps, services)
  await app.modules
  app.listen({ port: 0, hostname: '127.0.0.1' })
  const url = `http://127.0.0.1:${app.server?.port}`
  const people: Person[] = []

  return {
    url,
    stores,
    services,
    async as(name) {
      const person = await arrive(url, name)
      people.push(person)
      return person
    },
    async [Symbol.asyncDispose]() {
      for (const person of people) person.leave()
      services.indexing.stop()
      await services.leaving.stop()
      services.notifying.stop()
      services.hub.drain()
      await app.server?.stop(true)
      await services.presence.stop()
      await stores.close()
    },
  }
}
