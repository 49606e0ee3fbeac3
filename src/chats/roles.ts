// Who may do what in a chat: one table, asked by everyone.
import { conflict, forbidden } from '../lib/errors'
import type { ChatType, Role } from './model'

const RANK = { member: 1, admin: 2, owner: 3 } as const satisfies Record<Role, number>

/** The lowest role that may do it in a group. */
const NEEDED = {
  edit: 'admin',
  addMembers: 'admin',
  removeMembers: 'admin',
  changeRoles: 'owner',
  delete: 'owner',
  retention: 'owner',
  deleteOthers: 'admin',
  pin: 'admin',
  mentionAll: 'admin',
} as const satisfies Record<string, Role>

/** Whether the role suffices in a group. */
export const isAllowed = (action: Action, role: Role): boolean => RANK[role] >= RANK[NEEDED[action]]

export type Action = keyof typeof NEEDED

/** 409 in a private chat, whose two members and name never change; 403 below the role needed. */
export function mustBeAllowed(action: Action, chatType: ChatType, role: Role) {
  mustBeGroup(chatType)
  if (!isAllowed(action, role)) {
    throw forbidden('role_needed', `In this group that takes the role ${NEEDED[action]}.`)
  }
}

export function mustBeGroup(chatType: ChatType) {
  if (chatType !== 'group') throw conflict('private_chat', 'That is for groups; this is a private chat.')
}

/** Owners remove anyone, admins remove members: 403 otherwise. */
export function mustOutrank(remover: Role, removed: Role) {
  if (remover !== 'owner' && RANK[remover] <= RANK[removed]) {
    throw forbidden('role_needed', 'Only an owner may remove owners and admins.')
  }
}
