// The whole app on a store that is there already, without followers: they would add what they ask of it.
import { createApp } from '../../src/app'
import { createServices } from '../../src/services'
import type { Stores } from '../../src/storage/stores'
import { cheapHashing } from './hashing'
import { depsOn } from './world'

/** Listens on a free port; `end` closes the store too. */
export async function serveOn(stores: Stores): Promise<{ url: string; end(): Promise<void> }> {
  const deps = depsOn(stores)
  const services = createServices({ ...deps, hashing: cheapHashing })
  services.indexing.stop()
  services.notifying.stop()
  const app = createApp(deps, services)
  await app.modules
  app.listen({ port: 0, hostname: '127.0.0.1' })

  async function end() {
    services.hub.drain()
    await app.server?.stop(true)
    await services.presence.stop()
    await stores.close()
  }
  return { url: `http://127.0.0.1:${app.server?.port}`, end }
}
