// The judge of the fault rows: it has to see what is wrong.
import { expect, test } from 'bun:test'
import { isRight, judge, newLedger, type Said } from '../support/oracle'
import { possible, type Done, type Roles } from '../faults/groupmodel'

const said = (seq: number, client_id = `c${seq}`): Said => ({
  id: `i${seq}`,
  seq,
  client_id,
  sender_id: 'ann',
})

function ledgerOf(...list: Said[]) {
  const ledger = newLedger()
  for (const each of list) {
    ledger.send(each.client_id, 'x')
    ledger.ack(each.client_id, each)
  }
  return ledger
}

test('what is stored once, in one order, is right; also what was never acknowledged', () => {
  const list = [said(1), said(2), said(3)]
  const verdict = judge(ledgerOf(said(1), said(3)), [list, list])
  expect(verdict).toEqual({ sent: 2, acked: 2, lost: 0, repeated: 0, gaps: 0, order: 0 })
  expect(isRight(verdict)).toBeTrue()
})

test.each<[string, Said[], Said[][], object]>([
  ['an ack that is not stored', [said(1), said(2)], [[said(1)]], { lost: 1 }],
  ['an ack stored under another seq', [said(1)], [[{ ...said(1), seq: 2 }]], { lost: 1 }],
  ['an ack stored under another id', [said(1)], [[{ ...said(1), id: 'x' }]], { lost: 1 }],
  ['a send stored twice', [said(1)], [[said(1), said(2, 'c1')]], { repeated: 1 }],
  ['a seq given twice', [], [[said(1), { ...said(1, 'c2'), id: 'i2' }]], { repeated: 1 }],
  ['a gap', [], [[said(1), said(3)]], { gaps: 1 }],
  ['a gap at the beginning', [], [[said(2)]], { gaps: 1 }],
  [
    'another order',
    [],
    [
      [said(1), said(2)],
      [said(2), said(1)],
    ],
    { order: 1 },
  ],
  ['a member who misses one', [], [[said(1), said(2)], [said(1)]], { order: 1 }],
])('%s is seen', (_, acked, lists, found) => {
  const verdict = judge(ledgerOf(...acked), lists)
  expect(verdict).toMatchObject(found)
  expect(isRight(verdict)).toBeFalse()
})

test('an ack that contradicts an earlier one is a fault', () => {
  const ledger = ledgerOf(said(1))
  ledger.ack('c1', { id: 'i1', seq: 2 })
  expect(ledger.faults).toHaveLength(1)
})

const group = (roles: Record<string, 'owner' | 'admin' | 'member'>): Roles => new Map(Object.entries(roles))
const edit = (does: Done['does'], actor: string, target: string, status = 200): Done => ({
  does,
  actor,
  target,
  status,
})

test('edits of a group that one order explains', () => {
  const before = group({ ann: 'owner', bob: 'member' })
  const done = [edit('admin', 'ann', 'bob'), edit('leave', 'ann', 'ann', 409), edit('add', 'bob', 'cleo')]
  expect(possible(before, done, group({ ann: 'owner', bob: 'admin', cleo: 'member' }))).toBeTrue()
})

test.each<[string, Roles, Done[], Roles]>([
  [
    'a member who adds',
    group({ ann: 'owner', bob: 'member' }),
    [edit('add', 'bob', 'cleo')],
    group({ ann: 'owner', bob: 'member', cleo: 'member' }),
  ],
  [
    'an edit without its effect',
    group({ ann: 'owner' }),
    [edit('add', 'ann', 'bob')],
    group({ ann: 'owner' }),
  ],
  ['an effect without an edit', group({ ann: 'owner' }), [], group({ ann: 'owner', bob: 'member' })],
  [
    'a group without an owner',
    group({ ann: 'owner', bob: 'member' }),
    [edit('leave', 'ann', 'ann')],
    group({ bob: 'member' }),
  ],
  [
    'a refusal for no reason',
    group({ ann: 'owner', bob: 'member' }),
    [edit('remove', 'ann', 'bob', 403)],
    group({ ann: 'owner', bob: 'member' }),
  ],
])('%s is explained by none', (_, before, done, after) => {
  expect(possible(before, done, after)).toBeFalse()
})
