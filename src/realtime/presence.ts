// Who is online, by the sockets that are open here: over all devices and tabs of a person, and past short breaks.
import type { Events, PresenceChange } from '../events'
import type { Presence } from '../users/model'
import type { LivePresence } from '../users/presence'
import type { UserStore } from '../users/store'
import type { Report, Socket } from './socket'

export interface PresenceTimes {
  /** How long somebody whose last socket has closed may take to come back unnoticed. */
  graceMs: number
  /** Changes within this are told as one. */
  tellMs: number
}

export const PRESENCE_TIMES: PresenceTimes = { graceMs: 8_000, tellMs: 500 }

const RETRY_MS = 2_000
/** People whose `last_seen` is stored in one step. */
const SLICE = 500

interface Person {
  /** Open sockets, and whether each said `away`. */
  sockets: Map<Socket, boolean>
  /** When the last socket closed, by the clock (ms); null while one is open. */
  leftAt: number | null
  /** What the sockets said when they were open last. */
  state: 'online' | 'away'
  /** How others were last told to see this person. */
  told: Presence
  /** What the person tells of their presence; null: not read yet. */
  tells: { invisible: boolean; hide_last_seen: boolean } | null
}

export type PresenceState = ReturnType<typeof createPresence>

/**
 * Publishes how people are seen as it changes. A person is online while one of their sockets is open and has not
 * said `away`, away when all have, and offline `graceMs` after the last one closed.
 */
