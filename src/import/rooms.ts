// Chats of an older service, as chats of this one: the private chat of a pair, and groups.
import { MAX_MEMBERS } from '../chats/model'
import type { ChatStore, NewMember } from '../chats/store'
import { nowIso } from '../lib/schema'
import { idFor } from './ids'
import type { Report } from './report'
import type { OldChat } from './source'

export interface Room {
  id: string
  isGroup: boolean
  members: string[]
}

export function createRooms(
  store: ChatStore,
  from: string,
  idOf: (name: string) => string | undefined,
  report: Report,
) {
  const rooms = new Map<string, Room | null>()

  async function carry(old: OldChat): Promise<Room | null> {
    const people = [...new Set(old.members)].map(idOf)
    const members = [...new Set(people.filter(id => id !== undefined))].slice(0, MAX_MEMBERS)
    if (people.includes(undefined)) report.leaveOut('member who is unknown', old.key)
    if (people.length > MAX_MEMBERS) report.leaveOut(`group of more than ${MAX_MEMBERS}: cut`, old.key)
    if (members.length === 0) return (report.leaveOut('chat without members', old.key), null)
    if (old.isGroup || members.length > 2) return carryGroup(old, members)
    if (people.includes(undefined))
      return (report.leaveOut('private chat with somebody unknown', old.key), null)
    return carryPrivate(old, members)
  }

  /** Two people have one private chat: where they talk here already, their old messages follow. */
  async function carryPrivate(old: OldChat, members: string[]): Promise<Room> {
    const chat = {
      ...newChat(old, members),
      chat_type: 'private' as const,
      group_name: null,
      group_avatar: null,
    }
    const { chat: stored, isNew } = await store.createPrivate(chat, members.map(asMember))
    if (isNew) report.counts.chats++
    return { id: stored.id, isGroup: false, members }
  }

  async function carryGroup(old: OldChat, members: string[]): Promise<Room> {
    const owner = (old.owner && idOf(old.owner)) ?? members[0]
    const chat = {
      ...newChat(old, members),
      chat_type: 'group' as const,
      group_name: old.name?.trim().slice(0, 100).toWellFormed() || 'Group',
      group_avatar: old.avatar && /^https:\/\/[^\s"<>]{1,2000}$/.test(old.avatar) ? old.avatar : null,
    }
    const [there] = await store.memberships([chat.id])
    if (!there) {
      const isOwned = members.includes(owner ?? '')
      const roles = members.map((id, i): NewMember => {
        return { ...asMember(id), role: (isOwned ? id === owner : i === 0) ? 'owner' : 'member' }
      })
      await store.createGroup(chat, roles)
      report.counts.chats++
    }
    return { id: chat.id, isGroup: true, members }
  }

  const newChat = ({ key, owner, created_at }: OldChat, members: string[]) => ({
    id: idFor(created_at ?? new Date(0), from, 'chat', key),
    created_by: (owner && idOf(owner)) ?? (members[0] as string),
    created_at: created_at?.toISOString() ?? nowIso(),
  })

  async function between(people: string[]): Promise<Room | null> {
    const members = [...new Set(people)].sort()
    const key = members.join(':')
    const known = rooms.get(key)
    if (known !== undefined) return known
    const room = await carry({
      key,
      isGroup: false,
      members,
      owner: null,
      name: null,
      avatar: null,
      created_at: null,
    })
    rooms.set(key, room)
    return room
  }

  return {
    async carryAll(chats: AsyncIterable<OldChat>): Promise<void> {
      for await (const old of chats) rooms.set(old.key, await carry(old))
    },

    find: async (chat: string | string[]): Promise<Room | null> =>
      typeof chat === 'string' ? (rooms.get(chat) ?? null) : between(chat),
  }
}

const asMember = (user_id: string): NewMember => ({ user_id, role: 'member', joined_at: nowIso() })
