// Who may do what in a group: one table, asked by everyone and shown in the docs.
import { conflict, forbidden } from '../lib/errors'
import type { ChatType, Role, WhoMayWrite } from './model'

const RANK = { member: 1, admin: 2, owner: 3 } as const satisfies Record<Role, number>

interface Rule {
  /** The lowest role that may do it. */
  role: Role
  meaning: string
}

export const RULES = {
  write: { role: 'member', meaning: 'Write and edit messages (`admin` where `who_may_write` is `admins`)' },
  edit: { role: 'admin', meaning: 'Rename the group' },
  avatar: { role: 'admin', meaning: 'Change its picture' },
  settings: { role: 'admin', meaning: 'Say who may write and what newcomers see' },
  addMembers: { role: 'admin', meaning: 'Add members' },
  invite: { role: 'admin', meaning: 'Make, see and revoke links to join by' },
  approveJoins: { role: 'admin', meaning: 'See, approve and decline requests to join' },
  removeMembers: { role: 'admin', meaning: 'Remove members (owners and admins: by an owner)' },
  deleteOthers: { role: 'admin', meaning: "Delete others' messages for everyone" },
  pin: { role: 'admin', meaning: 'Pin messages' },
  mentionAll: { role: 'admin', meaning: 'Call everybody by `@all`' },
  changeRoles: { role: 'owner', meaning: 'Change roles, and hand the group over' },
  retention: { role: 'owner', meaning: 'Let messages expire' },
  delete: { role: 'owner', meaning: 'Delete the group' },
} as const satisfies Record<string, Rule>

export type Action = keyof typeof RULES

/** Whether the role suffices in a group. */
export const isAllowed = (action: Action, role: Role): boolean => RANK[role] >= RANK[RULES[action].role]

/** 409 in a private chat, whose two members and name never change; 403 below the role needed. */
export function mustBeAllowed(action: Action, chatType: ChatType, role: Role) {
  mustBeGroup(chatType)
  if (!isAllowed(action, role)) {
    throw forbidden('role_needed', `In this group that takes the role ${RULES[action].role}.`)
  }
}

export function mustBeGroup(chatType: ChatType) {
  if (chatType !== 'group') throw conflict('private_chat', 'That is for groups; this is a private chat.')
}

/** 403 for members of a group in which only admins write. */
export function mustBeAllowedToWrite({ who_may_write }: { who_may_write: WhoMayWrite }, role: Role) {
  if (who_may_write === 'admins' && role === 'member') {
    throw forbidden('only_admins_write', 'Only owners and admins write in this group.')
  }
}

/** Owners remove anyone, admins remove members: 403 otherwise. */
export function mustOutrank(remover: Role, removed: Role) {
  if (remover !== 'owner' && RANK[remover] <= RANK[removed]) {
    throw forbidden('role_needed', 'Only an owner may remove owners and admins.')
  }
}

/** The table in Markdown, with a column per role. */
export function rulesTable(): string {
  const roles = ['member', 'admin', 'owner'] as const
  const rows = Object.values(RULES).map(({ role, meaning }: Rule) => {
    const marks = roles.map(each => (RANK[each] >= RANK[role] ? 'yes' : ''))
    return `| ${[meaning, ...marks].join(' | ')} |`
  })
  return [`| In a group | ${roles.join(' | ')} |`, '| --- | --- | --- | --- |', ...rows].join('\n')
}
