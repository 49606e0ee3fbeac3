// The contract of members and roles: a part of the chats suite.
import { expect } from 'bun:test'
import type { ChatStore } from '../../../src/chats/store'
import { newId } from '../../../src/lib/ids'
import {
  membershipOf,
  atOnce,
  group,
  member,
  newGroup,
  pair,
  T1,
  text,
  withStores,
  type Open,
} from './samples'

const idsIn = async (chats: ChatStore, chat: string) =>
  (await membershipOf(chats, chat))?.members.map(each => each.user_id)

const rolesIn = async (chats: ChatStore, chat: string) =>
  (await membershipOf(chats, chat))?.members.map(each => each.role)

export function membersContract(open: Open) {
  addContract(open)
  removeContract(open)
  roleContract(open)
  lastOwnersContract(open)
}

function addContract(open: Open) {
  const it = withStores(open)

  it('tells who of many shares a chat with a person, as long as they do', async stores => {
    const { chats } = stores
    const [ann, bob, cleo, dan] = [newId(), newId(), newId(), newId()]
    const inGroup = await newGroup(stores, ann, bob)
    await newGroup(stores, bob, ann)
    const gone = await newGroup(stores, ann, cleo)
    await newGroup(stores, cleo, dan)
    const others = [bob, cleo, dan, newId()]
    expect((await chats.sharersOf(ann, others)).toSorted()).toEqual([bob, cleo].toSorted())
    expect(await chats.sharersOf(ann, [])).toEqual([])
    await chats.delete(gone)
    expect(await chats.sharersOf(ann, others)).toEqual([bob])
    await chats.removeMember(inGroup, bob)
    expect(await chats.sharersOf(ann, others)).toEqual([bob])
    expect(await chats.sharersOf(newId(), others)).toEqual([])
  })

  it('adds newcomers who start read up to the head', async ({ chats, messages }) => {
    const [ann, bob, cy] = [newId(), newId(), newId()]
    const { id } = await chats.createGroup(...group([ann]))
    await atOnce(3, () => messages.append(text(id, ann)))
    const added = await chats.addMembers(id, [member(bob, 'admin'), { ...member(cy), joined_at: T1 }], 10)
    const byId = added === null || added === 'too_many' ? [] : added.toSorted(byUser)
    expect(byId).toMatchObject([
      { chat_id: id, user_id: bob, role: 'admin', read_seq: 3, cleared_seq: 0, hidden: false },
      { chat_id: id, user_id: cy, role: 'member', read_seq: 3, joined_at: T1, muted_until: null },
    ])
    expect((await membershipOf(chats, id))?.members.slice(1)).toEqual(byId)
    expect((await chats.listed(bob, id))?.unread_count).toBe(0)
    expect((await chats.listed(bob, id))?.last_message).toMatchObject({ seq: 3 })
    expect(await chats.chatIdsOf(cy)).toEqual([id])
  })

  it('leaves those who are members already as they are', async ({ chats, messages }) => {
    const [ann, bob, cy] = [newId(), newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    await messages.append(text(id, ann))
    const before = await chats.listed(bob, id)
    expect(await chats.addMembers(id, [member(bob, 'owner'), member(cy)], 10)).toHaveLength(1)
    expect(await chats.addMembers(id, [member(bob, 'owner'), member(cy)], 10)).toEqual([])
    expect(await chats.listed(bob, id)).toEqual(before)
    expect(await idsIn(chats, id)).toEqual([ann, bob, cy])
  })

  it('refuses to grow past the limit and adds nobody', async ({ chats }) => {
    const [ann, bob, cy, dan] = [newId(), newId(), newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    expect(await chats.addMembers(id, [member(cy), member(dan)], 3)).toBe('too_many')
    expect(await idsIn(chats, id)).toEqual([ann, bob])
    expect(await chats.addMembers(id, [member(bob), member(cy)], 3)).toHaveLength(1)
    expect(await chats.addMembers(id, [member(bob), member(cy)], 3)).toEqual([])
    expect(await chats.addMembers(id, [member(dan)], 3)).toBe('too_many')
    expect(await chats.chatIdsOf(dan)).toEqual([])
  })

  it('keeps to the limit when 20 are added at once', async ({ chats }) => {
    const { id } = await chats.createGroup(...group([newId()]))
    const answers = await atOnce(20, () => chats.addMembers(id, [member(newId())], 11))
    expect(answers.filter(answer => answer === 'too_many')).toHaveLength(10)
    expect(await idsIn(chats, id)).toHaveLength(11)
  })

  it('adds a person once when asked many times at once', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann]))
    const answers = await atOnce(10, () => chats.addMembers(id, [member(bob)], 10))
    expect(answers.flatMap(answer => (Array.isArray(answer) ? answer : []))).toHaveLength(1)
    expect(await idsIn(chats, id)).toEqual([ann, bob])
  })

  it('answers null for an unknown chat', async ({ chats }) => {
    const bob = newId()
    expect(await chats.addMembers(newId(), [member(bob)], 10)).toBeNull()
    expect(await chats.chatIdsOf(bob)).toEqual([])
  })
}

