// What of a person is exported: everything that is theirs, as they see it themselves, and no secret.
import type { Devices } from '../auth/devices'
import type { Chats } from '../chats/service'
import type { Directory } from '../chats/directory'
import type { Joining } from '../chats/joining'
import { AppError } from '../lib/errors'
import type { Changing } from '../messages/changing'
import type { Mentions } from '../messages/mentions'
import type { Message } from '../messages/model'
import type { SavedMessages } from '../messages/saved'
import type { Schedule } from '../messages/schedule'
import type { Messages } from '../messages/service'
import type { Push } from '../push/service'
import type { Blocks } from '../users/blocks'
import { json, jsonLines, jsonList, pagesOf, text, type Entry, type Part } from './entries'
import { filesPart, picturePart, withPaths, type FileSources } from './files'

const AT_ONCE = 100

export interface Sources extends FileSources {
  devices: Devices
  blocks: Blocks
  chats: Chats
  directory: Directory
  messages: Messages
  changing: Changing
  saved: SavedMessages
  schedule: Schedule
  mentions: Mentions
  push: Push
  joining: Joining
}

const README = `What this is

profile.json           what is stored of you
sessions.json          where you are signed in
blocks.json            whom you have blocked
chats.json             your chats, with your settings, drafts and role in each
chats/<id>/members.json     who is in a chat
chats/<id>/messages.ndjson  the whole conversation as you see it, one message a line, with the former texts
                            of edited messages; messages deleted for you alone are left out
reactions.ndjson       your own reactions
saved.json             messages you saved
scheduled.json         messages you have scheduled
mentions.json          messages that mention you
push.json              devices that are notified
join-requests.json     groups that you have asked to let you in
avatar.webp            your picture, where you have uploaded one
files.json             your files; path says where each is, also in attachments that are yours
files/<id>-<name>      their bytes

Times are UTC. Passwords, tokens and keys are never exported.
`

/** In the order of the archive. */
export function partsOf(sources: Sources): Part[] {
  return [
    overview,
    mine(sources),
    chatsPart(sources),
    reactionsPart(sources),
    listsPart(sources),
    picturePart(sources),
    filesPart(sources),
  ]
}

async function* overview(): AsyncGenerator<Entry> {
  yield { path: 'README.txt', bytes: text(README) }
}

function mine({ userStore, devices, blocks, push }: Sources): Part {
  return async function* (me) {
    const user = await userStore.byId(me.user_id)
    if (!user) return
    const { password_hash: _, deleted_at: __, ...profile } = user
    yield { path: 'profile.json', bytes: json(profile) }
    yield { path: 'sessions.json', bytes: json(await devices.list(me)) }
    const blocked = pagesOf(cursor => blocks.list(me.user_id, { limit: AT_ONCE, cursor }))
    yield { path: 'blocks.json', bytes: jsonList(blocked) }
    yield { path: 'push.json', bytes: json(await push.list(me)) }
  }
}

function chatsPart(sources: Sources): Part {
  const { chats, directory } = sources

  async function* chatPages(me: string, ids: string[]) {
    for (const id of ids) yield await whereMine(() => chats.view(me, id))
  }

  const memberPages = (me: string, id: string) =>
    whileMine(pagesOf(cursor => directory.list(me, id, { limit: AT_ONCE, cursor })))

  return async function* ({ user_id: me }) {
    const ids = (await chats.idsOf(me)).toSorted()
    yield { path: 'chats.json', bytes: jsonList(chatPages(me, ids)) }
    for (const id of ids) {
      yield { path: `chats/${id}/members.json`, bytes: jsonList(memberPages(me, id)) }
      yield { path: `chats/${id}/messages.ndjson`, bytes: jsonLines(withEdits(sources, me, id)) }
    }
  }
}

/** The whole history of a chat, oldest first; it ends early where the chat is mine no more. */
async function* historyOf(messages: Messages, me: string, id: string): AsyncGenerator<Message[]> {
  async function* pages() {
    for (let after: number | null = 0; after !== null;) {
      const page: Awaited<ReturnType<Messages['history']>> = await messages.history(me, id, {
        after,
        limit: AT_ONCE,
      })
      yield page.items
      after = page.after
      // An embedded store answers at once, and of what is looked through there may be nothing to write.
      await nextTurn()
    }
  }
  yield* whileMine(pages())
}

/** A page ends at what was edited: its former texts can be a hundred times as long as it is. */
async function* withEdits({ messages, changing, files }: Sources, me: string, id: string) {
  for await (const page of historyOf(messages, me, id)) {
    let lines: object[] = []
    for (const message of await withPaths(files, me, page)) {
      const edits = message.edited_at
        ? await whereMine(async () => await changing.edits(me, id, message.id))
        : []
      lines.push(edits[0] ? { ...message, edits: edits[0] } : message)
      if (edits.length === 0) continue
      yield lines
      lines = []
    }
    yield lines
  }
}

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

/** They stand with the messages, so that everything is read once more: what is exported waits for nobody. */
function reactionsPart({ chats, messages }: Sources): Part {
  async function* pages(me: string) {
    for (const id of (await chats.idsOf(me)).toSorted()) {
      for await (const page of historyOf(messages, me, id)) {
        yield page.flatMap(({ chat_id, id: message_id, reactions }) =>
          reactions
            .filter(({ user_ids }) => user_ids.includes(me))
            .map(({ emoji }) => ({ chat_id, message_id, emoji })),
        )
      }
    }
  }
  return async function* ({ user_id: me }) {
    yield { path: 'reactions.ndjson', bytes: jsonLines(pages(me)) }
  }
}

function listsPart({ saved, schedule, mentions, joining }: Sources): Part {
  return async function* ({ user_id: me }) {
    const limit = AT_ONCE
    yield { path: 'saved.json', bytes: jsonList(pagesOf(cursor => saved.list(me, { limit, cursor }))) }
    yield { path: 'scheduled.json', bytes: json(await schedule.list(me)) }
    yield { path: 'mentions.json', bytes: jsonList(pagesOf(cursor => mentions.list(me, { limit, cursor }))) }
    const asked = pagesOf(cursor => joining.mine(me, { limit, cursor }))
    yield { path: 'join-requests.json', bytes: jsonList(asked) }
  }
}

const isGone = (error: unknown) => error instanceof AppError && error.status === 404

/** One item, or none where it is mine no more. */
async function whereMine<T>(ask: () => Promise<T>): Promise<T[]> {
  try {
    return [await ask()]
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

async function* whileMine<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* pages
  } catch (error) {
    if (!isGone(error)) throw error
  }
}