export function createPresence(
  store: Pick<UserStore, 'byIds' | 'seen'>,
  events: Events,
  report: Report,
  { graceMs, tellMs }: PresenceTimes = PRESENCE_TIMES,
) {
  const people = new Map<string, Person>()
  const changed = new Set<string>()
  let timer: Timer | undefined
  let telling = Promise.resolve()
  let stopped = false

  events.subscribe(event => {
    if (event.type !== 'visibility') return
    const person = people.get(event.user_id)
    if (!person) return
    const { invisible, hide_last_seen } = event
    person.tells = { invisible, hide_last_seen }
    change(event.user_id)
  })

  function change(userId: string) {
    changed.add(userId)
    wake(tellMs)
  }

  function wake(ms: number) {
    if (timer || stopped) return
    timer = setTimeout(() => {
      timer = undefined
      telling = telling.then(tellChanges).catch(retry)
    }, ms)
    timer.unref()
  }

  function retry(error: unknown) {
    report(error)
    wake(RETRY_MS)
  }

  async function tellChanges() {
    const ids = [...changed]
    changed.clear()
    try {
      await learn(ids)
      const changes = ids.flatMap(id => changeOf(id) ?? [])
      if (changes.length > 0) events.publish({ type: 'presence', changes })
      const left = ids.filter(isGone)
      await keep(left)
      for (const id of left) if (isGone(id)) people.delete(id)
    } catch (error) {
      // What has been told is not told again.
      for (const id of ids) changed.add(id)
      throw error
    }
  }

  /** What those tell of their presence who have just come. */
  async function learn(ids: string[]) {
    const unknown = ids.filter(id => people.get(id)?.tells === null)
    for (const slice of slicesOf(unknown)) {
      for (const { id, invisible, hide_last_seen } of await store.byIds(slice)) {
        const person = people.get(id)
        if (person) person.tells ??= { invisible, hide_last_seen }
      }
    }
  }

  /** What is to be told of a person, if it is anything new; from then on it has been told. */
  function changeOf(user_id: string): PresenceChange | null {
    const person = people.get(user_id)
    if (!person) return null
    const presence = person.tells?.invisible ? 'offline' : stateOf(person)
    if (presence === person.told) return null
    person.told = presence
    const isShown = presence === 'offline' && !person.tells?.hide_last_seen
    return { user_id, presence, last_seen: isShown ? timeOf(person.leftAt ?? Date.now()) : null }
  }

  const stateOf = ({ leftAt, state }: Person): Presence =>
    leftAt !== null && Date.now() - leftAt >= graceMs ? 'offline' : state

  function isGone(userId: string): boolean {
    const person = people.get(userId)
    return person !== undefined && person.sockets.size === 0 && stateOf(person) === 'offline'
  }

  /** Stores when these people were seen last: when they left, or now. */
  async function keep(ids: Iterable<string>) {
    const now = Date.now()
    for (const slice of slicesOf([...ids])) {
      const seen = slice.flatMap(id => {
        const person = people.get(id)
        return person && !person.tells?.invisible ? { id, at: timeOf(person.leftAt ?? now) } : []
      })
      if (seen.length > 0) await store.seen(seen)
      // Lets the loop serve the sockets between two slices.
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** The person is what the most awake of their sockets is. */
  function weigh(userId: string, person: Person) {
    if (person.sockets.size > 0) {
      person.leftAt = null
      person.state = [...person.sockets.values()].includes(false) ? 'online' : 'away'
    } else {
      person.leftAt = Date.now()
      setTimeout(() => change(userId), graceMs).unref()
    }
    change(userId)
  }

  const live: LivePresence = {
    of(userId) {
      const person = people.get(userId)
      const presence = person?.told ?? 'offline'
      if (!person || person.tells?.invisible || !isGone(userId)) return { presence }
      return { presence, last_seen: timeOf(person.leftAt as number) }
    },

    stateOf(userId) {
      const person = people.get(userId)
      return person ? stateOf(person) : 'offline'
    },

    isActive(userId) {
      const person = people.get(userId)
      return person !== undefined && person.leftAt === null && person.state === 'online'
    },
  }

  return {
    ...live,

    /** A socket has been greeted, and is active until it says otherwise. */
    enter(ws: Socket) {
      const { user_id } = ws.data.caller
      const nobody: Person = {
        sockets: new Map(),
        leftAt: null,
        state: 'online',
        told: 'offline',
        tells: null,
      }
      const person = people.get(user_id) ?? nobody
      people.set(user_id, person)
      person.sockets.set(ws, false)
      weigh(user_id, person)
    },

    /** What a socket says of its person; the same again changes nothing. */
    say(ws: Socket, presence: 'online' | 'away') {
      const { user_id } = ws.data.caller
      const person = people.get(user_id)
      const isAway = presence === 'away'
      if (!person?.sockets.has(ws) || person.sockets.get(ws) === isAway) return
      person.sockets.set(ws, isAway)
      weigh(user_id, person)
    },

    /** A socket has closed; one that never entered changes nothing. */
    leave(ws: Socket) {
      const { user_id } = ws.data.caller
      const person = people.get(user_id)
      if (person?.sockets.delete(ws)) weigh(user_id, person)
    },

    /** Whether somebody has a socket here, or had one a moment ago. */
    isHere: (userId: string): boolean => people.has(userId),

    /** Whether a person who is here keeps their own `last_seen` to themself: then they are not told of others'. */
    hidesLastSeen: (userId: string): boolean => people.get(userId)?.tells?.hide_last_seen ?? false,

    /** The sign-ins that have a socket open. */
    *sessions(): Iterable<string> {
      for (const { sockets } of people.values())
        for (const { data } of sockets.keys()) yield data.caller.session_id
    },

    /** Stores that those who are here were seen just now, so that a crash loses no more than the time since. */
    keepSeen: (): Promise<void> => keep(people.keys()),

    /** Tells no more, and stores when everybody was seen last. */
    async stop(): Promise<void> {
      stopped = true
      clearTimeout(timer)
      await telling
      await learn([...people.keys()])
      await keep(people.keys())
    },
  }
}

const timeOf = (ms: number) => new Date(ms).toISOString()

function slicesOf(ids: string[]): string[][] {
  const slices: string[][] = []
  for (let i = 0; i < ids.length; i += SLICE) slices.push(ids.slice(i, i + SLICE))
  return slices
}
