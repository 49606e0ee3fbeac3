// The contract of the sessions and tickets port, for every engine.
import { describe, expect } from 'bun:test'
import type { SessionRecord, TicketRecord } from '../../../src/auth/store'
import { newId } from '../../../src/lib/ids'
import { atOnce, T0, T1, T2, withStores, type Open } from './samples'

const FAR = '2031-01-01T00:00:00.000Z'

const session = (user_id: string, more: Partial<SessionRecord> = {}): SessionRecord => ({
  id: newId(),
  user_id,
  device_name: 'Phone 📱',
  place: 'Zürich',
  current_jti: newId(),
  previous_jti: null,
  created_at: T0,
  last_used_at: T0,
  expires_at: FAR,
  ...more,
})

const ticket = (more: Partial<TicketRecord> = {}): TicketRecord => ({
  id: newId(),
  user_id: newId(),
  session_id: newId(),
  signed_in_until: Date.parse(FAR),
  expires_at: FAR,
  ...more,
})

const nextOf = (old: SessionRecord) => ({
  current_jti: newId(),
  previous_jti: old.current_jti,
  last_used_at: T1,
  expires_at: '2032-01-01T00:00:00.000Z',
})

export function authContract(open: Open) {
  describe('auth', () => {
    sessionContract(open)
    rotateContract(open)
    expiryContract(open)
    ticketContract(open)
  })
}

function sessionContract(open: Open) {
  const it = withStores(open)

  it('gives back a session just as stored, or null', async ({ auth }) => {
    const stored = [session(newId()), session(newId(), { device_name: null, previous_jti: 'p' })]
    for (const each of stored) await auth.insertSession(each)
    for (const each of stored) expect(await auth.session(each.id)).toEqual(each)
    expect(await auth.session(newId())).toBeNull()
  })

  it("lists a person's own sessions, oldest first", async ({ auth }) => {
    const [ann, bob] = [newId(), newId()]
    const mine = [session(ann), session(ann), session(ann)]
    for (const each of mine.toReversed()) await auth.insertSession(each)
    await auth.insertSession(session(bob))
    expect(await auth.sessionsOf(ann, T1)).toEqual(mine)
    expect(await auth.sessionsOf(newId(), T1)).toEqual([])
  })

  it('ends a session once', async ({ auth }) => {
    const stored = session(newId())
    await auth.insertSession(stored)
    const answers = await atOnce(5, () => auth.deleteSession(stored.id))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await auth.session(stored.id)).toBeNull()
    expect(await auth.deleteSession(newId())).toBeFalse()
  })

  it('ends all sessions of a person and of nobody else', async ({ auth }) => {
    const [ann, bob] = [newId(), newId()]
    const [first, second, other] = [session(ann), session(ann), session(bob)]
    for (const each of [first, second, other]) await auth.insertSession(each)
    expect((await auth.deleteSessionsOf(ann)).toSorted()).toEqual([first.id, second.id])
    expect(await auth.deleteSessionsOf(ann)).toEqual([])
    expect(await auth.sessionsOf(ann, T1)).toEqual([])
    expect(await auth.sessionsOf(bob, T1)).toEqual([other])
  })

  it('ends all sessions but one', async ({ auth }) => {
    const ann = newId()
    const [first, second, third] = [session(ann), session(ann), session(ann)]
    for (const each of [first, second, third]) await auth.insertSession(each)
    expect((await auth.deleteSessionsOf(ann, second.id)).toSorted()).toEqual([first.id, third.id])
    expect(await auth.sessionsOf(ann, T1)).toEqual([second])
  })
}

