// What a send says, made into a message: with whom it answers, mentions, forwards, and the thread it belongs to.
import { otherIn } from '../chats/apart'
import type { Chats, Door } from '../chats/service'
import { invalid } from '../lib/errors'
import { newId } from '../lib/ids'
import { nowIso } from '../lib/schema'
import type { Attachment } from './attachment.model'
import { fittingType, type Attaching } from './attaching'
import type { Mentions } from './mentions'
import type { Forward, SendMessage } from './model'
import type { MessageStore, NewMessage, Origin, StoredMessage } from './store'
import type { Beside, Views } from './view'

export type Composer = ReturnType<typeof createComposer>

export interface Composed {
  draft: NewMessage
  /** The message replied to, as it is now, and who hears nothing of it. */
  beside: Beside
  /** Where a forwarded message comes from, as its sender is told: read before, so that it is answered at once. */
  origin: Forward | null
}

export function createComposer(
  store: MessageStore,
  chats: Chats,
  mentions: Mentions,
  attaching: Attaching,
  views: Views,
) {
  /** A message of this chat that the sender may see; 422 otherwise. */
  async function mustBeHere({ roster, my }: Door, id: string, field: string): Promise<StoredMessage> {
    const { id: chatId } = roster.chat
    const [found, hidden] = await Promise.all([store.byId(chatId, id), chats.hiddenFrom(my.user_id, chatId)])
    if (!found || found.seq <= my.cleared_seq || hidden.has(found.seq)) {
      throw invalid(`body/${field}`, 'unknown_message', 'There is no such message in this chat.')
    }
    return found
  }

  /** What is forwarded, out of a chat of the sender's: its text and files, and where it first came from. */
  async function carried(me: string, { chat_id, message_id }: { chat_id: string; message_id: string }) {
    const door = await chats.mustBeMember(me, chat_id)
    const found = await mustBeHere(door, message_id, 'forward')
    const { content, message_type, attachments, sender_id, forward, deleted_at } = found
    if (deleted_at) throw invalid('body/forward', 'deleted', 'A deleted message cannot be forwarded.')
    const origin: Origin = forward ?? { message_id, chat_id, sender_id }
    return { content, message_type, attachments, forward: origin }
  }

  /** A reply to a reply joins the same thread. */
  async function threadOf(door: Door, id: string): Promise<string> {
    const root = await mustBeHere(door, id, 'thread_of')
    return root.thread_of ?? root.id
  }

  return {
    mustBeHere,

    /** Whether nothing has to be looked up: most messages, which cost nothing here. */
    isPlain: ({ content, attachments, reply_to, thread_of, forward }: SendMessage): boolean =>
      !reply_to && !thread_of && !forward && !attachments?.length && !content?.includes('@'),

    plain: (me: string, door: Door, input: SendMessage): Composed => ({
      draft: draftOf(me, door, input),
      beside: { quote: null },
      origin: null,
    }),

    async compose(me: string, door: Door, input: SendMessage): Promise<Composed> {
      const { attachments = [], reply_to, thread_of, forward } = input
      const answered = reply_to ? await mustBeHere(door, reply_to, 'reply_to') : null
      const taken = forward ? await carried(me, forward) : null
      const files = taken?.attachments ?? (await attaching.attach(me, attachments))
      const draft = draftOf(me, door, { ...input, ...taken }, files)
      return {
        draft: {
          ...draft,
          ...taken,
          ...(taken ? {} : await mentions.meantBy(me, draft.content, door)),
          reply_to: answered?.id ?? null,
          thread_of: thread_of ? await threadOf(door, thread_of) : null,
        },
        beside: await views.besidesNew(door.roster.chat.id, answered),
        origin: taken && (await views.originFor(me, taken)),
      }
    },
  }
}

function draftOf(
  me: string,
  { roster }: Door,
  { content, client_id, message_type }: Pick<SendMessage, 'content' | 'client_id' | 'message_type'>,
  attachments: Attachment[] = [],
): NewMessage {
  const id = newId()
  return {
    id,
    chat_id: roster.chat.id,
    client_id: client_id ?? id,
    sender_id: me,
    receiver_id: roster.chat.chat_type === 'private' ? otherIn(roster, me) : null,
    content: attachments.length > 0 ? wordsBeside(content) : mustSaySomething(content),
    message_type: fittingType(message_type, attachments),
    created_at: nowIso(),
    ...(attachments.length > 0 && { attachments }),
  }
}

/** What is written beside files may be nothing. */
export const wordsBeside = (content = ''): string => (content.trim() === '' ? '' : content)

export function mustSaySomething(content: string | undefined): string {
  if (content === undefined) throw invalid('body/content', 'required', 'A message has a content.')
  if (content === '') throw invalid('body/content', 'too_short', 'A message has a content.')
  if (content.trim() === '') throw invalid('body/content', 'blank', 'A message is more than white space.')
  return content
}
