// Removes the messages of deleted chats, their mentions, files and words, a few at a time, so that nobody waits for it.
import type { Sql } from './database'
import type { Writer } from './writer'

const ROWS_AT_ONCE = 2_000

export interface Purge {
  /** Starts the work if there is some; what was left by an earlier process is taken up too. */
  start(): void
  /** Leaves the rest for the next start. */
  stop(): Promise<void>
}

export function openPurge(sql: Sql, writer: Writer, rowsAtOnce = ROWS_AT_ONCE): Purge {
  const next = sql.prepare<{ chat_id: string }, []>('SELECT chat_id FROM purges LIMIT 1')
  const remove = sql.prepare(`
    DELETE FROM messages WHERE chat_id = ?1
      AND seq < (SELECT min(seq) FROM messages WHERE chat_id = ?1) + ?2`)
  const removeMentions = sql.prepare(`
    DELETE FROM mentions WHERE (chat_id, user_id, message_id) IN (
      SELECT chat_id, user_id, message_id FROM mentions WHERE chat_id = ? LIMIT ?)`)
  const removeAttachments = sql.prepare(`
    DELETE FROM attachments WHERE (file_id, chat_id, seq) IN (
      SELECT file_id, chat_id, seq FROM attachments INDEXED BY attachments_gallery WHERE chat_id = ? LIMIT ?)`)
  const inIndex = (table: string, key: string) =>
    sql.prepare(`
      DELETE FROM ${table} WHERE (${key}) IN (
        SELECT ${key} FROM ${table} WHERE chat_no = (SELECT no FROM search_chats WHERE chat_id = ?) LIMIT ?)`)
  const removals = [
    remove,
    removeMentions,
    removeAttachments,
    inIndex('search_terms', 'chat_no, term, id'),
    inIndex('search_messages', 'chat_no, id'),
  ]
  const forgetNumber = sql.prepare('DELETE FROM search_chats WHERE chat_id = ?')
  const finish = sql.prepare('DELETE FROM purges WHERE chat_id = ?')
  let running = Promise.resolve()
  let stopped = false

  function removeSome(chatId: string) {
    const gone = removals.map(removal => removal.run(chatId, rowsAtOnce).changes)
    if (gone.some(rows => rows > 0)) return
    forgetNumber.run(chatId)
    finish.run(chatId)
  }

  async function run() {
    try {
      for (;;) {
        const chat = stopped ? null : next.get()
        if (!chat) break
        await writer.write(() => removeSome(chat.chat_id))
        // Lets the loop serve the sockets between two turns.
        await new Promise(resolve => setImmediate(resolve))
      }
    } catch {
      // The store is failing: the next deletion or start takes it up again.
    }
  }

  return {
    start() {
      running = running.then(run)
    },
    async stop() {
      stopped = true
      await running
    },
  }
}
