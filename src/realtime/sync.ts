// Catching up: everything a client missed, chat by chat, while live events wait.
import type { Caller } from '../auth/sessions'
import type { Chats } from '../chats/service'
import type { Joining } from '../chats/joining'
import type { Mine } from '../chats/mine'
import type { Standing } from '../chats/store'
import { AppError } from '../lib/errors'
import type { ChangeLog } from '../messages/changes'
import type { Message } from '../messages/model'
import type { Blocks } from '../users/blocks'
import type { Hub } from './hub'
import { tell, type Socket } from './socket'

/** Further behind than this a chat is loaded anew instead. */
const TOO_FAR = 10_000

/** While more than this waits to be read, the next page waits too. */
const MAX_UNREAD_BYTES = 128 * 1024
const MAX_FRAME_BYTES = 128 * 1024

/** So long a write may be on its way, and so far the clocks of nodes may differ: what moved then is told again. */
const MARGIN_MS = 15_000

export interface Known {
  /** By chat: the `rev` up to which the client knows everything. */
  chats: Record<string, number>
  /** The number of `synced` up to which the client knows what is its own; absent: nothing yet. */
  mine?: number
  /** The `at` of `synced` since when the client has heard of chats and positions; absent: it asks for messages alone. */
  at?: number
  /** The epoch under which all these numbers were given; absent: not known, and taken for the one of now. */
  epoch?: string
}

export function createSync(
  chats: Chats,
  mine: Mine,
  joining: Joining,
  blocks: Blocks,
  changes: ChangeLog,
  hub: Hub,
) {
  /** The pages of one chat; answers the `rev` that the client is at then. */
  async function catchUp(ws: Socket, me: string, chatId: string, from: number): Promise<number> {
    for (let since = from; ;) {
      const { items, rev, more } = await changes.since(me, chatId, since)
      for (const part of rev > since ? partsOf(items, rev) : []) {
        tell(ws, { type: 'changes', chat_id: chatId, ...part, more: more || part.rev < rev })
        await drained(ws)
      }
      since = rev
      if (!more || ws.data.closing) return since
    }
  }

  /** What became of one chat; answers the `rev` that the client is at then. */
  async function level(
    ws: Socket,
    me: string,
    id: string,
    known: number | undefined,
    rev: number,
    isVoid: boolean,
  ): Promise<number> {
    if (known === undefined) {
      tell(ws, { type: 'chat', chat: await chats.view(me, id) })
      return rev
    }
    if (isVoid || rev - known > TOO_FAR || (known > rev && (await changes.isAhead(id, known)))) {
      tell(ws, { type: 'reset', chat_id: id })
      return rev
    }
    return known === rev ? rev : catchUp(ws, me, id, known)
  }

  return async function sync(ws: Socket, { user_id: me }: Caller, known: Known): Promise<void> {
    hub.hold(ws)
    const at = Date.now() - MARGIN_MS
    const epoch = changes.epoch()
    const isVoid = known.epoch !== undefined && known.epoch !== epoch
    // One that I deleted for me is on no list until somebody writes.
    const standings = (await chats.standingsOf(me)).filter(({ hidden }) => !hidden)
    const ids = new Set(standings.map(({ id }) => id))
    for (const chat_id of Object.keys(known.chats))
      if (!ids.has(chat_id)) tell(ws, { type: 'chat_gone', chat_id })
    const levels = new Map<string, number>()
    for (const { id, rev } of standings) {
      const reached = await level(ws, me, id, known.chats[id], rev, isVoid).catch(error =>
        giveUp(ws, id, error),
      )
      if (reached !== undefined) levels.set(id, reached)
    }
    // A time ahead of ours was given before the clock was set back: what changed since then may carry an earlier one.
    const since = known.at !== undefined && known.at > at + MARGIN_MS ? 0 : known.at
    if (since !== undefined && !isVoid) await tellOfOthers(ws, me, known, standings, since)
    const no = await tellMine(ws, me, isVoid ? 0 : (known.mine ?? 0))
    for (const waiting of await joining.waitingFor(standings)) tell(ws, { type: 'join_requests', ...waiting })
    const blocked = await blocks.idsOf(me)
    // What was read above may be told live only now: it has to wait with the rest, or it would come twice.
    await changes.told()
    await hub.renew(ws, id => viewed(ws, me, id))
    tell(ws, { type: 'synced', mine: no, at, epoch, blocked })
    hub.release(ws, levels)
  }

  /** Chats that the client knew, as they are now where they changed, and how far others have read since. */
  async function tellOfOthers(
    ws: Socket,
    me: string,
    { chats: known }: Known,
    standings: Standing[],
    since: number,
  ) {
    const here = standings.filter(({ id }) => known[id] !== undefined)
    for (const { id, updated_at } of here) {
      if (Date.parse(updated_at) < since) continue
      const chat = await chats.view(me, id).catch(error => giveUp(ws, id, error))
      if (chat) tell(ws, { type: 'chat', chat })
      await drained(ws)
    }
    const ids = here.map(({ id }) => id)
    for (const { read_seq, delivered_seq, ...who } of await chats.positionsSince(me, ids, since)) {
      tell(ws, { type: 'read', ...who, seq: read_seq })
      if (delivered_seq > read_seq) tell(ws, { type: 'delivered', ...who, seq: delivered_seq })
      await drained(ws)
    }
  }

  /** A chat that waits to be told, as it is now; null where it cannot be told, or is mine no more. */
  async function viewed(ws: Socket, me: string, id: string): Promise<string | null> {
    const chat = await chats.view(me, id).catch(error => giveUp(ws, id, error))
    return chat ? ws.data.dialect.showFrame({ type: 'chat', chat }) : null
  }

  async function tellMine(ws: Socket, me: string, since: number): Promise<number> {
    hub.dropMine(ws)
    const { no, chats: moved, hidden } = await mine.movedSince(me, since)
    for (const { chat_id, my } of moved) tell(ws, { type: 'my', chat_id, my })
    for (const message of hidden) tell(ws, { type: 'hidden', ...message })
    return no
  }
}

/** A chat left meanwhile is told of by the event that waits; of one that cannot be read the client asks again. */
function giveUp(ws: Socket, chat_id: string, error: unknown) {
  if (!(error instanceof AppError)) throw error
  if (error.status !== 404) tell(ws, { type: 'resync', chat_id })
}

/** A page of long messages goes out in several frames: the last one brings the reader to the page's `rev`. */
function partsOf(items: Message[], rev: number): { items: Message[]; rev: number }[] {
  const parts: Message[][] = []
  let bytes = Infinity
  for (const item of items) {
    bytes += JSON.stringify(item).length
    if (bytes > MAX_FRAME_BYTES) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)?.push(item)
  }
  if (parts.length === 0) parts.push([])
  return parts.map((part, i) => ({
    items: part,
    rev: i === parts.length - 1 ? rev : (part.at(-1)?.rev ?? rev),
  }))
}

/** Lets a slow reader read; one who never does is closed by the hub. */
async function drained(ws: Socket) {
  while (ws.getBufferedAmount() > MAX_UNREAD_BYTES && !ws.data.closing) await Bun.sleep(10)
}
