// Fills Natter's embedded store from the world.
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { messageTerms } from '../../../src/lib/terms'
import { openSqlite } from '../../../src/storage/sqlite/open'
import type { Stores } from '../../../src/storage/stores'
import type { World } from './plan'
import { inHaste } from './write'

const FAR = '2100-01-01T00:00:00.000Z'

/** A sign-in is called like its person. Of chats that nobody searches the index has nothing, and is level with them. */
const copies = `
  INSERT INTO users (id, username, username_key, password_hash, role, created_at, updated_at)
    SELECT id, username, username, password_hash, 'user', '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'
    FROM world.people ORDER BY id;
  INSERT INTO sessions (id, user_id, current_jti, created_at, last_used_at, expires_at)
    SELECT id, id, id, '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', '${FAR}' FROM world.people ORDER BY id;
  INSERT INTO chats (id, chat_type, pair, group_name, created_by, last_seq, rev, activity_at, created_at, updated_at,
      member_count)
    SELECT id, iif(is_private, 'private', 'group'), pair, iif(is_private, NULL, 'Group ' || no), owner, last_seq,
      last_seq, at, at, at, member_count FROM world.chats ORDER BY id;
  INSERT INTO members (chat_id, user_id, role, read_seq, delivered_seq, own_after, joined_at)
    SELECT chat_id, user_id, role, read_seq, read_seq, own_after, '2025-01-01T00:00:00.000Z' FROM world.members
    ORDER BY chat_id, user_id;
  INSERT INTO messages (chat_id, seq, rev, id, client_id, sender_id, receiver_id, content, message_type, created_at)
    SELECT chat_id, seq, seq, id, id, sender_id, receiver_id, content, 'text', at FROM world.messages;
  INSERT INTO search_chats (chat_id, rev) SELECT id, last_seq FROM world.chats WHERE last_seq > 0 AND NOT is_searched;`

export async function fillNatter(dir: string, worldFile: string, world: World): Promise<void> {
  await (await openSqlite(dir)).close()
  const db = new Database(join(dir, 'natter.db'), { strict: true })
  for (const sql of inHaste) db.run(sql)
  db.run(`ATTACH '${worldFile}' AS world`)
  db.run(copies)
  db.close()
  await indexSearched(dir, world)
}

async function indexSearched(dir: string, { searched }: World) {
  const stores = await openSqlite(dir)
  for (const { id } of searched) await indexChat(stores, id)
  await stores.close()
}

async function indexChat({ messages, search }: Stores, chatId: string) {
  const AT_ONCE = 1_000
  for (let rev = 0; ; rev += AT_ONCE) {
    const page = await messages.changes(chatId, rev, AT_ONCE)
    if (page.length === 0) return
    const entries = page.map(message => ({ ...message, terms: messageTerms(message.content) }))
    await search.index(chatId, rev + page.length, entries)
  }
}
