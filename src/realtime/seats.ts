// The open sockets: all of them, those of each person, and which dialects they speak.
import type { SocketDialect } from './dialect'
import type { Socket } from './socket'

const NONE: readonly Socket[] = []

export function createSeats() {
  const all = new Set<Socket>()
  /** Lists, since most people have one, for which a `Set` takes ten times the room; each is replaced, never changed. */
  const byUser = new Map<string, readonly Socket[]>()
  /** How many sockets speak each dialect. */
  const spoken = new Map<SocketDialect, number>()

  function unspeak(dialect: SocketDialect) {
    const others = (spoken.get(dialect) ?? 0) - 1
    if (others > 0) spoken.set(dialect, others)
    else spoken.delete(dialect)
  }

  const of = (userId: string): readonly Socket[] => byUser.get(userId) ?? NONE

  return {
    all: all as ReadonlySet<Socket>,
    of,

    /** The dialects that somebody speaks. */
    dialects: (): Iterable<SocketDialect> => spoken.keys(),

    take(ws: Socket) {
      const { caller, dialect } = ws.data
      all.add(ws)
      byUser.set(caller.user_id, [...of(caller.user_id), ws])
      spoken.set(dialect, (spoken.get(dialect) ?? 0) + 1)
    },

    /** Nothing happens where it has none. */
    leave(ws: Socket) {
      if (!all.delete(ws)) return
      const { caller, dialect } = ws.data
      unspeak(dialect)
      const others = of(caller.user_id).filter(other => other !== ws)
      if (others.length > 0) byUser.set(caller.user_id, others)
      else byUser.delete(caller.user_id)
    },
  }
}
