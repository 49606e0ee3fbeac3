// The contract of the chats port, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import {
  membershipOf,
  atOnce,
  group,
  member,
  oddTexts,
  pair,
  T0,
  text,
  untouched,
  withStores,
  type Open,
} from './samples'
import { chatDeleteContract } from './chatdelete'
import { chatEditsContract } from './chatedits'
import { chatListContract } from './chatlist'
import { circleContract } from './circle'
import { groupRulesContract } from './grouprules'
import { membersContract } from './members'
import { unreadContract } from './unread'

export function chatsContract(open: Open) {
  describe('chats', () => {
    privateContract(open)
    groupContract(open)
    chatEditsContract(open)
    chatDeleteContract(open)
    membersContract(open)
    chatListContract(open)
    circleContract(open)
    groupRulesContract(open)
    unreadContract(open)
  })
}

const fresh = {
  last_seq: 0,
  rev: 0,
  activity_at: T0,
  retention_seconds: null,
  expired_seq: 0,
  who_may_write: 'all' as const,
  history_for_newcomers: 'all' as const,
  updated_at: T0,
}

function privateContract(open: Open) {
  const it = withStores(open)

  it('stores a private chat of two', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const [chat, members] = pair(ann, bob)
    const stored = { ...chat, ...fresh }
    expect(await chats.createPrivate(chat, members)).toEqual({ chat: stored, isNew: true })
    expect(await membershipOf(chats, chat.id)).toEqual({
      chat: stored,
      members: [ann, bob].map(id => ({ chat_id: chat.id, ...member(id), ...untouched })),
    })
  })

  it('finds the private chat that the same two have, from either side', async ({ chats }) => {
    const [ann, bob, cy] = [newId(), newId(), newId()]
    const first = await chats.createPrivate(...pair(ann, bob))
    expect(await chats.createPrivate(...pair(ann, bob))).toEqual({ ...first, isNew: false })
    expect(await chats.createPrivate(...pair(bob, ann))).toEqual({ ...first, isNew: false })
    expect((await chats.createPrivate(...pair(ann, cy))).isNew).toBeTrue()
    expect((await chats.createPrivate(...pair(cy, bob))).isNew).toBeTrue()
  })

  it('looks a private chat up without making one', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    expect(await chats.privateOf([ann, bob])).toBeNull()
    const { chat } = await chats.createPrivate(...pair(ann, bob))
    expect(await chats.privateOf([ann, bob])).toBe(chat.id)
    expect(await chats.privateOf([bob, ann])).toBe(chat.id)
    expect(await chats.privateOf([ann])).toBeNull()
    const { chat: notes } = await chats.createPrivate(...pair(ann))
    expect(await chats.privateOf([ann])).toBe(notes.id)
    expect(await chats.privateOf([bob])).toBeNull()
  })

  it('stores a private chat of one person with themself, once', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    await chats.createPrivate(...pair(ann, bob))
    const alone = await chats.createPrivate(...pair(ann))
    expect(alone.isNew).toBeTrue()
    expect(await chats.createPrivate(...pair(ann))).toEqual({ ...alone, isNew: false })
    expect((await membershipOf(chats, alone.chat.id))?.members).toHaveLength(1)
  })

  it('makes one chat of 50 calls at once from both sides', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const answers = await atOnce(50, i => chats.createPrivate(...(i % 2 ? pair(ann, bob) : pair(bob, ann))))
    expect(new Set(answers.map(answer => answer.chat.id)).size).toBe(1)
    expect(answers.filter(answer => answer.isNew)).toHaveLength(1)
    expect(await chats.chatIdsOf(ann)).toHaveLength(1)
    expect((await membershipOf(chats, answers[0]?.chat.id ?? ''))?.members).toHaveLength(2)
  })

  it('does not change a chat that was found', async ({ chats, messages }) => {
    const [ann, bob] = [newId(), newId()]
    const { chat } = await chats.createPrivate(...pair(ann, bob))
    await messages.append(text(chat.id, ann))
    await chats.clearFor(chat.id, bob)
    const before = await membershipOf(chats, chat.id)
    const again = await chats.createPrivate(...pair(bob, ann))
    expect(await membershipOf(chats, chat.id)).toEqual(before)
    expect(before?.chat).toEqual(again.chat)
  })

  it('stores a new one after the old one was deleted', async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const { chat } = await chats.createPrivate(...pair(ann, bob))
    await chats.delete(chat.id)
    const next = await chats.createPrivate(...pair(ann, bob))
    expect(next.isNew).toBeTrue()
    expect(await chats.chatIdsOf(ann)).toEqual([next.chat.id])
  })
}

function groupContract(open: Open) {
  const it = withStores(open)

  it('stores a group with all its members, ordered by their ids', async ({ chats }) => {
    const people = Array.from({ length: 30 }, () => newId())
    const [chat, members] = group(people.toReversed(), {
      group_name: oddTexts['an SQL injection'],
      group_avatar: 'https://example.com/g.png',
    })
    const stored = { ...chat, ...fresh }
    expect(await chats.createGroup(chat, members)).toEqual(stored)
    const membership = await membershipOf(chats, chat.id)
    expect(membership?.chat).toEqual(stored)
    expect(membership?.members.map(each => each.user_id)).toEqual(people)
    expect(membership?.members.at(-1)).toEqual({ chat_id: chat.id, ...untouched, ...members[0]! })
  })

  it('lets the same people have many groups', async ({ chats }) => {
    const people = [newId(), newId()]
    await atOnce(5, () => chats.createGroup(...group(people)))
    expect(await chats.chatIdsOf(people[1] ?? '')).toHaveLength(5)
  })

  it('shows a group with all its members or not at all', async ({ chats }) => {
    const [chat, members] = group(Array.from({ length: 100 }, () => newId()))
    const creating = chats.createGroup(chat, members)
    for (let i = 0; i < 20; i++) expect([undefined, 100]).toContain(await sizeOf())
    await creating
    expect(await sizeOf()).toBe(100)

    async function sizeOf() {
      return (await membershipOf(chats, chat.id))?.members.length
    }
  })

  it('answers many memberships at once and leaves out unknown ones', async ({ chats }) => {
    const ann = newId()
    const created = await atOnce(3, () => chats.createGroup(...group([ann, newId()])))
    const found = await chats.memberships([newId(), ...created.map(chat => chat.id)])
    const byId = found.toSorted((a, b) => (a.chat.id < b.chat.id ? -1 : 1))
    expect(byId.map(each => each.chat)).toEqual(created)
    for (const each of found) expect(await membershipOf(chats, each.chat.id)).toEqual(each)
    expect(await chats.memberships([])).toEqual([])
    expect(await membershipOf(chats, newId())).toBeNull()
  })
}
