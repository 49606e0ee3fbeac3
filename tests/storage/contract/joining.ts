// The contract of links to join by, and of requests to be let in.
import { describe, expect } from 'bun:test'
import type { InviteRecord } from '../../../src/chats/joining.store'
import { newId } from '../../../src/lib/ids'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, member, membershipOf, newGroup, T0, T1, T2, text, withStores, type Open } from './samples'

const invite = (chat_id: string, more: Partial<InviteRecord> = {}): InviteRecord => ({
  code: newId(),
  chat_id,
  created_by: newId(),
  created_at: T0,
  expires_at: null,
  max_uses: null,
  uses: 0,
  needs_approval: false,
  ...more,
})

/** A link of this chat, stored. */
async function linkTo({ invites }: Stores, chat: string, more: Partial<InviteRecord> = {}) {
  const made = invite(chat, more)
  expect(await invites.insert(made, 1_000, T0)).toBeTrue()
  return made
}

const usesOf = async ({ invites }: Stores, code: string) => (await invites.byCode(code))?.uses

const idsIn = async ({ chats }: Stores, chat: string) =>
  (await membershipOf(chats, chat))?.members.map(({ user_id }) => user_id) ?? []

export function joiningContract(open: Open) {
  describe('links', () => linksContract(open))
  describe('joining by a link', () => redeemContract(open))
  describe('asking to be let in', () => askContract(open))
  describe('deciding who is let in', () => decideContract(open))
}

function linksContract(open: Open) {
  const it = withStores(open)

  it('gives back a link as it was stored', async stores => {
    const chat = await newGroup(stores, newId())
    const made = await linkTo(stores, chat, { expires_at: T2, max_uses: 3, needs_approval: true })
    expect(await stores.invites.byCode(made.code)).toEqual(made)
    expect(await stores.invites.byCode(newId())).toBeNull()
  })

  it('lists those of one chat, newest first, a page at a time', async stores => {
    const [chat, other] = [await newGroup(stores, newId()), await newGroup(stores, newId())]
    const a = await linkTo(stores, chat, { code: 'a' })
    const b = await linkTo(stores, chat, { code: 'b' })
    const c = await linkTo(stores, chat, { code: 'c', created_at: T1 })
    await linkTo(stores, other)
    expect(await stores.invites.list(chat, { limit: 2 })).toEqual([c, b])
    const after = { created_at: b.created_at, id: b.code }
    expect(await stores.invites.list(chat, { after, limit: 2 })).toEqual([a])
    expect(await stores.invites.list(newId(), { limit: 2 })).toEqual([])
  })

  it('keeps so many of a chat and no more, but for those that expired', async stores => {
    const chat = await newGroup(stores, newId())
    const old = invite(chat, { expires_at: T1 })
    const answers = [old, invite(chat), invite(chat)].map(one => stores.invites.insert(one, 2, T0))
    expect((await Promise.all(answers)).filter(Boolean)).toHaveLength(2)
    expect(await stores.invites.insert(invite(chat), 2, T1)).toBe(
      (await stores.invites.byCode(old.code)) === null,
    )
    expect(await stores.invites.insert(invite(chat), 2, T1)).toBeFalse()
  })

  it('removes a link of the chat named, once', async stores => {
    const [chat, other] = [await newGroup(stores, newId()), await newGroup(stores, newId())]
    const { code } = await linkTo(stores, chat)
    expect(await stores.invites.remove(other, code)).toBeFalse()
    expect(await stores.invites.remove(chat, code)).toBeTrue()
    expect(await stores.invites.remove(chat, code)).toBeFalse()
    expect(await stores.invites.byCode(code)).toBeNull()
    expect(await stores.invites.redeem(code, member(newId()), T1, 10)).toBeNull()
    expect(await stores.invites.ask(code, newId(), T1, 10)).toBeNull()
  })

  it('has no members, links or requests of a chat that was deleted', async stores => {
    const chat = await newGroup(stores, newId())
    const { code } = await linkTo(stores, chat)
    const bob = newId()
    await stores.invites.ask(code, bob, T1, 10)
    await stores.chats.delete(chat)
    expect(await stores.invites.redeem(code, member(newId()), T1, 10)).toBeNull()
    expect(await stores.invites.ask(code, newId(), T1, 10)).toBeNull()
    expect(await stores.requests.approve(chat, member(bob), 10)).toBe('absent')
    expect(await stores.chats.chatIdsOf(bob)).toEqual([])
  })
}

