// What people hear of each other: presence and profiles, each once however many chats they share.
import type { Circles } from '../chats/circle'
import type { Events, PresenceChange } from '../events'
import type { Users } from '../users/service'
import type { Hub } from './hub'
import type { PresenceState } from './presence'
import type { Report, Socket } from './socket'

export type News = ReturnType<typeof createNews>

/** Pieces of work after which the loop may serve the sockets. */
const AT_ONCE = 50

/**
 * Told to those who share a private chat or a small group with the person and have a socket here.
 * What comes within a moment is told together, one round after the other.
 */
export function createNews(
  circles: Circles,
  users: Users,
  presence: PresenceState,
  hub: Hub,
  events: Events,
  report: Report,
  tellMs: number,
) {
  const changes = new Map<string, PresenceChange>()
  const profiles = new Set<string>()
  const newcomers = new Set<Socket>()
  let rounds = Promise.resolve()
  let isWaiting = false

  events.subscribe(event => {
    if (event.type === 'presence') {
      for (const change of event.changes) changes.set(change.user_id, change)
      begin()
    } else if (event.type === 'profile') {
      profiles.add(event.user_id)
      soon()
    } else if (event.type === 'block') {
      rounds = rounds.then(() => part(event.user_id, event.blocked_id, event.on)).catch(report)
    }
  })

  function soon() {
    if (isWaiting) return
    isWaiting = true
    setTimeout(() => {
      isWaiting = false
      begin()
    }, tellMs).unref()
  }

  function begin() {
    rounds = rounds.then(tellAll).catch(report)
  }

  async function tellAll() {
    await tellNewcomers(taken(newcomers))
    await tellPresence([...changes.values()])
    await tellProfiles(taken(profiles))
  }

  /** What is seen of those who are here is read after the wait for the circle: what comes later is told later. */
  async function tellNewcomers(sockets: Socket[]) {
    for (const [i, ws] of sockets.entries()) {
      const circle = await circles.of(ws.data.caller.user_id, presence.isHere)
      const items = [...circle].flatMap(user_id => {
        const shown = presence.shown(user_id)
        return shown === 'offline' ? [] : { user_id, presence: shown, last_seen: null }
      })
      if (items.length > 0) hub.say(ws, JSON.stringify({ type: 'presences', items }))
      await breathe(i)
    }
  }

  async function tellPresence(news: PresenceChange[]) {
    changes.clear()
    const heard = new Map<string, PresenceChange[]>()
    for (const [i, change] of news.entries()) {
      for (const id of await circles.of(change.user_id, presence.isHere)) {
        const mine = heard.get(id)
        if (mine) mine.push(change)
        else heard.set(id, [change])
      }
      await breathe(i)
    }
    for (const [i, [userId, items]] of [...heard].entries()) {
      tellOne(userId, items)
      await breathe(i)
    }
  }

  function tellOne(userId: string, items: PresenceChange[]) {
    const shown = presence.hidesLastSeen(userId) ? items.map(item => ({ ...item, last_seen: null })) : items
    const [only] = shown
    const frame = shown.length === 1 ? { type: 'presence', ...only } : { type: 'presences', items: shown }
    hub.sayTo(userId, JSON.stringify(frame))
  }

  async function tellProfiles(userIds: string[]) {
    for (const [i, userId] of userIds.entries()) {
      const told = await users.told(userId)
      hub.sayTo(userId, frameOf(told.me))
      const [open, closed] = [frameOf(told.user), frameOf({ ...told.user, last_seen: null })]
      for (const id of await circles.of(userId, presence.isHere))
        hub.sayTo(id, presence.hidesLastSeen(id) ? closed : open)
      await breathe(i)
    }
  }

  /**
   * A block ends what the two see of each other: whoever seemed to be there seems to have left. Taken back,
   * they are there again. Who shares no chat hears nothing, and so learns nothing.
   */
  async function part(one: string, other: string, on: boolean) {
    if (!(await circles.areTogether(one, other))) return
    for (const [user_id, hearer] of [[one, other] as const, [other, one] as const]) {
      const shown = presence.shown(user_id)
      if (shown !== 'offline')
        tellOne(hearer, [{ user_id, presence: on ? 'offline' : shown, last_seen: null }])
    }
  }

  return {
    /** Tells a socket that has just been greeted who is online. */
    welcome(ws: Socket) {
      if (newcomers.size === 0) begin()
      newcomers.add(ws)
    },

    /** A socket has closed: there is nobody to tell. */
    forget(ws: Socket) {
      newcomers.delete(ws)
    },
  }
}

const frameOf = (user: object) => JSON.stringify({ type: 'user', user })

function taken<T>(set: Set<T>): T[] {
  const items = [...set]
  set.clear()
  return items
}

async function breathe(done: number) {
  if (done % AT_ONCE === AT_ONCE - 1) await new Promise(resolve => setImmediate(resolve))
}
