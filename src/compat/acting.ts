// Who acts in the older APIs that name a person in the request itself instead of asking for a sign-in.
import { isKey, type Keys } from '../admin/servicekeys'
import { bearerOf } from '../auth/guard'
import type { Sessions } from '../auth/sessions'
import { forbidden } from '../lib/errors'

export type Acting = ReturnType<typeof createActing>

/** A request carries the token of the person it names, or a service key, which may act for anyone. */
export function createActing(sessions: Sessions, keys: Keys) {
  return {
    /** The person named, for whom this request may act: 401 without a token, 403 where it is somebody else's. */
    async as(request: Request, userId: string): Promise<string> {
      const token = bearerOf(request)
      if (isKey(token)) return (await keys.actFor(token, userId, actionOf(request))).user_id
      const { user_id } = await sessions.caller(token)
      if (user_id !== userId) throw forbidden('somebody_else', 'This token is for somebody else.')
      return user_id
    },

    /** Who asks for what concerns nobody in particular: a person's id, or null for a service key. */
    async asker(request: Request): Promise<string | null> {
      const token = bearerOf(request)
      if (!isKey(token)) return (await sessions.caller(token)).user_id
      await keys.mustBeGood(token)
      return null
    },
  }
}

const actionOf = (request: Request) => `${request.method} ${new URL(request.url).pathname}`
