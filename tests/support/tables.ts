// Every row of every table, or every document of every collection, for what should not be there.
import { Database } from 'bun:sqlite'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Binary, MongoClient } from 'mongodb'

/** Where something is found: `table.column`, with what stands there. */
export interface Found {
  place: string
  row: Record<string, unknown>
}

/**
 * Everything stored under these settings of a process that has ended, or that shares its database: rows or documents,
 * and the bytes of files, whose place is `blobs` on disk and the collections of GridFS in MongoDB.
 */
export async function rowsOf(home: Record<string, string>): Promise<Found[]> {
  if (home.MONGODB_URL) return documentsAt(home.MONGODB_URL)
  const dir = home.DATA_DIR as string
  return [...rowsIn(join(dir, 'natter.db')), ...blobsIn(join(dir, 'files'))]
}

const blobsIn = (dir: string): Found[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name, parentPath }) => ({
      place: 'blobs',
      row: { name, bytes: readFileSync(join(parentPath, name), 'latin1') },
    }))

function rowsIn(file: string): Found[] {
  const db = new Database(file, { readonly: true })
  try {
    const tables = db
      .query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => name)
    if (tables.length < 10) throw new Error('the tables are not seen')
    return tables.flatMap(table =>
      db
        .query<Record<string, unknown>, []>(`SELECT * FROM "${table}"`)
        .all()
        .map(row => ({ place: table, row })),
    )
  } finally {
    db.close()
  }
}

async function documentsAt(url: string): Promise<Found[]> {
  const client = await new MongoClient(url).connect()
  try {
    const collections = await client.db().listCollections().toArray()
    if (collections.length < 8) throw new Error('the collections are not seen')
    const found = await Promise.all(
      collections.map(async ({ name }) => {
        const docs = await client.db().collection(name).find({}).toArray()
        return docs.map(row => ({ place: name, row }))
      }),
    )
    return found.flat()
  } finally {
    await client.close()
  }
}

/** Where a word stands, without regard to case: `table.column`, each once, sorted. */
export function placesOf(rows: Found[], word: string): string[] {
  const sought = word.toLowerCase()
  const places = rows.flatMap(({ place, row }) =>
    Object.entries(row)
      .filter(([, value]) => textOf(value).includes(sought))
      .map(([column]) => `${place}.${column}`),
  )
  return [...new Set(places)].toSorted()
}

function textOf(value: unknown): string {
  if (value instanceof Binary) return Buffer.from(value.value()).toString('latin1').toLowerCase()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toLowerCase()
}
