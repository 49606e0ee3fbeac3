// The threads that hash passwords: what they answer, and that they come and go.
import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { createHashing, HASHING } from '../../src/auth/hashing'

const PASSWORD = 'a long way to Tipperary'
const onLinux = process.platform === 'linux'

/** Threads of this process that have stepped back. */
function threadsBehind(): string[] {
  const behind = Math.min(getPriority() + 10, 19)
  return readdirSync('/proc/self/task').filter(id => getPriority(Number(id)) === behind)
}

async function until(isSo: () => boolean) {
  while (!isSo()) await Bun.sleep(5)
}

describe('hashing in threads', () => {
  test('makes hashes that fit their password alone, each with its own salt', async () => {
    const { hash, verify } = createHashing()
    const [one = '', other = ''] = await Promise.all([hash(PASSWORD), hash(PASSWORD)])
    expect(one).toStartWith(`$argon2id$v=19$m=${HASHING.memoryCost},t=${HASHING.timeCost},p=1$`)
    expect(one).not.toBe(other)
    expect(await Promise.all([verify(PASSWORD, one), verify(PASSWORD, other)])).toEqual([true, true])
    expect(await verify(`${PASSWORD}.`, one)).toBe(false)
  })

  test('checks hashes of other kinds, of bytes too', async () => {
    const { verify } = createHashing()
    const bcrypt = await Bun.password.hash(PASSWORD, { algorithm: 'bcrypt', cost: 4 })
    expect(await verify(Buffer.from(PASSWORD), bcrypt)).toBe(true)
    expect(await verify('another one', bcrypt)).toBe(false)
  })

  test('tells what is no hash, and goes on', async () => {
    const { hash, verify } = createHashing()
    await expect(verify(PASSWORD, 'no hash at all')).rejects.toThrow()
    expect(await verify(PASSWORD, await hash(PASSWORD))).toBe(true)
  })

  test.skipIf(!onLinux)('uses one thread again, behind all others, and ends it when it is idle', async () => {
    const idleMs = 200
    const { hash } = createHashing(idleMs)
    const before = threadsBehind()
    const started = () => threadsBehind().filter(id => !before.includes(id))
    await hash(PASSWORD)
    const [thread, ...others] = started()
    expect([thread, others]).toEqual([expect.any(String), []])
    await hash(PASSWORD)
    expect(started()).toEqual([thread as string])
    await until(() => started().length === 0)
    expect(await hash(PASSWORD)).toStartWith('$argon2id$')
  })
})
