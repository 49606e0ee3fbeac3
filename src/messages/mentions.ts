// Who is meant: `@username` of members, and `@all` by those who may call everybody.
import type { Chats, Door } from '../chats/service'
import { isAllowed } from '../chats/roles'
import { fromCursor, toCursor } from '../lib/cursors'
import { pageOf, type PageQuery } from '../lib/schema'
import { keyOf } from '../users/keys'
import type { Users } from '../users/service'
import type { Rosters } from '../chats/roster'
import { MAX_MENTIONS, type Message } from './model'
import type { MessageStore, StoredMessage } from './store'
import type { Views } from './view'

const MENTION = /(?<![\p{L}\p{N}._@-])@([\p{L}\p{N}](?:[\p{L}\p{N}._-]{0,30}[\p{L}\p{N}])?)/gu

export type Mentions = ReturnType<typeof createMentions>

export function createMentions(
  store: MessageStore,
  chats: Chats,
  rosters: Rosters,
  users: Users,
  views: Views,
) {
  return {
    /** The members a text of mine means, each once, as ids, so that a later change of name changes nothing. */
    async meantBy(
      me: string,
      content: string,
      { roster, my }: Door,
    ): Promise<Pick<StoredMessage, 'mentions' | 'mentions_all'>> {
      if (!content.includes('@')) return { mentions: [], mentions_all: false }
      const written = [...content.matchAll(MENTION)].map(match => keyOf(match[1] as string))
      const names = [...new Set(written)].slice(0, MAX_MENTIONS)
      const ids = await users.idsOfNames(me, names)
      const mentions = [...new Set(ids)].filter(id => roster.members.has(id))
      const mayCallAll = roster.chat.chat_type === 'group' && isAllowed('mentionAll', my.role)
      return { mentions, mentions_all: mayCallAll && names.includes('all') }
    },

    /** Messages of others in my chats that mean me, newest first. */
    async list(
      me: string,
      { limit = 20, cursor }: PageQuery,
    ): Promise<{ items: Message[]; next: string | null }> {
      const below = cursor === undefined ? undefined : fromCursor(cursor, 'string')[0]
      const found = await store.mentionsOf(me, await chats.idsOf(me), { below, limit: limit + 1 })
      const page = pageOf(found, limit, last => toCursor(last.id))
      return { items: await showAll(me, page.items), next: page.next }
    },
  }

  /** Messages of several chats, as a member sees them; those that are no longer mine to see are left out. */
  async function showAll(me: string, messages: StoredMessage[]): Promise<Message[]> {
    const inChats = Map.groupBy(messages, ({ chat_id }) => chat_id)
    const found = await rosters.all([...inChats.keys()])
    const shown = await Promise.all(
      [...inChats].map(async ([chatId, there]) => {
        const roster = found.get(chatId)
        const my = roster?.members.get(me)
        if (!roster || !my) return []
        const hidden = await chats.hiddenFrom(me, chatId)
        const visible = there.filter(({ seq }) => seq > my.cleared_seq && !hidden.has(seq))
        return views.show(me, roster, visible)
      }),
    )
    return newestFirst(shown.flat())
  }
}

const newestFirst = (messages: Message[]): Message[] => messages.toSorted((a, b) => (a.id < b.id ? 1 : -1))
