// Changing a message in SQLite: one step of the writer, under the chat's next rev.
import type { MessagePatch, MessageStore, StoredMessage } from '../../messages/store'
import type { Sql } from './database'
import type { Heads } from './heads'
import { editsFrom, editsToJson, extraOf, fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'
import { given } from './rows'
import type { Kept } from './sending'
import type { Writer } from './writer'

type Edit = Parameters<MessageStore['change']>[2]

export function openChange(
  sql: Sql,
  writer: Writer,
  heads: Heads,
  { keepMentions, keepAttachments }: Kept,
): Pick<MessageStore, 'change'> {
  const read = sql.prepare<MessageRow & { edits: string | null }>(
    `SELECT ${MESSAGE_COLUMNS}, edits FROM messages WHERE chat_id = ? AND id = ?`,
    0,
  )
  const write = sql.prepare(
    `UPDATE messages SET rev = ?, content = ?, pinned_at = ?, edited_at = ?, deleted_at = ?, updated_at = ?,
      extra = ?, edits = ? WHERE chat_id = ? AND seq = ?`,
    8,
  )

  function change(chatId: string, id: string, edit: Edit) {
    const chat = heads.of(chatId)
    const row = chat && read.get(chatId, id)
    if (!row) return null
    const old = fromRow(row)
    const patch = edit(old, editsFrom(row.edits))
    if (!patch) return { message: old, changed: false }
    const { edits, ...parts } = given(patch)
    const message: StoredMessage = { ...old, ...parts, rev: chat.rev + 1 }
    store(message, edits ? editsToJson(edits) : row.edits)
    if (mayMoveMentions(patch)) keepMentions(message, old)
    if (patch.attachments !== undefined) keepAttachments(message, old)
    heads.change(chat)
    return { message, changed: true }
  }

  function store(message: StoredMessage, edits: string | null) {
    write.run(
      message.rev,
      message.content,
      message.pinned_at,
      message.edited_at,
      message.deleted_at,
      message.updated_at,
      extraOf(message),
      edits,
      message.chat_id,
      message.seq,
    )
  }

  return {
    change: (chatId, id, edit) => writer.change(() => change(chatId, id, edit), chatId),
  }
}

const mayMoveMentions = ({ mentions, mentions_all, deleted_at }: MessagePatch) =>
  mentions !== undefined || mentions_all !== undefined || deleted_at !== undefined
