// After a run: what people are told adds up, and the store is whole.
import { Database } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '../support/raw'
import { rowsOf } from '../support/tables'
import type { Target } from './target'
import type { World } from './world'

/** Everything that does not hold, as sentences. Ends the server. */
export async function examine(target: Target, world: World): Promise<string[]> {
  const wrong = await unreadCounts(world)
  const code = await target.stop()
  if (code !== 0) wrong.push(`the server ended with ${code}`)
  return [...wrong, ...(await orders(target)), ...integrity(target)]
}

/** `unread_count` is what the history says: what others wrote after my read position and did not delete. */
async function unreadCounts(world: World): Promise<string[]> {
  const wrong: string[] = []
  await world.tend()
  for (const person of world.people) {
    const ask = async (path: string) => (await call(world.url, 'GET', path, { token: person.token })).body
    for (const chat of (await ask('/chats?limit=100')).items) {
      let unread = 0
      for (let after: number | null = chat.my.read_seq; after !== null;) {
        const page: any = await ask(`/chats/${chat.id}/messages?after=${after}&limit=100`)
        unread += page.items.filter((it: any) => it.sender_id !== person.id && it.deleted_at === null).length
        after = page.after
      }
      const now = await ask(`/chats/${chat.id}`)
      if (now.unread_count !== unread)
        wrong.push(`unread_count is ${now.unread_count}, the history has ${unread}`)
    }
  }
  return wrong
}

/** The messages of each chat are numbered 1, 2, 3 … and no two have the same `rev`. */
async function orders(target: Target): Promise<string[]> {
  const rows = (await rowsOf(target.settings))
    .filter(({ place }) => place === 'messages')
    .map(({ row }) => row as any)
  const chats = Object.values(Object.groupBy(rows, row => String(row.chat_id))) as any[][]
  return chats.flatMap(messages => {
    const seqs = new Set(messages.map(({ seq }) => Number(seq)))
    const isGapless = seqs.size === messages.length && Math.max(...seqs) === messages.length
    const hasRevs = new Set(messages.map(({ rev }) => Number(rev))).size === messages.length
    return [
      ...(isGapless ? [] : ['a chat has a gap in its seq']),
      ...(hasRevs ? [] : ['two messages share a rev']),
    ]
  })
}

function integrity(target: Target): string[] {
  const file = join(target.settings.DATA_DIR as string, 'natter.db')
  if (!existsSync(file)) return []
  using db = new Database(file, { readonly: true })
  const said = db.query<{ integrity_check: string }, []>('PRAGMA integrity_check').all()
  const broken = db.query('PRAGMA foreign_key_check').all()
  return [
    ...said.filter(row => row.integrity_check !== 'ok').map(row => row.integrity_check),
    ...broken.map(row => `foreign key: ${JSON.stringify(row)}`),
  ]
}
