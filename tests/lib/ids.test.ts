// Ids grow, whatever the clock does.
import { afterEach, expect, setSystemTime, test } from 'bun:test'
import { newId } from '../../src/lib/ids'

afterEach(() => void setSystemTime())

test('ids grow also when the clock is set back', () => {
  const ids = [newId()]
  setSystemTime(new Date(Date.now() + 2_000))
  ids.push(newId())
  setSystemTime()
  ids.push(newId(), newId())
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(4)
})
