// What may become of a group when several people change it at once: some order of their edits has to explain it.

type Role = 'owner' | 'admin' | 'member'

/** Members by id. */
export type Roles = Map<string, Role>

export interface Done {
  does: 'add' | 'remove' | Role | 'leave'
  actor: string
  target: string
  status: number
}

const RANK = { member: 1, admin: 2, owner: 3 }

const hasOtherOwner = (roles: Roles, id: string) =>
  [...roles].some(([other, role]) => other !== id && role === 'owner')

/** Whether a member in this state may do it. */
function mayDo({ does, actor, target }: Done, roles: Roles): boolean {
  const [mine, theirs] = [roles.get(actor), roles.get(target)]
  if (!mine) return false
  if (does === 'leave' || (does === 'remove' && actor === target)) return true
  if (does === 'add') return RANK[mine] >= RANK.admin
  if (!theirs) return false
  if (does === 'remove') return RANK[mine] >= RANK.admin && (mine === 'owner' || RANK[mine] > RANK[theirs])
  return mine === 'owner'
}

/** The state afterwards; null: there is nothing to be done, or it would leave the group without an owner. */
function effectOf({ does, actor, target }: Done, roles: Roles): Roles | null {
  const next = new Map(roles)
  if (does === 'add') return roles.has(target) ? next : next.set(target, 'member')
  const concerned = does === 'leave' ? actor : target
  if (!roles.has(concerned)) return null
  if (does === 'remove' || does === 'leave') {
    if (roles.get(concerned) === 'owner' && !hasOtherOwner(roles, concerned) && roles.size > 1) return null
    next.delete(concerned)
    return next
  }
  if (roles.get(concerned) === 'owner' && does !== 'owner' && !hasOtherOwner(roles, concerned)) return null
  return next.set(concerned, does)
}

const isSame = (one: Roles, other: Roles) =>
  one.size === other.size && [...one].every(([id, role]) => other.get(id) === role)

/**
 * Whether some order of the edits leads from `before` to `after` with these answers. An edit is allowed by the rights at
 * some moment since it was asked for; its effect takes place at its turn, on the state of that moment. One that is
 * answered by 404 may have been done, where the one who asked, or is concerned, was gone when it was to be answered.
 */
export function possible(before: Roles, done: Done[], after: Roles): boolean {
  return search([before], done)

  function search(past: Roles[], left: Done[]): boolean {
    const state = past.at(-1) as Roles
    if (left.length === 0) return isSame(state, after)
    return left.some(each => {
      const others = left.filter(other => other !== each)
      return outcomes(each, past, state).some(next => search([...past, next], others))
    })
  }

  function outcomes(each: Done, past: Roles[], state: Roles): Roles[] {
    const mayHave = past.some(roles => mayDo(each, roles))
    const effect = mayHave ? effectOf(each, state) : null
    if (each.status === 200) return effect ? [effect] : []
    const wasRefused = effect === null || past.some(roles => !mayDo(each, roles))
    const refused = wasRefused || each.status !== 403 ? [state] : []
    return each.status === 404 && effect ? [...refused, effect] : refused
  }
}
