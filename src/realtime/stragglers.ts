// Sockets whose sign-in expired, and those whose client reads too slowly to keep up.
import { CLOSE, LIMITS } from './limits'
import { sayBye, type Socket } from './socket'

const LOOK_MS = 100
/** Sockets looked at before everybody else has a turn: with tens of thousands, all at once would hold up what is sent. */
const LOOKED_AT_ONCE = 1_000

export const signOut = (ws: Socket) =>
  sayBye(ws, CLOSE.signedOut, 'Signed out, or the sign-in expired.', false)

/** Closes them as they are found, within some 100 ms. */
export function watchStragglers(sockets: ReadonlySet<Socket>) {
  let isLooking = false
  const timer = setInterval(() => void look(), LOOK_MS)
  timer.unref()

  async function look() {
    if (isLooking) return
    isLooking = true
    try {
      await lookAtAll(Date.now())
    } finally {
      isLooking = false
    }
  }

  async function lookAtAll(now: number) {
    let looked = 0
    for (const ws of sockets) {
      if (ws.data.caller.until <= now) signOut(ws)
      else if (ws.getBufferedAmount() > LIMITS.unsent_bytes)
        sayBye(ws, CLOSE.tooSlow, 'Reading too slowly.', true)
      if (++looked % LOOKED_AT_ONCE === 0) await new Promise(setImmediate)
    }
  }

  return { stop: () => clearInterval(timer) }
}
