// The contract of the people port, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { eraseContract } from './erase'
import { seeingContract } from './seeing'
import { atOnce, oddTexts, person, T1, withStores, type Open } from './samples'
import { userListContract } from './userlist'

export function usersContract(open: Open) {
  describe('users', () => {
    insertContract(open)
    updateContract(open)
    findContract(open)
    eraseContract(open)
    userListContract(open)
    seeingContract(open)
  })
}

function insertContract(open: Open) {
  const it = withStores(open)

  it('gives back a person just as stored', async ({ users }) => {
    const ann = person('Ann', {
      email: 'Ann@Example.com',
      full_name: 'Ann Onym',
      avatar: 'https://example.com/a.png',
      bio: oddTexts.emoji ?? null,
      status: oddTexts['an SQL injection'] ?? null,
      role: 'admin',
      password_hash: '$argon2id$v=19$m=19456',
      gender: 'f',
      timezone: 'Europe/Zurich',
      updated_at: T1,
    })
    expect(await users.insert(ann)).toBeNull()
    expect(await users.byId(ann.id)).toEqual(ann)
  })

  it('gives back absent facts as null', async ({ users }) => {
    const ann = person('ann')
    await users.insert(ann)
    expect(await users.byId(ann.id)).toEqual(ann)
  })

  it('refuses a username that folds alike, and stores nothing', async ({ users }) => {
    await users.insert(person('Zoë'))
    const second = person('ZOË', { email: 'zoe@example.com' })
    expect(await users.insert(second)).toBe('username')
    expect(await users.byId(second.id)).toBeNull()
    expect(await users.byEmail('zoe@example.com')).toBeNull()
    expect(await users.list({ limit: 10 })).toHaveLength(1)
  })

  it('keeps usernames apart that differ in accents', async ({ users }) => {
    await users.insert(person('zoe'))
    expect(await users.insert(person('zoë'))).toBeNull()
  })

  it('refuses an email that folds alike, and stores nothing', async ({ users }) => {
    await users.insert(person('ann', { email: 'ann@example.com' }))
    const second = person('bob', { email: 'ANN@Example.COM' })
    expect(await users.insert(second)).toBe('email')
    expect(await users.byUsername('bob')).toBeNull()
  })

  it('names one of the two where both are taken', async ({ users }) => {
    await users.insert(person('ann', { email: 'ann@example.com' }))
    const answer = await users.insert(person('ann', { email: 'ann@example.com' }))
    expect(['username', 'email']).toContain(answer ?? 'stored')
  })

  it('stores many people without email', async ({ users }) => {
    const answers = await atOnce(5, i => users.insert(person(`p${i}`)))
    expect(answers).toEqual([null, null, null, null, null])
  })

  it('gives a name to exactly one of 20 who want it at once', async ({ users }) => {
    const answers = await atOnce(20, () => users.insert(person('ann')))
    expect(answers.filter(answer => answer === null)).toHaveLength(1)
    expect(answers.filter(answer => answer === 'username')).toHaveLength(19)
  })
}

function updateContract(open: Open) {
  const it = withStores(open)

  it('changes the fields given and no others', async ({ users }) => {
    const ann = person('ann', { email: 'ann@example.com', bio: 'Reads.', full_name: 'Ann' })
    await users.insert(ann)
    const patch = { email: null, status: 'away', password_hash: 'x', role: 'admin', updated_at: T1 } as const
    expect(await users.update(ann.id, { ...patch, bio: undefined })).toBeNull()
    expect(await users.byId(ann.id)).toEqual({ ...ann, ...patch })
    expect(await users.byEmail('ann@example.com')).toBeNull()
  })

  it('changes nothing for an empty patch or an unknown id', async ({ users }) => {
    const ann = person('ann')
    await users.insert(ann)
    expect(await users.update(ann.id, {})).toBeNull()
    expect(await users.update(newId(), { username: 'bob', full_name: 'Bob' })).toBeNull()
    expect(await users.list({ limit: 10 })).toEqual([ann])
  })

  it('refuses what somebody else has, and changes nothing', async ({ users }) => {
    const ann = person('ann', { email: 'ann@example.com' })
    await users.insert(ann)
    await users.insert(person('bob', { email: 'bob@example.com' }))
    expect(await users.update(ann.id, { username: 'BOB', bio: 'x' })).toBe('username')
    expect(await users.update(ann.id, { email: 'BOB@example.com', bio: 'x' })).toBe('email')
    expect(await users.byId(ann.id)).toEqual(ann)
  })

  it('lets a person write their own name and email differently', async ({ users }) => {
    const ann = person('ann', { email: 'ann@example.com' })
    await users.insert(ann)
    expect(await users.update(ann.id, { username: 'ANN', email: 'Ann@example.com' })).toBeNull()
    expect(await users.byUsername('ann')).toMatchObject({ username: 'ANN', email: 'Ann@example.com' })
  })

  it('frees the name and the email that were changed', async ({ users }) => {
    const ann = person('ann', { email: 'ann@example.com' })
    await users.insert(ann)
    await users.update(ann.id, { username: 'anna', email: 'anna@example.com' })
    expect(await users.byUsername('ann')).toBeNull()
    expect(await users.insert(person('ann', { email: 'ann@example.com' }))).toBeNull()
  })

  it('finds people by their new names and no longer by the old ones', async ({ users }) => {
    const ann = person('ann', { full_name: 'Ann Smith' })
    await users.insert(ann)
    await users.update(ann.id, { full_name: 'Ann Jones' })
    expect(await users.list({ prefixes: ['smi'], limit: 9 })).toEqual([])
    expect(await users.list({ prefixes: ['jon'], limit: 9 })).toHaveLength(1)
    await users.update(ann.id, { username: 'zoe' })
    expect(await users.list({ prefixes: ['zoe', 'jones'], limit: 9 })).toHaveLength(1)
  })
}

function findContract(open: Open) {
  const it = withStores(open)

  it('finds by username and by whole email without regard to case', async ({ users }) => {
    const ann = person('Ann', { email: 'Ann@Example.com' })
    await users.insert(ann)
    expect(await users.byUsername('aNN')).toEqual(ann)
    expect(await users.byEmail('ann@EXAMPLE.com')).toEqual(ann)
    expect(await users.byEmail('ann@example')).toBeNull()
    expect(await users.byUsername('an')).toBeNull()
    expect(await users.byId(newId())).toBeNull()
  })

  it('leaves out unknown ids', async ({ users }) => {
    const [ann, bob] = [person('ann'), person('bob')]
    await users.insert(ann)
    await users.insert(bob)
    const found = await users.byIds([ann.id, newId(), bob.id])
    expect(found.map(user => user.id).toSorted()).toEqual([ann.id, bob.id].toSorted())
    expect(await users.byIds([])).toEqual([])
  })
}
