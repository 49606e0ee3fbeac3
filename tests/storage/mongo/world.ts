// The frame of tests with several nodes on one database, which is theirs alone.
import { test } from 'bun:test'
import { MongoClient } from 'mongodb'
import { collectionsOf, type Collections } from '../../../src/storage/mongo/collections'
import { openMongo } from '../../../src/storage/mongo/open'
import type { Stores } from '../../../src/storage/stores'

export interface World {
  /** Opens one more node on the database. */
  node(): Promise<Stores>
  /** The collections themselves, for what no node would do. */
  raw: Collections
}

/** Declares tests that each get a world of their own, closed in the end. */
export const withWorlds =
  (freshUrl: () => string) =>
  (sentence: string, run: (world: World) => Promise<void>): void =>
    test(sentence, async () => {
      const url = freshUrl()
      const client = await new MongoClient(url).connect()
      const nodes: Stores[] = []
      const node = async () => {
        const stores = await openMongo(url)
        nodes.push(stores)
        return stores
      }
      try {
        await run({ node, raw: collectionsOf(client.db()) })
      } finally {
        await Promise.all(nodes.map(stores => stores.close()))
        await client.close()
      }
    })
