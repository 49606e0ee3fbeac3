// What people hear of each other: presence and profiles, each once however many chats they share.
import type { Circles } from '../chats/circle'
import type { Events, PresenceChange } from '../events'
import { turns } from '../lib/turns'
import type { Walls } from '../users/walls'
import type { Users } from '../users/service'
import type { Hub } from './hub'
import type { PresenceState } from './presence'
import type { Report, Socket } from './socket'

export type News = ReturnType<typeof createNews>

/** A change as the part of a frame that it becomes, made once for all who hear it: with `last_seen`, and without. */
interface Item {
  open: string
  closed: string
}

/**
 * Told to those who share a private chat or a small group with the person and have a socket here.
 * What comes within a moment is told together, one round after the other.
 */
export function createNews(
  circles: Circles,
  walls: Walls,
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
  const nextPiece = turns()
  let rounds = Promise.resolve()
  let isWaiting = false

  events.subscribe(event => {
    if (event.type === 'presence') {
      for (const change of event.changes) changes.set(change.user_id, change)
      begin(tellAll)
    } else if (event.type === 'profile') {
      profiles.add(event.user_id)
      soon()
    } else if (event.type === 'block') {
      begin(() => part(event.user_id, event.blocked_id, event.on))
    }
  })

  function begin(round: () => Promise<void>) {
    rounds = rounds.then(round).catch(report)
  }

  function soon() {
    if (isWaiting) return
    isWaiting = true
    setTimeout(() => {
      isWaiting = false
      begin(tellAll)
    }, tellMs).unref()
  }

  async function tellAll() {
    await tellNewcomers(taken(newcomers))
    const news = [...changes.values()]
    changes.clear()
    await tellPresence(news)
    await tellProfiles(taken(profiles))
  }

  /** What was told of those who are here is read after the wait for the circle: what comes later is told later. */
  async function tellNewcomers(sockets: Socket[]) {
    for (const ws of sockets) {
      const items: string[] = []
      for (const user_id of await circles.of(ws.data.caller.user_id, presence.isHere)) {
        const told = presence.of(user_id).presence
        if (told !== 'offline') items.push(itemOf({ user_id, presence: told, last_seen: null }).open)
      }
      if (items.length > 0) hub.say(ws, 'presences', listOf(items))
      await nextPiece()
    }
  }

  async function tellPresence(news: PresenceChange[]) {
    const heard = new Map<string, Item[]>()
    for (const change of news) {
      const item = itemOf(change)
      for (const id of await circles.of(change.user_id, presence.isHere)) {
        const mine = heard.get(id)
        if (mine) mine.push(item)
        else heard.set(id, [item])
      }
      await nextPiece()
    }
    for (const [userId, items] of heard) {
      tellOne(userId, items)
      await nextPiece()
    }
  }

  function tellOne(userId: string, items: Item[]) {
    const side = presence.hidesLastSeen(userId) ? 'closed' : 'open'
    const [only] = items
    if (items.length === 1 && only) hub.sayTo(userId, 'presence', `{"type":"presence",${only[side].slice(1)}`)
    else hub.sayTo(userId, 'presences', listOf(items.map(item => item[side])))
  }

  async function tellProfiles(userIds: string[]) {
    for (const userId of userIds) {
      const told = await users.told(userId)
      hub.sayTo(userId, 'user', userFrame(told.me))
      const [open, closed] = [userFrame(told.user), userFrame({ ...told.user, last_seen: null })]
      for (const id of await circles.of(userId, presence.isHere))
        hub.sayTo(id, 'user', presence.hidesLastSeen(id) ? closed : open)
      await nextPiece()
    }
  }

  /**
   * A block ends what the two see of each other: whoever seemed to be there seems to have left. Taken back,
   * they are there again. Who shares no chat hears nothing, and so learns nothing; neither do two whom a block
   * of the other's keeps apart all the while.
   */
  async function part(one: string, other: string, on: boolean) {
    if ((await walls.between(other, one)) === 'mine') return
    if (!(await circles.areTogether(one, other))) return
    for (const [user_id, hearer] of [[one, other] as const, [other, one] as const]) {
      const told = presence.of(user_id).presence
      if (told === 'offline') continue
      tellOne(hearer, [itemOf({ user_id, presence: on ? 'offline' : told, last_seen: null })])
    }
  }

  return {
    /** Tells a socket that has just been greeted who is online. */
    welcome(ws: Socket) {
      if (newcomers.size === 0) begin(tellAll)
      newcomers.add(ws)
    },

    /** A socket has closed: there is nobody to tell. */
    forget(ws: Socket) {
      newcomers.delete(ws)
    },
  }
}

function itemOf(change: PresenceChange): Item {
  const open = JSON.stringify(change)
  return { open, closed: change.last_seen === null ? open : JSON.stringify({ ...change, last_seen: null }) }
}

const listOf = (items: string[]) => `{"type":"presences","items":[${items.join(',')}]}`

const userFrame = (user: object) => JSON.stringify({ type: 'user', user })

function taken<T>(set: Set<T>): T[] {
  const items = [...set]
  set.clear()
  return items
}
