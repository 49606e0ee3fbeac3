// Who is online, by the sockets that are open here: over all devices and tabs of a person, and past short breaks.
import type { Events, PresenceChange } from '../events'
import type { LivePresence } from '../users/presence'
import type { UserStore } from '../users/store'
import { newPerson, seenAt, stateOf, weigh, type Person } from './person'
import type { Report, Socket } from './socket'

export interface PresenceTimes {
  /** How long somebody whose last socket has closed may take to come back unnoticed. */
  graceMs: number
  /** Changes within this are told as one. */
  tellMs: number
}

export const PRESENCE_TIMES: PresenceTimes = { graceMs: 8_000, tellMs: 500 }

const RETRY_MS = 2_000
/** People who are read or stored in one step. */
const SLICE = 500

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
    return { user_id, presence, last_seen: isShown ? seenAt(person) : null }
  }

  function isGone(userId: string): boolean {
    return people.get(userId)?.gone ?? false
  }

  /** Stores when these people were seen last: when they left, or now. */
  async function keep(ids: string[]) {
    for (const slice of slicesOf(ids)) {
      const seen = slice.flatMap(id => {
        const person = people.get(id)
        return person && !person.tells?.invisible ? { id, at: seenAt(person) } : []
      })
      if (seen.length > 0) await store.seen(seen)
      // Lets the loop serve the sockets between two slices.
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  function move(userId: string, person: Person) {
    weigh(person)
    if (person.leftAt !== null) person.parting = setTimeout(() => depart(userId, person), graceMs).unref()
    change(userId)
  }

  /** By a timer alone: the clock may be set back, and may lag behind the timer. */
  function depart(userId: string, person: Person) {
    person.gone = true
    change(userId)
  }

  const live: LivePresence = {
    of(userId) {
      const person = people.get(userId)
      const presence = person?.told ?? 'offline'
      const isStored = !person || person.tells?.invisible || !isGone(userId)
      return isStored ? { presence } : { presence, last_seen: seenAt(person) }
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
      const person = people.get(user_id) ?? newPerson()
      people.set(user_id, person)
      ws.data.away = false
      person.sockets.push(ws)
      move(user_id, person)
    },

    /** What a socket says of its person; the same again changes nothing. */
    say(ws: Socket, presence: 'online' | 'away') {
      const { user_id } = ws.data.caller
      const person = people.get(user_id)
      const away = presence === 'away'
      if (!person?.sockets.includes(ws) || ws.data.away === away) return
      ws.data.away = away
      move(user_id, person)
    },

    /** A socket has closed; one that never entered changes nothing. */
    leave(ws: Socket) {
      const { user_id } = ws.data.caller
      const person = people.get(user_id)
      if (!person?.sockets.includes(ws)) return
      person.sockets = person.sockets.filter(other => other !== ws)
      move(user_id, person)
    },

    /** Whether somebody has a socket here, or had one a moment ago. */
    isHere: (userId: string): boolean => people.has(userId),

    /**
     * Whether a person who is here keeps their own `last_seen` to themself: then they are not told of others'.
     * So are those who have just come, of whom it is not known yet.
     */
    hidesLastSeen: (userId: string): boolean => people.get(userId)?.tells?.hide_last_seen ?? true,

    /** The sign-ins that have a socket open. */
    *sessions(): Iterable<string> {
      for (const { sockets } of people.values()) for (const { data } of sockets) yield data.caller.session_id
    },

    /** Stores that those who are here were seen just now, so that a crash loses no more than the time since. */
    keepSeen: (): Promise<void> => keep([...people.keys()]),

    /** Tells no more, and stores when everybody was seen last. */
    async stop(): Promise<void> {
      stopped = true
      clearTimeout(timer)
      await telling
      await learn([...people.keys()])
      await keep([...people.keys()])
    },
  }
}

function slicesOf(ids: string[]): string[][] {
  const slices: string[][] = []
  for (let i = 0; i < ids.length; i += SLICE) slices.push(ids.slice(i, i + SLICE))
  return slices
}
