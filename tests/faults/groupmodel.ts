// What may become of a group when several people change it at once: some order of their edits has to explain it.
import type { Person } from '../support/people'

type Role = 'owner' | 'admin' | 'member'

/** Members by id. */
export type Roles = Map<string, Role>

export interface Done {
  does: 'add' | 'remove' | Role | 'leave' | 'hand over'
  actor: string
  target: string
  status: number
}

/** Does it over REST. */
export async function doIt(id: string, does: Done['does'], actor: Person, target: Person): Promise<Done> {
  const chat = actor.api.chats({ id })
  const member = chat.members({ user_id: target.id })
  const role = (role: Role) => () => member.patch({ role })
  const { status } = await {
    add: () => chat.members.post({ participants: [target.id] }),
    remove: () => member.delete(),
    owner: role('owner'),
    admin: role('admin'),
    member: role('member'),
    leave: () => chat.leave.post(),
    'hand over': () => chat.owner.post({ user_id: target.id }),
  }[does]()
  return { does, actor: actor.id, target: target.id, status }
}

const RANK = { member: 1, admin: 2, owner: 3 }

/** What it answers in this state, and the state afterwards. */
function outcomeOf({ does, actor, target }: Done, roles: Roles): { status: number; after: Roles } {
  const refused = (status: number) => ({ status, after: roles })
  const done = (...changes: [string, Role][]) => ({ status: 200, after: new Map([...roles, ...changes]) })
  const [mine, theirs] = [roles.get(actor), roles.get(target)]
  const isLastOwner = mine === 'owner' && [...roles.values()].filter(role => role === 'owner').length === 1

  if (!mine) return refused(404)
  if (does === 'leave' || (does === 'remove' && actor === target)) {
    if (isLastOwner && roles.size > 1) return refused(409)
    return { status: 200, after: new Map([...roles].filter(([id]) => id !== actor)) }
  }
  if (does === 'add') {
    if (RANK[mine] < RANK.admin) return refused(403)
    return theirs ? done() : done([target, 'member'])
  }
  if (does === 'remove') {
    if (RANK[mine] < RANK.admin) return refused(403)
    if (!theirs) return refused(404)
    if (mine !== 'owner' && RANK[mine] <= RANK[theirs]) return refused(403)
    return { status: 200, after: new Map([...roles].filter(([id]) => id !== target)) }
  }
  if (mine !== 'owner') return refused(403)
  if (!theirs) return refused(404)
  if (does === 'hand over') return done([target, 'owner'], [actor, 'admin'])
  return actor === target && does !== 'owner' && isLastOwner ? refused(409) : done([target, does])
}

const isSame = (one: Roles, other: Roles) =>
  one.size === other.size && [...one].every(([id, role]) => other.get(id) === role)

/** Whether some order of the edits, each judged by the roles that the one before it has left, leads from `before` to `after` with these answers. */
export function possible(before: Roles, done: Done[], after: Roles): boolean {
  if (done.length === 0) return isSame(before, after)
  return done.some(each => {
    const { status, after: next } = outcomeOf(each, before)
    const others = done.filter(other => other !== each)
    return status === each.status && possible(next, others, after)
  })
}