function redeemContract(open: Open) {
  const it = withStores(open)

  it('makes a member who starts read up to the head, and counts the use', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann)
    await stores.messages.append(text(chat, ann))
    const { code } = await linkTo(stores, chat)
    const joined = await stores.invites.redeem(code, { ...member(bob), joined_at: T1 }, T1, 10)
    expect(joined).toMatchObject({ chat_id: chat, user_id: bob, role: 'member', read_seq: 1, joined_at: T1 })
    expect(joined).toEqual(
      (await membershipOf(stores.chats, chat))?.members.find(it => it.user_id === bob) as never,
    )
    expect(await usesOf(stores, code)).toBe(1)
  })

  it('takes no use for who is a member, or where the group is full', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    const { code } = await linkTo(stores, chat)
    expect(await stores.invites.redeem(code, member(bob), T1, 10)).toBe('member')
    expect(await stores.invites.redeem(code, member(newId()), T1, 2)).toBe('too_many')
    expect(await usesOf(stores, code)).toBe(0)
    expect(await idsIn(stores, chat)).toEqual([ann, bob])
  })

  it('is good until the time it expires', async stores => {
    const chat = await newGroup(stores, newId())
    const { code } = await linkTo(stores, chat, { expires_at: T1 })
    expect(await stores.invites.redeem(code, member(newId()), T0, 10)).toMatchObject({ chat_id: chat })
    expect(await stores.invites.redeem(code, member(newId()), T1, 10)).toBeNull()
    expect(await stores.invites.redeem(newId(), member(newId()), T0, 10)).toBeNull()
  })

  it('lets ten in of fifty who come at once', async stores => {
    const chat = await newGroup(stores, newId())
    const { code } = await linkTo(stores, chat, { max_uses: 10 })
    const answers = await atOnce(50, () => stores.invites.redeem(code, member(newId()), T1, 100))
    expect(answers.filter(answer => answer !== null)).toHaveLength(10)
    expect(await idsIn(stores, chat)).toHaveLength(11)
    expect(await usesOf(stores, code)).toBe(10)
  })

  it('counts one use for a person who comes ten times at once', async stores => {
    const bob = newId()
    const chat = await newGroup(stores, newId())
    const { code } = await linkTo(stores, chat, { max_uses: 5 })
    const answers = await atOnce(10, () => stores.invites.redeem(code, member(bob), T1, 100))
    expect(answers.filter(answer => answer !== null && typeof answer === 'object')).toHaveLength(1)
    expect(await usesOf(stores, code)).toBe(1)
  })
}

