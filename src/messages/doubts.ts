// Writes whose outcome the store could not tell: some were done, but nobody was told live. Members are told to look.
import type { Events } from '../events'
import { AppError } from '../lib/errors'
import type { MessageStore, NewMessage } from './store'

const LOOK_AGAIN_MS = 1_000
/** Of one chat: with more than these it is not asked which of them were done. */
const MANY = 50

/** Whether a write was done after all. */
type Doubt = () => Promise<boolean>

/**
 * The same store. Where an append or a change fails as unknown, it is looked up once the store answers again; if it was
 * done, `resync` is told to the chat: else members would learn of it with the next message only.
 */
export function tellingDoubts(store: MessageStore, events: Events): MessageStore {
  const doubts = new Map<string, Doubt[]>()
  let timer: Timer | undefined

  function doubt(chatId: string, error: unknown, wasDone: Doubt): never {
    // What was refused as too busy was never begun.
    const isUnknown = error instanceof AppError && error.status === 503 && error.code !== 'busy'
    if (isUnknown) note(chatId, [wasDone])
    throw error
  }

  function note(chatId: string, added: Doubt[]) {
    doubts.set(chatId, [...(doubts.get(chatId) ?? []), ...added].slice(0, MANY + 1))
    timer ??= setTimeout(look, LOOK_AGAIN_MS).unref()
  }

  async function look() {
    const all = [...doubts]
    doubts.clear()
    timer = undefined
    // What was given up here may still be under way there.
    const settled = store.settled()
    for (const [chatId, those] of all)
      await settled.then(() => lookAt(chatId, those)).catch(() => note(chatId, those))
  }

  async function lookAt(chat_id: string, those: Doubt[]) {
    const isMany = those.length > MANY
    if (isMany) await store.head(chat_id)
    if (isMany || (await anyOf(those))) events.publish({ type: 'resync', chat_id })
  }

  const wasSent = async ({ chat_id, sender_id, client_id }: NewMessage) =>
    (await store.sent(chat_id, sender_id, client_id)) !== null

  const telling: Pick<MessageStore, 'append' | 'change'> = {
    append: message =>
      store.append(message).catch(error => doubt(message.chat_id, error, () => wasSent(message))),

    change(chatId, id, edit) {
      let before: number | undefined
      const wasDone = async () => before !== undefined && (await store.byId(chatId, id))?.rev !== before
      const noting: typeof edit = (message, edits) => {
        before ??= message.rev
        return edit(message, edits)
      }
      return store.change(chatId, id, noting).catch(error => doubt(chatId, error, wasDone))
    },
  }
  return Object.assign(Object.create(store) as MessageStore, telling)
}

async function anyOf(those: Doubt[]): Promise<boolean> {
  for (const wasDone of those) if (await wasDone()) return true
  return false
}
