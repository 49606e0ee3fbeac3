// Changes of a group's members, one after the other.
import { AppError } from '../lib/errors'
import { lanes } from '../lib/lanes'

/**
 * Returns `inTurn(chatId, step)`: steps of one chat do not overlap, so each is judged by the roles that the one before
 * it has left: of two owners who remove each other one is an owner no more when it is their turn.
 * Where the store fails a step (503), those that wait already fail with it: nobody waits for several answers that
 * do not come.
 */
export function turnsPerChat() {
  const inLane = lanes()
  let failed: { at: number; error: AppError } | undefined

  return function inTurn<T>(chatId: string, step: () => Promise<T>): Promise<T> {
    const asked = performance.now()
    return inLane(chatId, async () => {
      if (failed && asked < failed.at) throw failed.error
      try {
        return await step()
      } catch (error) {
        if (error instanceof AppError && error.status === 503) failed = { at: performance.now(), error }
        throw error
      }
    })
  }
}
