// Opens the store that the settings name.
import type { Stores } from './stores'

/**
 * MongoDB where an address is given, else the embedded store in `dataDir`. Throws when it cannot be had.
 * Only the engine that is used is loaded: the other one would double the time of a start.
 */
export async function openStorage(dataDir: string, mongodbUrl: string | null): Promise<Stores> {
  if (mongodbUrl) return (await import('./mongo/open')).openMongo(mongodbUrl)
  return (await import('./sqlite/open')).openSqlite(dataDir)
}
