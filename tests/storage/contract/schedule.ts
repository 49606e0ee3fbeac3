// The contract of messages to be sent later, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { ScheduledMessage, ScheduleStore } from '../../../src/messages/mine.store'
import { atOnce, oddTexts, T0, T1, T2, withStores, type Open } from './samples'

const later = (user_id: string, more: Partial<ScheduledMessage> = {}): ScheduledMessage => ({
  id: newId(),
  user_id,
  chat_id: newId(),
  client_id: newId(),
  thread_of: null,
  content: 'Good morning',
  reply_to: null,
  send_at: T1,
  created_at: T0,
  failed: null,
  ...more,
})

export function scheduleContract(open: Open) {
  describe('scheduled messages', () => {
    keepContract(open)
    changeContract(open)
    dueContract(open)
  })
}

/** Stores messages for these times, one after the other. */
async function plan(store: ScheduleStore, who: string, times: string[]) {
  const planned = times.map(send_at => later(who, { send_at }))
  for (const each of planned) await store.insert(each, 100)
  return planned
}

const bySendTime = (a: ScheduledMessage, b: ScheduledMessage) =>
  a.send_at + a.id < b.send_at + b.id ? -1 : 1

function keepContract(open: Open) {
  const it = withStores(open)

  it('are given back as stored', async ({ schedule }) => {
    const planned = later(newId(), {
      content: oddTexts.emoji,
      reply_to: newId(),
      thread_of: newId(),
      failed: 'not_a_member',
    })
    expect(await schedule.insert(planned, 1)).toEqual({ scheduled: planned, isNew: true })
    expect(await schedule.byId(planned.id)).toEqual(planned)
    expect(await schedule.byId(newId())).toBeNull()
  })

  it('are listed for their person, the next first, ties by id', async ({ schedule }) => {
    const [ann, bob] = [newId(), newId()]
    const planned = await plan(schedule, ann, [T2, T0, T1, T1, T0, T1])
    await plan(schedule, bob, [T0])
    expect(await schedule.listOf(ann)).toEqual(planned.toSorted(bySendTime))
    expect(await schedule.listOf(newId())).toEqual([])
  })

  it('are no more than allowed, also when many come at once', async ({ schedule }) => {
    const [ann, bob] = [newId(), newId()]
    const answers = await atOnce(20, () => schedule.insert(later(ann), 5))
    expect(answers.filter(Boolean)).toHaveLength(5)
    expect(await schedule.listOf(ann)).toHaveLength(5)
    expect(await schedule.insert(later(bob), 5)).toMatchObject({ isNew: true })
    const [first] = await schedule.listOf(ann)
    await schedule.remove(first?.id ?? '')
    expect(await schedule.insert(later(ann), 5)).toMatchObject({ isNew: true })
    expect(await schedule.insert(later(ann), 5)).toBeNull()
  })

  it('are stored once under one id, also at once and at the limit', async ({ schedule }) => {
    const planned = later(newId())
    const answers = await atOnce(10, i => schedule.insert({ ...planned, content: `${i}` }, 1))
    expect(answers.filter(answer => answer?.isNew)).toHaveLength(1)
    const [stored] = await schedule.listOf(planned.user_id)
    for (const answer of answers) expect(answer?.scheduled).toEqual(stored!)
  })

  it('are removed once', async ({ schedule }) => {
    const [planned] = await plan(schedule, newId(), [T1])
    const answers = await atOnce(3, () => schedule.remove(planned?.id ?? ''))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await schedule.byId(planned?.id ?? '')).toBeNull()
    expect(await schedule.remove(newId())).toBeFalse()
  })

  it('go with a person, or with one chat of theirs', async ({ schedule }) => {
    const [ann, bob, chat_id] = [newId(), newId(), newId()]
    const [a, b, c] = [later(ann, { chat_id }), later(ann), later(bob, { chat_id })]
    for (const each of [a, b, c]) await schedule.insert(each, 10)
    await schedule.removeOf(ann, chat_id)
    expect(await schedule.listOf(ann)).toEqual([b])
    await schedule.removeOf(ann)
    expect(await schedule.listOf(ann)).toEqual([])
    expect(await schedule.listOf(bob)).toEqual([c])
    expect(await schedule.insert(later(ann), 1)).toMatchObject({ isNew: true })
  })
}

function changeContract(open: Open) {
  const it = withStores(open)

  it('are changed in the fields given', async ({ schedule }) => {
    const planned = later(newId())
    await schedule.insert(planned, 10)
    const first = { content: 'Good evening', send_at: T2, reply_to: newId(), thread_of: newId() }
    expect(await schedule.update(planned.id, { ...first, failed: undefined })).toEqual({
      ...planned,
      ...first,
    })
    const second = { reply_to: null, failed: 'not_found' }
    expect(await schedule.update(planned.id, second)).toEqual({ ...planned, ...first, ...second })
    expect(await schedule.byId(planned.id)).toEqual({ ...planned, ...first, ...second })
    expect(await schedule.update(planned.id, {})).toEqual({ ...planned, ...first, ...second })
    expect(await schedule.update(planned.id, { failed: null })).toMatchObject({ failed: null })
  })

  it('are not changed when they are gone', async ({ schedule }) => {
    const planned = later(newId())
    await schedule.insert(planned, 10)
    await schedule.remove(planned.id)
    expect(await schedule.update(planned.id, { content: 'x' })).toBeNull()
    expect(await schedule.byId(planned.id)).toBeNull()
  })
}

function dueContract(open: Open) {
  const it = withStores(open)

  it('are due at their time, the earliest first, of everyone, without failed ones', async ({ schedule }) => {
    const mine = await plan(schedule, newId(), [T2, T1, T0])
    const others = await plan(schedule, newId(), [T1])
    const failed = later(newId(), { send_at: T0, failed: 'not_a_member' })
    await schedule.insert(failed, 10)
    const due = [...mine.slice(1), ...others].toSorted(bySendTime)
    expect(await schedule.due(T1, 10)).toMatchObject(due.map(({ send_at }) => ({ send_at })))
    expect((await schedule.due(T1, 10)).toSorted(bySendTime)).toEqual(due)
    expect(await schedule.due(T1, 1)).toEqual(due.slice(0, 1))
    expect(await schedule.due('2029-12-31T23:59:59.999Z', 10)).toEqual([])
    await schedule.update(failed.id, { failed: null })
    expect(await schedule.due(T0, 10)).toHaveLength(2)
  })
}
