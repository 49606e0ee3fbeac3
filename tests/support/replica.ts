// A client as an app would write it: keeps a copy of its chats, drops, comes back, and catches up by `sync`.
import { lineOf, type Frame, type Line } from './line'
import type { Person } from './people'

interface Copy {
  rev: number
  /** Loaded over REST up to here: live frames at or below are old news, not repeats. */
  loaded: number
  messages: Map<string, Frame>
}

export interface Replica {
  /** Opens a socket, and resolves with it once everything missed has been applied. */
  comeBack(): Promise<Line>
  /** Cuts the connection without a word. */
  drop(): void
  /** What was wrong with what came: holes and repeats; must stay empty. */
  faults: string[]
  /** How often it asked for what it had missed, where that is allowed. */
  readonly asked: number
  /** The copy of a chat: what was applied, by message id. */
  copyOf(chatId: string): Map<string, Frame>
  revOf(chatId: string): number
  chatIds(): string[]
}

interface Options {
  /** Hears every frame, too. */
  alsoHear?(frame: Frame): void
  /** A hole in what is told live is filled by asking, as after a store that failed, and is no fault. */
  mayMiss?: boolean
}

export function replicaOf(url: string, person: Person, { alsoHear, mayMiss = false }: Options = {}): Replica {
  const copies = new Map<string, Copy>()
  const hidden = new Set<string>()
  /** Chats that are being loaded: what is heard of them meanwhile waits. */
  const loading = new Map<string, { waiting: Frame[]; done: Promise<void> }>()
  const faults: string[] = []
  let mine = 0
  let asked = 0
  let at: number | undefined
  let line: Line | undefined

  const copy = (chatId: string): Copy => {
    const found = copies.get(chatId) ?? { rev: 0, loaded: 0, messages: new Map() }
    copies.set(chatId, found)
    return found
  }

  function apply(chatId: string, message: Frame) {
    if (!hidden.has(message.id)) copy(chatId).messages.set(message.id, message)
  }

  function hear(frame: Frame) {
    alsoHear?.(frame)
    if (frame.type === 'message') hearMessage(frame.message)
    else if (frame.type === 'changes') hearChanges(frame)
    else if (frame.type === 'chat_gone') copies.delete(frame.chat_id)
    else if (frame.type === 'chat') hearChat(frame.chat)
    else if (frame.type === 'resync') askFor(frame.chat_id)
    else if (frame.type === 'hidden') {
      hidden.add(frame.message_id)
      copy(frame.chat_id).messages.delete(frame.message_id)
    } else if (frame.type === 'synced') {
      mine = frame.mine
      at = frame.at
    }
  }

  /** A chat that is new to the client is loaded over REST, up to where it stands by then. */
  function hearChat({ id }: Frame) {
    if (!copies.has(id)) load(id)
  }

  function askFor(id: string) {
    asked++
    if (!loading.has(id)) load(id)
  }

  function load(id: string) {
    const known = copy(id)
    const waiting: Frame[] = []
    const loadAll = async () => {
      for (let more = true; more;) {
        const { data } = await person.api.chats({ id }).changes.get({ query: { since: known.rev } })
        for (const item of data?.items ?? []) apply(id, item as unknown as Frame)
        known.rev = data?.rev ?? known.rev
        more = data?.more ?? false
      }
      known.loaded = known.rev
      loading.delete(id)
      for (const message of waiting) hearMessage(message)
    }
    loading.set(id, { waiting, done: Promise.resolve() })
    loading.set(id, { waiting, done: loadAll() })
  }

  /** Live frames come in rising rev, without a gap. */
  function hearMessage(message: Frame) {
    const load = loading.get(message.chat_id)
    if (load) return void load.waiting.push(message)
    const known = copy(message.chat_id)
    if (message.rev <= known.loaded) return
    if (mayMiss && message.rev > known.rev + 1) {
      askFor(message.chat_id)
      return hearMessage(message)
    }
    if (message.rev !== known.rev + 1)
      faults.push(`${message.chat_id}: heard rev ${message.rev} at ${known.rev}`)
    known.rev = message.rev
    apply(message.chat_id, message)
  }

  function hearChanges({ chat_id, items, rev }: Frame) {
    const known = copy(chat_id)
    for (const item of items) {
      if (item.rev <= known.rev) faults.push(`${chat_id}: changes repeated rev ${item.rev} at ${known.rev}`)
      apply(chat_id, item)
    }
    known.rev = rev
  }

  return {
    faults,
    get asked() {
      return asked
    },
    async comeBack() {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?sync=1`, {
        headers: { authorization: `Bearer ${person.token}` },
      } as never)
      line = lineOf(socket, hear)
      await line.hears('hello')
      line.say({
        type: 'sync',
        chats: Object.fromEntries([...copies].map(([id, { rev }]) => [id, rev])),
        mine,
        at,
      })
      await line.hears('synced')
      await Promise.all([...loading.values()].map(({ done }) => done))
      return line
    },
    drop() {
      line?.socket.close()
      line?.deafen()
      line = undefined
    },
    copyOf: chatId => copies.get(chatId)?.messages ?? new Map(),
    revOf: chatId => copies.get(chatId)?.rev ?? 0,
    chatIds: () => [...copies.keys()],
  }
}
