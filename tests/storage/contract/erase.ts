// The contract of erasing people: a part of the users suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { person, T1, T2, withStores, type Open } from './samples'

export function eraseContract(open: Open) {
  const it = withStores(open)
  const full = () =>
    person('ann', {
      email: 'ann@example.com',
      full_name: 'Ann',
      avatar: 'https://example.com/a.png',
      bio: 'b',
      status: 's',
      password_hash: 'x',
      gender: 'f',
      timezone: 'UTC',
    })

  it('empties the row of a person who goes, and keeps the row', async ({ users }) => {
    const ann = full()
    await users.insert(ann)
    await users.erase(ann.id, T1)
    const gone = { ...person(''), id: ann.id, updated_at: T1, deleted_at: T1 }
    expect(await users.byId(ann.id)).toEqual(gone)
    expect(await users.byIds([ann.id])).toEqual([gone])
  })

  it('never finds a person who is gone', async ({ users }) => {
    const ann = full()
    await users.insert(ann)
    await users.erase(ann.id, T1)
    expect(await users.byUsername('ann')).toBeNull()
    expect(await users.byUsername('')).toBeNull()
    expect(await users.byEmail('ann@example.com')).toBeNull()
    expect(await users.list({ limit: 9 })).toEqual([])
    expect(await users.list({ prefixes: ['ann'], limit: 9 })).toEqual([])
  })

  it('keeps the folded username taken and frees the email', async ({ users }) => {
    const ann = full()
    await users.insert(ann)
    await users.erase(ann.id, T1)
    expect(await users.insert(person('ANN'))).toBe('username')
    expect(await users.insert(person('anna', { email: 'ann@example.com' }))).toBeNull()
  })

  it('changes nothing when repeated or for an unknown id', async ({ users }) => {
    const [ann, bob] = [full(), person('bob')]
    await users.insert(ann)
    await users.insert(bob)
    await users.erase(ann.id, T1)
    await users.erase(bob.id, T1)
    await users.erase(ann.id, T2)
    await users.erase(newId(), T2)
    expect(await users.byId(ann.id)).toMatchObject({ deleted_at: T1, updated_at: T1 })
    expect(await users.insert(person('ann'))).toBe('username')
  })
}
