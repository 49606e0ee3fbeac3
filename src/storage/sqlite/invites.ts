// Links to join groups by, in SQLite.
import type { InviteRecord, InviteStore, JoinRequest } from '../../chats/joining.store'
import type { NewMember } from '../../chats/store'
import type { Sql } from './database'
import { openJoin } from './members'
import type { Orders } from './orders'
import type { Writer } from './writer'

type InviteRow = Omit<InviteRecord, 'needs_approval'> & { needs_approval: number }

/** Sorts before every place of the list. */
const START = { created_at: '\u{10FFFF}', id: '' }

export function openInvites(sql: Sql, writer: Writer, orders: Orders): InviteStore {
  const one = sql.prepare<InviteRow>('SELECT * FROM invites WHERE code = ?')
  const page = sql.prepare<InviteRow>(`
    SELECT * FROM invites INDEXED BY invites_of WHERE chat_id = ? AND (created_at, code) < (?, ?)
    ORDER BY created_at DESC, code DESC LIMIT ?`)
  const add = sql.prepare(`
    INSERT INTO invites (code, chat_id, created_by, created_at, expires_at, max_uses, uses, needs_approval)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const count = sql.prepare<{ count: number }>('SELECT count(*) AS count FROM invites WHERE chat_id = ?')
  const dropExpired = sql.prepare('DELETE FROM invites WHERE chat_id = ? AND expires_at <= ?')
  const remove = sql.prepare('DELETE FROM invites WHERE chat_id = ? AND code = ?')

  function insert(invite: InviteRecord, max: number, now: string): boolean {
    const { code, chat_id, created_by, created_at, expires_at, max_uses, uses, needs_approval } = invite
    dropExpired.run(chat_id, now)
    if ((count.get(chat_id)?.count ?? 0) >= max) return false
    add.run(code, chat_id, created_by, created_at, expires_at, max_uses, uses, Number(needs_approval))
    return true
  }

  return {
    ...openUses(sql, writer, orders),
    insert: (invite, max, now) => writer.write(() => insert(invite, max, now)),
    remove: (chatId, code) => writer.write(() => remove.run(chatId, code).changes > 0),

    async byCode(code) {
      const row = one.get(code)
      return row && inviteFrom(row)
    },

    async list(chatId, { after = START, limit }) {
      return page.all(chatId, after.created_at, after.id, limit).map(inviteFrom)
    },
  }
}

/** Each use is one step: the link is looked at, the person comes in, and the use is counted. */
function openUses(sql: Sql, writer: Writer, orders: Orders): Pick<InviteStore, 'redeem' | 'ask'> {
  const good = sql.prepare<InviteRow>(`
    SELECT * FROM invites WHERE code = ?1 AND (expires_at IS NULL OR expires_at > ?2)
      AND (max_uses IS NULL OR uses < max_uses)`)
  const use = sql.prepare('UPDATE invites SET uses = uses + 1 WHERE code = ?')
  const isMember = sql.prepare('SELECT 1 FROM members WHERE chat_id = ? AND user_id = ?')
  const waits = sql.prepare('SELECT 1 FROM join_requests WHERE chat_id = ? AND user_id = ?')
  const waiting = sql.prepare<{ count: number }>(
    'SELECT count(*) AS count FROM join_requests WHERE chat_id = ?',
  )
  const keep = sql.prepare('INSERT INTO join_requests (chat_id, user_id, created_at) VALUES (?, ?, ?)')
  const join = openJoin(sql, orders)

  function redeem(code: string, person: NewMember, now: string, max: number) {
    const invite = good.get(code, now)
    const added = invite && join(invite.chat_id, [person], max)
    if (!Array.isArray(added)) return added
    const [member] = added
    if (!member) return 'member'
    use.run(code)
    return member
  }

  function ask(code: string, user_id: string, now: string, max: number): JoinRequest | string | null {
    const invite = good.get(code, now)
    if (!invite) return null
    const { chat_id } = invite
    if (isMember.get(chat_id, user_id)) return 'member'
    if (waits.get(chat_id, user_id)) return 'waiting'
    if ((waiting.get(chat_id)?.count ?? 0) >= max) return 'too_many'
    keep.run(chat_id, user_id, now)
    use.run(code)
    return { chat_id, user_id, created_at: now }
  }

  return {
    redeem: (code, person, now, max) => writer.write(() => redeem(code, person, now, max)),
    ask: (code, userId, now, max) =>
      writer.write(() => ask(code, userId, now, max)) as ReturnType<InviteStore['ask']>,
  }
}

const inviteFrom = (row: InviteRow): InviteRecord => ({ ...row, needs_approval: row.needs_approval === 1 })