function rotateContract(open: Open) {
  const it = withStores(open)

  it('replaces the token that is current', async ({ auth }) => {
    const stored = session(newId())
    await auth.insertSession(stored)
    const next = nextOf(stored)
    expect(await auth.rotate(stored.id, stored.current_jti, next)).toBeTrue()
    expect(await auth.session(stored.id)).toEqual({ ...stored, ...next })
  })

  it('takes a new name and place along, and keeps those that are not given', async ({ auth }) => {
    const stored = session(newId())
    await auth.insertSession(stored)
    const moved = { ...nextOf(stored), place: 'Genève' }
    await auth.rotate(stored.id, stored.current_jti, moved)
    expect(await auth.session(stored.id)).toEqual({ ...stored, ...moved })
    const named = { ...nextOf(moved as SessionRecord), device_name: 'Laptop', place: null }
    await auth.rotate(stored.id, moved.current_jti, named)
    expect(await auth.session(stored.id)).toEqual({ ...stored, ...named, place: 'Genève' })
  })

  it('moves the time of last use forward, never back, and of nobody else', async ({ auth }) => {
    const [used, other] = [session(newId(), { last_used_at: T1 }), session(newId())]
    for (const each of [used, other]) await auth.insertSession(each)
    await auth.useSessions([
      { id: used.id, at: T2 },
      { id: newId(), at: T2 },
    ])
    await auth.useSessions([{ id: used.id, at: T0 }])
    await auth.useSessions([])
    expect(await auth.session(used.id)).toEqual({ ...used, last_used_at: T2 })
    expect(await auth.session(other.id)).toEqual(other)
  })

  it('changes nothing where another token is current, or for an unknown session', async ({ auth }) => {
    const stored = session(newId())
    await auth.insertSession(stored)
    expect(await auth.rotate(stored.id, newId(), nextOf(stored))).toBeFalse()
    expect(await auth.rotate(newId(), stored.current_jti, nextOf(stored))).toBeFalse()
    expect(await auth.session(stored.id)).toEqual(stored)
  })

  it('answers true to exactly one of many calls with the same token', async ({ auth }) => {
    const stored = session(newId())
    await auth.insertSession(stored)
    const offers = Array.from({ length: 10 }, () => nextOf(stored))
    const answers = await Promise.all(offers.map(next => auth.rotate(stored.id, stored.current_jti, next)))
    expect(answers.filter(Boolean)).toHaveLength(1)
    const winner = offers[answers.indexOf(true)]
    expect(await auth.session(stored.id)).toEqual({ ...stored, ...winner })
  })

  it('does not bring back a session that was ended', async ({ auth }) => {
    const stored = session(newId())
    await auth.insertSession(stored)
    await auth.deleteSession(stored.id)
    expect(await auth.rotate(stored.id, stored.current_jti, nextOf(stored))).toBeFalse()
    expect(await auth.session(stored.id)).toBeNull()
  })
}

function expiryContract(open: Open) {
  const it = withStores(open)

  it('does not list sessions that have expired', async ({ auth }) => {
    const ann = newId()
    const [short, long] = [session(ann, { expires_at: T1 }), session(ann)]
    await auth.insertSession(short)
    await auth.insertSession(long)
    expect(await auth.sessionsOf(ann, T0)).toEqual([short, long])
    expect(await auth.sessionsOf(ann, T2)).toEqual([long])
  })

  it('drops what has expired and nothing else, also when repeated', async ({ auth }) => {
    const ann = newId()
    const sessions = [session(ann, { expires_at: T1 }), session(ann, { expires_at: FAR })] as const
    const tickets = [ticket({ expires_at: T1 }), ticket({ expires_at: FAR })] as const
    for (const each of sessions) await auth.insertSession(each)
    for (const each of tickets) await auth.insertTicket(each)
    await auth.dropExpired(T2)
    await auth.dropExpired(T2)
    expect(await auth.session(sessions[0].id)).toBeNull()
    expect(await auth.session(sessions[1].id)).toEqual(sessions[1])
    expect(await auth.takeTicket(tickets[0].id)).toBeNull()
    expect(await auth.takeTicket(tickets[1].id)).toEqual(tickets[1])
  })

  it('keeps what ends at this very moment', async ({ auth }) => {
    const stored = session(newId(), { expires_at: T1 })
    await auth.insertSession(stored)
    await auth.dropExpired(T1)
    expect(await auth.session(stored.id)).toEqual(stored)
  })
}

function ticketContract(open: Open) {
  const it = withStores(open)

  it('hands a ticket out once', async ({ auth }) => {
    const stored = ticket()
    await auth.insertTicket(stored)
    expect(await auth.takeTicket(stored.id)).toEqual(stored)
    expect(await auth.takeTicket(stored.id)).toBeNull()
    expect(await auth.takeTicket('no such ticket')).toBeNull()
  })

  it('hands a ticket to exactly one of many who come at once', async ({ auth }) => {
    const stored = ticket()
    await auth.insertTicket(stored)
    const answers = await atOnce(20, () => auth.takeTicket(stored.id))
    expect(answers.filter(answer => answer !== null)).toEqual([stored])
  })
}
