// One person as their sockets show them: online, away, or gone past a short break.
import type { Presence } from '../users/model'
import type { Socket } from './socket'

export interface Person {
  /** Those that are open; each knows whether it said `away`. A list, since a `Map` for mostly one takes ten times the room. */
  sockets: Socket[]
  /** When the last socket closed, by the clock (ms); null while one is open. */
  leftAt: number | null
  /** Ends the short break in which one who left may come back unnoticed. */
  parting: Timer | undefined
  /** That break is over. */
  gone: boolean
  /** What the sockets said when they were open last. */
  state: 'online' | 'away'
  /** How others were last told to see this person. */
  told: Presence
  /** What the person tells of their presence; null: not read yet. */
  tells: { invisible: boolean; hide_last_seen: boolean } | null
}

/** Somebody who has just come, of whom nobody has been told. */
export const newPerson = (): Person => ({
  sockets: [],
  leftAt: null,
  parting: undefined,
  gone: false,
  state: 'online',
  told: 'offline',
  tells: null,
})

/** After a socket came, left or said something: the person is what the most awake of their sockets is. */
export function weigh(person: Person) {
  clearTimeout(person.parting)
  person.gone = false
  if (person.sockets.length === 0) {
    person.leftAt = Date.now()
    return
  }
  person.leftAt = null
  person.state = person.sockets.every(({ data }) => data.away) ? 'away' : 'online'
}

/** Whoever left a moment ago is still what they were. */
export const stateOf = ({ gone, state }: Person): Presence => (gone ? 'offline' : state)

/** When a person who left did so; now for one who is there. */
export const seenAt = ({ leftAt }: Person): string => new Date(leftAt ?? Date.now()).toISOString()