function askContract(open: Open) {
  const it = withStores(open)

  it('keeps one request of a person, and counts one use', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann)
    const { code } = await linkTo(stores, chat, { max_uses: 2 })
    const asked = { chat_id: chat, user_id: bob, created_at: T1 }
    expect(await stores.invites.ask(code, bob, T1, 10)).toEqual(asked)
    expect(await stores.invites.ask(code, bob, T2, 10)).toBe('waiting')
    expect(await stores.invites.ask(code, ann, T2, 10)).toBe('member')
    expect(await stores.requests.one(chat, bob)).toEqual(asked)
    expect(await stores.requests.one(chat, ann)).toBeNull()
    expect(await stores.requests.listOf(bob, { limit: 10 })).toEqual([asked])
    expect(await usesOf(stores, code)).toBe(1)
  })

  it('lets so many wait in a chat and no more', async stores => {
    const chat = await newGroup(stores, newId())
    const { code } = await linkTo(stores, chat)
    const answers = await atOnce(10, () => stores.invites.ask(code, newId(), T1, 4))
    expect(answers.filter(answer => answer === 'too_many')).toHaveLength(6)
    expect(await usesOf(stores, code)).toBe(4)
    expect(await stores.requests.counts([chat, newId()])).toEqual([{ chat_id: chat, count: 4 }])
  })

  it('lists who waits, the first first, and what a person asked', async stores => {
    const [one, two] = [await newGroup(stores, newId()), await newGroup(stores, newId())]
    const codes = [await linkTo(stores, one), await linkTo(stores, two)].map(({ code }) => code)
    const [ann = '', bob = '', cy = ''] = [newId(), newId(), newId()].toSorted()
    await stores.invites.ask(codes[0]!, cy, T0, 10)
    for (const who of [bob, ann]) await stores.invites.ask(codes[0]!, who, T1, 10)
    await stores.invites.ask(codes[1]!, ann, T1, 10)
    const page = await stores.requests.list(one, { limit: 2 })
    expect(page.map(({ user_id }) => user_id)).toEqual([cy, ann])
    const after = { created_at: T1, id: ann }
    expect((await stores.requests.list(one, { after, limit: 2 })).map(({ user_id }) => user_id)).toEqual([
      bob,
    ])
    const [first, second] = [one, two].toSorted()
    expect((await stores.requests.listOf(ann, { limit: 1 })).map(({ chat_id }) => chat_id)).toEqual([
      first as string,
    ])
    const rest = await stores.requests.listOf(ann, { after: first, limit: 9 })
    expect(rest.map(({ chat_id }) => chat_id)).toEqual([second as string])
  })

  it('forgets the request of a person who becomes a member, or goes for good', async stores => {
    const [bob, cy] = [newId(), newId()]
    const chats = [await newGroup(stores, newId()), await newGroup(stores, newId())].toSorted()
    for (const chat of chats) {
      const { code } = await linkTo(stores, chat)
      for (const who of [bob, cy]) await stores.invites.ask(code, who, T1, 10)
    }
    await stores.chats.addMembers(chats[0]!, [member(bob)], 10)
    expect((await stores.requests.list(chats[0]!, { limit: 9 })).map(({ user_id }) => user_id)).toEqual([cy])
    expect((await stores.requests.removeOf(cy)).toSorted()).toEqual(chats)
    expect(await stores.requests.removeOf(cy)).toEqual([])
    expect(await stores.requests.counts(chats)).toEqual([{ chat_id: chats[1]!, count: 1 }])
  })
}

function decideContract(open: Open) {
  const it = withStores(open)

  async function waiting(stores: Stores, ...people: string[]): Promise<string> {
    const chat = await newGroup(stores, newId())
    const { code } = await linkTo(stores, chat)
    for (const who of people) await stores.invites.ask(code, who, T1, 10)
    return chat
  }

  it('makes a member, once, and the request is gone', async stores => {
    const bob = newId()
    const chat = await waiting(stores, bob)
    const answers = await atOnce(5, () => stores.requests.approve(chat, member(bob), 10))
    expect(answers.filter(answer => answer !== 'absent')).toMatchObject([{ user_id: bob, role: 'member' }])
    expect(await idsIn(stores, chat)).toContain(bob)
    expect(await stores.requests.one(chat, bob)).toBeNull()
  })

  it('keeps the request where the group is full', async stores => {
    const bob = newId()
    const chat = await waiting(stores, bob)
    expect(await stores.requests.approve(chat, member(bob), 1)).toBe('too_many')
    expect(await stores.requests.one(chat, bob)).toEqual({ chat_id: chat, user_id: bob, created_at: T1 })
    expect(await stores.requests.approve(chat, member(bob), 2)).toMatchObject({ user_id: bob })
  })

  it('drops a request once, and nobody is let in who did not ask', async stores => {
    const bob = newId()
    const chat = await waiting(stores, bob)
    expect(await stores.requests.approve(chat, member(newId()), 10)).toBe('absent')
    expect(await stores.requests.remove(chat, bob)).toBeTrue()
    expect(await stores.requests.remove(chat, bob)).toBeFalse()
    expect(await stores.requests.approve(chat, member(bob), 10)).toBe('absent')
    expect(await idsIn(stores, chat)).toHaveLength(1)
  })

  it('either lets in or drops, when both are asked at once', async stores => {
    for (let round = 0; round < 10; round++) {
      const bob = newId()
      const chat = await waiting(stores, bob)
      const [added, dropped] = await Promise.all([
        stores.requests.approve(chat, member(bob), 10),
        stores.requests.remove(chat, bob),
      ])
      expect(dropped).toBe(added === 'absent')
      expect((await idsIn(stores, chat)).includes(bob)).toBe(!dropped)
    }
  })
}
