// The files of a chat, out of the messages that show them.
import type { Chats } from '../chats/service'
import type { Kind } from '../files/model'
import { fromCursor, toCursor } from '../lib/cursors'
import { pageOf } from '../lib/schema'
import type { ListShared, SharedFile } from './attachment.model'
import type { MessageStore, StoredMessage } from './store'

const ALL: Kind[] = ['image', 'video', 'audio', 'file']

export type Gallery = ReturnType<typeof createGallery>

interface Place {
  seq: number
  /** In the order of the message's files. */
  index: number
}

export function createGallery(store: MessageStore, chats: Chats) {
  return {
    /** The files that messages of a chat show me, of one kind or of all: newest message first, its files in order. */
    async list(
      me: string,
      chatId: string,
      { kind, limit = 20, cursor }: ListShared,
    ): Promise<{ items: SharedFile[]; next: string | null }> {
      const { my } = await chats.mustBeMember(me, chatId)
      const hidden = await chats.hiddenFrom(me, chatId)
      const after = cursor === undefined ? null : placeIn(cursor)
      const kinds = kind ? [kind] : ALL
      const found: (SharedFile & Place)[] = []
      let below = after ? after.seq + 1 : Infinity
      while (found.length <= limit) {
        const messages = await store.showing(chatId, kinds, {
          below,
          floor: my.cleared_seq,
          limit: limit + 1,
        })
        const shown = messages
          .filter(({ seq }) => !hidden.has(seq))
          .flatMap(message => filesOf(message, kinds))
        found.push(...shown.filter(file => !after || isAfter(file, after)))
        if (messages.length <= limit) break
        below = messages.at(-1)?.seq ?? 0
      }
      const page = pageOf(found, limit, ({ seq, index }) => toCursor(seq, index))
      return { items: page.items.map(({ index: _, ...item }) => item), next: page.next }
    },
  }
}

function placeIn(cursor: string): Place {
  const [seq, index] = fromCursor(cursor, 'number', 'number')
  return { seq, index }
}

const isAfter = (file: Place, { seq, index }: Place) =>
  file.seq < seq || (file.seq === seq && file.index > index)

function filesOf(message: StoredMessage, kinds: Kind[]): (SharedFile & Place)[] {
  const { id: message_id, seq, sender_id, created_at, attachments } = message
  return attachments.flatMap((file, index) =>
    kinds.includes(file.kind) ? [{ message_id, seq, sender_id, created_at, file, index }] : [],
  )
}
