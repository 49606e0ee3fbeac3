// The database of an older service, for reading only.
import { MongoClient } from 'mongodb'
import type { OldDatabase, Row } from '../olddatabase'

const WAIT_MS = 5_000

/**
 * Connects to the database in the url's path, else to `usual`, the one the service itself used.
 * Rejects where the server cannot be reached.
 */
export async function openOldDatabase(url: string, usual: string): Promise<OldDatabase> {
  const client = new MongoClient(url, { appName: 'natter import', serverSelectionTimeoutMS: WAIT_MS })
  await client.connect()
  const named = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(url)?.[1]
  const db = client.db(named === undefined ? usual : decodeURIComponent(named))
  return {
    rows: (collection, order = { _id: 1 }) =>
      // Old collections have no index for this order, and the server would refuse to sort much in memory.
      db.collection<Row>(collection).find({}, { allowDiskUse: true }).sort(order),
    count: collection => db.collection(collection).estimatedDocumentCount(),
    close: () => client.close(),
  }
}
