// Who holds a token.
import type { Events } from '../events'
import { unauthorized } from '../lib/errors'
import { recent } from '../lib/recent'
import type { AuthStore } from './store'
import type { Claims, Tokens } from './tokens'

/** Who asks: the person, their sign-in, and until when (ms since the epoch) it is known to be good. */
export interface Caller {
  user_id: string
  session_id: string
  until: number
  /** Set where a service key acts for the person; `session_id` is then the id of the key. */
  by_key?: true
}

/** Whether a service key is still good for a person. */
export type KeyStands = (keyId: string, userId: string) => Promise<boolean>

/** Tokens that were checked before are remembered: a request costs a look-up instead of a signature and a read. */
export function createHolders(store: AuthStore, tokens: Tokens, events: Events, keyStands: KeyStands) {
  const checked = {
    access: recent<Caller>(100_000),
    files: recent<Caller>(20_000),
  }
  type Kind = keyof typeof checked
  let endings = 0

  events.subscribe(event => {
    if (event.type === 'erased') forget(({ user_id }) => user_id === event.user_id)
    if (event.type !== 'sessions_ended') return
    const ended = new Set(event.session_ids)
    forget(({ session_id }) => ended.has(session_id))
  })

  function forget(hasEnded: (caller: Caller) => boolean) {
    endings++
    for (const callers of Object.values(checked)) {
      for (const [token, caller] of callers.entries()) if (hasEnded(caller)) callers.delete(token)
    }
  }

  async function verify(token: string, kind: Kind): Promise<Caller> {
    const before = endings
    const claims = await tokens.check(token, kind)
    if (!claims || !(await isOf(claims, kind)))
      throw unauthorized('bad_token', 'The token is not good, or no more.')
    const caller = { user_id: claims.sub, session_id: claims.sid, until: claims.exp * 1000 }
    // A sign-out may have come while the store was asked: then the next request asks again.
    if (before === endings) checked[kind].set(token, caller)
    return caller
  }

  /** Of a session that stands; a ticket may also be of a service key. */
  async function isOf({ sid, sub }: Claims, kind: Kind): Promise<boolean> {
    const session = await store.session(sid)
    return session ? session.user_id === sub : kind === 'files' && keyStands(sid, sub)
  }

  /** Without a wait, where it was checked before; null otherwise. */
  function known(token: string, kind: Kind): Caller | null {
    const caller = checked[kind].get(token)
    return caller && caller.until > Date.now() ? caller : null
  }

  return {
    known,

    /** 401 where the token is not good. */
    of: async (token: string, kind: Kind): Promise<Caller> => known(token, kind) ?? verify(token, kind),
  }
}