const byUser = (a: { user_id: string }, b: { user_id: string }) => (a.user_id < b.user_id ? -1 : 1)

function removeContract(open: Open) {
  const it = withStores(open)

  it('takes a member out once', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    const answers = await atOnce(3, () => chats.removeMember(id, bob))
    expect(answers.toSorted()).toEqual(['absent', 'absent', 'removed'])
    expect(await chats.listed(bob, id)).toBeNull()
    expect(await chats.chatIdsOf(bob)).toEqual([])
    expect(await idsIn(chats, id)).toEqual([ann])
  })

  it('knows strangers and unknown chats as absent', async ({ chats }) => {
    const { id } = await chats.createGroup(...group([newId()]))
    expect(await chats.removeMember(id, newId())).toBe('absent')
    expect(await chats.removeMember(newId(), newId())).toBe('absent')
  })

  it('refuses the last owner while others stay', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    expect(await chats.removeMember(id, ann)).toBe('last_owner')
    expect(await idsIn(chats, id)).toEqual([ann, bob])
    await chats.setRole(id, bob, 'owner')
    expect(await chats.removeMember(id, ann)).toBe('removed')
  })

  it('lets the last of all members go, and the chat with them', async ({ chats, messages }) => {
    const ann = newId()
    const { id } = await chats.createGroup(...group([ann]))
    expect(await chats.removeMember(id, ann)).toBe('ended')
    expect(await chats.chatIdsOf(ann)).toEqual([])
    expect(await membershipOf(chats, id)).toBeNull()
    expect(await messages.append(text(id, ann))).toBeNull()
  })

  it('lets either one leave a private chat, which has no owners', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const { chat } = await chats.createPrivate(...pair(ann, bob))
    expect(await chats.removeMember(chat.id, ann)).toBe('removed')
    expect(await idsIn(chats, chat.id)).toEqual([bob])
  })

  it('takes a person who comes back for a newcomer', async ({ chats, messages }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    await messages.append(text(id, ann))
    await chats.clearFor(id, bob)
    await chats.removeMember(id, bob)
    await messages.append(text(id, ann))
    expect(await chats.addMembers(id, [member(bob)], 10)).toMatchObject([{ read_seq: 2, cleared_seq: 0 }])
  })
}

function roleContract(open: Open) {
  const it = withStores(open)

  it('changes a role, also to the one it is', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    expect(await chats.setRole(id, bob, 'admin')).toBe('changed')
    expect(await chats.setRole(id, bob, 'admin')).toBe('changed')
    expect(await chats.setRole(id, ann, 'owner')).toBe('changed')
    expect(await rolesIn(chats, id)).toEqual(['owner', 'admin'])
  })

  it('refuses to take the role from the last owner', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    expect(await chats.setRole(id, ann, 'admin')).toBe('last_owner')
    expect(await rolesIn(chats, id)).toEqual(['owner', 'member'])
    await chats.setRole(id, bob, 'owner')
    expect(await chats.setRole(id, ann, 'admin')).toBe('changed')
    expect(await rolesIn(chats, id)).toEqual(['admin', 'owner'])
  })

  it('knows strangers and unknown chats as absent', async ({ chats }) => {
    const { id } = await chats.createGroup(...group([newId()]))
    expect(await chats.setRole(id, newId(), 'owner')).toBe('absent')
    expect(await chats.setRole(newId(), newId(), 'owner')).toBe('absent')
  })
}

function lastOwnersContract(open: Open) {
  const it = withStores(open)
  const ways = {
    leave: (chats: ChatStore, id: string, who: string) => chats.removeMember(id, who),
    'step down': (chats: ChatStore, id: string, who: string) => chats.setRole(id, who, 'member'),
  }

  for (const [one, first] of Object.entries(ways)) {
    for (const [other, second] of Object.entries(ways)) {
      it(`refuses one of two last owners who ${one} and ${other} at once`, async ({ chats }) => {
        for (let round = 0; round < 10; round++) {
          const [ann, bob, cy] = [newId(), newId(), newId()]
          const { id } = await chats.createGroup(...group([ann, bob, cy]))
          await chats.setRole(id, bob, 'owner')
          const answers = await Promise.all([first(chats, id, ann), second(chats, id, bob)])
          expect(answers.filter(answer => answer === 'last_owner')).toHaveLength(1)
          expect((await rolesIn(chats, id))?.filter(role => role === 'owner')).toHaveLength(1)
        }
      })
    }
  }
}
