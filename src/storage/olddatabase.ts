// The port of an older service's database.

/** A document of the older database. */
export type Row = Record<string, unknown>

/** Reads an older database and changes nothing in it. */
export interface OldDatabase {
  /** All documents of a collection in this order; none where there is no such collection. */
  rows(collection: string, order?: Record<string, 1>): AsyncIterable<Row>
  /** About how many there are. */
  count(collection: string): Promise<number>
  close(): Promise<void>
}
