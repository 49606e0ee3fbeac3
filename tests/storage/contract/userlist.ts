// The contract of listing and searching people: a part of the users suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { keyOf } from '../../../src/users/keys'
import type { UserStore } from '../../../src/users/store'
import { person, T1, withStores, type Open } from './samples'

async function add(users: UserStore, people: Record<string, string | null>) {
  for (const [username, full_name] of Object.entries(people))
    await users.insert(person(username, { full_name }))
}

const namesBy = async (users: UserStore, prefixes: string[]) =>
  (await users.list({ prefixes, limit: 100 })).map(user => user.username)

export function userListContract(open: Open) {
  const it = withStores(open)

  it('lists people by folded username', async ({ users }) => {
    await add(users, { cy: null, Ann: null, bob: null, Éva: null, b_b: null })
    const names = (await users.list({ limit: 10 })).map(user => user.username)
    expect(names).toEqual(['Ann', 'b_b', 'bob', 'cy', 'Éva'])
  })

  it('pages through everyone once, whatever the page size', async ({ users }) => {
    for (let i = 0; i < 11; i++) await users.insert(person(i % 2 ? `P${i}` : `p${i}`))
    const all = (await users.list({ limit: 100 })).map(user => keyOf(user.username))
    const paged: string[] = []
    for (;;) {
      const page = await users.list({ after: paged.at(-1), limit: 3 })
      if (page.length === 0) break
      expect(page.length).toBeLessThanOrEqual(3)
      paged.push(...page.map(user => keyOf(user.username)))
    }
    expect(paged).toEqual(all)
    expect(paged).toHaveLength(11)
  })

  it('starts after a name that nobody has', async ({ users }) => {
    await add(users, { ann: null, cy: null })
    const names = (await users.list({ after: 'bob', limit: 10 })).map(user => user.username)
    expect(names).toEqual(['cy'])
  })

  it('finds by the beginnings of words, without case and accents', async ({ users }) => {
    await add(users, { ann: 'Éva Müller', bob: 'Evan Smith', cy: null })
    expect(await namesBy(users, ['ev'])).toEqual(['ann', 'bob'])
    expect(await namesBy(users, ['mul'])).toEqual(['ann'])
    expect(await namesBy(users, ['cy'])).toEqual(['cy'])
    expect(await namesBy(users, ['ller'])).toEqual([])
    expect(await namesBy(users, [])).toEqual(['ann', 'bob', 'cy'])
  })

  it('wants every prefix to begin a word, of username or full name', async ({ users }) => {
    await add(users, { ann: 'Eva Smith', bob: 'Evan Smith', cy: 'Eva Jones' })
    expect(await namesBy(users, ['eva', 'smi'])).toEqual(['ann', 'bob'])
    expect(await namesBy(users, ['cy', 'jones'])).toEqual(['cy'])
    expect(await namesBy(users, ['eva', 'smi', 'jon'])).toEqual([])
  })

  it('pages through what was found', async ({ users }) => {
    await add(users, { a1: 'Sam', a2: 'Tom', a3: 'Sam', a4: 'Sam', a5: 'Sam' })
    const first = await users.list({ prefixes: ['sam'], limit: 2 })
    const second = await users.list({ prefixes: ['sam'], after: 'a3', limit: 9 })
    expect(first.map(user => user.username)).toEqual(['a1', 'a3'])
    expect(second.map(user => user.username)).toEqual(['a4', 'a5'])
  })

  it('finds a username with signs in it by its beginning and by its parts', async ({ users }) => {
    await add(users, { 'ann.b_c': null, annb: null })
    expect(await namesBy(users, ['ann.b'])).toEqual(['ann.b_c'])
    expect(await namesBy(users, ['c'])).toEqual(['ann.b_c'])
  })

  it('takes the signs of patterns for what they are', async ({ users }) => {
    await add(users, { ann: 'Ann', a_b: null })
    for (const sign of ['%', '_', '.*', 'a.', '^a', '(', '\\', '$', 'a%', '*', "'"]) {
      expect(await namesBy(users, [sign])).toEqual([])
    }
    expect(await namesBy(users, ['a_'])).toEqual(['a_b'])
  })

  it('finds names of other scripts and beyond the basic plane', async ({ users }) => {
    await add(users, { мария: null, 李雷: null, ann: '𐐀𐐁 Deseret' })
    expect(await namesBy(users, ['мар'])).toEqual(['мария'])
    expect(await namesBy(users, ['李'])).toEqual(['李雷'])
    expect(await namesBy(users, ['𐐨'])).toEqual(['ann'])
  })

  it('tells which of some people have such names', async ({ users }) => {
    const [ann, annabel, bob] = [
      person('ann', { full_name: 'Ann Smith' }),
      person('annabel'),
      person('bob', { full_name: 'Robert Ångström-Smith' }),
    ]
    for (const each of [ann, annabel, bob]) await users.insert(each)
    const ids = [ann, annabel, bob].map(({ id }) => id)
    const named = async (among: string[], ...prefixes: string[]) =>
      (await users.named(among, prefixes)).toSorted()
    expect(await named(ids, 'ann')).toEqual([ann.id, annabel.id].toSorted())
    expect(await named([bob.id, newId()], 'ann')).toEqual([])
    expect(await named(ids, 'smi')).toEqual([ann.id, bob.id].toSorted())
    expect(await named(ids, 'smi', 'ang')).toEqual([bob.id])
    expect(await named(ids, 'smi', 'zz')).toEqual([])
    for (const sign of ['%', '.*', '$ne', "'", '\\']) expect(await named(ids, sign)).toEqual([])
    expect(await named([], 'ann')).toEqual([])
    await users.erase(ann.id, T1)
    expect(await named(ids, 'ann')).toEqual([annabel.id])
  })

  it('tells so many of everybody with a word, each once', async ({ users }) => {
    for (let i = 0; i < 5; i++) await users.insert(person(`sam${i}`, { full_name: 'Samuel Samson' }))
    const gone = person('samantha')
    await users.insert(gone)
    await users.erase(gone.id, T1)
    const all = await users.withWord('sam', 10)
    expect(new Set(all).size).toBe(5)
    expect(all).not.toContain(gone.id)
    expect(new Set(await users.withWord('sam', 3)).size).toBe(3)
    expect(await users.withWord('tom', 3)).toEqual([])
    expect(await users.withWord('.*', 3)).toEqual([])
  })
}
