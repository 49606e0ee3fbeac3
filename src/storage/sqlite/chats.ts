// Chats in SQLite.
import type {
  ChatPatch,
  ChatRecord,
  ChatStore,
  MemberRecord,
  Membership,
  NewChat,
  NewMember,
} from '../../chats/store'
import { openChatList } from './chatlist'
import { openConnecting } from './connecting'
import type { Sql } from './database'
import { openDepart } from './depart'
import { openHidden } from './hidden'
import type { Indexed } from './indexed'
import type { Look } from './looking'
import { openMembers } from './members'
import { openMine } from './mine'
import type { Orders } from './orders'
import type { Purge } from './purge'
import { openReading } from './reading'
import { CHAT_COLUMNS, given, memberFrom, type MemberRow } from './rows'
import type { Writer } from './writer'

/** What is kept in memory, and told of what is written here. */
interface Known {
  orders: Orders
  indexed: Indexed
}

export function openChats(
  sql: Sql,
  writer: Writer,
  purge: Purge,
  { orders, indexed }: Known,
  look: Look,
): ChatStore {
  const chat = sql.prepare<ChatRecord, [string]>(`SELECT ${CHAT_COLUMNS} FROM chats WHERE id = ?`, 0)
  const members = sql.prepare<MemberRow, [string]>(
    'SELECT * FROM members WHERE chat_id = ? ORDER BY user_id',
    0,
  )
  const edit = sql.prepare<ChatRecord>(
    `UPDATE chats SET group_name = ?, group_avatar = ?, retention_seconds = ?, expired_seq = ?, who_may_write = ?,
      history_for_newcomers = ?, updated_at = max(updated_at, ?)
    WHERE id = ? RETURNING ${CHAT_COLUMNS}`,
    7,
  )
  const retainingIds = sql.prepareInside<{ id: string }>(
    'SELECT id FROM chats INDEXED BY chats_retaining WHERE retention_seconds IS NOT NULL',
  )
  const retaining = sql.prepare<ChatRecord, []>(
    `SELECT ${CHAT_COLUMNS} FROM chats INDEXED BY chats_retaining WHERE retention_seconds IS NOT NULL`,
    () => retainingIds.all().map(({ id }) => id),
  )
  const remove = sql.prepare('DELETE FROM chats WHERE id = ?')
  const belonging = sql.prepare<{ user_id: string }>('SELECT user_id FROM members WHERE chat_id = ?')
  const remember = sql.prepare('INSERT INTO purges (chat_id) VALUES (?)')

  function membership(id: string): Membership | null {
    const found = chat.get(id)
    return found && { chat: found, members: membersOf(found) }
  }

  function membersOf({ id, last_seq }: ChatRecord): MemberRecord[] {
    return members.all(id).map(row => memberFrom(row, last_seq))
  }

  function update(id: string, patch: ChatPatch, at: string): ChatRecord | null {
    const old = chat.get(id)
    if (!old) return null
    const { group_name, group_avatar, retention_seconds, expired_seq, ...rest } = { ...old, ...given(patch) }
    const { who_may_write, history_for_newcomers } = rest
    return edit.get(
      group_name,
      group_avatar,
      retention_seconds,
      expired_seq,
      who_may_write,
      history_for_newcomers,
      at,
      id,
    )
  }

  function removeChat(id: string): boolean {
    for (const { user_id } of belonging.all(id)) orders.changed(user_id)
    indexed.forget(id)
    const { changes } = remove.run(id)
    if (changes > 0) remember.run(id)
    return changes > 0
  }

  /** Within a step; its messages go afterwards. */
  function endChat(id: string) {
    removeChat(id)
    purge.start()
  }

  return {
    ...openCreation(sql, writer, orders),
    ...openMembers(sql, writer, orders, endChat),
    ...openReading(sql, writer),
    ...openMine(sql, writer),
    ...openDepart(sql, writer),
    ...openHidden(sql, writer),
    ...openChatList(sql, orders, look),
    ...openConnecting(sql),

    async memberships(ids) {
      return [...new Set(ids)].flatMap(id => membership(id) ?? [])
    },

    async retaining() {
      return retaining.all()
    },

    update: (id, patch, at) => writer.write(() => update(id, patch, at), id),

    async delete(id) {
      const wasThere = await writer.write(() => removeChat(id))
      if (wasThere) purge.start()
      return wasThere
    },
  }
}

function openCreation(sql: Sql, writer: Writer, orders: Orders) {
  const insert = sql.prepare(`
    INSERT INTO chats (id, chat_type, pair, group_name, group_avatar, created_by, last_seq, rev, activity_at,
      created_at, updated_at, who_may_write, history_for_newcomers, member_count)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, ?7, ?7, ?8, ?9, ?10) ON CONFLICT (pair) DO NOTHING`)
  const join = sql.prepare(`
    INSERT INTO members (chat_id, user_id, role, read_seq, delivered_seq, joined_at) VALUES (?, ?, ?, 0, 0, ?)`)
  const ofPair = sql.prepare<ChatRecord, [string]>(`SELECT ${CHAT_COLUMNS} FROM chats WHERE pair = ?`)

  function isStored(chat: NewChat, members: NewMember[], pair: string): boolean {
    const { id, chat_type, group_name, group_avatar, created_by, created_at, ...settings } = chat
    const { changes } = insert.run(
      id,
      chat_type,
      pair,
      group_name,
      group_avatar,
      created_by,
      created_at,
      settings.who_may_write ?? 'all',
      settings.history_for_newcomers ?? 'all',
      members.length,
    )
    if (changes === 0) return false
    for (const { user_id, role, joined_at } of members) {
      join.run(id, user_id, role, joined_at)
      orders.changed(user_id)
    }
    return true
  }

  function create(chat: NewChat, members: NewMember[], pair: string) {
    const isNew = isStored(chat, members, pair)
    const stored = ofPair.get(pair)
    if (!stored) throw new Error('A chat was neither stored nor found.')
    return { chat: stored, isNew }
  }

  const idsOf = (members: NewMember[]) => members.map(member => member.user_id)

  const store: Pick<ChatStore, 'createPrivate' | 'privateOf' | 'createGroup'> = {
    createPrivate: (chat, members) => writer.write(() => create(chat, members, pairOf(idsOf(members)))),
    privateOf: async userIds => ofPair.get(pairOf(userIds))?.id ?? null,
    createGroup: (chat, members) => writer.write(() => create(chat, members, chat.id).chat),
  }
  return store
}

/** The same for the same people, whoever asks; somebody alone is a pair with themself. */
function pairOf(userIds: string[]): string {
  const ids = userIds.toSorted()
  return `${ids.at(0)}:${ids.at(-1)}`
}
